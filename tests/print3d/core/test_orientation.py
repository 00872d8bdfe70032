"""Which way to lay a part."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.print3d.core.orientation import by_hand, candidates, heading, orient, pareto
from nordlotse.print3d.core.poses import directions, shape, shortest_turn
from nordlotse.print3d.core.profile import profile
from tests.print3d.core.solids import box, bracket, table, turned_z

PLA = profile("fdm-pla-0.2")


@settings(max_examples=50, deadline=None)
@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1))
def test_the_shortest_turn_brings_the_direction_down_and_turns_no_more_than_that(x: float, y: float, z: float) -> None:
    down = np.array([x, y, z])
    if np.linalg.norm(down) < 0.1:
        return
    down /= np.linalg.norm(down)
    rotation = shortest_turn(down)
    assert rotation @ down == pytest.approx([0, 0, -1], abs=1e-6)
    assert rotation @ rotation.T == pytest.approx(np.eye(3), abs=1e-6)
    assert np.linalg.det(rotation) == pytest.approx(1)
    angle = np.arccos(np.clip((np.trace(rotation) - 1) / 2, -1, 1))
    assert angle == pytest.approx(np.arccos(np.clip(-down[2], -1, 1)), abs=1e-3)


def test_a_direction_straight_up_is_turned_over() -> None:
    assert shortest_turn(np.array([0.0, 0.0, 1.0])) @ [0, 0, 1] == pytest.approx([0, 0, -1])


def test_the_sides_of_a_box_are_among_the_directions() -> None:
    found = directions(shape(box(10, 20, 30)))
    for axis in (*np.eye(3), *-np.eye(3)):
        assert (found @ axis).max() > 0.9999


def test_a_table_is_turned_over() -> None:
    best = orient(table())[0]
    assert best.name == "cheapest"
    assert best.support_mm3 < 1
    turned = best.rotation @ np.array([0.0, 0.0, 1.0])
    assert turned == pytest.approx([0, 0, -1], abs=1e-6)
    assert "keine" in best.reason.de or "ohne Stützen" in best.reason.de


def test_a_box_needs_no_support_and_the_fastest_lies_flat() -> None:
    proposals = {p.name: p for p in orient(box(10, 40, 60))}
    assert proposals["cheapest"].support_mm3 == 0
    assert list(proposals) == ["cheapest", "fastest", "best_surface"]
    assert proposals["fastest"].height_mm == pytest.approx(10)
    assert proposals["fastest"].time_s == min(p.time_s for p in proposals.values())


@pytest.mark.parametrize("seed", range(4))
def test_a_part_turned_at_random_is_laid_as_before(seed: int) -> None:
    draw = np.random.default_rng(seed).normal(size=4)
    w, x, y, z = draw / np.linalg.norm(draw)
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    best = orient(table().turned(rotation))[0]
    assert best.rotation @ rotation @ np.array([0.0, 0.0, 1.0]) == pytest.approx([0, 0, -1], abs=1e-3)


def test_no_proposal_is_beaten_in_everything() -> None:
    poses = candidates(bracket(), PLA)
    best = pareto(poses)
    assert 0 < len(best) <= len(poses)
    for one in best:
        assert not any(
            other.support < one.support and other.height < one.height and other.rough < one.rough
            and other.stands > one.stands and other.stable
            for other in poses
        )  # fmt: skip


def test_what_does_not_fit_the_machine_standing_is_laid_down() -> None:
    for proposal in orient(box(20, 20, 230)):
        assert proposal.height_mm < 210


def test_marked_faces_come_out_smooth() -> None:
    part = box(20, 20, 20).turned(shortest_turn(np.array([0.3, 0.5, -0.8])))
    marked = np.arange(len(part.faces))
    smooth = next(iter(p for p in orient(part, marked=marked)))
    turned = part.turned(smooth.rotation)
    slope = np.abs(turned.normals[:, 2])
    assert ((slope < 0.01) | (slope > 0.99)).all()


def test_the_heading_lays_long_edges_along_the_axes() -> None:
    assert heading(turned_z(box(60, 20, 10), 30)) == pytest.approx(-30, abs=0.5)
    assert heading(box(60, 20, 10)) == 0


def test_a_way_chosen_by_hand_is_judged_like_the_others() -> None:
    as_it_is, turned_over = by_hand(table(), np.eye(3)), by_hand(table(), np.diag([1.0, -1.0, -1.0]))
    assert as_it_is.support_mm3 > 1000
    assert turned_over.support_mm3 < 1
    assert turned_over.stands_mm2 == pytest.approx(1600)
    assert as_it_is.time_s > turned_over.time_s
    assert as_it_is.reason.de.startswith("Von Hand")
