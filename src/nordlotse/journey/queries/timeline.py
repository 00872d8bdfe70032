"""A company's page: what happened in one line of time, what comes next, and who read what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone
from icalendar import Calendar, Event

from nordlotse.dialogue.models import Registration
from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.working_days import add_working_days
from nordlotse.journey.core.consents import GENERAL, current, texts
from nordlotse.journey.models import AccessRecord, Case, Company, Consent, Message, Service
from nordlotse.journey.queries.companies import ticked
from nordlotse.office import people
from nordlotse.office.models import StoredFile

#: So much of the past is shown at once.
LIMIT = 100

_AUTHORS = {
    "company": Text("Sie haben geschrieben", "You wrote"),
    "expert": Text("Nachricht von der Fachperson", "Message from the expert"),
    "centre": Text("Nachricht vom Zentrum", "Message from the centre"),
    "system": Text("Stand des Falls", "State of the case"),
}
_OPENED = Text("Fall eröffnet", "Case opened")
_CLOSED = Text("Fall abgeschlossen", "Case closed")
_SERVICE = Text("Begleitet", "Accompanied")
_AGREED = Text("Einwilligung gegeben", "Consent given")
_WITHDRAWN = Text("Einwilligung zurückgenommen", "Consent withdrawn")
_EVENT = Text("Angemeldet", "Registered")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline: when, what, on which case (its id, "" for none)."""

    at: datetime
    kind: str
    title: str
    detail: str = ""
    case: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that comes next: by when, what, and where it is done (name of a page and what it wants)."""

    due: date
    title: str
    detail: str
    case: str = ""
    event: str = ""
    begin: datetime | None = None
    end: datetime | None = None


def _registrations(company: Company) -> list[Registration]:
    mails = people.mails_of_all(company.memberships.values_list("user_id", flat=True))
    found = Registration.objects.filter(mail__in=mails).exclude(status="cancelled").select_related("event")
    return list(found.order_by("-event__begin")[:LIMIT])


def timeline(company: Company, lang: Lang) -> list[Entry]:
    """Return what happened between the company and the centre, newest first; internal notes are not in it."""
    shown = Message.objects.filter(internal=False).order_by("created_at")
    cases = company.cases.prefetch_related(Prefetch("messages", queryset=shown)).order_by("-opened_at")[:LIMIT]
    entries = [entry for case in cases for entry in _of_case(case, lang)]
    for service in company.services.exclude(confirmed_at=None).order_by("-day")[:LIMIT]:
        at = timezone.make_aware(datetime.combine(service.day, time(12)))
        entries.append(Entry(at, "service", _SERVICE.get(lang), _duration(service, lang), service.case_id or ""))
    names = {t.purpose: t.name for t in reversed(texts())}
    for consent in (*company.consents.filter(case=None), *ticked(company)):
        name = names[consent.purpose].get(lang) if consent.purpose in names else consent.purpose
        entries.append(Entry(consent.given_at, "consent", _AGREED.get(lang), name, consent.case_id or ""))
        if consent.withdrawn_at:
            entries.append(Entry(consent.withdrawn_at, "consent", _WITHDRAWN.get(lang), name, consent.case_id or ""))
    for one in _registrations(company):
        entries.append(Entry(one.at, "event", _EVENT.get(lang), one.event.title(lang)))
    return sorted(entries, key=lambda e: e.at, reverse=True)[:LIMIT]


def _of_case(case: Case, lang: Lang) -> Iterable[Entry]:
    yield Entry(case.opened_at, "case", _OPENED.get(lang), case.title, case.pk)
    for message in case.messages.all():
        excerpt = message.text if len(message.text) < 160 else message.text[:157] + "…"
        yield Entry(message.created_at, "message", _AUTHORS[message.author].get(lang), excerpt, case.pk)
    if case.closed_at:
        yield Entry(case.closed_at, "case", _CLOSED.get(lang), case.title, case.pk)


def _duration(service: Service, lang: Lang) -> str:
    minutes = f"{service.minutes} min"
    return f"{service.note} ({minutes})" if service.note else minutes


def open_steps(company: Company, lang: Lang) -> list[Step]:
    """Return what comes next with its date: a reply we promised, a case that waits for the company, an event booked."""
    steps = []
    for case in company.cases.exclude(status__in=("closed", "effect_asked")).order_by("opened_at")[:LIMIT]:
        if case.waiting_until:
            title = Text("Fall ruht bis", "Case rests until").get(lang)
            steps.append(Step(case.waiting_until, title, case.title, case=case.pk))
        elif case.first_reply_at is None:
            due = add_working_days(timezone.localdate(case.opened_at), 2, case.state)
            title = Text("Unsere erste Antwort kommt bis", "Our first reply comes by").get(lang)
            steps.append(Step(due, title, case.title, case=case.pk))
    now = timezone.now()
    for one in _registrations(company):
        if one.event.end > now and one.event.status == "published":
            day = timezone.localdate(one.event.begin)
            title = Text("Termin", "Event").get(lang)
            steps.append(
                Step(day, title, one.event.title(lang), event=one.event.slug, begin=one.event.begin, end=one.event.end)
            )
    return sorted(steps, key=lambda s: s.due)


def steps_calendar(company: Company, lang: Lang, address: str) -> bytes:
    """Return the open steps as iCalendar (RFC 5545); `address` is the company's page."""
    calendar = Calendar()
    calendar.add("prodid", "-//Nordlotse//company//DE")
    calendar.add("version", "2.0")
    for step in open_steps(company, lang):
        event = Event()
        event.add("uid", f"{step.case or step.event}-{company.pk}@nordlotse")
        event.add("dtstamp", timezone.now())
        event.add("summary", f"{step.title}: {step.detail}")
        event.add("dtstart", step.begin or step.due)
        event.add("dtend", step.end or step.due + timedelta(days=1))
        event.add("url", address)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def files_of(company: Company) -> list[tuple[StoredFile, str]]:
    """Return the files of a company's cases with the case they belong to, newest first; not those of internal notes."""
    shown = Message.objects.filter(case__company=company, internal=False).exclude(attachments=[])
    owners = {file: case for files, case in shown.values_list("attachments", "case_id") for file in files}
    found = StoredFile.objects.filter(pk__in=list(owners)).order_by("-added_at")[:LIMIT]
    return [(file, owners[file.pk]) for file in found]


def consents_of(company: Company, lang: Lang) -> list[dict[str, Any]]:
    """Return what can be said yes to for everything, with its words, and since when it is given (None: not)."""
    live = {c.purpose: c for c in Consent.objects.filter(company=company, case=None, withdrawn_at=None)}
    newest = {purpose: current(purpose) for purpose in GENERAL}
    return [
        {
            "purpose": purpose,
            "name": text.name.get(lang),
            "text": text.text.get(lang),
            "since": live[purpose].given_at if purpose in live else None,
            "version": live[purpose].version if purpose in live else text.version,
        }
        for purpose, text in sorted(newest.items())
    ]


def ticked_of(consents: Iterable[Consent], lang: Lang) -> list[dict[str, Any]]:
    """Return what was said yes to for cases and is still alive: id, words of the version agreed to, since when, case."""
    words = {(t.purpose, t.version): t for t in texts()}
    return [
        {
            "id": consent.pk,
            "name": text.name.get(lang),
            "text": text.text.get(lang),
            "since": consent.given_at,
            "version": consent.version,
            "case": consent.case,
        }
        for consent in consents
        if consent.withdrawn_at is None
        and (text := words.get((consent.purpose, consent.version)) or current(consent.purpose))
    ]


def reads_of(company: Company) -> list[AccessRecord]:
    """Return who read which case of the company, newest first."""
    found = AccessRecord.objects.filter(case__company=company).select_related("case").order_by("-at")
    return list(found[:LIMIT])
