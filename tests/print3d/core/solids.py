"""Solids made for the tests: exact figures known by hand."""

from __future__ import annotations

import numpy as np
from manifold3d import CrossSection, Manifold

from nordlotse.print3d.core.mesh import Mesh


def mesh_of(solid: Manifold) -> Mesh:
    """Return a solid as our mesh."""
    made = solid.to_mesh()
    return Mesh(np.array(made.vert_properties[:, :3], dtype=np.float64), np.array(made.tri_verts, dtype=np.int32))


def box(x: float, y: float, z: float) -> Mesh:
    """Return a box with a corner at the origin."""
    return mesh_of(Manifold.cube((x, y, z)))


def tube(outer: float, inner: float, height: float, sides: int = 64) -> Mesh:
    """Return a tube on the bed around the z axis; radii in mm."""
    ring = CrossSection.circle(outer, sides) - CrossSection.circle(inner, sides)
    return mesh_of(ring.extrude(height))


def table(height: float = 20.0) -> Mesh:
    """Return a plate of 40 × 40 × 3 mm on one leg of 10 × 10 mm in its middle: it hangs over all around."""
    leg = Manifold.cube((10, 10, height)).translate((15, 15, 0))
    return mesh_of(leg + Manifold.cube((40, 40, 3)).translate((0, 0, height)))


def bracket() -> Mesh:
    """Return an angle bracket with two holes."""
    solid = Manifold.cube((40, 30, 4)) + Manifold.cube((4, 30, 35))
    solid -= Manifold.cylinder(10, 2.5, -1, 48).translate((25, 15, -2))
    return mesh_of(solid - Manifold.cylinder(10, 2.5, -1, 48).rotate((0, 90, 0)).translate((-2, 15, 22)))


def turned_z(mesh: Mesh, degrees: float) -> Mesh:
    """Return the mesh turned about z."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return mesh.turned(np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]))
