"""Nobody can work out a small cell from what is published, even knowing how cells are hidden."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nordlotse.journey.core.counting import Cell, Report, Row, count, report
from nordlotse.journey.core.disclosure import THRESHOLD, Published, attendance, protect, safe_together, small
from nordlotse.journey.core.kinds import attended

STATES, SECTORS, SIZES, TOPICS = (
    ["HH", "SH", "MV"],
    ["25", "62", "10", "43"],
    ["micro", "small", "medium"],
    ["iot", "print3d", "funding"],
)
DISTRICTS = {"HH": ["02101", "02102"], "SH": ["01001", "01002", "01003"], "MV": ["13003"]}


@st.composite
def quarters(draw: st.DrawFn) -> list[Row]:
    """Rows of 1 to 40 companies of one quarter, each with one to three services."""
    made = []
    for n in range(draw(st.integers(1, 40))):
        state = draw(st.sampled_from(STATES))
        party = {
            "company": f"k{n}",
            "state": state,
            "district": draw(st.sampled_from(DISTRICTS[state])),
            "sector": draw(st.sampled_from(SECTORS)),
            "size": draw(st.sampled_from(SIZES)),
        }
        for _ in range(draw(st.integers(1, 3))):
            made.append(
                Row(
                    "2026-01-05",
                    **party,
                    topic=draw(st.sampled_from(TOPICS)),
                    kind=draw(st.sampled_from(["call", "visit", "workshop", "talk"])),
                    format="phone",
                    minutes=draw(st.integers(5, 240)),
                )
            )
    return made


def secret(n: int) -> str:
    return f"seed {n}"


@settings(max_examples=150, deadline=None)
@given(quarters(), st.integers(0, 3))
def test_no_small_cell_is_ever_shown(rows: list[Row], n: int) -> None:
    total, tables = protect(report(count(rows)), secret(n))
    assert total is None or not small(total)
    for published in tables.values():
        assert not [v for v, cell in published.open.items() if small(cell)]


def _sums(full: Report, published: Published, name: str, figure: str) -> int:
    """What an attacker gets by subtracting everything shown from the total."""
    return full.total.figure(figure) - sum(c.figure(figure) for c in published.open.values())


@settings(max_examples=150, deadline=None)
@given(quarters(), st.integers(0, 3))
def test_subtracting_what_is_shown_from_the_total_leaves_room_for_every_small_number(rows: list[Row], n: int) -> None:
    full = report(count(rows))
    total, tables = protect(full, secret(n))
    assume(total is not None)
    for name in ("state", "section", "size"):
        published = tables[name]
        if published.withheld or not published.hidden:
            continue
        left = _sums(full, published, name, "companies")
        # Every hidden cell holds at least one company, so the others leave it 1 … highest.
        highest = left - (len(published.hidden) - 1)
        assert highest >= THRESHOLD, (name, published)


@settings(max_examples=100, deadline=None)
@given(quarters())
def test_for_every_hidden_small_cell_there_is_another_world_that_publishes_the_same(rows: list[Row]) -> None:
    full = report(count(rows))
    total, tables = protect(full, secret(0))
    assume(total is not None)
    for name in ("state", "section", "size", "topic", "kind"):
        published, cells = tables[name], full.tables[name]
        for value in published.hidden:
            if not small(cells[value]):
                continue
            half = attended() if value in attended() else set(cells) - attended()
            told = name == "kind" and attendance(full) is not None
            partner = next(v for v in published.hidden if not small(cells[v]) and (not told or v in half))
            swapped = {**cells, value: cells[partner], partner: cells[value]}
            # The attendance and everything else together stay what they are.
            other = Report(full.total, {name: swapped}, events=full.events, others=full.others)
            # Some lot, which nobody outside knows, gives exactly this table in the other world as well.
            assert any(protect(other, secret(k))[1][name] == published for k in range(4000)), (name, value)


@settings(max_examples=80, deadline=None)
@given(quarters(), st.integers(0, 3))
def test_a_state_minus_its_open_districts_is_no_small_cell(rows: list[Row], n: int) -> None:
    full = report(count(rows))
    _, tables = protect(full, secret(n))
    for state, cell in tables["state"].open.items():
        inside = [v for v, s in full.parent.items() if s == state]
        shown = [v for v in inside if v in tables["district"].open]
        left = cell.units - sum(full.tables["district"][v].units for v in shown)
        assert left == 0 or left >= THRESHOLD


def _cell(units: int) -> Cell:
    return Cell(units, 0, units, units, units * 10, units)


def _table(**units: int) -> Report:
    cells = {v: _cell(n) for v, n in units.items()}
    return Report(_cell(sum(units.values())), {"state": cells})


def test_zero_is_shown_as_zero_and_a_lone_small_cell_takes_a_large_one_along() -> None:
    made = protect(_table(HH=20, SH=9, MV=2), "x")[1]["state"]
    assert "MV" in made.hidden
    assert len(made.hidden) == 2
    assert len(made.open) == 1


def test_a_table_of_small_cells_only_is_withheld() -> None:
    assert protect(_table(HH=4, SH=4, MV=4), "x")[1]["state"].withheld
    assert protect(_table(HH=9, SH=1), "x")[1]["state"].withheld


def test_a_period_with_four_companies_shows_nothing() -> None:
    total, tables = protect(_table(HH=4), "x")
    assert total is None
    assert tables["state"].withheld


def test_every_large_cell_is_drawn_by_some_lot() -> None:
    drawn = Counter(protect(_table(HH=30, SH=9, MV=2), f"{n}")[1]["state"].hidden for n in range(3000))
    assert set(drawn) == {("HH", "MV"), ("MV", "SH")}


def test_the_same_lot_hides_the_same_cells() -> None:
    assert protect(_table(HH=30, SH=9, MV=2), "x") == protect(_table(HH=30, SH=9, MV=2), "x")


def test_companies_of_two_quarters_together_are_not_told_where_they_would_narrow_a_hidden_cell() -> None:
    # Quarter 1 hides A (5) and B (1), together 6; in quarter 2 A is open with the same 5. Told "7 in all" (with C 1 …), B is 1.
    first = {"state": Published({"C": _cell(20)}, ("A", "B"), rest=(6, 6, 60))}
    second = {"state": Published({"A": _cell(5), "C": _cell(20)})}
    assert not safe_together(26, [first, second])
    assert safe_together(31, [first, second])


def test_a_cell_nobody_known_stands_behind_is_shown() -> None:
    full = Report(_cell(30), {"state": {"": replace(_cell(3), companies=0, units=0), "HH": _cell(30)}})
    assert protect(full, "x")[1]["state"].open[""].services == 3


@settings(max_examples=100, deadline=None)
@given(quarters())
def test_the_attendance_minus_its_open_types_is_no_small_cell(rows: list[Row]) -> None:
    full = report(count(rows))
    told = attendance(full)
    kinds = protect(full, secret(0))[1]["kind"]
    if told is None or kinds.withheld or "events/" in kinds.open:
        return
    left = {v for v in full.tables["kind"] if v in attended() and v not in kinds.open}
    held = report(count(r for r in rows if r.kind in left)).total
    assert held.companies == 0 or held.companies >= THRESHOLD


def test_attendance_counts_events_and_trainings_alone() -> None:
    rows = [
        Row("2026-01-05", company=f"k{n}", kind=k) for n in range(6) for k in ("workshop", "call", "answer", "visit")
    ]
    full = report(count(rows))
    assert (full.total.participants, full.events.participants, attendance(full)) == (24, 6, 6)


def test_attendance_of_three_companies_is_not_told() -> None:
    rows = [Row("2026-01-05", company=f"k{n}", kind="workshop" if n < 3 else "call") for n in range(20)]
    full = report(count(rows))
    assert attendance(full) is None
    assert protect(full, "x")[1]["kind"].withheld


def test_one_company_among_many_contacts_is_small() -> None:
    assert small(replace(_cell(20), companies=1))
    assert not small(replace(_cell(20), companies=0))


def test_districts_that_cannot_be_shown_are_one_row_that_says_what_the_state_says() -> None:
    cells = {"a": _cell(9), "b": _cell(2), "c": _cell(30)}
    states = {"HH": _cell(11), "SH": _cell(30)}
    full = Report(_cell(41), {"state": states, "district": cells}, {"a": "HH", "b": "HH", "c": "SH"})
    made = protect(full, "x")[1]["district"]
    assert made.open["HH/"] == states["HH"]
    assert set(made.open) == {"HH/", "c"}
    assert made.hidden == ()
