"""Machine dynamics, against sums done by hand."""

from __future__ import annotations

import numpy as np
import pytest

from nordlotse.print3d.core.motion import corner_speeds, line_times, loop_times, trapezoid
from nordlotse.print3d.core.slicing import cut
from tests.print3d.core.solids import box

ONE = np.array([1.0])


def test_a_long_line_is_length_over_speed_and_what_the_ramps_cost() -> None:
    # from and to rest at 1000 mm/s² to 50 mm/s: each ramp costs v / 2a = 25 ms
    assert trapezoid(ONE * 100, ONE * 0, ONE * 0, 50.0, 1000.0)[0] == pytest.approx(2.05)


def test_a_short_line_never_reaches_its_speed() -> None:
    assert trapezoid(ONE * 0.4, ONE * 0, ONE * 0, 50.0, 1000.0)[0] == pytest.approx(2 * np.sqrt(0.4 / 1000))


def test_straight_on_costs_nothing_and_a_right_angle_slows_to_the_jerk() -> None:
    along, across = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    assert corner_speeds(along, along, 45.0, 8.0)[0] == pytest.approx(45.0)
    assert corner_speeds(along, across, 45.0, 8.0)[0] == pytest.approx(8.0)
    assert corner_speeds(along, -along, 45.0, 8.0)[0] == pytest.approx(8.0)


def test_a_square_takes_four_lines_between_corners() -> None:
    contours = cut(box(20, 20, 5), np.array([2.0]))
    corner = np.full(4, 8.0)
    expected = trapezoid(np.full(4, 20.0), corner, corner, 25.0, 800.0).sum()
    # the mesh's diagonals put points on the sides; they do not slow the nozzle
    assert loop_times(contours, 25.0, 800.0, 8.0).sum() == pytest.approx(expected, rel=0.02)


def test_faster_and_stronger_is_never_slower() -> None:
    length = np.linspace(0.2, 80, 200)
    slow, fast = line_times(length, 40.0, 1000.0, 8.0), line_times(length, 80.0, 1000.0, 8.0)
    assert (fast <= slow + 1e-12).all()
    assert (line_times(length, 80.0, 2000.0, 8.0) <= fast + 1e-12).all()
