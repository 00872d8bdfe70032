"""Pictures: lengths are right, bounds are seen, no word meets another, nothing in them needs a style sheet or can run."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from nordlotse.readiness.core.picture import WIDTH, Mark, Row, bars, lines_of, width_of
from nordlotse.readiness.core.radar import Axis, layout, radar

SVG = "{http://www.w3.org/2000/svg}"
OWN = ("Digitalisierung", "Vernetzte Geräte", "3D-Druck", "Industrie 4.0", "Geschäftsmodelle")
SIX = (
    "Strategie und Organisation",
    "Smarte Fabrik",
    "Smarte Abläufe",
    "Smarte Produkte",
    "Datenbasierte Dienste",
    "Beschäftigte",
)
words = st.text("abcdefghijklmnopqrstuvwxyzäöüßABCMÖ-&<>\"' ", min_size=1, max_size=70).filter(str.strip)
shares = st.floats(0, 1)


def _read(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - we drew it


def _axes(labels: tuple[str, ...] | list[str]) -> list[Axis]:
    return [Axis(label, 0.4, 0.6) for label in labels]


def _rects(svg: str, name: str) -> list[ET.Element]:
    return [r for r in _read(svg).iter(f"{SVG}rect") if name in r.get("class", "").split()]


def test_a_bar_is_as_long_as_its_share_of_the_track() -> None:
    made = bars([Row("Fabrik", (Mark("own", 0.25, 0.25, "25"),))], "Balken")
    track, own = _rects(made, "picture__track")[0], _rects(made, "picture__own")[0]
    assert float(own.get("width", "")) / float(track.get("width", "")) == 0.25
    assert not _rects(made, "picture__possible")


def test_what_is_only_possible_begins_where_what_is_sure_ends() -> None:
    made = bars([Row("Fabrik", (Mark("own", 0.25, 0.75, "25 – 75"),))], "Balken")
    sure, possible = _rects(made, "picture__own")
    assert "picture__possible" in possible.get("class", "")
    assert float(possible.get("x", "")) == float(sure.get("width", ""))
    assert float(possible.get("width", "")) == 2 * float(sure.get("width", ""))


def test_what_is_possible_differs_by_more_than_colour() -> None:
    made = bars([Row("Fabrik", (Mark("own", 0.25, 0.75, "25 – 75"),))], "Balken")
    assert _rects(made, "picture__possible")[0].get("stroke-dasharray")


def test_a_row_that_does_not_apply_says_so_instead_of_showing_nothing() -> None:
    made = bars([Row("3D-Druck", (), "trifft nicht zu")], "Balken")
    assert "trifft nicht zu" in "".join(_read(made).itertext())
    assert not _rects(made, "picture__track")


@given(labels=st.lists(words, min_size=1, max_size=7), low=shares, high=shares)
def test_no_line_of_bars_leaves_the_drawing_and_no_two_texts_meet(labels: list[str], low: float, high: float) -> None:
    mark = Mark("own", min(low, high), max(low, high), "12,5 – 40,0")
    made = _read(bars([Row(label, (mark, mark)) for label in labels], "Balken", legend={"own": "Ihr Betrieb"}))
    _, _, _, bottom = (float(v) for v in made.get("viewBox", "").split())
    boxes = []
    for text in made.iter(f"{SVG}text"):
        wide, x, y = width_of(text.text or ""), float(text.get("x", "")), float(text.get("y", ""))
        left = x - wide if text.get("text-anchor") == "end" else x
        assert left >= -8
        assert left + wide <= WIDTH + 8
        assert 0 <= y <= bottom - 8
        boxes.append((left, y - 10, left + wide, y + 2))
    for a, b in combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_the_five_topics_and_the_six_dimensions_stand_at_the_radar_in_words() -> None:
    assert layout(OWN).words
    assert layout(SIX).words


def test_labels_too_long_for_the_radar_become_numbers() -> None:
    long = ("A", "B", "Digitalisierungsverantwortungszuständigkeitsregelung", "D")
    assert not layout(long).words
    said = [t.text for t in _read(radar(_axes(long), "Netz", rings=5)).iter(f"{SVG}text")]
    assert said == ["1", "2", "3", "4"]


@given(labels=st.lists(words, min_size=3, max_size=12))
def test_no_label_of_a_radar_meets_another_or_leaves_the_drawing(labels: list[str]) -> None:
    boxes = layout(tuple(labels)).boxes
    assert not any(a.meets(b) for a, b in combinations(boxes, 2))
    assert all(b.left >= -WIDTH / 2 - 8 and b.right <= WIDTH / 2 + 8 for b in boxes)


def test_two_areas_make_no_radar() -> None:
    assert radar(_axes(("A", "B")), "Netz", rings=5) == ""


def test_the_corners_of_the_radar_lie_at_their_share_of_the_radius() -> None:
    made = _read(radar([Axis("A", 0.5, 0.5), Axis("B", 1, 1), Axis("C", 0, 0)], "Netz", rings=2))
    grid, area = (
        [[float(n) for n in p.split(",")] for p in next(e for e in made.iter(f"{SVG}polygon") if name in e.get("class", "")).get("points", "").split()]
        for name in ("picture__grid", "picture__area")
    )  # fmt: skip
    middle = [sum(c) / 3 for c in zip(*grid, strict=True)]
    far = [math.dist(p, middle) for p in area]
    assert [round(f / far[1], 1) for f in far] == [0.5, 1.0, 0.0]


def test_a_second_line_with_a_hole_is_not_drawn() -> None:
    axes = [Axis("A", 0.5, 0.5, 0.2), Axis("B", 1, 1, None), Axis("C", 0, 0, 0.3)]
    assert "picture__outline" not in radar(axes, "Netz", rings=2, legend={"published": "veröffentlicht"})
    whole = [Axis(a.label, a.lower, a.upper, 0.2) for a in axes]
    assert "picture__outline" in radar(whole, "Netz", rings=2, legend={"published": "veröffentlicht"})


@given(label=words)
def test_words_of_a_model_are_words_in_the_picture_and_never_markup(label: str) -> None:
    for made in (
        bars([Row(label, (Mark("own", 0.1, 0.2, label[:13]),))], label),
        radar(_axes([label] * 3), label, rings=2),
    ):
        assert _read(made).get("aria-label") == label
        assert {e.tag.removeprefix(SVG) for e in _read(made).iter()} <= {"svg", "rect", "text", "line", "polygon"}


def test_pictures_need_no_style_attribute_and_say_what_they_are() -> None:
    for made in (
        bars([Row("A", (Mark("own", 0.1, 0.2, "1"),))], "Balken", ground=True),
        radar(_axes(SIX), "Netz", rings=5),
    ):
        assert not re.search(r"style=|<style|<script|href|url\(", made)
        assert _read(made).get("role") == "img"
        assert _read(made).get("aria-label")


def test_a_word_wider_than_its_room_is_divided_with_a_hyphen() -> None:
    lines = lines_of("Digitalisierungsverantwortungszuständigkeit", 100)
    assert all(width_of(line) <= 110 for line in lines)
    assert "".join(line.rstrip("\u2010") for line in lines) == "Digitalisierungsverantwortungszuständigkeit"
