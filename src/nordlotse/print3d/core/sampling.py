"""Which layers stand for all: a few layers are worked through, every other layer takes the figures of the one most like it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nordlotse.print3d.core.mesh import Floats
from nordlotse.print3d.core.slicing import Indices, Layers

#: Two layers nearer than this in the space of their figures (shares of the part's mean) are taken as alike.
_ALIKE = 0.04


@dataclass(frozen=True, eq=False)
class Sample:
    """`chosen` (m,): layers worked through; `stands` (n,): for each layer the position in `chosen` of the one that stands for it."""

    chosen: Indices
    stands: Indices


def exposed(figures: Layers, top: int, bottom: int) -> tuple[Floats, Floats]:
    """Return for each layer the area in mm² of surfaces up to `top` layers above and `bottom` layers below its cut."""
    k = np.arange(figures.count)
    above = figures.up[k] - figures.up[np.minimum(k + top, figures.count)]
    below = figures.down[np.maximum(k - bottom, 0)] - figures.down[k]
    below[k < bottom] += np.maximum(figures.area[0], 0.0)
    return np.maximum(above, 0.0), np.maximum(below, 0.0)


def sample(figures: Layers, top: int, bottom: int, most: int) -> Sample:
    """Return at most `most` layers that stand for all: each next one is the layer least like those chosen before.

    Likeness is measured by contour, area, surfaces near above and below, number of triangles and height.
    """
    count = figures.count
    above, below = exposed(figures, top, bottom)
    area = max(float(np.abs(figures.area).mean()), 1e-9)
    k = np.arange(count)
    vectors = np.stack(
        [
            figures.length / max(float(figures.length.mean()), 1e-9),
            figures.area / area,
            np.sqrt(above / area),
            np.sqrt(below / area),
            0.5 * np.sqrt(np.maximum(figures.up[k] - figures.up[k + 1], 0.0) / area).clip(0, 2),
            0.5 * np.sqrt(np.maximum(figures.down[np.maximum(k - 1, 0)] - figures.down[k], 0.0) / area).clip(0, 2),
            0.3 * figures.crossings / max(float(figures.crossings.mean()), 1e-9),
            0.25 * k / max(count, 1),
        ],
        axis=1,
    )
    vectors = np.nan_to_num(vectors, nan=0.0, posinf=0.0, neginf=0.0)
    chosen = [0]
    stands = np.zeros(count, np.int64)
    nearest = np.full(count, np.inf)
    # the first layer is printed unlike any other and stands for itself alone
    new = count // 2 if count > 1 else 0
    while len(chosen) < most and count > 1:
        chosen.append(new)
        distance = np.square(vectors - vectors[new]).sum(axis=1)
        closer = distance < nearest
        stands[closer] = len(chosen) - 1
        nearest = np.minimum(nearest, distance)
        nearest[0] = 0.0
        new = int(nearest.argmax())
        if nearest[new] < _ALIKE**2:
            break
    stands[0] = 0
    return Sample(np.array(chosen, dtype=np.int64), stands)
