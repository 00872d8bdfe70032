"""Dates of a series: a recurrence rule (RFC 5545, RRULE) becomes single dates at the same time of day.

The clock time is what people agree on ("every first Tuesday at 10"): it stays the same when summer time begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from dateutil.rrule import rrulestr

from nordlotse.dialogue.core.values import ZONE
from nordlotse.foundation.problem import BadInput

#: More dates than this nobody plans at once; a rule that makes more is refused by staff pages and cut in imports.
MAX_DATES = 60

_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_PARTS = frozenset(
    {
        "FREQ",
        "INTERVAL",
        "COUNT",
        "UNTIL",
        "BYDAY",
        "BYMONTHDAY",
        "BYMONTH",
        "BYSETPOS",
        "WKST",
        "BYWEEKNO",
        "BYYEARDAY",
    }
)


def _refused(rule: str) -> BadInput:
    return BadInput(
        "series_rule",
        de="Die Regel der Wiederholung ist nicht brauchbar.",
        en="The rule of recurrence cannot be used.",
        where=rule[:80],
        remedy_de="Erlaubt sind Wiederholungen nach Tagen, Wochen, Monaten oder Jahren.",
        remedy_en="Recurrence by days, weeks, months or years is allowed.",
    )


def _parts(rule: str) -> dict[str, str]:
    """Return a rule's parts; rules by hours or seconds have no place in a calendar of meetings."""
    pairs = [p.partition("=") for p in rule.strip().upper().removeprefix("RRULE:").split(";") if p]
    parts = {key: value for key, _, value in pairs}
    known = set(parts) <= _PARTS and len(pairs) == len(parts) and len(rule) <= 300
    if not known or parts.get("FREQ") not in _FREQUENCIES:
        raise _refused(rule)
    return parts


def _until(value: str) -> datetime:
    """Return the last moment of a rule as a clock time (a bare day: its end; with Z: UTC)."""
    if len(value) == 8:
        return datetime.strptime(value, "%Y%m%d") + timedelta(days=1, seconds=-1)  # noqa: DTZ007 - a clock time
    if value.endswith("Z"):
        moment = datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return moment.astimezone(ZONE).replace(tzinfo=None)
    return datetime.strptime(value, "%Y%m%dT%H%M%S")  # noqa: DTZ007 - a clock time


def occurrences(begin: datetime, rule: str) -> Iterator[datetime]:
    """Yield the dates of a series, the first one being `begin` itself; aware, in the zone of `begin`.

    Raises:
        BadInput: the rule is none of ours (`series_rule`).
    """
    parts = _parts(rule)
    zone = begin.tzinfo or ZONE
    wall = begin.replace(tzinfo=None, microsecond=0)  # rules know whole seconds only
    try:
        until = parts.pop("UNTIL", "")
        last = _until(until) if until else None
        text = ";".join(f"{key}={value}" for key, value in parts.items())
        made = rrulestr(text, dtstart=wall)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _refused(rule) from error
    yield begin
    for moment in made:
        if last is not None and moment > last:
            return
        if moment != wall:
            yield moment.replace(tzinfo=zone, microsecond=begin.microsecond)


def dates(begin: datetime, rule: str) -> list[datetime]:
    """Return all dates of a series made by hand.

    Raises:
        BadInput: the rule cannot be used, or makes one date only or more than `MAX_DATES`.
    """
    found = list(islice(occurrences(begin, rule), MAX_DATES + 1))
    if not 2 <= len(found) <= MAX_DATES:
        raise BadInput(
            "series_length",
            de=f"Eine Reihe hat 2 bis {MAX_DATES} Termine.",
            en=f"A series has 2 to {MAX_DATES} dates.",
            where=rule[:80],
            remedy_de="Bitte Anzahl oder letzten Tag angeben.",
            remedy_en="Give a number or a last day.",
        )
    return found


def same_weekday(begin: datetime) -> str:
    """Return the rule "every month on the same weekday" of a date: its second Tuesday, or its last one if it is the fifth."""
    local = begin.astimezone(ZONE)
    number = (local.day - 1) // 7 + 1
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[local.weekday()]
    return f"FREQ=MONTHLY;BYDAY={-1 if number > 4 else number}{weekday}"
