"""Formulas of key figures as people read them: names instead of letters, and the same formula with all numbers put in."""

from __future__ import annotations

import ast
from collections.abc import Callable

from nordlotse.iot.core.oee.catalogue import KeyFigure, catalogue
from nordlotse.iot.core.oee.values import Evaluated
from nordlotse.iot.core.oee.written import number, percent

#: How a sign is written, and how strongly it binds.
_SIGNS: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", 1),
    ast.Sub: ("−", 1),
    ast.Mult: ("·", 2),
    ast.Div: ("/", 2),
}


def spelled(figure: KeyFigure, lang: str) -> str:
    """Return a formula in words of a language: "Produktionszeit / geplante Belegungszeit"."""
    book = catalogue()

    def name(id_: str) -> str:
        named = book.figures[id_].name if id_ in book.figures else book.elements[id_].name
        return named.get(lang)

    return _written(figure.formula.tree, name)


def inserted(figure: KeyFigure, found: Evaluated, lang: str) -> str:
    """Return a formula with all its numbers: "267.248 s / 365.248 s"; "" where one of them is not known."""
    try:
        return _written(figure.formula.tree, lambda id_: _value(id_, found, lang))
    except KeyError:
        return ""


def _value(id_: str, found: Evaluated, lang: str) -> str:
    book = catalogue()
    if id_ in book.figures:
        value, unit = found.figures[id_].value, book.figures[id_].unit
        if value is None:
            raise KeyError(id_)
        return percent(value).get(lang) if unit == "percent" else number(value * book.figures[id_].scale, 2).get(lang)
    value, kind = found.elements[id_], book.elements[id_].kind
    shown = number(value, 0 if abs(value) >= 1000 else 2).get(lang)
    return f"{shown} s" if kind in ("time", "time_per_unit") else shown


def _written(node: ast.expr, name: Callable[[str], str]) -> str:
    if isinstance(node, ast.Name):
        return name(node.id)
    if not isinstance(node, ast.BinOp):
        return ast.unparse(node)
    sign, strength = _SIGNS[type(node.op)]
    left, right = (_written(side, name) for side in (node.left, node.right))
    if _strength(node.left) < strength:
        left = f"({left})"
    # a − (b + c) and a / (b · c) need their brackets, a + (b · c) does not
    if _strength(node.right) < strength or (_strength(node.right) == strength and sign in ("−", "/")):
        right = f"({right})"
    return f"{left} {sign} {right}"


def _strength(node: ast.expr) -> int:
    return _SIGNS[type(node.op)][1] if isinstance(node, ast.BinOp) else 3
