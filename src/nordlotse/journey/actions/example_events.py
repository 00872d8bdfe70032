"""Events and working groups of the example centre, with who came to them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.text import slugify

from nordlotse.dialogue.core.codes import new_code
from nordlotse.dialogue.models import Event, Feedback, Group, GroupMember, Post, Registration, Topic
from nordlotse.foundation.german import fold
from nordlotse.foundation.sectors import size_of
from nordlotse.foundation.working_days import add_working_days
from nordlotse.journey.actions.example_world import COMPANIES, DAYS, PREFIX, World, content_of, place_in
from nordlotse.journey.models import Service


def make_events(world: World) -> None:
    """Make events of two years back and four months ahead, with who came."""
    content, chance = content_of("companies")["events"], world.chance
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
                place=f"{partner.name}, {place_in(partner.district)}",
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


def _registration(world: World, event: Event, n: int) -> Registration:
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


def _attended(world: World, row: Registration) -> Service:
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


def make_groups(world: World) -> None:
    """Make working groups with their members and topics."""
    content = content_of("companies")
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
