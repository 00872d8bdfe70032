"""Pages of figures: for the centre (any period, everything), a month to close, targets; for the officer (closed quarters)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.foundation.role import Role
from nordlotse.journey.actions import figures as actions
from nordlotse.journey.core import disclosure, tables
from nordlotse.journey.core.counting import BY, KPIS, MEASURES
from nordlotse.journey.core.periods import Period, month_before, parse, quarter_of
from nordlotse.journey.forms.services import TargetForm
from nordlotse.journey.models import ClosedMonth, LaterChange
from nordlotse.journey.queries import blocks, figures, reporting, sheets
from nordlotse.journey.views.casework import number_in
from nordlotse.office.pages import ask_again, lang_of, sure, told
from nordlotse.office.roles import check_role

#: Who may see the figures of closed quarters, with small cells protected.
READERS = (Role.OFFICER, Role.RESEARCHER, Role.COORDINATOR)
#: So many records are shown on one page; the file holds all.
SHOWN_RECORDS = 200

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


def _file(kind: str, name: str, board: sheets.Board, found: Sequence[blocks.Block] = ()) -> HttpResponse:
    """Return figures as a file, and what else belongs to them: sheets of their own, or below each other."""
    rows, more = sheets.as_rows(board), [(block.title, blocks.as_rows(block)) for block in found]
    if kind == "xlsx":
        title = Text("Zahlen", "Figures").get(board.lang)
        return _download(tables.xlsx_bytes(rows, title, more), kind, name)
    for title, held in more:
        rows += [[], [title], *held]
    return _download(tables.csv_bytes(rows), kind, name)


def _download(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=_TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _asked_period(request: HttpRequest) -> Period:
    """Return the period chosen: one of the list, or two days."""
    begin, end = request.GET.get("von", ""), request.GET.get("bis", "")
    if begin and end:
        return parse(f"{begin}..{end}")
    return parse(request.GET["zeitraum"]) if request.GET.get("zeitraum") else quarter_of(timezone.localdate())


def _periods(today: date, lang: Lang) -> list[tuple[str, str]]:
    """Return the periods one asks for most: this and the last two years with their halves, quarters and months."""
    keys = []
    for year in range(today.year, today.year - 3, -1):
        keys += [f"{year}", f"{year}-H2", f"{year}-H1", *(f"{year}-Q{n}" for n in (4, 3, 2, 1))]
        keys += [f"{year}-{n:02d}" for n in range(12, 0, -1)]
    begun = (parse(key) for key in keys)
    return [(p.key, p.name.get(lang)) for p in begun if p.begin <= today]


@login_required
@require_safe
def centre(request: HttpRequest) -> HttpResponse:
    """All figures of any period, for the centre itself."""
    check_role(request.user, Role.COORDINATOR)
    problem, lang = "", lang_of(request)
    try:
        period = _asked_period(request)
    except BadInput as caught:
        problem, period = told(request, caught), quarter_of(timezone.localdate())
    board = sheets.full(period, lang)
    effect = figures.effect_in(period)
    context = {
        "board": board,
        "measures": MEASURES,
        "total": board.headline,
        "periods": _periods(timezone.localdate(), lang),
        "goals": _goals(figures.goals(period), lang),
        "unconfirmed": figures.unconfirmed(period).count(),
        "effect": effect,
        "effect_lines": sheets.effect_lines(effect, lang),
        "problem": problem,
    }
    return render(request, "journey/figures/centre.html", context, status=422 if problem else 200)


@login_required
@require_safe
def centre_file(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    """All figures of a period as CSV or XLSX."""
    check_role(request.user, Role.COORDINATOR)
    period = parse(key)
    return _file(_known(kind, ("csv", "xlsx")), f"nordlotse-{period.key}", sheets.full(period, lang_of(request)))


def _known(kind: str, kinds: tuple[str, ...]) -> str:
    if kind not in kinds:
        raise NotFound(
            "file_kind",
            de="Diese Art von Datei gibt es nicht.",
            en="There is no such kind of file.",
            where="address",
            remedy_de="Möglich sind CSV und XLSX.",
            remedy_en="Possible are CSV and XLSX.",
        )
    return kind


def _goals(found: list[figures.Goal], lang: Lang) -> list[dict[str, Any]]:
    names = {m.key: m.name.get(lang) for m in KPIS}
    return [{"goal": g, "name": names[g.figure], "bar": min(100, g.share or 0)} for g in found]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def targets(request: HttpRequest) -> HttpResponse:
    """What was promised, each with its source; a coordinator adds and drops."""
    check_role(request.user, Role.COORDINATOR)
    lang, problem = lang_of(request), ""
    form = TargetForm(request.POST if "save" in request.POST else None, lang=lang)
    if request.method == "POST":
        try:
            if number_in(request, "drop"):
                actions.drop_target(request.user, number_in(request, "drop"))
                return HttpResponseRedirect(reverse(f"{lang}:targets"))
            if form.is_valid():
                actions.set_target(request.user, **form.cleaned_data)
                messages.success(request, _("Das Ziel ist gespeichert."))
                return HttpResponseRedirect(reverse(f"{lang}:targets"))
        except BadInput as caught:
            problem = told(request, caught)
    whole = Period("", date(2000, 1, 1), timezone.localdate())
    context = {"form": form, "goals": _goals(figures.goals(whole), lang), "problem": problem}
    status = 422 if request.method == "POST" else 200
    return render(request, "journey/figures/targets.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def month(request: HttpRequest) -> HttpResponse:
    """A month: what it adds up to, what is still missing, and the button that closes it for ever."""
    check_role(request.user, Role.COORDINATOR)
    lang, problem, today = lang_of(request), "", timezone.localdate()
    if request.method == "POST":
        try:
            asked = actions.closable(request.user, request.POST.get("monat", ""))
            if not sure(request):
                return _sure_to_close(request, asked)
            closed = actions.close_month(request.user, request.POST.get("monat", ""))
            messages.success(request, _("%(month)s ist abgeschlossen.") % {"month": parse(closed.pk).name.get(lang)})
            return HttpResponseRedirect(f"{reverse(f'{lang}:month')}?monat={closed.pk}")
        except BadInput as caught:
            problem = told(request, caught)
    try:
        period = parse(request.GET.get("monat") or request.POST.get("monat") or _next_to_close(today))
    except BadInput:
        period = month_before(today)
    frozen = ClosedMonth.objects.filter(pk=period.key).first()
    board = sheets.full(period, lang)
    waiting = figures.unconfirmed(period)
    context = {
        "period": period,
        "board": board,
        "measures": MEASURES,
        "total": board.headline,
        "frozen": frozen,
        "changes": LaterChange.objects.filter(month_id=period.key).order_by("pk"),
        "waiting": waiting.count(),
        "waiting_minutes": sum(waiting.values_list("minutes", flat=True)),
        "unknown": figures.unknown_fields(period),
        "cases": figures.cases_in(period),
        "effect": figures.effect_in(period),
        "ended": period.end < today,
        "earlier": "" if frozen else figures.open_before(period),
        "months": _months(today, lang),
        "problem": problem,
    }
    return render(request, "journey/figures/month.html", context, status=422 if problem else 200)


def _sure_to_close(request: HttpRequest, period: Period) -> HttpResponse:
    """Ask a second time before a month is closed for ever, with what would not count."""
    lang, waiting = lang_of(request), figures.unconfirmed(period).count()
    points = [
        _("Danach lässt sich der Monat nicht wieder öffnen. Spätere Änderungen stehen mit Grund im nächsten Bericht."),
        ngettext(
            "%(count)s Leistung ist nicht bestätigt und zählt nicht mit.",
            "%(count)s Leistungen sind nicht bestätigt und zählen nicht mit.",
            waiting,
        )
        % {"count": waiting}
        if waiting
        else _("Alles ist bestätigt."),
    ]
    name = period.name.get(lang)
    return ask_again(
        request,
        _("%(month)s abschließen?") % {"month": name},
        _("Die Zahlen dieses Monats werden eingefroren."),
        _("Ja, %(month)s abschließen") % {"month": name},
        back=f"{reverse(f'{lang}:month')}?monat={period.key}",
        points=points,
    )


def _next_to_close(today: date) -> str:
    last = month_before(today)
    return figures.open_before(last) or last.key


def _months(today: date, lang: Lang) -> list[tuple[str, str, bool]]:
    closed, made = set(figures.closed_months()), []
    year, number = today.year, today.month
    for _n in range(24):
        key = f"{year}-{number:02d}"
        made.append((key, parse(key).name.get(lang), key in closed))
        year, number = (year, number - 1) if number > 1 else (year - 1, 12)
    return made


# ---- outside the centre ----


def _quarter(request: HttpRequest, known: Sequence[Period]) -> Period | None:
    """Return the closed quarter asked for, the newest one if none is named; None if it is not closed, or none is."""
    wanted = request.GET.get("quartal", "")
    return next((q for q in known if wanted in (q.key, "")), None)


def _board(told: reporting.Outside, lang: Lang) -> sheets.Board:
    return sheets.protected_board(told.period, lang, told.total, told.attendance, told.tables)


@login_required
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """The figures of a closed quarter for the funder: totals, targets, tables with small cells protected, later changes."""
    check_role(request.user, *READERS)
    known, lang = figures.closed_quarters(), lang_of(request)
    period = _quarter(request, known)
    context: dict[str, Any] = {
        "quarters": [(q.key, q.name.get(lang)) for q in known],
        "period": period,
        "not_closed": request.GET.get("quartal", "")[:30] if known and period is None else "",
        "threshold": disclosure.THRESHOLD,
    }
    if period is not None:
        told = reporting.outside(period)
        board = sheets.opening(_board(told, lang), reporting.lines(period))
        held = {block.key: block for block in blocks.blocks(told, lang)}
        context |= {
            "board": board,
            "measures": MEASURES,
            "total": board.headline,
            "in_time": blocks.in_time(told.cases, lang),
            "before": [held[key] for key in ("teile", "vergleich", "soll", "antworten", "wirkung") if key in held],
            "after": [held["aenderungen"], blocks.since(told, lang, timezone.localdate()), held["abschluss"]],
            "rules": held["regeln"],
        }
    return render(request, "journey/figures/report.html", context, status=404 if context["not_closed"] else 200)


@login_required
@require_safe
def report_file(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    """A closed quarter as CSV or XLSX, with the same protection as the page; the same bytes for ever."""
    check_role(request.user, *READERS)
    period, lang = figures.closed_quarter(key), lang_of(request)
    told = reporting.outside(period)
    name = f"nordlotse-{period.key}-{Text('bericht', 'report').get(lang)}"
    return _file(_known(kind, ("csv", "xlsx")), name, _board(told, lang), blocks.blocks(told, lang))


@login_required
@require_safe
def frozen_file(request: HttpRequest, key: str) -> HttpResponse:
    """The report of closed months as it is kept, the same bytes for ever; for the centre itself."""
    check_role(request.user, Role.COORDINATOR)
    return _download(figures.quarter_report(figures.closed_quarter(key)), "json", f"nordlotse-{key}")


@login_required
@require_safe
def report_cases(request: HttpRequest) -> HttpResponse:
    """The nameless records behind one figure of a closed quarter that is large enough."""
    check_role(request.user, *READERS)
    period, lang = _quarter(request, figures.closed_quarters()), lang_of(request)
    by, value = request.GET.get("nach", ""), request.GET.get("wert", "")
    if period is None or by not in ("", *BY):
        raise NotFound(
            "figure_unknown",
            de="Diese Zahl gibt es nicht.",
            en="There is no such figure.",
            where="figure",
            remedy_de="Bitte öffnen Sie sie vom Bericht aus.",
            remedy_en="Open it from the report.",
        )
    found = reporting.behind(period, by, value)
    if request.GET.get("datei") == "csv":
        every, word = Text("alle", "all").get(lang), Text("leistungen", "services").get(lang)
        content = tables.csv_bytes(sheets.record_rows(found.records, lang))
        return _download(content, "csv", f"nordlotse-{period.key}-{word}-{by or every}")
    head, *rows = sheets.record_rows(found.records[:SHOWN_RECORDS], lang)
    context = {
        "period": period,
        "label": sheets.label(by, value, sheets.labels(by, lang), lang) if by else "",
        "head": head,
        "rows": rows,
        "count": len(found.records),
        "of": found.services,
        "most": SHOWN_RECORDS,
        "query": request.GET.urlencode(),
        "threshold": disclosure.THRESHOLD,
    }
    return render(request, "journey/figures/records.html", context)
