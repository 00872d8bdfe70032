"""The directory for everybody: search, map, partners, people, demonstrator sites."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from nordlotse.foundation import districts
from nordlotse.foundation.language import Lang
from nordlotse.network.forms.fields import state_choices, tag_choices, words
from nordlotse.network.labels import LANGUAGES, OFFER_KINDS, PARTNER_KINDS, TILES, word
from nordlotse.network.queries import directory as queries
from nordlotse.network.queries import exports, pages
from nordlotse.network.queries.directory import Found, OfferRow, PartnerRow, PersonRow, Tile, Wish
from nordlotse.network.queries.terms import Terms
from nordlotse.office.pages import lang_of

#: People on one page of the directory.
PER_PAGE = 24

#: Side of a tile and distance from one to the next, in units of the drawing.
SIDE, PITCH = 46, 48

_STEPS = (0, 2, 5, 10)


def _query(wish: Wish, **changed: str) -> str:
    """Return the address of the same search with some conditions changed."""
    asked = {
        "q": wish.words,
        "state": wish.state,
        "district": wish.district,
        "topic": wish.topic,
        "method": wish.method,
        "sector": wish.sector,
        "offer": wish.offer,
        "language": wish.language,
        **changed,
    }
    kept = {name: value for name, value in asked.items() if value}
    return f"?{urlencode(kept)}" if kept else ""


def _level(count: int) -> int:
    """How dark a tile is, 0 to 4."""
    return sum(count > step for step in _STEPS)


def _tile(tile: Tile, wish: Wish, base: str) -> dict[str, Any]:
    place = tile.district
    chosen = wish.district == place.key
    return {
        "x": (place.column - 1) * PITCH,
        "y": place.row * PITCH,
        "short": TILES.get(place.key, place.name[:4]),
        "name": place.name,
        "state": place.state.label,
        "partners": tile.partners,
        "people": tile.people,
        "count": f"{tile.partners}+{tile.people}" if tile.people else str(tile.partners),
        "level": _level(tile.total),
        "chosen": chosen,
        "href": base + _query(wish, district="" if chosen else place.key),
    }


def _place(row: PartnerRow | PersonRow | OfferRow) -> str:
    """Where somebody or something is, in a few words."""
    named = getattr(row, "place", "")
    return str(named or districts.name_of(row.district) or getattr(row, "state", ""))


def person_card(row: PersonRow, known: Terms, lang: Lang) -> dict[str, Any]:
    """Return a person as a card."""
    return {
        "row": row,
        "place": _place(row),
        "tags": [known.name(t).get(lang) for t in row.tags][:6],
        "languages": exports.language_names(row.languages, lang),
    }


def partner_card(row: PartnerRow, known: Terms, lang: Lang) -> dict[str, Any]:
    """Return a partner as a card: the beginning of the profile, what it offers, the commonest tags."""
    own, other = (row.profile_en, row.profile_de) if lang == "en" else (row.profile_de, row.profile_en)
    return {
        "row": row,
        "kind": word(PARTNER_KINDS, row.kind).get(lang) if row.kind else "",
        "place": ", ".join(dict.fromkeys((_place(row), *(s[0] for s in row.sites)))),
        "profile": own or other,
        "profile_lang": lang if own or not other else ("de" if lang == "en" else "en"),
        "offers": [word(OFFER_KINDS, kind).get(lang) for kind in row.offers],
        "tags": [known.name(t).get(lang) for t in row.tags][:6],
    }


def offer_card(row: OfferRow, known: Terms, lang: Lang) -> dict[str, Any]:
    """Return an offer as a card; a text that is there in one language only says which."""
    kind = word(OFFER_KINDS, row.kind).get(lang)
    own_title, other_title = (row.title_en, row.title_de) if lang == "en" else (row.title_de, row.title_en)
    own, other = (row.text_en, row.text_de) if lang == "en" else (row.text_de, row.text_en)
    return {
        "row": row,
        "kind": kind,
        "title": own_title or other_title or kind,
        "title_lang": lang if own_title or not other_title else ("de" if lang == "en" else "en"),
        "text": own or other,
        "text_lang": lang if own or not other else ("de" if lang == "en" else "en"),
        "topic": known.name(row.topic).get(lang) if row.topic else "",
        "place": _place(row),
        "languages": exports.language_names(row.languages, lang),
        "equipment": [line.strip() for line in row.equipment.splitlines() if line.strip()],
    }


def _choices(found: Found, lang: Lang) -> list[tuple[str, str, list[tuple[str, Any]]]]:
    """The filters: name, value chosen, choices."""
    known, wish = found.terms, found.wish
    any_one = [("", "")]
    return [
        ("state", wish.state, [*any_one, *state_choices(lang, empty=False)]),
        ("topic", wish.topic, [*any_one, *tag_choices(known, "topic", lang)]),
        ("method", wish.method, [*any_one, *tag_choices(known, "method", lang)]),
        ("sector", wish.sector, [*any_one, *tag_choices(known, "sector", lang)]),
        ("offer", wish.offer, [*any_one, *words(OFFER_KINDS, lang, empty=False)]),
        ("language", wish.language, [*any_one, *words(LANGUAGES, lang, empty=False)]),
    ]


@require_safe
def network(request: HttpRequest) -> HttpResponse:
    """Search the network; the map and every filter are links and fields of the address."""
    lang, found = lang_of(request), queries.search(request.GET)
    base = reverse(f"{lang}:network")
    page = Paginator(found.people, PER_PAGE).get_page(request.GET.get("page"))
    query = _query(found.wish)
    tiles = [_tile(tile, found.wish, base) for tile in found.tiles]
    context = {
        "found": found,
        "wish": found.wish,
        "district": districts.name_of(found.wish.district),
        "without_district": base + _query(found.wish, district=""),
        "filters": _choices(found, lang),
        "partners": [partner_card(p, found.terms, lang) for p in found.partners],
        "people": [person_card(p, found.terms, lang) for p in page.object_list],
        "offers": [offer_card(o, found.terms, lang) for o in found.offers[:PER_PAGE]] if _lists_offers(found) else [],
        "page": page,
        "before": f"{base}{query}{'&' if query else '?'}page=",
        "query": query,
        "tiles": tiles,
        "somewhere": [t for t in tiles if t["partners"] or t["people"]],
        "map_width": (max(d.column for d in districts.districts()) - 1) * PITCH + SIDE,
        "map_height": max(d.row for d in districts.districts()) * PITCH + SIDE,
        "side": SIDE,
    }
    return render(request, "network/directory.html", context)


def _lists_offers(found: Found) -> bool:
    """Offers are listed where somebody looks for them: by kind, by words or by topic."""
    return bool(found.wish.offer or found.wish.words or found.wish.topic)


@require_safe
def partner(request: HttpRequest, slug: str) -> HttpResponse:
    """One partner: profile, sites, people, offers, visit days."""
    lang, shown = lang_of(request), pages.partner(slug)
    row = shown.partner
    own, other = (row.profile_en, row.profile_de) if lang == "en" else (row.profile_de, row.profile_en)
    context = {
        "partner": row,
        "kind": word(PARTNER_KINDS, row.kind).get(lang) if row.kind else "",
        "profile": own or other,
        "profile_lang": lang if own or not other else ("de" if lang == "en" else "en"),
        "place": districts.name_of(row.district) or row.state,
        "sites": [(s.place, districts.name_of(s.district)) for s in shown.sites],
        "people": [person_card(p, shown.terms, lang) for p in shown.people],
        "offers": [offer_card(o, shown.terms, lang) for o in shown.offers],
        "visits": [(v, offer_card(v.offer, shown.terms, lang)) for v in shown.visits],
    }
    return render(request, "network/partner.html", context)


@require_safe
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """One person: what they help with; contact is made by our form only."""
    lang, shown = lang_of(request), pages.person(person_id)
    context = {
        "card": person_card(shown.person, shown.terms, lang),
        "person": shown.person,
        "profile": shown.profile,
        "tags": [
            (kind, [shown.terms.name(t).get(lang) for t in shown.tags(kind)]) for kind in ("topic", "method", "sector")
        ],
        "offers": [offer_card(o, shown.terms, lang) for o in shown.offers],
        "away": shown.away,
    }
    return render(request, "network/person.html", context)


@require_safe
def demonstrators(request: HttpRequest) -> HttpResponse:
    """Where companies can see and try machines before they buy."""
    lang = lang_of(request)
    shown, known = pages.demonstrators()
    return render(
        request,
        "network/demonstrators.html",
        {"offers": [offer_card(o, known, lang) for o in shown], "visits": pages.visits(shown)},
    )
