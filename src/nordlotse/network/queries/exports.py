"""The directory for other programs: GeoJSON, CSV, calendar, and the shapes of the JSON interface."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

import icalendar
from django.conf import settings
from django.utils import timezone

from nordlotse.foundation import districts
from nordlotse.foundation.language import Lang
from nordlotse.network.labels import LANGUAGES, OFFER_KINDS, PARTNER_KINDS, word
from nordlotse.network.queries.directory import Found, PartnerRow, PersonRow
from nordlotse.network.queries.pages import Visit
from nordlotse.network.queries.terms import Terms


def address(path: str, lang: Lang) -> str:
    """Return the full address of one of our pages."""
    return f"{settings.CONFIGURATION.public_url}{'/en' if lang == 'en' else ''}{path}"


def partner_value(row: PartnerRow, known: Terms, lang: Lang) -> dict[str, Any]:
    """Return a partner for the interface and for maps."""
    return {
        "slug": row.slug,
        "name": row.name,
        "kind": word(PARTNER_KINDS, row.kind).get(lang) if row.kind else "",
        "state": row.state,
        "district": row.district,
        "district_name": districts.name_of(row.district),
        "sites": [{"place": place, "state": state, "district": district} for place, state, district in row.sites],
        "profile": (row.profile_en or row.profile_de) if lang == "en" else (row.profile_de or row.profile_en),
        "website": row.website,
        "people": row.people,
        "topics": [{"id": t, "name": known.name(t).get(lang)} for t in row.tags],
        "offers": [word(OFFER_KINDS, kind).get(lang) for kind in row.offers],
        "url": address(f"/netz/{row.slug}/", lang),
        "example": row.is_example,
    }


def person_value(row: PersonRow, known: Terms, lang: Lang) -> dict[str, Any]:
    """Return a person for the interface: no mail address, no telephone; contact is made by our form."""
    return {
        "id": row.id,
        "name": row.name,
        "role": row.role,
        "partner": {"slug": row.partner_slug, "name": row.partner_name},
        "state": row.state,
        "district": row.district,
        "languages": list(row.languages),
        "competences": [
            {"id": t, "kind": known.tags[t].kind if t in known.tags else "", "name": known.name(t).get(lang)}
            for t in row.tags
        ],
        "url": address(f"/netz/person/{row.id}/", lang),
        "contact": address(f"/gespraech/?person={row.id}", lang),
        "example": row.is_example,
    }


def geojson(found: Found, lang: Lang) -> dict[str, Any]:
    """Return the partners as points (RFC 7946) at the centres of their districts, one for each place.

    Longitude stands before latitude. `precision` says how exact a point is meant: the district's centre, or, where no
    district is known, the state's.
    """
    features = []
    for row in found.partners:
        value = partner_value(row, found.terms, lang)
        places = sorted(row.districts) or [row.state]
        for place in places:
            lat, lon = districts.centre(place)
            about = {
                **{k: v for k, v in value.items() if k not in ("sites", "profile")},
                "at": districts.name_of(place) or row.state,
                "precision": "district" if place in row.districts else "state",
            }
            features.append(
                {
                    "type": "Feature",
                    "id": f"{row.slug}@{place}",
                    "geometry": {"type": "Point", "coordinates": [round(lon, 4), round(lat, 4)]},
                    "properties": about,
                }
            )
    return {"type": "FeatureCollection", "features": features}


def _safe(cell: str) -> str:
    """A cell that no spreadsheet program takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def as_csv(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table as spreadsheet programs of the region open it: semicolons, a byte order mark, no formulas."""
    kept = io.StringIO()
    writer = csv.writer(kept, delimiter=";", lineterminator="\r\n")
    writer.writerow(list(header))
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return "\ufeff" + kept.getvalue()


_HEADER: dict[Lang, tuple[str, ...]] = {
    "de": ("Partner", "Art", "Land", "Kreis", "Standorte", "Themen", "Angebote", "Menschen", "Website", "Seite"),
    "en": ("Partner", "Kind", "State", "District", "Sites", "Topics", "Offers", "People", "Website", "Page"),
}


def partners_csv(found: Found, lang: Lang) -> str:
    """Return the partners as a table."""
    rows = (
        (
            row.name,
            word(PARTNER_KINDS, row.kind).get(lang) if row.kind else "",
            row.state,
            districts.name_of(row.district),
            " | ".join(place for place, _, _ in row.sites),
            " | ".join(found.terms.name(t).get(lang) for t in row.tags),
            " | ".join(word(OFFER_KINDS, kind).get(lang) for kind in row.offers),
            str(row.people),
            row.website,
            address(f"/netz/{row.slug}/", lang),
        )
        for row in found.partners
    )
    return as_csv(_HEADER[lang], rows)


def calendar(visits: Iterable[Visit], lang: Lang) -> bytes:
    """Return visit days as a calendar (RFC 5545); every day keeps its identity from one fetch to the next."""
    made = icalendar.Calendar()
    made.add("prodid", "-//Nordlotse//Network//DE")
    made.add("version", "2.0")
    made.add("x-wr-calname", "Besuchstage" if lang == "de" else "Visit days")
    for visit in visits:
        offer = visit.offer
        event = icalendar.Event()
        event.add("uid", f"visit-{visit.id}@{settings.CONFIGURATION.host}")
        event.add("dtstamp", timezone.now())
        event.add("dtstart", visit.starts_at)
        event.add("dtend", visit.ends_at)
        title = offer.title_de if lang == "de" else offer.title_en or offer.title_de
        event.add("summary", f"{title} ({offer.partner_name})")
        event.add("description", offer.text_de if lang == "de" else offer.text_en or offer.text_de)
        event.add("location", offer.place or districts.name_of(offer.district))
        event.add("url", address(f"/netz/{offer.partner_slug}/", lang))
        made.add_component(event)
    return bytes(made.to_ical())


def language_names(codes: Iterable[str], lang: Lang) -> list[str]:
    """Return languages in words."""
    return [word(LANGUAGES, code).get(lang) for code in codes]
