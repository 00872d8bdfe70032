"""Time and material of an FDM print from its mesh, without slicing it: sampled layers, machine dynamics, least layer time, error band."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import pi

import numpy as np
import yaml

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.columns import support as support_under
from nordlotse.print3d.core.mesh import Floats, Mesh
from nordlotse.print3d.core.paths import bead_spacing
from nordlotse.print3d.core.plan import KINDS, Plan, planned, slowed, times
from nordlotse.print3d.core.slicing import layer_count
from nordlotse.print3d.core.values import Estimate, Profile
from nordlotse.print3d.core.work import Work, work

#: Layers worked through; more change the result by less than the error that is left.
SAMPLED = 11
#: Directions in which the first layers' outline is measured.
_DIRECTIONS = 48
#: A part with more layers than this is not a part for such a machine (30 m at 0.2 mm) but a wrong unit.
_MOST_LAYERS = 150_000


@dataclass(frozen=True, slots=True)
class Factors:
    """What a shop's own jobs say about the estimate: multiply time and filament; half widths of the band as a share of the value."""

    time: float = 1.0
    filament: float = 1.0
    time_band: float | None = None
    filament_band: float | None = None


def estimate(mesh: Mesh, profile: Profile, support: bool = False, factors: Factors | None = None) -> Estimate:
    """Return time and filament of printing `mesh` as it lies, lowest point on the bed, with or without support.

    Flawed meshes are estimated as a slicer would take them, with a warning.

    Raises:
        BadInput: `nothing_to_print`, `part_too_tall`, `coordinates_broken`.
    """
    started = time.process_time()
    mesh = printable(mesh, profile).on_bed()
    given, factors = coefficients(profile.id), factors or Factors()
    found = parts(mesh, profile)
    seconds = {name: given[f"time_{name}"] * found.seconds[name] for name in _TIMED}
    volume = {name: given[f"volume_{name}"] * found.volume[name] for name in _FILLED}
    moves = (seconds["moves"] + seconds["travel"]) / max(sum(seconds.values()), 1e-9)
    half = given["band_base"] + given["band_moves"] * moves
    half += given["band_open"] * (found.work.open_ends > 0)
    extra_time, extra_volume = _support_needs(mesh, profile, given) if support else (0.0, 0.0)
    grams = profile.values["density"] / 1000.0
    total, mass = sum(seconds.values()), sum(volume.values()) * grams
    held = extra_volume * grams * factors.filament
    time_s, filament = (total + extra_time) * factors.time, mass * factors.filament + held
    time_half = _half(factors.time_band, given["band_time"] * half, total, given["band_support"] * extra_time)
    mass_half = _half(
        factors.filament_band, given["band_filament"] * half, mass, given["band_support"] * extra_volume * grams
    )
    return Estimate(
        profile.id,
        time_s,
        time_s * (1 - time_half),
        time_s * (1 + time_half),
        filament,
        filament * (1 - mass_half),
        filament * (1 + mass_half),
        held,
        found.work.figures.count,
        "estimated",
        tuple(_warnings(mesh, profile, found)),
        time.process_time() - started,
    )


def _half(known: float | None, share: float, value: float, extra: float) -> float:
    """Return the band's half width as a share: of the value itself or as calibrated, and what the support adds to it."""
    whole = value + extra / 0.5 if extra else value
    return min(((known if known is not None else share) * value + extra) / max(whole, 1e-9), 0.95)


@dataclass(frozen=True, eq=False)
class Parts:
    """What the figure is made of: seconds by name, mm³ by name, and the layers' plan."""

    seconds: Mapping[str, float]
    volume: Mapping[str, float]
    work: Work
    plan: Plan


_TIMED = ("outer", "inner", "sparse", "solid", "top", "bridge", "skirt", "moves", "travel")
_FILLED = ("outer", "inner", "sparse", "solid", "top", "bridge", "skirt")


def printable(mesh: Mesh, profile: Profile) -> Mesh:
    """Return the mesh as it would be printed, right side out.

    Raises:
        BadInput: `coordinates_broken`, `nothing_to_print`, `part_too_tall`.
    """
    if not np.isfinite(mesh.vertices).all():
        raise BadInput(
            "coordinates_broken",
            de="Die Datei enthält Koordinaten, die keine Zahlen sind.",
            en="The file holds coordinates that are not numbers.",
            remedy_de="Exportieren Sie das Teil noch einmal.",
            remedy_en="Export the part again.",
        )
    if not len(mesh.faces) or not mesh.cross.any():
        raise BadInput(
            "nothing_to_print",
            de="Die Datei enthält keine Flächen, die man drucken könnte.",
            en="The file holds no faces that could be printed.",
            remedy_de="Prüfen Sie den Export aus dem CAD-Programm.",
            remedy_en="Check the export from the CAD program.",
        )
    if mesh.flat:
        raise BadInput(
            "nothing_to_print",
            de="Das ist eine Fläche ohne Dicke, kein Körper; sie lässt sich nicht drucken.",
            en="This is a sheet without thickness, no solid; it cannot be printed.",
            remedy_de="Geben Sie ihr im CAD-Programm eine Dicke.",
            remedy_en="Give it a thickness in the CAD program.",
        )
    if layer_count(float(mesh.size.max()), profile.values["layer"]) > _MOST_LAYERS:
        raise BadInput(
            "part_too_tall",
            de=f"Das Teil ist {mesh.size.max() / 1000:.0f} m lang.",
            en=f"The part is {mesh.size.max() / 1000:.0f} m long.",
            remedy_de="Prüfen Sie die Einheit der Datei.",
            remedy_en="Check the file's unit.",
        )
    return outwards(mesh)


def outwards(mesh: Mesh) -> Mesh:
    """Return the mesh, turned right way round if all of it is inside out."""
    across, heights = mesh.cross[:, 2], mesh.vertices[:, 2][mesh.faces].sum(axis=1)
    # the volume by the divergence theorem, from heights alone
    volume = float((across * (heights - heights.mean())).sum())
    return mesh if volume >= 0 else Mesh(mesh.vertices, np.ascontiguousarray(mesh.faces[:, ::-1]))


def _support_needs(mesh: Mesh, profile: Profile, given: Mapping[str, float]) -> tuple[float, float]:
    """Return seconds and mm³ of filament for the support."""
    value = profile.values
    found = support_under(
        mesh, value["support_angle"], given["support_margin"], value["support_side_gap"] * value["width"]
    )
    contact = float(found.contact.sum())
    levels = int((found.area > 0).sum() * found.level / value["layer"])
    seconds = given["support_time_volume"] * found.volume + given["support_time_contact"] * contact
    filament = given["support_volume"] * found.volume + given["support_contact"] * contact
    return seconds + given["support_time_layer"] * levels, filament


def _warnings(mesh: Mesh, profile: Profile, found: Parts) -> list[Text]:
    """Return what the reader should know before trusting the figures."""
    warnings = []
    if found.work.open_ends:
        warnings.append(
            Text(
                "Das Netz ist nicht geschlossen. Die Schätzung schließt die Lücken gerade; der Fehler kann größer sein.",
                "The mesh is not closed. The estimate closes the gaps straight; its error may be larger.",
            )
        )
    bed = [profile.values[f"bed_{axis}"] for axis in "xyz"]
    over = mesh.size > np.array(bed) + 1e-6
    if over.any():
        warnings.append(
            Text(
                f"In dieser Lage ist das Teil größer als der Bauraum, mit dem wir für FDM rechnen ({bed[0]:.0f} × {bed[1]:.0f} × "
                f"{bed[2]:.0f} mm). Legen Sie es anders oder nehmen Sie eine größere Maschine.",
                f"Lying like this the part is larger than the build volume we reckon FDM with ({bed[0]:.0f} × {bed[1]:.0f} × "
                f"{bed[2]:.0f} mm). Lay it another way or take a larger machine.",
            )
        )
    return warnings


@cache
def coefficients(name: str) -> Mapping[str, float]:
    """Return the coefficients of a profile."""
    text = files("nordlotse.print3d.core.data").joinpath("coefficients.yaml").read_text(encoding="utf-8")
    return {key: float(value) for key, value in yaml.safe_load(text)["profiles"][name].items()}


def parts(mesh: Mesh, profile: Profile, sampled: int = SAMPLED) -> Parts:
    """Return seconds and volume of `mesh`, which stands on the bed, by what is printed."""
    value, given = profile.values, coefficients(profile.id)
    done = work(mesh, profile, sampled)
    plan = planned(done, profile, given, _skirt(mesh, value), float(mesh.size[0] * mesh.size[1]))
    fixed = plan.retractions * given["retract_clock"] + plan.travel / value["travel_speed"]
    speeds = slowed(plan, fixed, value["least_layer_time"], value["least_speed"])
    by_kind = times(plan, speeds).sum(axis=1)
    seconds = dict(zip(KINDS, by_kind.tolist(), strict=True))
    seconds["inner"] += seconds.pop("small")
    seconds["moves"] = float(plan.retractions.sum())
    # a move reaches its speed only over long ways: the time grows with the root of the distance
    seconds["travel"] = float(np.sqrt(plan.travel * plan.retractions).sum())
    seconds["layers"] = float(done.figures.count)
    flow = bead_spacing(value["width"], value["layer"]) * value["layer"]
    volume = dict(zip(KINDS, (plan.lines.sum(axis=1) * flow).tolist(), strict=True))
    volume["inner"] += volume.pop("small")
    # lines in thin walls and widened ones are not as wide as the others
    volume["outer"] += float(plan.volume.sum()) - sum(volume.values())
    return Parts(seconds, volume, done, plan)


def _skirt(mesh: Mesh, value: Mapping[str, float]) -> float:
    """Return the length in mm of the skirt of one layer: loops around what the lowest layers hold, until enough filament has flowed."""
    points = _below(mesh, value["layer"] * (value["skirt_layers"] - 0.5))
    # Cauchy: a convex outline is as long as its widths, added up over all directions
    angles = np.arange(_DIRECTIONS) * (2 * pi / _DIRECTIONS)
    reach = (points @ np.stack([np.cos(angles), np.sin(angles)])).max(axis=0, initial=-np.inf)
    around = float(np.where(np.isfinite(reach), reach, 0.0).sum()) * 2 * pi / _DIRECTIONS
    spacing = bead_spacing(value["width"], value["layer"])
    needed = value["skirt_filament"] * pi / 4 * value["diameter"] ** 2 / (spacing * value["layer"])
    total, loops = 0.0, 0
    while loops < value["skirt_loops"] or (total < needed and loops < 20):
        total += around + 2 * pi * (value["skirt_distance"] + 0.32 + loops * spacing)
        loops += 1
    return total


def _below(mesh: Mesh, height: float) -> Floats:
    """Return points (n, 2) whose hull is that of everything up to `height` mm."""
    under = mesh.vertices[:, 2] <= height
    number = under[mesh.faces].sum(axis=1)
    corners = mesh.vertices[mesh.faces[(number > 0) & (number < 3)]]
    following = np.roll(corners, -1, axis=1)
    rise = following[:, :, 2] - corners[:, :, 2]
    share = np.divide(height - corners[:, :, 2], rise, out=np.zeros_like(rise), where=np.abs(rise) > 1e-12)
    crosses = (corners[:, :, 2] <= height) != (following[:, :, 2] <= height)
    crossing = corners + (following - corners) * share[:, :, None]
    points: Floats = np.concatenate([mesh.vertices[under][:, :2], crossing[crosses][:, :2]])
    return points
