"""Events as iCalendar (RFC 5545): one date for a mail, many for a feed.

The zone is written by rule as the European Union has it since 1996 (directive 2000/84/EC): summer time from the last Sunday
of March 2:00 to the last Sunday of October 3:00, both by the clock before the change.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard

from nordlotse.dialogue.core.values import ZONE, Facts

PRODUCT = "-//Nordlotse//Termine//DE"
MEDIA_TYPE = "text/calendar; charset=utf-8"


def _zone() -> Timezone:
    zone = Timezone()
    zone.add("tzid", "Europe/Berlin")
    hour = timedelta(hours=1)
    rows = (
        (TimezoneDaylight(), datetime(1997, 3, 30, 2), 3, "CEST", hour, 2 * hour),  # noqa: DTZ001 - a clock time
        (TimezoneStandard(), datetime(1996, 10, 27, 3), 10, "CET", 2 * hour, hour),  # noqa: DTZ001 - a clock time
    )
    for part, since, month, name, before, after in rows:
        part.add("dtstart", since)
        part.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1su"})
        part.add("tzname", name)
        part.add("tzoffsetfrom", before)
        part.add("tzoffsetto", after)
        zone.add_component(part)
    return zone


def _event(facts: Facts, host: str, alarm_minutes: int | None) -> Event:
    event = Event()
    event.add("uid", f"{facts.uid}@{host}")
    event.add("dtstamp", facts.changed_at.astimezone(UTC).replace(microsecond=0))
    event.add("last-modified", facts.changed_at.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", facts.sequence)
    event.add("status", "CANCELLED" if facts.cancelled else "CONFIRMED")
    event.add("summary", facts.title)
    event.add("dtstart", facts.begin.astimezone(ZONE))
    event.add("dtend", facts.end.astimezone(ZONE))
    event.add("transp", "TRANSPARENT" if facts.cancelled else "OPAQUE")
    event.add("url", facts.address)
    for name, value in (("location", facts.place), ("description", _description(facts))):
        if value:
            event.add(name, value)
    if alarm_minutes is not None and not facts.cancelled:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", facts.title)
        alarm.add("trigger", -timedelta(minutes=alarm_minutes))
        event.add_component(alarm)
    return event


def _description(facts: Facts) -> str:
    parts = (facts.text, facts.organiser, facts.address)
    return "\n\n".join(p for p in parts if p)


def calendar(
    events: Iterable[Facts], *, host: str, name: str = "", alarm_minutes: int | None = None, method: str = "PUBLISH"
) -> bytes:
    """Return a calendar of these events.

    `host` makes identifiers unique in the world, `alarm_minutes` (None: no alarm) rings before each event. A changed event
    keeps its identifier and has a higher SEQUENCE; a cancelled one says STATUS:CANCELLED and stays in the feed.
    """
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", method)
    if name:
        made.add("name", name)
        made.add("x-wr-calname", name)
        made.add("x-wr-timezone", "Europe/Berlin")
        made.add("refresh-interval", timedelta(hours=6), parameters={"value": "DURATION"})
        made.add("x-published-ttl", "PT6H")
    made.add_component(_zone())
    for facts in events:
        made.add_component(_event(facts, host, alarm_minutes))
    return bytes(made.to_ical())
