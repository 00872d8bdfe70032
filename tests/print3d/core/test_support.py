"""Support as columns over the bed."""

from __future__ import annotations

import numpy as np
import pytest
from manifold3d import Manifold

from nordlotse.print3d.core.columns import crossings, support
from tests.print3d.core.solids import box, mesh_of, table, turned_z


def test_lines_through_a_box_enter_and_leave_once() -> None:
    found = crossings(box(10, 10, 5), 1.0, 45)
    assert found.enters.sum() == (~found.enters).sum() == 100
    assert found.height[found.enters] == pytest.approx(0)
    assert found.height[~found.enters] == pytest.approx(5)


def test_a_box_on_the_bed_needs_none() -> None:
    assert support(box(20, 20, 20), 45, 1.5, 0.3).volume == 0


def test_under_a_table_the_space_is_plate_less_leg() -> None:
    found = support(table(20.0), 45, 0.01, 0.01, pitch=0.5, level=0.5)
    assert found.volume == pytest.approx((40 * 40 - 10 * 10) * 20, rel=0.05)
    assert found.contact.sum() == pytest.approx(1500, rel=0.05)


def test_the_margin_widens_the_support_around() -> None:
    found = support(table(20.0), 45, 2.0, 0.01, pitch=0.5, level=0.5)
    assert found.volume == pytest.approx((44 * 44 - 10 * 10) * 20, rel=0.08)


def test_support_ends_on_the_part_below() -> None:
    lower = Manifold.cube((40, 40, 10))
    upper = Manifold.cube((40, 40, 3)).translate((0, 0, 20)) + Manifold.cube((4, 40, 13)).translate((0, 0, 8))
    found = support(mesh_of(lower + upper), 45, 0.01, 0.01, pitch=0.5, level=0.5)
    assert found.volume == pytest.approx(36 * 40 * 10, rel=0.06)


@pytest.mark.parametrize(("degrees", "needs"), [(40, True), (50, False)])
def test_the_angle_decides(degrees: float, needs: bool) -> None:
    # a wall that leans: its underside stands `degrees` over the bed
    lean = np.tan(np.radians(degrees))
    wall = Manifold.cube((20 / lean, 20, 20)).warp_batch(lambda p: p + np.outer(p[:, 2], [1 / lean, 0, 0]))
    assert (support(mesh_of(wall), 45, 0.01, 0.01).volume > 100) == needs


def test_turning_about_z_changes_little() -> None:
    before, after = support(table(), 45, 1.5, 0.3).volume, support(turned_z(table(), 30).on_bed(), 45, 1.5, 0.3).volume
    assert after == pytest.approx(before, rel=0.08)
