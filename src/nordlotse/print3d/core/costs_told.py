"""The comparison of costs in words of one language: the answer first, then lines for a table, break-even, and the curve as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.records.figures import number
from nordlotse.print3d.core import amounts, answering
from nordlotse.print3d.core.break_even_told import BreakRow, break_rows, break_sentence
from nordlotse.print3d.core.comparison import TODAY, Comparison, Curve, Today
from nordlotse.print3d.core.costs import CONVENTIONAL
from nordlotse.print3d.core.rates import Rates
from nordlotse.print3d.core.values import UnitCost, Verdict

#: Quantities of the curve's table; the chosen one is put among them.
_TABLE = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
_FITS = {
    "yes": Text("ja", "yes"),
    "with_changes": Text("mit Änderungen", "with changes"),
    "no": Text("nein", "no"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One way in the table. `fits`: whether the check says it can print the part; `note`: what else must be said of its price."""

    process: str
    name: str
    material: str
    low: str
    likely: str
    high: str
    lead: str
    minimum: str
    fits: str
    note: str
    measured: bool
    cheapest: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class Told:
    """The whole comparison in words. `answer` is one sentence, `means` what it means for the owner.

    `below`: ways surely cheaper than today; `cheaper`: processes clearly cheaper than the one spoken of; `material`: that it is another
    material; `guide`: that our guide value for today's way lies above today's price. Each "" where there is nothing to say.
    """

    answer: str
    means: str
    below: str
    cheaper: str
    material: str
    guide: str
    sentence: str
    sooner: str
    measured: tuple[Line, ...]
    guides: tuple[Line, ...]
    left_out: tuple[tuple[str, str], ...]
    breaks: tuple[str, ...]
    against: tuple[str, ...]
    rows: tuple[BreakRow, ...]
    saw: str


def names_of(held: Rates, today: Today | None, lang: Lang) -> dict[str, str]:
    """Return what each way is called, today's too."""
    names = {name: way.name.get(lang) for name, way in held.ways.items()}
    here = "heute" if lang == "de" else "today"
    names[TODAY] = f"{here} ({today.process})" if today is not None and today.process else here
    return names


def told(
    found: Comparison,
    held: Rates,
    chosen: str,
    today: Today | None,
    verdicts: Mapping[str, Verdict],
    lang: Lang,
) -> Told:
    """Return a comparison in words; `chosen` is the process the answer speaks of."""
    names = names_of(held, today, lang)
    lines = [_line(cost, names, held, found, chosen, verdicts, lang) for cost in found.costs]
    against = list(dict.fromkeys(one.against for one in found.break_even))
    own = [one for one in found.break_even if one.process == chosen]
    return Told(
        answer=_answer(found, chosen, names, lang),
        means=answering.meaning(found, chosen, names, lang),
        below=answering.surely_below(found, names, verdicts, lang),
        cheaper=answering.cheaper(found, chosen, names, verdicts, lang),
        material=answering.other_material(found, held.ways[chosen].material.get(lang), lang),
        guide=answering.dear_guides(found, names, today.process if today else "", lang),
        sentence=found.sentence.get(lang),
        sooner=_sooner(found, held, names, lang),
        measured=tuple(line for line in lines if line.measured),
        guides=tuple(line for line in lines if not line.measured),
        left_out=tuple((names[name], reason.get(lang)) for name, reason in found.left_out.items()),
        breaks=tuple(break_sentence(one, names, lang) for one in own),
        against=tuple(names[name] for name in against),
        rows=break_rows(found.break_even, against, names, lang),
        saw=_saw(found, lang),
    )


def _line(
    cost: UnitCost,
    names: Mapping[str, str],
    held: Rates,
    found: Comparison,
    chosen: str,
    verdicts: Mapping[str, Verdict],
    lang: Lang,
) -> Line:
    now = cost.process == TODAY
    show = amounts.euro if now else amounts.about
    verdict = verdicts.get(cost.process)
    return Line(
        process=cost.process,
        name=names[cost.process],
        material="" if now else held.ways[cost.process].material.get(lang),
        low=show(cost.low, lang),
        likely=show(cost.likely, lang),
        high=show(cost.high, lang),
        lead=lead(cost.lead_days, lang),
        minimum=number(cost.minimum, lang),
        fits="" if now or cost.process in CONVENTIONAL else _FITS[verdict.verdict].get(lang) if verdict else "–",
        note=_note(cost, held, lang),
        measured=cost.measured,
        cheapest=cost.process == found.cheapest,
        chosen=cost.process == chosen,
    )


def _note(cost: UnitCost, held: Rates, lang: Lang) -> str:
    """Return what else must be said of a price, "" where nothing is."""
    note = ""
    if cost.quantity < cost.minimum:
        note = (
            f"Sie zahlen die Mindestmenge von {number(cost.minimum, lang)}."
            if lang == "de"
            else f"You pay the least order of {number(cost.minimum, lang)}."
        )
    days = machine_days(cost, held)
    if cost.process != TODAY and days > cost.lead_days[1]:
        busy = (
            f"Die Lieferzeit gilt für kleine Mengen: So viele Stück belegen eine Maschine etwa {number(days, lang)} Tage."
            if lang == "de"
            else f"The lead time is that of small orders: so many pieces keep one machine busy for about {number(days, lang)} days."
        )
        note = f"{note} {busy}".strip()
    return note


def lead(days: tuple[int, int], lang: Lang) -> str:
    """Return a lead time in words; "–" where none was stated."""
    soon, late = days
    if late <= 0:
        return "–"
    shown = str(late) if soon == late else f"{soon}–{late}"
    if lang == "de":
        return f"{shown} {'Tag' if late == 1 else 'Tage'}"
    return f"{shown} {'day' if late == 1 else 'days'}"


def _cost(found: Comparison, process: str) -> UnitCost | None:
    return next((cost for cost in found.costs if cost.process == process), None)


def _answer(found: Comparison, chosen: str, names: Mapping[str, str], lang: Lang) -> str:
    cost, now = _cost(found, chosen), _cost(found, TODAY)
    if cost is None:
        return "Kein Verfahren kann das Teil herstellen." if lang == "de" else "No process can make the part."
    pieces = number(found.quantity, lang)
    price = amounts.between(cost.low, cost.high, lang)
    if lang == "de":
        beside = f", heute {amounts.euro(now.likely, lang)}" if now else ""
        return f"Bei {pieces} Stück: {names[chosen]} {price} je Stück{beside}."
    word = "piece" if found.quantity == 1 else "pieces"
    beside = f", today {amounts.euro(now.likely, lang)}" if now else ""
    return f"At {pieces} {word}: {names[chosen]} {price} each{beside}."


def machine_days(cost: UnitCost, held: Rates) -> int:
    """Return for how many days a quantity keeps one machine busy around the clock, 0 where that is not known."""
    way = held.ways.get(cost.process)
    rate = way.rates["machine_rate"].value.likely if way and "machine_rate" in way.rates else 0.0
    return ceil(cost.parts["machine"] * cost.quantity / rate / 24) if rate > 0 and "machine" in cost.parts else 0


def _sooner(found: Comparison, held: Rates, names: Mapping[str, str], lang: Lang) -> str:
    by = {cost.process: cost for cost in found.costs}
    fast = [name for name in found.sooner if machine_days(by[name], held) <= by[name].lead_days[1]]
    if not fast:
        return ""
    listed = ", ".join(names[name] for name in fast)
    return f"Schneller da als heute: {listed}." if lang == "de" else f"Sooner than today: {listed}."


def _saw(found: Comparison, lang: Lang) -> str:
    if not any(cost.process in ("sls", "mjf") for cost in found.costs):
        return ""
    if lang == "de":
        return "Bei SLS und MJF teilen sich Teile einen Bauraum: Der Preis sinkt, bis eine Reihe, eine Lage oder der Bauraum voll ist, und springt dann. Darum sieht die Kurve wie eine Säge aus."
    return "With SLS and MJF parts share a chamber: the price falls until a row, a layer or the chamber is full, and then jumps. That is why the curve looks like a saw."


def curve_rows(
    curves: Sequence[Curve], names: Mapping[str, str], quantity: int, shown: Sequence[str], lang: Lang
) -> tuple[tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    """Return the chart as a table: names of the ways shown, and for some quantities the cost of one piece by each."""
    drawn = [curve for curve in curves if curve.process in shown]
    if not drawn:
        return (), ()
    there = drawn[0].quantity
    wanted = sorted({*(n for n in _TABLE if n <= there[-1]), min(quantity, there[-1])})
    rows = []
    for n in wanted:
        at = min(range(len(there)), key=lambda place: abs(there[place] - n))
        cells = tuple(
            amounts.euro(curve.likely[at], lang)
            if curve.process == TODAY
            else amounts.between(curve.low[at], curve.high[at], lang)
            for curve in drawn
        )
        rows.append((number(there[at], lang), cells))
    return tuple(names[curve.process] for curve in drawn), tuple(rows)
