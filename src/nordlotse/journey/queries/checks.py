"""Readiness checks as the company's way sees them: the result and plan of one for a case, and the checks that belong to a company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from nordlotse.foundation.language import Lang
from nordlotse.foundation.result import Figure, Result
from nordlotse.journey.models import Case, Company
from nordlotse.office.addresses import keyed_hash
from nordlotse.readiness.forms.goal import read, taken_along
from nordlotse.readiness.queries import checks, outcome

#: What a plan is called where results stand side by side.
PLAN = "readiness_plan"


@dataclass(frozen=True, slots=True)
class Checked:
    """What one round of a kept check brings along to a case: result and plan, and what is known of the company.

    The check's link is not in it: whoever holds that may change and delete the check, and a case is read by others.
    """

    key: str
    round: int
    finished: bool
    results: tuple[Result, ...]
    state: str
    employees: int | None


def checked(key: str, lang: Lang, goal: str = "") -> Checked:
    """Return what the newest round of a kept check brings along; `goal` is that of the plan's page, passed on; else the plan kept with the round.

    Raises:
        NotFound: there is no such check.
    """
    check = checks.kept(key)
    newest = check.newest
    found = outcome.outcome(newest.answers, newest.models)
    if not found.answered:
        return Checked(key, newest.number, False, (), found.state, found.employees)
    results = (outcome.as_result(found, lang), *_plan(found, taken_along(goal) or newest.wanted, lang))
    return Checked(key, newest.number, newest.finished_at is not None, results, found.state, found.employees)


def _plan(found: outcome.Outcome, passed_on: Mapping[str, str], lang: Lang) -> tuple[Result, ...]:
    """Return the very plan that its page shows for this goal, nothing at the top or where no step helps."""
    wanted = read(passed_on, found, timezone.localdate())
    if wanted.goal is None:
        return ()
    made = outcome.plan(found, wanted.goal, wanted.model, employees=wanted.employees, without=wanted.without)
    told = outcome.planned(found, made, lang, ground=True)
    if not told.steps:
        return ()
    steps = tuple(
        Figure(
            f"{step.number}. {step.title}",
            f"{step.days}; {'Ausgaben' if lang == 'de' else 'expenses'}: {step.cost}",
            step.source,
        )
        for step in told.steps
    )
    summary = " ".join([told.verdict, *(f"{s.number}. {s.title}: {s.reason}" for s in told.steps)])
    return (
        Result(
            kind=PLAN,
            lang=lang,
            title=f"Plan: {told.before} → {told.after}",
            summary=summary[:2000],
            figures=steps,
            sources=tuple(dict.fromkeys(step.source for step in told.steps)),
            picture=told.bars,
            picture_text=told.sentence,
        ),
    )


def cases_with(key: str, rounds: Sequence[int]) -> list[str]:
    """Return the numbers of the cases that rounds of a check came along with, oldest first."""
    sources = [source_of(key, number) for number in rounds]
    cases = Case.objects.filter(services__source__in=sources).order_by("opened_at", "pk").distinct()
    return [str(case.number) for case in cases]


def source_of(key: str, number: int) -> str:
    """Return what a round's service is noted under: a keyed hash, for the key itself opens the check."""
    return f"readiness:{keyed_hash('readiness_service', f'{key} {number}')[:24]}"


@dataclass(frozen=True, slots=True)
class OwnCheck:
    """A check on its company's page: link, day of the newest round, which round, whether it is finished, and its level."""

    key: str
    at: datetime
    round: str
    finished: bool
    level: str


def of_company(company: Company, lang: Lang) -> list[OwnCheck]:
    """Return a company's checks, the newest first."""
    return [_own(kept, lang) for kept in checks.of_company(company.pk, 20)]


def _own(kept: checks.KeptCheck, lang: Lang) -> OwnCheck:
    newest = kept.newest
    found = outcome.outcome(newest.answers, newest.models)
    level = outcome.title(found, lang) if found.answered else ""
    at = newest.finished_at or newest.started_at
    place = f"{newest.number + 1}. Durchgang" if lang == "de" else f"round {newest.number + 1}"
    return OwnCheck(kept.key, at, place, newest.finished_at is not None, level)
