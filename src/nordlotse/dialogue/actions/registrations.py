"""Registering for an event and giving the place back; the waiting list moves up by itself.

Whoever registers locks the event's row first (PostgreSQL) or the whole database for writing (SQLite, transactions begin
IMMEDIATE). So places and turns are given in the order in which the transactions commit, and never twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from nordlotse.dialogue import announcements
from nordlotse.dialogue.actions import messages
from nordlotse.dialogue.actions.patience import patiently
from nordlotse.dialogue.actions.rights import check_coordinator
from nordlotse.dialogue.core.codes import new_code
from nordlotse.dialogue.core.queue import gets_place, moving_up
from nordlotse.dialogue.core.values import clean, one_line
from nordlotse.dialogue.models import Event, Feedback, Question, Registration
from nordlotse.dialogue.models.events import new_key
from nordlotse.dialogue.queries import events, registrations
from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput
from nordlotse.office import log
from nordlotse.office.addresses import check_address
from nordlotse.office.faults import reach

#: The wording of the line on privacy beside the form; a new wording gets a new version.
CONSENT_VERSION = "2026-11"
#: Letters of an answer to an organiser's question.
MAX_ANSWER = 500

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,40}")
_ACTIVE = (Registration.Status.CONFIRMED, Registration.Status.WAITING)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody typed. `form_token` comes with the form and makes sending it twice one registration."""

    name: str
    mail: str
    form_token: str
    company_name: str = ""
    lang: Lang = "de"
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The registration, and whether it was there before (same form, or same address)."""

    registration: Registration
    known: bool


def _bad(code: str, where: str, de: str, en: str) -> BadInput:
    return BadInput(code, de=de, en=en, where=where, remedy_de="Bitte ergänzen.", remedy_en="Please complete it.")


def _closed(event: Event) -> BadInput:
    if event.status == Event.Status.CANCELLED:
        texts = ("Der Termin ist abgesagt.", "The event is cancelled.")
    else:
        texts = ("Für diesen Termin kann man sich nicht mehr anmelden.", "Registration for this event is closed.")
    return BadInput(
        "event_closed",
        de=texts[0],
        en=texts[1],
        where=event.slug,
        remedy_de="Bitte einen anderen Termin wählen oder das Zentrum anrufen.",
        remedy_en="Choose another event, or call the centre.",
    )


def _checked(wanted: Wanted) -> tuple[str, str]:
    """Return name and address as they are kept.

    Raises:
        BadInput: name, address or form token is missing or wrong.
    """
    name = one_line(wanted.name, 120)
    if not name:
        raise _bad("name_missing", "name", "Bitte nennen Sie Ihren Namen.", "Please give your name.")
    mail = check_address(wanted.mail)
    if not _TOKEN.fullmatch(wanted.form_token):
        raise _bad(
            "form_token",
            "form_token",
            "Das Formular ist unvollständig; bitte laden Sie es neu.",
            "The form is incomplete; load it again.",
        )
    return name, mail


def _answers(event: Event, given: Mapping[str, str]) -> dict[str, str]:
    """Return the answers by question number.

    Raises:
        BadInput: a required one is missing, or a choice was not offered.
    """
    kept = {}
    for question in event.questions.all():
        answer = one_line(given.get(str(question.pk), ""), MAX_ANSWER)
        if question.kind == Question.Kind.CHOICE and answer and answer not in question.options:
            answer = ""
        if question.kind == Question.Kind.YES_NO:
            answer = "yes" if answer in ("yes", "on") else ""
        if question.required and not answer:
            raise _bad(
                "answer_missing",
                f"question_{question.pk}",
                "Eine Pflichtfrage ist nicht beantwortet.",
                "A required question is not answered.",
            )
        if answer:
            kept[str(question.pk)] = answer
    return kept


def lock(event_id: int) -> Event:
    """Return the event, locked until the transaction ends.

    Raises:
        NotFound: there is none.
    """
    found = Event.objects.select_for_update(of=("self",)).filter(pk=event_id).first()
    if found is None:
        raise events.unknown()
    return found


def register(event_id: int, wanted: Wanted, user: Any = None) -> Outcome:
    """Give somebody a place, or a turn on the waiting list; the mail about it is written in the same transaction.

    The same form again, or the same address again, changes nothing: `known` is set. Whoever asks must not be told which
    address is registered; the page says the same either way and the mail goes to the address's owner.

    Raises:
        BadInput: something is missing or wrong, or registration is closed.
        NotFound: there is no such event, or it is a draft.
    """
    name, mail = _checked(wanted)
    outcome = patiently(lambda: _register(event_id, wanted, name, mail, user))
    reach("dialogue.register.after_commit")
    return outcome


@transaction.atomic
def _register(event_id: int, wanted: Wanted, name: str, mail: str, user: Any) -> Outcome:
    event = lock(event_id)
    same = Q(form_token=wanted.form_token) | Q(mail_key=mail, status__in=_ACTIVE)
    found = list(event.registrations.filter(same))
    sent_before = next((r for r in found if r.form_token == wanted.form_token), None)
    if sent_before is not None:
        return Outcome(sent_before, known=True)
    if event.status == Event.Status.DRAFT:
        raise events.unknown()
    if not event.registration_open:
        raise _closed(event)
    answers = _answers(event, wanted.answers)
    if found:
        messages.again(found[0])
        return Outcome(found[0], known=True)
    made = _place(event, wanted, name, mail, answers, user)
    if made.status == Registration.Status.CONFIRMED:
        messages.confirmed(made)
    else:
        messages.waiting(made)
    announcements.registered.send(sender=Registration, registration=made)
    log.record("registered", "registration", made.pk, user)
    reach("dialogue.register.before_commit")
    return Outcome(made, known=False)


def _place(event: Event, wanted: Wanted, name: str, mail: str, answers: dict[str, str], user: Any) -> Registration:
    confirmed, waiting = events.counts(event)
    status, turn = Registration.Status.CONFIRMED, None
    if not gets_place(event.quota, confirmed, waiting):
        event.turns += 1
        event.save(update_fields=["turns"])
        status, turn = Registration.Status.WAITING, event.turns
    return Registration.objects.create(
        event=event,
        name=name,
        mail=mail,
        mail_key=mail,
        company_name=one_line(wanted.company_name, 200),
        user=user if user is not None and user.is_authenticated else None,
        lang=wanted.lang,
        answers=answers,
        status=status,
        turn=turn,
        code=new_code(settings.SECRET_KEY),
        form_token=wanted.form_token,
        consent_version=CONSENT_VERSION,
        is_example=event.is_example,
    )


def withdraw(token: str) -> Registration:
    """Give somebody's own place or turn back; who waits moves up. Doing it twice changes nothing.

    Raises:
        NotFound: the link leads nowhere.
        BadInput: the event has begun, or the person was there.
    """
    found = registrations.by_token(token)
    return patiently(lambda: _withdraw(found.event_id, found.pk))


@transaction.atomic
def _withdraw(event_id: int, registration_id: int) -> Registration:
    event = lock(event_id)
    registration = event.registrations.get(pk=registration_id)
    registration.event = event
    if registration.status == Registration.Status.CANCELLED:
        return registration
    if event.begin <= timezone.now() or registration.checked_in_at is not None:
        raise BadInput(
            "event_begun",
            de="Der Termin hat schon begonnen.",
            en="The event has already begun.",
            where=event.slug,
            remedy_de="Eine Absage ist nicht mehr nötig.",
            remedy_en="There is no need to cancel any more.",
        )
    take_back(registration)
    messages.withdrawn(registration)
    move_up(event)
    log.record("withdrawn", "registration", registration.pk)
    reach("dialogue.withdraw.before_commit")
    return registration


def take_back(registration: Registration) -> None:
    """Cancel one registration, in the caller's transaction; its turn is never given again."""
    registration.status, registration.turn = Registration.Status.CANCELLED, None
    registration.cancelled_at = timezone.now()
    registration.save(update_fields=["status", "turn", "cancelled_at"])


def move_up(event: Event) -> list[Registration]:
    """Give free places to those who have waited longest, in the caller's transaction with the event locked.

    Once the event has begun nobody moves up any more: a mail would come too late.
    """
    if event.status != Event.Status.PUBLISHED or event.begin <= timezone.now():
        return []
    confirmed, _ = events.counts(event)
    queue = {r.turn: r for r in event.registrations.filter(status=Registration.Status.WAITING, turn__isnull=False)}
    moved = []
    for turn in moving_up(event.quota, confirmed, [t for t in queue if t is not None]):
        registration = queue[turn]
        registration.event = event
        registration.status, registration.turn = Registration.Status.CONFIRMED, None
        registration.moved_up_at = timezone.now()
        registration.save(update_fields=["status", "turn", "moved_up_at"])
        messages.moved_up(registration)
        moved.append(registration)
    return moved


@transaction.atomic
def renew_link(user: Any, registration_id: int) -> Registration:
    """Make all links a person holds for one registration stop working; the next mail carries a new one.

    Raises:
        NotAllowed: only coordinators.
    """
    check_coordinator(user)
    registration = Registration.objects.select_related("event").filter(pk=registration_id).first()
    if registration is None:
        raise registrations.unknown()
    registration.key = new_key()
    registration.save(update_fields=["key"])
    messages.renewed(registration)
    log.record("link_renewed", "registration", registration.pk, user)
    return registration


@transaction.atomic
def rate(token: str, *, rating: int, useful: str = "", missing: str = "") -> Feedback:
    """Keep what somebody who was there says about the event; the first word counts.

    Raises:
        NotFound: the link leads nowhere.
        BadInput: not there, or no rating from 1 to 5.
    """
    registration = registrations.by_token(token)
    if registration.checked_in_at is None:
        raise _bad("not_there", "rating", "Rückmeldungen geben alle, die dabei waren.", "Feedback is for those who attended.")  # fmt: skip
    if rating not in range(1, 6):
        raise _bad("rating_wrong", "rating", "Bitte wählen Sie eine Note von 1 bis 5.", "Choose a mark from 1 to 5.")
    made, new = Feedback.objects.get_or_create(
        registration=registration,
        defaults={
            "event": registration.event,
            "rating": rating,
            "useful": clean(useful, 1000),
            "missing": clean(missing, 1000),
            "is_example": registration.is_example,
        },
    )
    if new:
        log.record("rated", "event", registration.event_id)
    return made
