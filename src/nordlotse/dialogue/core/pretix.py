"""Events of pretix (REST interface 1.0: events, dates of a series, check-in lists) as imported events.

Read are name, dates, place, text, whether it is public, and the number of people checked in; no order, no name, no address.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nordlotse.dialogue.core.imported import (
    Collector,
    Reading,
    Remote,
    address,
    both_languages,
    checked_end,
    odd,
    parsed,
    whole,
)
from nordlotse.dialogue.core.values import one_line
from nordlotse.foundation.problem import BadInput


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _results(body: bytes, where: str) -> tuple[list[Mapping[str, Any]], str]:
    page = parsed(body, where)
    if not isinstance(page, dict) or not isinstance(page.get("results"), list):
        raise odd(where)
    following = page.get("next")
    return [r for r in page["results"] if isinstance(r, dict)], following if isinstance(following, str) else ""


def _remote(row: Mapping[str, Any], key: str, shop: str, live: bool) -> Remote:
    begin = _moment(row.get("date_from"))
    if begin is None:
        raise odd(key)
    title_de, title_en = both_languages(row.get("name"), 200)
    if not title_de:
        raise odd(key)
    text_de, text_en = both_languages(row.get("frontpage_text"), 5000)
    place, _ = both_languages(row.get("location"), 300)
    # A shop that is switched off is pretix's way of saying "not yet" or "no more": a person must look.
    return Remote(
        key=key,
        title_de=one_line(title_de, 200),
        title_en=one_line(title_en, 200),
        begin=begin,
        end=checked_end(begin, _moment(row.get("date_to"))),
        text_de=text_de,
        text_en=text_en,
        place=one_line(place, 300),
        booking_url=address(shop),
        changed_at=_moment(row.get("last_modified")),
        doubt="" if live else "shop",
    )


def events(body: bytes, shop: str) -> tuple[Reading, tuple[str, ...]]:
    """Read one page of `…/events/`; return the events and the slugs of those that are series (read their dates apart).

    `shop` is the organiser's public address ending in a slash. Events in test mode or not public are left alone.

    Raises:
        BadInput: this is no page of pretix.
    """
    rows, following = _results(body, "events")
    found, series = Collector(), []
    for row in rows:
        slug = row.get("slug")
        if not isinstance(slug, str) or not slug or row.get("testmode") or row.get("is_public") is False:
            continue
        if row.get("has_subevents"):
            series.append(slug)
            continue
        try:
            found.events.append(_remote(row, slug[:150], f"{shop}{slug}/", bool(row.get("live", True))))
        except BadInput as problem:
            found.leave_out(slug, problem)
    return found.reading(following), tuple(series)


def dates(body: bytes, slug: str, shop: str) -> Reading:
    """Read one page of `…/events/<slug>/subevents/`: each date of a series is an event of its own.

    Raises:
        BadInput: this is no page of pretix.
    """
    rows, following = _results(body, "subevents")
    found = Collector()
    for row in rows:
        number = whole(row.get("id"))
        if number is None or row.get("is_public") is False:
            continue
        try:
            key = f"{slug[:150]}/{number}"
            found.events.append(_remote(row, key, f"{shop}{slug}/{number}/", bool(row.get("active", True))))
        except BadInput as problem:
            found.leave_out(number, problem)
    return found.reading(following)


def attendance(body: bytes, slug: str) -> dict[str, int]:
    """Read `…/events/<slug>/checkinlists/`: how many people were checked in, by the event's key.

    Where an event has several lists, the longest counts: a second one may be for a lunch.

    Raises:
        BadInput: this is no page of pretix.
    """
    rows, _ = _results(body, "checkinlists")
    counts: dict[str, int] = {}
    for row in rows:
        date, people = whole(row.get("subevent")), whole(row.get("checkin_count"))
        key = slug[:150] if date is None else f"{slug[:150]}/{date}"
        if people is not None:
            counts[key] = max(counts.get(key, 0), people)
    return counts
