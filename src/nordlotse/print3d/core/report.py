"""The report of a checked part as PDF (PDF/UA-1, ISO 14289-1) in German or English: to hand on to a maker, a shop, a colleague.

What it needs comes in as values, pictures too; nothing is written to a disk.
"""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from importlib import resources
from typing import Any

from nordlotse.foundation.document import typeset
from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.records.figures import day, number
from nordlotse.print3d.core import amounts
from nordlotse.print3d.core.answering import foremost
from nordlotse.print3d.core.comparison import TODAY, Comparison, Today
from nordlotse.print3d.core.costs_told import Line, told
from nordlotse.print3d.core.limits_data import process_limits
from nordlotse.print3d.core.profile import profile
from nordlotse.print3d.core.rates import GUIDE_VALUE, Rates, rates
from nordlotse.print3d.core.report_words import PROPOSALS, VERDICTS, VOLUME, words
from nordlotse.print3d.core.seeing.colours import UNKNOWN, hex_of, legend, limit_of
from nordlotse.print3d.core.seeing.look import Numbered, numbered
from nordlotse.print3d.core.seeing.views import VIEW_NAMES, marks_in
from nordlotse.print3d.core.sentence import verdict_sentence
from nordlotse.print3d.core.values import Finding, Limits, MeshFacts, Process, Severity
from nordlotse.print3d.core.whole import Examined

#: Letters of a name at the foot and elsewhere, of a line, of a paragraph at most.
_FOOT, _NAME, _SHORT, _LONG = 48, 90, 180, 600
#: Findings told one by one, those on the first page, sources listed, sentences on break-even.
_MOST, _FIRST, _SOURCES, _BREAKS = 20, 3, 8, 4
#: Findings whose limit is a least measure: the smaller, the worse.
_LEAST = frozenset({"thin_wall", "thin_gap", "small_hole", "small_feature", "trapped_volume", "overhang"})
#: A word longer than this may be broken anywhere.
_UNBROKEN = 24
_UNITS: Mapping[str, str] = {"deg": "°", "mm2": " mm²", "mm3": " mm³", "mm": " mm"}
_WEIGHTS = {
    Severity.BLOCKS: Text("verhindert den Druck", "prevents printing"),
    Severity.RISK: Text("Risiko", "risk"),
    Severity.NOTE: Text("Hinweis", "hint"),
}


def report(
    examined: Examined,
    views: Mapping[str, bytes],
    comparison: Comparison | None,
    lang: Lang,
    made_on: date,
    *,
    today: Today | None = None,
    held: Rates | None = None,
    limits: Mapping[Process, Limits] | None = None,
    expires: date | None = None,
    issuer: str = "",
) -> bytes:
    """Return the PDF of a checked part, two to four pages. The same values give the same bytes.

    `views` are the six views as PNG by name (none where there are none). `today` and `held` are those the comparison was made with, `limits`
    those of the check; `expires`: when the part is deleted; `issuer` stands at the head of each page.
    """
    given = {str(name): one for name, one in (process_limits() if limits is None else limits).items()}
    data = {
        "lang": lang,
        "words": words(lang),
        "issuer": _line(issuer, _NAME) or "Nordlotse",
        "made": day(made_on, lang),
        "expires": day(expires, lang) if expires else "",
        **_part(examined, lang),
        **_pictures(examined, views, limits, lang),
        **_findings(examined, lang),
        **_reckoned(examined, lang),
        **_costs(examined, comparison, today, held or rates(), lang),
        "sources": _sources(examined, comparison, given, held or rates(), lang),
    }
    source = resources.files(__package__).joinpath("report.typ").read_bytes()
    seconds = (made_on - date(1970, 1, 1)).days * 86_400
    return typeset(source, {"data": json.dumps(data, ensure_ascii=False)}, seconds)


def _part(examined: Examined, lang: Lang) -> dict[str, Any]:
    checked, said = examined.checked, words(lang)
    facts = checked.facts
    low, high = facts.bbox_mm
    size = " × ".join(_short(top - base, lang) for base, top in zip(low, high, strict=True))
    unit = ". ".join(filter(None, [facts.unit, examined.unit.reason.get(lang)]))
    rows = [
        [said["file"], f"{_line(examined.name, _NAME)} ({examined.kind.upper()})"],
        [said["size"], f"{size} mm"],
        [said["volume"], _volume(facts, lang)],
        [said["area"], f"{_short(facts.area_mm2 / 100, lang)} cm²"],
        [said["unit"], _line(unit, _LONG)],
        [said["mesh"], _mesh(facts, lang)],
    ]
    if len(examined.parts) > 1:
        rows.append([said["parts"], _line(", ".join(examined.parts), _SHORT)])
    verdicts = [
        [
            name.upper(),
            VERDICTS[verdict.verdict].get(lang),
            _line(" ".join(reason.get(lang) for reason in verdict.reasons), _LONG),
        ]
        for name, verdict in checked.printable.items()
    ]
    return {
        "name": _line(examined.name, _NAME),
        "short-name": _line(examined.name, _FOOT),
        "verdict": verdict_sentence(checked.printable).get(lang),
        "facts": rows,
        "notes": [_line(note.get(lang), _LONG) for note in examined.notes[:_FIRST]],
        "verdicts": verdicts,
        "unchecked": checked.unchecked.get(lang),
        "rights": checked.rights.get(lang),
    }


def _volume(facts: MeshFacts, lang: Lang) -> str:
    text = f"{_short(facts.volume_mm3 / 1000, lang)} cm³"
    if facts.volume_from == "b-rep":
        return f"{text} ({VOLUME['b-rep'].get(lang)})"
    if facts.volume_tolerance is None:
        return f"{text} ({VOLUME['mesh'].get(lang)})"
    return f"{text} ({VOLUME['tolerance'].get(lang).format(_short(facts.volume_tolerance, lang))})"


def _mesh(facts: MeshFacts, lang: Lang) -> str:
    said = words(lang)
    closed = said["closed"] if facts.watertight else said["open"]
    bodies = f"{facts.bodies} {said['body'] if facts.bodies == 1 else said['bodies']}"
    return f"{number(facts.triangles, lang)} {said['triangles']}, {bodies}, {closed}"


def _pictures(
    examined: Examined, views: Mapping[str, bytes], limits: Mapping[Process, Limits] | None, lang: Lang
) -> dict[str, Any]:
    """Return the views, the one that shows most of what matters apart, and the legend of their colours."""
    said = words(lang)
    process = examined.wishes.process
    weights = {one.number: _weight(one) for one in numbered(examined.checked.findings)}
    shown = []
    for name, png in views.items():
        if name not in VIEW_NAMES:
            continue
        marks = sorted(marks_in(png))
        caption = VIEW_NAMES[name].get(lang)
        named = said["mark"] if len(marks) == 1 else said["marks"]
        told_marks = f"{named} {', '.join(map(str, marks))}" if marks else said["no-marks"]
        alt = f"{_line(examined.name, _NAME)}, {caption}; {told_marks}."
        score = sum(weights.get(mark, 0.0) for mark in marks)
        shown.append({"caption": caption, "marks": told_marks, "alt": alt, "picture": _svg(png), "score": score})
    best = max(shown, key=lambda view: float(view["score"]), default=None)
    limit = limit_of(process, limits)
    which = process.upper() if process else said["all-processes"]
    return {
        "views": shown,
        "best": best,
        "legend": [*([key.colour, key.text.get(lang)] for key in legend(limit)), [hex_of(UNKNOWN), said["unknown"]]],
        "legend-title": f"{said['thickness']} ({which}, {said['limit']} {_short(limit, lang)} mm)",
    }


def _weight(one: Numbered) -> float:
    """Return how much a mark speaks for a view: what matters most first."""
    return {Severity.BLOCKS: 100.0, Severity.RISK: 10.0, Severity.NOTE: 1.0}[one.finding.severity] + 1.0 / one.number


def _svg(png: bytes) -> str:
    """Return a picture as text, as the typesetter takes it without a file."""
    inside = base64.b64encode(png).decode("ascii")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="640" height="480">'
        f'<image width="640" height="480" xlink:href="data:image/png;base64,{inside}"/></svg>'
    )


def _findings(examined: Examined, lang: Lang) -> dict[str, Any]:
    said = words(lang)
    every = numbered(examined.checked.findings)
    grouped = _grouped(every)
    rows = [
        [
            str(one.number),
            _told_kind(one.finding, same, lang),
            " / ".join(_short(x, lang, 1) for x in one.finding.where),
            _measure(one.finding.value, one.finding.unit, lang),
            _measure(one.finding.limit or None, one.finding.unit, lang),
            one.finding.remedy.get(lang),
        ]
        for one, same in grouped[:_MOST]
    ]
    first = [
        [str(one.number), _first(one.finding, lang), one.finding.remedy.get(lang)] for one in _kinds(every)[:_FIRST]
    ]
    more = len(grouped) - len(rows)
    return {
        "findings": rows,
        "first": first,
        "count": said["nothing"] if not every else said["found-one"] if len(every) == 1 else said["found"].format(len(every)),
        "more": said["more"].format(number(more, lang)) if more > 0 else "",
    }  # fmt: skip


def _kinds(every: Sequence[Numbered]) -> list[Numbered]:
    """Return the weightiest finding of each kind that is more than a hint; hints where there is nothing else."""
    kinds: dict[str, Numbered] = {}
    for one in every:
        kinds.setdefault(one.finding.code, one)
    weighty = [one for one in kinds.values() if one.finding.severity is not Severity.NOTE]
    return weighty or list(kinds.values())


def _grouped(every: Sequence[Numbered]) -> list[tuple[Numbered, list[Finding]]]:
    """Return the findings by kind, each with its worst place: the smallest where a limit is a least measure, else the largest."""
    kinds: dict[str, list[Numbered]] = {}
    for one in every:
        kinds.setdefault(one.finding.code, []).append(one)
    return [(min(same, key=_badness), [one.finding for one in same]) for same in kinds.values()]


def _badness(one: Numbered) -> tuple[float, int]:
    value = one.finding.value
    if value is None:
        return 0.0, one.number
    return (value if one.finding.code in _LEAST else -abs(value)), one.number


def _told_kind(finding: Finding, same: Sequence[Finding], lang: Lang) -> str:
    """Return what a kind of finding says, how much it matters, by which processes, and at how many places."""
    said = words(lang)
    names = dict.fromkeys(name.upper() for one in same for name in one.processes)
    about = [_WEIGHTS[finding.severity].get(lang)]
    if names and all(one.processes for one in same):
        about.append(", ".join(names))
    if len(same) > 1:
        about.append(said["places"].format(number(len(same), lang)))
    return f"{finding.text.get(lang)} ({'; '.join(about)})"


def _first(finding: Finding, lang: Lang) -> str:
    """Return what was found, with the figures it rests on and for which processes it matters."""
    said = words(lang)
    told = []
    if finding.value is not None and finding.limit:
        value = _measure(finding.value, finding.unit, lang)
        told.append(f"{said['measured']} {value}, {said['limit']} {_measure(finding.limit, finding.unit, lang)}")
    if finding.processes:
        told.append(", ".join(name.upper() for name in finding.processes))
    return " ".join([finding.text.get(lang), *([f"({'; '.join(told)})"] if told else [])])


def _measure(value: float | None, unit: str, lang: Lang) -> str:
    if value is None:
        return "–"
    return f"{_short(value, lang)}{_UNITS.get(unit, f' {unit}' if unit else '')}"


def _reckoned(examined: Examined, lang: Lang) -> dict[str, Any]:
    """Return time and material under FDM with their bands, and the proposals how to lay the part."""
    said = words(lang)
    none = examined.not_reckoned.get(lang) if examined.not_reckoned else ""
    if examined.reckoned is None:
        return {"estimate": [], "engine": "", "not-reckoned": none, "warnings": [], "proposals": []}
    made = examined.reckoned.estimate
    sliced = made.engine == "sliced"
    support = amounts.grams(made.support_g, lang) if made.support_g > 0 else said["none"]
    rows = [
        [said["time"], amounts.duration(made.time_s, lang), _band(amounts.duration, made.time_low_s, made.time_high_s, lang)],
        [said["material"], amounts.grams(made.filament_g, lang), _band(amounts.grams, made.filament_low_g, made.filament_high_g, lang)],
        [said["support"], support, ""],
        [said["layers"], number(made.layers, lang), ""],
    ]  # fmt: skip
    density = profile(made.profile).values["density"] / 1000.0
    proposals = [
        [
            PROPOSALS[one.name].get(lang) if one.name in PROPOSALS else one.name,
            amounts.duration(one.time_s, lang),
            amounts.grams(one.support_mm3 * density, lang) if one.support_mm3 >= 1 else said["none"],
            f"{_short(one.height_mm, lang)} mm",
            one.reason.get(lang),
        ]
        for one in examined.proposals[:4]
    ]
    return {
        "estimate": rows,
        "engine": f"{said['sliced'] if sliced else said['estimated']} ({profile(made.profile).name.get(lang)})",
        "not-reckoned": none,
        "warnings": [_line(warning.get(lang), _LONG) for warning in made.warnings],
        "proposals": proposals,
    }


def _band(show: Any, low: float, high: float, lang: Lang) -> str:
    return amounts.span(show(low, lang), show(high, lang))


def _costs(
    examined: Examined, found: Comparison | None, today: Today | None, held: Rates, lang: Lang
) -> dict[str, Any]:
    said = words(lang)
    if found is None:
        return {"costs": None}
    text = told(found, held, _spoken(examined, found), today, examined.checked.printable, lang)
    return {
        "costs": {
            "title": said["costs"].format(number(found.quantity, lang)),
            "answer": " ".join(filter(None, [text.below, text.answer, text.means, text.cheaper])),
            "sentence": " ".join(filter(None, [text.sentence, text.sooner])),
            "measured": [_cost_row(line) for line in text.measured],
            "guides": [_cost_row(line) for line in text.guides],
            "guide": GUIDE_VALUE.get(lang),
            "breaks": list(text.breaks[:_BREAKS]),
            "out": [f"{name}: {_line(reason, _SHORT)}" for name, reason in text.left_out],
        }
    }


def _spoken(examined: Examined, found: Comparison) -> str:
    """Return the process the answer speaks of: as on the page, else the first way there is."""
    there = (cost.process for cost in found.costs if cost.process != TODAY)
    return foremost(found.costs, examined.checked.printable, examined.wishes.process) or next(there, "")


def _cost_row(line: Line) -> list[str]:
    name = f"{line.name}, {line.material}" if line.material else line.name
    return [_line(name, _SHORT), line.low, line.likely, line.high, line.lead, line.minimum, line.fits or "–"]


def _sources(
    examined: Examined, found: Comparison | None, limits: Mapping[str, Limits], held: Rates, lang: Lang
) -> list[str]:
    said = words(lang)
    listed = [
        f"{said['limits-of']} {name.upper()} ({day(limits[name].decided, lang)}): {limits[name].source.get(lang)}"
        for name in examined.checked.printable
        if name in limits
    ]
    ways = [held.ways[cost.process] for cost in found.costs if cost.process in held.ways] if found else []
    costs = {
        f"{rate.value.source.get(lang)} ({day(rate.value.decided, lang)})": None
        for way in ways
        for rate in way.rates.values()
    }
    return [
        _line(text, _LONG) for text in [*listed, *(f"{said['figures-of']}: {text}" for text in list(costs)[:_SOURCES])]
    ]


def _short(value: float, lang: Lang, places: int | None = None) -> str:
    """Write a figure with the digits that count."""
    held = round(float(value), (0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2) if places is None else places)
    return number(held + 0.0, lang) if held else "0"


def _line(text: str, most: int) -> str:
    """Return a text from outside as one line that can be set: without what cannot be seen, cut, very long words breakable."""
    seen = "".join(" " if letter.isspace() else letter for letter in text if letter.isspace() or _visible(letter))
    line = " ".join(seen.split())
    cut = line if len(line) <= most else line[: most - 1].rstrip() + "…"
    return " ".join(_breakable(word) for word in cut.split(" "))


def _visible(letter: str) -> bool:
    return unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def _breakable(word: str) -> str:
    if len(word) <= _UNBROKEN:
        return word
    return "\u200b".join(word[at : at + _UNBROKEN // 2] for at in range(0, len(word), _UNBROKEN // 2))
