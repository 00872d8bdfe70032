"""Checks of the centre's own: hand a file in, see what is wrong with it and where, look at its questions, publish, withdraw."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.foundation.questionnaire.finding import Finding, Severity
from nordlotse.foundation.questionnaire.form import Form, Question
from nordlotse.foundation.role import Role
from nordlotse.office.roles import check_role
from nordlotse.readiness.actions import own_models as actions
from nordlotse.readiness.core.maturity import Leaf, MaturityModel, Node
from nordlotse.readiness.core.own import MAX_BYTES, compile_file
from nordlotse.readiness.core.pattern import qr_svg
from nordlotse.readiness.core.template import template_workbook
from nordlotse.readiness.forms.own_models import OwnModelForm
from nordlotse.readiness.models import OwnModel
from nordlotse.readiness.queries import guide as guides
from nordlotse.readiness.queries import models as queries
from nordlotse.readiness.views.page import file, go, lang_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def models(request: HttpRequest) -> HttpResponse:
    """List the own models; take a file in and tell what is wrong with it."""
    check_role(request.user, Role.COORDINATOR)
    form = OwnModelForm(request.POST, request.FILES) if request.method == "POST" else OwnModelForm()
    found: tuple[Finding, ...] = ()
    if form.is_bound and form.is_valid():
        upload = form.cleaned_data["table"]
        try:
            # one byte more than we take tells that it is too long; not more of a huge file is ever read
            handed = actions.hand_in(request.user, upload.name or "", upload.read(MAX_BYTES + 1))
            if handed.draft is not None:
                messages.success(
                    request, _("Gelesen. Sehen Sie sich die Fragen an, bevor Sie den Check veröffentlichen.")
                )
                return go(request, "readiness_model", handed.draft)
            found = handed.findings
        except BadInput as problem:
            lang = lang_of(request)
            form.add_error("table", f"{problem.message(lang)} {problem.remedy_in(lang)} ({problem.where})")
    refused = bool(found or form.errors)
    context = {"form": form, "rows": queries.rows(), "groups": _groups(found, lang_of(request))}
    return render(request, "readiness/own_models.html", context, status=422 if refused else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def model(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an own model as people would be asked; publish, withdraw or throw it away."""
    check_role(request.user, Role.COORDINATOR)
    if request.method == "POST":
        return _done(request, pk, request.POST.get("do", ""))
    row = queries.row(pk)
    if row is None:
        raise NotFound(
            "no_own_model", de="Dieses Modell gibt es nicht (mehr).", en="There is no such model (any more)."
        )
    usable, lang = queries.usable_of(row), lang_of(request)
    weighted = usable.model.root.aggregate == "weighted_mean"
    link = _link(row, lang) if row.state == OwnModel.State.PUBLISHED else ""
    context = {
        "row": row,
        "before": _before(row),
        "link": link,
        "qr": qr_svg(link) if link else "",
        "reference": queries.reference(row),
        "model": usable.model,
        "title": usable.model.title.get(lang),
        "about": usable.model.about.get(lang),
        "limits": usable.model.limits.get(lang),
        "notes": _notes(row, lang),
        "pages": _pages(usable.form, usable.model, lang),
        "topics": [
            (d.label.get(lang), _short(d.weight) if weighted else None, _rule(d)) for d in usable.model.dimensions
        ],
        "total": _rule(usable.model.root, topics=True),
        "levels": [(b.label.get(lang), _short(b.lower), b.text.get(lang)) for b in usable.model.bands],
    }
    return render(request, "readiness/own_model.html", context)


def _link(row: OwnModel, lang: Lang) -> str:
    """Return the whole address of an own check's start page."""
    return f"{settings.CONFIGURATION.public_url}{reverse(f'{lang}:readiness')}?modell={row.model}"


def _before(row: OwnModel) -> MaturityModel | None:
    """Return the version on offer, which publishing this row would replace; None where there is none, or it is this one."""
    offered = queries.available().get(row.model)
    return offered if offered is not None and offered.hash != row.hash else None


@login_required
@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """Show how a check of one's own is made, step by step."""
    check_role(request.user, Role.COORDINATOR)
    title, text = guides.page(lang_of(request))
    return render(request, "readiness/own_guide.html", {"title": title, "guide": text})


@login_required
@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """Hand out a small complete example to change."""
    check_role(request.user, Role.COORDINATOR)
    return file(
        template_workbook(lang_of(request)),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "check-vorlage.xlsx",
    )


def _done(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    if what == "publish":
        actions.publish(request.user, pk)
        messages.success(request, _("Veröffentlicht. Der Check steht jetzt zur Wahl."))
    elif what == "withdraw":
        actions.withdraw(request.user, pk)
        messages.success(request, _("Zurückgezogen. Ergebnisse, die es gibt, bleiben lesbar."))
    elif what == "discard":
        actions.discard(request.user, pk)
        messages.success(request, _("Entwurf gelöscht."))
        return go(request, "readiness_models")
    return go(request, "readiness_model", pk)


@dataclass(frozen=True, slots=True)
class Line:
    """One finding as the page shows it."""

    sheet: str
    row: int
    column: str
    message: str
    remedy: str


def _groups(found: tuple[Finding, ...], lang: Lang) -> list[tuple[Severity, list[Line]]]:
    severities: tuple[Severity, ...] = ("error", "warning", "note")
    groups = [
        (
            severity,
            [
                Line(f.sheet, f.row, f.column, f.message.get(lang), f.remedy.get(lang))
                for f in found
                if f.severity == severity
            ][:200],
        )
        for severity in severities
    ]
    return [(severity, lines) for severity, lines in groups if lines]


def _notes(row: OwnModel, lang: Lang) -> list[Line]:
    """Return what the file of a draft could still have: warnings and notes, as when it was handed in."""
    if row.state != OwnModel.State.DRAFT:
        return []
    name = "check.xlsx" if bytes(row.source[:2]) == b"PK" else "check.yaml"
    return [line for _, lines in _groups(compile_file(name, bytes(row.source)).findings, lang) for line in lines]


def _pages(form: Form, model: MaturityModel, lang: Lang) -> list[tuple[str, list[str], list[dict[str, Any]]]]:
    """Return the questions by the group they are asked in, with its title and condition."""
    leaves = {leaf.question: leaf for leaf in model.leaves()}
    dimensions = {leaf.question: d.label.get(lang) for d in model.dimensions for leaf in _below(d)}
    found: list[tuple[str, list[str], list[dict[str, Any]]]] = []
    for name, inside in groupby(form.questions, key=lambda q: q.group):
        group = form.group(name)
        shown = [_question(q, leaves.get(q.name), dimensions.get(q.name, ""), lang) for q in inside]
        conditions = [group.relevant] if group and group.relevant else []
        found.append((group.label.get(lang) if group else "", conditions, shown))
    return found


def _rule(part: Node | Leaf, *, topics: bool = False) -> str:
    """Say how a part is made of those below it: a topic of questions, the total of topics."""
    aggregate = part.aggregate if isinstance(part, Node) else "mean"
    if topics:
        return {
            "mean": _("Mittelwert der Themen"),
            "weighted_mean": _("gewichtetes Mittel der Themen"),
            "sum": _("Summe der Themen"),
            "min": _("das niedrigste Thema zählt"),
        }[aggregate]
    return {
        "mean": _("Mittelwert der Fragen"),
        "weighted_mean": _("gewichtetes Mittel der Fragen"),
        "sum": _("Summe der Fragen"),
        "min": _("die niedrigste Frage zählt"),
    }[aggregate]


def _short(points: Fraction) -> int | float:
    """Points with at most one decimal; nobody reads six of them."""
    return int(points) if points.denominator == 1 else round(float(points), 1)


def _below(part: Any) -> list[Leaf]:
    return [part] if isinstance(part, Leaf) else [leaf for child in part.children for leaf in _below(child)]


def _question(q: Question, leaf: Leaf | None, dimension: str, lang: Lang) -> dict[str, Any]:
    return {
        "name": q.name,
        "kind": q.kind.value,
        "label": q.label.get(lang) or q.calculation,
        "hint": q.hint.get(lang),
        "conditions": [q.relevant] if q.relevant else [],
        "dimension": dimension,
        "choices": [
            (c.label.get(lang), _short(leaf.scores[c.name]) if leaf and c.name in leaf.scores else None, c.exclusive)
            for c in q.choices
        ],
    }
