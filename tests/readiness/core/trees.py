"""Random maturity models and answers for property tests."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from nordlotse.foundation.language import NOTHING, Text
from nordlotse.readiness.core.aggregate import highest
from nordlotse.readiness.core.maturity import Aggregate, Band, Leaf, MaturityModel, Node

TEXT = Text("Ein Teil", "A part")
LETTERS = ("a", "b", "c", "d")
TOP = 4


class _Names:
    """Gives every leaf of one model a name of its own."""

    def __init__(self) -> None:
        self.count = 0

    def next(self) -> str:
        self.count += 1
        return f"q{self.count}"


def _leaf(draw: Any, names: _Names, weight: Fraction) -> Leaf:
    name = names.next()
    if draw(st.booleans()):
        inner = draw(st.lists(st.integers(0, TOP), min_size=1, max_size=3))
        scores = {str(n): Fraction(points) for n, points in enumerate([0, *inner, TOP])}
        return Leaf(name, name, scores, False, Fraction(0), Fraction(TOP), weight=weight, label=TEXT)
    cap = Fraction(TOP)
    scores = {letter: Fraction(draw(st.integers(1, 6)), 2) for letter in LETTERS} | {"none": Fraction(0)}
    scores["d"] = cap  # so that every leaf reaches the same top, as the reader of files demands of means
    return Leaf(name, name, scores, True, Fraction(0), cap, cap, weight, TEXT, exclusive=frozenset({"none"}))


def _node(draw: Any, names: _Names, depth: int, rules: tuple[Aggregate, ...], weight: Fraction) -> Node | Leaf:
    if depth == 0 or (depth < 3 and draw(st.booleans())):
        return _leaf(draw, names, weight)
    aggregate = draw(st.sampled_from(rules))
    count = draw(st.integers(1, 4))
    weights = [Fraction(1)] * count
    if aggregate == "weighted_mean":
        parts = draw(st.lists(st.integers(1, 9), min_size=count, max_size=count))
        weights = [Fraction(100 * part, sum(parts)) for part in parts]
    children = tuple(_node(draw, names, depth - 1, rules, each) for each in weights)
    if aggregate in ("mean", "weighted_mean"):  # parts of a mean reach equally far, as the reader of files demands
        children = tuple(
            replace(child, scale=TOP / highest(child)) if isinstance(child, Node) else child for child in children
        )
    return Node(f"n{names.next()}", TEXT, aggregate, children, weight)


@st.composite
def models(
    draw: Any, rules: tuple[Aggregate, ...] = ("mean", "weighted_mean", "sum", "min"), **changes: Any
) -> MaturityModel:
    """Draw a model of up to three levels of any rules; `changes` fix its fields."""
    root = _node(draw, _Names(), 3, rules, Fraction(1))
    assert isinstance(root, Node)
    top = highest(root)
    bands = tuple(Band(str(n), n, top * n / 4, TEXT) for n in range(5))
    fields: dict[str, Any] = {
        "id": "any",
        "version": "1",
        "title": TEXT,
        "root": root,
        "bands": bands,
        "dimension_bands": bands,
        "top": top,
        "unit": "points",
        "rounding": draw(st.sampled_from(["none", "half_up"])),
        "missing": "undetermined_with_bounds",
        "not_applicable": draw(st.sampled_from(["skip", "zero"])),
        "minutes": 1,
        "about": TEXT,
        "limits": TEXT,
        "attribution": NOTHING,
        "sources": (),
        "published": (),
        "hash": "0" * 64,
    }
    return MaturityModel(**(fields | changes))


def known(leaf: Leaf) -> st.SearchStrategy[Any]:
    """Draw an answer that is known: a stage, or ticks of any number."""
    if not leaf.several:
        return st.sampled_from(sorted(leaf.scores))
    return st.lists(st.sampled_from(LETTERS), unique=True).map(sorted)


def answers(
    model: MaturityModel, *, gaps: bool = True, not_applicable: bool = True
) -> st.SearchStrategy[dict[str, Any]]:
    """Draw answers to a model, some of them missing, not known or not applicable."""
    rest = ([None, "dont_know"] if gaps else []) + (["not_applicable"] if not_applicable else [])
    return st.fixed_dictionaries(
        {
            leaf.question: st.one_of(known(leaf), st.sampled_from(rest)) if rest else known(leaf)
            for leaf in model.leaves()
        }
    )
