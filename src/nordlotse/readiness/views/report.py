"""The report of a check as PDF: page 1 the result, page 2 the plan that was chosen."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.readiness.core.report import FONT, Report, report
from nordlotse.readiness.forms.goal import read
from nordlotse.readiness.queries import outcome
from nordlotse.readiness.views.basis import Basis, kept_basis, loose
from nordlotse.readiness.views.page import file, without_answers
from nordlotse.readiness.views.plan import before, places, planning


@require_http_methods(["GET", "HEAD", "POST"])
def loose_report(request: HttpRequest) -> HttpResponse:
    """The report on answers that nobody keeps."""
    basis = loose(request)
    return _pdf(request, basis) if basis else without_answers(request)


@require_safe
def kept_report(request: HttpRequest, key: str) -> HttpResponse:
    """The report on a kept check."""
    return _pdf(request, kept_basis(request, key))


def _pdf(request: HttpRequest, basis: Basis) -> HttpResponse:
    found, lang, today = basis.outcome(), basis.lang, timezone.localdate()
    wanted = read(basis.given(request), found, today)
    made = planning(found, wanted)
    planned = outcome.planned(found, made, lang, font=FONT, ground=True) if made else None
    told = Report(
        results=outcome.shown(found, lang, font=FONT, ground=True),
        planned=planned,
        issuer=render_to_string("readiness/issuer.txt", request=request).strip() or settings.CONFIGURATION.host,
        made_on=today,
        action=action.title.get(lang) if (action := outcome.first_action(found)) else "",
        before=tuple(before(found, made, wanted, lang)),
        places={step: [p.label for p in those] for step, those in places(found, planned, wanted, lang).items()},
    )
    name = "Reifegrad-Check.pdf" if lang == "de" else "Readiness-check.pdf"
    return file(report(told, lang), "application/pdf", name)
