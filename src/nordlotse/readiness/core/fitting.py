"""Which measures fit a company: its size and trade, its answers of today, and what has to be there first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nordlotse.foundation.questionnaire.form import DONT_KNOW, NOT_APPLICABLE
from nordlotse.readiness.core.measure import Answers, Measure
from nordlotse.readiness.core.prospect import Prospect

#: Section C of WZ 2008: manufacturing.
_MAKERS = "C"


@dataclass(frozen=True, slots=True)
class Needs:
    """What may be chosen, and what has to be chosen with it."""

    measures: tuple[Measure, ...]
    first: Mapping[str, tuple[str, ...]]


def possible(
    prospect: Prospect, measures: Sequence[Measure], employees: int | None, without: frozenset[str] = frozenset()
) -> Needs:
    """Return the measures that fit the company's size, change an answer, and whose prerequisites can be had; those that help this model.

    A measure that only changes answers outside the model is kept where another needs it first.
    """
    known = {m.id: m for m in measures}
    usable = {m.id for m in measures if m.id not in without and _suits(m, employees, prospect) and prospect.changes(m)}
    first = {m.id: tuple(p for p in m.after if p not in known or not prospect.met(known[p])) for m in measures}
    while bad := {name for name in usable if any(p not in usable for p in first[name])}:
        usable -= bad
    wanted = {name for name in usable if any(r.question in prospect.leaves for r in known[name].raises)}
    while more := {p for name in wanted for p in first[name]} - wanted:
        wanted |= more
    wanted -= _needless(prospect, [known[name] for name in sorted(wanted)], first)
    return Needs(tuple(known[name] for name in sorted(wanted)), {name: first[name] for name in sorted(wanted)})


def _needless(prospect: Prospect, measures: Sequence[Measure], first: Mapping[str, tuple[str, ...]]) -> set[str]:
    """Return those that another one beats: it does as much, needs no more before it, and comes first by cost, days, id.

    In every plan the other one could stand in its place (or stands there already), and the plan would come first.
    """
    needed = {p for m in measures for p in first[m.id]}
    does = {m.id: prospect.does(m) for m in measures}
    worth = {m.id: (m.cost.likely, m.days[1], m.id) for m in measures}
    return {
        one.id
        for one in measures
        if one.id not in needed
        and any(
            worth[other.id] < worth[one.id]
            and does[one.id] <= does[other.id]
            and set(first[other.id]) <= set(first[one.id])
            for other in measures
        )
    }


def _fits(measure: Measure, employees: int | None) -> bool:
    if employees is None:
        return True
    return (measure.employees_from or 0) <= employees <= (measure.employees_to or employees)


def _suits(measure: Measure, employees: int | None, prospect: Prospect) -> bool:
    """Tell whether a measure fits the size and the trade: its sectors name the company's, or it is a maker's step already begun.

    Whoever prints parts goes on whatever the trade; a step for offices and vans is none for a works that has begun otherwise.
    """
    sector = prospect.today.get("sector", "")
    trade = not measure.sectors or not sector or sector in measure.sectors
    trade = trade or (_MAKERS in measure.sectors and prospect.begun(measure))
    return trade and _fits(measure, employees)


def before_all(answers: Answers, measures: Sequence[Measure], *, employees: int | None = None) -> tuple[Measure, ...]:
    """Return the measures to name before any plan: marked `first`, fitting the size, and known to be lacking.

    They are not part of a plan and count nothing. Whoever has not answered, or does not know, is not told that something lacks. Of two
    for the same, the smaller one (by cost, days, id) is named.
    """
    found: dict[tuple[str, ...], Measure] = {}
    for one in sorted(measures, key=lambda m: (m.cost.likely, m.days[1], m.id)):
        main = one.raises[0]
        given = answers.get(main.question)
        ticks = set(given) if isinstance(given, list | tuple) else {DONT_KNOW}
        if one.first and not {DONT_KNOW, NOT_APPLICABLE} & ticks and _fits(one, employees) and set(main.adds) - ticks:
            found.setdefault((main.question, *main.adds), one)
    return tuple(m for m in measures if m in found.values())
