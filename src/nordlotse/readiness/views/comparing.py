"""A kept check beside own participants, and the consent to count among them: given and taken back here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from nordlotse.readiness.actions import comparing as actions
from nordlotse.readiness.core.assess import assess
from nordlotse.readiness.queries import checks, comparison
from nordlotse.readiness.queries import models as known
from nordlotse.readiness.views.page import go, lang_of, unlisted


@require_http_methods(["GET", "HEAD", "POST"])
def compare(request: HttpRequest, key: str) -> HttpResponse:
    """Show the groups beside the company's newest round; POST gives (`do=agree`) or takes back (`do=withdraw`) the consent."""
    check = checks.kept(key)
    if request.method == "POST":
        if request.POST.get("do") == "agree":
            actions.agree(key)
        elif request.POST.get("do") == "withdraw":
            actions.withdraw(key)
        return go(request, "readiness_compare", key, more="#zustimmung")
    lang, shown = lang_of(request), check.newest
    models = {id: model for id, model in known.available().items() if id in shown.models}
    scores = assess(shown.answers, models, known.form_for(list(models))).scores
    consent = comparison.consent_of(key)
    context = {
        "check": check,
        "beside": [(m.title.get(lang), p) for m, p in comparison.beside(check, models, scores, lang)],
        "consent": consent,
        "withdrawn_on": comparison.withdrawn_on(key),
        "words": consent.text.text.get(lang),
        "counts": comparison.counts(check, models.values()),
    }
    return unlisted(render(request, "readiness/compare.html", context))
