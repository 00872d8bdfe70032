"""The whole check of one part in the child that serves pages: processor seconds and peak memory of that child, all findings, all processes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bench.print3d.hostile import peak
from bench.print3d.reading import dense
from bench.print3d.samples import folder, missing
from bench.print3d.topology import refined
from bench.print3d.unseen_parts import base, mesh_of
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.reading import read
from nordlotse.print3d.core.repair import as_stl
from nordlotse.print3d.core.workshop import Workshop

_CHECK = "nordlotse.print3d.core.check:check_file"
#: What the issue allows: seconds of one core by triangles, and MB.
ALLOWED = {100_000: 1.5, 1_000_000: 15.0}
ALLOWED_MB = 1536.0


def used(process: int) -> float:
    """Return the processor seconds a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _row(name: str, mesh: Mesh) -> None:
    data = as_stl(mesh)
    with Workshop(preload=("nordlotse.print3d.core.check",)) as shop:
        shop.start()
        process = shop.child or 0
        before, _ = used(process), peak(process)
        checked, _ = shop.run(_CHECK, data, "part.stl", unit="mm")
        seconds, most = used(process) - before, peak(process) / 2**20
    limit = next((limit for count, limit in sorted(ALLOWED.items()) if checked.facts.triangles <= 1.3 * count), 99.0)
    miss = "  MISSED TARGET" if seconds > limit or most > ALLOWED_MB else ""
    print(f"{name:30s} {checked.facts.triangles:10,d} {seconds:10.2f} {most:9.0f} {len(checked.findings):9d}{miss}")


def main() -> int:
    """Print seconds, peak memory of the child and the number of findings."""
    print("reading, topology, all findings for all processes, result handed back; without the start of the interpreter")
    print(
        f"{'part':30s} {'triangles':>10s} {'CPU s':>10s} {'MB peak':>9s} {'findings':>9s}   (targets 1.5 s, 15 s, 1,536 MB)"
    )
    _row("bored block", dense(100_000))
    _row("gear, cut finer", refined(mesh_of(base(0)), 90_000))
    _row("bored block", dense(1_000_000))
    gyroid = base(11)
    _row("gyroid, cut finer", mesh_of(gyroid.refine(round((1e6 / gyroid.num_tri()) ** 0.5))))
    if missing():
        return 0
    body = read((folder() / "parts" / "prusa_extruder-body.stl").read_bytes(), "a.stl", unit="mm").mesh
    _row("extruder body", body)
    _row("extruder body, cut finer", refined(body, 80_000))
    _row("extruder body, cut finer", refined(body, 1_000_000))
    return 0


if __name__ == "__main__":
    sys.exit(main())
