"""A link that only shows a part, and ends: making it, ending it, and what it shows."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.actions import sharing as actions
from nordlotse.print3d.queries import parts
from nordlotse.print3d.views import files
from nordlotse.print3d.views.page import go, lang_of, unlisted
from nordlotse.print3d.views.result import result_context


@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest, key: str) -> HttpResponse:
    """Show the link there is; POST makes one for some days or ends it."""
    kept = parts.by_key(key)
    problem = None
    if request.method == "POST":
        try:
            if request.POST.get("do") == "end":
                actions.end(key)
            else:
                actions.share(key, _days(request.POST.get("days", "")))
        except BadInput as told:
            problem = told
        else:
            return go(request, "print3d_share", key)
    link = (
        str(settings.CONFIGURATION.public_url) + reverse(f"{lang_of(request)}:print3d_shared", args=[kept.share])
        if kept.share
        else ""
    )
    context = {"kept": kept, "link": link, "days": actions.offered(kept), "problem": problem}
    return unlisted(render(request, "print3d/share.html", context, status=problem.http_status if problem else 200))


def _days(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 3 else 0


@require_safe
def shared(request: HttpRequest, share: str) -> HttpResponse:
    """What a shared link shows: the result as it is now; nothing can be changed."""
    kept = parts.by_share(share)
    if kept.examined is None:
        raise parts.unknown()
    return unlisted(render(request, "print3d/part.html", result_context(kept, lang_of(request), share=share)))


@require_safe
def view(request: HttpRequest, share: str) -> HttpResponse:
    """The picture's data of a shared part."""
    return files.shown(request, parts.by_share(share).key, parts.PICTURE, "application/octet-stream")


@require_safe
def picture(request: HttpRequest, share: str, view: str) -> HttpResponse:
    """One of the six views of a shared part."""
    return files.shown(request, parts.by_share(share).key, f"{view}.png", "image/png")
