"""No path of a case lies outside the table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.foundation.problem import BadInput, NotAllowed
from nordlotse.journey.core.case import OPEN, SETTLED, STEPS, Actor, State, Step, after, possible
from nordlotse.journey.models import Case
from tests.conftest import ROOT


def test_the_table_has_the_states_of_the_database() -> None:
    assert {s.value for s in State} == set(Case.Status.values)


def test_a_step_from_a_state_leads_to_one_state_only() -> None:
    assert len({(t.step, t.source) for t in STEPS}) == len(STEPS)


@given(st.lists(st.tuples(st.sampled_from(Step), st.sampled_from(Actor)), max_size=40))
def test_no_path_leaves_the_table(path: list[tuple[Step, Actor]]) -> None:
    state = State.NEW
    for step, actor in path:
        row = next((t for t in STEPS if t.step == step and t.source == state), None)
        if row is None:
            with pytest.raises(BadInput):
                after(state, step, actor)
        elif actor not in row.by:
            with pytest.raises(NotAllowed):
                after(state, step, actor)
        else:
            assert step in possible(state, actor)
            state = after(state, step, actor)
            assert state == row.target


def test_every_state_can_be_reached_and_every_open_one_be_closed() -> None:
    reached, todo = {State.NEW}, [State.NEW]
    while todo:
        here = todo.pop()
        found = {t.target for t in STEPS if t.source == here} - reached
        reached |= found
        todo += found
    assert reached == set(State)
    assert {t.source for t in STEPS if t.step == Step.CLOSE} == OPEN
    assert SETTLED < OPEN


def test_nothing_is_done_to_a_case_by_the_system_that_only_a_person_can_decide() -> None:
    done = {t.step for t in STEPS if Actor.SYSTEM in t.by}
    assert done == {Step.PROPOSE, Step.DECLINE, Step.GIVE_BACK, Step.RESUME, Step.ASK_EFFECT}


def test_a_company_may_only_answer_end_and_reopen() -> None:
    done = {t.step for t in STEPS if Actor.COMPANY in t.by}
    assert done == {Step.RESUME, Step.CLOSE, Step.REOPEN, Step.RESTART}


def _rows() -> list[str]:
    """Return the table as the docs show it: one row per step, target and who may, the sources together."""
    groups: dict[tuple[Step, State, tuple[str, ...]], list[str]] = {}
    for t in STEPS:
        by = tuple(actor.value for actor in Actor if actor in t.by)
        groups.setdefault((t.step, t.target, by), []).append(t.source.value)
    return [
        f"| {step.value} | {', '.join(sources)} | {target.value} | {', '.join(by)} |"
        for (step, target, by), sources in groups.items()
    ]


def test_the_docs_show_this_table_and_no_other() -> None:
    text = (ROOT / "docs" / "rooms" / "journey.md").read_text(encoding="utf-8")
    begin = text.index("| step | from | to | who |")
    shown = text[begin:].partition("\n\n")[0].splitlines()[2:]
    assert shown == _rows()
