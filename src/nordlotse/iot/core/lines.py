"""Values as other programs post them over HTTP: InfluxDB's line protocol, and JSON. What cannot be read is told by line, the rest is taken.

Line protocol: `MEASUREMENT,tag=x field=1.5,other=2i 1700000000000000000`. The machine is the tag `machine` (or `device`, `maschine`), else the
one that was named beforehand, else the measurement. The signal is the field's name; where that is only `value` and the measurement is not
the machine, the measurement. Further tags are added to the signal's name ("temp sensor=2"), so that their values do not mix.

JSON: `{"machine": "Saw", "time": "2026-03-01T06:00:00Z", "values": {"current": 1.5}}`, `{"machine": …, "signal": …, "value": …, "time": …}`, or
an object of signals where the machine was named beforehand; a list of such objects, or one per line. Times as over MQTT: ISO 8601, or ms since 1970.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.iot.core.decoding import decode
from nordlotse.iot.core.mapping import Route
from nordlotse.iot.core.tables.naming import name_of
from nordlotse.iot.core.values import EARLIEST, LATEST, MAX_TEXT, Block, Kind, Quality, Series, Why, check_name

#: Most bytes of a body, and most lines or objects of it.
MOST_BYTES, MOST_ITEMS = 32 * 1024 * 1024, 1_000_000
#: So many faults are told one by one.
MOST_TOLD = 100
#: Nanoseconds of the units a request may name for times of the line protocol.
UNITS = {"ns": 1, "n": 1, "us": 1_000, "u": 1_000, "µ": 1_000, "ms": 1_000_000, "s": 1_000_000_000}

_WORDS = {
    "syntax": ("Die Zeile folgt nicht dem Line Protocol.", "The line does not follow the line protocol."),
    "no_machine": ("Es ist keine Maschine genannt.", "No machine is named."),
    Why.NOT_JSON: ("Das ist kein JSON.", "This is no JSON."),
    Why.NOT_UTF8: ("Das ist kein UTF-8.", "This is no UTF-8."),
    Why.NO_VALUE: ("Hier steht kein Wert, der gespeichert werden kann.", "There is no value here that can be kept."),
    Why.NOT_FINITE: ("Die Zahl ist unendlich oder keine Zahl.", "The number is infinite or none."),
    Why.TOO_LONG: ("Der Text hat mehr als 256 Bytes.", "The text has more than 256 bytes."),
    Why.BAD_TIME: ("Das ist keine Zeit von 1900 bis 2199.", "This is no time from 1900 to 2199."),
    Why.BAD_NAME: ("Das kann kein Name sein.", "This cannot be a name."),
    Why.NO_MAPPING: ("Dafür gibt es keine Zuordnung.", "There is no mapping for this."),
    Why.TOO_MANY: (
        "Die Maschine hat so viele Signale, wie sie haben darf.",
        "The machine has as many signals as it may have.",
    ),
    Why.FAILED: ("Das konnte nicht gelesen werden.", "This could not be read."),
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line (of the line protocol) or object (of JSON), counted from 1, that was not taken, and why."""

    line: int
    code: str
    content: str

    def message(self, lang: str) -> str:
        """Return what is wrong ("de", or anything else for English)."""
        return _WORDS[self.code][0 if lang == "de" else 1]


class _WrongError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parse(
    body: bytes, content_type: str, company: str, machine: str | None, arrived: int, unit: str = "ns"
) -> tuple[list[Block], list[Wrong]]:
    """Return the values of a body, and what of it was not taken (the first `MOST_TOLD` of it).

    `content_type`: with "json" in it JSON, else the line protocol; `arrived` µs; `unit`: of times in the line protocol.

    Raises:
        TooLarge: `iot_body`. BadInput: `iot_name` (the machine), `iot_unit`, `iot_body_json`: no JSON at all.
    """
    if len(body) > MOST_BYTES:
        raise _too_large()
    if machine is not None:
        check_name(machine, "machine")
    if "json" in content_type.lower():
        return _json(body, company, machine, arrived)
    if unit not in UNITS:
        raise BadInput(
            "iot_unit",
            de="Diese Einheit der Zeit gibt es nicht.",
            en="There is no such unit of time.",
            where=unit[:20],
            remedy_de="Möglich sind ns, us, ms und s.",
            remedy_en="Possible are ns, us, ms and s.",
        )
    return _lines(body, company, machine, arrived, UNITS[unit])


def _too_large() -> TooLarge:
    return TooLarge(
        "iot_body",
        de=f"Auf einmal werden höchstens {MOST_BYTES // 2**20} MB und {MOST_ITEMS} Zeilen angenommen.",
        en=f"At most {MOST_BYTES // 2**20} MB and {MOST_ITEMS} lines are accepted at once.",
        remedy_de="Bitte in Teilen senden.",
        remedy_en="Send them in parts.",
    )


# ---- JSON ----


def _json(body: bytes, company: str, machine: str | None, arrived: int) -> tuple[list[Block], list[Wrong]]:
    wrong: list[Wrong] = []
    by_machine: dict[str, list[bytes]] = {}
    places: dict[tuple[str, bytes], list[int]] = {}
    for place, item in enumerate(_items(body), 1):
        if place > MOST_ITEMS:
            raise _too_large()
        try:
            name, content = _item(item, machine)
        except _WrongError as error:
            _tell(wrong, place, error.code, item if isinstance(item, bytes) else orjson.dumps(item))
            continue
        payload = orjson.dumps(content)
        by_machine.setdefault(name, []).append(payload)
        places.setdefault((name, payload), []).append(place)
    blocks: list[Block] = []
    given = _Given()
    for name, payloads in by_machine.items():
        at = np.full(len(payloads), arrived, np.int64)
        made, refused = decode(company, name.encode(), Route(name), payloads, at, given)
        blocks += made
        for one in refused:
            _tell(wrong, places[name, one.payload].pop(0), one.why, one.payload)
    return blocks, sorted(wrong, key=lambda one: one.line)


def _items(body: bytes) -> Iterator[Any]:
    """Yield objects; a line that is no JSON as its bytes."""
    try:
        whole = orjson.loads(body)
    except ValueError:
        lines = [line for line in body.splitlines() if line.strip()]
        if len(lines) < 2:
            raise BadInput(
                "iot_body_json",
                de="Das ist kein JSON.",
                en="This is no JSON.",
                where="body",
                remedy_de='Zum Beispiel {"machine": "Säge", "values": {"Strom": 4.2}}.',
                remedy_en='For example {"machine": "Saw", "values": {"current": 4.2}}.',
            ) from None
        for line in lines:
            try:
                yield orjson.loads(line)
            except ValueError:
                yield line
        return
    yield from whole if isinstance(whole, list) else [whole]


def _item(item: Any, machine: str | None) -> tuple[str, dict[str, Any]]:
    """Return the machine of an object, and its signals with the time, as a payload over MQTT has them."""
    if isinstance(item, bytes):
        raise _WrongError(Why.NOT_JSON)
    if not isinstance(item, dict):
        raise _WrongError(Why.NO_VALUE)
    rest = dict(item)
    name = rest.pop("machine", machine)
    if name is None:
        raise _WrongError("no_machine")
    if not isinstance(name, str) or name_of(name) != name:
        raise _WrongError(Why.BAD_NAME)
    time = rest.pop("time", None)
    values = rest
    if "values" in rest:
        values = rest["values"]
    elif "signal" in rest and "value" in rest:
        values = {str(rest["signal"]): rest["value"]}
    if not isinstance(values, dict) or not values:
        raise _WrongError(Why.NO_VALUE)
    return name, {**values, **({} if time is None else {"time": time})}


def _tell(wrong: list[Wrong], line: int, code: str, content: bytes) -> None:
    if len(wrong) < MOST_TOLD:
        wrong.append(Wrong(line, code, content[:120].decode("utf-8", "replace")))


class _Given:
    """Gives times to values without one: the arrival, each later than the last of its series in this body."""

    def __init__(self) -> None:
        self._last: dict[Series, int] = {}

    def __call__(self, series: Series, arrived: int, count: int) -> int:
        begin = max(arrived, self._last.get(series, 0) + 1)
        self._last[series] = begin + count - 1
        return begin


# ---- line protocol ----

#: A key or tag ends at an unescaped comma, equals sign or space.
_KEY = r"(?:[^,= \\]|\\.|\\)+"
_HEAD = re.compile(rf"((?:[^, \\]|\\.|\\)+)((?:,{_KEY}={_KEY})*) +")
_TAG = re.compile(rf",({_KEY})=({_KEY})")
_FIELD = re.compile(rf'({_KEY})=("(?:[^"\\]|\\.)*"|[^, "]+)(,|(?= |\Z))')
_ESCAPED = re.compile(r"\\([,= \\\"])")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z")
_WHOLE = re.compile(r"[+-]?\d+[iu]\Z")
_BOOLEANS = {
    **dict.fromkeys(("t", "T", "true", "True", "TRUE"), True),
    **dict.fromkeys(("f", "F", "false", "False", "FALSE"), False),
}
_MACHINES = ("machine", "maschine", "device")

#: Time µs (None: not told) and value.
_Held = list[tuple[int | None, float | bool | str]]


def _lines(body: bytes, company: str, machine: str | None, arrived: int, unit: int) -> tuple[list[Block], list[Wrong]]:
    wrong: list[Wrong] = []
    held: dict[tuple[Series, Kind], _Held] = {}
    lines = body.split(b"\n")
    if len(lines) > MOST_ITEMS:
        raise _too_large()
    for place, raw in enumerate(lines, 1):
        line = raw.strip()
        if not line or line.startswith(b"#"):
            continue
        try:
            for series, time, value in _line(line, company, machine, unit):
                kind = Kind.BOOLEAN if isinstance(value, bool) else Kind.TEXT if isinstance(value, str) else Kind.NUMBER
                held.setdefault((series, kind), []).append((time, value))
        except _WrongError as error:
            _tell(wrong, place, error.code, line)
    given = _Given()
    return [_block(series, kind, values, arrived, given) for (series, kind), values in held.items()], wrong


def _line(
    line: bytes, company: str, machine: str | None, unit: int
) -> list[tuple[Series, int | None, float | bool | str]]:
    """Return the values of a line; all or none."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise _WrongError(Why.NOT_UTF8) from None
    head = _HEAD.match(text)
    if head is None:
        raise _WrongError("syntax")
    measurement = _plain(head[1])
    tags = {_plain(key): _plain(value) for key, value in _TAG.findall(head[2])}
    named = next((tags.pop(key) for key in _MACHINES if key in tags), machine)
    behind = "".join(f" {key}={value}" for key, value in sorted(tags.items()))
    fields, end = _fields(text, head.end())
    time = _time(text[end:].strip(), unit)
    made = []
    for field, value in fields:
        signal = measurement if field == "value" and named is not None else field
        pair = name_of(signal + behind), name_of(named if named is not None else measurement)
        if not all(pair):
            raise _WrongError(Why.BAD_NAME)
        made.append((Series(company, pair[1], pair[0]), time, value))
    return made


def _fields(text: str, at: int) -> tuple[list[tuple[str, float | bool | str]], int]:
    found = []
    while True:
        field = _FIELD.match(text, at)
        if field is None:
            raise _WrongError("syntax")
        found.append((_plain(field[1]), _value(field[2])))
        at = field.end()
        if not field[3]:
            return found, at


def _value(text: str) -> float | bool | str:
    if text.startswith('"'):
        value = _ESCAPED.sub(r"\1", text[1:-1])
        if len(value.encode()) > MAX_TEXT:
            raise _WrongError(Why.TOO_LONG)
        return value
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _WHOLE.match(text):
        text = text[:-1]
    elif not _NUMBER.match(text):
        raise _WrongError(Why.NOT_FINITE if text.lower().lstrip("+-") in ("nan", "inf") else "syntax")
    number = float(text)
    if not np.isfinite(number):
        raise _WrongError(Why.NOT_FINITE)
    return number


def _time(text: str, unit: int) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"-?\d{1,20}", text):
        raise _WrongError("syntax")
    micros = int(text) * unit // 1000
    if not EARLIEST <= micros < LATEST:
        raise _WrongError(Why.BAD_TIME)
    return micros


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def _block(series: Series, kind: Kind, held: _Held, arrived: int, given: _Given) -> Block:
    timeless = np.array([time is None for time, _ in held], np.bool_)
    free = given(series, arrived, int(timeless.sum())) if timeless.any() else 0
    times = np.array([0 if time is None else time for time, _ in held], np.int64)
    times[timeless] = free + np.arange(int(timeless.sum()))
    texts: dict[str, int] = {}
    values = [texts.setdefault(v, len(texts)) if isinstance(v, str) else float(v) for _, v in held]
    apart = times - arrived
    odd = (np.abs(apart) > 3_600_000_000) | (apart > 60_000_000)
    quality = np.where(timeless, np.uint8(Quality.NO_TIME), np.where(odd, np.uint8(Quality.CLOCK), np.uint8(0)))
    return Block(
        series,
        kind,
        times,
        np.array(values, np.float64),
        quality.astype(np.uint8),
        np.full(len(held), arrived, np.int64),
        tuple(texts),
    )
