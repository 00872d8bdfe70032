"""Loads and removes the example centre: everything in it is invented, marked, and can go without a trace.

It writes tables directly: nothing of it is mailed, logged one by one, or counted.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from nordlotse.dialogue.models import Event, Feedback, Group, Registration
from nordlotse.foundation.districts import by_key, find, towns
from nordlotse.foundation.german import fold
from nordlotse.foundation.problem import BadInput
from nordlotse.journey.actions import example_checks, example_machines, example_parts
from nordlotse.journey.actions.example_cases import make_cases
from nordlotse.journey.actions.example_events import make_events, make_groups
from nordlotse.journey.actions.example_world import COMPANIES, DAYS, PEOPLE, PREFIX, World, content_of, place_in
from nordlotse.journey.models import Case, Company, Contact, Membership, Service
from nordlotse.network.models import Competence, Offer, Partner, Person, Site
from nordlotse.office import log
from nordlotse.print3d.models import Part
from nordlotse.readiness.models import Check


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
    world = World(random.Random(seed), today or timezone.localdate(), mark)  # noqa: S311 - invented data, no secret
    _network(world)
    _companies(world)
    make_cases(world)
    make_events(world)
    make_groups(world)
    example_checks.make(world.companies, world.chance, world.today, world.at, mark=mark)
    example_parts.make(world)
    example_machines.make(world)
    if mark:
        log.record("load", "example", seed, "system")
    return count()


def count() -> dict[str, int]:
    """Return how many example rows there are, by table; nothing for an installation without."""
    found = {
        model._meta.label: model._default_manager.filter(is_example=True).count()
        for model in (Partner, Person, Offer, Company, Contact, Case, Service, Event, Registration, Group, Check, Part)
    }
    found["iot.Hall"] = example_machines.count()
    return {label: n for label, n in found.items() if n}


@transaction.atomic
def remove() -> dict[str, int]:
    """Remove everything that is marked as an example, and what hangs on it; return how many rows, by table."""
    removed: dict[str, int] = example_machines.remove()  # while the companies still tell whose they are
    for model in (Service, Case, Registration, Feedback, Event, Group, Offer, Person, Partner, Contact, Company):
        _, rows = model._default_manager.filter(is_example=True).delete()
        for label, n in rows.items():
            removed[label] = removed.get(label, 0) + n
    removed |= example_checks.remove()
    removed |= example_parts.remove()
    _, rows = get_user_model().objects.filter(username__startswith=PREFIX, email__endswith=".example").delete()
    for label, n in rows.items():
        removed[label] = removed.get(label, 0) + n
    if removed:
        log.record("remove", "example", "", "system")
    return removed


def _network(world: World) -> None:
    content, chance = content_of("network"), world.chance
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
            place=place_in(p.district),
            district=p.district,
            equipment="Messkoffer, Bildschirm, zwei Beispielmaschinen"
            if kinds[n % len(kinds)] == "demonstrator"
            else "",
            is_example=world.mark,
        )
        for n, p in enumerate(world.people[:30])
    )


def _companies(world: World) -> None:
    content, chance = content_of("companies"), world.chance
    lasts, places = content_of("network")["last_names"], towns()
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
    firsts = content_of("network")["first_names"]
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
