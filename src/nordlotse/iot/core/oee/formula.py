"""Formulas of key figures: read once, evaluated with exact fractions, every intermediate value kept.

A formula knows names, whole numbers, + − · / and brackets, nothing else.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

_SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


@dataclass(frozen=True, slots=True)
class Step:
    """One intermediate value: the part of the formula, with numbers put in, and what it comes to (None: divided by zero)."""

    term: str
    inserted: str
    value: Fraction | None


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was read; `names` are the elements and key figures it needs, in order of appearance."""

    source: str
    names: tuple[str, ...]
    tree: ast.expr = field(repr=False, compare=False)


def read_formula(source: str) -> Formula:
    """Read a formula.

    Raises:
        ValueError: it holds anything but names, whole numbers, the four operations and brackets.
    """
    tree = ast.parse(source, mode="eval").body
    names: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            names.append((node.col_offset, node.id))
        elif isinstance(node, ast.Constant):
            if type(node.value) is not int:
                raise ValueError(f"{source}: {node.value!r} is no whole number")
        elif not isinstance(node, (ast.BinOp, ast.Load, *_SIGNS)):
            raise ValueError(f"{source}: {type(node).__name__} cannot stand in a formula")
    return Formula(source, tuple(dict.fromkeys(name for _, name in sorted(names))), tree)


def evaluate(formula: Formula, values: Mapping[str, Fraction]) -> tuple[Fraction | None, tuple[Step, ...]]:
    """Return the value (None where something is divided by zero) and the steps that lead to it, innermost first.

    Raises:
        KeyError: `values` lacks one of the formula's names.
    """
    steps: list[Step] = []
    return _value(formula.tree, values, steps), tuple(steps)


def _value(node: ast.expr, values: Mapping[str, Fraction], steps: list[Step]) -> Fraction | None:
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.Constant):
        return Fraction(int(str(node.value)))
    if not isinstance(node, ast.BinOp):
        raise ValueError(ast.dump(node))
    left, right = _value(node.left, values, steps), _value(node.right, values, steps)
    found = None if left is None or right is None else _apply(node.op, left, right)
    inserted = f"{_shown(left)} {_SIGNS[type(node.op)]} {_shown(right)}"
    steps.append(Step(ast.unparse(node), inserted, found))
    return found


def _apply(sign: ast.operator, left: Fraction, right: Fraction) -> Fraction | None:
    match sign:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case _:
            return left / right if right else None


def _shown(value: Fraction | None) -> str:
    return "?" if value is None else str(value)
