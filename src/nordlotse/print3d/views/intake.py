"""The room's start: hand in a part, or take one of our own to try."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from nordlotse.foundation.problem import Problem
from nordlotse.print3d.actions import parts
from nordlotse.print3d.core.samples import SAMPLES
from nordlotse.print3d.forms.intake import PartForm
from nordlotse.print3d.queries import shop as queries
from nordlotse.print3d.views.page import address_of, go, lang_of


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Say what one gets; POST takes a part in, for a shop where its page sent it, and leads to the part's page."""
    own = request.POST.get("werkstatt", "")
    form = PartForm(request.POST, request.FILES) if request.method == "POST" else PartForm()
    problem: Problem | None = None
    if form.is_bound and form.is_valid():
        try:
            shop = queries.by_key(own).key if own else ""
            key = parts.take(
                form.cleaned_data["file"], form.wishes(), lang=lang_of(request), address=address_of(request), shop=shop
            )
        except Problem as told:
            problem = told
        else:
            return go(request, "print3d_part", key)
    status = problem.http_status if problem else 422 if form.errors else 200
    context: dict[str, Any] = {"form": form, "problem": problem, "samples": SAMPLES, "own": own}
    return render(request, "print3d/start.html", context, status=status)


@require_http_methods(["POST"])
def sample(request: HttpRequest) -> HttpResponse:
    """Check one of our own sample parts."""
    key = parts.take_sample(request.POST.get("sample", ""), lang=lang_of(request), address=address_of(request))
    return go(request, "print3d_part", key)
