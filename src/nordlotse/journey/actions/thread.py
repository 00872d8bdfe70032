"""The words of a case: messages by page, mail or phone, internal notes, files, and the draft of an article made of a reply."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from nordlotse.answers import actions as texts
from nordlotse.answers import queries as known_texts
from nordlotse.answers.core.documents.draft import slug_of
from nordlotse.foundation.language import Lang
from nordlotse.foundation.masking import mask
from nordlotse.foundation.problem import BadInput, NotAllowed
from nordlotse.journey.actions import letters
from nordlotse.journey.actions.asking import tidy
from nordlotse.journey.actions.cases import locked, move, no_mail, reachable, take_up_again
from nordlotse.journey.actions.writing import written
from nordlotse.journey.announcements import replied
from nordlotse.journey.core.case import OPEN, Actor, State, Step
from nordlotse.journey.models import Case, Contact, Message
from nordlotse.journey.queries.access import Who, case_unknown, check_part, in_charge
from nordlotse.journey.queries.briefing import title_of
from nordlotse.network.models import Person
from nordlotse.office import files, log
from nordlotse.office.mail import Attachment
from nordlotse.office.models import StoredFile

MAX_WORDS = 20_000
MAX_FILES = 5

_AUTHORS = {
    Actor.COMPANY: Message.Author.COMPANY,
    Actor.EXPERT: Message.Author.EXPERT,
    Actor.COORDINATOR: Message.Author.CENTRE,
    Actor.SYSTEM: Message.Author.SYSTEM,
}


def check_words(text: str, has_files: bool = False) -> str:
    """Return the words of a message, tidied.

    Raises:
        BadInput: nothing to read, or more than 20,000 characters.
    """
    words = tidy(text)
    if not words and not has_files:
        raise BadInput(
            "message_empty",
            de="Die Nachricht ist leer.",
            en="The message is empty.",
            where="text",
            remedy_de="Bitte schreiben Sie etwas oder hängen Sie eine Datei an.",
            remedy_en="Write something, or attach a file.",
        )
    if len(words) > MAX_WORDS:
        raise BadInput(
            "message_long",
            de="Die Nachricht ist zu lang.",
            en="The message is too long.",
            where="text",
            remedy_de="Bitte auf 20.000 Zeichen kürzen oder als Datei anhängen.",
            remedy_en="Shorten it to 20,000 characters, or attach it as a file.",
        )
    return words


def say(
    who: Who,
    case_id: str,
    text: str,
    *,
    internal: bool = False,
    channel: Message.Channel = Message.Channel.PAGE,
    uploads: Sequence[UploadedFile[Any]] = (),
    attached: Sequence[Attachment] = (),
    once: str = "",
    minutes: int | None = None,
) -> Message:
    """Add a message to a case and mail it to the other side; the same `once` (Message-ID or key of a form) adds one only.

    `internal`: a note the company never sees. A phone call noted by the expert or the centre is a reply of its own kind: it is
    not mailed to the company; `minutes` says how long it took. The first reply is measured; words of the company bring a
    resting or closed case back.

    Raises:
        BadInput: the company left no mail address, so that words for it would reach nobody (`no_mail`).
        BadInput, TooLarge: nothing to read, too long, or a file that is not taken.
        NotAllowed, NotFound: not this person's case.
    """
    words = check_words(text, bool(uploads or attached))
    with written("say"):
        case = locked(case_id)
        check_part(who, case)
        known = Message.objects.filter(mail_id=once).first() if once else None
        if known is not None:  # the other of two at once has just been through
            return known
        if internal and who.actor == Actor.COMPANY:
            raise _not_internal()
        to_company = not internal and who.actor in (Actor.EXPERT, Actor.COORDINATOR)
        if to_company and channel != Message.Channel.PHONE and not reachable(case):
            raise no_mail(case)
        message = Message(
            case=case,
            author=_AUTHORS[who.actor],
            channel=channel,
            user=who.user if who.user is not None and who.user.is_authenticated else None,
            person=who.person,
            text=words,
            internal=internal,
            mail_id=once or None,
        )
        kept = [files.take_in(u, room="journey", reference=case.pk, user=message.user) for u in uploads[:MAX_FILES]]
        kept += [
            files.take_in_bytes(a.content, name=a.name, room="journey", reference=case.pk, user=message.user)
            for a in attached
        ]
        message.attachments = [file.pk for file in kept]
        message.save()
        if who.actor == Actor.COORDINATOR and case.attention == Case.Attention.NOTE:
            case.attention = ""
            case.save(update_fields=["attention"])
        if not internal:
            _goes_on(case, message, who)
        letters.message(message, [_again(file) for file in kept])
        if not internal and message.author in (Message.Author.EXPERT, Message.Author.CENTRE):
            replied.send(sender=Message, message=message, channel=message.channel, minutes=minutes)
        log.record("case_note" if internal else "case_message", "case", case.pk, who.logged)
        return message


def _not_internal() -> NotAllowed:
    return NotAllowed(
        "note_not_yours",
        de="Interne Notizen schreiben nur Fachleute und Koordination.",
        en="Only experts and coordinators write internal notes.",
        where="internal",
        remedy_de="Bitte schreiben Sie eine Nachricht.",
        remedy_en="Write a message.",
    )


def _again(file: StoredFile) -> Attachment:
    return Attachment(file.name, file.media_type, files.path_of(file).read_bytes())


def _goes_on(case: Case, message: Message, who: Who) -> None:
    """Let a case follow its newest words: state, first reply, who has to answer now."""
    now, state = timezone.now(), State(case.status)
    case.asked_last, case.touched_at, case.reminded_at = message.author, now, None
    replies = who.actor in (Actor.EXPERT, Actor.COORDINATOR)
    if replies and case.first_reply_at is None:
        case.first_reply_at = now
    if replies and case.attention in (Case.Attention.PROMISE, Case.Attention.STALE):
        case.attention = ""
    if who.actor == Actor.COMPANY and state not in OPEN:
        take_up_again(case, who)
    elif state == State.WAITING:
        move(case, Step.RESUME, who)
    elif state == State.ACCEPTED and replies:
        move(case, Step.BEGIN, who)
    elif who.actor == Actor.COORDINATOR and state in (State.NEW, State.DECLINED, State.NOT_NOW):
        # Whoever answers has it: the case is no longer "new", and nobody else is asked by itself.
        case.taken_by = who.user
        move(case, Step.TAKE_OVER, who)
    else:
        case.save()


def take_mail(reference: str, sender: str, text: str, attachments: Sequence[Attachment], message_id: str) -> None:
    """Take in a mailed reply about a case (handler of the purpose "case"): `sender` is `person:ID` or `contact:ID`.

    An expert's mail that begins with "intern:" is an internal note. What cannot reach the company is kept as one too, and the
    expert hears whom to call. Files for which there is no room any more are left out, and the sender hears that.

    Raises:
        NotFound: the case is gone or in other hands.
        BadInput: nothing to read.
    """
    case = Case.objects.select_related("contact").filter(pk=reference).first()
    kind, _, number = sender.partition(":")
    if case is None:
        raise case_unknown()
    who: Who | None = None
    if kind == "person" and number.isdecimal():
        person = Person.objects.filter(pk=int(number), active=True).first()
        who = Who(Actor.EXPERT, person=person) if person is not None and in_charge(case, person) else None
    elif kind == "contact":
        contact = Contact.objects.filter(pk=number).first()
        who = Who(Actor.COMPANY, contact=contact) if contact is not None and case.contact_id == contact.pk else None
    if who is None:
        raise case_unknown()
    internal, words = (False, text) if who.person is None else _internal(text)
    undelivered = who.person is not None and not internal and not reachable(case)
    once = f"mail:{case.pk}:{message_id}"[:300]
    if once_known(once):
        return
    message, left = _said_by_mail(who, case, words, attachments, once, internal=internal or undelivered)
    told = [name for name, yes in (("undelivered", undelivered), ("internal", internal), ("files", left)) if yes]
    if internal or undelivered:
        note_to_coordinator(case.pk)
    if told:
        letters.received(message, who, told)


def once_known(once: str) -> bool:
    """Tell whether a mail has been taken in already."""
    return Message.objects.filter(mail_id=once).exists()


def _said_by_mail(
    who: Who, case: Case, words: str, attachments: Sequence[Attachment], once: str, *, internal: bool
) -> tuple[Message, bool]:
    """Add a mail's words; return the message and whether its files had to be left out because there is no room for them."""
    try:
        with transaction.atomic():
            return say(
                who, case.pk, words, internal=internal, channel=Message.Channel.MAIL, attached=attachments, once=once
            ), False
    except BadInput as problem:
        if problem.code != "file_quota" or not words:
            raise
    return say(who, case.pk, words, internal=internal, channel=Message.Channel.MAIL, once=once), True


_INTERNAL = re.compile(r"\A\s{0,20}(?:intern|internal)\b\s{0,5}([:,;.–-])[ \t]{0,5}", re.I)


_INTERNAL_BELOW = re.compile(r"^[ \t]{0,20}(?:intern|internal)[ \t]{0,5}[:–-]", re.I | re.M)


def _internal(text: str) -> tuple[bool, str]:
    """Tell whether a mail is meant for the coordinator alone: a line begins with "intern:"; a mark at the head is taken off."""
    found = _INTERNAL.match(text)
    if found is None:
        # Below a greeting as well: better a note too many before the coordinator than one word too many before the company.
        return bool(_INTERNAL_BELOW.search(text)), text
    rest = text[found.end() :].strip() if found[1] == ":" else text
    return True, rest or text


def note_to_coordinator(case_id: str) -> None:
    """Put an open case before the coordinator because somebody wrote to her, in the caller's transaction."""
    case = locked(case_id)
    if case.open and not case.attention:
        case.attention = Case.Attention.NOTE
        case.save(update_fields=["attention"])
    letters.note(case)


def draft_article(who: Who, message_id: int, *, named: bool = False) -> str:
    """Make a draft on the desk of an expert's reply: names, addresses and numbers masked, the author named if wished.

    Returns the draft's id; the same reply gives the same draft again. It is shown to nobody before an editor publishes it.

    Raises:
        NotFound: no such reply.
        NotAllowed: no coordinator.
        BadInput: an internal note or the company's own words are no answer to others.
    """
    with written("draft"):
        message = (
            Message.objects.select_related("case__inquiry", "case__contact", "person").filter(pk=message_id).first()
        )
        if message is None:
            raise case_unknown()
        check_part(who, message.case)
        if message.internal or message.author not in (Message.Author.EXPERT, Message.Author.CENTRE):
            raise BadInput(
                "draft_of_what",
                de="Daraus lässt sich kein Artikel machen.",
                en="No article can be made of this.",
                where="message",
                remedy_de="Bitte die Antwort einer Fachperson wählen.",
                remedy_en="Choose an expert's reply.",
            )
        if message.draft:
            return message.draft
        case = message.case
        title = stripped(title_of(case, "en" if case.lang == "en" else "de"), case)
        slug = _free_slug(slug_of(title), "en" if case.lang == "en" else "de")
        lang: Lang = "en" if case.lang == "en" else "de"
        raw = texts.skeleton(
            slug, lang, _topic(case), title, stripped(message.text, case, keep=message.person if named else None),
            source=f"{message.person.name}, {message.person.partner.name}" if named and message.person else "",
        )  # fmt: skip
        note = f"Frage {case.inquiry_id}" if case.inquiry_id else f"Fall {case.number}"
        texts.save_draft(who.user, slug, lang, raw, note)
        message.draft = slug
        message.save(update_fields=["draft"])
        log.record("case_drafted", "case", case.pk, who.logged)
        return slug


def stripped(text: str, case: Case, keep: Person | None = None) -> str:
    """Return words without what leads to the people or the company of the case; `keep`: who wants to be named."""
    told = mask(text)
    contact = case.contact
    for name in filter(
        None,
        (
            case.company.name if case.company else case.company_name,
            *((contact.name, contact.mail, contact.phone, contact.company_name) if contact else ()),
            *(contact.name.split() if contact else ()),
            *(
                a.person.name
                for a in case.assignments.select_related("person")
                if keep is None or a.person_id != keep.pk
            ),
        ),
    ):
        if len(name) > 2:
            told = re.sub(rf"(?<!\w){re.escape(name)}(?:s|'s|’s)?(?!\w)", "[…]", told, flags=re.IGNORECASE)
    return told


def _topic(case: Case) -> str:
    known = ("digitalisation", "iot", "print3d", "industrie40", "business_models", "funding", "network", "events")
    return case.topic if case.topic in known else "digitalisation"


def _free_slug(slug: str, lang: Lang) -> str:
    number, found = 1, slug
    while known_texts.history(found, lang):
        number += 1
        found = f"{slug[:56]}-{number}"
    return found
