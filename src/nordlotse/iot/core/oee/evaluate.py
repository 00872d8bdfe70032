"""From times and counts to key figures: what is missing is derived where one way leads to it, every figure keeps its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from nordlotse.foundation.language import Text
from nordlotse.iot.core.oee.catalogue import Catalogue, KeyFigure, catalogue
from nordlotse.iot.core.oee.checking import check, check_claims, check_figures
from nordlotse.iot.core.oee.formula import Step
from nordlotse.iot.core.oee.formula import evaluate as run
from nordlotse.iot.core.oee.values import Computed, Evaluated, Flag, Given, Stop

#: What an element follows from when it is not given: (element, needed, added if known). The sign before a name is its sign in the sum.
_WAYS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("PBT", ("+POT", "-PDOT"), ()),
    ("PQ", ("+GQ", "+SQ"), ("+RQ",)),
    ("GQ", ("+PQ", "-SQ"), ("-RQ",)),
    ("SQ", ("+PQ", "-GQ", "-RQ"), ()),
    ("APT", ("+AUPT", "-AUST"), ()),
    ("APT", ("+PBT", "-ADET"), ("-AUST", "-ADOT")),
    ("AUPT", ("+APT", "+AUST"), ()),
)
_FROM_STOPS = (("PDOT", "planned"), ("AUST", "setup"), ("ADET", "unplanned"))
#: Elements that may be added over shifts and machines; limits of a characteristic, spreads and stocks may not.
_NOT_ADDED = frozenset({"PRI", "USL", "LSL", "S", "SIGMA", "AINV"})


def evaluate(given: Given, known: Catalogue | None = None) -> Evaluated:
    """Compute all key figures that the elements given allow, and flag what does not fit. Never raises for numbers, never cuts one."""
    book = known or catalogue()
    elements, derived = _derive(given)
    figures: dict[str, Computed] = {}
    for figure in book.figures.values():
        figures[figure.id] = _compute(figure, elements, figures)
    flags = (
        *given.notes,
        *check(given, elements, derived),
        *check_figures(figures, book),
        *check_claims(given, figures, book),
    )
    return Evaluated(given, MappingProxyType(elements), MappingProxyType(derived), MappingProxyType(figures), flags)


def total(parts: Sequence[Given], machine: str = "", shift: str = "") -> Given:
    """Return several shifts or machines as one: times and counts added, PRI as its mean over the produced quantity.

    With that mean, availability · effectiveness · quality = PRI·GQ/PBT stays true for the sum. An element that only some parts have
    is left out and named in a flag: a sum of some of the parts would look like a sum of all.
    """
    all_elements = [_derive(part)[0] for part in parts]
    names = dict.fromkeys(name for elements in all_elements for name in elements if name not in _NOT_ADDED)
    added: dict[str, Fraction] = {}
    open_names: list[str] = []
    for name in names:
        if all(name in elements for elements in all_elements):
            added[name] = sum((elements[name] for elements in all_elements), Fraction())
        else:
            open_names.append(name)
    notes = [_incomplete(open_names)] if open_names else []
    cycle, note = mean_cycle([(e.get("PRI"), e.get("PQ"), e.get("GQ")) for e in all_elements])
    if cycle is not None:
        added["PRI"] = cycle
    if note is not None:
        notes.append(note)
    return Given(
        elements=added,
        machine=machine,
        shift=shift,
        stops=tuple(stop for part in parts for stop in part.stops),
        cost_per_hour=_one_rate(parts),
        notes=tuple(notes),
    )


def mean_cycle(
    rows: Sequence[tuple[Fraction | None, Fraction | None, Fraction | None]],
) -> tuple[Fraction | None, Flag | None]:
    """Return the planned time per unit of several products, weighted with what was produced: Σ PRI·PQ / Σ PQ, and a flag if they differ.

    `rows`: PRI (s), PQ, GQ of each product. None where a product that was made has no PRI.
    """
    made = [(pri, pq, gq) for pri, pq, gq in rows if pq != 0]
    if not made:
        return (rows[0][0] if rows else None), None
    weighted, count, good_time, good = Fraction(), Fraction(), Fraction(), Fraction()
    for pri, pq, gq in made:
        if pri is None or pq is None:
            return None, None
        weighted, count = weighted + pri * pq, count + pq
        good_time, good = good_time + pri * (gq or 0), good + (gq or 0)
    if len({pri for pri, _, _ in made}) == 1:
        return made[0][0], None
    mean = weighted / count if count else None
    return mean, None if mean is None or mean * good == good_time else _mixed()


def _compute(figure: KeyFigure, elements: Mapping[str, Fraction], figures: Mapping[str, Computed]) -> Computed:
    missing = tuple(name for name in figure.elements if name not in elements)
    if missing:
        return Computed(figure.id, None, missing=missing)
    values = dict(elements)
    steps: list[Step] = []
    for name in figure.formula.names:
        if name in figures:
            inner = figures[name]
            if inner.value is None:
                return Computed(figure.id, None, steps=inner.steps)
            values[name] = inner.value
            steps.extend(inner.steps)
    value, own = run(figure.formula, values)
    return Computed(figure.id, value, (*steps, *own))


def _derive(given: Given) -> tuple[dict[str, Fraction], dict[str, str]]:
    elements, derived = dict(given.elements), {}
    for name, kind in _FROM_STOPS:
        chosen = [stop for stop in given.stops if stop.kind == kind]
        if chosen and name not in elements:
            elements[name] = _seconds(chosen)
            derived[name] = f"stops ({kind})"
    for name, needed, added in _WAYS:
        if name in elements or any(sign[1:] not in elements for sign in needed):
            continue
        used = (*needed, *(sign for sign in added if sign[1:] in elements))
        elements[name] = sum((elements[s[1:]] if s[0] == "+" else -elements[s[1:]] for s in used), Fraction())
        derived[name] = " ".join(f"{sign[0]} {sign[1:]}" for sign in used).removeprefix("+ ")
    return elements, derived


def _seconds(stops: Sequence[Stop]) -> Fraction:
    return sum((stop.seconds for stop in stops), Fraction())


def _one_rate(parts: Sequence[Given]) -> Fraction | None:
    rates = {part.cost_per_hour for part in parts}
    return rates.pop() if len(rates) == 1 else None


def _incomplete(names: Sequence[str]) -> Flag:
    listed = ", ".join(names)
    return Flag(
        "incomplete_total",
        "warning",
        Text(
            f"Nicht alle Teile nennen {listed}: In der Summe fehlen sie, statt nur einen Teil zu zählen.",
            f"Not all parts name {listed}: the sum leaves them out instead of counting some parts only.",
        ),
    )


def _mixed() -> Flag:
    return Flag(
        "mixed_cycle_times",
        "info",
        Text(
            "Die Produkte haben verschiedene Soll-Zeiten und Ausschuss-Anteile: Gerechnet ist mit der mittleren Soll-Zeit der produzierten Menge.",
            "The products differ in planned time and scrap: the mean planned time of the produced quantity is used.",
        ),
    )
