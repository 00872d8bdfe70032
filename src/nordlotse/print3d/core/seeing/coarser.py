"""A coarser surface for pictures only: vertices near to each other that face the same way become one (vertex clustering).

Rossignac and Borrel, "Multi-resolution 3D approximations for rendering complex scenes" (1993); that only vertices looking to the same of
six sides are joined keeps the two sides of a thin wall apart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nordlotse.print3d.core.mesh import Ints, Mesh

#: The first cell is so wide that a smooth surface gives about this share of the triangles wanted.
_SHARE = 0.7
#: Where that was too fine, cells grow by this factor.
_WIDER = 1.3
#: And at most so often: what is left then hangs on the triangles kept.
_TRIES = 12


def coarser(mesh: Mesh, most: int, keep: Ints) -> tuple[Mesh, Ints]:
    """Return the mesh with at most about `most` triangles, and of which triangle each is what became.

    The triangles `keep` and their corners stay as they are, and count on top.
    """
    fixed = np.zeros(len(mesh.vertices), bool)
    fixed[mesh.faces[keep]] = True
    side = _sides(mesh)
    low = mesh.bounds[0]
    # cells that a flat surface crosses: about area/cell²; each gives two triangles
    cell = float(np.sqrt(2.0 * mesh.area / (_SHARE * most))) or 1.0
    for _ in range(_TRIES):
        made, of = _clustered(mesh, np.floor((mesh.vertices - low) / cell).astype(np.int64), side, fixed)
        if len(of) <= most + len(keep):
            break
        cell *= _WIDER
    return made, of


def _sides(mesh: Mesh) -> NDArray[np.int64]:
    """Return for each vertex which of the six sides of a box its surface faces."""
    normal = np.stack(
        [np.bincount(mesh.faces.ravel(), np.repeat(mesh.cross[:, axis], 3), len(mesh.vertices)) for axis in range(3)],
        axis=1,
    )
    axis = np.abs(normal).argmax(axis=1)
    sides: NDArray[np.int64] = axis * 2 + (normal[np.arange(len(normal)), axis] > 0)
    return sides


def _clustered(
    mesh: Mesh, cell: NDArray[np.int64], side: NDArray[np.int64], fixed: NDArray[np.bool_]
) -> tuple[Mesh, Ints]:
    span = cell.max(axis=0) + 1
    key = ((cell[:, 0] * span[1] + cell[:, 1]) * span[2] + cell[:, 2]) * 6 + side
    key[fixed] = int(key.max()) + 1 + np.arange(int(fixed.sum()))
    _, cluster = np.unique(key, return_inverse=True)
    cluster = cluster.reshape(-1)
    count = np.bincount(cluster)
    vertices = np.stack([np.bincount(cluster, mesh.vertices[:, axis]) / count for axis in range(3)], axis=1)
    faces = cluster[mesh.faces]
    a, b, c = faces.T
    of = np.flatnonzero((a != b) & (b != c) & (c != a))
    _, first = np.unique(_same(faces[of], len(vertices)), return_index=True)
    of = of[np.sort(first)]
    return Mesh(vertices, faces[of].astype(np.int32)), of.astype(np.int32)


def _same(faces: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return a number for each triangle that is the same for triangles with the same corners (fewer than a million of them)."""
    low, middle, high = np.sort(faces, axis=1).T
    numbers: NDArray[np.int64] = (low * count + middle) * np.int64(1_000_003) + high
    return numbers
