"""The room's start: what one gets, the simulator with one click, and what somebody has at the machine."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from nordlotse.foundation.problem import NotFound, Problem
from nordlotse.iot.actions import halls, simulating
from nordlotse.iot.core.ways import ways
from nordlotse.iot.forms.begin import MachineForm
from nordlotse.iot.models import Hall
from nordlotse.iot.queries import halls as queries
from nordlotse.iot.views.page import address_of, go, lang_of


@require_http_methods(["GET", "HEAD"])
def start(request: HttpRequest) -> HttpResponse:
    """Say what one gets; `?weg=` shows one way to connect a machine."""
    return _start(request)


@require_http_methods(["POST"])
def simulate(request: HttpRequest) -> HttpResponse:
    """Begin a simulated machine in a hall of its own and lead to its page."""
    try:
        machine = simulating.start(
            request.POST.get("kind", "cnc"), user=request.user, lang=lang_of(request), address=address_of(request)
        )
    except Problem as problem:
        return _start(request, problem)
    return go(request, "iot_machine", machine.hall.pk, machine.pk)


@require_http_methods(["POST"])
def new_hall(request: HttpRequest) -> HttpResponse:
    """Make a hall with the machine somebody wants to connect, or for a file, and lead to what comes next."""
    form = MachineForm(request.POST)
    way = request.POST.get("weg", "")
    if not form.is_valid():
        return _start(request, way=way, form=form)
    try:
        hall = _own(request)
        machine = halls.add_machine(hall, form.cleaned_data["machine"])
    except Problem as problem:
        return _start(request, problem, way, form)
    if way == "datei":
        return go(request, "iot_upload", hall.pk, more=f"?m={machine.pk}")
    known = {"weg": way} if ways().by_id(way) else {}
    return go(request, "iot_connect", hall.pk, more="?" + urlencode({**known, "m": machine.pk}))


def _own(request: HttpRequest) -> Hall:
    """Make a hall for own machines; who comes from an example hall gets the one beside it."""
    user, lang, address = request.user, lang_of(request), address_of(request)
    key = request.POST.get("beispiel", "")
    try:
        example = queries.hall(key if key.isascii() and key.isalnum() else "", user)
    except NotFound:
        return halls.create(user=user, lang=lang, address=address)
    return halls.beside(example, user=user, lang=lang, address=address)[0]


def _start(
    request: HttpRequest, problem: Problem | None = None, way: str = "", form: MachineForm | None = None
) -> HttpResponse:
    way = way or request.GET.get("weg", "")
    chosen = ways().by_id(way)
    wrong = form is not None and form.errors
    context: dict[str, Any] = {
        "problem": problem,
        "kinds": simulating.KINDS,
        "ways": ways(),
        "chosen": chosen,
        "way": chosen.id if chosen else "datei" if way == "datei" else "",
        "form": form or MachineForm(),
        "example": (request.POST.get("beispiel") or request.GET.get("beispiel", ""))[:24],
        "company": halls.company_of(request.user),
    }
    status = problem.http_status if problem else 422 if wrong else 200
    return render(request, "iot/begin.html", context, status=status)
