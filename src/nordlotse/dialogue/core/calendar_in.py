"""Calendar files of strangers (RFC 5545), read in a confined process: bounded in size, number and recurrence.

A zone is believed when it is known by name (also by Windows' names). A clock time without a zone, or with one nobody knows, is
read as Berlin time and the event is marked doubtful, so that a person looks before it goes public.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

from icalendar import Calendar
from icalendar.cal.component import Component

from nordlotse.dialogue.core.imported import Collector, Reading, Remote, address, checked_end, plain
from nordlotse.dialogue.core.series import MAX_DATES, occurrences
from nordlotse.dialogue.core.values import ZONE, one_line
from nordlotse.foundation.problem import BadInput, TooLarge

MAX_BYTES = 1024 * 1024
MAX_EVENTS = 500
#: Dates of a series further ahead are read the next time.
AHEAD = timedelta(days=400)
#: Dates that ended longer ago are left out.
BACK = timedelta(days=31)

_DOUBT_RULE = ("Die Wiederholung ließ sich nicht lesen.", "The recurrence could not be read.")


def _refused(code: str, de: str, en: str, where: str) -> BadInput:
    kind = TooLarge if code == "calendar_large" else BadInput
    return kind(
        code,
        de=de,
        en=en,
        where=where,
        remedy_de="Bitte eine Kalenderdatei (.ics) mit weniger Terminen wählen.",
        remedy_en="Choose a calendar file (.ics) with fewer events.",
    )


def _aware(value: date | datetime) -> tuple[datetime, bool]:
    """Return a moment and whether its zone was told. A whole day begins at 0:00 in Berlin."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), ZONE), True
    if value.tzinfo is None:
        return value.replace(tzinfo=ZONE), False
    return value, True


def _value(component: Component, name: str) -> Any:
    found = component.get(name)
    found = found[0] if isinstance(found, list) and found else found
    return getattr(found, "dt", None)


def _end(component: Component, begin: datetime) -> datetime | None:
    told = _value(component, "DTEND")
    if told is not None:
        return _aware(told)[0]
    length = _value(component, "DURATION")
    if isinstance(length, timedelta):
        return begin + length
    starts = _value(component, "DTSTART")
    return begin + timedelta(days=1) if not isinstance(starts, datetime) else None


def _excluded(component: Component) -> set[datetime]:
    found = component.get("EXDATE", [])
    rows = found if isinstance(found, list) else [found]
    return {_aware(part.dt)[0].astimezone(UTC) for row in rows for part in getattr(row, "dts", [])}


def _rule(component: Component) -> str:
    rule = component.get("RRULE")
    if rule is None:
        return ""
    if isinstance(rule, list):
        raise _refused("calendar_rule", *_DOUBT_RULE, "RRULE")
    return str(rule.to_ical().decode())


def _words(component: Component, name: str) -> str:
    found = component.get(name)
    return str(found[0] if isinstance(found, list) and found else found or "")


def _single(component: Component, key: str, begin: datetime, zone_told: bool) -> Remote:
    first, _ = _aware(_value(component, "DTSTART"))
    end = checked_end(first, _end(component, first))
    changed = _value(component, "LAST-MODIFIED") or _value(component, "DTSTAMP")
    return Remote(
        key=key,
        title_de=one_line(_words(component, "SUMMARY"), 200),
        title_en="",
        begin=begin,
        end=begin + (end - first),
        text_de=plain(_words(component, "DESCRIPTION")),
        place=one_line(_words(component, "LOCATION"), 300),
        booking_url=address(_words(component, "URL")),
        cancelled=_words(component, "STATUS").upper() == "CANCELLED",
        changed_at=_aware(changed)[0] if isinstance(changed, datetime) else None,
        doubt="" if zone_told else "zone",
    )


def _expanded(component: Component, uid: str, now: datetime, replaced: set[tuple[str, datetime]]) -> Iterator[Remote]:
    told = _value(component, "DTSTART")
    if told is None or not one_line(_words(component, "SUMMARY"), 200):
        raise _refused("calendar_event", "Titel oder Beginn fehlt.", "Title or begin is missing.", "VEVENT")
    begin, zone_told = _aware(told)
    special, rule = _value(component, "RECURRENCE-ID"), _rule(component)
    if special is not None:
        yield _single(component, f"{uid}/{_stamp(_aware(special)[0])}", begin, zone_told)
        return
    if not rule:
        if begin >= now - BACK:
            yield _single(component, uid, begin, zone_told)
        return
    excluded = _excluded(component)
    # Islice twice: a rule without an end stops at the horizon, one that never matches stops by the child's clock.
    near = (d for d in _until(occurrences(begin, rule), now + AHEAD) if d >= now - BACK)
    for moment in islice(near, MAX_DATES):
        utc = moment.astimezone(UTC)
        if utc not in excluded and (uid, utc) not in replaced:
            yield _single(component, f"{uid}/{_stamp(moment)}", moment, zone_told)


def _until(moments: Iterator[datetime], last: datetime) -> Iterator[datetime]:
    for moment in moments:
        if moment > last:
            return
        yield moment


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def events(data: bytes, now: datetime) -> Reading:
    """Read a calendar file; `now` decides which dates of a series are near.

    Raises:
        BadInput: no calendar, too large, or more than `MAX_EVENTS` events.
    """
    if len(data) > MAX_BYTES:
        raise _refused("calendar_large", "Die Kalenderdatei ist größer als 1 MB.", "The calendar file is larger than 1 MB.", "ics")  # fmt: skip
    try:
        calendar = Calendar.from_ical(data)
        components = calendar.walk("VEVENT")
    except (ValueError, KeyError, IndexError, AttributeError, TypeError, UnicodeError) as error:
        raise _refused(
            "calendar_unreadable", "Das ist keine Kalenderdatei.", "This is no calendar file.", "ics"
        ) from error
    if len(components) > MAX_EVENTS:
        raise _refused("calendar_many", f"Die Datei hat mehr als {MAX_EVENTS} Termine.", f"The file has more than {MAX_EVENTS} events.", "ics")  # fmt: skip
    replaced = {
        (_uid(c), _aware(special)[0].astimezone(UTC))
        for c in components
        if (special := _value(c, "RECURRENCE-ID")) is not None
    }
    found = Collector()
    for component in components:
        _take(component, now, replaced, found)
    return found.reading()


def _uid(component: Component) -> str:
    return one_line(_words(component, "UID"), 120)


def _take(component: Component, now: datetime, replaced: set[tuple[str, datetime]], found: Collector) -> None:
    """Take one component's dates; strangers' files are odd in every way, and one odd event must not cost the others."""
    uid = _uid(component)
    if not uid or len(found.events) >= MAX_EVENTS:
        return
    try:
        made = list(_expanded(component, uid, now, replaced))
    except BadInput as problem:
        found.leave_out(_words(component, "SUMMARY") or uid, problem)
        return
    except (ValueError, TypeError, AttributeError, OverflowError, KeyError):
        found.leave_out(_words(component, "SUMMARY") or uid, _refused("calendar_event", "Der Termin ist nicht lesbar.", "The event cannot be read.", "VEVENT"))  # fmt: skip
        return
    found.events.extend(made[: MAX_EVENTS - len(found.events)])


def read(name: str, data: bytes) -> dict[str, Any]:
    """Read a file inside the confined process; the name holds the moment of reading (ISO 8601). Gives JSON, see `unpacked`.

    Raises:
        BadInput: as `events`.
    """
    reading = events(data, datetime.fromisoformat(name))
    rows = [
        {
            **{f: getattr(e, f) for f in Remote.__slots__ if f not in ("begin", "end", "changed_at")},
            "begin": e.begin.astimezone(UTC).isoformat(),
            "end": e.end.astimezone(UTC).isoformat(),
            "changed_at": e.changed_at.astimezone(UTC).isoformat() if e.changed_at else "",
        }
        for e in reading.events
    ]
    return {"events": rows, "left_out": [list(pair) for pair in reading.left_out]}


def unpacked(value: Any) -> Reading:
    """Return the reading that the confined process sent as JSON.

    Raises:
        BadInput: it is not shaped like one; whoever took over the child gets no further.
    """
    try:
        found = tuple(
            Remote(
                **{f: _plain_value(row[f]) for f in Remote.__slots__ if f not in ("begin", "end", "changed_at")},
                begin=datetime.fromisoformat(row["begin"]),
                end=datetime.fromisoformat(row["end"]),
                changed_at=datetime.fromisoformat(row["changed_at"]) if row["changed_at"] else None,
            )
            for row in value["events"]
        )
        return Reading(found, tuple((str(de), str(en)) for de, en in value["left_out"]))
    except (KeyError, TypeError, ValueError) as error:
        raise _refused(
            "calendar_unreadable", "Das ist keine Kalenderdatei.", "This is no calendar file.", "ics"
        ) from error


def _plain_value(value: object) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    raise TypeError(type(value).__name__)
