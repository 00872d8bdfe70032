"""What the public pages of one partner or person show, the demonstrator sites and the visit days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from nordlotse.foundation.problem import NotFound
from nordlotse.network.models import Competence, Offer, Partner, Person, Site, VisitDay
from nordlotse.network.queries import directory
from nordlotse.network.queries.experts import away
from nordlotse.network.queries.rows import OfferRow, PersonRow, offer_rows, person_rows
from nordlotse.network.queries.terms import Terms, terms


@dataclass(frozen=True, slots=True)
class Visit:
    """A day on which an offer can be visited."""

    id: int
    offer: OfferRow
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class PartnerPage:
    """A partner with all that is shown of it."""

    partner: Partner
    sites: tuple[Site, ...]
    people: tuple[PersonRow, ...]
    offers: tuple[OfferRow, ...]
    visits: tuple[Visit, ...]
    terms: Terms


@dataclass(frozen=True, slots=True)
class PersonPage:
    """A person with all that is shown of them; `away`: on leave today."""

    person: PersonRow
    profile: str
    offers: tuple[OfferRow, ...]
    away: bool
    terms: Terms

    def tags(self, kind: str) -> list[str]:
        """Return the person's tags of one kind."""
        return [t for t in self.person.tags if (tag := self.terms.tags.get(t)) is not None and tag.kind == kind]


def _not_shown(where: str) -> NotFound:
    return NotFound(
        f"{where}_unknown",
        de="Dieses Profil gibt es im Verzeichnis nicht.",
        en="This profile is not in the directory.",
        where=where,
        remedy_de="Bitte das Verzeichnis ansehen.",
        remedy_en="See the directory.",
    )


def _tags(people: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for who, tag in (
        Competence.objects.filter(person_id__in=list(people)).order_by("pk").values_list("person_id", "tag")
    ):
        found.setdefault(who, []).append(tag)
    return found


def partner(slug: str) -> PartnerPage:
    """Return a partner's page, in seven queries.

    Raises:
        NotFound: no such partner, or not shown.
    """
    found = directory.partners().filter(slug=slug).first()
    if found is None:
        raise _not_shown("partner")
    rows = directory.people().filter(partner=found)
    people = person_rows(rows, _tags(rows.values_list("pk", flat=True)))
    offers = offer_rows(directory.offers().filter(partner=found), {p.id for p in people})
    return PartnerPage(
        partner=found,
        sites=tuple(found.sites.order_by("place")),
        people=tuple(people),
        offers=tuple(offers),
        visits=tuple(visits(offers)),
        terms=terms(),
    )


def person(person_id: int) -> PersonPage:
    """Return a person's page, in six queries.

    Raises:
        NotFound: nobody, or not shown.
    """
    rows = directory.people().filter(pk=person_id)
    found = person_rows(rows, _tags([person_id]))
    if not found:
        raise _not_shown("person")
    offers = offer_rows(directory.offers().filter(person_id=person_id), [person_id])
    profile = Person.objects.values_list("profile", flat=True).get(pk=person_id)
    return PersonPage(found[0], profile, tuple(offers), person_id in away(), terms())


def visits(offers: Iterable[OfferRow] | None = None) -> list[Visit]:
    """Return the visit days to come, of these offers or of all that are shown, soonest first."""
    known = {o.id: o for o in (_all_offers() if offers is None else offers)}
    days = VisitDay.objects.filter(offer_id__in=list(known), ends_at__gte=timezone.now()).order_by("starts_at", "pk")
    return [Visit(day.pk, known[day.offer_id], day.starts_at, day.ends_at) for day in days]


def _all_offers() -> list[OfferRow]:
    return offer_rows(directory.offers(), directory.people().values_list("pk", flat=True))


def demonstrators() -> tuple[list[OfferRow], Terms]:
    """Return the places where companies can see and try machines, and the terms, in three queries."""
    rows = directory.offers().filter(kind__in=(Offer.Kind.DEMONSTRATOR, Offer.Kind.TEST))
    return offer_rows(rows, directory.people().values_list("pk", flat=True)), terms()
