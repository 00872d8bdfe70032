"""Whether a condition can hold at all: tried on the values that matter, those its constants name and their neighbours."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from typing import Final

from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.questionnaire.expression import Expression, Value, parse
from nordlotse.foundation.questionnaire.form import Form, Kind, Question
from nordlotse.foundation.questionnaire.parts import Constant, parts_of

#: Most combinations tried; a condition with more of them is believed.
_MOST_TRIED: Final = 4000

#: Numbers tried besides the neighbours of constants: products and sums of answers reach them.
_NUMBERS: Final = (0.0, 1.0, 2.0, 3.0, 10.0, 50.0, 1000.0, 1_000_000.0)


def can_hold(condition: Expression, form: Form, never: Iterable[str]) -> bool:
    """Return False where no answers make the condition true; `never` are questions that are never asked, so always empty."""
    empty = frozenset(never)
    constants = [p.value for p in parts_of(condition.root) if isinstance(p, Constant)]
    values: list[list[Value]] = []
    for name in condition.references:
        question = form.by_name.get(name)
        if question is None:
            return True
        values.append([""] if name in empty else [*_values(question, constants)])
    if math.prod(len(v) for v in values) > _MOST_TRIED:
        return True
    return any(
        condition.holds(dict(zip(condition.references, chosen, strict=True))) for chosen in itertools.product(*values)
    )


def _values(question: Question, constants: list[float | str]) -> Iterator[Value]:
    yield ""
    if question.kind is Kind.SELECT_ONE:
        yield from (c.name for c in question.choices)
    elif question.kind is Kind.SELECT_MULTIPLE:
        yield from _ticks(question, constants)
    elif question.kind in (Kind.INTEGER, Kind.DECIMAL):
        yield from _allowed(question, _numbers(constants))
    else:
        yield from dict.fromkeys([*(c for c in constants if isinstance(c, str)), "…"])
        yield from _numbers(constants)


def _ticks(question: Question, constants: list[float | str]) -> Iterator[Value]:
    """Every set of the choices the condition names (at most eight of them), alone and with all others that are not exclusive."""
    named = [c for c in question.choices if c.name in constants][:8]
    others = tuple(c.name for c in question.choices if c not in named and not c.exclusive)
    for count in range(len(named) + 1):
        for chosen in itertools.combinations(named, count):
            names = tuple(c.name for c in chosen)
            if any(c.exclusive for c in chosen):
                if count == 1:
                    yield names
                continue
            for further in range(min(len(others), 8) + 1):
                yield names + others[:further]
            yield names + others


def _numbers(constants: list[float | str]) -> list[float]:
    numbers = [c for c in constants if isinstance(c, float)]
    numbers += [float(c) for c in constants if isinstance(c, str) and c.isascii() and c.isdecimal() and len(c) < 16]
    near = [n + step for n in numbers for step in (-1.0, -0.5, 0.0, 0.5, 1.0)]
    return list(dict.fromkeys([*near, *_NUMBERS, -1.0]))


def _allowed(question: Question, numbers: list[float]) -> Iterator[float]:
    """Numbers that the question takes: whole ones where it asks for such, and those its own constraint lets through."""
    if question.kind is Kind.INTEGER:
        numbers = [n for n in numbers if n.is_integer()]
    try:
        rule = parse(question.constraint, question.name) if question.constraint else None
    except BadInput:
        rule = None
    if rule is None or rule.references != (question.name,):
        yield from numbers
        return
    bounds = _numbers([p.value for p in parts_of(rule.root) if isinstance(p, Constant)])
    for number in dict.fromkeys([*numbers, *bounds]):
        if rule.holds({question.name: number}):
            yield number
