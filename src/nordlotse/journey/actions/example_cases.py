"""Cases of the example centre: asked, taken, answered, counted and closed over two years."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone

from nordlotse.foundation.sectors import size_of
from nordlotse.foundation.working_days import add_working_days
from nordlotse.journey.actions.example_world import DAYS, World, content_of
from nordlotse.journey.core.consents import current
from nordlotse.journey.core.kinds import kind as kind_of
from nordlotse.journey.models import Assignment, Case, Company, Consent, Contact, Effect, Message, Service
from nordlotse.network.models import Person


def make_cases(world: World) -> None:
    """Make the companies' cases, with what was said, done, counted and thought of it."""
    content, chance = content_of("companies"), world.chance
    number = Case.objects.aggregate(last=Max("number"))["last"] or 0
    cases, parts = [], []
    for company, contact in zip(world.companies, world.contacts, strict=True):
        for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
            asked = chance.choice(content["questions"])
            day = add_working_days(world.today - timedelta(days=int(DAYS * chance.random() ** 1.4)), 0, company.state)
            number += 1
            case = _case(world, company, contact, asked, min(day, world.today), number)
            cases.append(case)
            parts.append(chance.choice([p for p in world.people if world.fields[p.pk]["topic"] == asked["topic"]]))
    cases = Case.objects.bulk_create(cases)
    purpose = Consent.Purpose.CONTACT_LATER
    Consent.objects.bulk_create(
        Consent(
            contact_id=case.contact_id,
            case=case,
            purpose=purpose,
            version=current(purpose).version,
            given_at=case.opened_at,
        )
        for case in cases
    )
    _talk(world, list(zip(cases, parts, strict=True)))


def _case(world: World, company: Company, contact: Contact, asked: dict[str, Any], day: date, number: int) -> Case:
    chance, age = world.chance, (world.today - day).days
    if age > 90:
        status = chance.choice(("closed", "effect_asked", "effect_asked", "effect_asked"))
    elif age > 21:
        status = chance.choice(("in_work", "in_work", "waiting", "closed", "closed"))
    else:
        status = chance.choice(("new", "proposed", "accepted", "in_work", "in_work", "declined"))
    opened = world.at(day)
    replied = status in ("in_work", "waiting", "closed", "effect_asked")
    reply_day = add_working_days(day, chance.choice((1, 1, 1, 2, 2, 3)), company.state)
    closed = status in ("closed", "effect_asked")
    closing = min(day + timedelta(days=chance.randint(8, 60)), world.today)
    return Case(
        number=number,
        company=company,
        contact=contact,
        lang="de",
        title=asked["title"],
        question=asked["text"].format(state=company.state),
        wish=chance.choice(("call", "visit", "mail")),
        company_name=company.name,
        place=company.place,
        topic=asked["topic"],
        state=company.state,
        district=company.district,
        sector=company.sector,
        employees=company.employees,
        status=status,
        open=not closed,
        waiting_until=world.today + timedelta(days=chance.randint(3, 30)) if status == "waiting" else None,
        opened_at=opened,
        touched_at=world.at(closing) if closed else world.at(min(reply_day, world.today)),
        promised_on=add_working_days(day, 2, company.state),
        first_reply_at=world.at(min(reply_day, world.today)) if replied else None,
        closed_at=world.at(closing) if closed else None,
        outcome=chance.choice(("solved", "solved", "passed_on", "not_possible")) if closed else "",
        is_example=world.mark,
    )


def _talk(world: World, pairs: Sequence[tuple[Case, Person]]) -> None:
    """Give the cases their people, messages, services and effects."""
    content, chance = content_of("companies"), world.chance
    assignments, messages, services, effects = [], [], [], []
    for case, person in pairs:
        if case.status == "new":
            continue
        said = {"proposed": "proposed", "declined": "declined"}.get(
            case.status, "ended" if not case.open else "accepted"
        )
        field_name = world.fields[person.pk]["role"]
        assignments.append(
            Assignment(
                case=case,
                person=person,
                status=said,
                reason_de=f"Kennt sich mit {field_name} aus und hatte Platz.",
                reason_en=f"Knows {field_name} and had room.",
                score=0.8,
                proposed_at=case.opened_at + timedelta(hours=2),
                answered_at=None if said == "proposed" else case.opened_at + timedelta(hours=5),
            )
        )
        if case.first_reply_at is None:
            continue
        messages.append(_said(case, "expert", chance.choice(content["replies"]), case.first_reply_at, person))
        if chance.random() < 0.7:
            at = case.first_reply_at + timedelta(days=1)
            messages.append(_said(case, "company", chance.choice(content["answers"]), at))
        services.append(_service(world, case, person, "answer", case.first_reply_at))
        if not case.open:
            services.append(
                _service(world, case, person, chance.choice(("consultation", "visit", "call")), case.closed_at)
            )
            effects.append(_effect(world, case))
    Assignment.objects.bulk_create(assignments)
    Message.objects.bulk_create(messages)
    Service.objects.bulk_create(services)
    Effect.objects.bulk_create(effects)


def _said(case: Case, author: str, text: str, at: datetime, person: Person | None = None) -> Message:
    return Message(case=case, author=author, text=text, person=person, created_at=at)


def _service(world: World, case: Case, person: Person, kind: str, at: datetime | None) -> Service:
    what = kind_of(kind)
    assert at is not None  # noqa: S101 - for the checker: a case with a reply has its moment
    confirmed = at.date() < world.today - timedelta(days=2) or world.chance.random() < 0.3
    return Service(
        source=f"example:{case.number}:{kind}" if world.mark else f"seeded:{case.number}:{kind}",
        kind=kind,
        format=what.formats[0],
        topic=case.topic,
        day=timezone.localdate(at),
        minutes=what.minutes,
        company=case.company,
        contact=case.contact,
        company_key=case.company.count_key if case.company else "",
        contact_key=case.contact.count_key if case.contact else "",
        state=case.state,
        district=case.district,
        sector=case.sector,
        size=str(size_of(case.employees) or ""),
        case=case,
        person=person,
        partner=person.partner,
        is_example=world.mark,
        created_at=at,
        confirmed_at=at + timedelta(hours=1) if confirmed else None,
    )


def _effect(world: World, case: Case) -> Effect:
    answered = world.chance.random() < 0.6
    return Effect(
        case=case,
        moment="closing",
        asked_at=case.closed_at or case.opened_at,
        answered_at=(case.closed_at or case.opened_at) + timedelta(days=2) if answered else None,
        helped=world.chance.choice(("yes", "yes", "partly", "no")) if answered else "",
        done=world.chance.choice(("in_use", "started", "planned")) if answered else "",
        worth=world.chance.choice(content_of("companies")["worth"]) if answered else "",
    )
