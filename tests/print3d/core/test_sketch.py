"""The small drawing of a part: what is seen, where the marks stand, and that it stays small."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
import trimesh

from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.sketch import CELLS, sketch

_SVG = "{http://www.w3.org/2000/svg}"


def box(size: tuple[float, float, float] = (40.0, 30.0, 20.0)) -> Mesh:
    """Return a box with a corner at the origin."""
    made = trimesh.creation.box(size)
    made.apply_translation(np.array(size) / 2)
    return Mesh(np.asarray(made.vertices, float), np.asarray(made.faces, np.int32))


def drawn(mesh: Mesh, places: dict[int, tuple[float, float, float]] | None = None) -> ElementTree.Element:
    """Return the drawing of a mesh, parsed."""
    return ElementTree.fromstring(sketch(mesh.vertices, mesh.faces, places or {}, "Teil"))  # noqa: S314 - our own


def strokes(svg: ElementTree.Element) -> list[tuple[int, int, int]]:
    """Return all strokes as x, y, length."""
    data = "".join(path.get("d", "") for path in svg.iter(f"{_SVG}path"))
    return [(int(x), int(y), int(n)) for x, y, n in re.findall(r"M(\d+) (\d+)h(\d+)", data)]


def marks(svg: ElementTree.Element) -> dict[str, ElementTree.Element]:
    """Return the circles of the marks by their numbers."""
    numbers = [text.text or "" for text in svg.iter(f"{_SVG}text")]
    return dict(zip(numbers, svg.iter(f"{_SVG}circle"), strict=True))


def test_a_box_fills_what_its_outline_encloses() -> None:
    found = strokes(drawn(box((10.0, 10.0, 10.0))))
    inside = sum(n for _, _, n in found)
    rows: dict[int, list[tuple[int, int]]] = {}
    for x, y, n in found:
        rows.setdefault(y, []).append((x, x + n))
    wide = sum(max(b for _, b in row) - min(a for a, _ in row) for row in rows.values())
    assert inside == wide  # a convex part has no gap in any row
    assert len(rows) > CELLS / 2


def test_three_sides_of_a_box_differ_in_tone() -> None:
    colours = {path.get("stroke") for path in drawn(box()).iter(f"{_SVG}path")}
    assert len(colours) == 4  # three sides and the line around


def test_a_hole_is_seen_through() -> None:
    ring = trimesh.creation.annulus(r_min=10, r_max=20, height=2)
    mesh = Mesh(np.asarray(ring.vertices, float), np.asarray(ring.faces, np.int32))
    rows: dict[int, list[tuple[int, int]]] = {}
    for x, y, n in strokes(drawn(mesh)):
        rows.setdefault(y, []).append((x, x + n))
    gaps = [max(b for _, b in r) - min(a for a, _ in r) - sum(b - a for a, b in r) for r in rows.values()]
    assert max(gaps) > CELLS / 4


def test_a_mark_in_front_is_filled_and_one_behind_is_hollow() -> None:
    found = marks(drawn(box(), {3: (40.0, 0.0, 20.0), 7: (0.0, 30.0, 0.0)}))
    assert found["3"].get("stroke-dasharray") is None
    assert found["7"].get("stroke-dasharray")


def test_a_mark_stands_where_its_place_is_seen() -> None:
    svg = drawn(box(), {1: (40.0, 0.0, 20.0), 2: (40.0, 0.0, 0.0)})
    found = marks(svg)
    above, below = (float(found[n].get("cy", "")) for n in "12")
    assert float(found["1"].get("cx", "")) == pytest.approx(float(found["2"].get("cx", "")), abs=0.1)
    assert below > above


def test_where_the_part_lies_in_its_coordinates_changes_nothing() -> None:
    mesh = box()
    far = Mesh(mesh.vertices + np.array([1000.0, -500.0, 70.0]), mesh.faces)
    assert strokes(drawn(mesh)) == strokes(drawn(far))


def test_long_thin_triangles_cost_little_and_leave_no_gap() -> None:
    slivers = Mesh(
        np.array([[0, 0, 0], [100, 0, 0], *([[x, 0.01, 10.0] for x in np.linspace(0, 100, 400)])], float),
        np.array([[0, 1, n] for n in range(2, 402)], np.int32),
    )
    assert len(sketch(slivers.vertices, slivers.faces, {}, "x")) < 40_000


def test_a_part_of_many_triangles_stays_a_small_drawing() -> None:
    ball = trimesh.creation.icosphere(subdivisions=6)
    assert len(ball.faces) > 80_000
    assert len(sketch(np.asarray(ball.vertices), np.asarray(ball.faces, np.int32), {}, "x")) < 30_000


def test_nothing_gives_no_drawing() -> None:
    assert sketch(np.zeros((0, 3)), np.zeros((0, 3), np.int32), {}, "x") == ""


def test_numbers_that_are_none_give_no_drawing() -> None:
    mesh = box()
    broken = mesh.vertices.copy()
    broken[0, 0] = np.nan
    assert sketch(broken, mesh.faces, {}, "x") == ""


def test_the_title_cannot_break_out() -> None:
    mesh = box()
    text = sketch(mesh.vertices, mesh.faces, {}, '</title><script>alert("x")</script>')
    assert "<script" not in text
    assert ElementTree.fromstring(text).find(f"{_SVG}title") is not None  # noqa: S314 - our own
