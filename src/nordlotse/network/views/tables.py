"""Tables of partners, people and offers: the templates, the upload, the look at every line, the take-over."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from nordlotse.foundation.districts import by_key, name_of
from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.region import State as Region
from nordlotse.network.actions import importing
from nordlotse.network.forms.setup import TableForm
from nordlotse.network.intake.columns import TABLES
from nordlotse.network.intake.plan import Line, State
from nordlotse.network.intake.sheets import MAX_BYTES
from nordlotse.network.labels import LANGUAGES, OFFER_KINDS, PARTNER_KINDS, word
from nordlotse.network.queries.exports import as_csv
from nordlotse.network.queries.terms import Terms, terms
from nordlotse.network.views.setup import coordinator
from nordlotse.office.pages import go, lang_of, told

#: So many lines of each state are listed; the rest is counted.
SHOWN = 200


@coordinator
def tables(request: HttpRequest) -> HttpResponse:
    """Take a table in to be looked at; nothing is changed by it."""
    form = TableForm(request.POST, request.FILES) if request.method == "POST" else TableForm()
    if form.is_bound and form.is_valid():
        upload = form.cleaned_data["table"]
        try:
            # One byte more than we take tells that it is too long; not more of a huge file is ever read.
            draft = importing.keep_draft(request.user, upload.name or "", upload.read(MAX_BYTES + 1))
            return go(request, "network_preview", draft.pk)
        except BadInput as problem:
            form.add_error("table", f"{told(request, problem)} ({problem.where})")
    context = {"form": form, "tables": [(name, [c.name for c in columns]) for name, columns in TABLES.items()]}
    return render(request, "network/tables.html", context, status=422 if form.errors else 200)


@coordinator
def preview(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Show line by line what a table would do; one button takes it over, one throws it away."""
    if request.method == "POST":
        if request.POST.get("do") == "take":
            report = importing.take_over(request.user, draft_id)
            done = report.count(State.NEW) + report.count(State.CHANGED)
            told = ngettext("Übernommen: %(n)s Zeile.", "Übernommen: %(n)s Zeilen.", done)
            messages.success(request, told % {"n": done})
        else:
            importing.discard(request.user, draft_id)
            messages.info(request, _("Verworfen. Es wurde nichts geändert."))
        return go(request, "network_desk" if request.POST.get("do") == "take" else "network_import")
    report, lang, known = importing.look(request.user, draft_id), lang_of(request), terms()
    groups = [
        (state, [_row(line, known, lang) for line in report.lines if line.state == state][:SHOWN])
        for state in (State.WRONG, State.NEW, State.CHANGED)
    ]
    noted = [_row(line, known, lang) for line in report.lines if line.notes and line.state == State.SAME][:SHOWN]
    context = {
        "report": report,
        "counts": report.counts,
        "groups": [(state.value, rows) for state, rows in groups if rows],
        "noted": noted,
        "work": report.count(State.NEW) + report.count(State.CHANGED),
        "shown": SHOWN,
    }
    return render(request, "network/preview.html", context)


def _row(line: Line, known: Terms, lang: Lang) -> dict[str, Any]:
    return {
        "sheet": line.sheet,
        "number": line.number,
        "table": line.table,
        "label": line.label,
        "problems": line.problems,
        "notes": [note.get(lang) for note in line.notes],
        "changes": [
            (c.column, _in_words(c.column, c.old, known, lang), _in_words(c.column, c.new, known, lang))
            for c in line.changes
        ],
    }


def _in_words(column: str, value: Any, known: Terms, lang: Lang) -> str:
    """Write a value out as its column is read: kinds, districts, states and languages by their names."""
    if isinstance(value, str):
        if column == "Art":
            return word({**PARTNER_KINDS, **OFFER_KINDS}, value).get(lang)
        if column == "Kreis" and value in by_key():
            return name_of(value)
        if column == "Land" and value in set(Region):
            return Region(value).label.get(lang)
    if isinstance(value, list) and column == "Sprachen":
        return ", ".join(word(LANGUAGES, str(v)).get(lang) for v in value)
    return _said(value, known, lang)


def _said(value: Any, known: Terms, lang: Lang) -> str:
    """Write a value of a table out, shortened; ids of people are not said."""
    if isinstance(value, bool):
        return _("ja") if value else _("nein")
    if isinstance(value, list):
        parts = (v["place"] if isinstance(v, dict) else known.name(v).get(lang) for v in value)
        text = ", ".join(p.split("+", 1)[0].replace("T", " ") if "/" in p and "T" in p else p for p in parts)
    else:
        text = "" if value is None else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


@require_safe
@coordinator
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """An empty table with one example line, as spreadsheet programs of the region open it."""
    if kind not in TABLES:
        raise Http404
    columns = TABLES[kind]
    body = as_csv([c.name for c in columns], [[c.example for c in columns]])
    return HttpResponse(
        body.encode(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{kind}.csv"'},
    )


@require_safe
@coordinator
def workbook(request: HttpRequest) -> HttpResponse:
    """The three templates as one workbook, with a sheet of what is understood."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, columns in TABLES.items():
        page = book.create_sheet(name.capitalize())
        page.append([c.name for c in columns])
        page.append([c.example for c in columns])
        page.freeze_panes = "A2"
    words = book.create_sheet(_("Begriffe"))
    known, lang = terms(), lang_of(request)
    for kind in ("topic", "method", "sector"):
        words.append([tag.name.get(lang) for tag in known.of_kind(kind)])
    kept = io.BytesIO()
    book.save(kept)
    return HttpResponse(
        kept.getvalue(),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": 'attachment; filename="netz.xlsx"'},
    )
