"""Partners, people and offers as lists show them: frozen values, each read in one query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from nordlotse.network.models import Offer, Person


@dataclass(frozen=True, slots=True)
class OfferRow:
    """An offer as lists show it; `person` and `person_name`: only of somebody who is shown to everybody."""

    id: int
    partner: int
    partner_name: str
    partner_slug: str
    person: int | None
    person_name: str
    kind: str
    title_de: str
    title_en: str
    text_de: str
    text_en: str
    topic: str
    languages: tuple[str, ...]
    place: str
    district: str
    equipment: str
    is_example: bool


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as lists show it."""

    id: int
    name: str
    role: str
    partner: int
    partner_name: str
    partner_slug: str
    state: str
    district: str
    languages: tuple[str, ...]
    tags: tuple[str, ...]
    is_example: bool


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """A partner as lists show it; `districts`: of the seat and the sites; `tags`: of its visible people and offers."""

    id: int
    slug: str
    name: str
    kind: str
    state: str
    district: str
    profile_de: str
    profile_en: str
    website: str
    sites: tuple[tuple[str, str, str], ...]
    tags: tuple[str, ...]
    offers: tuple[str, ...]
    people: int
    is_example: bool

    @property
    def districts(self) -> frozenset[str]:
        """Return the keys of all districts in which the partner is to be found."""
        return frozenset(d for d in (self.district, *(s[2] for s in self.sites)) if d)

    @property
    def states(self) -> frozenset[str]:
        """Return all states in which the partner is to be found."""
        return frozenset(s for s in (self.state, *(s[1] for s in self.sites)) if s)


def person_rows(rows: QuerySet[Person], tags: Mapping[int, list[str]]) -> list[PersonRow]:
    """Return people as lists show them, in one query; a person without a place of their own sits at the partner's."""
    fields = ("pk", "name", "role", "partner_id", "partner__name", "partner__slug", "state", "district", "languages")
    found = []
    for (
        pk,
        name,
        role,
        partner,
        partner_name,
        slug,
        state,
        district,
        languages,
        seat,
        seat_district,
        example,
    ) in rows.order_by("name", "pk").values_list(*fields, "partner__state", "partner__district", "is_example"):
        place = (state, district) if state else (seat, seat_district)
        found.append(
            PersonRow(
                pk, name, role, partner, partner_name, slug, *place, tuple(languages), tuple(tags.get(pk, ())), example
            )
        )
    return found


def offer_rows(rows: QuerySet[Offer], shown: Iterable[int]) -> list[OfferRow]:
    """Return offers as lists show them, in one query; `shown`: ids of people who may be named."""
    fields = ("title_de", "title_en", "text_de", "text_en", "topic", "languages", "place", "district", "equipment")
    named, found = set(shown), []
    keys = (
        "pk",
        "partner_id",
        "partner__name",
        "partner__slug",
        "person_id",
        "person__name",
        "kind",
        "is_example",
        *fields,
    )
    for row in rows.order_by("kind", "title_de", "pk").values(*keys):
        given: dict[str, Any] = {field: row[field] for field in fields}
        given["languages"] = tuple(given["languages"])
        found.append(
            OfferRow(
                id=row["pk"],
                partner=row["partner_id"],
                partner_name=row["partner__name"],
                partner_slug=row["partner__slug"],
                person=row["person_id"] if row["person_id"] in named else None,
                person_name=row["person__name"] if row["person_id"] in named else "",
                kind=row["kind"],
                is_example=row["is_example"],
                **given,
            )
        )
    return found
