"""Payloads become values. Many payloads of one topic are read by one call of the JSON reader; only what that refuses is read one by one.

What a payload may be, where no rule of the company says otherwise:

- topic MACHINE/SIGNAL: a value; `{"value": x, "time": t}`; a list of such objects; or columns, `{"value": [x, …], "time": [t, …]}`, all values
  of one kind, the densest way for many. Beside them `"quality"`: a word of `WORDS`, for columns one word or a list; other words mean nothing.
  `"sent"`: when it was sent, by the sender's clock: values that waited for their sending are not taken for those of a broken clock then.
  A text may stand without quotation marks where it is plain: letters, digits, blanks and . , : ; / ( ) % ° + - ! ? & # * = ' only.
- topic MACHINE: an object of signals, with `"time"` where it is known, or a list of such objects.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any

import numpy as np
import orjson

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.mapping import Route, Rule, found
from nordlotse.iot.core.values import (
    EARLIEST,
    LATEST,
    MAX_TEXT,
    Block,
    Flags,
    Floats,
    Kind,
    Quality,
    Series,
    Times,
    Why,
    check_name,
)

#: Seconds a device's clock may differ from ours before its times are marked.
_APART, _AHEAD = 3600, 60
_YEAR_2000 = 946_684_800_000_000

#: From series, arrival µs and number of values to the first of the times given to values without one.
Given = Callable[[Series, int, int], int]
#: A text that needs no quotation marks ("läuft", "ON", "Fehler 12: Tür offen"): letters, digits, blanks and a few marks, at least one letter or
#: digit. With anything else in it, it is more likely damaged JSON or another format than a value: it waits, with its reason.
_PLAIN = re.compile(r"[ .,:;/()%°+\-–!?&#*=']*\w[\w .,:;/()%°+\-–!?&#*=']*")
_KINDS = {float: Kind.NUMBER, int: Kind.NUMBER, bool: Kind.BOOLEAN, str: Kind.TEXT}

#: What a payload may say of a value's quality.
WORDS = {
    "good": Quality.GOOD,
    "imported": Quality.IMPORTED,
    "clock": Quality.CLOCK,
    "uncertain": Quality.UNCERTAIN,
    "bad": Quality.BAD,
}


@dataclass(frozen=True, slots=True)
class Refused:
    """A payload no value could be made of: kept with its topic and reason until a mapping fits."""

    topic: bytes
    payload: bytes
    arrived: int
    why: Why


@dataclass(frozen=True, slots=True)
class Told:
    """One value as a payload tells it: the time in µs or None, the quality, when it was sent (µs, 0 where that is not told)."""

    value: float | bool | str
    time: int | None
    arrived: int
    quality: int = 0
    sent: int = 0


def decode(
    company: str, topic: bytes, route: Route, payloads: Sequence[bytes], arrived: Times, given: Given
) -> tuple[list[Block], list[Refused]]:
    """Return the values of payloads that came to one topic, `arrived` (n,) µs, and what was refused."""
    if route.signal:
        quick = _quick(Series(company, route.machine, route.signal), payloads, arrived, given)
        if quick is not None:
            return [quick], []
    told: dict[Series, list[Told]] = {}
    blocks: list[Block] = []
    refused: list[Refused] = []
    for payload, at in zip(payloads, arrived.tolist(), strict=True):
        try:
            content = _content(route, payload)
            if _in_columns(route, content):
                series = Series(company, route.machine, route.signal)
                block = _columns(series, content, at, given)
                blocks += [*_blocks(series, told.pop(series, []), given), block]
                continue
            for series, one in _read(company, route, content, at):
                told.setdefault(series, []).append(one)
        except _RefusedError as error:
            refused.append(Refused(topic, payload, at, error.why))
    return [*blocks, *(block for series, values in told.items() for block in _blocks(series, values, given))], refused


class _RefusedError(Exception):
    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def _quick(series: Series, payloads: Sequence[bytes], arrived: Times, given: Given) -> Block | None:
    """Return all payloads as one block of numbers if that is what they are, None if they must be read one by one."""
    joined = b",".join(payloads)
    objects = joined[:1] == b"{"
    if objects and (b'"quality"' in joined or b'"sent"' in joined):
        return None
    count = len(payloads)
    # exactly one value each: a payload with a comma of its own outside braces would shift the others
    single = (
        joined.count(b"{") == count and joined.count(b"},{") == count - 1
        if objects
        else joined.count(b",") == count - 1
    )
    try:
        read = orjson.loads(b"[%b]" % joined) if single else []
        values = [one["value"] for one in read] if objects else read
    except (ValueError, KeyError, TypeError):
        return None
    if len(values) != count or not set(map(type, values)) <= {float, int}:
        return None
    times: list[Any] = [one.get("time") for one in read] if objects else [None] * count
    kinds = set(map(type, times))
    moments = None
    if kinds == {int} and _fits(min(times)) and _fits(max(times)):
        moments = np.array(times, np.int64) * 1000
    elif kinds != {type(None)}:
        return None
    return _block(series, Kind.NUMBER, np.array(values, np.float64), moments, arrived, given)


def numbers(series: Series, value: Floats, ms: Times | None, arrived: Times, given: Given) -> Block | None:
    """Return numbers (n,) with their times in ms since 1970, or without, as `decode` does; None if a time cannot be."""
    if ms is None:
        return _block(series, Kind.NUMBER, value, None, arrived, given)
    if len(ms) and not (_fits(int(ms.min())) and _fits(int(ms.max()))):
        return None
    return _block(series, Kind.NUMBER, value, ms * 1000, arrived, given)


def _fits(ms: int) -> bool:
    return EARLIEST <= ms * 1000 < LATEST


def _content(route: Route, payload: bytes) -> Any:
    if route.nowhere:
        raise _RefusedError(Why.NO_MAPPING)
    return _json(payload)


def _read(company: str, route: Route, content: Any, arrived: int) -> list[tuple[Series, Told]]:
    """Return the values of one payload; all or none."""
    if route.rules:
        return list(_by_rules(company, route.rules, content, arrived))
    several = content if isinstance(content, list) else [content]
    if not several or (content is several and not all(isinstance(one, dict) for one in several)):
        raise _RefusedError(Why.NO_VALUE)
    if route.signal:
        series = Series(company, route.machine, route.signal)
        return [(series, _single(one, arrived)) for one in several]
    return [pair for one in several for pair in _signals(company, route.machine, one, arrived)]


def _single(content: Any, arrived: int) -> Told:
    if not isinstance(content, dict):
        return Told(_value(content), None, arrived)
    if "value" not in content:
        raise _RefusedError(Why.NO_VALUE)
    quality, sent = _quality(content.get("quality")), _time(content.get("sent")) or 0
    return Told(_value(content["value"]), _time(content.get("time")), arrived, quality, sent)


def _signals(company: str, machine: str, content: Any, arrived: int) -> Iterator[tuple[Series, Told]]:
    if not isinstance(content, dict):
        raise _RefusedError(Why.NO_VALUE)
    time = _time(content.get("time"))
    names = [name for name in content if name != "time"]
    if not names:
        raise _RefusedError(Why.NO_VALUE)
    for name in names:
        yield Series(company, machine, _name(name)), Told(_value(content[name]), time, arrived)


def _quality(word: Any) -> int:
    return int(WORDS.get(word, Quality.GOOD)) if isinstance(word, str) else 0


def _in_columns(route: Route, content: Any) -> bool:
    return bool(route.signal) and isinstance(content, dict) and isinstance(content.get("value"), list)


def _columns(series: Series, content: dict[str, Any], arrived: int, given: Given) -> Block:
    """Return a payload in columns as a block."""
    values, times, quality = content["value"], content.get("time"), content.get("quality")
    kinds = {_KINDS.get(type(value)) for value in values}
    kind = kinds.pop() if len(kinds) == 1 else None
    if kind is None:
        raise _RefusedError(Why.NO_VALUE)
    if not isinstance(times, list) or len(times) != len(values):
        raise _RefusedError(Why.BAD_TIME)
    texts: dict[str, int] = {}
    if kind is Kind.TEXT:
        values = [texts.setdefault(str(_value(value)), len(texts)) for value in values]
    numbers = np.array(values, np.float64)
    if not np.isfinite(numbers).all():
        raise _RefusedError(Why.NOT_FINITE)
    several = quality if isinstance(quality, list) and len(quality) == len(values) else None
    words = _quality(quality) if several is None else [_quality(word) for word in several]
    flags = np.broadcast_to(np.array(words, np.uint8), len(values))
    at = np.full(len(values), arrived, np.int64)
    sent = np.full(len(values), _time(content.get("sent")) or 0, np.int64)
    return _block(series, kind, numbers, _moments(times), at, given, tuple(texts), flags, sent)


def _moments(times: list[Any]) -> Times:
    """Return the times of a column in µs."""
    kinds = set(map(type, times))
    if kinds == {int} and _fits(min(times)) and _fits(max(times)):
        return np.array(times, np.int64) * 1000
    made = [_time(time) for time in times]
    if None in made:
        raise _RefusedError(Why.BAD_TIME)
    return np.array(made, np.int64)


def _by_rules(company: str, rules: Sequence[Rule], content: Any, arrived: int) -> Iterator[tuple[Series, Told]]:
    hit = False
    for rule in rules:
        try:
            value = _value(found(content, rule.path))
            time = None if rule.time is None else _time(found(content, rule.time))
        except (LookupError, TypeError):
            continue
        hit = True
        if isinstance(value, float) and not isinstance(value, bool):
            value = value * rule.scale + rule.offset
            if not isfinite(value):
                raise _RefusedError(Why.NOT_FINITE)
        yield Series(company, rule.machine, rule.signal), Told(value, time, arrived)
    if not hit:
        raise _RefusedError(Why.NO_MAPPING)


def _json(payload: bytes) -> Any:
    try:
        return orjson.loads(payload)
    except ValueError:
        try:
            text = payload.decode("utf-8").strip()
        except UnicodeDecodeError:
            raise _RefusedError(Why.NOT_UTF8) from None
        if text.lower().lstrip("+-") in ("nan", "inf", "infinity"):
            raise _RefusedError(Why.NOT_FINITE) from None
        if not _PLAIN.fullmatch(text):
            raise _RefusedError(Why.NOT_JSON) from None
        return text


def _value(value: Any) -> float | bool | str:
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        number = float(value)
        if not np.isfinite(number):
            raise _RefusedError(Why.NOT_FINITE)
        return number
    if isinstance(value, str):
        if len(value.encode()) > MAX_TEXT:
            raise _RefusedError(Why.TOO_LONG)
        return value
    raise _RefusedError(Why.NO_VALUE)


def _name(name: str) -> str:
    try:
        return check_name(name, "signal")
    except BadInput:
        raise _RefusedError(Why.BAD_NAME) from None


def _time(time: Any) -> int | None:
    """Return a time as payloads tell it (ISO 8601, or ms since 1970) in µs; an ISO time without a zone is UTC."""
    if time is None:
        return None
    try:
        if isinstance(time, str):
            moment = datetime.fromisoformat(time)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            since = moment - datetime(1970, 1, 1, tzinfo=UTC)
            micro = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
        elif isinstance(time, (int, float)) and not isinstance(time, bool):
            micro = time * 1000 if isinstance(time, int) else round(time * 1000)
        else:
            raise ValueError("no time")
    except (ValueError, OverflowError):
        raise _RefusedError(Why.BAD_TIME) from None
    if not EARLIEST <= micro < LATEST:
        raise _RefusedError(Why.BAD_TIME)
    return micro


def _blocks(series: Series, told: Sequence[Told], given: Given) -> Iterator[Block]:
    """Yield values of a series as blocks of one kind each, in the order of their coming, with or without times apart."""
    begin = 0
    for end in range(1, len(told) + 1):
        if end < len(told) and _sort(told[end]) == _sort(told[begin]):
            continue
        run = told[begin:end]
        begin = end
        kind = _KINDS[type(run[0].value)]
        texts: dict[str, int] = {}
        values = [texts.setdefault(o.value, len(texts)) if isinstance(o.value, str) else float(o.value) for o in run]
        times = None if run[0].time is None else np.array([one.time for one in run], np.int64)
        arrived = np.array([one.arrived for one in run], np.int64)
        quality = np.array([one.quality for one in run], np.uint8)
        sent = np.array([one.sent for one in run], np.int64)
        yield _block(series, kind, np.array(values, np.float64), times, arrived, given, tuple(texts), quality, sent)


def _sort(told: Told) -> tuple[Kind, bool]:
    return _KINDS[type(told.value)], told.time is None


def _block(
    series: Series,
    kind: Kind,
    values: Floats,
    times: Times | None,
    arrived: Times,
    given: Given,
    texts: tuple[str, ...] = (),
    quality: Flags | None = None,
    sent: Times | None = None,
) -> Block:
    flags = np.zeros(len(values), np.uint8) if quality is None else quality
    if times is None:
        flags = flags | np.uint8(Quality.NO_TIME)
        return Block(series, kind, _given_times(series, arrived, given), values, flags, arrived, texts)
    odd = (np.abs(times - arrived) > _APART * 1_000_000) | (times - arrived > _AHEAD * 1_000_000)
    if sent is not None and sent.any():
        waited = (sent > 0) & (np.abs(sent - arrived) <= _APART * 1_000_000)
        odd = np.where(waited, times - sent > _AHEAD * 1_000_000, odd)
    if quality is not None:
        odd = np.where((quality & Quality.IMPORTED) > 0, times - arrived > _AHEAD * 1_000_000, odd)
    odd = odd | (times < _YEAR_2000)
    return Block(
        series, kind, times, values, flags | np.where(odd, np.uint8(Quality.CLOCK), np.uint8(0)), arrived, texts
    )


def _given_times(series: Series, arrived: Times, given: Given) -> Times:
    """Return arrival times, each later than the last one given to the series."""
    turns = np.flatnonzero(np.diff(arrived)) + 1
    times = np.empty(len(arrived), np.int64)
    for begin, end in zip([0, *turns.tolist()], [*turns.tolist(), len(arrived)], strict=True):
        first = given(series, int(arrived[begin]), end - begin)
        times[begin:end] = np.arange(first, first + end - begin)
    return times
