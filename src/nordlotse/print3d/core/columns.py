"""The part as columns over the bed: a coarse grid of what is solid, what hangs over, and what a support would fill."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from nordlotse.print3d.core.mesh import Floats, Mesh
from nordlotse.print3d.core.slicing import Indices

Flags = NDArray[np.bool_]

#: Slicers count an overhang one degree steeper than asked, so that a wall of just this angle is still supported.
_DEGREE = 1.0
#: Pixel centres are shifted by this share of a pixel, so that they do not fall onto edges of the model.
_SHIFT = 0.4137
#: No more pixels than this are tested at once.
_CHUNK = 3_000_000


@dataclass(frozen=True, eq=False)
class Crossings:
    """Where vertical lines through the pixels' centres cross the faces: pixel, height in mm, enters (from below) or leaves, hangs over."""

    pixel: Indices
    height: Floats
    enters: Flags
    hangs: Flags
    shape: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Support:
    """What a support fills: `filled` (nz, ny, nx) cells, `area` mm² of it and `contact` mm² touching the part by level; sizes in mm."""

    filled: Flags
    area: Floats
    contact: Floats
    islands: Floats
    pitch: float
    level: float

    @property
    def volume(self) -> float:
        """Return the space under the overhangs in mm³, before it is filled thinly with lines."""
        return float(self.area.sum() * self.level)


def crossings(mesh: Mesh, pitch: float, angle: float) -> Crossings:
    """Return the crossings of a grid of vertical lines `pitch` mm apart; faces flatter than `angle` degrees that look down hang over."""
    low, high = mesh.bounds
    shape = (int((high[1] - low[1]) / pitch) + 1, int((high[0] - low[0]) / pitch) + 1)
    corners = (mesh.corners[:, :, :2] - low[:2]) / pitch - _SHIFT
    flat = mesh.cross[:, 2] / pitch**2
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    first = np.maximum(np.ceil(np.minimum(np.minimum(a, b), c)), 0).astype(np.int64)
    last = np.minimum(np.floor(np.maximum(np.maximum(a, b), c)), np.array(shape[::-1]) - 1).astype(np.int64)
    spans = np.maximum(last - first + 1, 0)
    number = np.where(np.abs(flat) > 1e-12, spans[:, 0] * spans[:, 1], 0)
    hanging = mesh.normals[:, 2] < -cos(radians(angle + _DEGREE))
    rows = np.flatnonzero(number)
    found: list[tuple[Indices, Floats, Indices]] = []
    sums = np.cumsum(number[rows])
    for part in np.split(rows, np.searchsorted(sums, np.arange(_CHUNK, int(sums[-1]) if len(sums) else 0, _CHUNK))):
        found.append(_tested(part, number[part], first, spans, corners, flat, mesh.corners[:, :, 2], shape[1]))
    pixel, height, face = (np.concatenate(values) for values in zip(*found, strict=True))
    return Crossings(pixel, height, flat[face] < 0, hanging[face], shape)


def _tested(
    rows: Indices, number: Indices, first: Indices, spans: Indices, corners: Floats, flat: Floats, z: Floats, width: int
) -> tuple[Indices, Floats, Indices]:
    face = np.repeat(rows, number)
    ends = np.cumsum(number)
    at = np.arange(len(face)) - np.repeat(ends - number, number)
    x = first[face, 0] + at % spans[face, 0]
    y = first[face, 1] + at // spans[face, 0]
    p = corners[face]
    dx, dy = p[:, :, 0] - x[:, None], p[:, :, 1] - y[:, None]
    w0 = dx[:, 1] * dy[:, 2] - dx[:, 2] * dy[:, 1]
    w1 = dx[:, 2] * dy[:, 0] - dx[:, 0] * dy[:, 2]
    whole = flat[face]
    w0, w1 = w0 / whole, w1 / whole
    inside = np.flatnonzero((w0 >= 0) & (w1 >= 0) & (w0 + w1 <= 1))
    face, w0, w1 = face[inside], w0[inside], w1[inside]
    height = w0 * z[face, 0] + w1 * z[face, 1] + (1 - w0 - w1) * z[face, 2]
    return y[inside] * width + x[inside], height, face


def support(
    mesh: Mesh, angle: float, margin: float, gap: float, pitch: float | None = None, level: float | None = None
) -> Support:
    """Return the support of `mesh`, which stands on the bed: under each overhang down to the part below or the bed.

    It is `margin` mm wider than the overhang and keeps `gap` mm from the part's walls. `pitch` and `level` are the cell's width and
    height in mm (None: a hundredth of the part, not below 0.5).
    """
    size = mesh.size
    pitch = pitch or max(0.5, float(size[:2].max()) / 90)
    level = level or max(0.4, float(size[2]) / 100)
    found = crossings(mesh, pitch, angle)
    deep = int(np.ceil(size[2] / level)) + 1
    border = int(np.ceil(margin / pitch)) + 1
    ny, nx = found.shape
    # a cell is solid if its middle is: counted up the column, in at a face looking down, out at one looking up
    z = np.clip(np.ceil(found.height / level - 0.5), 0, deep).astype(np.int64)
    step = np.bincount(z * (ny * nx) + found.pixel, np.where(found.enters, 1, -1), (deep + 1) * ny * nx)
    solid = np.zeros((deep, ny + 2 * border, nx + 2 * border), bool)
    solid[:, border:-border, border:-border] = np.cumsum(step.reshape(deep + 1, ny, nx)[:deep], axis=0) > 0.5
    touches = np.zeros(solid.shape, bool)
    hung = found.hangs & (z > 0) & (found.height > level / 2)
    if (leaking := step.reshape(deep + 1, -1).sum(axis=0) != 0).any():
        # an open mesh: where a column does not close, only its faces themselves are solid
        column = leaking.reshape(ny, nx)
        solid[:, border:-border, border:-border][:, column] = False
        rows = column.ravel()[found.pixel]
        y, x = np.divmod(found.pixel[rows], nx)
        solid[np.minimum(z[rows], deep - 1), y + border, x + border] = True
    y, x = np.divmod(found.pixel[hung], nx)
    touches[np.minimum(z[hung] - 1, deep - 1), y + border, x + border] = True
    touches &= ~solid
    return _filled(touches, solid, margin, gap, pitch, level)


def _filled(touches: Flags, solid: Flags, margin: float, gap: float, pitch: float, level: float) -> Support:
    near = touches.any(axis=(1, 2))
    wide = _disk(margin / pitch)
    wider = np.zeros_like(touches)
    wider[near] = ndimage.binary_dilation(touches[near], structure=wide[None]) if near.any() else False
    around = ndimage.binary_dilation(solid, structure=_disk(gap / pitch)[None]) if gap / pitch >= 0.75 else solid
    filled = np.zeros_like(touches)
    flag = np.zeros(touches.shape[1:], bool)
    for k in range(len(touches) - 1, -1, -1):
        flag = (flag | wider[k]) & ~around[k]
        filled[k] = flag
    contact = (wider & filled).sum(axis=(1, 2)) * pitch**2
    islands = np.array([ndimage.label(cells)[1] if cells.any() else 0 for cells in filled], float)
    return Support(filled, filled.sum(axis=(1, 2)) * pitch**2, contact, islands, pitch, level)


def _disk(radius: float) -> Flags:
    reach = max(int(radius + 0.5), 0)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disk: Flags = x**2 + y**2 <= (radius + 0.25) ** 2
    return disk
