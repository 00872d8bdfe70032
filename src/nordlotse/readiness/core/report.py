"""The report as PDF (PDF/UA-1, ISO 14289-1): two pages, result and plan, set with Typst in German or English."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from typing import Any

from nordlotse.foundation.document import typeset
from nordlotse.foundation.language import Lang
from nordlotse.foundation.records import day
from nordlotse.readiness.core.planned import Before, Planned
from nordlotse.readiness.core.shown import Block, Shown

#: The font of the pictures in the report: the one that Typst brings along.
FONT = "Libertinus Serif"
#: So many letters of a text at most: with all of them at this length two pages still hold everything.
_SHORT, _LONG = 160, 420
_MOST_LINES, _MOST_SOURCES, _MOST_OTHERS, _MOST_BEFORE = 8, 6, 4, 3

_WORDS: Mapping[Lang, Mapping[str, str]] = {
    "de": {
        "title": "Reifegrad-Check: Ergebnis",
        "page1": "Seite 1 von 2",
        "page2": "Seite 2 von 2",
        "first": "Das kommt zuerst",
        "areas": "Ihr Stand je Bereich",
        "bars-name": "Balken: Stand je Bereich, Werte in der Tabelle",
        "radar-name": "Netz: Stand je Bereich, Werte in der Tabelle",
        "others-title": "Weitere Modelle",
        "compared-title": "Neben veröffentlichten Zahlen",
        "plan-title": "Reifegrad-Check: Plan",
        "why": "Warum:",
        "effort": "Eigene Arbeit:",
        "cost": "Ausgaben:",
        "leads": "Weiter:",
        "after-title": "Heute und nach dem Plan",
        "before-title": "Unabhängig von Punkten zuerst",
        "because": "Weil diese Antwort mit am meisten aufhält:",
        "no-plan": "Für dieses Modell gibt es noch keinen Plan.",
    },
    "en": {
        "title": "Readiness check: result",
        "page1": "page 1 of 2",
        "page2": "page 2 of 2",
        "first": "What comes first",
        "areas": "Where you stand by area",
        "bars-name": "Bars: standing by area, values in the table",
        "radar-name": "Radar: standing by area, values in the table",
        "others-title": "Further models",
        "compared-title": "Beside published figures",
        "plan-title": "Readiness check: plan",
        "why": "Why:",
        "effort": "Own work:",
        "cost": "Expenses:",
        "leads": "Next:",
        "after-title": "Today and after the plan",
        "before-title": "First, whatever it counts",
        "because": "Because this answer is among those that hold back most:",
        "no-plan": "There is no plan for this model yet.",
    },
}


@dataclass(frozen=True, slots=True)
class Report:
    """What the report says: the main model first, the plan, who issues it, the day.

    A kept check's link is not in it: a report is passed on, and whoever holds the link may change and delete the check.

    `action` is what to do first, "" where our list has nothing for it; `before` what to do whatever it counts.
    `places` are the names of where each step leads, by the measure's id. Pictures must be drawn with `FONT` and with ground.
    """

    results: tuple[Shown, ...]
    planned: Planned | None
    issuer: str
    made_on: date
    places: Mapping[str, Sequence[str]] = field(default_factory=dict)
    action: str = ""
    before: tuple[Before, ...] = ()


def report(told: Report, lang: Lang) -> bytes:
    """Return the PDF, always two pages. The same values give the same bytes."""
    data = {**_result(told, lang), **_plan(told, lang), "lang": lang}
    source = resources.files(__package__).joinpath("report.typ").read_bytes()
    return typeset(source, {"data": json.dumps(data, ensure_ascii=False)}, _seconds(told.made_on))


def _cut(text: str, most: int = _LONG) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _result(told: Report, lang: Lang) -> dict[str, Any]:
    words, main = _WORDS[lang], told.results[0]
    beside = any(line.beside for line in main.lines)
    head = ["Bereich", "Wert", "Stufe"] if lang == "de" else ["Area", "Value", "Level"]
    rows = [
        [_cut(f"{n.number}  {n.label}", _SHORT), n.value, _cut(n.level, _SHORT)] + ([n.beside or "–"] if beside else [])
        for n in main.lines[:_MOST_LINES]
    ]
    return {
        **{key: words[key] for key in ("title", "page1", "areas", "others-title", "compared-title", "radar-name")},
        "issuer": _cut(told.issuer, _SHORT) or "Nordlotse",
        "made": day(told.made_on, lang),
        "model-title": _cut(main.title, _SHORT),
        "level": _cut(main.level[:1].upper() + main.level[1:], _SHORT),
        "number-line": f"{main.number} · {main.value} ({main.unit})",
        "text": _cut(main.text),
        "open": _cut(main.open),
        "block": _block(main.first, told.action, lang) if main.first else None,
        "sentence": _cut(main.sentence),
        "bars": main.bars,
        "radar": main.radar,
        "picture-name": words["bars-name"],
        "line-head": head + ([_cut(main.beside_legend, _SHORT)] if beside else []),
        "line-columns": ["fill", "auto", "fill"] + (["fill"] if beside else []),
        "lines": rows,
        "others": [
            [_cut(o.title, _SHORT), _cut(f"{o.level}, {o.number}, {o.value} ({o.unit})", _SHORT), *_more(o)]
            for o in told.results[1 : 1 + _MOST_OTHERS]
        ],
        "compared": _compared(told.results, lang),
        "limits": _cut(f"{main.limits} {main.attribution}", 2 * _LONG),
        "sources": [_source(s.title, s.publisher, s.year) for s in main.sources[:_MOST_SOURCES]],
    }


def _block(block: Block, action: str, lang: Lang) -> dict[str, str]:
    words = _WORDS[lang]
    question, reason = _cut(block.question, _SHORT), _cut(block.reason)
    return {
        "title": words["first"],
        "question": _cut(action, _SHORT) or question,
        "reason": f"{words['because']} {question} {reason}" if action else reason,
    }


def _more(other: Shown) -> list[str]:
    """Return what a further model says beside its level: its areas, what the level means, what the model cannot do."""
    areas = "; ".join(f"{line.label} {line.value}" for line in other.lines[:_MOST_LINES])
    return [_cut(areas, 2 * _SHORT), _cut(other.text, _SHORT), _cut(other.limits, _SHORT)]


def _compared(results: Sequence[Shown], lang: Lang) -> list[list[str]]:
    """Return for each model its total beside what was published: sentence, and whom it holds for."""
    found = []
    for shown in results:
        for one in shown.compared:
            if one.about == "total":
                found.append(
                    [
                        _cut(f"{shown.title}: {one.sentence}"),
                        _cut(f"{one.scope[:1].upper()}{one.scope[1:]}. {one.source}"),
                    ]
                )
    return found[:2]


def _source(title: str, publisher: str, year: int | None) -> str:
    return _cut(", ".join(p for p in (title, publisher, str(year or "")) if p), _SHORT)


def _plan(told: Report, lang: Lang) -> dict[str, Any]:
    words, plan = _WORDS[lang], told.planned
    today, after = ("Heute", "Danach") if lang == "de" else ("Today", "After")
    return {
        **{
            key: words[key]
            for key in ("page2", "plan-title", "why", "effort", "cost", "leads", "after-title", "before-title")
        },
        "before": [
            f"{_cut(b.title, _SHORT)}. {_cut(b.text)} {words['effort']} {b.days}. {words['cost']} {b.cost}."
            for b in told.before[:_MOST_BEFORE]
        ],
        "verdict": _cut(plan.verdict) if plan else words["no-plan"],
        "totals": _totals(plan, lang) if plan and plan.steps else "",
        "plan-open": _cut(plan.open) if plan else "",
        "steps": [
            {
                "title": _cut(s.title, _SHORT),
                "text": _cut(s.text),
                "reason": _cut(s.why),
                "days": s.days,
                "cost": ", ".join(filter(None, [s.cost, s.yearly])),
                "source": _cut(s.source, _SHORT),
                "places": _cut("; ".join(told.places.get(s.id, ())), _LONG),
            }
            for s in (plan.steps if plan else ())
        ],
        "after-sentence": _cut(plan.sentence) if plan else "",
        "after-picture": plan.bars if plan else "",
        "after-head": ["Bereich" if lang == "de" else "Area", today, after],
        "after-rows": [[_cut(label, _SHORT), b, a] for label, b, a in (plan.rows if plan else ())][: _MOST_LINES + 1],
        "foot": _foot(told, lang),
    }


def _totals(plan: Planned, lang: Lang) -> str:
    cost = ", ".join(filter(None, [plan.cost, plan.yearly]))
    said = (
        f"Eigene Arbeit: {plan.days}. Ausgaben: {cost}."
        if lang == "de"
        else f"Own work: {plan.days}. Expenses: {cost}."
    )
    return " ".join(filter(None, [said, plan.over, plan.begins]))


def _foot(told: Report, lang: Lang) -> str:
    made = day(told.made_on, lang)
    if lang == "de":
        return f"Erstellt am {made} aus Ihren eigenen Angaben. Kosten sind Spannen, keine Angebote."
    return f"Made on {made} from your own answers. Costs are ranges, not offers."


def _seconds(made_on: date) -> int:
    return made_on.toordinal() * 86_400 - date(1970, 1, 1).toordinal() * 86_400
