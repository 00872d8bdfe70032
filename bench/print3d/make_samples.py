"""Makes the room's own sample parts: what a visitor may check who has no file at hand, each with flaws known beforehand.

    python -m bench.print3d.make_samples

writes them anew into the package; the STEP part needs the extra `step-exact`.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import numpy as np
from manifold3d import CrossSection, Manifold

from bench.print3d.files import object_xml, threemf
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.repair import as_stl

_FOLDER = Path(__file__).resolve().parents[2] / "src/nordlotse/print3d/core/data/samples"


def bracket() -> Manifold:
    """Return a sound angle bracket: legs 60 × 40 and 50 × 40 mm, 6 mm thick, with a rib and four bores of 6 mm."""
    part = Manifold.cube((60, 40, 6)) + Manifold.cube((6, 40, 50))
    rib = CrossSection([[(0, 0), (30, 0), (0, 30)]]).extrude(6).rotate((90, 0, 0))
    part += rib.translate((6, 23, 6))
    for y in (9, 31):
        part -= Manifold.cylinder(10, 3, -1, 64).translate((47, y, -2))
        part -= Manifold.cylinder(10, 3, -1, 64).rotate((0, 90, 0)).translate((-2, y, 38))
    return part


def holder() -> Manifold:
    """Return a cable holder with a clip 0.6 mm thick and a shelf that hangs over by 22 mm, 20 mm above the bed."""
    part = Manifold.cube((50, 30, 4)) + Manifold.cube((5, 30, 34))
    part += Manifold.cube((27, 30, 4)).translate((0, 0, 24))
    part += Manifold.cube((0.6, 30, 22)).translate((44, 0, 4))
    return part - Manifold.cylinder(10, 2.5, -1, 48).translate((36, 15, -2))


def knob() -> Manifold:
    """Return a round knob with a foot and a closed cavity of 24 mm: powder and resin stay in it."""
    part = Manifold.sphere(18, 64).translate((0, 0, 20)) + Manifold.cylinder(12, 9, 9, 64)
    return part - Manifold.sphere(12, 64).translate((0, 0, 20))


def _mesh(solid: Manifold) -> Mesh:
    made = solid.to_mesh()
    return Mesh(np.array(made.vert_properties[:, :3], dtype=np.float64), np.array(made.tri_verts, dtype=np.int32))


def flange() -> bytes:
    """Return a turned flange as STEP: disc of 60 × 8 mm, hub of 30 × 20 mm, bore of 16 mm, four holes of 6 mm."""
    from OCP.BRepAlgoAPI import BRepAlgoAPI_Cut, BRepAlgoAPI_Fuse
    from OCP.BRepPrimAPI import BRepPrimAPI_MakeCylinder
    from OCP.gp import gp_Ax2, gp_Dir, gp_Pnt
    from OCP.STEPControl import STEPControl_AsIs, STEPControl_Writer

    def pin(x: float, y: float, z: float, radius: float, height: float) -> object:
        return BRepPrimAPI_MakeCylinder(gp_Ax2(gp_Pnt(x, y, z), gp_Dir(0, 0, 1)), radius, height).Shape()

    shape = BRepAlgoAPI_Fuse(pin(0, 0, 0, 30, 8), pin(0, 0, 8, 15, 12)).Shape()
    bores = [(0.0, 0.0, 8.0), *((22.0 * np.cos(a), 22.0 * np.sin(a), 3.0) for a in np.arange(4) * np.pi / 2)]
    for x, y, radius in bores:
        shape = BRepAlgoAPI_Cut(shape, pin(float(x), float(y), -1, radius, 30)).Shape()
    writer = STEPControl_Writer()
    writer.Transfer(shape, STEPControl_AsIs)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flange.step"
        writer.Write(str(path))
        text = path.read_text(encoding="ascii")
    text = re.sub(r"Open CASCADE STEP translator [\d. ]+", "Flansch", text)
    # one and the same file whenever it is made
    return re.sub(r"(FILE_NAME\('[^']*',)'[^']*'", r"\1'2026-11-23T00:00:00'", text).encode("ascii")


def main() -> None:
    """Write the parts."""
    _FOLDER.mkdir(exist_ok=True)
    files = {
        "bracket.stl": as_stl(_mesh(bracket())),
        "holder.stl": as_stl(_mesh(holder())),
        "knob.3mf": threemf(object_xml(1, _mesh(knob())).replace('"body 1"', '"Knauf"'), '<item objectid="1"/>'),
        "flange.step": flange(),
    }
    for name, data in files.items():
        (_FOLDER / name).write_bytes(data)
        print(f"{name}: {len(data)} bytes")


if __name__ == "__main__":
    main()
