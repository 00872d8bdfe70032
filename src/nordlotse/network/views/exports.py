"""The directory for other programs: map data, table, calendar."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from nordlotse.network.queries import directory, exports, pages
from nordlotse.office.pages import lang_of


def _sent(body: str | bytes, media_type: str, name: str = "") -> HttpResponse:
    response = HttpResponse(body, content_type=media_type)
    if name:
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    # A profile that is switched off must be gone everywhere at once.
    patch_cache_control(response, no_cache=True)
    return response


@require_safe
def geojson(request: HttpRequest) -> HttpResponse:
    """The partners found, as points at the centres of their districts."""
    value = exports.geojson(directory.search(request.GET), lang_of(request))
    return _sent(json.dumps(value, ensure_ascii=False), "application/geo+json")


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The partners found, as a table."""
    made = exports.partners_csv(directory.search(request.GET), lang_of(request))
    return _sent(made.encode(), "text/csv; charset=utf-8", "partner.csv")


@require_safe
def visits(request: HttpRequest) -> HttpResponse:
    """All visit days to come, as a calendar to subscribe to."""
    return _sent(exports.calendar(pages.visits(), lang_of(request)), "text/calendar; charset=utf-8")
