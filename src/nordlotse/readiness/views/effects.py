"""What changed over companies, for researcher, funder's officer and coordinator."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from nordlotse.foundation.role import Role
from nordlotse.office.roles import check_role
from nordlotse.readiness.core.disclosure import MINIMUM
from nordlotse.readiness.queries import effects as queries
from nordlotse.readiness.views.page import lang_of


@login_required
@require_safe
def effects(request: HttpRequest) -> HttpResponse:
    """The change from T0 to T1 to T2, paired, with those who did not come again."""
    check_role(request.user, Role.RESEARCHER, Role.OFFICER, Role.COORDINATOR)
    context = {"models": queries.effects(lang_of(request)), "minimum": MINIMUM}
    return render(request, "readiness/effects.html", context)
