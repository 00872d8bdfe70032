"""Bodies that overlap or touch are measured as the one piece they print as."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from bench.print3d.planted import as_loaded

from nordlotse.print3d.core.check import check
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.rays import solid_of
from nordlotse.print3d.core.thickness import thickness
from nordlotse.print3d.core.together import together
from nordlotse.print3d.core.topology import topology
from tests.print3d.core.solids import box

Corner = tuple[float, float, float]


def _several(*boxes: tuple[Corner, Corner]) -> Mesh:
    """Put boxes (size, corner) beside and into each other without joining them."""
    made = [box(*size).moved(np.array(corner) - box(*size).bounds[0]) for size, corner in boxes]
    begins = np.cumsum([0, *(len(one.vertices) for one in made)])
    faces = [one.faces + begin for one, begin in zip(made, begins, strict=False)]
    return Mesh(np.vstack([one.vertices for one in made]), np.vstack(faces).astype(np.int32))


def _codes(mesh: Mesh) -> Counter[str]:
    return Counter(one.code for one in check(as_loaded(mesh), process="fdm", material=None).findings)


OVERLAPPING = _several(((20, 20, 10), (0, 0, 0)), ((20, 20, 10), (19.7, 0, 0)))
STACKED = _several(((20, 20, 0.5), (0, 0, 0)), ((20, 20, 8), (0, 0, 0.5)))
WITHIN = _several(((20, 20, 20), (0, 0, 0)), ((5, 5, 0.4), (8, 8, 8)))
#: A thin plate that reaches out of a block.
FIN = _several(((20, 20, 10), (0, 0, 0)), ((20, 20, 0.3), (10, 0, 5)))


@pytest.mark.parametrize("mesh", [OVERLAPPING, STACKED, WITHIN], ids=["overlapping", "stacked", "within"])
def test_where_thick_bodies_meet_there_is_no_thin_wall(mesh: Mesh) -> None:
    assert not {"thin_wall", "thin_gap", "small_feature"} & set(_codes(mesh))


@pytest.mark.parametrize("mesh", [OVERLAPPING, STACKED, WITHIN], ids=["overlapping", "stacked", "within"])
def test_measured_each_for_itself_there_would_be_one(mesh: Mesh) -> None:
    solid = solid_of(topology(mesh))
    assert thickness(solid).width.min() < 0.6
    assert thickness(solid, together(topology(mesh), solid)).width.min() > 4.0


def test_a_thin_fin_that_leaves_the_block_is_still_thin() -> None:
    assert _codes(FIN)["thin_wall"] == 1


def test_the_wall_of_two_stacked_plates_is_as_thick_as_both() -> None:
    found = topology(STACKED)
    solid = solid_of(found)
    width = thickness(solid, together(found, solid)).width
    below = solid.mesh.normals[:, 2] < -0.9
    assert width[below & np.isfinite(width)] == pytest.approx(8.5, abs=0.01)


def test_bodies_far_from_each_other_are_measured_as_before() -> None:
    found = topology(_several(((20, 20, 10), (0, 0, 0)), ((20, 20, 10), (40, 0, 0))))
    assert together(found, solid_of(found)) is None
