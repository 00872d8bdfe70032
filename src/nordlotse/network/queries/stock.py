"""What there is, in the shape of the tables that are handed in: for the plan of an import and for the export."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from nordlotse.network.intake.plan import Stock
from nordlotse.network.models import Competence, Offer, Partner, Person, Site, VisitDay

_ZONE = ZoneInfo("Europe/Berlin")
_FIELDS = {"topic": "topics", "method": "methods", "sector": "sectors"}


def span(day: VisitDay) -> str:
    """Return a visit day as tables hold it: start and end in local time."""
    return f"{day.starts_at.astimezone(_ZONE).isoformat()}/{day.ends_at.astimezone(_ZONE).isoformat()}"


def stock() -> Stock:
    """Return every partner, person and offer in six queries."""
    return Stock(_partners(), _people(), _offers())


def _partners() -> dict[int, dict[str, Any]]:
    fields = ("slug", "name", "kind", "state", "district", "profile_de", "profile_en", "website", "mail")
    found = {
        row["id"]: {**row, "sites": []}
        for row in Partner.objects.order_by("pk").values("id", *fields, "neutral", "visible")
    }
    for partner, place, state, district in Site.objects.values_list("partner_id", "place", "state", "district"):
        found[partner]["sites"].append({"place": place, "state": state, "district": district})
    for row in found.values():
        row["sites"].sort(key=lambda s: s["place"])
    return found


def _people() -> dict[int, dict[str, Any]]:
    fields = ("name", "role", "mail", "phone", "languages", "profile", "state", "district", "states", "capacity")
    rows = Person.objects.order_by("pk").values("id", "partner_id", "cover_id", *fields, "excluded", "visible")
    found = {
        row["id"]: {**row, "partner": row["partner_id"], "cover": row["cover_id"], **{f: [] for f in _FIELDS.values()}}
        for row in rows
    }
    for person, kind, tag in Competence.objects.order_by("tag").values_list("person_id", "kind", "tag"):
        found[person][_FIELDS[kind]].append(tag)
    for row in found.values():
        for field in _FIELDS.values():
            row[field].sort()
    return found


def _offers() -> dict[int, dict[str, Any]]:
    fields = ("kind", "title_de", "title_en", "text_de", "text_en", "topic", "languages", "place", "district")
    rows = Offer.objects.order_by("pk").values("id", "partner_id", "person_id", *fields, "equipment")
    found = {row["id"]: {**row, "partner": row["partner_id"], "person": row["person_id"], "days": []} for row in rows}
    for day in VisitDay.objects.all():
        found[day.offer_id]["days"].append(span(day))
    for row in found.values():
        row["days"].sort()
    return found
