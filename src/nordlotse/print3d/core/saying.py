"""What was found in lines for the terminal, German or English."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nordlotse.foundation.language import Text
from nordlotse.foundation.records.figures import number
from nordlotse.print3d.core import amounts
from nordlotse.print3d.core.asking import About, Mended
from nordlotse.print3d.core.calibration import Calibration, Fit
from nordlotse.print3d.core.comparison import Comparison
from nordlotse.print3d.core.rates import GUIDE_VALUE, Rates
from nordlotse.print3d.core.repair import State
from nordlotse.print3d.core.values import Checked, Estimate, Finding, Proposal

_VERDICTS = {
    "yes": Text("ja", "yes"),
    "with_changes": Text("mit Änderungen", "with changes"),
    "no": Text("nein", "no"),
}
_SOUND = Text("geschlossen", "closed")
_OPEN = Text("nicht geschlossen", "not closed")
_UNITS = {"mm2": "mm²", "mm3": "mm³", "deg": "°"}


def file_lines(about: About, lang: str) -> Iterator[str]:
    """Yield what is to be known of how the file was read: its unit and why, its parts, remarks."""
    unit = Text("Einheit", "unit").get(lang)
    yield f"{about.name}: {unit} {about.unit.unit} (× {about.unit.factor:g} mm). {about.unit.reason.get(lang)}"
    if len(about.parts) > 1:
        named = ", ".join(about.parts[:20]) + (", …" if len(about.parts) > 20 else "")
        yield Text(f"{len(about.parts)} Teile: {named}", f"{len(about.parts)} parts: {named}").get(lang)
    yield from (note.get(lang) for note in about.notes)


def check_lines(found: Checked, lang: str) -> Iterator[str]:
    """Yield mesh, verdict per process and findings of a check."""
    facts = found.facts
    low, high = facts.bbox_mm
    size = " × ".join(_figure(b - a, lang) for a, b in zip(low, high, strict=True))
    state = (_SOUND if facts.watertight and facts.winding_ok else _OPEN).get(lang)
    volume = _figure(facts.volume_mm3 / 1000, lang)
    counted = Text(
        f"{number(facts.triangles, 'de')} Dreiecke, {facts.bodies} Körper, {state}",
        f"{number(facts.triangles, 'en')} triangles, {facts.bodies} bodies, {state}",
    )
    yield f"{counted.get(lang)}; {size} mm; {volume} cm³"
    for process, told in found.printable.items():
        reasons = " ".join(reason.get(lang) for reason in told.reasons)
        yield f"  {process.upper():<5} {_VERDICTS[told.verdict].get(lang)}: {reasons}"
    for one in found.findings:
        yield f"- {_finding(one, lang)}"
        yield f"    → {one.remedy.get(lang)}"


def _finding(one: Finding, lang: str) -> str:
    place = " | ".join(_figure(value, lang) for value in one.where)
    measured = ""
    if one.value is not None:
        unit = _UNITS.get(one.unit, one.unit)
        limit = ""
        if one.limit is not None:
            limit = Text(", Grenze ", ", limit ").get(lang) + f"{_figure(one.limit, lang)} {unit}"
        measured = f" {_figure(one.value, lang)} {unit}{limit}"
    whom = f" [{', '.join(one.processes)}]" if one.processes else ""
    at = Text("bei", "at").get(lang)
    return f"{one.code}:{measured} {at} {place} mm{whom}. {one.text.get(lang)}"


def _figure(value: float, lang: str) -> str:
    return number(float(amounts.rounded(float(value), 4)), lang)


def estimate_lines(made: Estimate, lang: str) -> Iterator[str]:
    """Yield time and filament with their bands."""
    time = amounts.duration(made.time_s, lang)
    band = amounts.span(amounts.duration(made.time_low_s, lang), amounts.duration(made.time_high_s, lang))
    mass = amounts.grams(made.filament_g, lang)
    held = amounts.span(amounts.grams(made.filament_low_g, lang), amounts.grams(made.filament_high_g, lang))
    support = amounts.grams(made.support_g, lang)
    how = Text(
        "geschätzt" if made.engine == "estimated" else "vom Slicer",
        "estimated" if made.engine == "estimated" else "sliced",
    ).get(lang)
    yield Text(f"Druckzeit {time} ({band}), {how}", f"print time {time} ({band}), {how}").get(lang)
    yield Text(
        f"Filament {mass} ({held}), davon Stützen {support}", f"filament {mass} ({held}), support {support} of it"
    ).get(lang)
    yield Text(f"{made.layers} Schichten, Profil {made.profile}", f"{made.layers} layers, profile {made.profile}").get(
        lang
    )
    yield from (f"! {warning.get(lang)}" for warning in made.warnings)


def orient_lines(found: Sequence[Proposal], lang: str) -> Iterator[str]:
    """Yield the proposals with their reasons and rotations; a way that was told already is only named."""
    told: list[Proposal] = []
    for one in found:
        support, time = _figure(one.support_mm3, lang), amounts.duration(one.time_s, lang)
        need = Text(f"Stützen {support} mm³, Druckzeit {time}", f"support {support} mm³, print time {time}").get(lang)
        yield f"{one.reason.get(lang)} {need}."
        same = next((other for other in told if (other.rotation == one.rotation).all()), None)
        told.append(one)
        if same is not None:
            yield Text("    dieselbe Lage wie oben", "    the same way as above").get(lang)
            continue
        yield from ("    " + "  ".join(f"{cell:8.4f}" for cell in row) for row in one.rotation)
        if one.heading_deg:
            turn = _figure(one.heading_deg, lang)
            yield Text(
                f"    danach {turn}° um z: lange Kanten längs der Achsen", f"    then {turn}° about z: long edges along the axes"
            ).get(lang)  # fmt: skip


def cost_lines(found: Comparison, held: Rates, lang: str) -> Iterator[str]:
    """Yield the cost per process, what is out and why, the verdict and the break-even sentences."""
    for cost in found.costs:
        name = held.ways[cost.process].name.get(lang) if cost.process in held.ways else Text("heute", "today").get(lang)
        price = amounts.between(cost.low, cost.high, lang)
        note = "" if cost.measured else f"  ({GUIDE_VALUE.get(lang)})"
        if cost.low == cost.high:
            price = amounts.euro(cost.likely, lang)
        yield f"{name:<28} {price}{note}"
    for process, why in found.left_out.items():
        yield f"{held.ways[process].name.get(lang):<28} – {why.get(lang)}"
    yield found.sentence.get(lang)
    yield from (one.sentence.get(lang) for one in found.break_even)


def repair_lines(made: Mended, lang: str) -> Iterator[str]:
    """Yield what was changed, and what was measured before and after."""
    if not made.changes:
        yield Text("Es gab nichts zu reparieren.", "There was nothing to repair.").get(lang)
    yield from (f"- {change.get(lang)}" for change in made.changes)
    yield Text("vorher:  ", "before: ").get(lang) + _state(made.before, lang)
    yield Text("nachher: ", "after:  ").get(lang) + _state(made.after, lang)
    if not made.after.watertight:
        yield Text(
            "! Das Netz ist noch nicht geschlossen; den Rest bitte im CAD-Programm ausbessern.",
            "! The mesh is still not closed; mend the rest in the CAD program.",
        ).get(lang)


def _state(state: State, lang: str) -> str:
    closed = (_SOUND if state.watertight and state.winding_ok else _OPEN).get(lang)
    volume = _figure(state.volume_mm3 / 1000, lang)
    return Text(
        f"{number(state.triangles, 'de')} Dreiecke, {state.bodies} Körper, {state.holes} Löcher, {state.crossings} Durchdringungen, {closed}, {volume} cm³",
        f"{number(state.triangles, 'en')} triangles, {state.bodies} bodies, {state.holes} holes, {state.crossings} crossings, {closed}, {volume} cm³",
    ).get(lang)  # fmt: skip


def calibration_lines(found: Calibration, lang: str) -> Iterator[str]:
    """Yield the factors with their intervals, and the rows left out."""
    yield Text(f"{found.jobs} Aufträge, Profil {found.profile}", f"{found.jobs} jobs, profile {found.profile}").get(
        lang
    )
    yield Text("Druckzeit", "print time").get(lang) + f" × {_fit(found.time, lang)}"
    yield Text("Filament", "filament").get(lang) + f" × {_fit(found.filament, lang)}"
    if found.left_out:
        rows = ", ".join(str(row) for row in found.left_out)
        yield Text(f"Ausreißer, nicht gerechnet: Zeilen {rows}", f"outliers, not counted: rows {rows}").get(lang)


def _fit(fit: Fit, lang: str) -> str:
    between = f"{_figure(fit.low, lang)} – {_figure(fit.high, lang)}"
    return f"{_figure(fit.factor, lang)} ({between}), ± {number(round(fit.band * 100), lang)} %"
