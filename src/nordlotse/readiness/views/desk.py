"""The coordinator's page: how many checks are kept, how many are compared, and what was published when."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from nordlotse.foundation.role import Role
from nordlotse.office.roles import check_role
from nordlotse.readiness.core.disclosure import MINIMUM
from nordlotse.readiness.queries import desk as queries
from nordlotse.readiness.views.page import lang_of


@login_required
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Checks per month, consents, the last releases."""
    check_role(request.user, Role.COORDINATOR)
    lang = lang_of(request)
    context = {
        "months": queries.months(),
        "models": queries.models(lang),
        "agreed": queries.agreed(),
        "minimum": MINIMUM,
    }
    return render(request, "readiness/desk.html", context)
