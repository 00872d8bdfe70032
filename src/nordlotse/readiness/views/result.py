"""The result of a check: one thing first, then dimensions, comparison, and where each point comes from."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.readiness.core import asking, shown
from nordlotse.readiness.queries import answering, comparison, outcome
from nordlotse.readiness.views.basis import Basis, kept_basis, loose
from nordlotse.readiness.views.carried import Carried
from nordlotse.readiness.views.page import lang_of, without_answers


@require_http_methods(["GET", "HEAD", "POST"])
def loose_result(request: HttpRequest) -> HttpResponse:
    """The result of answers that nobody keeps; without answers the way leads to the start."""
    basis = loose(request)
    return _page(request, basis) if basis else without_answers(request)


@require_safe
def kept_result(request: HttpRequest, key: str) -> HttpResponse:
    """The result of a kept check, of the newest round or `?runde=N`."""
    return _page(request, kept_basis(request, key), request.GET.get("geaendert", ""))


def changed_page(request: HttpRequest, found: Carried) -> HttpResponse:
    """The result after one answer was corrected; it says which."""
    basis = Basis(found.answers, found.models, lang_of(request), carried=found)
    return _page(request, basis, found.shown[0])


def _page(request: HttpRequest, basis: Basis, changed: str = "") -> HttpResponse:
    return basis.finished(render(request, "readiness/result.html", context_of(basis, changed)))


def context_of(basis: Basis, changed: str = "") -> dict[str, Any]:
    """Return what the page shows; `changed` is the question whose answer was corrected just now."""
    found = basis.outcome()
    told = outcome.shown(found, basis.lang)
    open_now = asking.open_questions(found.form, found.filled, found.answers)
    return {
        "basis": basis,
        "said": answering.said(found.form, found.filled, found.answers, basis.lang),
        "strong": _strong(found, basis),
        "changed": _changed(found, changed, basis),
        "carried": basis.carried,
        "other": basis.other["result"],
        "main": told[0],
        "others": told[1:],
        "first": told[0].first,
        "action": action.title.get(basis.lang) if (action := outcome.first_action(found)) else "",
        "top": found.scores[found.main].next_band is None,
        "open": [q for q in open_now if q.group != asking.COMPANY],
        "unknown": _unknown(found, told, basis),
        "nothing": not found.answered,
        "peers": comparison.peers(
            found.models[found.main],
            found.scores[found.main],
            employees=found.employees,
            sector=str(found.answers.get("sector", "")),
            state=found.state,
            lang=basis.lang,
        ),
        "comparable": any(one.compared for one in told),
        "further": answering.offers(basis.answers, basis.models),
        "shared": [name for name in found.models if _shares(found, name)],
    }


def _strong(found: outcome.Outcome, basis: Basis) -> tuple[str, str] | None:
    """Return the answer that stands highest, in the company's own words; None where no answer gives points."""
    top = {leaf.id: leaf.high for leaf in found.models[found.main].leaves()}
    given = [p for p in found.scores[found.main].trace if p.points and top[p.leaf]]
    best = max(
        given, key=lambda p: (p.points or 0) / top[p.leaf], default=None
    )  # the first of several, in the order asked
    asked = found.form.by_name.get(best.question) if best else None
    if asked is None:
        return None
    return asked.label.get(basis.lang), asking.said(asked, found.answers.get(asked.name)).get(basis.lang)


def _changed(found: outcome.Outcome, name: str, basis: Basis) -> tuple[str, str] | None:
    """Return wording and answer of a question that was changed, None where the name is no question."""
    asked = found.form.by_name.get(name)
    return (asked.label.get(basis.lang), asking.said(asked, found.answers.get(name)).get(basis.lang)) if asked else None


def _shares(found: outcome.Outcome, name: str) -> bool:
    """Tell whether an answer counts in the main model and in this one."""
    return not set(found.models[found.main].questions).isdisjoint(found.models[name].questions)


def _unknown(found: outcome.Outcome, told: tuple[shown.Shown, ...], basis: Basis) -> list[tuple[str, str]]:
    """Return name and wording of every question whose answer is missing in a model, each once, in the order of the form."""
    wanted = {name for one in told for name in one.open_questions}
    return [(q.name, q.label.get(basis.lang)) for q in found.form.questions if q.name in wanted]
