"""Counting on plain rows: companies once, sums that add up, months put together without counting anybody twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from operator import attrgetter

from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.foundation.sectors import section_of
from nordlotse.journey.core.counting import OF_PARTY, Cell, Report, Row, canonical, count, report, tally_from, union
from nordlotse.journey.core.tally import packed, unpacked

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


def naive(given_rows: list[Row]) -> Report:
    """Count by going through all rows anew for every single figure, as a person with a list and a pencil would."""
    last: dict[tuple[str, str], tuple[str, str]] = {}
    for row in given_rows:
        for name in OF_PARTY:
            if getattr(row, name):
                at = (who(row), name)
                last[at] = max(last.get(at, ("", "")), (row.day, getattr(row, name)))

    def known(row: Row, name: str) -> str:
        return last.get((who(row), name), ("", ""))[1]

    def cell(some: list[Row]) -> Cell:
        parties = {who(r) for r in some}
        return Cell(
            len({r.company for r in some} - {""}),
            len({r.contact for r in some} - {""}),
            sum(r.services for r in some),
            sum(r.participants for r in some),
            sum(r.minutes for r in some),
            len({p for p in parties if p[0] != "-"}),
        )

    def table(value_of: Callable[[Row], str]) -> dict[str, Cell]:
        return {v: cell([r for r in given_rows if value_of(r) == v]) for v in {value_of(r) for r in given_rows}}

    tables = {name: table(attrgetter(name)) for name in ("topic", "kind", "format", "partner")}
    tables |= {"state": table(lambda r: known(r, "state")), "size": table(lambda r: known(r, "size"))}
    tables["section"] = table(lambda r: section_of(known(r, "sector")))
    return Report(cell(given_rows), tables)


def who(row: Row) -> str:
    nobody = f"-{row.state}/{row.district}/{row.sector}/{row.size}"
    return f"c{row.company}" if row.company else f"p{row.contact}" if row.contact else nobody


@settings(max_examples=150)
@given(st.lists(rows, max_size=25))
def test_the_figures_are_those_of_somebody_who_counts_with_a_pencil(given_rows: list[Row]) -> None:
    made, expected = report(count(given_rows)), naive(given_rows)
    assert made.total == expected.total
    for name, cells in expected.tables.items():
        assert made.tables[name] == cells, name


@settings(max_examples=60)
@given(st.lists(rows, max_size=25))
def test_a_district_stands_once_under_its_state_and_loses_nobody(given_rows: list[Row]) -> None:
    made = report(count(given_rows))
    assert set(made.parent) == set(made.tables["district"])
    for state, cell in made.tables["state"].items():
        inside = [c for name, c in made.tables["district"].items() if made.parent[name] == state]
        assert sum(c.companies for c in inside) == cell.companies
        assert sum(c.services for c in inside) == cell.services


@settings(max_examples=60)
@given(st.lists(rows, max_size=25), st.integers(0, 3))
def test_months_can_be_put_together_in_any_grouping(given_rows: list[Row], cut: int) -> None:
    months = [count(r for r in given_rows if r.day[:7] == m) for m in ("2026-01", "2026-02", "2026-03")]
    assert union([union(months[:cut]), union(months[cut:])]) == union(months)


@settings(max_examples=60)
@given(st.lists(rows, max_size=25))
def test_a_packed_tally_is_the_same_to_the_byte(given_rows: list[Row]) -> None:
    tally = count(given_rows)
    assert canonical(unpacked(packed(tally)).as_dict()) == canonical(tally.as_dict())
    assert report(unpacked(packed(tally))) == report(tally)


def test_what_is_not_known_may_be_none_and_a_day_a_date() -> None:
    plain = (date(2026, 1, 5), "a", "", "HH", "", "25", "", "iot", "call", "phone", None, 1, 2, 30)
    written = Row("2026-01-05", "a", "", "HH", "", "25", "", "iot", "call", "phone", "", 1, 2, 30)
    assert count([plain]) == count([written])


def test_the_frozen_form_is_the_one_months_were_closed_with() -> None:
    """Written down by hand: a report of a month closed years ago must still be read, and come out the same."""
    made = count(
        [
            Row("2026-01-05", "b", "y", "HH", "02000", "62", "small", "iot", "call", "phone", "lab", 1, 1, 20),
            Row("2026-01-06", "a", "x", "SH", "", "", "", "iot", "visit", "on_site", "", 1, 2, 60),
            Row("2026-01-07", "", "x", kind="talk", participants=30, minutes=45),
            Row("2026-01-08", state="MV", kind="talk", participants=9, minutes=45),
        ]
    )
    assert canonical(made.as_dict()) == (
        '{"contacts":["x","y"],"parties":[["-MV///","MV","","","",1,9,45,[]],["ca","SH","","","",1,2,60,[0]],'
        '["cb","HH","02000","62","small",1,1,20,[1]],["px","","","","",1,30,45,[0]]],'
        '"values":{"format":{"":[2,39,90,[0,3],[0]],"on_site":[1,2,60,[1],[0]],"phone":[1,1,20,[2],[1]]},'
        '"kind":{"call":[1,1,20,[2],[1]],"talk":[2,39,90,[0,3],[0]],"visit":[1,2,60,[1],[0]]},'
        '"partner":{"":[3,41,150,[0,1,3],[0]],"lab":[1,1,20,[2],[1]]},'
        '"topic":{"":[2,39,90,[0,3],[0]],"iot":[2,3,80,[1,2],[0,1]]}}}'
    )
