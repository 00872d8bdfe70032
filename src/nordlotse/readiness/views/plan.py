"""The plan: goal or budget in, at most five steps out; as page, as part of a page, as calendar."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from nordlotse.foundation.language import Lang
from nordlotse.readiness import directions
from nordlotse.readiness.actions.checks import choose_plan
from nordlotse.readiness.core.calendar import MEDIA_TYPE, Task, calendar
from nordlotse.readiness.core.first_goal import EUROS, start_euros
from nordlotse.readiness.core.fitting import before_all
from nordlotse.readiness.core.measure import Goal, Measure
from nordlotse.readiness.core.measures import shipped_measures
from nordlotse.readiness.core.money import doubled
from nordlotse.readiness.core.planned import Before, Planned, told_before
from nordlotse.readiness.core.ports import Direction
from nordlotse.readiness.core.telling import level_place, question_words
from nordlotse.readiness.forms.goal import MOST_EUROS, Wanted, read
from nordlotse.readiness.queries import outcome
from nordlotse.readiness.queries.outcome import Outcome, Planning
from nordlotse.readiness.views.basis import Basis, kept_basis, loose
from nordlotse.readiness.views.page import file, go, without_answers


@require_http_methods(["GET", "HEAD", "POST"])
def loose_plan(request: HttpRequest) -> HttpResponse:
    """The plan for answers that nobody keeps."""
    basis = loose(request)
    return _page(request, basis) if basis else without_answers(request)


@require_http_methods(["GET", "HEAD", "POST"])
def kept_plan(request: HttpRequest, key: str) -> HttpResponse:
    """The plan for a kept check; goal and budget stand in the address, so the page can be passed on. POST keeps the plan chosen."""
    basis = kept_basis(request, key)
    if request.method != "POST" or basis.round is None:
        return _page(request, basis)
    wanted = read(basis.given(request), basis.outcome(), timezone.localdate())
    if wanted.wrong:
        return _page(request, basis)
    choose_plan(key, basis.round.number, wanted.fields)
    return go(request, "readiness_kept_plan", key, more=f"?runde={basis.round.number}" if basis.older else "")


def _page(request: HttpRequest, basis: Basis) -> HttpResponse:
    found = basis.outcome()
    # Going back in the browser asks for the whole page, with the same header.
    partial = "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    wanted = read(basis.given(request), found, timezone.localdate(), live=partial)
    template = "readiness/_plan.html" if partial else "readiness/plan.html"
    before = basis.given(request).get("vorher", wanted.model)
    context = {**_context(basis, found, wanted), "partial": partial, "changed": before != wanted.model}
    if not partial:  # the slider stays where it is while its plan is put in place
        context["most"] = slider_end(found, wanted)
    # A part of a page is put in place whatever it says; htmx leaves out answers that are errors.
    response = render(request, template, context, status=422 if wanted.wrong and not partial else 200)
    return basis.finished(response)


def planning(found: Outcome, wanted: Wanted) -> Planning | None:
    """Return the plan that is wanted; None where there is no goal to have."""
    if wanted.goal is None:
        return None
    return outcome.plan(found, wanted.goal, wanted.model, employees=wanted.employees, without=wanted.without)


def _context(basis: Basis, found: Outcome, wanted: Wanted) -> dict[str, Any]:
    # A plan for something else than what was typed would be taken for the answer to it.
    made = None if set(wanted.wrong) - {"beginn"} else planning(found, wanted)
    told = outcome.planned(found, made, basis.lang) if made else None
    model, score = found.models[wanted.model], found.scores[wanted.model]
    reached = score.next_band.number if score.next_band else len(model.bands)
    employees = wanted.employees or found.employees
    budget = wanted.budget if wanted.budget is not None else start_euros(employees)
    return {
        "basis": basis,
        "carried": basis.carried,
        "other": basis.other["plan"],
        "wanted": wanted,
        "plan": told,
        "employees": employees,
        "models": [(name, m.title.get(basis.lang)) for name, m in found.models.items()],
        "levels": [
            (b.key, level_place(b, model), b.label.get(basis.lang)) for b in model.bands if b.number >= max(reached, 1)
        ],
        "no_steps": not any(r.question in model.questions for m in shipped_measures() for r in m.raises),
        "budget": budget,
        "amount": wanted.typed.get("budget", str(budget)),  # an amount of 0 is an amount
        "unknown": [
            (name, question_words(found.form, name).get(basis.lang)) for name in (told.open_questions if told else ())
        ],
        "places": places(found, told, wanted, basis.lang),
        "nothing": not found.answered,
        "before": before(found, made, wanted, basis.lang),
        "beyond": _beyond(found, wanted, basis.lang),
        "twice": _twice(found, made, wanted, basis.lang),
        "struck": [(m.id, m.title.get(basis.lang)) for m in shipped_measures() if m.id in wanted.without],
        "remembered": bool(basis.round and basis.round.wanted and basis.round.wanted == _said(wanted)),
    }


def before(found: Outcome, made: Planning | None, wanted: Wanted, lang: Lang) -> list[Before]:
    """Return what to do first whatever it counts, but for what the plan holds anyway and what was struck out."""
    there = {s.measure.id for s in made.plan.steps} | set(wanted.without) if made else set(wanted.without)
    first = before_all(found.answers, shipped_measures(), employees=wanted.employees or found.employees)
    lacking = [m for m in first if not any(_same(m, s.measure) for s in (made.plan.steps if made else ()))]
    return [told_before(m, lang) for m in lacking if m.id not in there]


def _same(one: Measure, other: Measure) -> bool:
    """Tell whether a step of the plan does what a measure is for."""
    main = one.raises[0]
    return any(r.question == main.question and set(main.adds) <= set(r.adds) for r in other.raises)


def _said(wanted: Wanted) -> dict[str, str]:
    """Return the chosen plan as it is kept with a round: what is empty is left out."""
    return {name: value for name, value in wanted.fields.items() if value}


def _beyond(found: Outcome, wanted: Wanted, lang: Lang) -> str:
    """Say why the goal is an amount though nobody named one, and what the next level would take."""
    following = found.scores[wanted.model].next_band
    if not wanted.beyond.de or following is None:
        return ""
    away = outcome.price(found, following.key, wanted.model, wanted.employees, wanted.without)
    return " ".join([wanted.beyond.get(lang), *([away.sentence.get(lang)] if away else [])])


def _twice(found: Outcome, made: Planning | None, wanted: Wanted, lang: Lang) -> str:
    """Say what twice the money would bring; nothing where the goal is a level or the budget nothing."""
    if made is None or not made.plan.steps or not wanted.goal or not wanted.goal.budget or wanted.goal.target:
        return ""
    twice = Goal(budget=2 * wanted.goal.budget, days=wanted.days)
    more = outcome.plan(found, twice, wanted.model, employees=wanted.employees, without=wanted.without)
    return doubled(made.plan, more.plan, found.models[wanted.model], lang)


def places(found: Outcome, told: Planned | None, wanted: Wanted, lang: Lang) -> dict[str, tuple[Direction, ...]]:
    """Return where each step leads, by its measure's id."""
    pointers = {s.id: s.pointers for s in told.steps} if told else {}
    return directions.found(pointers, lang, state=found.state, employees=wanted.employees or found.employees)


def slider_end(found: Outcome, wanted: Wanted) -> int:
    """Return where the slider ends: what the best plan of all is likely to cost, up to the next 5,000 euros; more helps nobody."""
    best = outcome.plan(
        found, Goal(budget=MOST_EUROS), wanted.model, employees=wanted.employees, without=wanted.without
    )
    return max(EUROS, *(-(-most // 5_000) * 5_000 for most in (best.plan.cost[1], wanted.budget or 0)))


@require_http_methods(["GET", "HEAD", "POST"])
def loose_calendar(request: HttpRequest) -> HttpResponse:
    """The plan as a calendar file, for answers that nobody keeps."""
    basis = loose(request)
    return _calendar(request, basis) if basis else without_answers(request)


@require_safe
def kept_calendar(request: HttpRequest, key: str) -> HttpResponse:
    """The plan of a kept check as a calendar file."""
    return _calendar(request, kept_basis(request, key))


def _calendar(request: HttpRequest, basis: Basis) -> HttpResponse:
    found = basis.outcome()
    wanted = read(basis.given(request), found, timezone.localdate())
    made = planning(found, wanted)
    told = outcome.planned(found, made, basis.lang) if made else None
    if (
        "beginn" in wanted.wrong or made is None or told is None or not told.steps
    ):  # nothing to write: the page says why
        return _page(request, basis)
    cost = "Ausgaben" if basis.lang == "de" else "Expenses"
    tasks = [
        Task(s.id, s.title, f"{s.text}\n\n{s.why}\n\n{cost}: {s.cost}", step.measure.days[1], step.measure.weeks)
        for s, step in zip(told.steps, made.plan.steps, strict=True)
    ]
    host = settings.CONFIGURATION.host
    content = calendar(tasks, wanted.begin, host=host, made_at=timezone.now(), lang=basis.lang, state=found.state)
    return file(content, MEDIA_TYPE, "plan.ics")
