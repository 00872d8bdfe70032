"""What a checked part hands upwards: for a case, a talk, a file. Without its link: whoever holds that may change and delete the part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.records.figures import day, number
from nordlotse.foundation.result import Figure, Result
from nordlotse.print3d.core import amounts
from nordlotse.print3d.core.comparison import Comparison
from nordlotse.print3d.core.limits_data import process_limits
from nordlotse.print3d.core.rates import GUIDE_VALUE, rates
from nordlotse.print3d.core.seeing.look import Numbered, numbered
from nordlotse.print3d.core.seeing.picture import read_picture
from nordlotse.print3d.core.sentence import short_verdict, verdict_sentence
from nordlotse.print3d.core.sketch import sketch
from nordlotse.print3d.core.values import Finding, Severity, UnitCost
from nordlotse.print3d.core.whole import Examined
from nordlotse.print3d.queries import costs, parts
from nordlotse.print3d.queries.costs import Glance
from nordlotse.print3d.queries.parts import KeptPart

#: What a checked part is called where results stand side by side.
KIND = "print_check"
#: So many kinds of findings are told one by one; in the summary the first few.
_TOLD, _FIRST = 8, 3
#: Longest summary a case takes.
_SUMMARY = 2_000

_UNITS: Mapping[str, str] = {"deg": "°", "mm2": " mm²", "mm3": " mm³", "mm": " mm"}
_WORDS: Mapping[str, Text] = {
    "yes": Text("druckbar", "printable"),
    "with_changes": Text("mit Änderungen druckbar", "printable with changes"),
    "no": Text("nicht druckbar", "not printable"),
}
_ESTIMATED = Text(
    "geschätzt mit der Zeitschätzung von Nordlotse, gemessen an Slicer-Ergebnissen",
    "estimated by Nordlotse, measured against a slicer's results",
)
_SLICED = Text("vom Slicer gerechnet", "reckoned by the slicer")


@dataclass(frozen=True, slots=True)
class Grouped:
    """Findings of one kind: the number and the finding of the weightiest, and at how many places there are some."""

    number: int
    finding: Finding
    places: int


def grouped(examined: Examined) -> tuple[Grouped, ...]:
    """Return the findings by kind, the one that matters most first, with the numbers of the result page."""
    first: dict[str, Numbered] = {}
    many: dict[str, int] = {}
    for one in numbered(examined.checked.findings):
        first.setdefault(one.finding.code, one)
        many[one.finding.code] = many.get(one.finding.code, 0) + 1
    return tuple(Grouped(one.number, one.finding, many[code]) for code, one in first.items())


def title(kept: KeptPart, lang: Lang) -> str:
    """Return what a part's check is called in a list: its name and the best news."""
    head = f"{'Druckprüfung' if lang == 'de' else 'Print check'}: {kept.name}"
    return f"{head}: {short_verdict(kept.examined.checked.printable).get(lang)}" if kept.examined else head


def as_result(kept: KeptPart, lang: Lang) -> Result | None:
    """Return the check of a part as a result of the house, with a drawing; None while nothing was found out yet."""
    examined = kept.examined
    if examined is None:
        return None
    kinds, compared, seen = grouped(examined), costs.compared_as_kept(kept)[0], costs.glance(kept, lang)
    drawing, told = _drawing(kept, kinds[:_TOLD], lang)
    return Result(
        kind=KIND,
        lang=lang,
        title=title(kept, lang),
        summary=_summary(examined, kinds, compared, seen, lang),
        figures=(*_figures(examined, compared, seen, lang), *(_found(one, lang) for one in kinds[:_TOLD])),
        sources=tuple(_sources(examined, lang)),
        picture=drawing,
        picture_text=told,
    )


def _summary(
    examined: Examined, kinds: tuple[Grouped, ...], compared: Comparison | None, seen: Glance | None, lang: Lang
) -> str:
    checked = examined.checked
    weighty = [one for one in kinds if one.finding.severity is not Severity.NOTE] or list(kinds)
    said = [
        verdict_sentence(checked.printable).get(lang),
        *(one.finding.text.get(lang) for one in weighty[:_FIRST]),
        _priced(seen, lang) if seen else "",
        compared.sentence.get(lang) if compared else "",
        examined.not_reckoned.get(lang) if examined.not_reckoned else "",
        checked.unchecked.get(lang),
    ]
    return " ".join(filter(None, said))[:_SUMMARY]


def _priced(seen: Glance, lang: Lang) -> str:
    guide = f", {seen.guide}" if seen.guide else ""
    if lang == "de":
        return f"{seen.name}: {seen.cost_range} je Stück bei {seen.quantity} Stück{guide}."
    return f"{seen.name}: {seen.cost_range} per piece at {seen.quantity} pieces{guide}."


def _figures(examined: Examined, compared: Comparison | None, seen: Glance | None, lang: Lang) -> Iterator[Figure]:
    """Yield size, time, material and cost first (a case's short form shows four), then the other costs, volume and each process."""
    de = lang == "de"
    facts = examined.checked.facts
    low, high = facts.bbox_mm
    size = " × ".join(number(round(float(b - a), 1), lang) for a, b in zip(low, high, strict=True))
    yield Figure("Maße" if de else "Size", f"{size} mm", examined.unit.reason.get(lang))
    if seen is not None:
        source = (_SLICED if seen.sliced else _ESTIMATED).get(lang) if not seen.guide else seen.guide
        yield Figure(f"{'Druckzeit' if de else 'Print time'}, {seen.name}", f"{seen.time} ({seen.time_range})", source)
        yield Figure(f"Material, {seen.name}", f"{seen.mass} ({seen.mass_range}), {seen.material}", source)
    if compared is not None:
        shown = seen.process if seen else ""
        yield from (_price(cost, lang) for cost in sorted(compared.costs, key=lambda c: c.process != shown))
    volume = number(round(facts.volume_mm3 / 1000, 1), lang)
    yield Figure("Volumen" if de else "Volume", f"{volume} cm³", "B-Rep" if facts.volume_from == "b-rep" else "")
    for name, verdict in examined.checked.printable.items():
        yield Figure(name.upper(), _WORDS[verdict.verdict].get(lang) + _reasons(verdict.reasons, lang))


def _reasons(reasons: Iterable[Text], lang: Lang) -> str:
    told = " ".join(reason.get(lang) for reason in reasons)
    return f": {told}" if told else ""


def _price(cost: UnitCost, lang: Lang) -> Figure:
    de = lang == "de"
    way = rates().ways.get(cost.process)
    name = way.name.get(lang) if way else ("heute" if de else "today")
    label = f"Kosten je Stück bei {cost.quantity}, {name}" if de else f"Cost per piece at {cost.quantity}, {name}"
    if way is None:
        return Figure(label, amounts.euro(cost.likely, lang), "Angabe des Betriebs" if de else "stated by the company")
    source = (
        "Zeit und Material gemessen, Kostenwerte eigene Schätzung"
        if de
        else "time and material measured, cost figures own estimates"
    )
    return Figure(label, amounts.between(cost.low, cost.high, lang), source if cost.measured else GUIDE_VALUE.get(lang))


def _found(one: Grouped, lang: Lang) -> Figure:
    """Return a kind of finding: what was measured, the limit, where, what helps."""
    de, f = lang == "de", one.finding
    measured = ""
    if f.value is not None:
        measured = f" {'Gemessen' if de else 'Measured'}: {_measure(f.value, f.unit, lang)}"
        measured += f", {'Grenze' if de else 'limit'}: {_measure(f.limit, f.unit, lang)}." if f.limit else "."
    places = f" {'An' if de else 'At'} {one.places} {'Stellen' if de else 'places'}." if one.places > 1 else ""
    where = " / ".join(number(round(x, 1) + 0.0, lang) for x in f.where)
    at = f" {'Ort (x, y, z)' if de else 'Place (x, y, z)'}: {where} mm."
    return Figure(
        f"{'Befund' if de else 'Finding'} {one.number}",
        f"{f.text.get(lang)}{measured}{places}{at} {f.remedy.get(lang)}",
        _limit_source(f, lang),
    )


def _measure(value: float, unit: str, lang: Lang) -> str:
    held = round(value, 2) if abs(value) < 10 else round(value, 1) if abs(value) < 1000 else round(value)
    return f"{number(held, lang)}{_UNITS.get(unit, f' {unit}' if unit else '')}"


def _limit_source(finding: Finding, lang: Lang) -> str:
    limits = {str(name): one for name, one in process_limits().items()}
    name = finding.processes[0] if finding.processes else ""
    return limits[name].source.get(lang) if finding.limit and name in limits else ""


def _sources(examined: Examined, lang: Lang) -> Iterable[str]:
    limits = {str(name): one for name, one in process_limits().items() if str(name) in examined.checked.printable}
    said = "Grenzwerte" if lang == "de" else "limits"
    told = [f"{said} {n.upper()} ({day(one.decided, lang)}): {one.source.get(lang)}" for n, one in limits.items()]
    held = {rate.value for n in limits if (way := rates().ways.get(n)) for rate in way.rates.values()}
    said = "Kostenwerte" if lang == "de" else "cost figures"
    told += sorted({f"{said} ({day(value.decided, lang)}): {value.source.get(lang)}" for value in held})
    return dict.fromkeys(told)


def _drawing(kept: KeptPart, kinds: tuple[Grouped, ...], lang: Lang) -> tuple[str, str]:
    """Return the part from obliquely above with the numbers of its findings, and the same in words; nothing without the picture's data."""
    data = parts.content(kept.key, parts.PICTURE)
    if data is None:
        return "", ""
    try:
        head, arrays = read_picture(data)
    except (ValueError, KeyError):
        return "", ""
    vertices = arrays["vertices"].astype(np.float64) + np.asarray(head["origin"])
    names = "; ".join(f"{one.number} {one.finding.text.get(lang).rstrip('.')}" for one in kinds)
    told = f"{kept.name} {'von schräg oben' if lang == 'de' else 'from obliquely above'}" + (
        f": {names}" if names else ""
    )
    places = {one.number: one.finding.where for one in kinds}
    return sketch(vertices, arrays["faces"].astype(np.int32), places, told), told
