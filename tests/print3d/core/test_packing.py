"""Several parts in one chamber: places, shares, costs, and the drawings."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET

import pytest

from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.chamber import above, front, saw
from nordlotse.print3d.core.packing import MOST, Packing, Wanted, pack
from nordlotse.print3d.core.parcel import packed, unpacked
from nordlotse.print3d.core.repair import as_stl
from tests.print3d.core.solids import box, bracket


@pytest.fixture(scope="module")
def made() -> Packing:
    """Two kinds of parts and one that is too large."""
    return pack(
        [
            Wanted("klotz.stl", as_stl(box(60, 40, 20)), 12),
            Wanted("winkel.stl", as_stl(bracket()), 5),
            Wanted("riese.stl", as_stl(box(900, 20, 20)), 1),
        ],
        "sls",
    )


def test_every_piece_of_what_fits_has_a_place_inside_the_chamber(made: Packing) -> None:
    counts = [sum(one.part == k for one in made.placed) for k in range(3)]
    assert counts == [12, 5, 0]
    for one in made.placed:
        assert all(c >= -1e-9 for c in one.corner)
        assert all(c + s <= side + 1e-6 for c, s, side in zip(one.corner, one.size, made.chamber, strict=True))


def test_blocks_keep_their_gap(made: Packing) -> None:
    blocks = [one for one in made.placed if one.part == 0]
    for a, b in itertools.combinations(blocks, 2):
        apart = [max(a.corner[k] - b.corner[k] - b.size[k], b.corner[k] - a.corner[k] - a.size[k]) for k in range(3)]
        assert a.build != b.build or max(apart) >= made.gap - 1e-6


def test_the_share_used_is_part_volume_over_filled_space(made: Packing) -> None:
    volume = sum(made.parts[one.part].volume for one in made.placed)
    filled = sum(made.heights) * made.chamber[0] * made.chamber[1]
    assert made.density == pytest.approx(volume / filled)


def test_what_does_not_fit_is_told_in_its_place_and_leaves_the_others_alone(made: Packing) -> None:
    assert "größer als der Bauraum" in made.parts[2].problem.de
    assert not made.parts[2].curve
    assert [part.problem.de for part in made.parts[:2]] == ["", ""]


def test_a_piece_that_shares_the_chamber_costs_less_than_one_ordered_alone(made: Packing) -> None:
    for part in made.parts[:2]:
        assert 0 < part.here < part.alone


def test_the_curve_jumps_up_after_a_full_row_and_holds_the_cost_of_a_full_layer(made: Packing) -> None:
    part = made.parts[0]
    curve = dict(part.curve)
    assert part.row is not None and part.layer is not None
    assert curve[part.layer.quantity] == pytest.approx(part.layer.cost, abs=1e-3)
    assert curve[part.layer.quantity + 1] > curve[part.layer.quantity]


def test_a_file_that_cannot_be_read_is_told_and_the_rest_is_packed() -> None:
    found = pack([Wanted("a.stl", as_stl(box(20, 20, 20)), 1), Wanted("b.stl", b"hallo", 1)], "mjf")
    assert [bool(part.problem.de) for part in found.parts] == [False, True]
    assert len(found.placed) == 1


@pytest.mark.parametrize(
    ("wanted", "process", "code"),
    [
        ([Wanted("a.stl", b"", MOST + 1)], "sls", "pack_many"),
        ([Wanted("a.stl", b"", 1)] * 61, "sls", "pack_many"),
        ([Wanted("a.stl", b"x", 1)], "fdm", "pack_process"),
        ([Wanted("a.stl", b"x", 1)], "sls", "pack_nothing"),
        ([], "sls", "pack_nothing"),
    ],
    ids=["pieces", "kinds", "process", "unreadable", "none"],
)
def test_a_packing_that_is_none_is_refused(wanted: list[Wanted], process: str, code: str) -> None:
    with pytest.raises(BadInput) as told:
        pack(wanted, process)
    assert told.value.code == code


def test_a_packing_comes_whole_through_the_childs_door(made: Packing) -> None:
    assert unpacked(packed(made)[0], []) == made


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_drawings_are_sound_and_show_every_piece_of_the_build(made: Packing, lang: str) -> None:
    inside = [one for one in made.placed if one.build == 0]
    for drawn in (front(made, 0, lang), above(made, 0, lang)):  # type: ignore[arg-type]
        tree = ET.fromstring(drawn)  # noqa: S314 - our own drawing
        rects = tree.findall("{http://www.w3.org/2000/svg}rect")
        assert len(rects) == len(inside) + 2  # the paper and the chamber
        assert tree.get("role") == "img"
        assert "style" not in drawn


def test_a_drawing_escapes_the_names_it_is_given(made: Packing) -> None:
    part = pack([Wanted('<b>&"x".stl', as_stl(box(20, 20, 20)), 1)], "sls").parts[0]
    drawn = saw(part, "de")
    assert ET.fromstring(drawn).get("aria-label", "").endswith('<b>&"x".stl')  # noqa: S314 - our own drawing
    assert "<b>" not in drawn


def test_the_saw_is_drawn_within_its_frame(made: Packing) -> None:
    for part in made.parts[:2]:
        tree = ET.fromstring(saw(part, "de"))  # noqa: S314 - our own drawing
        line = tree.find("{http://www.w3.org/2000/svg}polyline")
        assert line is not None
        points = [tuple(map(float, pair.split(","))) for pair in str(line.get("points")).split()]
        _, _, wide, high = map(float, str(tree.get("viewBox")).split())
        assert len(points) > 10
        assert all(0 <= x <= wide and 0 <= y <= high for x, y in points)
        assert [x for x, _ in points] == sorted(x for x, _ in points)
