"""From states, parts and orders of a shift to elements; late data recompute exactly the shifts they reach."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given as holds
from hypothesis import settings
from hypothesis import strategies as st

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.oee.answer import answer
from nordlotse.iot.core.oee.document import read_document
from nordlotse.iot.core.oee.evaluate import evaluate
from nordlotse.iot.core.oee.values import Given
from nordlotse.iot.core.states.counters import Parts, parts_of
from nordlotse.iot.core.states.period import Observed, Order, Rejected, given_of
from nordlotse.iot.core.states.revising import revise
from nordlotse.iot.core.states.rules import Condition, Rule, Signal, by_rules
from nordlotse.iot.core.states.shifts import Worked
from nordlotse.iot.core.states.values import SECOND, Span, State, joined

MINUTE = 60 * SECOND
SHIFT = Worked("früh", date(2026, 11, 23), 0, 480 * MINUTE, ((180 * MINUTE, 210 * MINUTE),))


def spans(*rows: tuple[int, State] | tuple[int, State, str]) -> tuple[Span, ...]:
    made, at = [], 0
    for minutes, state, *reason in rows:
        made.append(Span(at, at + minutes * MINUTE, state, *reason))
        at += minutes * MINUTE
    return joined(made)


def pulses(count: int, begin: int, end: int) -> Parts:
    time = np.linspace(begin * MINUTE, end * MINUTE, count + 1).astype(np.int64)
    return parts_of(time, np.arange(count + 1, dtype=float))


def minutes(given: Given, name: str) -> Fraction:
    return given.elements[name] / 60


def test_a_shift_with_break_setup_and_stop_becomes_elements_stops_and_oee() -> None:
    states = spans(
        (30, State.SETUP), (150, State.PRODUCING), (30, State.IDLE), (40, State.FAULT, "jam"), (230, State.PRODUCING)
    )
    observed = Observed(
        "Säge",
        states,
        pulses(340, 30, 480),
        (Order("A1", "x", Fraction(60), 0),),
        (Rejected(100 * MINUTE, 17),),
        Fraction(60),
    )
    given = given_of(observed, SHIFT)
    assert {n: minutes(given, n) for n in ("POT", "PDOT", "PBT", "APT", "AUST", "ADET")} == {
        "POT": 480, "PDOT": 30, "PBT": 450, "APT": 380, "AUST": 30, "ADET": 40,
    }  # fmt: skip
    found = evaluate(given)
    assert found.value("oee") == Fraction(323, 450) and found.consistent
    assert [(s.reason, s.seconds) for s in given.stops] == [("jam", Fraction(2400))]


def test_running_through_a_break_counts_as_production_and_is_told() -> None:
    given = given_of(Observed("Säge", spans((480, State.PRODUCING))), SHIFT)
    assert (minutes(given, "APT"), minutes(given, "PBT"), minutes(given, "PDOT")) == tuple(map(Fraction, (480, 480, 0)))
    assert [flag.code for flag in given.notes] == ["ran_in_planned_stop"]


def test_time_without_data_is_left_out_and_told() -> None:
    given = given_of(Observed("Säge", spans((100, State.PRODUCING))), Worked("x", SHIFT.day, 0, 120 * MINUTE))
    assert (minutes(given, "POT"), minutes(given, "PBT")) == tuple(map(Fraction, (100, 100)))
    assert [(flag.code, flag.text.en) for flag in given.notes] == [("no_data", "20 minutes without data do not count.")]


def test_parts_of_two_orders_take_the_planned_time_of_their_order() -> None:
    orders = (Order("A1", "x", Fraction(60), 0, 240 * MINUTE), Order("A2", "y", Fraction(30), 240 * MINUTE))
    given = given_of(Observed("Säge", spans((480, State.PRODUCING)), pulses(480, 0, 480), orders), SHIFT)
    assert given.elements["PRI"] * given.elements["PQ"] == 240 * 60 + 240 * 30


def test_parts_outside_of_all_orders_are_told_and_give_no_effectiveness() -> None:
    orders = (Order("A1", "x", Fraction(60), 0, 240 * MINUTE),)
    found = evaluate(given_of(Observed("Säge", spans((480, State.PRODUCING)), pulses(480, 0, 480), orders), SHIFT))
    assert "parts_without_order" in {flag.code for flag in found.flags}
    assert found.value("effectiveness") is None and found.value("quality") == 1


rows = st.lists(st.tuples(st.integers(1, 200), st.sampled_from(State)), max_size=15)


@settings(max_examples=100)
@holds(rows)
def test_the_times_of_a_shift_add_up_whatever_the_states(given_rows: list[tuple[int, State]]) -> None:
    states = spans(*given_rows)
    given = given_of(Observed("Säge", states), SHIFT)
    e = given.elements
    assert e["POT"] == e["PDOT"] + e["APT"] + e["AUST"] + e["ADET"] + e["ADOT"]
    assert e["PBT"] == e["POT"] - e["PDOT"]
    unknown = sum(s.length for s in states if s.state is State.UNKNOWN and s.begin < SHIFT.end)
    assert e["POT"] * SECOND <= SHIFT.end - SHIFT.begin and (unknown or not states or e["POT"] > 0)
    assert sum((s.seconds for s in given.stops), Fraction()) == e["ADET"]


HOLD = 10 * MINUTE
RULES = [Rule(State.PRODUCING, (Condition("current", 5.0, 4.0),))]
SHIFTS = [Worked(f"s{n}", SHIFT.day, n * 60 * MINUTE, (n + 1) * 60 * MINUTE) for n in range(8)]


def compute(values: dict[int, float]) -> object:
    time = np.array(sorted(values), np.int64)
    signal = Signal(time, np.array([values[t] for t in sorted(values)]))

    def of(shift: Worked) -> Given:
        # only the stretch that may count is looked at, as for a store with years of data
        near = (signal.time >= shift.begin - HOLD) & (signal.time < shift.end)
        local = Signal(signal.time[near], signal.value[near])
        return given_of(
            Observed("Säge", by_rules({"current": local}, RULES, shift.begin, shift.end, longest_hold=HOLD)), shift
        )

    return of


data = st.dictionaries(st.integers(0, 8 * 60 - 1).map(lambda m: m * MINUTE), st.floats(0, 10), max_size=120)


@settings(max_examples=60, deadline=None)
@holds(data, data)
def test_recomputing_after_late_data_gives_what_computing_anew_would(
    first: dict[int, float], late: dict[int, float]
) -> None:
    begun = revise({}, SHIFTS, [], compute(first), 1, before=HOLD, after=0)  # type: ignore[arg-type]
    both = {**first, **late}
    changes = [(t, t) for t in late]
    later = revise(begun.results, SHIFTS, changes, compute(both), 2, before=HOLD, after=0)  # type: ignore[arg-type]
    anew = revise({}, SHIFTS, [], compute(both), 2, before=HOLD, after=0)  # type: ignore[arg-type]
    assert {k: r.given for k, r in later.results.items()} == {k: r.given for k, r in anew.results.items()}


def test_only_the_shifts_that_late_data_reach_are_computed_and_marked() -> None:
    values = {n * MINUTE: 6.0 for n in range(480)}
    begun = revise({}, SHIFTS, [], compute(values), 1, before=HOLD, after=0)  # type: ignore[arg-type]
    assert not any(r.revised for r in begun.results.values())
    at = 3 * 60 * MINUTE + 20 * MINUTE
    values[at] = 0.0
    later = revise(begun.results, SHIFTS, [(at, at)], compute(values), 2, before=HOLD, after=0)  # type: ignore[arg-type]
    assert later.computed == later.changed == (SHIFTS[3].begin,)
    assert [r.revision for r in later.results.values()] == [0, 0, 0, 1, 0, 0, 0, 0]
    assert later.results[0] is begun.results[0] and later.results[SHIFTS[3].begin].computed == 2


def test_late_data_that_change_nothing_do_not_mark_a_result_as_revised() -> None:
    values = {n * MINUTE: 6.0 for n in range(480)}
    begun = revise({}, SHIFTS, [], compute(values), 1, before=HOLD, after=0)  # type: ignore[arg-type]
    later = revise(begun.results, SHIFTS, [(MINUTE, MINUTE)], compute(values), 2, before=HOLD, after=0)  # type: ignore[arg-type]
    assert later.computed == (0,) and later.changed == () and not later.results[0].revised


def test_a_changed_calendar_is_computed_again() -> None:
    begun = revise({}, SHIFTS, [], compute({}), 1, before=HOLD, after=0)  # type: ignore[arg-type]
    longer = Worked("s0", SHIFT.day, 0, 50 * MINUTE)
    later = revise(begun.results, [longer, *SHIFTS[2:]], [], compute({}), 2, before=HOLD, after=0)  # type: ignore[arg-type]
    assert later.computed == (0,) and SHIFTS[1].begin not in later.results


LOG = {
    "machine": "Säge",
    "begin": "2026-11-23T06:00:00+01:00",
    "end": "2026-11-23T14:00:00+01:00",
    "PRI": "1 min",
    "PQ": 380,
    "GQ": 361,
    "states": [
        {"begin": "2026-11-23T06:00:00+01:00", "state": "producing"},
        {"begin": "2026-11-23T10:00:00+01:00", "end": "2026-11-23T10:30:00+01:00", "state": "planned_stop", "source": "calendar"},
        {"begin": "2026-11-23T12:00:00+01:00", "end": "2026-11-23T13:00:00+01:00", "state": "fault", "reason": "tool", "source": "person"},
        {"begin": "2026-11-23T13:00:00+01:00", "end": "2026-11-23T12:30:00+01:00", "state": "idle", "source": "machine"},
    ],
}  # fmt: skip


def test_a_log_of_states_in_a_file_is_answered_with_flags() -> None:
    found = answer(read_document(json.dumps(LOG).encode(), "a.json"))
    values = {name: e["value"] for name, e in found["total"]["elements"].items()}
    assert (values["PBT"], values["APT"]) == (450 * 60, 390 * 60)
    assert found["key_figures"]["oee"]["exact"] == str(Fraction(361, 450))
    assert {"end_missing", "reversed"} <= {flag["code"] for flag in found["flags"]}
    assert found["total"]["stops"][0]["reason"] == "tool"


@pytest.mark.parametrize(
    "change",
    [
        {"begin": None},
        {"begin": "2026-11-23T06:00:00"},
        {"end": "1850-01-01T00:00:00Z"},
        {"end": LOG["begin"]},
        {"states": {}},
        {"states": [3]},
        {"states": [{"begin": 0, "state": "dancing"}]},
        {"states": [{"begin": 0, "state": "idle", "colour": 1}]},
        {"states": [{"begin": 0, "state": "idle", "source": "god"}]},
        {"states": [{"state": "idle"}]},
        {"PBT": 3},
    ],
)
def test_a_broken_log_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadInput, match="oee_"):
        read_document(json.dumps(LOG | change).encode(), "a.json")
