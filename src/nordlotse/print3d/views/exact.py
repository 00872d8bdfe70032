"""Exact figures by a slicer, where one is installed, and its G-code."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.problem import NotFound
from nordlotse.print3d.actions import parts as actions
from nordlotse.print3d.queries import parts
from nordlotse.print3d.views.page import file, go


@require_http_methods(["POST"])
def exact(request: HttpRequest, key: str) -> HttpResponse:
    """Let the slicer work on the part as it shall lie, in the background."""
    actions.ask_slice(key)
    return go(request, "print3d_part", key, more="#zahlen")


@require_safe
def gcode(request: HttpRequest, key: str) -> HttpResponse:
    """Hand out the slicer's G-code."""
    kept = parts.by_key(key)
    content = parts.content(key, parts.GCODE)
    if content is None:
        raise NotFound(
            "not_sliced",
            de="Für dieses Teil gibt es keinen G-Code.",
            en="There is no G-code for this part.",
            where="file",
            remedy_de="Lassen Sie es auf seiner Seite genau rechnen.",
            remedy_en="Have it computed exactly on its page.",
        )
    return file(content, "text/x.gcode", f"{kept.name.rpartition('.')[0] or kept.name}.gcode")
