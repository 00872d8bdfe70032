"""Running a formula: each part is bound once to a function of the answers, so that evaluating reads nothing again."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nordlotse.foundation.questionnaire.functions import (
    ARITHMETIC,
    COMPARE,
    FUNCTIONS,
    Value,
    equal,
    names_of,
    number_of,
    text_of,
    truth_of,
)
from nordlotse.foundation.questionnaire.parts import Call, Chain, Constant, Negative, Part, Reference

#: From answers to a value, to a number, to yes or no.
Run = Callable[[Mapping[str, Value]], Value]
_Number = Callable[[Mapping[str, Value]], float]
Truth = Callable[[Mapping[str, Value]], bool]


def run(part: Part) -> Run:
    """Return the function from answers to this part's value."""
    if isinstance(part, Constant):
        constant = part.value
        return lambda values: constant
    if isinstance(part, Reference):
        name = part.name
        return lambda values: values.get(name, "")
    if isinstance(part, Negative):
        inner = _number_run(part.part)
        return lambda values: -inner(values)
    return _run_call(part) if isinstance(part, Call) else _run_chain(part)


def _number_run(part: Part) -> _Number:
    """Return the function from answers to this part's value as a number."""
    if isinstance(part, Constant):
        constant = number_of(part.value)
        return lambda values: constant
    if isinstance(part, Chain) and part.rest[0][0] in ARITHMETIC:
        return _run_arithmetic(part)
    if isinstance(part, Reference):
        name = part.name
        return lambda values: number_of(values.get(name, ""))
    value = run(part)
    return lambda values: number_of(value(values))


def truth_run(part: Part) -> Truth:
    """Return the function from answers to whether this part is true."""
    if isinstance(part, Chain) and part.rest[0][0] in COMPARE:
        return _run_comparison(part)
    if isinstance(part, Chain) and part.rest[0][0] in ("and", "or"):
        return _run_logic(part)
    value = run(part)
    return lambda values: truth_of(value(values))


def _run_chain(part: Chain) -> Run:
    operator = part.rest[0][0]
    if operator in ARITHMETIC:
        return _run_arithmetic(part)
    return _run_comparison(part) if operator in COMPARE else _run_logic(part)


def _run_call(part: Call) -> Run:
    runs = tuple(run(a) for a in part.arguments)
    function = FUNCTIONS[part.name][2]
    if function is None:
        condition, then, otherwise = truth_run(part.arguments[0]), runs[1], runs[2]
        return lambda values: then(values) if condition(values) else otherwise(values)
    if len(runs) == 1:
        (only,) = runs
        return lambda values: function(only(values))
    if part.name == "selected" and isinstance(part.arguments[1], Constant):
        several, name = runs[0], text_of(part.arguments[1].value).strip()
        return lambda values: name in names_of(several(values))
    if len(runs) == 2:
        one, two = runs
        return lambda values: function(one(values), two(values))
    return lambda values: function(*[one(values) for one in runs])


def _run_logic(part: Chain) -> Truth:
    runs = [truth_run(p) for p in (part.first, *(p for _, p in part.rest))]
    every = part.rest[0][0] == "and"
    if len(runs) == 2:
        one, two = runs
        if every:
            return lambda values: one(values) and two(values)
        return lambda values: one(values) or two(values)
    if every:
        return lambda values: all(one(values) for one in runs)
    return lambda values: any(one(values) for one in runs)


def _run_comparison(part: Chain) -> Truth:
    if len(part.rest) == 1:
        ((operator, other),) = part.rest
        if operator not in ("=", "!="):
            # by size both sides are numbers, so they are read as such
            by_size, one, two = COMPARE[operator], _number_run(part.first), _number_run(other)
            return lambda values: by_size(one(values), two(values))
        return _run_equality(run(part.first), operator, other)
    first = run(part.first)
    rest = [(COMPARE[operator], run(p)) for operator, p in part.rest]

    def in_turn(values: Mapping[str, Value]) -> bool:
        found: Value = first(values)
        for compare, other in rest:
            found = compare(found, other(values))
        return bool(found)

    return in_turn


def _run_equality(first: Run, operator: str, other: Part) -> Truth:
    same = operator == "="
    if isinstance(other, Constant) and isinstance(other.value, str):
        words = other.value
        return lambda values: (v == words if isinstance(v := first(values), str) else equal(v, words)) is same
    second = run(other)
    return lambda values: equal(first(values), second(values)) is same


def _run_arithmetic(part: Chain) -> _Number:
    first = _number_run(part.first)
    if len(part.rest) == 1:
        only, second = ARITHMETIC[part.rest[0][0]], _number_run(part.rest[0][1])
        return lambda values: only(first(values), second(values))
    rest = [(ARITHMETIC[operator], _number_run(p)) for operator, p in part.rest]

    def in_turn(values: Mapping[str, Value]) -> float:
        found = first(values)
        for calculate, other in rest:
            found = calculate(found, other(values))
        return found

    return in_turn
