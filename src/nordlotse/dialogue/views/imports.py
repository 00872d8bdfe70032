"""Where events of other systems come from: sources, calendar files, and the address a webhook calls."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from nordlotse.dialogue.actions import imports as actions
from nordlotse.dialogue.actions.rights import check_coordinator
from nordlotse.dialogue.forms import CalendarFileForm, SourceForm
from nordlotse.dialogue.models import ImportSource
from nordlotse.dialogue.queries import imports as queries
from nordlotse.foundation.problem import BadInput
from nordlotse.office.pages import go, lang_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sources(request: HttpRequest) -> HttpResponse:
    """All sources with their health; POST takes over a calendar file."""
    check_coordinator(request.user)
    form = CalendarFileForm(request.POST or None, request.FILES or None, lang=lang_of(request))
    report, problem = None, None
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data.pop("file")
        try:
            # One byte more than is taken tells a large file without reading all of it.
            report = actions.take_file(request.user, upload.read(1024 * 1024 + 1), form.cleaned_data)
        except BadInput as told:
            problem = told
    context = {"sources": queries.sources(), "form": form, "report": report, "problem": problem}
    wrong = problem is not None or (request.method == "POST" and not form.is_valid())
    return render(request, "dialogue/desk/sources.html", context, status=422 if wrong else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_source(request: HttpRequest) -> HttpResponse:
    """Enter a source."""
    return _source(request, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def source(request: HttpRequest, source_id: int) -> HttpResponse:
    """Change a source, ask it now, or forget it."""
    check_coordinator(request.user)
    found = queries.source(source_id)
    if "drop" in request.POST:
        actions.drop_source(request.user, source_id)
        return go(request, "event_sources")
    return _source(request, found)


def _source(request: HttpRequest, found: ImportSource | None) -> HttpResponse:
    check_coordinator(request.user)
    names = ("kind", "name", "url", "organiser", "state", "topic", "publish", "active")
    initial = {name: getattr(found, name) for name in names} if found else {}
    form, problem = SourceForm(request.POST or None, lang=lang_of(request), initial=initial), None
    if request.method == "POST" and form.is_valid():
        try:
            actions.keep_source(request.user, form.cleaned_data, found.pk if found else None)
        except BadInput as told:
            problem = told
        else:
            return go(request, "event_sources")
    hook = settings.CONFIGURATION.public_url + reverse("de:event_hook", args=[found.hook]) if found else ""
    wrong = problem is not None or (request.method == "POST" and not form.is_valid())
    context = {"form": form, "source": found, "problem": problem, "hook": hook}
    return render(request, "dialogue/desk/source.html", context, status=422 if wrong else 200)


@csrf_exempt
@require_POST
def hook(request: HttpRequest, hook: str) -> HttpResponse:
    """Called by another system when something changed there; what it says is not read, the source is asked soon."""
    actions.notice(hook)
    return HttpResponse(status=204)
