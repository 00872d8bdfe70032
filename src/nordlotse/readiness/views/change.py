"""What has changed between the rounds of a kept check."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from nordlotse.readiness.queries import checks, outcome
from nordlotse.readiness.views.page import lang_of, unlisted


@require_safe
def change(request: HttpRequest, key: str) -> HttpResponse:
    """T0, T1, T2 … side by side, for every model of the newest round; all by the rules of today."""
    check = checks.kept(key)
    answered = [r for r in check.rounds if r.answers]
    found = outcome.repeated(answered, check.newest.models, lang_of(request)) if len(answered) > 1 else ()
    context = {"check": check, "found": found, "rounds": answered}
    return unlisted(render(request, "readiness/change.html", context))
