"""Every mail about a case, each once: to the company, to the person asked or in charge, to the centre."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.records import day
from nordlotse.foundation.working_days import add_working_days
from nordlotse.journey.core.briefing import five_lines
from nordlotse.journey.models import Assignment, Case, Message
from nordlotse.journey.queries.access import Who
from nordlotse.journey.queries.asking import operator
from nordlotse.journey.queries.briefing import asked_first, facts_of, title_of
from nordlotse.journey.queries.matching import loads
from nordlotse.network.models import Person
from nordlotse.office import links
from nordlotse.office.incoming import make_reply_address
from nordlotse.office.mail import Attachment, enqueue
from nordlotse.office.models import OutgoingMail

#: What the links in these mails are for (`office.links`), and how long they work.
ASKED = "assignment"
CASE = "case"
HELD = "expert_case"
ASKED_DAYS = 30
CASE_DAYS = 90

#: So many working days an answer is waited for before it is asked again, and as many again before somebody else is asked.
ANSWER_DAYS = 2


#: How a case ended, as its company reads it.
ENDINGS = {
    "solved": Text("Die Frage ist gelöst.", "The question is solved."),
    "on_the_way": Text(
        "Sie sind auf gutem Weg und machen selbst weiter.", "You are well on your way and go on yourself."
    ),
    "passed_on": Text("Wir haben Ihr Anliegen an eine andere Stelle weitergegeben.", "We have passed your matter on."),
    "not_possible": Text("Wir konnten Ihnen diesmal nicht helfen.", "We could not help you this time."),
    "no_reply": Text("Wir haben nichts mehr von Ihnen gehört.", "We have not heard from you any more."),
    "withdrawn": Text("Sie haben den Fall zurückgezogen.", "You have withdrawn the case."),
}


def _lang(case: Case) -> Lang:
    return "en" if case.lang == "en" else "de"


def speech_of(person: Person) -> Lang:
    """Return the language in which a person of the network is written to: German, unless they speak only English."""
    return "en" if person.languages and "de" not in person.languages and "en" in person.languages else "de"


def address_of(person: Person) -> str:
    """Return where a person of the network gets mail: the address of the profile, else of the account."""
    return person.mail or (person.user.email if person.user else "")


def case_address(case: Case) -> str:
    """Return the path under which the company sees the case: with its account, or by a link for 90 days."""
    if case.company_id is not None and case.contact is not None and case.contact.user_id is not None:
        return f"betrieb/fall/{case.pk}/"
    return f"fall/{links.make(CASE, case.pk, mail=case.contact.mail if case.contact else '', days=CASE_DAYS)}/"


def expert_path(assignment: Assignment) -> str:
    """Return the path under which the person in charge works on the case: with an account, or by a link for 90 days."""
    if assignment.person.user_id is not None:
        return f"fachleute/fall/{assignment.case_id}/"
    return f"anfrage/fall/{links.make(HELD, assignment.pk, mail=address_of(assignment.person), days=CASE_DAYS)}/"


def _started(key: str) -> str:
    """Return the Message-ID of an earlier mail, so that mail programs show one conversation."""
    return OutgoingMail.objects.filter(key=key).values_list("message_id", flat=True).first() or ""


def to_company(case: Case, key: str, template: str, context: dict[str, Any], **options: Any) -> None:
    """Write to whoever opened the case; nothing is written to somebody who only left a phone number."""
    contact = case.contact
    if contact is None or not contact.mail:
        return
    start = f"journey:opened:{case.pk}"
    reply_to = make_reply_address(CASE, case.pk, f"contact:{contact.pk}", contact.mail)
    enqueue(
        key,
        contact.mail,
        lang=_lang(case),
        template=f"journey/mail/{template}.txt",
        context={
            "case": case,
            "contact": contact,
            "path": case_address(case),
            "operator": operator(),
            "replies": bool(reply_to),
            "promised": promised(case, _lang(case)),
            **context,
        },
        room="journey",
        reference=case.pk,
        reply_to=reply_to,
        in_reply_to=_started(start) if key != start else "",
        **options,
    )


def promised(case: Case, lang: Lang) -> str:
    """Return the day of the promise in words while it still stands, "" after the first reply."""
    return day(case.promised_on, lang) if case.promised_on and case.first_reply_at is None else ""


def to_expert(assignment: Assignment, key: str, template: str, context: dict[str, Any], **options: Any) -> None:
    """Write to the person of an assignment; who has no address works by page alone."""
    person, case = assignment.person, assignment.case
    lang = speech_of(person)
    address = address_of(person)
    if not address:
        return
    start = f"journey:asked:{assignment.pk}"
    enqueue(
        key,
        address,
        lang=lang,
        template=f"journey/mail/{template}.txt",
        context={
            "case": case,
            "person": person,
            "title": title_of(case, lang),
            "replies": bool(options.get("reply_to")),
            "promised": promised(case, lang),
            **context,
        },
        room="journey",
        reference=case.pk,
        in_reply_to=_started(start) if key != start else "",
        **options,
    )


def opened(case: Case) -> None:
    """Confirm what came in: number, day of the promise, and where to follow it."""
    to_company(case, f"journey:opened:{case.pk}", "opened", {"first": asked_first(case)})


def asked(assignment: Assignment, key: str = "") -> None:
    """Ask somebody to take a case: five lines, pictures, and a link to the choices."""
    case, lang = assignment.case, speech_of(assignment.person)
    facts, filled = facts_of(case), loads(timezone.localdate()).get(assignment.person_id, 0)
    token = links.make(ASKED, assignment.pk, mail=address_of(assignment.person), days=ASKED_DAYS)
    to_expert(
        assignment,
        key or f"journey:asked:{assignment.pk}",
        "asked" if not key else "asked_again",
        {
            "lines": five_lines(facts, lang),
            "path": f"anfrage/{token}/",
            "reason": assignment.reason_en if lang == "en" else assignment.reason_de,
            "until": answer_by(assignment, waited=bool(key)),
            "english": case.lang == "en",
            "filled": filled,
            "full": filled > assignment.person.capacity,
            "operator": operator(),
        },
        reply_to=request_address(assignment),
        attachments=_pictures([r.picture for r in facts.results]),
    )


def answer_by(assignment: Assignment, *, waited: bool = False) -> date:
    """Return the day by which an answer is asked for: before the reminder, `waited` before the question is taken back."""
    asked_on = timezone.localdate(assignment.proposed_at)
    return add_working_days(asked_on, ANSWER_DAYS * (2 if waited else 1), assignment.case.state)


def _pictures(drawn: Sequence[str]) -> list[Attachment]:
    return [
        Attachment(f"bild-{number}.svg", "image/svg+xml", picture.encode())
        for number, picture in enumerate((p for p in drawn if p), 1)
    ]


def reply_address(assignment: Assignment) -> str:
    """Return where the person in charge answers by mail."""
    address = address_of(assignment.person)
    return make_reply_address(CASE, assignment.case_id, f"person:{assignment.person_id}", address) if address else ""


def accepted(assignment: Assignment) -> None:
    """Tell the company who looks after it now, and the person how the company is reached."""
    case = assignment.case
    to_company(case, f"journey:accepted:{assignment.pk}", "accepted", {"person": assignment.person})
    to_expert(
        assignment,
        f"journey:yours:{assignment.pk}",
        "yours",
        {
            "lines": five_lines(facts_of(case), speech_of(assignment.person)),
            "contact": case.contact,
            "path": expert_path(assignment),
        },
        reply_to=reply_address(assignment),
    )


def done_with(assignment: Assignment, template: str) -> None:
    """Tell a person that nothing is left to do: `handed_over`, or `withdrawn` for somebody who was only asked."""
    to_expert(assignment, f"journey:{template}:{assignment.pk}", template, {})


def stale(assignment: Assignment, on: str) -> None:
    """Remind the person in charge of a case in which nothing has happened."""
    to_expert(
        assignment,
        f"journey:stale:{assignment.pk}:{on}",
        "stale",
        {"path": expert_path(assignment)},
        reply_to=reply_address(assignment),
    )


def woken(assignment: Assignment, on: str) -> None:
    """Tell the person in charge that a case that waited is back."""
    to_expert(
        assignment,
        f"journey:woken:{assignment.pk}:{on}",
        "woken",
        {"path": expert_path(assignment)},
        reply_to=reply_address(assignment),
    )


def promise(case: Case) -> None:
    """Tell the centre, once a case, that the promised first reply is due."""
    centre(case, f"journey:promise:{case.pk}", "centre_promise", {})


def nobody_yet(case: Case, number: int) -> None:
    """Tell the company honestly that those who were asked cannot help, and what happens now."""
    to_company(case, f"journey:nobody:{case.pk}:{number}", "nobody_yet", {})


def message(entry: Message, files: Sequence[Attachment]) -> None:
    """Pass a message of the thread on to the other side; internal notes and the system's own are never passed on.

    Who wrote by a mailed link gets a copy.
    """
    if entry.person is not None and entry.user_id is None and entry.channel != Message.Channel.MAIL:
        own = entry.case.assignments.filter(person=entry.person, status=Assignment.Status.ACCEPTED)
        for assignment in own.select_related("person__user", "case"):
            copy(entry, assignment)
    if entry.internal or entry.author == Message.Author.SYSTEM:
        return
    case = entry.case
    sender = entry.person.name if entry.person else ""
    if entry.author != Message.Author.COMPANY and entry.channel != Message.Channel.PHONE:
        to_company(
            case,
            f"journey:message:{entry.pk}:company",
            "message",
            {"text": entry.text, "sender": sender},
            attachments=files,
            automatic=False,
        )
    held = case.assignments.filter(status=Assignment.Status.ACCEPTED).select_related("person", "person__user", "case")
    for assignment in held:
        if assignment.person_id != entry.person_id:
            to_expert(
                assignment,
                f"journey:message:{entry.pk}:{assignment.person_id}",
                "message_to_expert",
                {"text": entry.text, "sender": sender, "path": expert_path(assignment), "author": entry.author},
                reply_to=reply_address(assignment),
                attachments=files,
                automatic=False,
            )


def copy(entry: Message, assignment: Assignment) -> None:
    """Send whoever wrote by a mailed link a copy: a link can be passed on, and its owner shall hear what was said in their name."""
    to_expert(
        assignment,
        f"journey:copy:{entry.pk}",
        "copy",
        # No reply address: "that was not me" must not reach the company.
        {"text": entry.text, "internal": entry.internal, "operator": operator()},
    )


def received(entry: Message, who: Who, told: Sequence[str]) -> None:
    """Tell the sender of a mail what became of it where that is not what they would think: see `journey/mail/received.txt`."""
    case = entry.case
    context = {"told": told, "phone": case.contact.phone if case.contact else "", "operator": operator()}
    if who.person is None:
        to_company(case, f"journey:received:{entry.pk}", "received", context)
        return
    held = case.assignments.filter(person=who.person).select_related("person__user", "case").order_by("-pk").first()
    if held is not None:
        to_expert(held, f"journey:received:{entry.pk}", "received", context)


def noted(assignment: Assignment, choice: str, key: str = "") -> None:
    """Confirm an answer that came by mail: `decline`, `not_now`, `conflict`, `given_back`, or what was none of these.

    `note`: no word was understood; `yours`: the person has the case already; `answered`: there is nothing to answer any more.
    """
    to_expert(
        assignment,
        key or f"journey:noted:{assignment.pk}:{choice}",
        "noted",
        {
            "choice": choice,
            "again_on": assignment.ask_again_on,
            "path": expert_path(assignment) if choice == "yours" else "",
            "operator": operator(),
        },
        reply_to=request_address(assignment) if choice == "note" else "",
    )


def request_address(assignment: Assignment) -> str:
    """Return where whoever is asked answers by mail: yes, no, later, or words for the coordinator."""
    address = address_of(assignment.person)
    return make_reply_address(ASKED, assignment.pk, f"person:{assignment.person_id}", address) if address else ""


def given_back(case: Case, number: int) -> None:
    """Tell the company that whoever had its case cannot go on, and who looks after it now."""
    to_company(case, f"journey:given_back:{case.pk}:{number}", "given_back", {})


def closed(case: Case, words: str) -> None:
    """Tell the company how its case ended, with a word of whoever closed it."""
    to_company(case, f"journey:closed:{case.pk}:{timezone.now():%Y%m%d%H%M%S}", "closed", ending(case, words))


def ending(case: Case, words: str) -> dict[str, str]:
    """Return what a mail says of how a case ended: the outcome in a sentence, and the word of whoever closed it."""
    said = ENDINGS.get(case.outcome)
    return {"ended": said.get(_lang(case)) if said else "", "words": words}


def note(case: Case) -> None:
    """Tell the centre that somebody of the network wrote to the coordinator about a case; its words stand in the case."""
    last = case.messages.filter(internal=True).order_by("-pk").values_list("pk", flat=True).first()
    centre(case, f"journey:note:{case.pk}:{last or 0}", "centre_note", {})


def centre(case: Case, key: str, template: str, context: dict[str, Any]) -> None:
    """Write to the centre's own address, if one is entered; the desk says the same."""
    address = operator().mail
    if address:
        enqueue(
            key,
            address,
            lang="de",
            template=f"journey/mail/{template}.txt",
            context={"case": case, "path": f"desk/faelle/{case.pk}/", "promised": promised(case, "de"), **context},
            room="journey",
            reference=case.pk,
        )
