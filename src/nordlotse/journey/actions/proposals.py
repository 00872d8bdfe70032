"""Who takes a case: ask somebody, take the answer, hand over, add a second person; in batches where the centre wants it so."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.journey.actions import letters
from nordlotse.journey.actions.asking import tidy
from nordlotse.journey.actions.cases import end_proposals, locked, move
from nordlotse.journey.actions.writing import written
from nordlotse.journey.core.case import SETTLED, Actor, State, Step
from nordlotse.journey.models import Assignment, Case, Message
from nordlotse.journey.queries import matching, routing
from nordlotse.journey.queries.access import SYSTEM, Who, case_unknown, check_part
from nordlotse.network.models import Person
from nordlotse.office import links, log
from nordlotse.office.models import ActionLink

_log = logging.getLogger("nordlotse.journey")

#: "Not now": asked again after so many days.
ASK_AGAIN = timedelta(days=21)

#: What somebody who is asked can answer.
CHOICES = {
    "accept": Assignment.Status.ACCEPTED,
    "decline": Assignment.Status.DECLINED,
    "not_now": Assignment.Status.NOT_NOW,
    "conflict": Assignment.Status.CONFLICT,
}
_STEPS = {"accept": Step.ACCEPT, "decline": Step.DECLINE, "not_now": Step.POSTPONE, "conflict": Step.DECLINE}


def ask_person(
    who: Who, case_id: str, person_id: int, reason: Text | None = None, score: float = 0.0, *, joint: bool = False
) -> Assignment:
    """Ask somebody by mail to take a case. In a case that has somebody already this is a hand-over, or `joint` a second person.

    Raises:
        NotFound: no such case or person.
        BadInput: asked already, or the state does not allow it.
        NotAllowed: neither coordinator nor (for a hand-over) the expert in charge.
    """
    with written("ask"):
        case = locked(case_id)
        check_part(who, case)
        person = Person.objects.select_related("partner", "user").filter(pk=person_id, active=True).first()
        if person is None:
            raise _nobody(person_id)
        if person.pk in matching.conflicted(case):
            raise _biased()
        settled = State(case.status) in SETTLED
        if not settled:
            end_proposals(case)
            if case.status == State.PROPOSED:
                # Somebody else instead of whoever has not answered: the old question is taken back first.
                case.status = State.DECLINED.value
            move(case, Step.PROPOSE, who)
        try:
            with transaction.atomic():
                assignment = Assignment.objects.create(
                    case=case,
                    person=person,
                    leads=not (settled and joint),
                    reason_de=reason.de[:400] if reason else "",
                    reason_en=reason.en[:400] if reason else "",
                    score=score,
                )
        except IntegrityError as error:
            raise BadInput(
                "asked_already",
                de="Diese Person ist schon angefragt oder schon dabei.",
                en="This person has been asked already or takes part already.",
                where="person",
                remedy_de="Bitte jemand anderen wählen.",
                remedy_en="Choose somebody else.",
            ) from error
        letters.asked(assignment)
        log.record("case_asked", "case", case.pk, who.logged)
        return assignment


def _biased() -> BadInput:
    return BadInput(
        "person_biased",
        de="Diese Person hat gesagt, dass sie bei diesem Betrieb befangen ist.",
        en="This person has declared a conflict of interest about this company.",
        where="person",
        remedy_de="Bitte jemand anderen wählen.",
        remedy_en="Choose somebody else.",
    )


def _nobody(person_id: object) -> NotFound:
    return NotFound(
        "person_unknown",
        de="Diese Person gibt es im Netzwerk nicht.",
        en="There is no such person in the network.",
        where=str(person_id)[:20],
        remedy_de="Bitte eine andere wählen.",
        remedy_en="Choose another one.",
    )


def read_link(token: str) -> Assignment:
    """Return what a mailed link asks; changes nothing.

    Raises:
        NotFound: unknown, used or expired, or the question has been settled otherwise (`request_over`).
    """
    link = links.read(token, letters.ASKED)
    found = Assignment.objects.select_related("case__company", "case__contact", "person__partner", "person__user")
    assignment = found.filter(pk=link.reference).first()
    if assignment is None:
        raise case_unknown()
    _check_open(assignment)
    return assignment


def read_used(token: str) -> Assignment | None:
    """Return what a used link was answered with; None for a link that is none, or about a request settled otherwise."""
    found = ActionLink.objects.filter(pk=links.key_of(token), purpose=letters.ASKED).exclude(used_at=None).first()
    if found is None:
        return None
    known = Assignment.objects.select_related("case__contact", "person__partner", "person__user")
    return known.filter(pk=found.reference, person__active=True).exclude(answered_at=None).first()


def _check_open(assignment: Assignment) -> None:
    if assignment.status != Assignment.Status.PROPOSED or not assignment.person.active:
        raise NotFound(
            "request_over",
            de="Diese Anfrage hat sich erledigt.",
            en="This request is settled.",
            where="request",
            remedy_de="Sie müssen nichts mehr tun.",
            remedy_en="There is nothing left for you to do.",
        )


def answer_by_link(token: str, choice: str, note: str = "") -> Assignment:
    """Take an expert's answer from the mailed link, which works once.

    Raises:
        NotFound: as `read_link`.
        BadInput: no such choice.
    """
    with written("answer"):
        assignment = read_link(token)
        links.use(token, letters.ASKED)
        return answer_in(assignment.pk, Who(Actor.EXPERT, person=assignment.person), choice, note)


def answer(who: Who, assignment_id: int, choice: str, note: str = "") -> Assignment:
    """Take an answer from the expert's own page, or from the coordinator who has asked by phone.

    Raises:
        NotFound: not asked, or settled otherwise.
        BadInput: no such choice.
    """
    with written("answer"):
        return answer_in(assignment_id, who, choice, note)


def answer_in(assignment_id: int, who: Who, choice: str, note: str) -> Assignment:
    """Take an answer in the caller's transaction; raises as `answer`."""
    if choice not in CHOICES:
        raise BadInput(
            "choice_unknown",
            de="Diese Antwort steht nicht zur Wahl.",
            en="This answer is not on the list.",
            where="choice",
            remedy_de="Bitte eine der vier Antworten wählen.",
            remedy_en="Choose one of the four answers.",
        )
    known = Assignment.objects.filter(pk=assignment_id).values_list("case", flat=True).first()
    if known is None:
        raise case_unknown()
    case = locked(known)
    assignment = Assignment.objects.select_related("person__partner", "person__user").get(pk=assignment_id)
    assignment.case = case
    if who.actor == Actor.COORDINATOR:
        check_part(who, case)
    elif who.person is None or who.person.pk != assignment.person_id:
        raise case_unknown()
    _check_open(assignment)
    assignment.status, assignment.answered_at = CHOICES[choice], timezone.now()
    assignment.note = tidy(note)[:500]
    if choice == "not_now":
        assignment.ask_again_on = timezone.localdate() + ASK_AGAIN
    assignment.save()
    # A link that was not used for this answer says from now on what was answered.
    links.end(letters.ASKED, assignment.pk)
    if choice == "accept":
        _accepted(case, assignment, who)
    else:
        _refused(case, _STEPS[choice], who)
    log.record(f"case_{choice}", "case", case.pk, who.logged)
    return assignment


def _accepted(case: Case, assignment: Assignment, who: Who) -> None:
    if State(case.status) not in SETTLED:
        end_proposals(case)
        move(case, Step.ACCEPT, who)
    elif assignment.leads:
        before = case.assignments.filter(status=Assignment.Status.ACCEPTED, leads=True).exclude(pk=assignment.pk)
        for old in before.select_related("person__user", "case"):
            old.status = Assignment.Status.HANDED_OVER
            old.save(update_fields=["status"])
            letters.done_with(old, "handed_over")
        case.attention = "" if case.attention == Case.Attention.AWAY else case.attention
        case.taken_by = None
        case.save(update_fields=["attention", "taken_by"])
    letters.accepted(assignment)


def _refused(case: Case, step: Step, who: Who) -> None:
    """Go on after a no: in a case with nobody in charge it is somebody else's turn, or the coordinator's."""
    if State(case.status) in SETTLED:
        Message.objects.create(
            case=case,
            author=Message.Author.SYSTEM,
            internal=True,
            text="Die angefragte Person hat abgesagt." if case.lang == "de" else "The person who was asked said no.",
        )
        return
    move(case, step, who)
    if matching.said_no(case) >= matching.MOST_ASKED:
        to_coordinator(case, Case.Attention.ALL_DECLINED)
    elif not routing.automatic() and who.actor != Actor.COORDINATOR:
        case.attention = Case.Attention.DECLINED
        case.save(update_fields=["attention"])


def to_coordinator(case: Case, why: Case.Attention) -> None:
    """Put a locked case into the coordinator's own hands; the company is told once a round that nobody was free."""
    case.attention = why
    case.save(update_fields=["attention"])
    asked = case.assignments.count()
    if asked:
        letters.nobody_yet(case, asked)


def give_back(who: Who, case_id: str, note: str = "") -> Case:
    """Give a case back: whoever is in charge cannot go on, and nobody else is in sight.

    Raises:
        BadInput, NotAllowed, NotFound: the state does not allow it, or the case is in other hands.
    """
    with written("give_back"):
        case = locked(case_id)
        check_part(who, case)
        held = case.assignments.filter(status=Assignment.Status.ACCEPTED)
        if who.person is not None:
            held = held.filter(person=who.person)
        joint = case.assignments.filter(status=Assignment.Status.ACCEPTED).count() > held.count()
        held.update(status=Assignment.Status.HANDED_OVER, note=tidy(note)[:500])
        if joint:
            other = case.assignments.filter(status=Assignment.Status.ACCEPTED).order_by("pk")[:1]
            case.assignments.filter(pk__in=[a.pk for a in other]).update(leads=True)
        else:
            # Whoever has been asked to take it over would answer a question that is no longer put.
            end_proposals(case)
            move(case, Step.GIVE_BACK, who)
            case.attention = Case.Attention.GIVEN_BACK
            case.save(update_fields=["attention"])
            letters.given_back(case, case.assignments.count())
        log.record("case_given_back", "case", case.pk, who.logged)
        return case


def released(person: Person) -> int:
    """Take the open cases out of the hands of somebody who has left the network; return how many. In one transaction.

    What the person was asked, or had alone, is the coordinator's; a joint case stays with the other. Examples stay as they are.
    """
    with written("released"):
        waiting = (Assignment.Status.PROPOSED, Assignment.Status.ACCEPTED)
        found = Assignment.objects.filter(person=person, status__in=waiting, case__open=True, case__is_example=False)
        held = list(found.order_by("pk").values_list("pk", "case_id"))
        for pk, case_id in held:
            _release(pk, locked(case_id))
        return len(held)


def _release(assignment_id: int, case: Case) -> None:
    assignment = Assignment.objects.get(pk=assignment_id)
    asked = assignment.status == Assignment.Status.PROPOSED
    assignment.status = Assignment.Status.WITHDRAWN if asked else Assignment.Status.HANDED_OVER
    assignment.save(update_fields=["status"])
    others = case.assignments.filter(status=Assignment.Status.ACCEPTED)
    if asked and case.status == State.PROPOSED:
        move(case, Step.DECLINE, SYSTEM)
        case.attention = Case.Attention.UNANSWERED
    elif not asked and (other := others.order_by("pk").first()) is not None:
        others.filter(pk=other.pk).update(leads=True)
    elif not asked and State(case.status) in SETTLED:
        end_proposals(case)
        move(case, Step.GIVE_BACK, SYSTEM)
        case.attention = Case.Attention.GIVEN_BACK
    case.save(update_fields=["attention"])
    log.record("case_released", "case", case.pk, SYSTEM.logged)
