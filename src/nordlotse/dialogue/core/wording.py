"""When an event is, written out in German or English."""

from __future__ import annotations

from datetime import datetime

from nordlotse.dialogue.core.values import ZONE
from nordlotse.foundation.language import Lang
from nordlotse.foundation.records import day

_WEEKDAYS = {
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def day_written(moment: datetime, lang: Lang) -> str:
    """Return "Dienstag, 1. Dezember 2026" or "Tuesday, 1 December 2026", by the clock of Berlin."""
    local = moment.astimezone(ZONE)
    return f"{_WEEKDAYS[lang][local.weekday()]}, {day(local.date(), lang)}"


def moment_written(moment: datetime, lang: Lang) -> str:
    """Return day and time of one moment."""
    clock = " Uhr" if lang == "de" else ""
    return f"{day_written(moment, lang)}, {moment.astimezone(ZONE):%H:%M}{clock}"


def span_written(begin: datetime, end: datetime, lang: Lang) -> str:
    """Return "Dienstag, 1. Dezember 2026, 10:00–12:30 Uhr"; the last day too where it is another one."""
    first, last = begin.astimezone(ZONE), end.astimezone(ZONE)
    clock = " Uhr" if lang == "de" else ""
    if first.date() == last.date():
        return f"{day_written(begin, lang)}, {first:%H:%M}–{last:%H:%M}{clock}"
    return f"{day_written(begin, lang)}, {first:%H:%M}{clock} – {moment_written(end, lang)}"
