"""Readiness checks of the example centre: invented answers, marked, in no comparison and in no figure."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from nordlotse.foundation.questionnaire.form import NOT_APPLICABLE, Form, Kind, Question
from nordlotse.foundation.sectors import section_of
from nordlotse.journey.models import Company
from nordlotse.readiness.models import Check, Round, Sheet
from nordlotse.readiness.queries import answering

#: So many companies of the example have made a check; every third of them twice.
CHECKS = 24


def make(
    companies: Sequence[Company], chance: random.Random, today: date, at: Callable[[date], datetime], *, mark: bool
) -> int:
    """Give some companies a check, and some of them a second round a year later; return how many checks were made."""
    models = [answering.SHORT]
    form, hashes = answering.form_of(models), answering.hashes(models)
    chosen = chance.sample(list(companies), min(CHECKS, len(companies)))
    for n, company in enumerate(chosen):
        twice = n % 3 == 0
        first = today - timedelta(days=chance.randint(380, 700) if twice else chance.randint(5, 300))
        answers = _answers(form, company, chance)
        check = Check.objects.create(
            key=_key(chance),
            employees=company.employees,
            sector=section_of(company.sector),
            state=company.state,
            company=company.pk,
            is_example=mark,
            created_at=at(first),
            touched_at=at(today - timedelta(days=1)),
        )
        _round(check, 0, answers, at(first), models, hashes, chance)
        if twice:
            later = first + timedelta(days=chance.randint(355, 375))
            _round(check, 1, _better(form, answers, chance), at(later), models, hashes, chance)
    return len(chosen)


def _key(chance: random.Random) -> str:
    """Draw a key from the seeded chance, so that the same seed gives the same centre; an example has nothing to hide."""
    return "".join(chance.choice(string.ascii_letters + string.digits) for _ in range(24))


def _round(
    check: Check,
    number: int,
    answers: dict[str, Any],
    at: datetime,
    models: list[str],
    hashes: dict[str, str],
    chance: random.Random,
) -> None:
    begun = Round.objects.create(
        check_of=check, number=number, models_asked=models, hashes=hashes, started_at=at, finished_at=at
    )
    Sheet.objects.create(key=_key(chance), round=begun, lead=True, answers=answers, version=1, touched_at=at)


def _answers(form: Form, company: Company, chance: random.Random) -> dict[str, Any]:
    """Return answers to every question with choices; companies differ by how far they are."""
    far = chance.random()
    made: dict[str, Any] = {
        "employees": max(1, company.employees or 1),
        "sector": section_of(company.sector),
        "state": company.state,
    }
    made |= {q.name: _answer(q, far, chance) for q in form.questions if q.choices and q.name not in made}
    return {name: value for name, value in made.items() if value != "" and name in form.by_name}


def _answer(question: Question, far: float, chance: random.Random) -> Any:
    names = [c.name for c in question.choices if not c.exclusive and c.name != NOT_APPLICABLE]
    if question.kind == Kind.SELECT_MULTIPLE:
        return [name for name in names if chance.random() < far]
    names = [c.name for c in question.choices if c.name != NOT_APPLICABLE]
    place = far * (len(names) - 1) + chance.uniform(-1, 1)
    return names[min(max(round(place), 0), len(names) - 1)]


def _better(form: Form, answers: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Return the answers a year later: some are a step further."""
    made = dict(answers)
    for question in form.questions:
        names = [c.name for c in question.choices if c.name != NOT_APPLICABLE]
        value = made.get(question.name)
        if question.group == "company" or question.kind != Kind.SELECT_ONE or value not in names:
            continue
        if chance.random() < 0.4:
            made[question.name] = names[min(names.index(value) + 1, len(names) - 1)]
    return made


def remove() -> dict[str, int]:
    """Remove every example check and what hangs on it; return how many rows, by table."""
    return Check.objects.filter(is_example=True).delete()[1]
