"""What pages of numbers show while numbers are still being made: how far it is, no number; it comes by itself, without a script by a link."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from nordlotse.foundation.problem import Problem
from nordlotse.iot.actions import results
from nordlotse.iot.core.periods import Period
from nordlotse.iot.models import Machine
from nordlotse.iot.queries.underway import MOST, Underway, underway
from nordlotse.iot.views.page import unlisted

#: A page that waits works out so much itself (s), all machines together; the worker does the rest.
_SECONDS = 0.6
#: What an address says to see numbers of a part all the same.
_ANYWAY = "vorlaeufig"


def unfinished(request: HttpRequest, machines: Sequence[Machine], wanted: Period, now: int) -> Underway | None:
    """Return how far the numbers of a period are while they are being made; None when they are done or somebody wants them as they are."""
    found = underway(machines, wanted, now)
    if not found.waiting:
        return None
    for machine in machines[:MOST]:
        try:
            results.refresh(machine, now, _SECONDS / len(machines[:MOST]))
        except (Problem, OSError, TimeoutError):
            continue
    found = underway(machines, wanted, now)
    return found if found.waiting and request.GET.get("stand") != _ANYWAY else None


def provisional(request: HttpRequest, machines: Sequence[Machine], wanted: Period, now: int) -> bool:
    """Tell whether the numbers shown are of a part: somebody wanted them before they were done."""
    return request.GET.get("stand") == _ANYWAY and underway(machines, wanted, now).waiting


def page(request: HttpRequest, found: Underway, template: str, context: dict[str, Any]) -> HttpResponse:
    """Return the page, or its part that is asked for again and again, while numbers are being made."""
    started, before = _since(request, found)
    left = found.seconds_left(before, time.time() - started)
    said = _("%(percent)s %% sind gerechnet.") % {"percent": found.percent}
    if left is not None and left < 600:
        said = _("Noch %(seconds)s s: %(percent)s %% sind gerechnet.") % {"seconds": left, "percent": found.percent}
    again = request.GET.copy()
    again["seit"], again["da"] = f"{started:.1f}", str(before)
    anyway = _plain(request)
    anyway["stand"] = _ANYWAY
    told = {
        "underway": {"said": said, "percent": found.percent, "again": again.urlencode(), "anyway": anyway.urlencode()},
        "plain": _plain(request).urlencode(),
    }
    part = "iot/_underway.html" if request.headers.get("HX-Request") else template
    return unlisted(render(request, part, {**context, **told}))


def done(request: HttpRequest) -> HttpResponse | None:
    """Return the answer that lets a waiting page load anew; None for a page that is not waiting."""
    if not request.headers.get("HX-Request") or "seit" not in request.GET:
        return None
    answer = HttpResponse(status=204)
    answer["HX-Refresh"] = "true"
    return unlisted(answer)


def _since(request: HttpRequest, found: Underway) -> tuple[float, int]:
    """When somebody began to wait (s since 1970), and how much was done then; what an address says is not trusted further than that."""
    try:
        started, before = float(request.GET["seit"][:20]), int(request.GET["da"][:6])
    except (KeyError, ValueError):
        return time.time(), found.done
    return (
        (started, before) if 0 <= time.time() - started < 3600 and before <= found.done else (time.time(), found.done)
    )


def _plain(request: HttpRequest) -> Any:
    kept = request.GET.copy()
    for name in ("seit", "da", "stand"):
        kept.pop(name, None)
    return kept
