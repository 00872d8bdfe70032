"""A hall as a whole: how long values stay, keeping it for a company, a link that only shows, deleting."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.problem import Problem
from nordlotse.iot.actions import halls as actions
from nordlotse.iot.actions import keeping
from nordlotse.iot.queries import connecting, halls, live
from nordlotse.iot.queries import keeping as kept
from nordlotse.iot.queries.limits import SIMULATION_DAYS
from nordlotse.iot.views.page import go, hall_of, lang_of, machine_of, unlisted

#: So many signals stand on one page: a form holds 200 fields, two a signal.
SHOWN = 60
#: What a form offers, in days; "" for ever.
PERIODS = ("", "30", "90", "365", "730", "1825", "3650")


@require_http_methods(["GET", "HEAD", "POST"])
def retention(request: HttpRequest, key: str) -> HttpResponse:
    """Show and set how long values are kept, for all and for single signals."""
    hall = hall_of(request, key)
    now, signals = kept.periods(hall), kept.signals(hall)
    first = _first(request.GET.get("ab", ""), len(signals))
    problem: Problem | None = None
    if request.method == "POST":
        days = _days(request.POST.get("days", ""), now.days)
        own = dict(now.signals)  # what does not stand on this page stays as it is
        for place, (name, _, _) in enumerate(signals):
            if request.POST.get(f"n{place}") == name:
                typed = request.POST.get(f"s{place}", "gleich")
                before = own.pop(name, days)
                if typed != "gleich":
                    own[name] = _days(typed, before)
        try:
            keeping.put(hall, days, own, request.user)
        except Problem as told:
            problem = told
        else:
            return go(request, "iot_retention", hall.pk, more=f"?gemerkt=1&ab={first}" if first else "?gemerkt=1")
    rows = [
        (place, name, machine, signal, _typed(now.signals[name]) if name in now.signals else "gleich")
        for place, (name, machine, signal) in list(enumerate(signals))[first : first + SHOWN]
    ]
    context: dict[str, Any] = {
        "hall": hall,
        "days": _typed(now.days),
        "rows": rows,
        "count": len(signals),
        "first": first,
        "shown": (first + 1, first + len(rows)),
        "before": max(first - SHOWN, 0) if first else None,
        "after": first + SHOWN if first + SHOWN < len(signals) else None,
        "periods": [period for period in PERIODS if period],
        "problem": problem,
        "kept": request.GET.get("gemerkt") == "1",
    }
    return unlisted(render(request, "iot/retention.html", context, status=problem.http_status if problem else 200))


@require_http_methods(["GET", "HEAD", "POST"])
def keep(request: HttpRequest, key: str) -> HttpResponse:
    """Lay a sandbox to the company of a member."""
    hall = hall_of(request, key)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            actions.keep(hall, request.user, request.POST.getlist("ende"))
        except Problem as told:
            problem = told
        else:
            return go(request, "iot_keep", hall.pk)
    company = actions.company_of(request.user)
    context = {
        "hall": hall,
        "company": company,
        "problem": problem,
        "logins": connecting.logins(hall, lang_of(request)),
        "machines": hall.machines.count(),
        "simulated": SIMULATION_DAYS if hall.machines.filter(simulation__stopped=False).exists() else 0,
    }
    return unlisted(render(request, "iot/keep.html", context, status=problem.http_status if problem else 200))


@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest, key: str) -> HttpResponse:
    """Show the link there is; POST makes one for some days or ends it."""
    hall = hall_of(request, key)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            if request.POST.get("do") == "end":
                actions.end_share(hall, request.user)
            else:
                typed = request.POST.get("days", "")
                days = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
                actions.share(hall, days, request.user)
        except Problem as told:
            problem = told
        else:
            return go(request, "iot_share", hall.pk)
    living = hall.share and hall.share_until and hall.share_until > timezone.now()
    path = reverse(f"{lang_of(request)}:iot_shared", args=[hall.share]) if living else ""
    context = {
        "hall": hall,
        "link": f"{settings.CONFIGURATION.public_url}{path}" if path else "",
        "days": actions.DAYS,
        "problem": problem,
    }
    return unlisted(render(request, "iot/share.html", context, status=problem.http_status if problem else 200))


@require_safe
def shared(request: HttpRequest, share: str) -> HttpResponse:
    """What a shared link shows: the machines as they are now; nothing can be changed, no other page is reached."""
    hall = halls.shared(share)
    machines = live.machines_now(hall, list(hall.machines.order_by("pk")), lang_of(request), own_words=False)
    context = {"hall": hall, "share": share, "machines": machines}
    name = "iot/_shared.html" if request.headers.get("HX-Request") else "iot/shared.html"
    return unlisted(render(request, name, context))


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Ask once more, then delete a machine (`maschine`) or the whole hall, and show a receipt."""
    hall = hall_of(request, key)
    typed = request.POST.get("maschine") or request.GET.get("maschine", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else 0
    machine = machine_of(request, key, number) if number else None
    if request.method == "POST" and request.POST.get("sure") == "yes":
        receipt = actions.delete_machine(machine, request.user) if machine else actions.delete(hall, request.user)
        context: dict[str, Any] = {"receipt": receipt, "machine": machine, "hall": hall if machine else None}
        return unlisted(render(request, "iot/deleted.html", context))
    unsure = request.method == "POST"
    values = halls.count_values(hall, machine.name if machine else "")
    context = {
        "hall": hall,
        "machine": machine,
        "machines": hall.machines.order_by("pk"),
        "values": values,
        "unsure": unsure,
    }
    return unlisted(render(request, "iot/delete.html", context, status=422 if unsure else 200))


def _first(typed: str, count: int) -> int:
    """Return the place of the first signal of the page an address asks for."""
    place = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0
    return min(place, max(count - 1, 0)) // SHOWN * SHOWN


def _days(typed: str, before: int | None) -> int | None:
    """Return days as a form gives them; what it did not offer leaves things as they are."""
    return (int(typed) if typed else None) if typed in PERIODS else before


def _typed(days: int | None) -> str:
    return "" if days is None else str(days)
