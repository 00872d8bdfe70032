"""The coordinator's pages of events: list, edit, series, call off, participants."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nordlotse.dialogue.actions import events as actions
from nordlotse.dialogue.actions import registrations as registering
from nordlotse.dialogue.actions.rights import check_coordinator
from nordlotse.dialogue.core.imported import DOUBTS
from nordlotse.dialogue.forms import EventForm, SeriesForm, question_lines
from nordlotse.dialogue.models import Event, Registration
from nordlotse.dialogue.queries import events as queries
from nordlotse.dialogue.queries import registrations
from nordlotse.dialogue.views.page import file, page_number
from nordlotse.foundation.problem import BadInput
from nordlotse.office.pages import go, lang_of

#: Where a registration stands, in the words of the list for a spreadsheet.
STATUS_NAMES = {
    "confirmed": gettext_lazy("angemeldet"),
    "waiting": gettext_lazy("auf der Warteliste"),
    "cancelled": gettext_lazy("abgesagt"),
}


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All events, drafts too."""
    check_coordinator(request.user)
    wanted, number = queries.filter_of(request.GET), page_number(request)
    rows, more = queries.page(queries.of_desk(wanted), number, lang_of(request))
    context = {"rows": rows, "wanted": wanted, "number": number, "more": more, "doubts": DOUBTS}
    return render(request, "dialogue/desk/events.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make an event."""
    check_coordinator(request.user)
    form = EventForm(
        request.POST or None, lang=lang_of(request), initial={"alarm_minutes": 60, "audience": "companies"}
    )
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create(request.user, form.values(), form.asked())
        except BadInput as told:
            problem = told
        else:
            return go(request, "desk_event", made.pk)
    return _form(request, form, problem, None)


def _form(request: HttpRequest, form: EventForm, problem: BadInput | None, event: Event | None) -> HttpResponse:
    wrong = problem is not None or (request.method == "POST" and not form.is_valid())
    context = {"form": form, "problem": problem, "event": event}
    return render(request, "dialogue/desk/edit.html", context, status=422 if wrong else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, event_id: int) -> HttpResponse:
    """Change an event."""
    check_coordinator(request.user)
    event = queries.by_id(event_id)
    initial = {name: getattr(event, name) for name in actions.FIELDS if name != "district"}
    form = EventForm(
        request.POST or None, lang=lang_of(request), initial={**initial, "questions": question_lines(event)}
    )
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(request.user, event_id, form.values(), form.asked())
        except BadInput as told:
            problem = told
        else:
            return go(request, "desk_event", event_id)
    return _form(request, form, problem, event)


@login_required
@require_safe
def event(request: HttpRequest, event_id: int) -> HttpResponse:
    """One event: state, figures, who comes, and what can be done."""
    check_coordinator(request.user)
    found = queries.by_id(event_id)
    return _event(request, found, SeriesForm())


def _event(
    request: HttpRequest, found: Event, series: SeriesForm, problem: BadInput | None = None, status: int = 200
) -> HttpResponse:
    lang = lang_of(request)
    context = {
        "event": found,
        "row": queries.row(found, lang),
        "figures": queries.figures(found),
        "people": list(registrations.participants(found)),
        "series_form": series,
        "problem": problem,
        "doubt": DOUBTS.get(found.source_note),
        "feedback": found.feedback.exclude(useful="", missing="").order_by("-at")[:50],
    }
    return render(request, "dialogue/desk/event.html", context, status=status)


@login_required
@require_POST
def act(request: HttpRequest, event_id: int) -> HttpResponse:
    """Publish, copy, repeat or call off: the button pressed says which."""
    check_coordinator(request.user)
    series = SeriesForm(request.POST if "repeat" in request.POST else None)
    try:
        if "publish" in request.POST:
            actions.publish(request.user, event_id)
        elif "duplicate" in request.POST:
            return go(request, "desk_event_edit", actions.duplicate(request.user, event_id).pk)
        elif "repeat" in request.POST and series.is_valid():
            actions.make_series(request.user, event_id, series.rule(queries.by_id(event_id)))
        elif "cancel" in request.POST:
            actions.cancel(request.user, event_id, request.POST.get("reason", ""))
        elif "cancel_series" in request.POST:
            actions.cancel_series(request.user, event_id, request.POST.get("reason", ""))
    except BadInput as problem:
        return _event(request, queries.by_id(event_id), series, problem, problem.http_status)
    if series.errors:
        return _event(request, queries.by_id(event_id), series, status=422)
    return go(request, "desk_event", event_id)


@login_required
@require_POST
def renew(request: HttpRequest, registration_id: int) -> HttpResponse:
    """Withdraw somebody's personal link and send a new one."""
    made = registering.renew_link(request.user, registration_id)
    return go(request, "desk_event", made.event_id, more=f"#p{made.pk}")


@login_required
@require_safe
def participants_csv(request: HttpRequest, event_id: int) -> HttpResponse:
    """Everybody who registered, as a table for a spreadsheet (CSV, RFC 4180, UTF-8 with mark, semicolons)."""
    check_coordinator(request.user)
    found = queries.by_id(event_id)
    questions = list(found.questions.all())
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    head = [_("Name"), _("E-Mail"), _("Betrieb"), _("Stand"), _("Stelle"), _("Angemeldet"), _("Eingecheckt")]
    writer.writerow([harmless(cell) for cell in (*head, *(q.text(lang_of(request)) for q in questions))])
    for person in registrations.participants(found):
        answers = (person.answers.get(str(q.pk), "") for q in questions)
        writer.writerow([harmless(cell) for cell in (*_cells(person), *answers)])
    content = "\ufeff" + text.getvalue()
    return file(content.encode(), "text/csv; charset=utf-8", f"{found.slug}.csv")


def _cells(person: Registration) -> tuple[Any, ...]:
    moments = (f"{timezone.localtime(m):%d.%m.%Y %H:%M}" if m else "" for m in (person.at, person.checked_in_at))
    status = STATUS_NAMES.get(person.status, person.status)
    return (person.name, person.mail, person.company_name, status, person.turn or "", *moments)


def harmless(cell: object) -> str:
    """Return a cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    text = str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


@login_required
@require_safe
def participants_print(request: HttpRequest, event_id: int) -> HttpResponse:
    """A list to print, with room for signatures."""
    check_coordinator(request.user)
    found = queries.by_id(event_id)
    people = [p for p in registrations.expected(found) if p.status == Registration.Status.CONFIRMED]
    context = {"event": found, "row": queries.row(found, lang_of(request)), "people": people}
    return render(request, "dialogue/desk/print.html", context)
