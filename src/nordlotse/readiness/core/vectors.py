"""Short forms of published examples, as bare numbers, become answers: `{"dma": {"plan": 4, …}}`, `{"impuls": {"S": [1, 1, 2], …}}`.

A number means: of several things to tick, so many (the first ones; which does not matter, they count the same); of stages, the level
itself where the model counts in levels, else the stage counted from 0. A list gives one number per row. A model says in `vector` in which
order a plain list goes, which other names there are, and which answers such an example takes for granted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from nordlotse.foundation.problem import BadInput
from nordlotse.readiness.core.maturity import Leaf, MaturityModel, Node, leaves_of

Answer = str | list[str]

#: "advanced[7]" is "advanced": published examples name a row of numbers with its length.
_COUNT = re.compile(r"\s*\[\d{0,3}\]\s*\Z|\A\s+|\s+\Z", re.ASCII)


def answers_of(model: MaturityModel, short: object) -> dict[str, Answer]:
    """Return the answers that a short form stands for; parts it does not name stay unanswered.

    Raises:
        BadInput: `vector_broken`: no such part, a wrong count of numbers, a number out of range, or two numbers that contradict each other.
    """
    answers: dict[str, Answer] = dict(model.vector.given)
    for part, value in _named(model, short):
        for leaf, amount, where in _numbers(part, value, f"{model.id}.{part.id}"):
            answer = _answer(model, leaf, amount, where)
            if answers.setdefault(leaf.question, answer) != answer:
                raise _wrong(
                    where,
                    f"Die Frage „{leaf.question}“ bekommt zwei verschiedene Antworten.",
                    f"The question “{leaf.question}” gets two different answers.",
                    "Geben Sie Zahlen an, die zueinander passen, oder nennen Sie Antworten unter „answers“.",
                    "Give numbers that go together, or give answers under “answers”.",
                )
    return answers


def _wrong(where: str, de: str, en: str, remedy_de: str, remedy_en: str) -> BadInput:
    return BadInput("vector_broken", de=de, en=en, where=where, remedy_de=remedy_de, remedy_en=remedy_en)


def _parts(model: MaturityModel) -> dict[str, Node | Leaf]:
    """Return what a short form may name: the ids of `vector.order` and their other names, small letters."""
    found: dict[str, Node | Leaf] = {}
    for dimension in model.dimensions:
        found[dimension.id] = dimension
    for dimension in model.dimensions:
        for item in dimension.children if isinstance(dimension, Node) else ():
            # an item that is in the order means the item, even where a dimension has the same name
            if item.id in model.vector.order or item.id not in found:
                found[item.id] = item
    named = {name: found[name] for name in model.vector.order} if model.vector.order else found
    named |= {name: found[part] for name, part in model.vector.names.items()}
    return {name.casefold(): part for name, part in named.items()}


def _named(model: MaturityModel, short: object) -> Iterator[tuple[Node | Leaf, object]]:
    parts = _parts(model)
    order = model.vector.order or tuple(part.id for part in model.dimensions)
    if isinstance(short, list):
        if len(short) != len(order):
            raise _wrong(
                model.id,
                f"Die Liste hat {len(short)} Einträge statt {len(order)}.",
                f"The list has {len(short)} entries instead of {len(order)}.",
                f"Die Reihenfolge ist: {', '.join(order)}.",
                f"The order is: {', '.join(order)}.",
            )
        short = dict(zip(order, short, strict=True))
    if not isinstance(short, Mapping):
        raise _wrong(
            model.id,
            "Hier wird eine Zuordnung oder eine Liste erwartet.",
            "A mapping or a list is expected here.",
            f"Möglich sind: {', '.join(order)}.",
            f"Possible: {', '.join(order)}.",
        )
    seen: set[int] = set()
    for name, value in short.items():
        part = parts.get(_COUNT.sub("", str(name)).casefold())
        if part is None or id(part) in seen:
            raise _wrong(
                f"{model.id}.{name}",
                f"„{name}“ gibt es nicht oder steht zweimal da.",
                f"“{name}” does not exist or is there twice.",
                f"Möglich sind: {', '.join(order)}.",
                f"Possible: {', '.join(order)}.",
            )
        seen.add(id(part))
        if value is not None:
            yield part, value


def _numbers(part: Node | Leaf, value: object, where: str) -> Iterator[tuple[Leaf, int, str]]:
    leaves = list(leaves_of(part))
    amounts: Sequence[object] = value if isinstance(value, list) else [value]
    if len(amounts) != len(leaves):
        raise _wrong(
            where,
            f"Anzahl der Zahlen: {len(amounts)} statt {len(leaves)}.",
            f"Count of numbers: {len(amounts)} instead of {len(leaves)}.",
            f"Geben Sie eine Zahl für jede Zeile an: {', '.join(leaf.id for leaf in leaves)}.",
            f"Give one number per row: {', '.join(leaf.id for leaf in leaves)}.",
        )
    for index, (leaf, amount) in enumerate(zip(leaves, amounts, strict=True)):
        place = where if len(leaves) == 1 else f"{where}[{index}]"
        if amount is None:
            continue
        if isinstance(amount, bool) or not isinstance(amount, int | float) or amount != int(amount):
            raise _wrong(
                place,
                f"„{str(amount)[:40]}“ ist keine ganze Zahl.",
                f"“{str(amount)[:40]}” is not a whole number.",
                "Geben Sie eine ganze Zahl an.",
                "Give a whole number.",
            )
        yield leaf, int(amount), place


def _answer(model: MaturityModel, leaf: Leaf, amount: int, where: str) -> Answer:
    found: Answer | None
    if leaf.several:
        found = _ticks(leaf, amount, levels=model.unit == "level")
    elif model.unit == "level":
        found = next((name for name, points in leaf.scores.items() if points == amount), None)
    else:
        stages = sorted(set(leaf.scores.values()))
        worth = stages[amount] if 0 <= amount < len(stages) else None
        found = next((name for name, points in leaf.scores.items() if points == worth), None)
    if found is None:
        raise _wrong(
            where,
            f"{amount} ist für „{leaf.id}“ nicht möglich.",
            f"{amount} is not possible for “{leaf.id}”.",
            f"Möglich sind: {', '.join(str(n) for n in _possible(model, leaf))}.",
            f"Possible: {', '.join(str(n) for n in _possible(model, leaf))}.",
        )
    return found


def _ticks(leaf: Leaf, amount: int, *, levels: bool) -> list[str] | None:
    """Return the first ticks that make up the amount: so many, or in a model of levels so much."""
    worth = [(name, points) for name, points in leaf.scores.items() if points]
    if not levels:
        return [name for name, _ in worth[:amount]] if 0 <= amount <= len(worth) else None
    ticked: list[str] = []
    reached = Fraction(0)
    for name, points in worth:
        if reached >= amount:
            break
        ticked.append(name)
        reached += points
    capped = reached if leaf.cap is None else min(reached, leaf.cap)
    return ticked if capped == amount else None


def _possible(model: MaturityModel, leaf: Leaf) -> list[int]:
    if model.unit == "level":
        if leaf.several:
            return [n for n in range(int(leaf.high) + 1) if _ticks(leaf, n, levels=True) is not None]
        return sorted(int(points) for points in set(leaf.scores.values()) if points.denominator == 1)
    return list(
        range(sum(1 for p in leaf.scores.values() if p) + 1 if leaf.several else len(set(leaf.scores.values())))
    )
