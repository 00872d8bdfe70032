"""Counting on plain rows: companies once, sums that add up, months put together without counting anybody twice."""

from __future__ import annotations

import json
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.journey.core.counting import OF_PARTY, Row, canonical, count, report, tally_from, union

keys = st.sampled_from(["", "a", "b", "c", "d"])
rows = st.builds(
    Row,
    day=st.dates(min_value=date(2026, 1, 1), max_value=date(2026, 3, 31)).map(str),
    company=keys,
    contact=keys,
    state=st.sampled_from(["", "HH", "SH"]),
    district=st.sampled_from(["", "02101", "01001"]),
    sector=st.sampled_from(["", "25", "62"]),
    size=st.sampled_from(["", "micro", "small"]),
    topic=st.sampled_from(["", "iot", "print3d"]),
    kind=st.sampled_from(["call", "visit"]),
    format=st.sampled_from(["phone", "on_site"]),
    partner=st.sampled_from(["", "labor"]),
    services=st.integers(1, 3),
    participants=st.integers(1, 30),
    minutes=st.integers(1, 300),
)


def test_a_company_with_many_services_counts_once() -> None:
    made = report(count([Row("2026-01-05", company="a"), Row("2026-01-07", company="a")]))
    assert (made.total.companies, made.total.services) == (1, 2)


def test_a_contact_counts_beside_the_company() -> None:
    made = report(count([Row("2026-01-05", company="a", contact="x"), Row("2026-01-05", contact="y")]))
    assert (made.total.companies, made.total.contacts, made.total.units) == (1, 2, 2)


def test_what_is_known_of_a_company_later_counts_for_the_whole_period() -> None:
    early, late = Row("2026-01-05", company="a"), Row("2026-02-05", company="a", state="HH", size="small")
    made = report(count([late, early]))
    assert dict(made.tables["state"]) == {"HH": made.total}
    assert list(made.tables["size"]) == ["small"]


def test_a_company_can_stand_under_two_topics_and_counts_once_in_all() -> None:
    made = report(count([Row("2026-01-05", company="a", topic="iot"), Row("2026-01-05", company="a", topic="print3d")]))
    assert [c.companies for c in made.tables["topic"].values()] == [1, 1]
    assert made.total.companies == 1


def test_a_division_counts_under_its_section() -> None:
    made = report(count([Row("2026-01-05", company="a", sector="25"), Row("2026-01-05", company="b", sector="28")]))
    assert made.tables["section"]["C"].companies == 2


@settings(max_examples=60)
@given(st.lists(rows, max_size=25))
def test_every_table_adds_up_to_the_total(given_rows: list[Row]) -> None:
    made = report(count(given_rows))
    for name, cells in made.tables.items():
        for figure in ("services", "participants", "minutes"):
            assert sum(c.figure(figure) for c in cells.values()) == made.total.figure(figure), (name, figure)
        if name in (*OF_PARTY, "section"):
            assert sum(c.companies for c in cells.values()) == made.total.companies, name


@settings(max_examples=60)
@given(st.lists(rows, max_size=25))
def test_months_put_together_are_the_same_as_counting_all_at_once(given_rows: list[Row]) -> None:
    months = [[r for r in given_rows if r.day[:7] == m] for m in ("2026-01", "2026-02", "2026-03")]
    assert report(union(count(m) for m in months)) == report(count(given_rows))


@settings(max_examples=60)
@given(st.lists(rows, max_size=25), st.randoms())
def test_the_order_of_rows_changes_no_byte(given_rows: list[Row], random: object) -> None:
    first = canonical(count(given_rows).as_dict())
    random.shuffle(given_rows)  # type: ignore[attr-defined]
    assert canonical(count(given_rows).as_dict()) == first


@settings(max_examples=60)
@given(st.lists(rows, max_size=25))
def test_a_tally_written_and_read_is_the_same(given_rows: list[Row]) -> None:
    tally = count(given_rows)
    assert tally_from(json.loads(canonical(tally.as_dict()))) == tally
