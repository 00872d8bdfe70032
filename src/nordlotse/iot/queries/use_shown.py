"""The use of a machine as tables and pictures: key figures with their formulas, where the time went, the trend."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from nordlotse.foundation.language import Text
from nordlotse.iot.core.account import Account
from nordlotse.iot.core.drawing.bars import Bar, Column, bars, columns
from nordlotse.iot.core.drawing.svg import Size
from nordlotse.iot.core.measures import NO_REASON, loss_name
from nordlotse.iot.core.oee.catalogue import MAIN, catalogue
from nordlotse.iot.core.oee.spelling import inserted, spelled
from nordlotse.iot.core.oee.values import Evaluated
from nordlotse.iot.core.oee.written import duration, number, percent
from nordlotse.iot.core.periods import short_day
from nordlotse.iot.core.work_told import shown_at_most
from nordlotse.iot.queries.oee import GOOD, Use, by_day, shift_name

#: Losses drawn one by one; what is left of them is one bar.
_BARS = 9
_FURTHER = Text("weitere Verluste", "further losses")
#: Beside a bar there is room for a few words only.
_NO_REASON = Text("Stillstand ohne Grund", "stops without a reason")
_SIZES: tuple[Size, ...] = ("narrow", "wide")


def figures(found: Evaluated, lang: str, scrap: bool = True) -> list[dict[str, Any]]:
    """Return all key figures that could be computed and the four main ones, as rows of a table."""
    book = catalogue()
    rows = []
    for name, computed in found.figures.items():
        if computed.value is None and name not in MAIN:
            continue
        if name == "quality" and not scrap:
            continue
        figure = book.figures[name]
        rows.append(
            {
                "id": name,
                "name": figure.name.get(lang),
                "value": shown_at_most(computed.value, scrap).get(lang)
                if name == "oee"
                else _shown(computed.value, figure.unit, figure.scale, lang),
                "formula": spelled(figure, lang),
                "inserted": "" if computed.missing else inserted(figure, found, lang),
                "missing": [book.elements[m].name.get(lang) for m in computed.missing],
                "main": name in MAIN,
            }
        )
    return rows


def elements(found: Evaluated, lang: str) -> list[tuple[str, str, str, str]]:
    """Return the elements that went in: acronym, name, value in words, what it means."""
    book = catalogue()
    made = []
    for name, value in found.elements.items():
        one = book.elements[name]
        if one.kind == "time":
            shown = duration(value).get(lang)
        elif one.kind == "time_per_unit":
            shown = f"{number(value, 1).get(lang)} s"
        else:
            shown = number(value, 2).get(lang)
        made.append((name, one.name.get(lang), shown, one.about.get(lang)))
    return made


def account_pictures(told: Account, name: str, lang: str) -> list[str]:
    """Return where the planned time went in both widths: the losses in the order of the table, the small ones as one bar."""
    planned = duration(told.planned).get(lang)
    rows = [Bar(catalogue().elements["PBT"].name.get(lang), 0.0, float(told.planned), planned, "whole")]
    first = told.lines if len(told.lines) <= _BARS else told.lines[: _BARS - 1]
    for line in first:
        name_ = _NO_REASON if line.loss.reason == NO_REASON else loss_name(line.loss)
        rows.append(_bar(name_.get(lang), line.left, line.loss.seconds, lang))
    rest = told.lines[len(first) :]
    if rest:
        rows.append(_bar(_FURTHER.get(lang), rest[-1].left, sum((r.loss.seconds for r in rest), Fraction()), lang))
    if told.good is not None:
        rows.append(Bar(GOOD.get(lang), 0.0, float(told.good), duration(told.good).get(lang), "good"))
    return [bars(rows, name, size) for size in _SIZES]


def _bar(name: str, left: Fraction, seconds: Fraction, lang: str) -> Bar:
    return Bar(name[:1].upper() + name[1:], float(left), float(seconds), duration(seconds).get(lang), "loss")


def trend_columns(used: Use, lang: str) -> list[Column]:
    """Return the OEE of each shift of a period, or of each day where there are many."""
    if len(used.shifts) <= 9:
        return [
            Column(f"{short_day(s.day).get(lang)} {shift_name(s.name, lang)}" if len(used.shifts) <= 6 else short_day(s.day).get(lang), _float(s.found.value("oee")), s.revised)
            for s in used.shifts
        ]  # fmt: skip
    return [
        Column(short_day(day).get(lang), None if found is None else _float(found.value("oee")), revised)
        for day, found, revised in by_day(used.machine, used.period.begin, used.period.end)
    ]


def trend_pictures(rows: Sequence[Column], name: str, revised: str) -> list[str]:
    """Return the trend in both widths."""
    return [columns(rows, name, revised, size) for size in _SIZES]


def _shown(value: Fraction | None, unit: str, scale: int, lang: str) -> str:
    if value is None:
        return "–"
    if unit == "percent":
        return percent(value, 1).get(lang)
    return number(value * scale, 2).get(lang) + ("/h" if unit == "per_hour" else "")


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
