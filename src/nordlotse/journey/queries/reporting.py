"""What a closed quarter says to the funder and to research: made of frozen months alone, small cells protected.

Everything but `Outside.since` stays the same for ever; that one list grows, and says so by its day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.utils import timezone

from nordlotse.foundation.language import Text
from nordlotse.foundation.masking import mask
from nordlotse.foundation.role import Role
from nordlotse.journey.core.counting import KPIS, Cell, Report
from nordlotse.journey.core.disclosure import (
    THRESHOLD,
    Published,
    attendance,
    halves,
    protect,
    protect_one,
    safe_together,
    small,
    told_together,
)
from nordlotse.journey.core.periods import Period, parse
from nordlotse.journey.core.records import Shown, carrying, minutes_class, opened
from nordlotse.journey.models import Effect, LaterChange
from nordlotse.journey.models.services import TAKEN_BACK
from nordlotse.journey.queries import figures
from nordlotse.journey.queries.figures import Closing, Goal

#: Who takes a check-in back.
_ENTRANCE = Text("Einlass", "entrance")


@dataclass(frozen=True, slots=True)
class Target:
    """A target beside what was reached in the quarter, and since its first day. `goal.actual`: since its first day."""

    goal: Goal
    in_quarter: int | None
    rounded: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of the quarter, of the quarter before, and of all quarters since the first one closed; None: not shown.

    `rounded`: the last one is told in tens.
    """

    figure: str
    now: int | None
    before: int | None
    so_far: int | None
    rounded: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One later change without anything that says whom it is about: durations are classes, `fields` names what changed."""

    day: date
    month: str
    what: str
    fields: tuple[str, ...]
    before: str
    after: str
    reason: str
    role: Text


@dataclass(frozen=True, slots=True)
class EffectTable:
    """The answers to one question as they may be shown; "" stands for those who left it out."""

    question: str
    published: Published


@dataclass(frozen=True, slots=True)
class Outside:
    """A closed quarter as somebody outside may see it. `total` None: too few companies to show anything.

    `halves`: events, and everything else. `asked`, `answered`: how often the effect was (None: too few). `changes`: known when the quarter was complete; `since`: later
    ones to its months.
    """

    period: Period
    total: Cell | None
    attendance: int | None
    halves: tuple[Cell, Cell] | None
    tables: Mapping[str, Published]
    compared: tuple[Compared, ...]
    first: str
    before: str
    targets: tuple[Target, ...]
    cases: Mapping[str, Any]
    asked: int | None
    answered: int | None
    effect: tuple[EffectTable, ...]
    changes: tuple[Change, ...]
    since: tuple[Change, ...]
    closed: Mapping[str, datetime]


def _quarters(closed: Mapping[str, Closing]) -> list[Period]:
    """Return the closed quarters, oldest first."""
    keys = sorted({f"{m[:4]}-Q{(int(m[5:]) - 1) // 3 + 1}" for m in closed})
    return [q for q in map(parse, keys) if set(q.months) <= set(closed)]


def _without_gap(parts: Sequence[Period], begin: date) -> bool:
    expected = begin
    for part in parts:
        if part.begin != expected:
            return False
        expected = part.end + timedelta(days=1)
    return True


def _report(period: Period, closed: Mapping[str, Closing]) -> Report:
    return figures.closed_report(period.months, closed)[1]


def _told(made: Report, key: str) -> int | None:
    """Return a figure of a whole quarter, None where it is not shown."""
    if small(made.total):
        return None
    return attendance(made) if key == "attendance" else made.figure(key)


def _together(quarters: Sequence[Period], key: str, closed: Mapping[str, Closing]) -> tuple[int | None, bool]:
    """Return a figure of quarters that follow each other, and whether it is told in tens because it would narrow one down.

    None where one quarter's is hidden.
    """
    parts = [_report(q, closed) for q in quarters]
    if any(_told(part, key) is None for part in parts):
        return None, False
    made = figures.closed_report([m for q in quarters for m in q.months], closed)[1]
    if len(quarters) > 1 and key in ("companies", "contacts"):
        tables = [protect(part, figures.seed_in(q, closed))[1] for q, part in zip(quarters, parts, strict=True)]
        return told_together(made.figure(key), safe=safe_together(made.total.units, tables))
    return made.figure(key), False


def _targets(period: Period, quarters: Sequence[Period], closed: Mapping[str, Closing]) -> list[Target]:
    """Return the targets as frozen with the last month of a quarter; what was reached from closed quarters only."""
    made, now = [], _report(period, closed)
    frozen = figures.frozen_parts(period.months[-1], closed[period.months[-1]].sha256)["targets"]
    for i, row in enumerate(frozen):
        begin, end = date.fromisoformat(row["begin"]), date.fromisoformat(row["end"])
        if begin > period.end or end < period.begin:
            continue
        parts = [q for q in quarters if q.begin >= begin and q.end <= end]
        known = bool(parts) and parts[-1] == period and _without_gap(parts, begin)
        actual, rounded = _together(parts, row["figure"], closed) if known else (None, False)
        goal = Goal(i, row["figure"], begin, end, row["value"], row["source"], actual)
        made.append(Target(goal, _told(now, row["figure"]), rounded))
    return made


def targets_of(period: Period) -> list[Target]:
    """Return the targets that touch a closed quarter, each beside what was reached in it and up to its end."""
    closed = figures.closed_sums()
    return _targets(period, [q for q in _quarters(closed) if q.end <= period.end], closed)


def _compared(period: Period, quarters: Sequence[Period], closed: Mapping[str, Closing]) -> list[Compared]:
    now = _report(period, closed)
    before = next((q for q in quarters if q.end + timedelta(days=1) == period.begin), None)
    known = _without_gap(quarters, quarters[0].begin)
    return [
        Compared(
            m.key,
            _told(now, m.key),
            _told(_report(before, closed), m.key) if before is not None else None,
            *(_together(quarters, m.key, closed) if known else (None, False)),
        )
        for m in KPIS
    ]


# ---- effect and cases ----


def enough(number: int) -> bool:
    """Tell whether so many may be shown outside."""
    return number == 0 or number >= THRESHOLD


def effect_tables(answers: Iterable[Sequence[str]], seed: str) -> tuple[EffectTable, ...]:
    """Return the answers about the effect, each question protected by itself; () where too few answered.

    The answers to a question, those who left it out among them, add up to the number of answers.
    """
    held = list(answers)
    if not enough(len({whose for whose, _, _ in held})):
        return ()
    made = []
    for place, (name, known) in enumerate((("helped", Effect.Helped.values), ("done", Effect.Done.values)), 1):
        cells = {}
        for value in (*known, ""):
            of_value = [answer for answer in held if answer[place] == value]
            units = len({whose for whose, _, _ in of_value})
            if value or units:
                cells[value] = Cell(companies=units, services=len(of_value), units=units)
        made.append(EffectTable(name, protect_one(cells, seed, f"effect {name}")))
    return tuple(made)


# ---- later changes ----


def _change(row: LaterChange) -> Change:
    before, after = row.before or {}, row.after or {}
    names = tuple(sorted(n for n in after if n in before and after[n] != before[n])) if before and after else ()
    entrance = row.what == "removed" and row.source.startswith("checkin:") and row.reason == TAKEN_BACK
    return Change(
        timezone.localdate(row.at),
        row.month_id,
        row.what,
        names,
        minutes_class(before["minutes"]) if before else "",
        minutes_class(after["minutes"]) if after else "",
        mask(row.reason),
        _ENTRANCE if entrance else Role.COORDINATOR.label,
    )


def _changes(period: Period, closed: Mapping[str, Closing]) -> tuple[list[Change], list[Change]]:
    """Return the later changes a quarter's report lists, and those to its months made after it was complete."""
    until = max(closed[m].at for m in period.months)
    known = figures.changes_in_report(period)
    since = LaterChange.objects.filter(month_id__in=period.months, at__gt=until).order_by("pk")
    return [_change(row) for row in known], [_change(row) for row in since]


@lru_cache(maxsize=4)
def _lines(key: str, sums: tuple[str, ...]) -> tuple[Shown, ...]:
    """Return the nameless list of a quarter; it is frozen with its months (`sums`), and 80,000 lines take seconds to make."""
    period = parse(key)
    total, tables = protect(figures.tally(period)[1], figures.seed_of(period))
    return tuple(opened(figures.frozen_records(period), tables)) if total is not None else ()


def _held(period: Period, closed: Mapping[str, Closing]) -> tuple[Shown, ...]:
    return _lines(period.key, tuple(closed[m].sha256 for m in period.months))


def lines(period: Period, by: str = "", value: str = "") -> list[Shown]:
    """Return the nameless records of a closed quarter, all or those that carry a mark."""
    held = _held(period, figures.closed_sums())
    return carrying(held, by, value) if by else list(held)


@dataclass(frozen=True, slots=True)
class Behind:
    """A figure of a closed quarter opened: how many services it counts (0: not shown), and the nameless records of it."""

    services: int
    records: Sequence[Shown]


def behind(period: Period, by: str = "", value: str = "") -> Behind:
    """Return what is behind a figure of a closed quarter; one query where its months were read before."""
    closed = figures.closed_sums()
    total, tables = protect(_report(period, closed), figures.seed_in(period, closed))
    cell = tables[by].open.get(value) if by else total
    held = _held(period, closed)
    return Behind(cell.services if cell is not None else 0, carrying(held, by, value) if by else held)


def outside(period: Period) -> Outside:
    """Return everything a closed quarter says outside; about five queries where its months were read before."""
    closed = figures.closed_sums()
    quarters = [q for q in _quarters(closed) if q.end <= period.end]
    made, seed = _report(period, closed), figures.seed_in(period, closed)
    total, tables = protect(made, seed)
    parts = [figures.frozen_parts(m, closed[m].sha256) for m in period.months]
    effect = [part["effect"] for part in parts]
    answers = [answer for part in effect for answer in part["answers"]]
    shown = effect_tables(answers, seed) if total is not None else ()
    asked = sum(part["asked"] for part in effect)
    changes, since = _changes(period, closed)
    before = next((q for q in quarters if q.end + timedelta(days=1) == period.begin), None)
    return Outside(
        period,
        total,
        attendance(made),
        halves(made) if total is not None else None,
        tables,
        tuple(_compared(period, quarters, closed)),
        quarters[0].key,
        before.key if before is not None else "",
        tuple(_targets(period, quarters, closed)),
        figures.summed([part["cases"] for part in parts]),
        asked if enough(asked) and total is not None else None,
        len(answers) if shown or not answers else None,
        shown,
        tuple(changes),
        tuple(since),
        {m: closed[m].at for m in period.months},
    )
