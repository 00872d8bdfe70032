"""A signal over time as SVG: the mean as a line in the band from least to most, gaps left open, bands of states and alarms behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, floor, log10
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from nordlotse.foundation.language import Lang
from nordlotse.iot.core.drawing.svg import BLUE, WIDTHS, Size, box, frame, n, rule, text
from nordlotse.iot.core.showing.words import figure
from nordlotse.iot.core.values import Buckets, Floats, Times

_HEIGHT, _LEFT, _BELOW, _TOP = 240.0, 62.0, 44.0, 12.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 1_000_000
#: Distances of the marks on the axis of time below a day, seconds.
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
_DAYS = (1, 2, 5, 10)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600)
#: A gap is more than so many times as long as the usual distance of two values.
_GAP = 5.0
#: The usual distance is the median of so many before and behind.
_NEAR = 5


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch behind the line: begin and end µs, colour, class of its look."""

    begin: int
    end: int
    colour: str
    look: str


def gaps(buckets: Buckets, end: int) -> list[tuple[int, int]]:
    """Return runs of empty stretches (first, last) that are gaps: longer than five times the usual distance of two values around them."""
    filled = np.flatnonzero(buckets.count > 0)
    count = len(buckets.count)
    if not len(filled):
        return [(0, count - 1)] if count else []
    width = (end - int(buckets.begin[0])) / count
    steps = np.diff(filled)
    alone = np.minimum(np.append(steps, count), np.insert(steps, 0, count))  # how far the nearer neighbour is
    inside = buckets.count[filled]
    usual = np.where(inside > 1, width / inside, alone * width)
    found = [(0, int(filled[0]) - 1)] if filled[0] > 0 else []
    for place in np.flatnonzero(steps > 1):
        run = (int(filled[place]) + 1, int(filled[place + 1]) - 1)
        if (run[1] - run[0] + 1) * width > _GAP * _around(usual, int(place)):
            found.append(run)
    if filled[-1] < count - 1:
        found.append((int(filled[-1]) + 1, count - 1))
    return found


def breaks(times: Times) -> list[int]:
    """Return behind which of sorted times (µs) a gap lies: a pause of more than five times the usual one around it."""
    pauses = np.diff(times).astype(np.float64)
    if len(pauses) < 2:
        return []
    likely = np.flatnonzero(pauses > _GAP * float(pauses.min()))  # the others cannot be
    return [int(p) for p in likely if pauses[p] > _GAP * max(_beside(pauses, int(p)), 1.0)]


def _around(usual: Floats, place: int) -> float:
    """Return the usual distance before or behind a place, whichever is longer: where the pace changes nothing is missing."""
    before, behind = usual[max(place - _NEAR + 1, 0) : place + 1], usual[place + 1 : place + 1 + _NEAR]
    return max(float(np.median(before)), float(np.median(behind)))


def _beside(pauses: Floats, place: int) -> float:
    """As `_around`, for a pause that itself does not count."""
    before, behind = pauses[max(place - _NEAR, 0) : place], pauses[place + 1 : place + 1 + _NEAR]
    return max(float(np.median(side)) for side in (before, behind) if len(side))


def course(
    buckets: Buckets,
    begin: int,
    end: int,
    name: str,
    lang: Lang,
    zone: ZoneInfo,
    *,
    bands: Sequence[Band] = (),
    size: Size = "wide",
) -> str:
    """Return the picture; `name` is what it is called for whoever does not see it. "" where there is nothing to draw."""
    known = ~np.isnan(buckets.least)
    if not known.any():
        return ""
    low, high = _span(float(buckets.least[known].min()), float(buckets.most[known].max()))
    width = WIDTHS[size] - _LEFT - 6
    height = _HEIGHT - _TOP - _BELOW
    count = len(buckets.begin)

    def x(time: float) -> float:
        return _LEFT + (time - begin) / (end - begin) * width

    def y(value: float) -> float:
        return _TOP + (high - value) / (high - low) * height

    parts = [
        box(x(max(b.begin, begin)), _TOP, x(min(b.end, end)) - x(max(b.begin, begin)), height, b.look, b.colour)
        for b in bands
        if b.end > begin and b.begin < end
    ]
    for value in _round(low, high):
        parts += [
            rule(_LEFT, y(value), _LEFT + width, y(value)),
            text(_LEFT - 6, y(value) + 5, figure(value, lang), anchor="end"),
        ]
    for tick in ticks(begin, end, 4 if size == "narrow" else 8, zone):
        parts += [rule(x(tick.time), _TOP + height, x(tick.time), _TOP + height + 6, strong=True)]
        if _LEFT + 10 < x(tick.time) < _LEFT + width - 18:
            parts.append(text(x(tick.time), _TOP + height + 21, tick.said(lang), anchor="middle", size=13))
    parts.append(text(_LEFT, _HEIGHT - 4, _days(begin, end, zone, lang), quiet=True, size=13))
    holes = np.zeros(count, dtype=bool)
    for first, last in gaps(buckets, end):
        holes[first : last + 1] = True
    middle = x(begin) + (np.arange(count) + 0.5) * width / count
    for run in _runs(holes, known):
        top = [f"{n(middle[k])},{n(y(float(buckets.most[k])))}" for k in run]
        bottom = [f"{n(middle[k])},{n(y(float(buckets.least[k])))}" for k in reversed(run)]
        line = " ".join(f"{n(middle[k])},{n(y(float(buckets.mean[k])))}" for k in run)
        if len(run) == 1:
            k = run[0]
            parts.append(
                f'<circle class="course__dot" cx="{n(middle[k])}" cy="{n(y(float(buckets.mean[k])))}" r="2" fill="{BLUE}"/>'
            )
            parts.append(
                f'<line class="course__line" x1="{n(middle[k])}" x2="{n(middle[k])}" y1="{n(y(float(buckets.least[k])))}" y2="{n(y(float(buckets.most[k])))}" stroke="{BLUE}"/>'
            )
            continue
        parts.append(
            f'<polygon class="course__band" points="{" ".join([*top, *bottom])}" fill="{BLUE}" fill-opacity="0.25"/>'
        )
        parts.append(f'<polyline class="course__line" points="{line}" fill="none" stroke="{BLUE}" stroke-width="1.6"/>')
    return frame(parts, size, _HEIGHT, name)


def _runs(holes: NDArray[np.bool_], known: NDArray[np.bool_]) -> Iterator[list[int]]:
    run: list[int] = []
    for k in range(len(holes)):
        if holes[k]:
            if run:
                yield run
            run = []
        elif known[k]:
            run.append(k)
    if run:
        yield run


def _span(low: float, high: float) -> tuple[float, float]:
    if high <= low:
        rim = abs(low) * 0.05 or 1.0
        return low - rim, high + rim
    rim = (high - low) * 0.06
    return low - rim, high + rim


def _round(low: float, high: float) -> list[float]:
    """Return four to six round values."""
    raw = (high - low) / 5
    power = 10.0 ** floor(log10(raw))
    step = next(k * power for k in (1, 2, 5, 10) if k * power >= raw)
    first = ceil(low / step)
    return [round(k * step, 12) for k in range(first, floor(high / step) + 1)]


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis of time: µs, its moment there, and how finely it is told: month, day, minute, second or finer."""

    time: int
    when: datetime
    sort: str

    def said(self, lang: Lang) -> str:
        """Return its words."""
        when = self.when
        if self.sort == "year":
            return f"{when.year}"
        if self.sort == "month":
            return (
                f"{when.month}/{when.year % 100:02d}"
                if lang == "de"
                else f"{_EN[when.month - 1]} {when.year % 100:02d}"
            )
        if self.sort == "day":
            return f"{when.day}.{when.month}." if lang == "de" else f"{when.day} {_EN[when.month - 1]}"
        if self.sort == "minute":
            return f"{when:%H:%M}"
        return f"{when:%H:%M:%S}" if self.sort == "second" else f"{when:%S}.{when.microsecond // 100_000}"


_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def ticks(begin: int, end: int, most: int, zone: ZoneInfo) -> list[Tick]:
    """Return up to about `most` marks at round moments of the zone's clock; days have 23, 24 or 25 hours as they fall."""
    seconds = (end - begin) / _SECOND
    for step in _STEPS:
        if seconds / step <= most:
            return _within_days(begin, end, step, zone)
    for days in _DAYS:
        if seconds / 86_400 / days <= most:
            return _days_of(begin, end, days, zone)
    months = next((k for k in _MONTHS if seconds / 2_629_800 / k <= most), _MONTHS[-1])
    return _months_of(begin, end, months, zone)


def _within_days(begin: int, end: int, step: float, zone: ZoneInfo) -> list[Tick]:
    size = round(step * _SECOND)
    sort = "minute" if step >= 60 else "second" if step >= 1 else "finer"
    found = []
    time = (
        begin // size * size
    )  # whole hours of Berlin are whole hours of UTC; steps of several hours are thinned below
    fine = min(size, 3600 * _SECOND)
    time = begin // fine * fine
    while time <= end:
        when = _at(time, zone)
        if time >= begin and (step <= 3600 or when.hour % round(step / 3600) == 0):
            found.append(Tick(time, when, sort))
        time += fine
    return found


def _days_of(begin: int, end: int, days: int, zone: ZoneInfo) -> list[Tick]:
    day = _at(begin, zone).date()
    found = []
    while (time := _micros(datetime(day.year, day.month, day.day, tzinfo=zone))) <= end:
        if time >= begin and (days == 1 or ((day.day - 1) % days == 0 and day.day < 30)):
            found.append(Tick(time, _at(time, zone), "day"))
        day += timedelta(days=1)
    return found


def _months_of(begin: int, end: int, months: int, zone: ZoneInfo) -> list[Tick]:
    first = _at(begin, zone)
    count = (first.year * 12 + first.month - 1) // months * months
    found = []
    while count // 12 < 9999:
        time = _micros(datetime(count // 12, count % 12 + 1, 1, tzinfo=zone))
        if time > end:
            break
        if time >= begin:
            found.append(Tick(time, _at(time, zone), "month" if months < 12 else "year"))
        count += months
    return found


def _at(time: int, zone: ZoneInfo) -> datetime:
    return (_EPOCH + timedelta(microseconds=time)).astimezone(zone)


def _micros(when: datetime) -> int:
    return (when - _EPOCH) // timedelta(microseconds=1)


def _days(begin: int, end: int, zone: ZoneInfo, lang: Lang) -> str:
    a, b = _at(begin, zone), _at(max(end - 1, begin), zone)

    def said(when: datetime) -> str:
        return f"{when:%d.%m.%Y}" if lang == "de" else f"{when.day} {_EN[when.month - 1]} {when.year}"

    return said(a) if a.date() == b.date() else f"{said(a)} – {said(b)}"
