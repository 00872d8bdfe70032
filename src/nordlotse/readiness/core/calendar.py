"""The plan as iCalendar (RFC 5545): one all-day entry a step, one after the other, at two days of own work a week.

Nobody leaves the daily work alone for a plan: a step of two days takes a week, and the weeks in which one watches whether it works
come on top.

Entries are events and not tasks (VTODO): common calendars drop tasks of a file without a word. They leave the day free
(`TRANSP:TRANSPARENT`), because nobody works on one thing alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import ceil

from icalendar import Calendar, Event

from nordlotse.foundation.language import Lang
from nordlotse.foundation.records import number
from nordlotse.foundation.working_days import add_working_days

MEDIA_TYPE = "text/calendar; charset=utf-8"
#: So many days a week a small company works on a plan, beside its orders: our own assumption, said in every entry.
PACE = 2
_WEEK = 5
PRODUCT = "-//Nordlotse//Check//DE"


@dataclass(frozen=True, slots=True)
class Task:
    """A step for the calendar: its measure's id, title, what to do, likely days of own work, weeks of watching."""

    id: str
    title: str
    text: str
    days: float
    weeks: int = 0


@dataclass(frozen=True, slots=True)
class Reserved:
    """A step with its first and last day (both included)."""

    task: Task
    first: date
    last: date


def next_monday(today: date) -> date:
    """Return the Monday after `today`; on a Monday the next one, so that nobody begins in the past of the day."""
    return today + timedelta(days=7 - today.weekday())


def reserved(tasks: Sequence[Task], begin: date, state: str = "") -> tuple[Reserved, ...]:
    """Return the steps one after the other on working days of the state, from `begin` or the working day after it."""
    found = []
    first = add_working_days(begin, 0, state)
    for task in tasks:
        last = add_working_days(first, max(ceil(task.days * _WEEK / PACE), 1) - 1 + task.weeks * _WEEK, state)
        found.append(Reserved(task, first, last))
        first = add_working_days(last, 1, state)
    return tuple(found)


def calendar(tasks: Sequence[Task], begin: date, *, host: str, made_at: datetime, lang: Lang, state: str = "") -> bytes:
    """Return the file. `host` makes identifiers unique; the same plan with the same begin replaces itself when read again.

    `made_at` is aware; `state` (HH, SH, MV or "") says whose public holidays are left out.
    """
    made = Calendar()
    name = "Plan aus dem Reifegrad-Check" if lang == "de" else "Plan from the readiness check"
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    for place, entry in enumerate(reserved(tasks, begin, state), 1):
        made.add_component(_event(entry, place, len(tasks), host, made_at, lang))
    return bytes(made.to_ical())


def _event(entry: Reserved, number: int, of: int, host: str, made_at: datetime, lang: Lang) -> Event:
    event = Event()
    event.add("uid", f"check-{entry.task.id}-{entry.first:%Y%m%d}@{host}")
    event.add("dtstamp", made_at.astimezone(UTC).replace(microsecond=0))
    step = f"Schritt {number} von {of}" if lang == "de" else f"Step {number} of {of}"
    event.add("summary", f"{step}: {_one_line(entry.task.title)}")
    event.add("dtstart", entry.first)
    event.add("dtend", entry.last + timedelta(days=1))  # RFC 5545: the end of a whole day is the day after
    event.add("transp", "TRANSPARENT")
    event.add("description", "\n\n".join(filter(None, [entry.task.text, _pace(entry.task, lang)])))
    return event


def _pace(task: Task, lang: Lang) -> str:
    """Say how much work the entry holds and why it is as long as it is."""
    days = number(task.days, lang)
    if lang == "de":
        watched = f" Danach {task.weeks} Wochen zusehen, ob es klappt." if task.weeks else ""
        return f"Eigene Arbeit: {days} {'Tag' if task.days == 1 else 'Tage'}, hier mit zwei Tagen in der Woche gerechnet.{watched}"
    watched = f" Then {task.weeks} weeks to watch whether it works." if task.weeks else ""
    return f"Own work: {days} {'day' if task.days == 1 else 'days'}, counted here at two days a week.{watched}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
