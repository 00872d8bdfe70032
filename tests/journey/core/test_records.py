"""No line of a quarter's nameless list fits fewer than five companies, with tables, calendar and all at hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.journey.core.counting import Row, count, report
from nordlotse.journey.core.disclosure import THRESHOLD, Published, protect
from nordlotse.journey.core.records import COLUMNS, HIDDEN, Record, minutes_class, opened, shown

SECTION = {"25": "C", "62": "J", "43": "F", "": ""}
STATES, SECTORS, SIZES = ["HH", "SH", "MV", ""], list(SECTION), ["micro", "small", "medium", ""]
TOPICS, KINDS, PARTNERS = (
    ["iot", "print3d", "industrie40", ""],
    ["call", "visit", "workshop", "talk"],
    ["labor", "kammer", ""],
)


@st.composite
def quarters(draw: st.DrawFn) -> list[tuple[Row, str]]:
    """Services of 0 to 60 companies and a few contacts, with an outcome each; the calendar is whoever went to an event together."""
    pick = draw(st.randoms(use_true_random=False))
    made = []
    for n in range(draw(st.integers(0, 60))):
        named = pick.random() < 0.85
        company, contact = (f"k{n}", "") if named else ("", f"m{n}")
        state, sector, size = pick.choice(STATES), pick.choice(SECTORS), pick.choice(SIZES)
        for _ in range(pick.randint(1, 4)):
            row = Row(
                "2026-01-05",
                company=company,
                contact=contact,
                state=state,
                sector=sector,
                size=size,
                topic=pick.choice(TOPICS),
                kind=pick.choice(KINDS),
                format="on_site",
                partner=pick.choice(PARTNERS),
                minutes=pick.choice([10, 20, 45, 90, 150, 240]),
            )
            made.append((row, pick.choice(["none", "open", "solved"])))
    return made


def records_of(rows: list[tuple[Row, str]]) -> list[Record]:
    return [
        Record(
            f"c{r.company}" if r.company else f"p{r.contact}",
            r.state, SECTION[r.sector], r.size, r.topic, r.kind, r.minutes, outcome, r.partner,
        )
        for r, outcome in rows
    ]  # fmt: skip


def tables_of(rows: list[tuple[Row, str]], seed: str = "x") -> dict[str, Published]:
    return protect(report(count(row for row, _ in rows)), seed)[1]


def companies(records: list[Record]) -> int:
    return len({r.party for r in records if r.party.startswith("c")})


@settings(max_examples=150, deadline=None)
@given(quarters())
def test_every_line_is_shared_by_five_companies(rows: list[tuple[Row, str]]) -> None:
    """Against everything: the lines that look alike are those of five companies, whatever an attacker knows of one of them."""
    alike: dict[tuple[str, ...], list[Record]] = {}
    for record, line in shown(records_of(rows), tables_of(rows)):
        alike.setdefault(tuple(line.values()), []).append(record)
        assert all(value in (HIDDEN, record.mark(name)) for name, value in line.items())
    assert all(companies(group) >= THRESHOLD for group in alike.values())


@settings(max_examples=60, deadline=None)
@given(quarters())
def test_whatever_combination_of_marks_is_looked_for_fits_five_companies_or_none(rows: list[tuple[Row, str]]) -> None:
    """Any two or three columns of the list, put together: whoever has the records counts at least five companies in each."""
    lines = shown(records_of(rows), tables_of(rows))
    for names in (*combinations(COLUMNS, 2), *combinations(COLUMNS, 3)):
        held: dict[tuple[str, ...], list[Record]] = {}
        for record, line in lines:
            held.setdefault(tuple(line[n] for n in names), []).append(record)
        assert all(companies(group) >= THRESHOLD for group in held.values()), names


@settings(max_examples=100, deadline=None)
@given(quarters())
def test_the_calendar_tells_no_hidden_topic(rows: list[tuple[Row, str]]) -> None:
    """Type and length of a service lead to the event in the public calendar, and the event to its topic: both stand beside it only."""
    for _, line in shown(records_of(rows), tables_of(rows)):
        if line["topic"] == HIDDEN:
            assert line["kind"] == line["minutes"] == HIDDEN
        if line["kind"] == HIDDEN:
            assert line["minutes"] == HIDDEN


@settings(max_examples=100, deadline=None)
@given(quarters())
def test_no_line_carries_a_mark_whose_figure_is_hidden(rows: list[tuple[Row, str]]) -> None:
    tables = tables_of(rows)
    for _, line in shown(records_of(rows), tables):
        for name, value in line.items():
            if value != HIDDEN and name in tables:
                assert not tables[name].withheld
                assert value in tables[name].open


@settings(max_examples=60, deadline=None)
@given(quarters())
def test_two_hidden_values_that_swap_their_places_leave_the_list_as_it_is(rows: list[tuple[Row, str]]) -> None:
    """So the list tells nothing about which of two hidden rows is the small one, nor how small it is."""
    tables, records = tables_of(rows), records_of(rows)
    for name in ("state", "section", "size", "topic", "kind", "partner"):
        for one, two in combinations(tables[name].hidden, 2):
            swap = {one: two, two: one}
            swapped = [replace(r, **{name: swap.get(getattr(r, name), getattr(r, name))}) for r in records]
            assert opened(swapped, tables) == opened(records, tables)


@settings(max_examples=60, deadline=None)
@given(quarters())
def test_opening_a_figure_shows_lines_of_the_list_and_no_others(rows: list[tuple[Row, str]]) -> None:
    tables, records = tables_of(rows), records_of(rows)
    everything = opened(records, tables)
    for name in ("state", "section", "size", "topic", "kind", "partner"):
        for value in {getattr(r, name) for r in records}:
            lines = opened(records, tables, name, value)
            assert lines == [line for line in everything if line[name] == value]
            if value in tables[name].hidden:
                assert lines == []
    assert opened(records, tables, "district", "02101") == []


@settings(max_examples=60, deadline=None)
@given(quarters())
def test_the_list_holds_every_service_or_is_empty(rows: list[tuple[Row, str]]) -> None:
    made = opened(records_of(rows), tables_of(rows))
    assert len(made) == (len(rows) if companies(records_of(rows)) >= THRESHOLD else 0)


@settings(max_examples=40, deadline=None)
@given(quarters(), st.randoms())
def test_the_order_of_services_changes_no_line(rows: list[tuple[Row, str]], random: object) -> None:
    records, tables = records_of(rows), tables_of(rows)
    first = opened(records, tables)
    random.shuffle(records)  # type: ignore[attr-defined]
    assert opened(records, tables) == first


@pytest.mark.parametrize(
    ("minutes", "key"), [(1, "0-15"), (15, "0-15"), (16, "16-30"), (120, "61-120"), (121, "121-"), (4320, "121-")]
)
def test_minutes_are_told_as_classes(minutes: int, key: str) -> None:
    assert minutes_class(minutes) == key


def test_five_alike_companies_show_everything_there_is() -> None:
    rows = [
        (Row("2026-01-05", company=f"k{n}", state="HH", sector="25", size="micro", topic="iot", kind="call", format="phone", minutes=20), "none")
        for n in range(5)
    ]  # fmt: skip
    line = opened(records_of(rows), tables_of(rows))[0]
    assert {n: line[n] for n in ("state", "section", "size", "topic", "kind", "minutes", "outcome")} == {
        "state": "HH", "section": "C", "size": "micro", "topic": "iot", "kind": "call", "minutes": "16-30", "outcome": "none",
    }  # fmt: skip
