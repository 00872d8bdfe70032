"""What a rule would have done with values of the past, so that nobody sets a limit that alarms ten times a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nordlotse.iot.core.alarms.machine import Reading, Standing, Tick, advance
from nordlotse.iot.core.alarms.rules import MEASURED, Rule
from nordlotse.iot.core.values import Floats, Kind, Rows

#: Share of the values that a proposed limit lies beyond.
QUANTILE = 0.999
#: So many turns of a condition are stepped through at most: a value that swings about its limit turns half a million times in two weeks.
MOST_TURNS = 20_000
#: Shares of a signal's spread tried as hysteresis.
_SHARES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One alarm there would have been: from, to (s since 1970 UTC; None: it would still last)."""

    begin: float
    end: float | None


def rehearse(rule: Rule, rows: Rows, until: float) -> tuple[Rehearsed, ...]:
    """Return the alarms a rule would have raised on `rows` (sorted by time), watched to `until` (s since 1970 UTC).

    The same steps as live (`machine.advance`), but only values at which the condition begins or ends are stepped through. For a silent
    rule `rows` count by their times.
    """
    rule = replace(rule, steps=())
    time: Floats = rows.time / 1e6
    found: list[Rehearsed] = []
    standing, begun = Standing(), None
    for event in _events(rule, rows, until):
        if event.before is not None:
            standing = replace(standing, read=event.before)
        for one in (*_waits(rule, standing, event, time), event.event):
            standing, effects = advance(rule, standing, one)
            for effect in effects:
                if effect.what == "raised":
                    begun = effect.time
                elif effect.what == "cleared" and begun is not None:
                    found.append(Rehearsed(begun, max(begun, effect.time)))
                    begun = None
    return (*found, Rehearsed(begun, None)) if begun is not None else tuple(found)


def lately(rule: Rule, rows: Rows) -> Rows:
    """Return the newest of `rows` (sorted by time) on which the condition turns `MOST_TURNS` times at most; all where it turns seldom enough.

    A wider hysteresis only makes fewer turns, so what is rehearsed with one on these rows takes no longer.
    """
    if not len(rows):
        return rows
    places, _ = _turns(rule, rows)
    return rows if len(places) <= MOST_TURNS else rows.taken(slice(int(places[-MOST_TURNS]), None))


@dataclass(frozen=True, slots=True)
class Steadied:
    """A hysteresis (the signal's unit) against a value that swings about its limit, and how many alarms there would be with it."""

    hysteresis: float
    alarms: int


def steadied(rule: Rule, rows: Rows, until: float, before: int) -> Steadied | None:
    """Return a hysteresis with which a rule on a number would have raised half as many alarms at most on `rows`; None where none of those tried does.

    `before`: how many it would have raised as it is (`rehearse`). Tried are shares of the spread (0.1 % to 99.9 % quantile) of the values, smallest first; a larger one is taken only where it halves the alarms
    again. At least one value in twenty must count as back in order with it: else the first alarm would never end.
    """
    value = rows.value[(rows.kind == Kind.NUMBER) & np.isfinite(rows.value)]
    if rule.kind not in ("above", "below", "outside") or before < 2 or not len(value):
        return None
    low, few, many, high = (float(one) for one in np.quantile(value, (1 - QUANTILE, 0.05, 0.95, QUANTILE)))
    best: Steadied | None = None
    for share in _SHARES:
        wider = float(f"{share * (high - low):.2g}")
        band = (
            rule.high - rule.low
            if rule.kind == "outside" and rule.high is not None and rule.low is not None
            else np.inf
        )
        back = (rule.high is None or few <= rule.high - wider) and (rule.low is None or many >= rule.low + wider)
        if wider <= rule.hysteresis or not back or band <= 2 * wider:
            continue
        alarms = len(rehearse(replace(rule, hysteresis=wider), rows, until))
        if alarms <= (before if best is None else best.alarms) / 2:
            best = Steadied(wider, alarms)
    return best


@dataclass(frozen=True, slots=True)
class _Turn:
    """An event to step through; `gap`: before it no value came for longer than a silent rule waits; `before`: when the value before it came (s)."""

    event: Reading | Tick
    gap: bool = True
    before: float | None = None

    @property
    def time(self) -> float:
        return self.event.time


def _waits(rule: Rule, standing: Standing, turn: _Turn, time: Floats) -> Sequence[Tick]:
    """Return the moments before a turn at which time alone does something: a delay is over, silence begins, hours open.

    `time` (n,): when the values came, s.
    """
    due: list[float] = []
    if standing.since is not None:
        due.append(_known(rule, standing.since + rule.delay, time))
    if standing.gone is not None:
        due.append(standing.gone + rule.clear_after)
    if rule.kind == "silent" and standing.seen is not None and turn.gap:
        due += [standing.seen + rule.silence + 0.001, standing.seen + rule.silence + rule.delay + 0.001]
    if rule.hours is not None and standing.held and standing.now is not None:
        due += [_known(rule, at, time) for at in np.arange(np.ceil(standing.now / 900) * 900, turn.time, 900).tolist()]
    return [Tick(at) for at in sorted(due) if (standing.now is None or at >= standing.now) and at < turn.time]


def _known(rule: Rule, at: float, time: Floats) -> float:
    """Return when it is known that a condition holds still at `at`: at once within a step of the value before it, else with the next value."""
    k = int(np.searchsorted(time, at, side="right"))
    if rule.kind not in MEASURED or not 0 < k < len(time) or at <= time[k - 1] + rule.pace.step:
        return at
    return float(time[k])


def _events(rule: Rule, rows: Rows, until: float) -> list[_Turn]:
    """Return the values at which the condition turns, the first value too; around silences both values; last the end."""
    if not len(rows):
        return [_Turn(Tick(until))]
    places, gaps = _turns(rule, rows)
    time = rows.time / 1e6
    shown = rows.taken(places).shown()
    turns = [
        _Turn(Reading(at, value), bool(gap), float(time[place - 1]) if place else None)
        for place, at, value, gap in zip(
            places.tolist(), time[places].tolist(), shown, gaps[places].tolist(), strict=True
        )
    ]
    return [*turns, _Turn(Tick(until), before=float(time[-1]))]


def _turns(rule: Rule, rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the places of the values to step through (`_events`), and for each row whether a silence goes before it. There is one row at least."""
    gaps = np.zeros(len(rows), dtype=np.bool_)
    if rule.kind == "silent":
        gaps[1:] = np.diff(rows.time / 1e6) > rule.silence
        return np.unique(np.concatenate([[0, len(rows) - 1], np.flatnonzero(gaps), np.flatnonzero(gaps) - 1])), gaps
    held = _held(rule, rows)
    turns = held[1:] != held[:-1]
    if rule.kind in MEASURED:
        # what holds on both sides of time without data has to last anew
        turns |= held[1:] & (np.diff(rows.time / 1e6) > rule.pace.hold)
    return np.concatenate([[0], np.flatnonzero(turns) + 1]), gaps


def _held(rule: Rule, rows: Rows) -> NDArray[np.bool_]:
    """Return for each row whether the condition holds, hysteresis included (`Rule.holds`)."""
    if rule.kind == "state":
        return np.array([rule.holds(value, False) for value in rows.shown()], dtype=np.bool_)
    number = (rows.kind != Kind.TEXT) & np.isfinite(rows.value)
    value = np.where(number, rows.value, np.nan)
    with np.errstate(invalid="ignore"):
        over, near_over = _beyond(value, rule.high, rule.hysteresis, 1.0)
        under, near_under = _beyond(value, rule.low, rule.hysteresis, -1.0)
    if rule.kind == "above":
        begins, stays = over, near_over
    elif rule.kind == "below":
        begins, stays = under, near_under
    else:
        begins, stays = over | under, near_over | near_under
    # 1 begins, 0 ends, -1 leaves it as it is
    clear = np.where(~number, -1, np.where(begins, 1, np.where(stays, -1, 0)))
    last = np.maximum.accumulate(np.where(clear >= 0, np.arange(len(clear)), -1))
    held: NDArray[np.bool_] = np.where(last >= 0, clear[np.maximum(last, 0)], 0) == 1
    return held


def _beyond(
    value: Floats, limit: float | None, hysteresis: float, sign: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where a value lies beyond a limit, and where it has not come back inside by the hysteresis."""
    if limit is None:
        nothing = np.zeros(len(value), dtype=np.bool_)
        return nothing, nothing
    return sign * value > sign * limit, sign * value > sign * limit - hysteresis


@dataclass(frozen=True, slots=True)
class Proposal:
    """Limits that the values seen suggest, rounded to three digits, in the signal's unit; `usual` the middle value."""

    high: float
    low: float
    usual: float
    hysteresis: float


def propose(values: Floats) -> Proposal | None:
    """Return limits beyond which one value in a thousand lay, a little further out; None for fewer than 100 finite numbers.

    A tenth of the distance between the 0.1 % and the 99.9 % quantile is added on either side; the hysteresis is a twentieth of it.
    """
    finite = values[np.isfinite(values)]
    if len(finite) < 100:
        return None
    low, usual, high = (float(one) for one in np.quantile(finite, (1 - QUANTILE, 0.5, QUANTILE)))
    room = (high - low) or abs(usual) or 1.0
    return Proposal(_short(high + room / 10), _short(low - room / 10), _short(usual), _short(room / 20))


def _short(value: float) -> float:
    return float(f"{value:.3g}")
