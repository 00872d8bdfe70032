"""Files of values: choosing one, what was detected, taking it in, what came of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.problem import Problem
from nordlotse.iot.actions import halls as making
from nordlotse.iot.actions import uploads as actions
from nordlotse.iot.core import tables
from nordlotse.iot.forms.uploads import FileForm, ReadingForm, as_told, column_forms
from nordlotse.iot.models import DONE_DAYS, Hall, Machine, Upload
from nordlotse.iot.queries import halls
from nordlotse.iot.queries import uploads as queries
from nordlotse.iot.queries.history import SIGNALS
from nordlotse.iot.views.page import address_of, came_from, go, hall_of, lang_of, unlisted

_State = Upload.State
#: So many files are listed on a page.
_SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, key: str) -> HttpResponse:
    """Choose a file; POST looks at it and leads to what was detected."""
    hall = hall_of(request, key)
    problem: Problem | None = None
    # a name in the field would mix values into that machine with one click: only who comes from its page finds it there, and never a simulated one
    came = came_from(request, list(hall.machines.filter(simulation__isnull=True)))
    form = FileForm(initial={"machine": came.name if came else ""})
    if request.method == "POST":
        form = FileForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                target, made = _handed_in(request, hall, form)
            except Problem as told:
                problem = told
            else:
                return go(request, "iot_file", target.pk, made)
    status = problem.http_status if problem else 422 if form.errors else 200
    recent, first = hall.uploads.order_by("-asked_at", "pk"), _first(request)
    own = halls.beside(hall, request.user) if hall.is_example else None
    context = {
        "hall": hall,
        "form": form,
        "problem": problem,
        "recent": recent[first : first + _SHOWN],
        "own": own,
    }
    context["older"] = first + _SHOWN if recent.count() > first + _SHOWN else None
    return unlisted(render(request, "iot/upload.html", context, status=status))


@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, key: str, upload: str) -> HttpResponse:
    """A file: what was detected and can be changed, progress, or what came of it; POST changes, takes in, cancels, removes."""
    hall = hall_of(request, key)
    row = queries.upload(hall, upload)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    if do == "cancel":
        actions.cancel(row, request.user)
        return go(request, "iot_file", hall.pk, row.pk)
    if do == "remove":
        actions.remove(row, request.user)
        return go(request, "iot_upload", hall.pk)
    if row.state in actions.OPEN:
        return unlisted(render(request, "iot/file_running.html", _running(hall, row)))
    if row.state == _State.DONE:
        return unlisted(render(request, "iot/file_done.html", _outcome(request, hall, row)))
    return _detected(request, hall, row, do)


@require_safe
def progress(request: HttpRequest, key: str, upload: str) -> HttpResponse:
    """How far it is, as a fragment; when it is over the whole page is loaded anew."""
    hall = hall_of(request, key)
    row = queries.upload(hall, upload)
    if row.state in actions.OPEN and request.headers.get("HX-Request"):
        return unlisted(render(request, "iot/_file_progress.html", _running(hall, row)))
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return unlisted(answer)
    return go(request, "iot_file", hall.pk, row.pk)


def _first(request: HttpRequest) -> int:
    """Return from which of a hall's files on they are listed, as an address says it."""
    typed = request.GET.get("ab", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0


def _handed_in(request: HttpRequest, hall: Hall, form: FileForm) -> tuple[Hall, str]:
    """Keep a file; beside an example hall in a hall of its own. Return that hall and the file's key."""
    given, lang = form.cleaned_data, lang_of(request)
    own, new = making.beside(hall, user=request.user, lang=lang, address=address_of(request))
    try:
        made = actions.take(own, given["machine"], given["file"], request.user)
    except Exception:
        if new:
            making.delete(own, request.user)
        raise
    if own.pk != hall.pk:
        messages.success(request, _("Ihre Werte kommen in Ihre eigene Halle „%(name)s“, getrennt vom Beispiel. Heben Sie den Link dieser Seite auf.") % {"name": own.name})  # fmt: skip
    return own, made


def _detected(request: HttpRequest, hall: Hall, row: Upload, do: str) -> HttpResponse:
    found = tables.found_from(row.found)
    problem = queries.problem(row) if row.state == _State.FAILED else None
    data = request.POST if do in ("take", "change") else None
    initial = {
        "machine": row.machine,
        "time_form": found.time_form.value,
        "zone": found.zone,
        "decimal": found.decimal,
        "shape": found.shape.value,
        "sheet": found.sheet,
    }
    form, columns = ReadingForm(found, data, initial=initial), column_forms(found, data)
    wrong = False
    if data is not None:
        wrong = not (form.is_valid() and all(one.is_valid() for one in columns))
        if not wrong:
            try:
                actions.change(row, as_told(found, form, columns), form.cleaned_data["machine"])
                unseen = do == "take" and _names(row) != request.POST.get("gesehen", "")
                if do == "take" and not unseen:
                    actions.ask(row, request.user)
            except Problem as told:
                problem = told
            else:
                return go(request, "iot_file", hall.pk, row.pk, more="?nachfrage=1#kommt-zu" if unseen else "")
    lang = lang_of(request)
    context: dict[str, Any] = {
        "hall": hall,
        "row": row,
        "found": found,
        "form": form,
        "columns": [(column, one) for column, one in zip(found.columns, columns, strict=False)],
        "rest": len(found.columns) - len(columns),
        "warnings": [one[0 if lang == "de" else 1] for one in found.warnings],
        "problem": problem,
        "wrong": wrong,
        "meetings": queries.meetings(row),
        "seen": _names(row),
        "asked_back": "nachfrage" in request.GET,
        "timeless": not (found.places(tables.Role.TIME) or found.places(tables.Role.DATE)),
    }
    status = problem.http_status if problem and do else 422 if wrong else 200
    return unlisted(render(request, "iot/file.html", context, status=status))


def _names(row: Upload) -> str:
    """Return which machines with values a file would add to, as the page carries that it has said so; "" for none."""
    return "/".join(one.machine for one in queries.meetings(row))


def _running(hall: Hall, row: Upload) -> dict[str, Any]:
    return {"hall": hall, "row": row, "percent": int(row.progress * 100)}


def _outcome(request: HttpRequest, hall: Hall, row: Upload) -> dict[str, Any]:
    shown, lang = queries.outcome(row), lang_of(request)
    faults = [(one, one.message(lang), one.remedy(lang)) for one in shown.told] if shown else []
    names = shown.machines if shown else ()
    ways = (
        [(one, _to_history(one, shown)) for one in hall.machines.filter(name__in=names).order_by("pk")] if shown else []
    )
    return {"hall": hall, "row": row, "shown": shown, "faults": faults, "ways": ways, "days": DONE_DAYS}


def _to_history(machine: Machine, shown: queries.Shown) -> str:
    """Return what leads to exactly the values a file brought of a machine."""
    signals, begin, end = shown.of(machine.name, SIGNALS)
    return "?" + urlencode([*(("s", signal) for signal in signals), ("von", begin), ("bis", end)])
