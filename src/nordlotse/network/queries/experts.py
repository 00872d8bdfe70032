"""Who can be asked: the people of the network as matching and the cases need them, public or not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from nordlotse.foundation import districts
from nordlotse.foundation.german import fold
from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import NotFound
from nordlotse.network.core.taxonomy import by_id
from nordlotse.network.core.values import Expert
from nordlotse.network.models import Competence, Leave, Offer, Partner, Person
from nordlotse.network.queries.terms import terms

_LEGAL = re.compile(
    r"\b(?:gmbh|mbh|ag|kg|kgaa|ohg|gbr|ug|se|eg|e ?k(?: ?f[mr])?|e ?v|ltd|inc|co|und co|haftungsbeschrankt|und)\b"
)


def company_key(name: str) -> str:
    """Return a company's name as conflicts are compared: folded, without its legal form."""
    plain = re.sub(r"[^a-z0-9]+", " ", fold(name.replace("&", " und "))).strip()
    return " ".join(_LEGAL.sub(" ", plain).split()) or plain


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person of the network for those who work in it; `user`: the account's id, `cover`: a person's id."""

    id: int
    name: str
    role: str
    mail: str
    phone: str
    lang: Lang
    partner: str
    partner_slug: str
    state: str
    district: str
    capacity: int
    active: bool
    public: bool
    away: bool
    cover: int | None
    user: int | None


def away(on: date | None = None) -> set[int]:
    """Return the ids of people who are on leave on a day (today)."""
    day = on or timezone.localdate()
    return set(Leave.objects.filter(first__lte=day, last__gte=day).values_list("person_id", flat=True))


def _colleague(row: Person, *, gone: bool) -> Colleague:
    return Colleague(
        id=row.pk,
        name=row.name,
        role=row.role,
        mail=row.mail,
        phone=row.phone,
        lang="de" if "de" in row.languages else "en",
        partner=row.partner.name,
        partner_slug=row.partner.slug,
        state=row.state or row.partner.state,
        district=row.district or ("" if row.state else row.partner.district),
        capacity=row.capacity,
        active=row.active,
        public=row.visible and row.active and row.partner.visible,
        away=gone,
        cover=row.cover_id,
        user=row.user_id,
    )


def person(person_id: int, on: date | None = None) -> Colleague:
    """Return a person, public or not.

    Raises:
        NotFound: there is none.
    """
    row = Person.objects.select_related("partner").filter(pk=person_id).first()
    if row is None:
        raise NotFound(
            "person_unknown",
            de="Diesen Menschen gibt es im Netz nicht (mehr).",
            en="This person is not in the network (any more).",
            where="person",
        )
    return _colleague(row, gone=row.pk in away(on))


def own(user: Any) -> Colleague | None:
    """Return the profile joined with an account, None if there is none."""
    if not user.is_authenticated:
        return None
    row = Person.objects.select_related("partner").filter(user=user, active=True).order_by("pk").first()
    return _colleague(row, gone=row.pk in away()) if row else None


def matching_experts(load: Mapping[int, int] | None = None, on: date | None = None) -> list[Expert]:
    """Return every active person as matching wants it, in five queries; `load`: new cases this month by person id.

    Nobody is left out for being full or away: matching counts why somebody was excluded. `conflicts` are `company_key`s of
    the names the person must not work for, so `Need.company` must be one too. Matching knows the shipped tags; terms added here
    speak through the text, by their names. Vectors are left to the caller.
    """
    taken, gone = load or {}, away(on)
    known, tags = terms(), dict[int, set[str]]()
    for who, tag in Competence.objects.values_list("person_id", "tag"):
        tags.setdefault(who, set()).add(tag)
    offers: dict[int, list[str]] = {}
    for who, title in Offer.objects.filter(active=True).exclude(person=None).values_list("person_id", "title_de"):
        offers.setdefault(who or 0, []).append(title)
    rows = Person.objects.filter(active=True).select_related("partner").order_by("pk")
    shipped = set(by_id())
    for who, has in tags.items():
        offers.setdefault(who, []).extend(known.name(tag).de for tag in sorted(has - shipped))
    return [_expert(row, taken, gone, tags.get(row.pk, set()) & shipped, offers.get(row.pk, [])) for row in rows]


def _expert(row: Person, taken: Mapping[int, int], gone: set[int], tags: set[str], more: list[str]) -> Expert:
    state = row.state or row.partner.state
    district = row.district or ("" if row.state else row.partner.district)
    return Expert(
        id=str(row.pk),
        partner=row.partner.slug,
        state=state,
        district=district,
        place=districts.name_of(district),
        languages=frozenset(row.languages),
        states=frozenset(row.states),
        capacity=row.capacity,
        capacity_left=max(0, row.capacity - taken.get(row.pk, 0)),
        on_leave=row.pk in gone,
        neutral=row.partner.neutral,
        conflicts=frozenset(company_key(name) for name in row.excluded),
        tags=frozenset(tags),
        text="\n".join(part for part in (row.role, row.profile, *more) if part),
    )


def partner_names() -> list[tuple[str, str]]:
    """Return (slug, name) of every partner by name, for choices of those who work here."""
    return list(Partner.objects.order_by("name").values_list("slug", "name"))
