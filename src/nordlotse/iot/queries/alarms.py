"""Alarms of a hall: the list, what belongs together, how many are open and what people said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import NotFound
from nordlotse.iot.core.showing import words
from nordlotse.iot.core.stores import micros
from nordlotse.iot.models import Alarm, Hall, Machine
from nordlotse.iot.queries import lasting, together
from nordlotse.iot.queries.alarm_words import bounds, title
from nordlotse.iot.queries.live import titled

SECOND = 1_000_000
#: Alarms listed at once.
LISTED = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """An alarm in a list: its number, kind in words, machine, first sensor, since when, how long ("" a moment), open, acknowledged, verdict.

    `unseen`: that it was seen last at some time and nothing has come since, in words ("" it is known whether it lasts); `limit`: its limit in short.
    """

    alarm: Alarm
    title: str
    machine: str
    sensor: str
    began: str
    lasted: str
    unseen: str = ""
    limit: str = ""

    @property
    def open(self) -> bool:
        """Return whether it lasts and nobody has looked at it."""
        return self.alarm.end is None

    @property
    def waiting(self) -> bool:
        """Return whether nobody has looked at it yet."""
        return self.alarm.acknowledged_at is None


@dataclass(frozen=True, slots=True)
class Matter:
    """Alarms that belong together as one card: the one that led, and the others in the order they began."""

    lead: Listed
    others: tuple[Listed, ...]

    @property
    def beside(self) -> tuple[Listed, ...]:
        """Return the others, the newest of each source once and none that is the lead's own."""
        return beside(self.lead, self.others)

    @property
    def times(self) -> int:
        """Return how often the alarm that led came."""
        return 1 + sum(together.source(one.alarm) == together.source(self.lead.alarm) for one in self.others)

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return the numbers of all of them."""
        return (self.lead.alarm.pk, *(one.alarm.pk for one in self.others))

    @property
    def open(self) -> bool:
        """Return whether one of them lasts."""
        return any(one.open for one in (self.lead, *self.others))

    @property
    def verdict(self) -> str:
        """Return the first word somebody said on one of them."""
        return next((one.alarm.verdict for one in (self.lead, *self.others) if one.alarm.verdict), "")


@dataclass(frozen=True, slots=True)
class Counted:
    """The alarms of a time: how many, how many matters they are (what belongs together is one), and what people said of those."""

    alarms: int
    matters: int
    real: int
    false: int
    planned: int

    @property
    def unsaid(self) -> int:
        """Return of how many matters nobody has said anything."""
        return self.matters - self.real - self.false - self.planned


def counted(hall: Hall, begin: int, end: int, machine: Machine | None = None) -> Counted:
    """Return how many alarms began in [begin, end) (µs), counted as the list of alarms counts them."""
    rows = Alarm.objects.filter(machine__hall=hall, begin__gte=begin, begin__lt=end)
    if machine is not None:
        rows = rows.filter(machine=machine)
    return _counted(list(rows.only("machine_id", "kind", "begin", "end", "acknowledged_at", "reasons", "verdict")))


def counted_each(hall: Hall, begin: int, end: int) -> tuple[Counted, dict[int, Counted]]:
    """Return how many alarms of a hall began in [begin, end) (µs), of all machines together and of each that had some, by its number."""
    rows = Alarm.objects.filter(machine__hall=hall, begin__gte=begin, begin__lt=end)
    found = list(rows.only("machine_id", "kind", "begin", "end", "acknowledged_at", "reasons", "verdict"))
    each: dict[int, list[Alarm]] = {}
    for one in found:
        each.setdefault(one.machine_id, []).append(one)
    return _counted(found), {number: _counted(some) for number, some in each.items()}


def _counted(found: Sequence[Alarm]) -> Counted:
    groups = together.groups(found)
    said = [next((one.verdict for one in group if one.verdict), "") for group in groups]
    words = (Alarm.Verdict.REAL, Alarm.Verdict.FALSE, Alarm.Verdict.PLANNED)
    return Counted(len(found), len(groups), *(said.count(word) for word in words))


def waiting(hall: Hall) -> int:
    """Return how many matters of a hall nobody has looked at yet; alarms that belong together are one."""
    return together.waiting(hall)


def alarm(hall: Hall, number: int) -> Alarm:
    """Return an alarm of a hall.

    Raises:
        NotFound: `iot_no_alarm`.
    """
    found = Alarm.objects.filter(pk=number, machine__hall=hall).select_related("machine", "rule").first()
    if found is None:
        raise NotFound(
            "iot_no_alarm",
            de="Diesen Alarm gibt es hier nicht (mehr).",
            en="This alarm is not here (any more).",
            where="alarm",
            remedy_de="Gehen Sie zurück zur Liste der Alarme.",
            remedy_en="Go back to the list of alarms.",
        )
    found.machine.hall = hall
    return found


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a list of alarms, the newest first: those that began at `begin` (µs) with a number below `number` come next, then older ones."""

    begin: int
    number: int

    def __str__(self) -> str:
        return f"{self.begin}-{self.number}"


def place(typed: str) -> Place | None:
    """Return the place an address names ("begin-number"); None for what names none."""
    begin, _, number = typed.partition("-")
    if not (begin.isdecimal() and number.isdecimal() and len(begin) < 18 and len(number) < 18):
        return None
    return Place(int(begin), int(number))


@dataclass(frozen=True, slots=True)
class Page:
    """Some alarms of a list, the newest first, and the place where the next page begins; None on the last."""

    rows: tuple[Listed, ...]
    further: Place | None


def listed(hall: Hall, lang: Lang, *, waiting: bool, after: Place | None = None) -> Page:
    """Return a page of a hall's alarms nobody has looked at (`waiting`), or of the others; each list is turned over for itself.

    `after`: where the page begins; None: at the newest.
    """
    rows = Alarm.objects.filter(machine__hall=hall, acknowledged_at__isnull=waiting).select_related(
        "machine__hall", "rule"
    )
    if after is not None:
        rows = rows.filter(Q(begin__lt=after.begin) | Q(begin=after.begin, pk__lt=after.number))
    found = list(rows.order_by("-begin", "-pk")[: LISTED + 1])
    shown = found[:LISTED]
    further = Place(shown[-1].begin, shown[-1].pk) if len(found) > LISTED else None
    return Page(tuple(list_rows(shown, lang)), further)


def beside(lead: Listed, others: Sequence[Listed]) -> tuple[Listed, ...]:
    """Return the alarms beside one: of each source the newest, none of the source it is of itself."""
    newest = {
        together.source(one.alarm): one for one in sorted(others, key=lambda one: (one.alarm.begin, one.alarm.pk))
    }
    newest.pop(together.source(lead.alarm), None)
    return tuple(newest.values())


def matters(rows: Sequence[Listed]) -> list[Matter]:
    """Return alarms of a list as what belongs together."""
    by_number = {one.alarm.pk: one for one in rows}
    found = [[by_number[one.pk] for one in group] for group in together.groups(one.alarm for one in rows)]
    return [Matter(group[0], tuple(group[1:])) for group in found]


def list_rows(alarms: Sequence[Alarm], lang: Lang) -> list[Listed]:
    """Return alarms of one hall as a list shows them."""
    now = micros()
    unseen = lasting.unseen(alarms, now)
    return [
        _row(one, lasting.unseen_said(unseen[one.pk], now, lang) if one.pk in unseen else "", lang) for one in alarms
    ]


def _row(one: Alarm, unseen: str, lang: Lang) -> Listed:
    machine = one.machine
    sensor = titled(machine, str(one.reasons[0]["sensor"]), lang)[0] if one.reasons else ""
    name = machine.title or machine.name
    return Listed(
        one, title(one, lang), name, sensor, words.clock(one.begin, lang), _lasted(one, lang), unseen, bounds(one, lang)
    )


def _lasted(one: Alarm, lang: Lang) -> str:
    seconds = max(0, ((one.end if one.end is not None else micros()) - one.begin) // SECOND)
    if not seconds:
        return ""
    if seconds < 90:
        return f"{seconds} s"
    if seconds < 5400:
        return f"{seconds // 60} min"
    return f"{words.figure(seconds / 3600, lang)} h"
