"""Packing without overlap."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifold3d import Manifold

from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.nesting import Nest, Placed, grid, nest, started
from tests.print3d.core.solids import box, bracket, mesh_of, table, tube

CHAMBER = (100.0, 80.0, 120.0)
GAP = 3.0


def _lying(part: Mesh, place: Placed) -> Mesh:
    points = part.vertices[:, list(place.axes)]
    return Mesh(points - points.min(axis=0) + np.array(place.corner), part.faces)


def _box_gap(a: Mesh, b: Mesh) -> float:
    apart = np.maximum(a.bounds[0] - b.bounds[1], b.bounds[0] - a.bounds[1])
    return float(apart.max())


def _distance(a: Mesh, b: Mesh) -> float:
    """The least distance between sampled points of one part and the other's solid, 0 where they overlap."""
    from manifold3d import Mesh as Made

    solids = []
    for mesh in (a, b):
        faces = mesh.faces if mesh.volume > 0 else mesh.faces[:, ::-1]
        solids.append(Manifold(Made(mesh.vertices.astype(np.float32), np.ascontiguousarray(faces).astype(np.uint32))))
    return float(solids[0].min_gap(solids[1], GAP + 1))


def _check(parts: list[Mesh], found: Nest) -> None:
    assert sorted(place.part for place in found.placed) == list(range(len(parts)))
    for place in found.placed:
        assert min(place.corner) >= -1e-9
        for low, side, room in zip(place.corner, place.size, CHAMBER, strict=True):
            assert low + side <= room + 1e-6
    for one, other in itertools.combinations(found.placed, 2):
        if one.build == other.build:
            a, b = _lying(parts[one.part], one), _lying(parts[other.part], other)
            if _box_gap(a, b) < GAP:
                assert _distance(a, b) >= GAP - 0.02


_SIDE = st.floats(2, 60)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(_SIDE, _SIDE, _SIDE), min_size=1, max_size=14))
def test_boxes_of_any_size_lie_inside_without_overlap_and_a_gap_apart(sizes: list[tuple[float, float, float]]) -> None:
    parts = [box(*size) for size in sizes]
    _check(parts, nest(parts, CHAMBER, GAP))


@settings(max_examples=8, deadline=None)
@given(st.lists(st.sampled_from(["bracket", "table", "tube", "box"]), min_size=2, max_size=9))
def test_parts_of_any_shape_lie_inside_without_overlap_and_a_gap_apart(names: list[str]) -> None:
    made = {"bracket": bracket(), "table": table(), "tube": tube(18, 15, 40), "box": box(20, 10, 8)}
    parts = [made[name] for name in names]
    _check(parts, nest(parts, CHAMBER, GAP))


def test_a_small_part_goes_into_the_space_of_a_large_one() -> None:
    frame = mesh_of(Manifold.cube((95, 75, 60)) - Manifold.cube((75, 55, 55)).translate((10, 10, 5)))
    found = nest([frame, box(40, 30, 20)], CHAMBER, GAP)
    assert len(found.heights) == 1
    assert found.heights[0] <= 60 + 1e-6


def test_a_part_as_large_as_the_chamber_fits() -> None:
    found = nest([box(*CHAMBER)], CHAMBER, GAP)
    assert found.heights == (120.0,)
    assert found.density == pytest.approx(1.0)


def test_a_part_larger_than_the_chamber_is_refused_by_its_number() -> None:
    with pytest.raises(BadInput) as told:
        nest([box(5, 5, 5), box(130, 10, 10)], CHAMBER, GAP)
    assert (told.value.code, told.value.where) == ("part_too_large", "2")


def test_what_does_not_fit_any_more_starts_a_new_build() -> None:
    found = nest([box(90, 70, 70)] * 3, CHAMBER, GAP)
    assert [place.build for place in found.placed] == [0, 1, 2]
    assert len(found.heights) == 3


@given(st.tuples(_SIDE, _SIDE, _SIDE), st.booleans())
def test_a_grid_fits_into_the_chamber_and_no_row_more_would(size: tuple[float, float, float], stacked: bool) -> None:
    found = grid(size, CHAMBER, GAP, stacked=stacked)
    assert found is not None
    counts = (found.per_row, found.rows, found.layers)
    for count, pitch, room, may in zip(counts, found.pitch, CHAMBER, (True, True, stacked), strict=True):
        assert count * pitch - GAP <= room + 1e-6
        assert not may or (count + 1) * pitch - GAP > room - 1e-6
    assert sorted(round(pitch - GAP, 9) for pitch in found.pitch) == sorted(round(side, 9) for side in size)


def test_a_part_on_a_plate_keeps_its_height() -> None:
    assert grid((50, 50, 130), CHAMBER, GAP, stacked=False) is None
    lying = grid((50, 30, 90), CHAMBER, GAP, stacked=False)
    assert lying is not None
    assert (lying.pitch[2], lying.layers) == (93, 1)


def test_rows_layers_and_builds_are_counted_as_they_fill() -> None:
    found = grid((30, 30, 50), (100, 70, 110), GAP, stacked=False)
    assert found is not None
    assert (found.per_row, found.rows, found.per_build) == (3, 2, 6)
    fill = started(found, np.array([1, 3, 4, 6, 7]))
    assert fill.builds.tolist() == [1, 1, 1, 1, 2]
    assert fill.layers_by_rows.tolist() == [0.5, 0.5, 1, 1, 1.5]
    assert fill.layers_whole.tolist() == [1, 1, 1, 1, 2]
