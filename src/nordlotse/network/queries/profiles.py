"""What the forms of a partner, a person or an offer begin with."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from nordlotse.foundation import districts
from nordlotse.foundation.problem import NotFound
from nordlotse.network.models import Leave, Offer, Partner, Person

_ZONE = ZoneInfo("Europe/Berlin")


def _unknown(where: str) -> NotFound:
    return NotFound(
        f"{where}_unknown",
        de="Das gibt es im Netz nicht (mehr).",
        en="This is not in the network (any more).",
        where=where,
        remedy_de="Bitte die Übersicht neu öffnen.",
        remedy_en="Open the overview again.",
    )


def row(person_id: int) -> Person:
    """Return a person with the partner.

    Raises:
        NotFound: nobody.
    """
    found = Person.objects.select_related("partner").filter(pk=person_id).first()
    if found is None:
        raise _unknown("person")
    return found


def partner(slug: str) -> Partner:
    """Return a partner, public or not.

    Raises:
        NotFound: there is none.
    """
    found = Partner.objects.filter(slug=slug).first()
    if found is None:
        raise _unknown("partner")
    return found


def offer(offer_id: int) -> Offer:
    """Return an offer with the partner.

    Raises:
        NotFound: there is none.
    """
    found = Offer.objects.select_related("partner").filter(pk=offer_id).first()
    if found is None:
        raise _unknown("offer")
    return found


def values(person: Person) -> dict[str, Any]:
    """Return a person's profile as its form begins."""
    tags: dict[str, list[str]] = {"topics": [], "methods": [], "sectors": []}
    for kind, tag in person.competences.order_by("pk").values_list("kind", "tag"):
        tags[f"{kind}s"].append(tag)
    names = ("name", "role", "mail", "phone", "profile", "languages", "state", "district", "states", "capacity")
    return {
        **{name: getattr(person, name) for name in (*names, "visible", "active")},
        **tags,
        "cover": str(person.cover_id or ""),
        "excluded": "\n".join(person.excluded),
    }


def partner_values(found: Partner) -> dict[str, Any]:
    """Return a partner as its form begins."""
    names = ("name", "kind", "state", "district", "profile_de", "profile_en", "website", "mail", "neutral", "visible")
    sites = [
        f"{s.place} ({districts.name_of(s.district)})" if s.district else s.place for s in found.sites.order_by("place")
    ]
    return {**{name: getattr(found, name) for name in names}, "sites": "\n".join(sites)}


def offer_values(found: Offer) -> dict[str, Any]:
    """Return an offer as its form begins."""
    names = ("kind", "title_de", "title_en", "text_de", "text_en", "topic", "languages", "place", "district")
    days = [
        f"{d.starts_at.astimezone(_ZONE):%d.%m.%Y %H:%M}-{d.ends_at.astimezone(_ZONE):%H:%M}"
        for d in found.days.order_by("starts_at")
    ]
    return {
        **{name: getattr(found, name) for name in (*names, "equipment", "active")},
        "person": str(found.person_id or ""),
        "days": "\n".join(days),
    }


def offers(found: Partner) -> list[Offer]:
    """Return all offers of a partner."""
    return list(found.offers.order_by("kind", "title_de"))


def colleagues(person: Person) -> list[tuple[str, str]]:
    """Return (id, name) of those who could stand in for somebody."""
    return [(pk, name) for pk, name in people(person.partner) if pk != str(person.pk)]


def people(found: Partner) -> list[tuple[str, str]]:
    """Return (id, name) of a partner's people who are still there."""
    rows = Person.objects.filter(partner=found, active=True).order_by("name", "pk").values_list("pk", "name")
    return [(str(pk), name) for pk, name in rows]


def leaves(person: Person) -> list[Leave]:
    """Return a person's leave that is not over, soonest first."""
    return list(Leave.objects.filter(person=person, last__gte=timezone.localdate()).order_by("first", "pk"))
