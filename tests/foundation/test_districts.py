"""Districts: all there, one tile each, near on the map when near on the ground, found by what people type."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.foundation.districts import KINDS, by_key, centre, distance_km, districts, find, name_of, towns
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.region import State

KEYS = st.sampled_from([d.key for d in districts()])


def test_every_state_has_all_its_districts() -> None:
    assert Counter((d.state, d.kind) for d in districts()) == {
        (State.HH, "borough"): 7,
        (State.SH, "district"): 11,
        (State.SH, "city"): 4,
        (State.MV, "district"): 6,
        (State.MV, "city"): 2,
    }
    assert {d.kind for d in districts()} == set(KINDS)


def test_a_key_begins_with_the_number_of_its_state() -> None:
    starts = {State.HH: "02", State.SH: "01", State.MV: "13"}
    assert all(len(d.key) == 5 and d.key.startswith(starts[d.state]) for d in districts())
    assert len(by_key()) == len(districts())


def test_no_two_districts_share_a_tile() -> None:
    assert len({(d.row, d.column) for d in districts()}) == len(districts())


def test_tiles_lie_as_the_districts_do() -> None:
    """Of two districts more than half a degree apart, the northern one is never below, the western never right."""
    for a in districts():
        for b in districts():
            if a.lat - b.lat > 0.5:
                assert a.row <= b.row, (a.name, b.name)
            if b.lon - a.lon > 0.8:
                assert a.column <= b.column, (a.name, b.name)


def test_who_touches_on_the_map_is_near_on_the_ground() -> None:
    touching = [
        distance_km(a.key, b.key)
        for a in districts()
        for b in districts()
        if a is not b and max(abs(a.row - b.row), abs(a.column - b.column)) == 1
    ]
    assert max(touching) < 125  # the districts of Mecklenburg-Vorpommern are wide


@pytest.mark.parametrize(
    ("a", "b", "km", "within"),
    [
        ("01002", "13004", 116, 10),  # Kiel – Schwerin
        ("02101", "01003", 60, 10),  # Hamburg – Lübeck
        ("01001", "02104", 140, 12),  # Flensburg – Hamburg
        ("13003", "01002", 133, 12),  # Rostock – Kiel
        ("13004", "13003", 72, 10),  # Schwerin – Rostock
    ],
)
def test_distances_are_about_what_they_are(a: str, b: str, km: float, within: float) -> None:
    assert abs(distance_km(a, b) - km) <= within


@given(KEYS, KEYS)
def test_a_distance_is_the_same_both_ways_and_zero_only_at_home(a: str, b: str) -> None:
    assert distance_km(a, b) == distance_km(b, a)
    assert (distance_km(a, b) == 0) == (centre(a) == centre(b))


def test_a_state_stands_for_its_middle() -> None:
    assert distance_km("MV", "13072") < 60 < distance_km("MV", "01002")


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(BadInput) as caught:
        distance_km("01002", "09162")
    assert caught.value.where == "district"


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Husum", "01054"),
        (" husum ", "01054"),
        ("25813 Husum", "01054"),
        ("Luebeck", "01003"),
        ("Lübeck", "01003"),
        ("Hansestadt Lübeck", "01003"),
        ("Kreis Pinneberg", "01056"),
        ("Pinneberg", "01056"),
        ("Rostock", "13003"),
        ("Landkreis Rostock", "13072"),
        ("LK Rostock", "13072"),
        ("Hamburg-Harburg", "02107"),
        ("Hamburg Bergedorf", "02106"),
        ("Hamburg-Wilhelmsburg", "02101"),
        ("Sankt Peter-Ording", "01054"),
        ("Waren (Müritz)", "13071"),
        ("Rendsburg-Eckernförde", "01058"),
        ("Henstedt Ulzburg", "01060"),
        ("Schleswig", "01059"),
        ("13075", "13075"),
    ],
)
def test_a_town_or_district_is_found_as_people_write_it(written: str, key: str) -> None:
    found = find(written)
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize("unknown", ["", "Hamburg", "München", "99999", "Kreis", "\x00"])
def test_what_does_not_name_one_district_gives_none(unknown: str) -> None:
    assert find(unknown) is None


def test_every_town_leads_to_its_district() -> None:
    assert len(towns()) >= 150
    for place, key in towns():
        found = find(place)
        assert found is not None
        assert found.key == key, place


def test_a_name_is_told_by_its_key() -> None:
    assert name_of("01054") == "Nordfriesland"
    assert name_of("00000") == ""


@given(st.text(max_size=60))
def test_any_text_finds_a_district_or_none(text: str) -> None:
    assert find(text) is None or find(text) in districts()
