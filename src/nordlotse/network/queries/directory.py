"""The public directory: who is visible, what a search finds, how many there are in each district."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from nordlotse.foundation import districts
from nordlotse.foundation.german import fold
from nordlotse.foundation.region import State
from nordlotse.network.labels import LANGUAGES, OFFER_KINDS
from nordlotse.network.models import Competence, Offer, Partner, Person, Site
from nordlotse.network.queries.rows import OfferRow, PartnerRow, PersonRow, offer_rows, person_rows
from nordlotse.network.queries.searching import Asked, spoken_of, words_asked
from nordlotse.network.queries.terms import Tag, Terms, terms

__all__ = [
    "Found",
    "OfferRow",
    "PartnerRow",
    "PersonRow",
    "Tile",
    "Wish",
    "offers",
    "partner_names",
    "partners",
    "people",
    "search",
]

_folded = lru_cache(maxsize=8192)(fold)


def partners() -> QuerySet[Partner]:
    """Return the partners who are shown to everybody."""
    return Partner.objects.filter(visible=True)


def partner_names() -> list[str]:
    """Return the names of all partners, shown to everybody or not, as lists to choose from need them."""
    return list(Partner.objects.order_by("name", "pk").values_list("name", flat=True))


def people() -> QuerySet[Person]:
    """Return the people who are shown to everybody: own switch on, still there, and the partner is shown too."""
    return Person.objects.filter(visible=True, active=True, partner__visible=True)


def offers() -> QuerySet[Offer]:
    """Return the offers that are shown to everybody."""
    return Offer.objects.filter(active=True, partner__visible=True)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody looks for; an empty value asks for nothing. `offer`: a kind of offer."""

    words: str = ""
    state: str = ""
    district: str = ""
    topic: str = ""
    method: str = ""
    sector: str = ""
    offer: str = ""
    language: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any], known: Terms) -> Wish:
        """Take the known values out of an address; what does not exist is not asked for."""

        def one(name: str, of: Iterable[str]) -> str:
            value = str(given.get(name) or "")
            return value if value in of else ""

        tags = {kind: {t.id for t in known.tags.values() if t.kind == kind} for kind in ("topic", "method", "sector")}
        return cls(
            words=" ".join(str(given.get("q") or "").split())[:200],
            state=one("state", list(State)),
            district=one("district", districts.by_key()),
            topic=one("topic", tags["topic"]),
            method=one("method", tags["method"]),
            sector=one("sector", tags["sector"]),
            offer=one("offer", OFFER_KINDS),
            language=one("language", LANGUAGES),
        )

    @property
    def tags(self) -> frozenset[str]:
        """Return the tags asked for."""
        return frozenset(t for t in (self.topic, self.method, self.sector) if t)

    @property
    def empty(self) -> bool:
        """Tell whether nothing is asked for."""
        return self == Wish()


@dataclass(frozen=True, slots=True)
class Tile:
    """One district on the map with how many partners and people of the search are there."""

    district: districts.District
    partners: int
    people: int

    @property
    def total(self) -> int:
        """Return partners and people together."""
        return self.partners + self.people


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found; `tiles` leave the district that was asked for aside, so that the map stays whole.

    `near`: nothing holds everything that was asked for; this comes nearest.
    """

    wish: Wish
    partners: tuple[PartnerRow, ...]
    people: tuple[PersonRow, ...]
    offers: tuple[OfferRow, ...]
    tiles: tuple[Tile, ...]
    terms: Terms
    near: bool = False


@dataclass(slots=True)
class _Whole:
    """A partner with everything of it that is shown, as the search sees it."""

    row: PartnerRow
    people: list[PersonRow] = field(default_factory=list)
    offers: list[OfferRow] = field(default_factory=list)


def search(given: Mapping[str, Any]) -> Found:
    """Return the partners, people and offers that fit, in at most six queries.

    Every condition must hold. A tag is found where it is entered and where a profile, role or offer speaks of it by name. Words are looked for in names, profiles, competences, places and offers, of people and offers in
    their partner's as well; each word may stand in another of them, and a word that speaks of a tag (`taxonomy.suggest`) is
    found where the tag is. Spelling of umlauts and capitals does not matter. Where nothing holds all words, what holds most of
    them is returned and called near.
    """
    known = terms()
    wish = Wish.of(given, known)
    everything = _everything()
    texts = _texts(everything.values(), known) if wish.words or wish.tags else {}
    asked = words_asked(wish.words, known, texts.values())
    fits = _fitting(everything, wish, asked, texts)
    near = asked.guessed
    while not fits and asked.need > 1:
        near, asked = True, replace(asked, need=asked.need - 1)
        fits = _fitting(everything, wish, asked, texts)
    rows, people_found, offers_found = [], [], []
    at_partner: dict[str, int] = {}
    at_person: dict[str, int] = {}
    for partner, (persons, things) in fits.items():
        whole = everything[partner]
        places = whole.row.districts | {p.district for p in persons if p.district}
        for place in places:
            at_partner[place] = at_partner.get(place, 0) + 1
        for p in persons:
            at_person[p.district] = at_person.get(p.district, 0) + 1
        if wish.district and wish.district not in places | {o.district for o in things}:
            continue
        rows.append(whole.row)
        people_found += [p for p in persons if not wish.district or p.district == wish.district]
        offers_found += [o for o in things if not wish.district or wish.district == (o.district or whole.row.district)]
    tiles = tuple(Tile(d, at_partner.get(d.key, 0), at_person.get(d.key, 0)) for d in districts.districts())
    people_found.sort(key=lambda p: (_folded(p.name), p.id))
    return Found(wish, tuple(rows), tuple(people_found), tuple(offers_found), tiles, known, near and bool(rows))


_Texts = Mapping[tuple[str, int], str]


def _fitting(
    everything: Mapping[int, _Whole], wish: Wish, asked: Asked, texts: _Texts
) -> dict[int, tuple[list[PersonRow], list[OfferRow]]]:
    """Return who and what fits at each partner that is found, in the order of names."""
    found = {}
    for partner, whole in everything.items():
        persons = [p for p in whole.people if _person_fits(p, whole, wish, asked, texts)]
        things = [o for o in whole.offers if _offer_fits(o, whole, wish, asked, texts)]
        if persons or things or _partner_fits(whole, wish, asked, texts):
            found[partner] = (persons, things)
    return found


def _everything() -> dict[int, _Whole]:
    """Everything that is shown to everybody, by partner in the order of names; five queries."""
    sites: dict[int, list[tuple[str, str, str]]] = {}
    for partner, *site in Site.objects.order_by("place").values_list("partner_id", "place", "state", "district"):
        sites.setdefault(partner, []).append((site[0], site[1], site[2]))
    tags: dict[int, list[str]] = {}
    for who, tag in Competence.objects.order_by("pk").values_list("person_id", "tag"):
        tags.setdefault(who, []).append(tag)
    persons: dict[int, list[PersonRow]] = {}
    for person in person_rows(people(), tags):
        persons.setdefault(person.partner, []).append(person)
    things: dict[int, list[OfferRow]] = {}
    for offer in offer_rows(offers(), {p.id for many in persons.values() for p in many}):
        things.setdefault(offer.partner, []).append(offer)
    fields = ("pk", "slug", "name", "kind", "state", "district", "profile_de", "profile_en", "website", "is_example")
    found = {}
    for row in partners().values(*fields):
        mine, has = persons.get(row["pk"], []), things.get(row["pk"], [])
        counted: dict[str, int] = {}
        for tag in (*(t for p in mine for t in p.tags), *(o.topic for o in has if o.topic)):
            counted[tag] = counted.get(tag, 0) + 1
        number = row.pop("pk")
        made = PartnerRow(
            id=number,
            **row,
            sites=tuple(sites.get(number, ())),
            tags=tuple(sorted(counted, key=lambda t: (-counted[t], t))),
            offers=tuple(dict.fromkeys(o.kind for o in has)),
            people=len(mine),
        )
        found[made.id] = _Whole(made, mine, has)
    return dict(sorted(found.items(), key=lambda item: (_folded(item[1].row.name), item[0])))


# ---- what fits ----


def _tag_words(tag: Tag) -> str:
    return " ".join((tag.name.de, tag.name.en, *(w.strip("*") for w in tag.words)))


def _texts(wholes: Iterable[_Whole], known: Terms) -> dict[tuple[str, int], str]:
    """Return the folded words of each partner, person and offer; a person's include those of its own offers."""
    tags = {t.id: _folded(_tag_words(t)) for t in known.tags.values()}
    profiles = dict(people().values_list("pk", "profile"))
    made: dict[tuple[str, int], str] = {}
    for whole in wholes:
        row = whole.row
        places = " ".join((*(s[0] for s in row.sites), *(districts.name_of(d) for d in row.districts)))
        made["partner", row.id] = _folded(f"{row.name} {row.profile_de} {row.profile_en} {places}")
        for p in whole.people:
            own = " ".join(tags.get(t, "") for t in p.tags)
            said = f"{p.name} {p.role} {profiles.get(p.id, '')} {districts.name_of(p.district)}"
            made["person", p.id] = f"{_folded(said)} {own}"
        for o in whole.offers:
            said = f"{o.title_de} {o.title_en} {o.text_de} {o.text_en} {o.place} {o.equipment} {districts.name_of(o.district)}"
            made["offer", o.id] = f"{_folded(said)} {tags.get(o.topic, '')}"
            if ("person", o.person) in made and o.person is not None:
                made["person", o.person] += " " + made["offer", o.id]
    return made


def _has(wanted: frozenset[str], own: Iterable[str], texts: _Texts, key: tuple[str, int]) -> bool:
    """Whether all tags asked for are entered, or spoken of by name in the words of this partner, person or offer."""
    missing = wanted - set(own)
    return not missing or missing <= spoken_of(texts[key])


def _person_fits(p: PersonRow, whole: _Whole, wish: Wish, asked: Asked, texts: _Texts) -> bool:
    own = [o for o in whole.offers if o.person == p.id]
    return (
        (not wish.state or p.state == wish.state)
        and _has(wish.tags, p.tags, texts, ("person", p.id))
        and (not wish.language or wish.language in p.languages)
        and (not wish.offer or any(o.kind == wish.offer for o in own))
        and (not asked.words or asked.found_in(p.tags, texts["person", p.id], texts["partner", p.partner]))
    )


def _offer_fits(o: OfferRow, whole: _Whole, wish: Wish, asked: Asked, texts: _Texts) -> bool:
    known = districts.by_key().get(o.district)
    return (
        (not wish.state or wish.state in ({known.state.value} if known else whole.row.states))
        and _has(wish.tags, (o.topic,), texts, ("offer", o.id))
        and (not wish.language or wish.language in o.languages)
        and (not wish.offer or o.kind == wish.offer)
        and (not asked.words or asked.found_in((o.topic,), texts["offer", o.id], texts["partner", o.partner]))
    )


def _partner_fits(whole: _Whole, wish: Wish, asked: Asked, texts: _Texts) -> bool:
    """Whether the partner as a whole fits: each condition by any of its people or offers."""
    languages = {c for p in whole.people for c in p.languages} | {c for o in whole.offers for c in o.languages}
    return (
        (not wish.state or wish.state in whole.row.states)
        and _has(wish.tags, whole.row.tags, texts, ("partner", whole.row.id))
        and (not wish.language or wish.language in languages)
        and (not wish.offer or wish.offer in whole.row.offers)
        and (not asked.words or asked.found_in(whole.row.tags, texts["partner", whole.row.id]))
    )
