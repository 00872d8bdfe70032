"""Merging of equal vertices: triangles that share a corner share its number afterwards."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from nordlotse.print3d.core.mesh import Floats, Ints, Mesh

_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def weld(points: NDArray[Any]) -> tuple[NDArray[Any], Ints]:
    """Return the distinct points in order of first use, and for each given point its number among them.

    Equal means equal bit by bit, -0 and 0 alike. Points (n, 3), 32- or 64-bit. Sorts 64-bit hashes, which is several times as quick
    as sorting points, and checks the result; in the case of a clash (one in 10^7 files) it sorts the points.
    """
    points = np.ascontiguousarray(points) + points.dtype.type(0)  # -0.0 becomes 0.0
    if not len(points):
        return points, np.zeros(0, np.int32)
    bits = points.view(np.uint32 if points.itemsize == 4 else np.uint64)
    order, new = _order(_hashes(bits))
    group = np.cumsum(new) - 1
    first = np.minimum.reduceat(order, np.flatnonzero(new))
    rank = np.argsort(first)
    place = np.empty(len(rank), np.int32)
    place[rank] = np.arange(len(rank), dtype=np.int32)
    number = np.empty(len(order), np.int32)
    number[order] = place[group]
    kept = first[rank]
    if not np.array_equal(bits[kept][number], bits):
        _, kept, inverse = np.unique(bits, axis=0, return_index=True, return_inverse=True)
        number = inverse.reshape(-1).astype(np.int32)
    return points[kept], number


def welded(vertices: Floats, faces: Ints) -> Mesh:
    """Return the mesh with equal vertices merged and unused ones dropped; faces keep their order."""
    used = np.zeros(len(vertices), bool)
    used[faces.reshape(-1)] = True
    kept = np.flatnonzero(used)
    number = np.zeros(len(vertices), np.int32)
    distinct, of_kept = weld(np.asarray(vertices, np.float64)[kept])
    number[kept] = of_kept
    return Mesh(distinct, number[faces].astype(np.int32, copy=False))


#: Vertices on open edges nearer than this share of the largest coordinate are one: 32-bit numbers do not tell them apart.
ROUNDING = 2.5e-7


def without_rounding_cracks(mesh: Mesh) -> Mesh:
    """Return the mesh with vertices on open edges merged where only the rounding of the file keeps them apart."""
    return merged_near(mesh, ROUNDING * float(np.abs(mesh.vertices).max()))


def merged_near(mesh: Mesh, reach: float) -> Mesh:
    """Return the mesh with vertices on open edges merged that are not farther apart than `reach` in mm."""
    border = _border(mesh)
    if not len(border):
        return mesh
    near = cKDTree(mesh.vertices[border]).query_pairs(reach, output_type="ndarray")
    if not len(near):
        return mesh
    links = coo_matrix((np.ones(len(near), bool), (near[:, 0], near[:, 1])), shape=(len(border), len(border)))
    _, group = connected_components(links, directed=False)
    first = np.full(int(group.max()) + 1, len(mesh.vertices), np.int64)
    np.minimum.at(first, group, border)
    number = np.arange(len(mesh.vertices), dtype=np.int32)
    number[border] = first[group]
    return welded(mesh.vertices, number[mesh.faces])


def _border(mesh: Mesh) -> Ints:
    """Return the vertices on edges that only one face uses, quickly: a closed surface costs one sort of hashes."""
    faces = mesh.faces
    a, b = faces.reshape(-1), np.roll(faces, -1, axis=1).reshape(-1)
    with np.errstate(over="ignore"):
        key = np.minimum(a, b).astype(np.uint64) * _MIX[0]
        key ^= np.maximum(a, b).astype(np.uint64) * _MIX[1]
    ordered = np.sort(key)
    single = np.ones(len(ordered), bool)
    single[1:] &= ordered[1:] != ordered[:-1]
    single[:-1] &= ordered[:-1] != ordered[1:]
    if not single.any():
        return np.zeros(0, np.int32)
    sides = np.isin(key, ordered[single])
    found: Ints = np.unique(np.concatenate([a[sides], b[sides]])).astype(np.int32)
    return found


def joined(meshes: list[Mesh]) -> Mesh:
    """Return the meshes as one, side by side: equal vertices of different meshes stay apart."""
    if len(meshes) == 1:
        return meshes[0]
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    vertices = np.concatenate([mesh.vertices for mesh in meshes]) if meshes else np.zeros((0, 3))
    faces = [mesh.faces + np.int32(start) for mesh, start in zip(meshes, starts, strict=False)]
    return Mesh(vertices, np.concatenate(faces) if faces else np.zeros((0, 3), np.int32))


def _hashes(bits: NDArray[Any]) -> NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        key = bits[:, 0].astype(np.uint64) * _MIX[0]
        key ^= key >> np.uint64(29)
        key += bits[:, 1]
        key *= _MIX[1]
        key ^= key >> np.uint64(32)
        key += bits[:, 2]
        key *= _MIX[2]
    return key


def _order(keys: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    order = np.argsort(keys)
    ordered = keys[order]
    new = np.ones(len(order), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return order, new
