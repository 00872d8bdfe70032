"""The logins of a hall's machines, with their last contact and their last refusal."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from nordlotse.foundation.problem import Problem
from nordlotse.iot.actions import logins as actions
from nordlotse.iot.queries import connecting
from nordlotse.iot.views.page import go, hall_of, lang_of, unlisted


@require_http_methods(["GET", "HEAD", "POST"])
def logins(request: HttpRequest, key: str) -> HttpResponse:
    """List the logins; POST makes one and shows its password this once, or removes one."""
    hall = hall_of(request, key)
    problem: Problem | None = None
    made = ("", "")
    if request.method == "POST":
        try:
            if gone := request.POST.get("remove", ""):
                actions.remove(hall, gone[:80], request.user)
                return go(request, "iot_logins", hall.pk)
            names = set(hall.machines.values_list("name", flat=True))
            wish = request.POST.get("maschine", "")
            made = actions.add(hall, wish if wish in names else "", request.user)
        except Problem as told:
            problem = told
    context = {
        "hall": hall,
        "logins": connecting.logins(hall, lang_of(request)),
        "machines": hall.machines.order_by("pk"),
        "login": made[0],
        "password": made[1],
        "listener": connecting.listener(),
        "problem": problem,
    }
    return unlisted(render(request, "iot/logins.html", context, status=problem.http_status if problem else 200))
