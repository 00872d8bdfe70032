"""The states of a case, which step leads from one to another, and who may take it.

This table is the only place that says so; actions ask it before they change anything, pages ask it which buttons to show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput, NotAllowed

__all__ = ["OPEN", "SETTLED", "STEPS", "Actor", "State", "Step", "Transition", "after", "possible"]


class State(StrEnum):
    """Where a case stands."""

    NEW = "new"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    NOT_NOW = "not_now"
    DECLINED = "declined"
    IN_WORK = "in_work"
    WAITING = "waiting"
    CLOSED = "closed"
    EFFECT_ASKED = "effect_asked"

    @property
    def label(self) -> Text:
        """Return the state's name for people."""
        return _LABELS[self]


_LABELS = {
    State.NEW: Text("neu", "new"),
    State.PROPOSED: Text("angefragt", "proposed"),
    State.ACCEPTED: Text("angenommen", "accepted"),
    State.NOT_NOW: Text("später", "not now"),
    State.DECLINED: Text("abgelehnt", "declined"),
    State.IN_WORK: Text("in Arbeit", "in work"),
    State.WAITING: Text("wartet", "waiting"),
    State.CLOSED: Text("abgeschlossen", "closed"),
    State.EFFECT_ASKED: Text("Wirkung erfragt", "effect asked"),
}


class Actor(StrEnum):
    """In which part somebody acts on a case."""

    COMPANY = "company"
    EXPERT = "expert"
    COORDINATOR = "coordinator"
    SYSTEM = "system"


class Step(StrEnum):
    """What is done to a case."""

    PROPOSE = "propose"
    ACCEPT = "accept"
    DECLINE = "decline"
    POSTPONE = "postpone"
    TAKE_OVER = "take_over"
    BEGIN = "begin"
    WAIT = "wait"
    RESUME = "resume"
    GIVE_BACK = "give_back"
    CLOSE = "close"
    REOPEN = "reopen"
    RESTART = "restart"
    ASK_EFFECT = "ask_effect"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: the step, from where, to where, and who may take it."""

    step: Step
    source: State
    target: State
    by: frozenset[Actor]


_COMPANY, _EXPERT, _COORDINATOR, _SYSTEM = Actor.COMPANY, Actor.EXPERT, Actor.COORDINATOR, Actor.SYSTEM


def _rows(step: Step, sources: tuple[State, ...], target: State, *by: Actor) -> tuple[Transition, ...]:
    return tuple(Transition(step, source, target, frozenset(by)) for source in sources)


#: Every way a case can go; there is no other.
STEPS: tuple[Transition, ...] = (
    *_rows(Step.PROPOSE, (State.NEW, State.DECLINED, State.NOT_NOW), State.PROPOSED, _COORDINATOR, _SYSTEM),
    *_rows(Step.ACCEPT, (State.PROPOSED,), State.ACCEPTED, _EXPERT, _COORDINATOR),
    # The system declines for somebody who has not answered in time.
    *_rows(Step.DECLINE, (State.PROPOSED,), State.DECLINED, _EXPERT, _COORDINATOR, _SYSTEM),
    *_rows(Step.POSTPONE, (State.PROPOSED,), State.NOT_NOW, _EXPERT, _COORDINATOR),
    # The centre answers itself, whoever has been asked.
    *_rows(Step.TAKE_OVER, (State.NEW, State.PROPOSED, State.DECLINED, State.NOT_NOW), State.IN_WORK, _COORDINATOR),
    *_rows(Step.BEGIN, (State.ACCEPTED,), State.IN_WORK, _EXPERT, _COORDINATOR),
    *_rows(Step.WAIT, (State.ACCEPTED, State.IN_WORK), State.WAITING, _EXPERT, _COORDINATOR),
    *_rows(Step.RESUME, (State.WAITING,), State.IN_WORK, _COMPANY, _EXPERT, _COORDINATOR, _SYSTEM),
    # The system gives back what somebody had who has left the network.
    *_rows(Step.GIVE_BACK, (State.ACCEPTED, State.IN_WORK, State.WAITING), State.NEW, _EXPERT, _COORDINATOR, _SYSTEM),
    *_rows(
        Step.CLOSE,
        (State.NEW, State.PROPOSED, State.DECLINED, State.NOT_NOW),
        State.CLOSED,
        _COMPANY,
        _COORDINATOR,
    ),
    *_rows(Step.CLOSE, (State.ACCEPTED, State.IN_WORK, State.WAITING), State.CLOSED, _COMPANY, _EXPERT, _COORDINATOR),
    *_rows(Step.REOPEN, (State.CLOSED, State.EFFECT_ASKED), State.IN_WORK, _COMPANY, _EXPERT, _COORDINATOR),
    # Opened again without anybody in charge: it begins anew.
    *_rows(Step.RESTART, (State.CLOSED, State.EFFECT_ASKED), State.NEW, _COMPANY, _COORDINATOR),
    *_rows(Step.ASK_EFFECT, (State.CLOSED,), State.EFFECT_ASKED, _SYSTEM),
)

#: States in which somebody still has to do something.
OPEN = frozenset(State) - {State.CLOSED, State.EFFECT_ASKED}

#: States in which somebody is in charge of the case.
SETTLED = frozenset({State.ACCEPTED, State.IN_WORK, State.WAITING})

_BY_STEP: Mapping[tuple[Step, State], Transition] = {(t.step, t.source): t for t in STEPS}


def possible(state: State | str, actor: Actor) -> frozenset[Step]:
    """Return what somebody may do with a case in this state."""
    return frozenset(t.step for t in STEPS if t.source == state and actor in t.by)


def after(state: State | str, step: Step, actor: Actor) -> State:
    """Return the state a step leads to.

    Raises:
        BadInput: the step is not possible in this state (somebody was quicker).
        NotAllowed: it is possible, but not for this actor.
    """
    found = _BY_STEP.get((step, State(state)))
    if found is None:
        label = State(state).label
        raise BadInput(
            "case_step_impossible",
            de=f"Das geht jetzt nicht mehr: Der Fall ist „{label.de}“.",
            en=f"This is no longer possible: the case is “{label.en}”.",
            where=step.value,
            remedy_de="Bitte laden Sie die Seite neu.",
            remedy_en="Reload the page.",
        )
    if actor not in found.by:
        raise NotAllowed(
            "case_step_not_yours",
            de="Diesen Schritt darf jemand anderes machen, nicht Sie.",
            en="Somebody else may take this step, not you.",
            where=step.value,
            remedy_de="Bitte fragen Sie die Koordination des Zentrums.",
            remedy_en="Ask the centre's coordinator.",
        )
    return found.target
