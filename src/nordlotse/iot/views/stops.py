"""Why a machine stood: reasons by a tap, on the hall's page and at the machine; whether a person may be named; the sheet with the code."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any
from urllib.parse import quote

import segno
from django.conf import settings
from django.contrib import messages
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import Problem
from nordlotse.iot.actions import stops as actions
from nordlotse.iot.core.oee.written import duration
from nordlotse.iot.core.periods import clock, day_clock
from nordlotse.iot.core.states.values import SECOND
from nordlotse.iot.core.values import LATEST
from nordlotse.iot.models import Hall, Machine
from nordlotse.iot.queries import states
from nordlotse.iot.queries import stops as queries
from nordlotse.iot.queries.oee import chosen, zone_of
from nordlotse.iot.queries.own_reasons import notes, own_reasons, own_words
from nordlotse.iot.queries.stops import StopTold
from nordlotse.iot.queries.underway import underway
from nordlotse.iot.views.page import go, hall_of, lang_of, machine_of, unlisted
from nordlotse.iot.views.pauses import asked
from nordlotse.iot.views.working import fresh

#: Stops of so many days are asked about at the machine.
_HERE = 1
#: So many of them are shown there.
_SHOWN_HERE = 3
#: So long what was said at the machine can be changed there; and said again within so much, it is a second tap of the same person.
_OWN, _TWICE = timedelta(hours=12), timedelta(minutes=1)


@require_http_methods(["GET", "HEAD", "POST"])
def stops(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The stops of two weeks that have no reason, the longest first. POST gives a reason or takes it back."""
    machine, lang = machine_of(request, key, number), lang_of(request)
    if request.method == "POST":
        wrong = _said(request, machine, own=True)
        if not wrong:
            just = "" if request.POST.get("do") == "back" else f"?gemerkt={int(request.POST['begin'][:20])}"
            return go(request, "iot_stops", key, number, more=just)
        messages.error(request, wrong)
    now = fresh(machine)
    # the same two weeks as on the page of use and in the report: the same number stands on all of them
    wanted = chosen(machine, "zweiwochen", None, now)
    begin, end = wanted.begin, wanted.end
    waiting = queries.unexplained(machine, begin, end)
    context = {
        "hall": machine.hall,
        "machine": machine,
        "here": "oee",
        "count": len(waiting),
        "open": [_told(one, lang) for one in waiting[: queries.MOST]],
        "just": _just_said(_number(request.GET.get("gemerkt", "")), machine, lang),
        "own": True,
        "done": [_told(one, lang) for one in queries.explained(machine, begin, end)],
        "reasons": _reasons(machine.hall, lang),
        "words": wanted.words.get(lang),
        "unfinished": underway([machine], wanted, now).waiting,
        "pausing": asked([machine], lang, named=False),
    }
    return unlisted(render(request, "iot/stops.html", context, status=422 if request.method == "POST" else 200))


@require_http_methods(["GET", "HEAD", "POST"])
def at_machine(request: HttpRequest, stop_key: str) -> HttpResponse:
    """The page on the phone at the machine: the stop going on, big buttons; the sheet's link is the key."""
    machine, lang = queries.by_key(stop_key), lang_of(request)
    if request.method == "POST":
        wrong, begin = _said_here(request, machine)
        if not wrong:
            mark = "" if request.POST.get("do") == "back" else _mark(machine, begin)
            return go(request, "iot_stop", stop_key, more=f"?gemerkt={mark}" if mark else "")
        messages.error(request, wrong)
    now = fresh(machine)
    found, going = queries.current(machine, now), states.now(machine, now)
    zone = zone_of(machine.hall)
    running = machine.stops.filter(end=0).order_by("-begin").first()
    said = running.reason if running is not None and found is not None and running.begin >= found.since else ""
    end, marked = _end(machine, now), request.GET.get("gemerkt", "")[:100]
    context = {
        "machine": machine,
        "hall": machine.hall,
        "stop": {"begin": found.since, "since": clock(found.since, zone), "longer": found.longer, "state": found.state.label.get(lang), "length": duration(Fraction(now - found.since, SECOND)).get(lang)} if found else None,
        "state": going.state.label.get(lang) if going else "",
        "said": queries.name_of(said, lang) if said else "",
        "had": said,
        "just": _just_said(_marked(machine, marked), machine, lang),
        "mark": marked,
        # whoever stands at the machine is no member: own words there only where a company has settled that names may come in
        "own": machine.hall.persons,
        "open": [_told(one, lang) for one in _newest(machine, end, found.since if found else LATEST)],
        "reasons": _reasons(machine.hall, lang),
        "stop_key": stop_key,
    }  # fmt: skip
    return unlisted(render(request, "iot/stop.html", context, status=422 if request.method == "POST" else 200))


@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """A sheet to print and to hang on the machine: its name and the code that opens the page on a phone. POST: a new one, the old one ends."""
    machine, lang = machine_of(request, key, number), lang_of(request)
    if request.method == "POST":
        actions.renew_sheet(machine, request.user)
        return go(request, "iot_stop_sheet", key, number, more="?neu=1")
    link = f"{settings.CONFIGURATION.public_url}{reverse(f'{lang}:iot_stop', args=[machine.stop_key])}"
    code = segno.make(link, error="m", micro=False).svg_inline(
        scale=6, border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None
    )
    return unlisted(
        render(
            request,
            "iot/stop_sheet.html",
            {
                "hall": machine.hall,
                "machine": machine,
                "here": "oee",
                "link": link,
                "code": code,
                "renewed": request.GET.get("neu") == "1",
            },
        )
    )


@require_http_methods(["GET", "HEAD", "POST"])
def persons(request: HttpRequest, key: str) -> HttpResponse:
    """Whether entries on stops may name a person: without is the default; with only after a confirmed step, in a company's hall."""
    hall, lang = hall_of(request, key), lang_of(request)
    wrong = ""
    if request.method == "POST":
        try:
            if request.POST.get("do") == "off":
                count = actions.forbid_persons(hall, request.user)
                messages.success(
                    request, _("Ab jetzt ohne Namen. Gelöscht wurden Namen in %(n)s Einträgen.") % {"n": count}
                )
            else:
                actions.allow_persons(hall, sure=request.POST.get("sure") == "yes", user=request.user)
                messages.success(request, _("Einträge dürfen jetzt einen Namen nennen."))
            return go(request, "iot_persons", key)
        except Problem as problem:
            wrong = f"{problem.message(lang)} {problem.remedy_in(lang)}".strip()
    context = {"hall": hall, "here": "shifts", "wrong": wrong, "machine": hall.machines.order_by("pk").first()}
    context |= {"words": own_words(hall), "notes": notes(hall)}
    return unlisted(render(request, "iot/persons.html", context, status=422 if wrong else 200))


def _signer(machine: Machine) -> TimestampSigner:
    return TimestampSigner(salt=f"iot_stop:{machine.stop_key}")


def _mark(machine: Machine, begin: int) -> str:
    """Return what lets whoever has just said something of a stop at the machine see and change that, "" where it was said by others before."""
    stop = queries.word_on(machine, begin)
    fresh = stop is not None and timezone.now() - stop.said_at < _TWICE
    return quote(_signer(machine).sign(str(begin))) if fresh else ""


def _marked(machine: Machine, mark: str) -> int:
    """Return the begin of the stop a mark speaks of, 0 where it is none of ours or too old."""
    try:
        return _number(_signer(machine).unsign(mark, max_age=_OWN))
    except BadSignature:
        return 0


def _number(typed: str) -> int:
    """Return a moment as an address or a form gives it, 0 where it is none."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 20 and int(typed) < LATEST else 0


def _just_said(begin: int, machine: Machine, lang: Lang) -> dict[str, Any] | None:
    """Return what was just said of a stop, to be named and changed; None where nothing was or it was taken back."""
    stop = queries.word_on(machine, begin) if begin else None
    if stop is None:
        return None
    return {
        "begin": stop.begin,
        "end": stop.end,
        "had": stop.reason,
        "reason": queries.name_of(stop.reason, lang),
        "when": day_clock(stop.begin, zone_of(machine.hall)).get(lang),
    }


def _said_here(request: HttpRequest, machine: Machine) -> tuple[str, int]:
    """Do what a form on the page at the machine says: of a stop of the last day, or of what was just said here.

    Return what was wrong with it, "" where nothing was, and the stop's begin.
    """
    own = machine.hall.persons
    begin, end = _number(request.POST.get("begin", "")), _number(request.POST.get("end", ""))
    if begin and _marked(machine, request.POST.get("mark", "")[:100]) == begin:
        stop = queries.word_on(machine, begin)
        # the stretch stays the one that was said
        return _said(request, machine, own=own, at=(begin, stop.end if stop else end)), begin
    now = states.microseconds()
    until = _end(machine, now)
    if request.POST.get("do") == "back":
        return _("Zurücknehmen lässt sich hier nur, was gerade eingetragen wurde."), 0
    if not end and (going := queries.going_on(machine, begin, now)):
        return _said(request, machine, own=own, at=(going, 0)), going
    stop_at = queries.there(machine, begin, end, until - _HERE * 86_400 * SECOND, until) if begin else None
    if stop_at is None:
        return _("Diesen Stillstand gibt es hier nicht (mehr)."), 0
    return _said(request, machine, own=own, at=stop_at, anew=True), stop_at[0]


def _said(
    request: HttpRequest, machine: Machine, *, own: bool, at: tuple[int, int] | None = None, anew: bool = False
) -> str:
    """Do what a form of reasons says; return what was wrong with it, "" where nothing was.

    `own`: own words are taken. `at`: the stop's begin and end, whatever the form says. `anew`: what others said is neither changed nor told.
    """
    lang = lang_of(request)
    try:
        begin, end = at or (int(request.POST.get("begin", "")[:20]), int(request.POST.get("end", "0")[:20] or 0))
    except ValueError:
        return _("Diesen Stillstand gibt es nicht.")
    if request.POST.get("do") == "back":
        actions.take_back(machine, begin, request.user)
        return ""
    words, chosen = request.POST.get("own", "").strip(), request.POST.get("reason", "own")
    if chosen not in {one.id for one in queries.reasons()} and chosen not in own_reasons(machine.hall):
        if not own:
            return _("Bitte wählen Sie einen Grund aus der Liste.")
        chosen = words if chosen == "own" else chosen
    try:
        actions.explain(
            machine,
            begin,
            end,
            chosen,
            person=request.POST.get("person", ""),
            had="" if anew else request.POST.get("had", "")[:60],
            actor=request.user,
        )
    except Problem as problem:
        if anew and problem.code == "iot_said_already":
            return _("Zu diesem Stillstand ist schon ein Grund gemerkt. Er bleibt.")
        return problem.message(lang)
    return ""


def _end(machine: Machine, now: int) -> int:
    newest = machine.results.order_by("-begin").values_list("end", flat=True).first()
    return min(newest, now) if newest else now


def _newest(machine: Machine, end: int, before: int) -> list[StopTold]:
    """Return the last stops without a reason that began before a moment, the newest first: whoever stands there knows that one."""
    found = queries.unexplained(machine, end - _HERE * 86_400 * SECOND, end)
    return sorted((one for one in found if one.begin < before), key=lambda one: -one.begin)[:_SHOWN_HERE]


def _reasons(hall: Hall, lang: Lang) -> list[dict[str, str]]:
    """Return the reasons to tap on: the house's, then the hall's own."""
    house = [{"id": one.id, "name": one.name.get(lang)} for one in queries.reasons()]
    return [*house, *({"id": words, "name": words} for words in own_reasons(hall))]


def _told(one: StopTold, lang: Lang) -> dict[str, Any]:
    return {
        "begin": one.begin,
        "end": one.end,
        "when": one.de if lang == "de" else one.en,
        "length": duration(Fraction(one.seconds)).get(lang),
        "state": one.state.label.get(lang),
        "reason": queries.name_of(one.reason, lang) if one.reason else "",
        "had": one.reason,
        "cut": one.cut,
        "later": one.later,
    }
