"""Lengths of time as a person says them: 57 minutes, 3 hours, 12 days."""

from __future__ import annotations

from nordlotse.foundation.language import Lang

#: From two of a unit on it is told in that unit: its seconds; one, several in German (the case of "in den letzten"), one, several in English.
_UNITS = (
    (86_400, "Tag", "Tagen", "day", "days"),
    (3600, "Stunde", "Stunden", "hour", "hours"),
    (60, "Minute", "Minuten", "minute", "minutes"),
    (1, "Sekunde", "Sekunden", "second", "seconds"),
)


def length(seconds: float, lang: Lang) -> str:
    """Return a length of time (s) as a whole number of the largest unit it holds twice: "57 Minuten", "36 Stunden", "1 second"."""
    whole = max(round(seconds), 0)
    size, *names = next((unit for unit in _UNITS if whole >= 2 * unit[0]), _UNITS[-1])
    count = round(whole / size)
    one, several = names[:2] if lang == "de" else names[2:]
    return f"{count} {one if count == 1 else several}"
