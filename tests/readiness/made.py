"""Kept checks for tests: every question of the short check answered, one step up or down by choice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from nordlotse.foundation.questionnaire.form import NOT_APPLICABLE, Kind
from nordlotse.readiness.actions import checks, comparing
from nordlotse.readiness.models import Check, Round, Sheet
from nordlotse.readiness.queries import answering


def answers(
    far: float = 0.5, *, employees: int = 20, sector: str = "C", state: str = "HH", models: Sequence[str] = ("own",)
) -> dict[str, Any]:
    """Return an answer to every question of some models; `far` from 0 (lowest) to 1 (highest)."""
    made: dict[str, Any] = {"employees": employees, "sector": sector, "state": state}
    for question in answering.form_of(models).questions:
        if question.name in made or not question.choices:
            continue
        if question.kind == Kind.SELECT_MULTIPLE:
            names = [c.name for c in question.choices if not c.exclusive and c.name != NOT_APPLICABLE]
            made[question.name] = names[: round(far * len(names))]
        else:
            names = [c.name for c in question.choices if c.name != NOT_APPLICABLE]
            made[question.name] = names[round(far * (len(names) - 1))]
    return made


def kept(far: float = 0.5, *, agree: bool = False, models: Sequence[str] = ("own",), **where: Any) -> str:
    """Keep a finished check and return its key."""
    key = checks.keep(answers(far, models=models, **where), models, lang="de")
    checks.finish(key)
    if agree:
        comparing.agree(key)
    return key


def many(n: int, *, agree: bool = True, **where: Any) -> list[str]:
    """Keep several finished checks, each a little different."""
    return [kept((i % 5) / 4, agree=agree, **where) for i in range(n)]


def again(key: str, far: float) -> None:
    """Make a further round of a check, finished."""
    number = checks.repeat(key, empty=False, seen=Check.objects.get(pk=key).rounds.latest("number").number)
    begun = Round.objects.get(check_of=key, number=number)
    check = Check.objects.get(pk=key)
    later = answers(far, employees=check.employees or 1, sector=check.sector, state=check.state)
    Sheet.objects.filter(round=begun, lead=True).update(answers=later)
    checks.finish(key)


def days_ago(key: str, days: int) -> None:
    """Move the first round of a check into the past."""
    at = timezone.now() - timedelta(days=days)
    Round.objects.filter(check_of=key, number=0).update(started_at=at, finished_at=at)
