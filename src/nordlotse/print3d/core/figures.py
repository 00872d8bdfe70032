"""What the cost models need to know of a part: a few figures, from its mesh or from a parts list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import ConvexHull, QhullError

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.values import Estimate


@dataclass(frozen=True, slots=True)
class Figures:
    """A part in figures: size as it lies in mm, volume, convex hull in mm³, surface in mm²; the FDM estimate where there is one.

    `plain`: from a box in a list only, not from a shape. `verdicts`: what the check says, where it was made: process, "yes",
    "with_changes" or "no", and the first reason.
    """

    size: tuple[float, float, float]
    volume: float
    hull: float
    area: float
    fdm: Estimate | None = None
    plain: bool = False
    verdicts: tuple[tuple[str, str, Text], ...] = ()

    @property
    def box(self) -> float:
        """Return the volume of the part's box in mm³."""
        return self.size[0] * self.size[1] * self.size[2]

    @property
    def wall(self) -> float:
        """Return the typical wall in mm: a plate of that thickness has this volume and surface."""
        return 2 * self.volume / self.area if self.area > 0 else 0.0


def figures(mesh: Mesh, fdm: Estimate | None = None, exact_volume: float | None = None) -> Figures:
    """Return the figures of a mesh as it lies; a volume from the B-rep goes before that of the mesh.

    An open mesh has no volume of its own: it lies between zero and its hull's, and is taken as no more than the hull.
    """
    x, y, z = (float(side) for side in mesh.size)
    hull = _hull(mesh)
    volume = abs(mesh.volume) if exact_volume is None else exact_volume
    return Figures((x, y, z), min(volume, hull) if exact_volume is None else volume, max(hull, volume), mesh.area, fdm)


def _hull(mesh: Mesh) -> float:
    points = mesh.vertices[np.unique(mesh.faces)]
    try:
        return float(ConvexHull(points).volume)
    except (QhullError, ValueError):  # flat, or fewer than four points: no space inside
        return 0.0
