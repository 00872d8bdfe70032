"""Writes on a case as a whole: take over, wait, go on, close, open again. Opening it, its people and its thread have modules of their own."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from nordlotse.foundation.problem import BadInput
from nordlotse.journey.actions import letters
from nordlotse.journey.actions.asking import tidy
from nordlotse.journey.actions.opening import SHARED, Reach, check_reach, open_case, promised_on
from nordlotse.journey.actions.writing import written
from nordlotse.journey.announcements import closed, reopened
from nordlotse.journey.core.case import OPEN, Actor, Step, after
from nordlotse.journey.models import Assignment, Case, Message
from nordlotse.journey.queries.access import Who, case_unknown, check_part
from nordlotse.office import log

__all__ = [
    "OUTCOMES",
    "SHARED",
    "Reach",
    "check_reach",
    "close",
    "end_proposals",
    "locked",
    "move",
    "no_mail",
    "open_case",
    "promised_on",
    "reachable",
    "reopen",
    "resume",
    "take_over",
    "take_up_again",
    "wait",
    "withdraw_consent",
]


def withdraw_consent(who: Who, case_id: str, consent_id: int) -> None:
    """Take back what the company of a case (or its contact) said yes to; it counts from now on, everywhere.

    Raises:
        NotFound: not this person's case, or nothing was said yes to.
    """
    with written("withdraw_consent"):
        case = locked(case_id)
        check_part(who, case)
        live = case.consents.filter(pk=consent_id, withdrawn_at=None)
        if who.actor != Actor.COMPANY or not live.update(withdrawn_at=timezone.now()):
            raise case_unknown()
        log.record("withdraw", "case", case.pk, who.logged)


# ---- steps ----


def locked(case_id: str) -> Case:
    """Return a case held against other writers until the transaction ends.

    Raises:
        NotFound: there is none with this id.
    """
    found = Case.objects.select_for_update(of=("self",)).select_related("contact", "company").filter(pk=case_id).first()
    if found is None:
        raise case_unknown()
    return found


def move(case: Case, step: Step, who: Who) -> None:
    """Take one step with a locked case, in the caller's transaction: state, age and what the coordinator was told of.

    Raises:
        BadInput, NotAllowed: the table does not have this step (see `journey.core.case`).
    """
    target = after(case.status, step, who.actor)
    case.status = target.value
    case.open = target in OPEN
    case.touched_at = timezone.now()
    case.reminded_at = None
    if step != Step.WAIT:
        case.waiting_until = None
    if step not in (Step.DECLINE, Step.GIVE_BACK):
        case.attention = ""
    if step in (Step.ACCEPT, Step.GIVE_BACK, Step.RESTART):
        case.taken_by = None
    case.save()


def _step(name: str, case_id: str, step: Step, who: Who, **changes: Any) -> Case:
    case = locked(case_id)
    check_part(who, case)
    for field, value in changes.items():
        setattr(case, field, value)
    move(case, step, who)
    log.record(f"case_{name}", "case", case.pk, who.logged)
    return case


def take_over(who: Who, case_id: str) -> Case:
    """Let the centre answer a case itself; whoever was asked is asked no longer.

    Raises:
        BadInput, NotAllowed, NotFound: see `move`, `check_part`.
    """
    with written("take_over"):
        case = locked(case_id)
        check_part(who, case)
        end_proposals(case)
        return _step("taken_over", case_id, Step.TAKE_OVER, who, taken_by=who.user)


def end_proposals(case: Case) -> None:
    """Take back what has not been answered yet; the pages behind the mailed links say so from then on."""
    waiting = case.assignments.filter(status=Assignment.Status.PROPOSED).select_related("person__user", "case")
    for assignment in waiting:
        letters.done_with(assignment, "withdrawn")
    waiting.update(status=Assignment.Status.WITHDRAWN)


def wait(who: Who, case_id: str, until: date) -> Case:
    """Let a case rest until a day, on which it comes back by itself.

    Raises:
        BadInput: the day is not in the coming year, or the state does not allow it.
        NotAllowed, NotFound: not this person's case.
    """
    today = timezone.localdate()
    if not today < until <= date(today.year + 1, today.month, min(today.day, 28)):
        raise BadInput(
            "wait_day",
            de="Der Tag muss zwischen morgen und heute in einem Jahr liegen.",
            en="The day must lie between tomorrow and a year from today.",
            where="until",
            remedy_de="Bitte einen anderen Tag wählen.",
            remedy_en="Choose another day.",
        )
    with written("wait"):
        return _step("waits", case_id, Step.WAIT, who, waiting_until=until)


def resume(who: Who, case_id: str) -> Case:
    """Go on with a case that waited.

    Raises:
        BadInput, NotAllowed, NotFound: see `move`, `check_part`.
    """
    with written("resume"):
        return _step("resumed", case_id, Step.RESUME, who)


#: How a case can end.
OUTCOMES = ("solved", "on_the_way", "passed_on", "not_possible", "no_reply", "withdrawn")


def close(who: Who, case_id: str, outcome: str, note: str = "", words: str = "") -> Case:
    """Close a case with its outcome; whoever was in charge has done with it.

    `note` stays inside (a company's own is seen by both sides); `words` go to the company, which is told how its case ended.

    Raises:
        BadInput: words for a company that left no mail address (`no_mail`).
        BadInput: an outcome that is not on the list, or the state does not allow it.
        NotAllowed, NotFound: not this person's case.
    """
    if who.actor == Actor.COMPANY:
        outcome = outcome if outcome in ("solved", "withdrawn") else "withdrawn"
    if outcome not in OUTCOMES:
        raise BadInput(
            "outcome_unknown",
            de="Dieses Ergebnis steht nicht zur Wahl.",
            en="This outcome is not on the list.",
            where="outcome",
            remedy_de="Bitte eines aus der Liste wählen.",
            remedy_en="Choose one from the list.",
        )
    with written("close"):
        case = locked(case_id)
        check_part(who, case)
        case.outcome, case.outcome_note, case.closed_at = outcome, tidy(note)[:500], timezone.now()
        end_proposals(case)
        case.assignments.filter(status=Assignment.Status.ACCEPTED).update(status=Assignment.Status.ENDED)
        if case.outcome_note:
            _closing_note(case, who)
        told = tidy(words)[:2000] if who.actor != Actor.COMPANY else ""
        if told:
            _closing_words(case, who, told)
        move(case, Step.CLOSE, who)
        closed.send(sender=Case, case=case, words=told, tell=who.actor in (Actor.EXPERT, Actor.COORDINATOR))
        log.record("case_closed", "case", case.pk, who.logged)
        return case


def _closing_words(case: Case, who: Who, words: str) -> None:
    """Keep what is said to the company at closing in the thread; it goes there with the mail of the closing."""
    if not reachable(case):
        raise no_mail(case)
    if case.first_reply_at is None:
        case.first_reply_at = timezone.now()
    Message.objects.create(
        case=case,
        author=Message.Author.EXPERT if who.actor == Actor.EXPERT else Message.Author.CENTRE,
        user=who.user if who.user is not None and who.user.is_authenticated else None,
        person=who.person,
        text=words,
    )


def reachable(case: Case) -> bool:
    """Tell whether words for the company of a case reach anybody: by mail, or on the page of an account."""
    return case.contact is not None and bool(case.contact.mail or case.contact.user_id)


def no_mail(case: Case) -> BadInput:
    """Return the error of words for a company that left no mail address."""
    phone = case.contact.phone if case.contact is not None else ""
    return BadInput(
        "no_mail",
        de="Der Betrieb hat keine Mailadresse: Diese Nachricht käme nicht an.",
        en="The company has no mail address: this message would not arrive.",
        where="text",
        remedy_de=f"Bitte rufen Sie an{': ' + phone if phone else ''}. Vermerken Sie dann das Telefonat.",
        remedy_en=f"Please call{': ' + phone if phone else ''}. Then note the call.",
    )


def _closing_note(case: Case, who: Who) -> None:
    """Keep what was said at closing in the history: it stays there when the case goes on and is closed anew."""
    authors = {Actor.EXPERT: Message.Author.EXPERT, Actor.COORDINATOR: Message.Author.CENTRE}
    lead = "Beim Abschließen" if case.lang == "de" else "On closing"
    Message.objects.create(
        case=case,
        author=authors.get(who.actor, Message.Author.COMPANY),
        user=who.user if who.user is not None and who.user.is_authenticated else None,
        person=who.person,
        internal=who.actor != Actor.COMPANY,
        text=f"{lead}: {case.outcome_note}",
    )


def reopen(who: Who, case_id: str) -> Case:
    """Open a closed case again, in the hands of whoever had it; without anybody it begins anew.

    Raises:
        BadInput, NotAllowed, NotFound: see `move`, `check_part`.
    """
    with written("reopen"):
        case = locked(case_id)
        check_part(who, case)
        take_up_again(case, who)
        log.record("case_reopened", "case", case.pk, who.logged)
        return case


def take_up_again(case: Case, who: Who) -> None:
    """Open a locked, closed case again, in the caller's transaction: it is in the hands of those who had it and are still there.

    Who has left the network loses it for good: nobody may read on in a case that is in other hands.
    """
    held = case.assignments.filter(status=Assignment.Status.ENDED)
    held.filter(person__active=False).update(status=Assignment.Status.HANDED_OVER)
    kept = held.update(status=Assignment.Status.ACCEPTED)
    case.closed_at, case.outcome, case.outcome_note = None, "", ""
    move(case, Step.REOPEN if kept or case.first_reply_at is not None else Step.RESTART, who)
    reopened.send(sender=Case, case=case)
