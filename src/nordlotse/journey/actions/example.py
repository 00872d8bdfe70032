"""Loads and removes the example centre: everything in it is invented, marked, and can go without a trace.

It writes tables directly: nothing of it is mailed, logged one by one, or counted.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import Any

import yaml
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify

from nordlotse.dialogue.core.codes import new_code
from nordlotse.dialogue.models import Event, Feedback, Group, GroupMember, Post, Registration, Topic
from nordlotse.foundation.districts import by_key, find, towns
from nordlotse.foundation.german import fold
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.sectors import size_of
from nordlotse.foundation.working_days import add_working_days
from nordlotse.journey.actions import example_checks
from nordlotse.journey.core.consents import current
from nordlotse.journey.core.kinds import kind as kind_of
from nordlotse.journey.models import Assignment, Case, Company, Consent, Contact, Effect, Membership, Message, Service
from nordlotse.network.models import Competence, Offer, Partner, Person, Site
from nordlotse.office import log
from nordlotse.readiness.models import Check

#: How many of each the example has.
PEOPLE, COMPANIES, DAYS = 40, 200, 730

#: User names of example accounts begin so; nobody can sign in with them.
PREFIX = "beispiel-"


@cache
def _content(name: str) -> dict[str, Any]:
    text = resources.files("nordlotse.journey.example").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@dataclass(slots=True)
class _World:
    """What is being made: the seeded chance, today, whether rows are marked, and what later parts build on."""

    chance: random.Random
    today: date
    mark: bool
    people: list[Person] = field(default_factory=list)
    fields: dict[int, dict[str, Any]] = field(default_factory=dict)
    companies: list[Company] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)

    def at(self, day: date, hour: int = 0) -> datetime:
        """Return a moment of a working day."""
        moment = time(hour or self.chance.randint(8, 16), self.chance.randint(0, 59))
        return timezone.make_aware(datetime.combine(day, moment))


@transaction.atomic
def load(seed: int = 2026, today: date | None = None, *, mark: bool = True) -> dict[str, int]:
    """Load the example centre; the same seed and day give the same centre. Returns how many of each were made.

    `mark=False` is for measurements on a throw-away installation only: the rows then count like real ones.

    Raises:
        BadInput: an example centre is loaded already.
    """
    if Partner.objects.filter(is_example=True).exists():
        raise BadInput(
            "example_there",
            de="Das Beispielzentrum ist schon geladen.",
            en="The example centre is loaded already.",
            where="demo",
            remedy_de="`nordlotse demo remove` entfernt es.",
            remedy_en="`nordlotse demo remove` removes it.",
        )
    world = _World(random.Random(seed), today or timezone.localdate(), mark)  # noqa: S311 - invented data, no secret
    _network(world)
    _companies(world)
    _cases(world)
    _events(world)
    _groups(world)
    example_checks.make(world.companies, world.chance, world.today, world.at, mark=mark)
    if mark:
        log.record("load", "example", seed, "system")
    return count()


def count() -> dict[str, int]:
    """Return how many example rows there are, by table; nothing for an installation without."""
    found = {
        model._meta.label: model._default_manager.filter(is_example=True).count()
        for model in (Partner, Person, Offer, Company, Contact, Case, Service, Event, Registration, Group, Check)
    }
    return {label: n for label, n in found.items() if n}


@transaction.atomic
def remove() -> dict[str, int]:
    """Remove everything that is marked as an example, and what hangs on it; return how many rows, by table."""
    removed: dict[str, int] = {}
    for model in (Service, Case, Registration, Feedback, Event, Group, Offer, Person, Partner, Contact, Company):
        _, rows = model._default_manager.filter(is_example=True).delete()
        for label, n in rows.items():
            removed[label] = removed.get(label, 0) + n
    removed |= example_checks.remove()
    _, rows = get_user_model().objects.filter(username__startswith=PREFIX, email__endswith=".example").delete()
    for label, n in rows.items():
        removed[label] = removed.get(label, 0) + n
    if removed:
        log.record("remove", "example", "", "system")
    return removed


def _network(world: _World) -> None:
    content, chance = _content("network"), world.chance
    partners = []
    for row in content["partners"]:
        partners.append(
            Partner(
                slug=slugify(fold(row["name"]))[:60],
                name=row["name"],
                kind=row["kind"],
                state=by_key()[row["district"]].state,
                district=row["district"],
                profile_de=row["de"],
                profile_en=row["en"],
                mail=f"info@{slugify(fold(row['name']))[:40]}.example",
                neutral=row.get("neutral", True),
                visible=True,
                is_example=world.mark,
            )
        )
    partners = Partner.objects.bulk_create(partners)
    Site.objects.bulk_create(
        Site(partner=p, place=row["place"], state=p.state, district=p.district)
        for p, row in zip(partners, content["partners"], strict=True)
    )
    lasts = chance.sample(content["last_names"], PEOPLE)
    for n in range(PEOPLE):
        partner, what = partners[n % len(partners)], content["fields"][n % len(content["fields"])]
        first = content["first_names"][n]
        person = Person(
            partner=partner,
            name=f"{first} {lasts[n]}",
            role=what["role"],
            mail=f"{slugify(fold(first))}.{slugify(fold(lasts[n]))}@{slugify(fold(partner.name))[:40]}.example",
            languages=["de", "en"] if n % 2 else ["de"],
            profile=what["de"],
            state=partner.state,
            district=partner.district,
            capacity=chance.choice((1, 2, 2, 3, 4)),
            visible=n % 7 != 0,
            consented_at=timezone.now(),
            is_example=world.mark,
        )
        world.people.append(person)
    world.people = Person.objects.bulk_create(world.people)
    world.fields = {p.pk: content["fields"][n % len(content["fields"])] for n, p in enumerate(world.people)}
    Competence.objects.bulk_create(
        Competence(person=p, kind="topic", tag=tag) for p in world.people for tag in world.fields[p.pk]["tags"]
    )
    kinds = list(Offer.Kind.values)
    Offer.objects.bulk_create(
        Offer(
            partner=p.partner,
            person=p,
            kind=kinds[n % len(kinds)],
            title_de=f"{world.fields[p.pk]['role']}",
            title_en="",
            text_de=world.fields[p.pk]["de"],
            languages=p.languages,
            place=_place(p.district),
            district=p.district,
            equipment="Messkoffer, Bildschirm, zwei Beispielmaschinen"
            if kinds[n % len(kinds)] == "demonstrator"
            else "",
            is_example=world.mark,
        )
        for n, p in enumerate(world.people[:30])
    )


def _place(district: str) -> str:
    return by_key()[district].name if district in by_key() else ""


def _companies(world: _World) -> None:
    content, chance = _content("companies"), world.chance
    lasts, places = _content("network")["last_names"], towns()
    for n in range(COMPANIES):
        kind = content["kinds"][n % len(content["kinds"])]
        town, key = chance.choice(places)
        name = kind["name"].format(last=chance.choice(lasts), town=town)
        low, high = kind["size"]
        district = find(town)
        world.companies.append(
            Company(
                name=name,
                place=town,
                district=key,
                state=district.state if district else by_key()[key].state,
                sector=kind["sector"],
                employees=round(low * (high / low) ** chance.random()),
                is_example=world.mark,
                created_at=world.at(world.today - timedelta(days=chance.randint(1, DAYS))),
            )
        )
    world.companies = Company.objects.bulk_create(world.companies)
    firsts = _content("network")["first_names"]
    world.contacts = Contact.objects.bulk_create(
        Contact(
            name=f"{chance.choice(firsts)} {chance.choice(lasts)}",
            mail=f"kontakt{n}@betrieb{n}.example",
            phone=f"0{chance.choice((40, 431, 4841, 381, 385))} 555{n:04d}",
            company=company,
            company_name=company.name,
            is_example=world.mark,
            created_at=company.created_at,
        )
        for n, company in enumerate(world.companies)
    )
    unusable = make_password(None)
    users = get_user_model().objects.bulk_create(
        get_user_model()(username=f"{PREFIX}{n}", email=f"kontakt{n}@betrieb{n}.example", password=unusable)
        for n in range(0, COMPANIES, 10)
    )
    Membership.objects.bulk_create(
        Membership(company=world.companies[n], user=user)
        for n, user in zip(range(0, COMPANIES, 10), users, strict=True)
    )


def _cases(world: _World) -> None:
    content, chance = _content("companies"), world.chance
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


def _case(world: _World, company: Company, contact: Contact, asked: dict[str, Any], day: date, number: int) -> Case:
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


def _talk(world: _World, pairs: Sequence[tuple[Case, Person]]) -> None:
    """Give the cases their people, messages, services and effects."""
    content, chance = _content("companies"), world.chance
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


def _service(world: _World, case: Case, person: Person, kind: str, at: datetime | None) -> Service:
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


def _effect(world: _World, case: Case) -> Effect:
    answered = world.chance.random() < 0.6
    return Effect(
        case=case,
        moment="closing",
        asked_at=case.closed_at or case.opened_at,
        answered_at=(case.closed_at or case.opened_at) + timedelta(days=2) if answered else None,
        helped=world.chance.choice(("yes", "yes", "partly", "no")) if answered else "",
        done=world.chance.choice(("in_use", "started", "planned")) if answered else "",
        worth=world.chance.choice(_content("companies")["worth"]) if answered else "",
    )


def _events(world: _World) -> None:
    content, chance = _content("companies")["events"], world.chance
    partners = list({p.partner_id: p.partner for p in world.people}.values())
    made = []
    for n in range(56):  # one a fortnight: two years back, four months ahead
        what, partner = content[n % len(content)], partners[n % len(partners)]
        day = add_working_days(world.today - timedelta(days=DAYS) + timedelta(days=15 * n), 0, partner.state)
        begin = world.at(day, 14)
        made.append(
            Event(
                slug=f"beispiel-{n}-{slugify(fold(what['de']))[:50]}",
                title_de=what["de"],
                title_en=what["en"],
                text_de="Eine Veranstaltung des Beispielzentrums.",
                text_en="An event of the example centre.",
                kind=what["kind"],
                begin=begin,
                end=begin + timedelta(minutes=what["minutes"]),
                place=f"{partner.name}, {_place(partner.district)}",
                state=partner.state,
                district=partner.district,
                topic=what["topic"],
                quota=what["quota"],
                organiser=partner.name,
                status="published",
                reminded_at=begin - timedelta(days=1),
                is_example=world.mark,
            )
        )
    events = Event.objects.bulk_create(made)
    rows, feedback, services = [], [], []
    for event in events:
        guests = chance.sample(range(COMPANIES), min(event.quota or 40, chance.randint(6, 24)))
        for n in guests:
            row = _registration(world, event, n)
            rows.append(row)
    rows = Registration.objects.bulk_create(rows)
    for row in rows:
        if row.checked_in_at is None:
            continue
        services.append(_attended(world, row))
        if chance.random() < 0.5:
            feedback.append(
                Feedback(
                    event=row.event, registration=row, rating=chance.choice((3, 4, 4, 5, 5)), is_example=world.mark
                )
            )
    Feedback.objects.bulk_create(feedback)
    Service.objects.bulk_create(services)


def _registration(world: _World, event: Event, n: int) -> Registration:
    over, contact = event.end < world.at(world.today, 12), world.contacts[n]
    came = over and world.chance.random() < 0.8
    return Registration(
        event=event,
        name=contact.name,
        mail=contact.mail,
        mail_key=contact.mail,
        company_name=contact.company_name,
        status="confirmed",
        code=new_code(settings.SECRET_KEY),
        form_token=f"example-{event.pk}-{n}",
        consent_version="example",
        at=event.begin - timedelta(days=world.chance.randint(3, 20)),
        checked_in_at=event.begin if came else None,
        thanked_at=event.end if came else None,
        is_example=world.mark,
    )


def _attended(world: _World, row: Registration) -> Service:
    event, n = row.event, int(row.form_token.rsplit("-", 1)[1])
    company, contact = world.companies[n], world.contacts[n]
    kind = {"visit": "visit", "talk": "talk", "consultation_day": "consultation"}.get(event.kind, "workshop")
    return Service(
        source=f"{'example' if world.mark else 'seeded'}:checkin:{row.pk}",
        kind=kind,
        format="on_site",
        topic=event.topic,
        day=timezone.localdate(event.begin),
        minutes=event.minutes,
        company=company,
        contact=contact,
        company_key=company.count_key,
        contact_key=contact.count_key,
        state=company.state,
        district=company.district,
        sector=company.sector,
        size=str(size_of(company.employees) or ""),
        event=str(event.pk),
        partner=next((p.partner for p in world.people if p.partner.name == event.organiser), None),
        is_example=world.mark,
        created_at=event.begin,
        confirmed_at=event.end,
    )


def _groups(world: _World) -> None:
    content = _content("companies")
    users = list(get_user_model().objects.filter(username__startswith=PREFIX).order_by("pk")[:12])
    for row, talk in zip(content["groups"], content["posts"], strict=True):
        group = Group.objects.create(
            slug=row["slug"],
            name_de=row["de"],
            name_en=row["en"],
            text_de=row["about"],
            topic=row["topic"],
            is_example=world.mark,
        )
        members = GroupMember.objects.bulk_create(
            GroupMember(group=group, user=user, name=f"Beispielbetrieb {n + 1}", subscribed=False)
            for n, user in enumerate(users)
        )
        topic = Topic.objects.create(group=group, title=talk["title"], posts_count=1)
        Post.objects.create(
            topic=topic, author=members[0], text=talk["text"], folded=fold(f"{talk['title']} {talk['text']}")
        )
