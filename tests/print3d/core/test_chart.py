"""The chart of costs: what it draws, that no words meet, and that it is safe."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from nordlotse.print3d.core.chart import Mark, Scale, chart, crossing
from nordlotse.print3d.core.comparison import TODAY, Curve

_STEPS = (1, 2, 5, 10, 100, 1_000, 10_000)
_TODAY = Curve(TODAY, True, _STEPS, (12.5,) * 7, (12.5,) * 7, (12.5,) * 7)
_FDM = Curve("fdm", True, _STEPS, (20, 12, 7, 5, 4, 4, 4), (30, 18, 11, 8, 6, 6, 6), (45, 27, 16, 12, 9, 9, 9))
_MOULD = Curve(
    "moulding",
    False,
    _STEPS,
    (5_000, 2_500, 1_000, 500, 50, 6, 1),
    (9_000, 4_500, 1_800, 900, 90, 9, 2),
    (15_000, 7_500, 3_000, 1_500, 150, 16, 4),
)
_NAMES = {TODAY: "heute", "fdm": "FDM", "moulding": "Spritzguss"}


def _drawn(**more: object) -> ElementTree.Element:
    given = {"strong": "fdm", **more}
    return ElementTree.fromstring(chart([_TODAY, _FDM, _MOULD], _NAMES, 20, "Kosten", "de", **given))  # type: ignore[arg-type]  # noqa: S314 - our own text


def _all(root: ElementTree.Element, tag: str, kind: str) -> list[ElementTree.Element]:
    return [one for one in root.iter(f"{{http://www.w3.org/2000/svg}}{tag}") if kind in one.get("class", "").split()]


def test_a_way_whose_error_was_not_measured_is_dashed_and_a_measured_one_is_not() -> None:
    dashed = {line.get("class"): line.get("stroke-dasharray") for line in _all(_drawn(), "polyline", "chart__line")}
    assert dashed["chart__line chart__fdm"] is None
    assert dashed["chart__line chart__line--guide chart__moulding"]


def test_every_range_has_a_band_and_a_known_price_has_none() -> None:
    bands = [one.get("class", "") for one in _all(_drawn(), "polygon", "chart__band")]
    assert bands == ["chart__band chart__moulding", "chart__band chart__fdm"]


def test_the_way_it_is_about_is_drawn_last_and_thickest() -> None:
    lines = _all(_drawn(), "polyline", "chart__line")
    assert "chart__fdm" in lines[-1].get("class", "")
    assert float(lines[-1].get("stroke-width", 0)) == max(float(line.get("stroke-width", 0)) for line in lines)


def test_the_chart_has_a_name_for_whoever_does_not_see_it() -> None:
    root = _drawn()
    assert root.get("role") == "img"
    assert root.get("aria-label") == "Kosten"


def test_words_of_a_stranger_cannot_leave_their_place() -> None:
    names = {**_NAMES, TODAY: '<script>"&'}
    said = chart([_TODAY], names, 20, '"><script>', "de")
    assert "<script>" not in said
    assert ElementTree.fromstring(said) is not None  # noqa: S314 - our own text


@pytest.mark.parametrize("size", ["narrow", "wide"])
def test_everything_lies_within_the_drawing(size: str) -> None:
    root = _drawn(size=size, marks=[Mark(1_000, 6, "1.000")])
    _, _, width, height = (float(n) for n in root.get("viewBox", "").split())
    for one in root.iter():
        for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", one.get("points", "")):
            assert 0 <= float(x) <= width
            assert 0 <= float(y) <= height


def test_the_names_at_the_lines_ends_do_not_meet() -> None:
    near = Curve("sla", False, _STEPS, (3,) * 7, (6.1,) * 7, (9,) * 7)
    root = ElementTree.fromstring(chart([_FDM, near, _MOULD], {**_NAMES, "sla": "SLA"}, 20, "K", "de"))  # noqa: S314 - our own text
    at = sorted(float(t.get("y", 0)) for t in _all(root, "text", "chart__text") if float(t.get("x", 0)) > 590)
    assert len(at) == 3
    assert all(below - above >= 16 for above, below in pairwise(at))


def test_both_axes_are_logarithmic() -> None:
    scale = Scale(0, 0, 300, 200, 1_000, 1, 100)
    assert [round(scale.x(n)) for n in (1, 10, 100, 1_000)] == [0, 100, 200, 300]
    assert [round(scale.y(c)) for c in (1, 10, 100)] == [200, 100, 0]


def test_a_cost_beyond_the_chart_stays_at_its_border() -> None:
    scale = Scale(0, 0, 300, 200, 1_000, 1, 100)
    assert (scale.y(1_000_000), scale.y(0.0001)) == (0, 200)


def test_german_charts_write_german_numbers_and_english_ones_english() -> None:
    german = chart([_FDM, _MOULD], _NAMES, 2_000, "K", "de")
    english = chart([_FDM, _MOULD], _NAMES, 2_000, "K", "en")
    assert "2.000 Stück" in german
    assert "2,000 pieces" in english


def test_a_break_even_is_marked_with_its_number() -> None:
    root = _drawn(marks=[Mark(1_234, 6, "1.234")])
    assert len(_all(root, "circle", "chart__mark")) == 1
    assert any(text.text == "1.234" for text in _all(root, "text", "chart__text"))


def test_the_cost_between_two_points_of_a_curve_lies_between_them() -> None:
    assert crossing([_FDM], "fdm", 5) == 11
    assert 8 < crossing([_FDM], "fdm", 7) < 11
    assert crossing([_FDM], "sls", 7) == 0


def test_without_curves_there_is_no_chart() -> None:
    assert chart([], {}, 1, "K", "de") == ""
