"""Taking the values away: Parquet or CSV, of one machine or all, whole or a stretch of days."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from nordlotse.foundation.problem import BadInput, NotAvailable
from nordlotse.iot.lookout import Places
from nordlotse.iot.models import Hall
from nordlotse.iot.queries import exporting, said
from nordlotse.iot.views.page import hall_of, unlisted

#: Files handed out at once by one process: each holds a thread for as long as it is taken. A client that takes nothing for so many seconds has gone.
_MOST, _SECONDS = 2, 60.0
places = Places(_MOST)
_ZONE = ZoneInfo("Europe/Berlin")
_TYPES = {
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv; charset=utf-8",
    "excel": "text/csv; charset=utf-8",
    "single": "text/csv; charset=utf-8",
    "zip": "application/zip",
}
_ENDINGS = {"excel": "stunden.csv", "single": "einzelwerte.csv", "zip": "gesagt.zip"}


@require_safe
def export(request: HttpRequest, key: str) -> HttpResponse:
    """Say what can be taken away: machines with how many values, and the forms."""
    hall = hall_of(request, key)
    return unlisted(render(request, "iot/export.html", {"hall": hall, "held": exporting.held(hall)}))


@require_safe
def file(request: HttpRequest, key: str, form: str) -> HttpResponseBase:
    """Hand out values of `?maschine=` (all without) from `?von=` to `?bis=` (days in Berlin, both included), as they are read."""
    hall = hall_of(request, key)
    machine = request.GET.get("maschine", "")
    begin, end = _day(request.GET.get("von", ""), "von"), _day(request.GET.get("bis", ""), "bis", 1)
    if form == "zip":
        pieces = said.pieces(hall, machine, begin, end)
    else:
        pieces = exporting.pieces(hall, form, machine, begin, end)
    if request.method == "HEAD":
        return _answer(iter(()), hall, machine, form)
    if not places.take():
        raise NotAvailable(
            "iot_export_busy",
            de="Gerade werden schon andere Dateien mitgenommen.",
            en="Other files are being taken away just now.",
            where="export",
            remedy_de="Bitte versuchen Sie es in einer Minute wieder.",
            remedy_en="Try again in a minute.",
        )
    connected: Any = request.META.get("gunicorn.socket")
    if isinstance(connected, socket.socket):
        connected.settimeout(_SECONDS)
    return _answer(_Taken(pieces), hall, machine, form)


class _Taken:
    """The pieces of a file; gives its place back once, however it ends, even if nobody ever read from it."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._open = True

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)

    def close(self) -> None:
        """End it. Django calls this when the answer is over or the client has gone."""
        if self._open:
            self._open = False
            places.give_back()

    def __del__(self) -> None:
        self.close()


def _answer(pieces: Iterator[bytes], hall: Hall, machine: str, form: str) -> HttpResponseBase:
    name = f"{machine or hall.name or 'halle'}.{_ENDINGS.get(form, form)}"
    return _marked(StreamingHttpResponse(pieces, content_type=_TYPES[form]), name)


def handed(content: bytes, name: str, type_: str) -> HttpResponse:
    """Return a small file to take away."""
    answer = HttpResponse(content, content_type=type_)
    _marked(answer, name)
    return answer


def _marked(answer: HttpResponseBase, name: str) -> HttpResponseBase:
    name = name.replace("/", "_")
    plain = "".join(c if c.isascii() and c not in '"\\' else "_" for c in name)
    answer["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _day(typed: str, where: str, later: int = 0) -> int | None:
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed) + timedelta(days=later)
        return int(datetime.combine(day, time(), _ZONE).timestamp()) * 1_000_000
    except (ValueError, OverflowError):
        raise BadInput(
            "iot_day", de="Das ist kein Tag.", en="This is not a day.", where=where,
            remedy_de="Zum Beispiel 2026-11-23.", remedy_en="For example 2026-11-23.",
        ) from None  # fmt: skip
