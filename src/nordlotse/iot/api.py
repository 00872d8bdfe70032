"""The JSON interface of the room: machines send values and read them again, with the login of a hall (HTTP Basic)."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from nordlotse.foundation.problem import BadInput
from nordlotse.iot import memory
from nordlotse.iot.actions import sending
from nordlotse.iot.core.values import EARLIEST, LATEST, Series
from nordlotse.iot.entrance import Guest, entrance

router = Router(tags=["iot"])

#: Buckets and single values of one answer at most.
MOST_BUCKETS, MOST_VALUES = 10_000, 10_000
#: Bytes of one request at most; the middleware has refused more already.
MOST_BYTES = 5 * 1024 * 1024

_VALUE = {"oneOf": [{"type": "number"}, {"type": "boolean"}, {"type": "string", "maxLength": 256}]}
_TIME = {"description": "ISO 8601 (UTC without a zone), or ms since 1970; without: the arrival", "oneOf": [{"type": "string"}, {"type": "number"}]}  # fmt: skip
_ONE = {
    "type": "object",
    "required": ["machine"],
    "properties": {
        "machine": {"type": "string", "maxLength": 64},
        "values": {"type": "object", "additionalProperties": _VALUE},
        "signal": {"type": "string", "maxLength": 64},
        "value": _VALUE,
        "time": _TIME,
    },
    "example": {"machine": "Säge", "values": {"Strom": 4.2}},
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"oneOf": [_ONE, {"type": "array", "items": _ONE}]}},
            "text/plain": {"schema": {"type": "string", "example": "Säge Strom=4.2 1795446337000000000"}},
        },
    },
    "security": [{"machineLogin": []}],
}
_READ: dict[str, Any] = {"security": [{"machineLogin": []}]}


class WrongOut(Schema):
    """A line or object, counted from 1, that was not taken, and why."""

    line: int
    code: str
    content: str
    message_de: str
    message_en: str


class SentOut(Schema):
    """How many values are safe on the disk, and what was not taken."""

    stored: int = Field(description="values that were sent and are safe on the disk; one sent before counts once")
    wrong: list[WrongOut] = Field(description="what could not be read, the first hundred; everything else was taken")


class LatestOut(Schema):
    """The newest value of a signal."""

    machine: str
    signal: str
    value: float | bool | str
    t: int = Field(description="µs since 1970")


class BucketOut(Schema):
    """A stretch of a signal, or one value of it."""

    t: int = Field(description="begin of the stretch or time of the value, µs since 1970")
    min: float | None = None
    max: float | None = None
    mean: float | None = None
    count: int | None = None
    value: float | bool | str | None = None


@router.post("/iot/values", response=SentOut, summary="Send values", openapi_extra=_BODY)
def values(
    request: HttpRequest, unit: str = Query("ns", max_length=2, description="of times in lines: ns, us, ms, s")
) -> dict[str, Any]:
    """Take values in; the answer comes when they are safe on the disk. What cannot be read is told, the rest is taken.

    `application/json`: one object, a list, or one per line. `text/plain`: InfluxDB line protocol, `machine signal=value time`. At most
    100,000 values and 5 MB. Sending again does no harm where values carry their time: the same value of the same time counts once.
    """
    guest = _guest(request)
    kind = request.content_type or ""
    made = sending.send(guest, request.read(MOST_BYTES + 1), kind if "json" in kind.lower() else "text/plain", unit)
    told = [
        {
            "line": one.line,
            "code": one.code,
            "content": one.content,
            "message_de": one.message("de"),
            "message_en": one.message("en"),
        }
        for one in made.wrong
    ]
    return {"stored": made.stored, "wrong": told}


@router.get("/iot/latest", response=list[LatestOut], summary="The newest value of each signal", openapi_extra=_READ)
def latest(request: HttpRequest, machine: str = Query("", max_length=64)) -> list[dict[str, Any]]:
    """Return the newest value of each signal of the hall, or of one machine."""
    guest = _guest(request)
    wish = machine or guest.machine
    if wish:
        guest.check(wish)
    found = []
    with memory.looked(guest.hall.store) as reader:
        for series in sorted(reader.series()):
            if wish in ("", series.machine) and len(rows := reader.latest(series)):
                shown = rows.shown()[0]
                found.append(
                    {"machine": series.machine, "signal": series.signal, "value": shown, "t": int(rows.time[0])}
                )
    return found


@router.get("/iot/query", response=list[BucketOut], summary="Values of a signal", openapi_extra=_READ)
def query(
    request: HttpRequest,
    machine: str = Query(..., max_length=64),
    signal: str = Query(..., max_length=64),
    begin: str = Query(..., alias="from", max_length=40, description="ISO 8601 (UTC without a zone) or µs since 1970"),
    end: str = Query(..., alias="to", max_length=40, description="the first moment behind the stretch"),
    buckets: int = Query(0, ge=0, le=MOST_BUCKETS, description="that many equal stretches; 0: the values themselves"),
) -> list[dict[str, Any]]:
    """Return a signal from `from` to `to` in equal stretches with least, most, mean and number, or its first 10,000 values."""
    guest = _guest(request)
    guest.check(machine)
    first, last = _moment(begin, "from"), _moment(end, "to")
    if not EARLIEST <= first < last <= LATEST:
        raise BadInput(
            "iot_stretch",
            de="to muss nach from liegen, beide zwischen 1900 und 2200.",
            en="to must lie after from, both between 1900 and 2200.",
            where="to",
            remedy_de="Bitte Beginn und Ende prüfen.",
            remedy_en="Check begin and end.",
        )
    series = Series(guest.hall.store, machine, signal)
    with memory.looked(guest.hall.store) as reader:
        if not buckets:
            return _rows(reader, series, first, last)
        made = reader.buckets(series, first, last, buckets)
    columns = (made.begin.tolist(), made.least.tolist(), made.most.tolist(), made.mean.tolist(), made.count.tolist())
    return [
        {"t": t, "min": _number(a), "max": _number(b), "mean": _number(m), "count": n}
        for t, a, b, m, n in zip(*columns, strict=True)
    ]


def _rows(reader: Any, series: Series, first: int, last: int) -> list[dict[str, Any]]:
    """Return the first values of a stretch; where there are many only as much is read as is needed."""
    count = int(reader.buckets(series, first, last, 1, rolled=False).count.sum())
    while count > 4 * MOST_VALUES and last - first > 1:
        last = first + max(1, (last - first) // 2)
        count = int(reader.buckets(series, first, last, 1, rolled=False).count.sum())
    rows = reader.rows(series, first, last).taken(slice(0, MOST_VALUES))
    return [{"t": t, "value": value} for t, value in zip(rows.time.tolist(), rows.shown(), strict=True)]


def _moment(text: str, where: str) -> int:
    """Return a moment in µs since 1970."""
    if re.fullmatch(r"-?\d{1,16}", text, re.ASCII):
        return int(text)
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            "iot_time",
            de="Das ist keine Zeit.",
            en="This is not a time.",
            where=where,
            remedy_de="Zum Beispiel 2026-11-23T06:00:00+01:00, oder µs seit 1970.",
            remedy_en="For example 2026-11-23T06:00:00+01:00, or µs since 1970.",
        ) from None
    since = (read if read.tzinfo else read.replace(tzinfo=UTC)) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _guest(request: HttpRequest) -> Guest:
    return entrance.let_in(request.META.get("HTTP_AUTHORIZATION", ""), str(getattr(request, "limited_address", "")))
