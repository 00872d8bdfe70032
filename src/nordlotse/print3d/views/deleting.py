"""Deleting a part at once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from nordlotse.print3d import elsewhere
from nordlotse.print3d.actions import parts as actions
from nordlotse.print3d.queries import parts
from nordlotse.print3d.views.page import unlisted


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Ask once more, then delete the part with its files and show a receipt."""
    kept = parts.by_key(key)
    if request.method == "POST" and request.POST.get("sure") == "yes":
        return unlisted(render(request, "print3d/deleted.html", {"receipt": actions.delete(key)}))
    unsure = request.method == "POST"
    context = {"kept": kept, "unsure": unsure, "cases": elsewhere.cases_with(key)}
    return unlisted(render(request, "print3d/delete.html", context, status=422 if unsure else 200))
