"""PrusaSlicer as an optional exact engine: an external program found on PATH, given our own profile, watched and limited.

It is never linked, bundled or copied from. Traps met and cured here: list options must be written as "" (an empty one is read out of
bounds), relative extrusion needs `G92 E0` at every layer, a failed run leaves no G-code, bad input runs very long.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nordlotse.foundation.problem import BadInput, NotAvailable
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.values import Estimate, Profile

#: Names of the program on PATH.
PROGRAMS = ("prusa-slicer", "PrusaSlicer", "prusa-slicer-console")
#: CPU seconds a slice may take; the largest sound part of our samples took 25.
SECONDS = 60
#: Seconds on the clock it may take, for a busy machine.
PATIENCE = 300
#: Memory a slice may take in bytes.
MEMORY = 4 * 1024**3
#: G-code larger than this in bytes is not read.
LARGEST_GCODE = 500 * 1024**2

#: How a program ends that has used up its CPU seconds: the signal XCPU or KILL, as told directly or by a shell.
_OUT_OF_TIME = {-signal.SIGXCPU, -signal.SIGKILL, 128 + signal.SIGXCPU, 128 + signal.SIGKILL}

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


@dataclass(frozen=True, slots=True)
class Sliced:
    """What the slicer says: the estimate marked "sliced" and the G-code's bytes (empty unless asked for)."""

    estimate: Estimate
    gcode: bytes = b""


def program() -> str | None:
    """Return the path of the slicer, None if there is none on PATH."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def sliced(mesh: Mesh, profile: Profile, support: bool = False, keep: bool = False) -> Sliced:
    """Return time and filament of the mesh as it lies, from the slicer's own G-code; `keep`: the G-code too.

    Raises:
        NotAvailable: `no_slicer`, no program on PATH.
        BadInput: `slicing_failed`, with the slicer's reason; `slicing_too_long`.
    """
    tool = program()
    if tool is None:
        raise NotAvailable(
            "no_slicer",
            de="Auf diesem Rechner ist kein PrusaSlicer eingerichtet.",
            en="There is no PrusaSlicer on this machine.",
            remedy_de="Nutzen Sie die Schätzung oder installieren Sie das Paket „prusa-slicer“.",
            remedy_en="Use the estimate or install the package “prusa-slicer”.",
        )
    with tempfile.TemporaryDirectory(prefix="nordlotse-slice-") as folder:
        place = Path(folder)
        (place / "part.stl").write_bytes(binary_stl(mesh.on_bed()))
        (place / "profile.ini").write_text(settings(profile, support), encoding="utf-8")
        middle = f"{profile.values['bed_x'] / 2:g},{profile.values['bed_y'] / 2:g}"
        call = [tool, "--export-gcode", "--load", "profile.ini", "--center", middle, "-o", "out.gcode", "part.stl"]
        said, cpu = _run(call, place)
        result = place / "out.gcode"
        if not result.is_file() or result.stat().st_size > LARGEST_GCODE:
            raise _failed(said)
        found = _read(result, profile, cpu)
        return Sliced(found, result.read_bytes() if keep else b"")


def _run(call: list[str], place: Path) -> tuple[str, float]:
    """Run the slicer in its own folder and process group on one core; return its last words and its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(place), "LANG": "C.UTF-8", "TMPDIR": str(place)}
    with (place / "said.txt").open("wb") as said:
        child = subprocess.Popen(  # noqa: S603 - a fixed program with our own files as arguments
            _limited(call),
            cwd=place,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            code = child.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            raise _too_long(PATIENCE) from None
    if code in _OUT_OF_TIME:
        raise _too_long(SECONDS)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    lines = (place / "said.txt").read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return (lines[-1] if lines else ""), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _too_long(seconds: float) -> BadInput:
    return BadInput(
        "slicing_too_long",
        de=f"Der Slicer war nach {seconds:g} Sekunden nicht fertig.",
        en=f"The slicer was not ready after {seconds:g} seconds.",
        remedy_de="Nutzen Sie die Schätzung oder reparieren Sie das Netz zuerst.",
        remedy_en="Use the estimate or repair the mesh first.",
    )


def _limited(call: list[str]) -> list[str]:
    """Return the call behind a shell that bounds memory, file size and CPU seconds first; on one core where `taskset` is there."""
    bounds = f"ulimit -c 0; ulimit -v {MEMORY // 1024}; ulimit -f {LARGEST_GCODE // 512}; ulimit -t {SECONDS}; exec nice -n 10"
    one_core = shutil.which("taskset")
    core = min(os.sched_getaffinity(0)) if one_core and hasattr(os, "sched_getaffinity") else None
    narrow = [one_core, "-c", str(core)] if one_core and core is not None else []
    return ["/bin/sh", "-c", f'{bounds} "$@"', "sh", *narrow, *call]


def _failed(said: str) -> BadInput:
    reason = re.sub(r"^(?:part|out)\.\w+:\s*", "", said)[:200]
    return BadInput(
        "slicing_failed",
        de=f"Der Slicer konnte das Teil nicht verarbeiten: „{reason}“",
        en=f"The slicer could not process the part: “{reason}”",
        remedy_de="Reparieren Sie das Netz oder prüfen Sie seine Größe.",
        remedy_en="Repair the mesh or check its size.",
    )


def _read(path: Path, profile: Profile, cpu: float) -> Estimate:
    """Return what stands in the G-code: time, filament, support filament, layers."""
    seconds, grams, held, kind = 0.0, 0.0, 0.0, ""
    levels: set[str] = set()
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith(";TYPE:"):
                kind = line[6:]
            elif line.startswith(";Z:"):
                levels.add(line)
            elif line.startswith("; estimated printing time (normal mode)"):
                seconds = sum(float(n) * _UNITS[u] for n, u in re.findall(r"(\d+)([dhms])", line.split("=")[1]))
            elif line.startswith("; filament used [mm]"):
                grams = float(line.split("=")[1]) * _grams_per_mm(profile)
            elif kind.startswith("Support") and line.startswith("G1 ") and "X" in line:
                held += max(next(_extruded(line), 0.0), 0.0)
    support = held * _grams_per_mm(profile)
    return Estimate(profile.id, seconds, seconds, seconds, grams, grams, grams, support, len(levels), "sliced", (), cpu)


def _extruded(line: str) -> Iterator[float]:
    for word in line.split(";", maxsplit=1)[0].split():
        if word.startswith("E"):
            yield float(word[1:])


def _grams_per_mm(profile: Profile) -> float:
    value = profile.values
    return float(np.pi / 4 * value["diameter"] ** 2 * value["density"] / 1000.0)


def binary_stl(mesh: Mesh) -> bytes:
    """Return the mesh as a binary STL."""
    record = np.zeros(len(mesh.faces), dtype=[("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    record["normal"], record["corners"] = mesh.normals, mesh.corners
    return b"\0" * 80 + np.uint32(len(record)).tobytes() + record.tobytes()


def settings(profile: Profile, support: bool) -> str:
    """Return the slicer's settings for a profile, written from our own values."""
    rows = [f"{key} = {_written(profile, source)}" for key, source in _SETTINGS.items()]
    bed_x, bed_y = profile.values["bed_x"], profile.values["bed_y"]
    rows += [
        f"bed_shape = 0x0,{bed_x:g}x0,{bed_x:g}x{bed_y:g},0x{bed_y:g}",
        f"support_material = {int(support)}",
        *_FIXED,
    ]
    return "\n".join(rows) + "\n"


def _written(profile: Profile, source: str) -> str:
    name, _, form = source.partition("|")
    value = profile.values[name]
    if form == "%":
        return f"{value * 100:g}%"
    if form == "2":
        return f"{value:g},{value:g}"
    return f"{value:g}"


#: The slicer's option, and the profile's value it takes: "|%" as a share, "|2" for both of its machine modes.
_SETTINGS = {
    "layer_height": "layer",
    "first_layer_height": "layer",
    "nozzle_diameter": "nozzle",
    "perimeters": "perimeters",
    "extrusion_width": "width",
    "perimeter_extrusion_width": "width",
    "external_perimeter_extrusion_width": "width",
    "infill_extrusion_width": "width",
    "solid_infill_extrusion_width": "width",
    "first_layer_extrusion_width": "first_layer_width",
    "top_infill_extrusion_width": "top_width",
    "support_material_extrusion_width": "support_width",
    "top_solid_layers": "top_layers",
    "bottom_solid_layers": "bottom_layers",
    "top_solid_min_thickness": "top_thickness",
    "bottom_solid_min_thickness": "bottom_thickness",
    "fill_density": "infill|%",
    "infill_overlap": "infill_overlap|%",
    "skirts": "skirt_loops",
    "skirt_height": "skirt_layers",
    "skirt_distance": "skirt_distance",
    "min_skirt_length": "skirt_filament",
    "brim_width": "brim",
    "max_print_height": "bed_z",
    "external_perimeter_speed": "external_speed",
    "perimeter_speed": "perimeter_speed",
    "small_perimeter_speed": "small_perimeter_speed",
    "infill_speed": "infill_speed",
    "solid_infill_speed": "solid_speed",
    "top_solid_infill_speed": "top_speed",
    "gap_fill_speed": "gap_speed",
    "bridge_speed": "bridge_speed",
    "support_material_speed": "support_speed",
    "first_layer_speed": "first_layer_speed",
    "travel_speed": "travel_speed",
    "travel_speed_z": "lift_speed",
    "min_print_speed": "least_speed",
    "perimeter_acceleration": "perimeter_acceleration",
    "first_layer_acceleration": "first_layer_acceleration",
    "infill_acceleration": "acceleration",
    "bridge_acceleration": "acceleration",
    "default_acceleration": "acceleration",
    "machine_max_acceleration_x": "acceleration|2",
    "machine_max_acceleration_y": "acceleration|2",
    "machine_max_acceleration_z": "lift_acceleration|2",
    "machine_max_acceleration_extruding": "extruding_acceleration|2",
    "machine_max_acceleration_retracting": "extruding_acceleration|2",
    "machine_max_feedrate_z": "lift_speed|2",
    "machine_max_jerk_x": "jerk|2",
    "machine_max_jerk_y": "jerk|2",
    "retract_length": "retract",
    "retract_speed": "retract_speed",
    "retract_lift": "lift",
    "slowdown_below_layer_time": "least_layer_time",
    "filament_density": "density",
    "filament_diameter": "diameter",
    "filament_max_volumetric_speed": "flow",
    "filament_cost": "price",
    "support_material_threshold": "support_angle",
    "support_material_spacing": "support_spacing",
    "support_material_contact_distance": "support_contact",
    "support_material_interface_layers": "support_interface_layers",
    "support_material_interface_spacing": "support_interface_spacing",
    "support_material_interface_speed": "support_interface_speed|%",
    "support_material_xy_spacing": "support_side_gap|%",
}

#: What is the same for every profile: formats, patterns, and the cures of the traps above.
_FIXED = (
    "gcode_flavor = marlin",
    "use_relative_e_distances = 1",
    "layer_gcode = G92 E0\\n",
    'start_filament_gcode = ""',
    'end_filament_gcode = ""',
    "start_gcode = G28\\n",
    "end_gcode = M104 S0\\n",
    "fill_pattern = grid",
    "fill_angle = 45",
    "external_fill_pattern = rectilinear",
    "ensure_vertical_shell_thickness = 1",
    "extra_perimeters = 0",
    "solid_infill_below_area = 0",
    "thin_walls = 0",
    "retract_before_wipe = 0%",
    "dont_support_bridges = 0",
    "support_material_interface_contact_loops = 0",
    "resolution = 0",
    "min_bead_width = 85%",
    "wall_transition_angle = 10",
    "wall_transition_length = 0.4",
    "wall_transition_filter_deviation = 25%",
    "wall_distribution_count = 1",
    "cooling = 1",
    "wipe = 1",
    "retract_layer_change = 1",
    "retract_before_travel = 1",
    "only_retract_when_crossing_perimeters = 0",
    "machine_limits_usage = emit_to_gcode",
    "machine_max_acceleration_e = 5000,5000",
    "machine_max_feedrate_x = 200,200",
    "machine_max_feedrate_y = 200,200",
    "machine_max_feedrate_e = 120,120",
    "machine_max_jerk_z = 0.4,0.4",
    "machine_max_jerk_e = 4.5,4.5",
    "infill_anchor = 2.5",
    "infill_anchor_max = 12",
    "thick_bridges = 0",
    "support_material_bottom_interface_layers = 0",
    "support_material_synchronize_layers = 0",
    "support_material_pattern = rectilinear",
    "support_material_with_sheath = 0",
    "seam_position = aligned",
    "elefant_foot_compensation = 0.2",
    "bridge_flow_ratio = 0.95",
    "max_layer_height = 0.25",
    "printer_technology = FFF",
)
