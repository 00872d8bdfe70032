"""What the calendar does with cases, by working days of the company's state; the worker calls it every few minutes.

Example cases stay as they were made: nobody is mailed about them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from nordlotse.foundation.problem import Problem
from nordlotse.foundation.working_days import working_days_between
from nordlotse.journey.actions import letters, proposals, routing
from nordlotse.journey.actions.cases import locked, move
from nordlotse.journey.actions.writing import written
from nordlotse.journey.core.case import State, Step
from nordlotse.journey.models import Assignment, Case
from nordlotse.journey.queries.access import SYSTEM
from nordlotse.journey.queries.cases import YES
from nordlotse.journey.queries.routing import automatic
from nordlotse.network.models import Person
from nordlotse.network.queries import experts
from nordlotse.office import log

_log = logging.getLogger("nordlotse.journey")

#: Working days after which an unanswered question is repeated, after which it goes back, after which a case counts as stale.
REMIND_AFTER = 2
GIVE_UP_AFTER = 4
STALE_AFTER = 10

#: So many rows of each kind are looked at in one turn; the rest comes in the next.
BATCH = 500

#: Marks of a case that a stronger one may replace: none, somebody said no, somebody wrote to the coordinator.
_FREE = ("", Case.Attention.DECLINED, Case.Attention.NOTE)


def _age(since: datetime, today: date, state: str) -> int:
    return working_days_between(timezone.localdate(since), today, state)


def _before(today: date, working_days: int) -> datetime:
    """Return a moment before which everything lies that may be so many working days old (free days make it only older)."""
    return timezone.make_aware(datetime.combine(today - timedelta(days=working_days - 1), time()))


def run(today: date | None = None) -> dict[str, int]:
    """Do what is due today; return how often each thing was done. Safe to call again at any time."""
    today = today or timezone.localdate()
    chores: dict[str, Callable[[date], int]] = {
        "reminded": remind,
        "silent": give_up,
        "woken": wake,
        "asked_again": ask_again,
        "promise": promise,
        "stale": stale,
        "away": away,
        "left": left,
    }
    done = {name: chore(today) for name, chore in chores.items()}
    done["proposed"] = routing.propose_all()
    if any(done.values()):
        _log.info("event=case_reminders %s", " ".join(f"{k}={v}" for k, v in done.items() if v))
    return done


def _each(what: str, ids: Iterable[tuple[str, int]], do: Callable[[str, int], bool]) -> int:
    """Do something for each case in a transaction of its own; one that fails does not hold up the others."""
    number = 0
    for case_id, other in ids:
        try:
            number += do(case_id, other)
        except Problem as problem:
            _log.warning("event=case_chore_failed chore=%s id=%s code=%s", what, case_id, problem.code)
        except Exception:
            # Whatever is wrong with this one case, the reminders of all others must not wait for somebody to find out.
            _log.exception("event=case_chore_failed chore=%s id=%s", what, case_id)
    return number


def _unanswered(today: date, after: int, **more: int) -> list[tuple[str, int]]:
    found = Assignment.objects.filter(
        status=Assignment.Status.PROPOSED,
        case__open=True,
        case__is_example=False,
        proposed_at__lt=_before(today, after),
        **more,
    ).select_related("case")
    return [
        (a.case_id, a.pk)
        for a in found.order_by("proposed_at")[:BATCH]
        if _age(a.proposed_at, today, a.case.state) >= after
    ]


def remind(today: date) -> int:
    """Ask those again who have not answered for two working days; once."""

    def do(case_id: str, assignment_id: int) -> bool:
        with written("remind"):
            case = locked(case_id)
            assignment = _still_asked(assignment_id)
            if assignment is None or assignment.reminded:
                return False
            assignment.case = case
            assignment.reminded = 1
            assignment.save(update_fields=["reminded"])
            letters.asked(assignment, f"journey:asked:{assignment.pk}:again")
            log.record("case_reminded", "case", case_id, SYSTEM.logged)
            return True

    return _each("remind", _unanswered(today, REMIND_AFTER, reminded=0), do)


def _still_asked(assignment_id: int) -> Assignment | None:
    found = Assignment.objects.filter(pk=assignment_id, status=Assignment.Status.PROPOSED)
    return found.select_related("person__user", "person__partner").first()


def give_up(today: date) -> int:
    """Take a question back that nobody answered for four working days: the case is the coordinator's again."""

    def do(case_id: str, assignment_id: int) -> bool:
        with written("give_up"):
            case = locked(case_id)
            assignment = _still_asked(assignment_id)
            if assignment is None:
                return False
            assignment.status, assignment.answered_at = Assignment.Status.SILENT, timezone.now()
            assignment.save(update_fields=["status", "answered_at"])
            if case.status == State.PROPOSED:
                move(case, Step.DECLINE, SYSTEM)
                case.attention = Case.Attention.UNANSWERED
                case.save(update_fields=["attention"])
            log.record("case_silent", "case", case_id, SYSTEM.logged)
            return True

    return _each("give_up", _unanswered(today, GIVE_UP_AFTER), do)


def wake(today: date) -> int:
    """Bring cases back whose day has come."""
    due = Case.objects.filter(stage="waiting", waiting_until__lte=today, is_example=False)

    def do(case_id: str, _: int) -> bool:
        with written("wake"):
            case = locked(case_id)
            if case.status != State.WAITING or case.waiting_until is None or case.waiting_until > today:
                return False
            move(case, Step.RESUME, SYSTEM)
            for assignment in _in_charge(case):
                letters.woken(assignment, today.isoformat())
            log.record("case_resumed", "case", case_id, SYSTEM.logged)
            return True

    return _each("wake", [(pk, 0) for pk in due.values_list("pk", flat=True)[:BATCH]], do)


def _in_charge(case: Case) -> list[Assignment]:
    held = case.assignments.filter(status=Assignment.Status.ACCEPTED)
    return list(held.select_related("person__user", "person__partner", "case"))


def ask_again(today: date) -> int:
    """Tell the coordinator that somebody who said "not now" can be asked again; by itself it happens only with the setting on."""
    if automatic():
        return 0
    due = Case.objects.filter(
        status=State.NOT_NOW.value, attention__in=_FREE, is_example=False, assignments__status=Assignment.Status.NOT_NOW,
        assignments__ask_again_on__lte=today,
    )  # fmt: skip
    return _each(
        "ask_again",
        [(pk, 0) for pk in due.values_list("pk", flat=True).distinct()[:BATCH]],
        _mark(Case.Attention.ASK_AGAIN),
    )


def _mark(why: Case.Attention) -> Callable[[str, int], bool]:
    def do(case_id: str, _: int) -> bool:
        with written("mark"):
            case = locked(case_id)
            if not case.open or case.attention not in _FREE:
                return False
            case.attention = why
            case.save(update_fields=["attention"])
            log.record("case_to_coordinator", "case", case_id, SYSTEM.logged)
            return True

    return do


def promise(today: date) -> int:
    """Tell the coordinator of every case whose promised first reply is due today and has not come.

    A case that is hers already for another reason is not told again; the desk shows the promise beside that reason.
    """
    due = Case.objects.filter(
        open__in=YES, attention__in=_FREE, first_reply_at=None, promised_on__lte=today, is_example=False
    ).order_by("promised_on", "pk")

    def do(case_id: str, _: int) -> bool:
        with written("promise"):
            case = locked(case_id)
            if not case.open or case.first_reply_at is not None or case.attention not in _FREE:
                return False
            case.attention = Case.Attention.PROMISE
            case.save(update_fields=["attention"])
            letters.promise(case)
            log.record("case_to_coordinator", "case", case_id, SYSTEM.logged)
            return True

    return _each("promise", [(pk, 0) for pk in due.values_list("pk", flat=True)[:BATCH]], do)


def stale(today: date) -> int:
    """Remind whoever is in charge of a case in which nothing has happened for ten working days, and tell the coordinator."""
    due = Case.objects.filter(
        open__in=YES,
        touched_at__lt=_before(today, STALE_AFTER),
        status__in=(State.ACCEPTED.value, State.IN_WORK.value),
        reminded_at=None,
        is_example=False,
    )
    ids = [(c.pk, 0) for c in due.order_by("touched_at")[:BATCH] if _age(c.touched_at, today, c.state) >= STALE_AFTER]

    def do(case_id: str, _: int) -> bool:
        with written("stale"):
            case = locked(case_id)
            if case.reminded_at is not None or case.status not in (State.ACCEPTED, State.IN_WORK):
                return False
            case.reminded_at = timezone.now()
            case.attention = case.attention or Case.Attention.STALE
            case.save(update_fields=["reminded_at", "attention"])
            for assignment in _in_charge(case):
                letters.stale(assignment, today.isoformat())
            log.record("case_stale", "case", case_id, SYSTEM.logged)
            return True

    return _each("stale", ids, do)


def away(today: date) -> int:
    """Tell the coordinator of every case in work whose leading person is on leave; back again, it is hers no longer.

    Return how many were told. Whoever covers stands first among those she can ask (`queries.matching.candidates`).
    """
    led = Assignment.objects.filter(
        person__in=experts.away(today), status=Assignment.Status.ACCEPTED, leads=True, case__is_example=False
    )
    told = Case.objects.filter(needs__in=YES, attention=Case.Attention.AWAY)
    over = told.exclude(pk__in=led.values("case")).values_list("pk", flat=True)
    _each("back", [(pk, 0) for pk in over[:BATCH]], _back)
    due = led.filter(case__status__in=(State.ACCEPTED.value, State.IN_WORK.value), case__attention="")
    found = due.order_by("case_id").values_list("case_id", flat=True).distinct()
    return _each("away", [(pk, 0) for pk in found[:BATCH]], _mark(Case.Attention.AWAY))


def left(today: date) -> int:
    """Take the cases out of the hands of people who are switched off by now; return of how many people."""
    held = (Assignment.Status.PROPOSED, Assignment.Status.ACCEPTED)
    gone = Person.objects.filter(
        active=False, assignments__status__in=held, assignments__case__open=True, assignments__case__is_example=False
    )
    return sum(proposals.released(person) > 0 for person in gone.distinct()[:BATCH])


def _back(case_id: str, _: int) -> bool:
    with written("back"):
        case = locked(case_id)
        if case.attention != Case.Attention.AWAY:
            return False
        case.attention = ""
        case.save(update_fields=["attention"])
        log.record("case_expert_back", "case", case_id, SYSTEM.logged)
        return True
