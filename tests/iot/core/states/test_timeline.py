"""Overlapping, contradicting, endless and reversed entries have one defined result."""

from __future__ import annotations

import itertools

from hypothesis import given as holds
from hypothesis import settings
from hypothesis import strategies as st

from nordlotse.iot.core.states.timeline import resolve
from nordlotse.iot.core.states.values import Entry, Rank, Span, State

entries = st.lists(
    st.builds(
        Entry,
        st.integers(-20, 120),
        st.none() | st.integers(-20, 120),
        st.sampled_from(State),
        st.sampled_from(["", "tool"]),
        st.sampled_from(Rank),
        st.integers(0, 3),
    ),
    max_size=12,
)


@settings(max_examples=200)
@holds(entries)
def test_every_moment_of_the_window_has_exactly_one_state(given: list[Entry]) -> None:
    spans = resolve(given, 0, 100).spans
    assert spans[0].begin == 0 and spans[-1].end == 100
    assert all(a.end == b.begin and a[2:] != b[2:] for a, b in itertools.pairwise(spans))


@settings(max_examples=100)
@holds(entries, st.randoms())
def test_the_order_of_the_entries_does_not_matter(given: list[Entry], random: object) -> None:
    mixed = sorted(given, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert resolve(given, 0, 100) == resolve(mixed, 0, 100)


@settings(max_examples=100)
@holds(entries)
def test_each_moment_belongs_to_the_strongest_entry_that_covers_it(given: list[Entry]) -> None:
    closed = [e for e in given if e.end is not None]
    spans = resolve(closed, 0, 100).spans
    for moment in range(0, 100, 7):
        said = next(s for s in spans if s.begin <= moment < s.end)
        over = [e for e in closed if e.begin <= moment < (e.end or 0)]
        if not over:
            assert said.state is State.UNKNOWN
        else:
            best = max((e.rank, e.arrived, max(e.begin, 0)) for e in over)
            chosen = [e for e in over if (e.rank, e.arrived, max(e.begin, 0)) == best]
            assert (said.state, said.reason) in {(e.state, e.reason) for e in chosen}


def codes(*given: Entry) -> list[str]:
    return [flag.code for flag in resolve(given, 0, 100).flags]


def test_a_person_beats_the_machine_and_the_machine_beats_a_rule() -> None:
    spans = resolve(
        [
            Entry(0, 100, State.PRODUCING),
            Entry(10, 50, State.FAULT, "jam", Rank.MACHINE),
            Entry(20, 30, State.SETUP, "mould", Rank.PERSON),
        ],
        0,
        100,
    ).spans
    assert spans == (
        Span(0, 10, State.PRODUCING),
        Span(10, 20, State.FAULT, "jam"),
        Span(20, 30, State.SETUP, "mould"),
        Span(30, 50, State.FAULT, "jam"),
        Span(50, 100, State.PRODUCING),
    )


def test_an_entry_without_end_lasts_until_the_next_one_and_says_so() -> None:
    found = resolve([Entry(0, None, State.IDLE), Entry(40, 100, State.PRODUCING)], 0, 100)
    assert found.spans == (Span(0, 40, State.IDLE), Span(40, 100, State.PRODUCING))
    assert [flag.code for flag in found.flags] == ["end_missing"]


def test_each_kind_of_bad_entry_gets_its_flag() -> None:
    whole = Entry(0, 100, State.PRODUCING)
    assert codes(whole) == []
    assert codes(whole, Entry(50, 40, State.IDLE)) == ["reversed"]
    assert codes(whole, Entry(50, 50, State.IDLE)) == ["empty"]
    assert codes(whole, Entry(200, 300, State.IDLE)) == ["outside"]
    assert codes(whole, Entry(50, 60, State.PRODUCING)) == ["overlap"]
    assert codes(whole, Entry(50, 60, State.OFF)) == ["contradiction"]
    assert codes(Entry(10, 100, State.OFF)) == ["no_data"]


def test_the_same_entry_twice_counts_once_without_a_flag() -> None:
    assert codes(Entry(0, 100, State.OFF), Entry(0, 100, State.OFF)) == []


def test_the_later_word_counts_within_a_rank() -> None:
    spans = resolve([Entry(0, 100, State.OFF, arrived=2), Entry(0, 100, State.IDLE, arrived=1)], 0, 100).spans
    assert spans == (Span(0, 100, State.OFF),)
