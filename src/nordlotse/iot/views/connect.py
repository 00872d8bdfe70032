"""Connecting a machine: the texts to paste, the first value, names and units."""

from __future__ import annotations

import zlib
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.problem import Problem
from nordlotse.iot.actions import halls, logins
from nordlotse.iot.core.showing.words import said
from nordlotse.iot.core.ways import ways
from nordlotse.iot.forms.begin import NameForm, SignalForm
from nordlotse.iot.models import Hall
from nordlotse.iot.queries import connecting, limits
from nordlotse.iot.queries import halls as looked
from nordlotse.iot.queries.connecting import Seen
from nordlotse.iot.queries.mapping import count_waiting
from nordlotse.iot.views.page import came_from, go, hall_of, lang_of, unlisted


@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest, key: str) -> HttpResponse:
    """Show how the machine is connected; POST `do=login` makes a login for it alone and shows its password this once. Beside an example hall in one of its own."""
    hall = hall_of(request, key)
    if hall.is_example:
        own, way_in = looked.beside(hall, request.user), request.GET.get("weg", "")
        if own is not None:
            return go(request, "iot_connect", own.pk, more=f"?{request.GET.urlencode()}" if request.GET else "")
        return go(request, "iot", more=f"?{urlencode({'beispiel': hall.pk, 'weg': way_in})}#haben")
    way = ways().by_id(request.POST.get("weg") or request.GET.get("weg", "")) or ways().by_id("mqtt")
    machines = list(hall.machines.order_by("pk"))
    field = _named(request)
    wanted = _wanted(request, field, hall)
    chosen = wanted or "Maschine"
    user = password = ""
    problem: Problem | None = None
    if request.method == "POST" and request.POST.get("do") == "login" and not field.errors:
        try:
            user, password = logins.add(hall, chosen, request.user)
        except Problem as told:
            problem = told
    assert way is not None  # noqa: S101 - the data file has it; for the type checker
    context: dict[str, Any] = {
        "hall": hall,
        "way": way,
        "ways": ways().ways,
        "machines": machines,
        "chosen": chosen,
        "field": field,
        "listener": connecting.listener(),
        "agent": connecting.by_agent(way),
        "url": connecting.site(),
        "snippets": connecting.snippets(way, connecting.connection(chosen, user, password, lang=lang_of(request))),
        "user": request.user,
        "login": user,
        "password": password,
        "problem": problem,
        "full": limits.is_full(hall),
        **_stand(request, hall, wanted),
    }
    return unlisted(render(request, "iot/connect.html", context, status=problem.http_status if problem else 200))


@require_safe
def stand(request: HttpRequest, key: str) -> HttpResponse:
    """Whether a value has come, as a fragment; without a script the whole page."""
    hall = hall_of(request, key)
    if not request.headers.get("HX-Request"):
        return go(request, "iot_connect", hall.pk, more="#wert")
    wanted = _wanted(request, _named(request), hall)
    return unlisted(render(request, "iot/_first_value.html", {"hall": hall, **_stand(request, hall, wanted)}))


@require_http_methods(["GET", "HEAD", "POST"])
def names(request: HttpRequest, key: str) -> HttpResponse:
    """Propose what the signals are called; POST keeps it and leads to the live page."""
    hall = hall_of(request, key)
    found = connecting.seen(hall, lang_of(request))
    forms = [_form(one, request) for one in found]
    wrong = False
    if request.method == "POST":
        if all(form.is_valid() for form in forms):
            told: dict[str, dict[str, dict[str, str]]] = {}
            for one, form in zip(found, forms, strict=True):
                if form.add_prefix("unit") not in request.POST:  # came only after the page was shown
                    continue
                told.setdefault(one.newest.machine, {})[one.newest.signal] = dict(form.cleaned_data)
            made = halls.name_signals(hall, told, request.user)
            back = came_from(request, made) or next(iter(made), None)
            return go(request, "iot_machine", hall.pk, back.pk) if back else go(request, "iot_hall", hall.pk)
        wrong = True
    rows = [(one, form, said(one.newest.value, lang_of(request))) for one, form in zip(found, forms, strict=True)]
    context = {"hall": hall, "rows": rows, "wrong": wrong}
    return unlisted(render(request, "iot/names.html", context, status=422 if wrong else 200))


def _form(one: Seen, request: HttpRequest) -> SignalForm:
    initial = {"title": one.proposal.title, "unit": one.proposal.unit, "role": one.proposal.role}
    # by the name, not by the place: more may come between showing and sending the page
    prefix = f"s{zlib.crc32(f'{one.newest.machine}/{one.newest.signal}'.encode()):08x}"
    return SignalForm(request.POST if request.method == "POST" else None, initial=initial, prefix=prefix)


def _named(request: HttpRequest) -> NameForm:
    """The form with the machine's name, as the address or the form says it."""
    told = request.POST if request.method == "POST" else request.GET
    return NameForm(told if request.method == "POST" or told.get("maschine") else None)


def _wanted(request: HttpRequest, form: NameForm, hall: Hall) -> str:
    """The name of the machine that is being connected: what was typed, else the own machine from whose page somebody comes; "" where neither is."""
    if form.is_bound:
        return str(form.cleaned_data["maschine"]) if form.is_valid() else ""
    came = came_from(request, hall.machines.filter(simulation__isnull=True))
    return came.name if came else ""


def _stand(request: HttpRequest, hall: Hall, wanted: str) -> dict[str, Any]:
    """What has come: of the machine `wanted`, of any where that is ""; `strangers`: names of machines nobody has named, other than that one, beside those of the hall."""
    every = connecting.seen(hall, lang_of(request))
    found = [one for one in every if not wanted or one.newest.machine == wanted]
    named = set(hall.machines.values_list("name", flat=True))
    first = connecting.first(found)
    return {
        "wanted": wanted,
        "seen": found,
        "first": first,
        "first_said": said(first.newest.value, lang_of(request)) if first else "",
        "fresh": any(not one.known for one in found),
        "strangers": sorted({one.newest.machine for one in every} - named - {wanted}) if wanted or named else [],
        "waiting": count_waiting(hall),
    }
