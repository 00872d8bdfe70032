"""What changed between rounds, over companies: paired, with intervals, and with those who did not come again beside it.

Both sides of a pair are scored with the same version of the model, from the answers of then. What companies did between the rounds is not
compared with companies that did nothing: the figures say what changed, never why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from nordlotse.foundation.language import Lang, Text
from nordlotse.readiness.core import release
from nordlotse.readiness.core.comparison import TOTAL, written
from nordlotse.readiness.core.maturity import MaturityModel
from nordlotse.readiness.core.telling import places_of
from nordlotse.readiness.models import Release, Sheet
from nordlotse.readiness.queries import comparison
from nordlotse.readiness.queries import models as known

#: The rounds compared: T0 before support, T1 about a year later, T2 about two years later.
PAIRS = ((0, 1), (1, 2), (0, 2))

#: The two cells: who made both rounds, and who should have made the second long ago.
STAYED, LOST = "stayed", "lost"

#: The name of the total in the earlier round among a cell's values: that of the comparison, for it is the same figure.
START = TOTAL

#: Between two rounds lies about a year; whoever has not come again this many days after that is lost.
_LATE_DAYS = 90


def changed(name: str) -> str:
    """Return the name of a change among a cell's values."""
    return f"change:{name}"


def name_of(model: str, pair: tuple[int, int]) -> str:
    """Return the name under which a pair's releases are kept."""
    return f"{model}|{pair[0]}-{pair[1]}"


def members(model: MaturityModel, pair: tuple[int, int]) -> list[release.Member]:
    """Return who made both rounds with their changes, and who made only the earlier one although the later is overdue."""
    before, after = _values(model, pair[0]), _values(model, pair[1])
    overdue = timezone.now() - timedelta(days=365 * (pair[1] - pair[0]) + _LATE_DAYS)
    found = []
    for key, (values, finished) in before.items():
        start = {START: values[TOTAL]}
        if key in after:
            later = after[key][0]
            moved = {changed(name): later[name] - value for name, value in values.items()}
            found.append(release.Member(release.token(key), (STAYED,), start | moved, key))
        elif finished < overdue:
            found.append(release.Member(release.token(key), (LOST,), start, key))
    return found


def _values(model: MaturityModel, number: int) -> dict[str, tuple[Mapping[str, float], Any]]:
    """Return by key what the agreeing companies reached in a round, and when."""
    keys = [check.pk for check in comparison.agreeing()]
    sheets = Sheet.objects.filter(
        lead=True, round__number=number, round__finished_at__isnull=False, round__check_of__in=keys
    ).select_related("round")
    found: dict[str, tuple[Mapping[str, float], Any]] = {}
    for sheet in sheets:
        values = comparison.values_of(model, sheet.answers) if model.id in sheet.round.models_asked else {}
        if values:
            found[sheet.round.check_of_id] = (values, sheet.round.finished_at)
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """One dimension or the total: its mean change and interval as written, "" where not shown."""

    label: str
    mean: str
    interval: str


@dataclass(frozen=True, slots=True)
class Change:
    """The change between two rounds. `n` 0: too few companies. `lost` None: fewer than five, or not to be told beside the others."""

    before: str
    after: str
    n: int
    as_of: date | None
    sentence: str
    lines: tuple[Line, ...]
    start: str
    lost: int | None
    lost_start: str


@dataclass(frozen=True, slots=True)
class Effects:
    """All changes of one model."""

    model: str
    title: str
    changes: tuple[Change, ...]

    @property
    def told(self) -> tuple[Change, ...]:
        """Return the changes of which something may be told."""
        return tuple(c for c in self.changes if c.n or c.lost)

    @property
    def silent(self) -> tuple[Change, ...]:
        """Return the changes with too few companies."""
        return tuple(c for c in self.changes if not (c.n or c.lost))


def effects(lang: Lang) -> list[Effects]:
    """Return what changed, per model on offer."""
    on_offer = known.available()
    last = comparison.last_releases([name_of(id, pair) for id in on_offer for pair in PAIRS])
    return [
        Effects(model.id, model.title.get(lang), tuple(_change(model, pair, last, lang) for pair in PAIRS))
        for model in on_offer.values()
    ]


def _change(model: MaturityModel, pair: tuple[int, int], last: Mapping[str, Release], lang: Lang) -> Change:
    cells = comparison.cells_of(last.get(name_of(model.id, pair)), model)
    stayed, lost = cells.get(STAYED), cells.get(LOST)
    before, after = f"T{pair[0]}", f"T{pair[1]}"
    labels = [(TOTAL, Text("Gesamt", "Total")), *((d.id, d.label) for d in model.dimensions)]
    return Change(
        before=before,
        after=after,
        n=stayed.n if stayed else 0,
        as_of=date.fromisoformat(stayed.as_of) if stayed else None,
        sentence=_sentence(model, stayed, before, after, lang) if stayed else "",
        lines=tuple(_line(model, stayed, name, label, lang) for name, label in labels) if stayed else (),
        start=_mean(model, stayed, START, lang),
        lost=lost.n if lost else None,
        lost_start=_mean(model, lost, START, lang),
    )


def _signed(value: float, lang: Lang, places: int) -> str:
    """Write a change with its sign; nought has none."""
    text = written(abs(value), lang, places)
    nothing = not any(c in "123456789" for c in text)
    return text if nothing else f"{'+' if value > 0 else '−'}{text}"


def _mean(model: MaturityModel, cell: release.Cell | None, name: str, lang: Lang) -> str:
    return written(cell.values[name][0], lang, places_of(model)) if cell and name in cell.values else ""


def _line(model: MaturityModel, cell: release.Cell, name: str, label: Text, lang: Lang) -> Line:
    found = cell.values.get(changed(name))
    if found is None:
        return Line(label.get(lang), "", "")
    mean, low, high = (_signed(v, lang, places_of(model)) for v in found)
    between = {"de": f"{low} bis {high}", "en": f"{low} to {high}"}[lang]
    return Line(label.get(lang), mean, between)


def _sentence(model: MaturityModel, cell: release.Cell, before: str, after: str, lang: Lang) -> str:
    line = _line(model, cell, TOTAL, Text("", ""), lang)
    if not line.mean:
        return {
            "de": f"{cell.n} Betriebe haben {before} und {after} gemacht.",
            "en": f"{cell.n} companies made {before} and {after}.",
        }[lang]
    return {
        "de": f"{cell.n} Betriebe haben {before} und {after} gemacht. Ihr Gesamtwert änderte sich im Mittel um {line.mean}"
        f" (95-%-Intervall {line.interval}).",
        "en": f"{cell.n} companies made {before} and {after}. Their total changed by {line.mean} on average"
        f" (95 % interval {line.interval}).",
    }[lang]
