"""The entrance, made for a phone: a list to search, big buttons, and a way through a dead spot."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nordlotse.dialogue.actions import entrance as actions
from nordlotse.dialogue.actions.rights import check_coordinator
from nordlotse.dialogue.forms import GuestForm
from nordlotse.dialogue.queries import events, registrations
from nordlotse.foundation.problem import BadInput
from nordlotse.office.pages import go, lang_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def entrance(request: HttpRequest, event_id: int) -> HttpResponse:
    """Everybody who may come; POST takes in a guest without registration. `?code=` puts one person first."""
    check_coordinator(request.user)
    event, lang = events.by_id(event_id), lang_of(request)
    form, problem = GuestForm(request.POST or None, initial={"form_token": secrets.token_urlsafe(18)}), None
    if request.method == "POST" and form.is_valid():
        try:
            actions.take_in(request.user, event_id, actions.Guest(**form.cleaned_data))
        except BadInput as told:
            problem = told
        else:
            return go(request, "entrance", event_id)
    scanned = registrations.by_code(request.GET.get("code", "")) if request.GET.get("code") else None
    people = list(registrations.expected(event))
    context = {
        "event": event,
        "row": events.row(event, lang),
        "people": people,
        "inside": sum(p.checked_in_at is not None for p in people),
        "scanned": scanned if scanned is not None and scanned.event_id == event_id else None,
        "asked": request.GET.get("code", "")[:20],
        "form": form,
        "problem": problem,
    }
    wrong = problem is not None or (request.method == "POST" and not form.is_valid())
    return render(request, "dialogue/entrance.html", context, status=422 if wrong else 200)


@login_required
@require_POST
def check(request: HttpRequest, event_id: int, registration_id: int) -> HttpResponse:
    """Check somebody in, or take it back (without script)."""
    act = actions.check_out if "undo" in request.POST else actions.check_in
    made = act(request.user, registration_id)
    return go(request, "entrance", made.event_id, more=f"#p{made.pk}")


@login_required
@require_POST
def sync(request: HttpRequest, event_id: int) -> HttpResponse:
    """Take what a phone kept while it was out of reach; the answer says who is in now."""
    check_coordinator(request.user)
    inside = actions.sync(request.user, event_id, _items(request.body))
    return JsonResponse({"inside": {str(pk): value for pk, value in inside.items()}})


def _items(body: bytes) -> list[actions.Seen]:
    """Return what the phone sent: {"items": [{"id": 5, "inside": true, "at": milliseconds since 1970}]}.

    Raises:
        BadInput: it is something else (`entrance_items`).
    """
    try:
        return [_seen(item) for item in json.loads(body)["items"]]
    except (ValueError, KeyError, TypeError, OverflowError, OSError, RecursionError) as error:
        raise BadInput(
            "entrance_items",
            de="Die Liste vom Telefon ist nicht lesbar.",
            en="The phone's list cannot be read.",
            where="items",
            remedy_de="Bitte die Seite neu laden.",
            remedy_en="Load the page again.",
        ) from error


def _seen(item: Any) -> actions.Seen:
    number, at = item["id"], item["at"]
    if type(number) is not int or not 0 < number < 2**62 or type(at) is not int:
        raise ValueError("id and at are whole numbers")
    return actions.Seen(number, item["inside"] is True, datetime.fromtimestamp(at / 1000, UTC))


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The entrance's service worker: it shows the kept page where there is no net. It lies here for its reach."""
    response = render(request, "dialogue/entrance_worker.js", content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = "/"
    response["Cache-Control"] = "no-cache"
    return response
