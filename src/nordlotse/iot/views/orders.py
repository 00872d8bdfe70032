"""Orders on a machine and its parts: begin and end, rejects by a tap, counted by a signal or noted by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import Problem
from nordlotse.iot.actions import orders as actions
from nordlotse.iot.core.oee.written import number as written
from nordlotse.iot.core.periods import day_clock
from nordlotse.iot.forms.numbers import shown
from nordlotse.iot.forms.work import CycleForm, OrderForm, PartsForm
from nordlotse.iot.models import Machine, Order
from nordlotse.iot.queries.observing import Observer
from nordlotse.iot.queries.oee import zone_of
from nordlotse.iot.queries.states import microseconds
from nordlotse.iot.views.page import go, lang_of, machine_of, unlisted

#: So many orders are shown.
_MOST = 30


@require_http_methods(["GET", "HEAD", "POST"])
def orders(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The orders of a machine. POST `begin`, `end`, `tap`, `remove`, `cycle`."""
    machine, lang = machine_of(request, key, number), lang_of(request)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    zone, now = zone_of(machine.hall), microseconds()
    begin = OrderForm(request.POST if do == "begin" else None, initial={"cycle": shown(machine.cycle, 3, lang)})
    finish = PartsForm(request.POST if do == "end" else None)
    cycle = CycleForm(request.POST if do == "cycle" else None, initial={"cycle": shown(machine.cycle, 3, lang)})
    begin.fields["at"].zone = finish.fields["at"].zone = zone  # type: ignore[attr-defined]
    if request.method == "POST":
        done = _done(request, machine, do, {"begin": begin, "end": finish, "cycle": cycle}, now)
        if done:
            messages.success(request, done)
            return go(request, "iot_orders", key, number)
    running = machine.orders.filter(end=None).order_by("-begin").first()
    observer = Observer(machine, now)
    context = {
        "hall": machine.hall,
        "machine": machine,
        "here": "oee",
        "running": _told(running, zone, lang) if running else None,
        "past": [_told(one, zone, lang) for one in machine.orders.exclude(end=None).order_by("-begin")[:_MOST]],
        "begin": begin,
        "finish": finish,
        "cycle": cycle,
        "counters": {
            role: observer.roles[role]
            for role in ("parts", "good", "scrap")
            if observer.roles.get(role) in observer.names
        },
    }
    return unlisted(render(request, "iot/orders.html", context, status=422 if request.method == "POST" else 200))


def _done(request: HttpRequest, machine: Machine, do: str, forms: dict[str, Any], now: int) -> str:
    """Do what a form says; return what to say about it, "" where something was wrong (the form then says what)."""
    form = forms.get(do)
    order, kind = _number(request, "order"), request.POST.get("kind", "")
    if form is not None and not form.is_valid():
        return ""
    given = form.cleaned_data if form is not None else {}
    said = {
        "begin": _("Auftrag begonnen."), "end": _("Auftrag beendet."), "tap": _("Gemerkt."), "remove": _("Auftrag gelöscht."), "cycle": _("Gemerkt."),
    }  # fmt: skip
    try:
        if do == "begin":
            actions.begin(
                machine, given["name"], given["cycle"], given["at"] or now, part=given["part"], actor=request.user
            )
        elif do == "end":
            noted = {name: given[name] for name in ("made", "scrap", "rework")}
            actions.end(machine, order, given["at"] or now, **noted, actor=request.user)
        elif do == "tap":
            actions.tap(machine, order, kind, -1 if request.POST.get("back") else 1, now, actor=request.user)
        elif do == "remove":
            actions.remove(machine, order, actor=request.user)
        elif do == "cycle":
            actions.put_cycle(machine, given["cycle"], actor=request.user)
        return said.get(do, "")
    except Problem as problem:
        if form is not None:
            form.add_error(None, problem.message(lang_of(request)))
        else:
            messages.error(request, problem.message(lang_of(request)))
    return ""


def _number(request: HttpRequest, name: str) -> int:
    typed = request.POST.get(name, "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 16 else 0


def _told(one: Order, zone: str, lang: Lang) -> dict[str, Any]:
    return {
        "id": one.pk,
        "name": one.name,
        "part": one.part,
        "cycle": _plain(one.cycle, lang),
        "begin": day_clock(one.begin, zone).get(lang),
        "end": day_clock(one.end, zone).get(lang) if one.end is not None else "",
        "made": one.made,
        "scrap": one.scrap,
        "rework": one.rework,
    }


def _plain(value: Any, lang: Lang) -> str:
    return "" if value is None else written(Fraction(value), 3).get(lang)
