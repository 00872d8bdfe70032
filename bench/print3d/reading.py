"""Reading a binary STL with merging of equal vertices beside trimesh, in the same run; all formats of one part; STEP against its exact volume."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from typing import Any

import trimesh
from manifold3d import Manifold
from tests.print3d.core.solids import mesh_of

from bench.print3d.files import every_format
from bench.print3d.samples import folder, missing
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.reading import read
from nordlotse.print3d.core.repair import as_stl


def dense(triangles: int) -> Mesh:
    """Return a bored block with rounded towers of about so many triangles."""
    solid = Manifold.cube((60, 40, 20)) - Manifold.cylinder(40, 8, 8, 96).translate((20, 20, -5))
    solid += Manifold.sphere(12, 96).translate((45, 20, 20))
    return mesh_of(solid.refine(max(1, round((triangles / solid.num_tri()) ** 0.5))))


def cpu(work: Callable[[], Any], repeat: int = 3) -> tuple[float, Any]:
    """Return the least processor seconds of several runs, and the result."""
    best, result = float("inf"), None
    for _ in range(repeat):
        started = time.process_time()
        result = work()
        best = min(best, time.process_time() - started)
    return best, result


def main() -> int:
    """Print seconds of both readers, of every format, and the STEP volumes."""
    print(f"{'binary STL':>12s} {'own s':>8s} {'trimesh s':>10s} {'times quicker':>14s} {'same vertices':>14s}")
    for count in (10_000, 100_000, 1_000_000):
        mesh = dense(count)
        data = as_stl(mesh)
        own, found = cpu(lambda data=data: read(data, "a.stl", unit="mm"))  # type: ignore[misc]
        other, peer = cpu(lambda data=data: trimesh.load(io.BytesIO(data), file_type="stl"))  # type: ignore[misc]
        same = "yes" if len(found.mesh.vertices) == len(peer.vertices) else "no"
        print(f"{len(mesh.faces):12,d} {own:8.3f} {other:10.3f} {other / own:14.1f} {same:>14s}")
    mesh = dense(100_000)
    print(f"\n{len(mesh.faces):,} triangles in every format:")
    for name, data in every_format(mesh).items():
        seconds, _ = cpu(lambda data=data, name=name: read(data, name, unit="mm"), 1)  # type: ignore[misc]
        if name != "part.step":
            print(f"  {name:18s} {len(data) / 2**20:6.1f} MB {seconds:7.2f} s")
    if missing():
        return 0
    print(f"\n{'STEP':44s} {'mesh/exact − 1':>15s} {'tolerance mm':>13s} {'s':>6s}")
    for file in sorted((folder() / "parts").iterdir()):
        if file.suffix.lower() in (".step", ".stp"):
            data = file.read_bytes()
            seconds, found = cpu(lambda data=data, name=file.name: read(data, name), 1)  # type: ignore[misc]
            share = "not installed" if not found.exact_volume else f"{found.mesh.volume / found.exact_volume - 1:+.3%}"
            print(f"{file.name:44s} {share:>15s} {found.tolerance:13.4f} {seconds:6.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
