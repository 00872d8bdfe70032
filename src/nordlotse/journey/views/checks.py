"""Laying a kept readiness check to one's company, and detaching it again."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from nordlotse.journey.actions import checks as actions
from nordlotse.journey.queries import companies
from nordlotse.journey.queries.checks import checked
from nordlotse.journey.views.companies import mine
from nordlotse.office.pages import lang_of
from nordlotse.readiness.queries import checks


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lay(request: HttpRequest, key: str) -> HttpResponse:
    """Show what would be laid to the company; POST lays it there (`do=lay`) or detaches it (`do=away`)."""
    lang, check = lang_of(request), checks.kept(key)
    if request.method == "POST":
        if request.POST.get("do") == "lay":
            actions.lay(request.user, mine(request), key)
        elif request.POST.get("do") == "away":
            actions.take_away(request.user, mine(request), key)
        else:
            mine(request)
        return HttpResponseRedirect(reverse(f"{lang}:company") + "#checks")
    company = companies.of_user(request.user)
    context = {"check": check, "found": checked(key, lang), "company": company}
    response = render(request, "journey/companies/check.html", context)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    return response
