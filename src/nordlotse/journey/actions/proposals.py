"""Who takes a case: ask somebody, take the answer, hand over, add a second person; in batches where the centre wants it so."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Sequence
from datetime import timedelta

import numpy as np
from django.db import IntegrityError, transaction
from django.utils import timezone

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput, NotFound, Problem
from nordlotse.journey.actions import letters, thread
from nordlotse.journey.actions.asking import tidy
from nordlotse.journey.actions.cases import end_proposals, locked, move
from nordlotse.journey.actions.writing import written
from nordlotse.journey.core.case import SETTLED, Actor, State, Step
from nordlotse.journey.models import Assignment, Case, Message, PersonVectors, Routing
from nordlotse.journey.queries import matching
from nordlotse.journey.queries.access import SYSTEM, Who, case_unknown, check_part
from nordlotse.network.core import Proposal, Why, assign, profile_vectors
from nordlotse.network.models import Person
from nordlotse.office import files, links, log
from nordlotse.office.mail import Attachment
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

#: Of so many new cases at once the best distribution is looked for.
BATCH = 200


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


#: First words of a mail that answer a request.
_WORDS = {
    "accept": ("ja", "yes", "gern", "gerne", "zusage"),
    "decline": ("nein", "no", "absage"),
    "not_now": ("später", "spaeter", "later", "jetzt nicht", "not now"),
    "conflict": ("befangen", "conflict"),
}
_FIRST = re.compile(
    r"\A[\s„“\"'>*]{0,20}(" + "|".join(w for words in _WORDS.values() for w in words) + r")\b(?![-\w])", re.I
)


def _choice_in(text: str) -> str:
    """Return which answer a mail begins with, "" for none of the four."""
    found = _FIRST.match(text)
    return next((c for c, words in _WORDS.items() if found[1].lower() in words), "") if found else ""


def take_mail(reference: str, sender: str, text: str, attachments: Sequence[Attachment], message_id: str) -> None:
    """Take in the mailed answer to a request (handler of the purpose "assignment").

    The first word decides: ja, nein, später, befangen (yes, no, later, conflict). A no after a yes gives the case back. Anything
    else, and whatever comes after the request is settled, goes to the coordinator as an internal note; the sender hears in every
    case what became of the words.

    Raises:
        NotFound: the request is gone, or somebody else's.
        BadInput: nothing to read.
    """
    with written("answer"):
        asked = Assignment.objects.select_related("person").filter(pk=reference, person__active=True).first()
        if asked is None or sender != f"person:{asked.person_id}":
            raise case_unknown()
        case = locked(asked.case_id)
        asked.refresh_from_db(fields=["status"])
        asked.case = case
        once = f"mail:{case.pk}:{message_id}"[:300]
        if thread.once_known(once):
            return
        choice, expert = _choice_in(text), Who(Actor.EXPERT, person=asked.person)
        open_now = asked.status == Assignment.Status.PROPOSED
        if not (choice and open_now) or len(text.split()) > 3 or attachments:
            # What is more than the word itself is kept for the coordinator, and for whoever works on the case.
            _keep_note(case, asked.person, text, attachments, once)
        words, key = " ".join(text.split())[:500], hashlib.sha256(once.encode()).hexdigest()[:12]
        if choice == "decline" and asked.status == Assignment.Status.ACCEPTED:
            give_back(expert, case.pk, words)
            letters.noted(asked, "given_back", f"journey:noted:{asked.pk}:{key}")
            return
        if not (choice and open_now):
            thread.note_to_coordinator(case.pk)
            letters.noted(asked, _standing(asked), f"journey:noted:{asked.pk}:{key}")
            log.record("case_note", "case", case.pk, f"person:{asked.person_id}")
            return
        answered = _answered(asked.pk, expert, choice, words)
        if choice != "accept":  # who accepts gets the case by mail
            letters.noted(answered, choice)


def _standing(asked: Assignment) -> str:
    """Return what a mail is told that answers nothing: how the request stands (see `journey/mail/noted.txt`)."""
    if asked.status == Assignment.Status.PROPOSED:
        return "note"
    return "yours" if asked.status == Assignment.Status.ACCEPTED else "answered"


def _keep_note(case: Case, person: Person, text: str, attachments: Sequence[Attachment], once: str) -> None:
    words = thread.check_words(text, bool(attachments))
    kept = [files.take_in_bytes(a.content, name=a.name, room="journey", reference=case.pk) for a in attachments]
    Message.objects.create(
        case=case,
        author=Message.Author.EXPERT,
        channel=Message.Channel.MAIL,
        person=person,
        internal=True,
        text=words,
        mail_id=once,
        attachments=[file.pk for file in kept],
    )


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
        return _answered(assignment.pk, Who(Actor.EXPERT, person=assignment.person), choice, note)


def answer(who: Who, assignment_id: int, choice: str, note: str = "") -> Assignment:
    """Take an answer from the expert's own page, or from the coordinator who has asked by phone.

    Raises:
        NotFound: not asked, or settled otherwise.
        BadInput: no such choice.
    """
    with written("answer"):
        return _answered(assignment_id, who, choice, note)


def _answered(assignment_id: int, who: Who, choice: str, note: str) -> Assignment:
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
    elif not automatic() and who.actor != Actor.COORDINATOR:
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


# ---- without a tap ----


def automatic() -> bool:
    """Tell whether people are proposed without a coordinator's tap."""
    return Routing.objects.filter(pk=1, automatic=True).exists()


def set_automatic(who: Who, on: bool) -> None:
    """Switch on or off that people are asked without a coordinator's tap.

    Raises:
        NotAllowed: no coordinator.
    """
    with written("routing"):
        check_part(who, Case())
        Routing.objects.update_or_create(pk=1, defaults={"automatic": on})
        log.record("routing_on" if on else "routing_off", "routing", 1, who.logged)


def _waiting_cases() -> list[Case]:
    """Return the cases that need somebody and are not in the coordinator's own hands."""
    ready = ("", Case.Attention.DECLINED)
    found = Case.objects.filter(stage="unassigned", attention__in=ready, is_example=False)
    found = found.select_related("company", "contact")
    return list(found.prefetch_related("assignments").order_by("opened_at", "pk")[:BATCH])


def propose_all() -> int:
    """Ask the best person for every case that needs one, the best distribution over all of them; return how many were asked.

    A case nobody fits, or that three people have refused, goes to the coordinator. Without the setting only the latter is done.
    """
    cases = {c.pk: c for c in _waiting_cases()}
    tired = {pk for pk, case in cases.items() if matching.said_no(case) >= matching.MOST_ASKED}
    for pk in tired:
        _hand_to_coordinator(pk, Case.Attention.ALL_DECLINED)
    if not automatic():
        _tell_where_nobody_is_left([c for pk, c in cases.items() if pk not in tired and c.status != State.NEW])
        return 0
    silent = {pk for pk, case in cases.items() if pk not in tired and not matching.words_of(case)}
    for pk in silent:
        _hand_to_coordinator(pk, Case.Attention.NOBODY)
    biased = matching.conflicts()
    needs = [matching.need_of(case, biased=biased) for pk, case in cases.items() if pk not in tired | silent]
    plan = assign(needs, matching.experts()) if needs else None
    asked = sum(_asked_by_itself(proposal) for proposal in plan.proposals) if plan else 0
    for referral in plan.unassigned if plan else ():
        # Who is only too full today is free again soon; the promise of two days brings the case up anyway.
        if referral.why != Why.ALL_TAKEN:
            declined = referral.why == Why.ALL_DECLINED
            _hand_to_coordinator(referral.need, Case.Attention.ALL_DECLINED if declined else Case.Attention.NOBODY)
    return asked


def _asked_by_itself(proposal: Proposal) -> bool:
    try:
        ask_person(SYSTEM, proposal.need, int(proposal.expert), proposal.reason, proposal.score)
    except Problem as problem:  # somebody was quicker: the case comes round again
        _log.info("event=proposal_skipped code=%s", problem.code)
        return False
    return True


def _hand_to_coordinator(case_id: str, why: Case.Attention) -> None:
    with written("to_coordinator"):
        case = locked(case_id)
        if case.attention in ("", Case.Attention.DECLINED) and case.open:
            to_coordinator(case, why)
            log.record("case_to_coordinator", "case", case.pk, "system")


def _tell_where_nobody_is_left(refused: list[Case]) -> None:
    for case in refused:
        if matching.candidates(case).referral is not None:
            _hand_to_coordinator(case.pk, Case.Attention.ALL_DECLINED)


def store_vectors(most: int = 50) -> int:
    """Make the vectors that profiles still miss; return how many."""
    made = 0
    for number, text in matching.stale_vectors()[:most]:
        matrix = profile_vectors([text], matching.EMBED)[0].astype(np.float16)
        PersonVectors.objects.update_or_create(
            person_id=number,
            defaults={"key": matching.vectors_key(text), "rows": len(matrix), "data": matrix.tobytes()},
        )
        made += 1
    return made
