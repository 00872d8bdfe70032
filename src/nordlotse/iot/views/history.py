"""A machine's signals over time: the page with sentences, pictures and tables, and the data its charts ask for."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.showing import words
from nordlotse.iot.core.values import EARLIEST, LATEST
from nordlotse.iot.models import Machine
from nordlotse.iot.queries import history as queries
from nordlotse.iot.views.page import lang_of, machine_of, unlisted

_HOUR = 3_600_000_000
#: What a tap shows: name in the address of the button, µs.
_SPANS = (("h", _HOUR), ("d", 24 * _HOUR), ("w", 7 * 24 * _HOUR), ("m", 30 * 24 * _HOUR), ("y", 365 * 24 * _HOUR))


@require_safe
def history(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The page; `?s=` names signals, `?von=&bis=` the stretch (ISO 8601, in the time of Berlin without a zone, or µs). `?teil=1`: the words alone."""
    machine = machine_of(request, key, number)
    lang = lang_of(request)
    known = queries.names(machine)
    chosen = [name for name in request.GET.getlist("s") if name in dict(known)][: queries.SIGNALS]
    chosen = list(dict.fromkeys(chosen)) or queries.usual(machine, known)
    problem, begin, end = _stretch(request, machine, chosen)
    behind = queries.marks(machine, begin, end, lang)
    context: dict[str, Any] = {
        "hall": machine.hall,
        "machine": machine,
        "known": known,
        "chosen": chosen,
        "problem": problem,
        "begin": begin,
        "end": end,
        "from_said": words.clock(begin, lang),
        "to_said": words.clock(end, lang),
        "from_field": _field(begin),
        "to_field": _field(end),
        "shown": queries.shown(machine, chosen, begin, end, lang, behind),
        "alarms": [
            (m.alarm, words.clock(m.begin, lang), words.clock(m.end, lang) if m.over else "", m.words)
            for m in behind
            if m.alarm
        ],
        "states": list(dict.fromkeys((m.kind, m.words) for m in behind if m.kind != "alarm")),
    }
    if request.GET.get("teil") == "1":
        return unlisted(render(request, "iot/_history_words.html", context))
    context |= _ways(machine, chosen, begin, end)
    return unlisted(render(request, "iot/history.html", context, status=422 if problem else 200))


@require_safe
def buckets(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The data of one chart: `from`, `to` (µs), `n` (2 to 4,000), `signal`; without a signal what lies behind the charts.

    Raises:
        BadInput: `iot_stretch`.
    """
    machine = machine_of(request, key, number)
    begin, end = _whole(request.GET.get("from", "")), _whole(request.GET.get("to", ""))
    if signal := request.GET.get("signal", ""):
        content = queries.chart(machine, signal, begin, end, _whole(request.GET.get("n", "")))
    else:
        queries.check(begin, end, 2)
        found = queries.marks(machine, begin, end, lang_of(request))
        content = orjson.dumps(
            [{"from": m.begin / 1000, "to": m.end / 1000, "kind": m.kind, "words": m.words} for m in found]
        )
    mark = f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    if request.headers.get("If-None-Match") == mark:
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(content, content_type="application/json")
    answer["ETag"] = mark
    return unlisted(answer)


def _whole(text: str) -> int:
    """Return a whole number of an address; one that is none lies beyond every border."""
    plain = text.removeprefix("-")
    return int(text) if plain.isascii() and plain.isdigit() and len(plain) < 19 else LATEST + 1


def _stretch(request: HttpRequest, machine: Machine, chosen: list[str]) -> tuple[BadInput | None, int, int]:
    """Return the stretch asked for; where that is none, what is wrong and the usual one."""
    if not (request.GET.get("von") or request.GET.get("bis")):
        return None, *queries.start(machine, chosen)
    try:
        begin, end = _time(request.GET.get("von", "")), _time(request.GET.get("bis", ""))
        queries.check(begin, end, 2)
    except BadInput as problem:
        return problem, *queries.start(machine, chosen)
    return None, begin, end


def _time(text: str) -> int:
    if text.removeprefix("-").isdigit():
        return _whole(text)
    try:
        return words.micros(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return LATEST + 1


def _field(time: int) -> str:
    """Return a moment as a field for day and time takes it."""
    when = words.moment(time).replace(tzinfo=None)
    return when.isoformat(timespec="milliseconds" if when.microsecond else "seconds")


def _ways(machine: Machine, chosen: list[str], begin: int, end: int) -> dict[str, Any]:
    """Return where buttons lead: other lengths with the same end, earlier and later by half, nearer and farther, everything."""
    signals = [("s", name) for name in chosen]
    titles = {"h": _("1 Stunde"), "d": _("Tag"), "w": _("Woche"), "m": _("Monat"), "y": _("Jahr")}
    span, middle = end - begin, (begin + end) // 2

    def way(a: int, b: int) -> str:
        a, b = max(a, EARLIEST), min(b, LATEST)
        return "?" + urlencode([*signals, ("von", max(min(a, b - queries.SHORTEST), EARLIEST)), ("bis", b)])

    known = queries.extent(machine, chosen)
    return {
        "spans": [(titles[name], way(end - length, end), length // 1000, length == span) for name, length in _SPANS],
        "earlier": way(begin - span // 2, end - span // 2),
        "later": way(begin + span // 2, end + span // 2),
        "nearer": way(middle - span // 4, middle + span // 4),
        "farther": way(middle - span, middle + span),
        "everything": way(known[0], known[1] + 1) if known else "",
        "first": known[0] // 1000 if known else 0,
        "last": known[1] // 1000 + 1 if known else 0,
    }
