"""Laying a checked part to one's company, and detaching it again."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from nordlotse.journey.actions import parts as actions
from nordlotse.journey.queries import companies
from nordlotse.journey.queries.parts import checked
from nordlotse.journey.views.companies import mine
from nordlotse.office.pages import lang_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lay(request: HttpRequest, key: str) -> HttpResponse:
    """Show what would be laid to the company; POST lays it there (`do=lay`) or detaches it (`do=away`)."""
    lang, part = lang_of(request), checked(key, lang_of(request))
    if request.method == "POST":
        company = mine(request)
        if request.POST.get("do") == "lay":
            actions.lay(request.user, company, key)
        elif request.POST.get("do") == "away":
            actions.take_away(request.user, company, key)
        return HttpResponseRedirect(reverse(f"{lang}:company") + "#teile")
    context = {"part": part, "company": companies.of_user(request.user)}
    response = render(request, "journey/companies/part.html", context)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    return response
