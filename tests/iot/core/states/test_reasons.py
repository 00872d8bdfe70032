"""Reasons of people over the states of signals."""

from __future__ import annotations

from hypothesis import given as holds
from hypothesis import settings
from hypothesis import strategies as st

from nordlotse.iot.core.states.reasons import Said, shipped_reasons, with_reasons
from nordlotse.iot.core.states.values import Span, State, cut

SPANS = (Span(0, 40, State.PRODUCING), Span(40, 70, State.IDLE), Span(70, 100, State.PRODUCING))
words = st.lists(
    st.builds(
        Said,
        st.integers(-10, 110),
        st.integers(-10, 110),
        st.sampled_from("ab"),
        st.just(State.FAULT),
        st.integers(0, 5),
    ),
    max_size=6,
)


def test_a_reason_colours_the_stop_and_leaves_production_alone() -> None:
    found = with_reasons(SPANS, [Said(30, 80, "tool", State.FAULT)])
    assert found == (SPANS[0], Span(40, 70, State.FAULT, "tool"), SPANS[2])


def test_a_part_of_a_stop_may_have_its_own_reason_and_the_later_word_counts() -> None:
    found = with_reasons(SPANS, [Said(50, 60, "setup", State.SETUP, 2), Said(40, 70, "tool", State.FAULT, 1)])
    assert [(s.begin, s.reason) for s in found] == [(0, ""), (40, "tool"), (50, "setup"), (60, "tool"), (70, "")]


@settings(max_examples=100)
@holds(words)
def test_reasons_keep_every_moment_and_all_production(given: list[Said]) -> None:
    found = with_reasons(SPANS, given)
    assert sum(s.length for s in found) == 100
    assert [s for s in found if s.state is State.PRODUCING] == [SPANS[0], SPANS[2]]
    assert found == with_reasons(SPANS, given[::-1])
    assert cut(found, 0, 40) == (SPANS[0],)


def test_the_shipped_reasons_have_two_names_and_a_way_to_count() -> None:
    reasons = shipped_reasons()
    assert len(reasons) > 10 and {r.state for r in reasons.values()} >= {
        State.FAULT,
        State.SETUP,
        State.PLANNED_STOP,
        State.NO_ORDER,
    }
    assert all(r.name.de and r.name.en for r in reasons.values())
