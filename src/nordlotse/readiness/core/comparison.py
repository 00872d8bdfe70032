"""A company beside own participants: which published group it stands in, widened in a fixed order until there is one.

The order is the tree's own, from narrow to wide: size, sector and state → size and sector → size → all. It is shown with the result, so
that everybody sees which groups had too few companies. Whoever makes a check has chosen to: they are no sample of anything, and it is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.region import State
from nordlotse.foundation.sectors import Size, sections
from nordlotse.readiness.core.maturity import MaturityModel
from nordlotse.readiness.core.picture import FONT, Mark, Row, bars
from nordlotse.readiness.core.release import ALL, Cell, cells_of
from nordlotse.readiness.core.score import PartScore, Score
from nordlotse.readiness.core.telling import places_of, unit

#: The name of the total among a cell's values.
TOTAL = "total"

_ALL = Text("alle Betriebe", "all companies")


@dataclass(frozen=True, slots=True)
class Tried:
    """One group on the way from narrow to wide: what it is called, and whether enough companies are in it."""

    cell: str
    label: Text
    enough: bool


@dataclass(frozen=True, slots=True)
class Peer:
    """One line: dimension or total, the group's mean and interval as written ("" where not shown), and the company's own value."""

    label: str
    mean: str
    interval: str
    own: str


@dataclass(frozen=True, slots=True)
class Peers:
    """Own participants beside one result in one language. `n` 0: too few companies in every group, then there are no lines.

    `tried` are the groups from narrow to wide up to the one shown; `as_of` is the day the figures were worked out.
    """

    group: str
    n: int
    as_of: date | None
    sentence: str
    note: str
    tried: tuple[tuple[str, bool], ...]
    lines: tuple[Peer, ...]
    picture: str
    unit: str


def label_of(cell: str) -> Text:
    """Return a cell's name for people: "small/C/HH" is "10 bis 49 Beschäftigte, Verarbeitendes Gewerbe, Hamburg"."""
    if cell == ALL:
        return _ALL
    size, *rest = cell.split("/")
    parts = [Size(size).label]
    parts += [sections()[part] if number == 0 else State(part).label for number, part in enumerate(rest)]
    return Text(", ".join(p.de for p in parts), ", ".join(p.en for p in parts))


def widened(cells: Mapping[str, Cell], size: str, sector: str, state: str) -> tuple[Tried, ...]:
    """Return the groups of a company from narrow to wide, up to the first with enough companies."""
    tried: list[Tried] = []
    for cell in reversed(cells_of(size, sector, state)):
        tried.append(Tried(cell, label_of(cell), cell in cells))
        if cell in cells:
            break
    return tuple(tried)


def peers(
    model: MaturityModel,
    score: Score | None,
    cells: Mapping[str, Cell],
    place: tuple[str, str, str],
    lang: Lang,
    *,
    font: str = FONT,
) -> Peers:
    """Return own participants beside a result. `place` is (size class, section, state), "" what is not known."""
    tried = widened(cells, *place)
    found = tried[-1] if tried[-1].enough else None
    if found is None:
        return Peers("", 0, None, _TOO_FEW.get(lang), _NOTE.get(lang), _shown(tried, lang), (), "", "")
    cell = cells[found.cell]
    parts = _parts(model, score)
    return Peers(
        group=found.label.get(lang),
        n=cell.n,
        as_of=date.fromisoformat(cell.as_of),
        sentence=_sentence(model, score, cell, found.label, lang),
        note=_NOTE.get(lang),
        tried=_shown(tried, lang),
        lines=tuple(_line(model, label, name, part, cell, lang) for name, label, part in parts),
        picture=_picture(model, parts, cell, found.label, lang, font),
        unit=unit(model).get(lang),
    )


_TOO_FEW = Text(
    "Zu wenige Betriebe: In keiner Gruppe, zu der Sie gehören, haben schon fünf Betriebe dem Vergleich zugestimmt, oder ihre Zahlen"
    " ließen sich auf weniger als fünf zurückrechnen.",
    "Too few companies: in no group you belong to have five companies agreed to the comparison yet, or their figures could be worked"
    " back to fewer than five.",
)
_NOTE = Text(
    "Wer den Check macht und dem Vergleich zustimmt, hat das selbst entschieden. Diese Betriebe sind keine Stichprobe: Über alle"
    " Betriebe im Norden sagen die Werte nichts.",
    "Whoever makes the check and agrees to the comparison chose to do so. These companies are no sample: the figures say nothing about"
    " all companies in the north.",
)


def _shown(tried: Sequence[Tried], lang: Lang) -> tuple[tuple[str, bool], ...]:
    return tuple((t.label.get(lang), t.enough) for t in tried)


def _parts(model: MaturityModel, score: Score | None) -> list[tuple[str, Text, PartScore | None]]:
    """Return the total and the dimensions by name, each with the company's own value."""
    own = {d.id: d for d in score.dimensions} if score else {}
    total = (TOTAL, Text("Gesamt", "Total"), score.total if score else None)
    return [total, *((d.id, d.label, own.get(d.id)) for d in model.dimensions)]


def written(value: float, lang: Lang, places: int) -> str:
    """Write a figure with so many decimals: "41,3" in German, "41.3" in English."""
    text = f"{value:.{places}f}"
    return text if lang == "en" else text.replace(".", ",")


def _range(low: float, high: float, model: MaturityModel, lang: Lang) -> str:
    places, top = places_of(model), float(model.top)
    return f"{written(max(low, 0.0), lang, places)} – {written(min(high, top), lang, places)}"


def _own(part: PartScore | None, model: MaturityModel, lang: Lang) -> str:
    if part is None or not part.applies:
        return ""
    if part.value is not None:
        return written(float(part.value), lang, places_of(model))
    return _range(float(part.lower), float(part.upper), model, lang)


def _line(model: MaturityModel, label: Text, name: str, part: PartScore | None, cell: Cell, lang: Lang) -> Peer:
    own = _own(part, model, lang)
    if name not in cell.values:
        return Peer(label.get(lang), "", "", own)
    mean, low, high = cell.values[name]
    return Peer(label.get(lang), written(mean, lang, places_of(model)), _range(low, high, model, lang), own)


def _sentence(model: MaturityModel, score: Score | None, cell: Cell, group: Text, lang: Lang) -> str:
    if TOTAL not in cell.values:
        return {
            "de": f"{cell.n} Betriebe in der Gruppe „{group.de}“ haben zugestimmt; ihr Gesamtwert wird nicht gezeigt, weil er bei allen gleich ist.",
            "en": f"{cell.n} companies in the group “{group.en}” have agreed; their total is not shown because all have the same.",
        }[lang]
    mean, low, high = cell.values[TOTAL]
    places, of = places_of(model), unit(model)
    value, between = written(mean, lang, places), _range(low, high, model, lang)
    said = {
        "de": f"{cell.n} Betriebe in der Gruppe „{group.de}“ haben zugestimmt. Ihr Mittelwert im Gesamten ist {value} {of.de}"
        f" (95-%-Intervall {between}).",
        "en": f"{cell.n} companies in the group “{group.en}” have agreed. Their mean in total is {value} {of.en}"
        f" (95 % interval {between}).",
    }[lang]
    return f"{said} {_beside(score, low, high, lang)}".strip()


def _beside(score: Score | None, low: float, high: float, lang: Lang) -> str:
    """Say how the company stands to the group's interval, if its own bounds allow it."""
    if score is None:
        return ""
    if float(score.total.lower) > high:
        return {"de": "Sie stehen darüber.", "en": "You stand above it."}[lang]
    if float(score.total.upper) < low:
        return {"de": "Sie stehen darunter.", "en": "You stand below it."}[lang]
    if low <= float(score.total.lower) and float(score.total.upper) <= high:
        return {"de": "Sie stehen mitten darin.", "en": "You stand within it."}[lang]
    return {
        "de": "Ob Sie darüber oder darunter stehen, hängt an Ihren offenen Antworten.",
        "en": "Whether you stand above or below it depends on your open answers.",
    }[lang]


def _top(part: PartScore | None, model: MaturityModel) -> float:
    return float(part.top) if part is not None and part.top else float(model.top)


def _picture(
    model: MaturityModel,
    parts: Sequence[tuple[str, Text, PartScore | None]],
    cell: Cell,
    group: Text,
    lang: Lang,
    font: str,
) -> str:
    rows = []
    for name, label, part in parts:
        top = _top(part, model)
        marks = []
        if part is not None and part.applies:
            marks.append(Mark("own", float(part.lower) / top, float(part.upper) / top, _own(part, model, lang)))
        if name in cell.values:
            mean, low, high = cell.values[name]
            said = written(mean, lang, places_of(model))
            marks.append(Mark("published", max(low, 0.0) / top, min(high, top) / top, said))
        rows.append(Row(label.get(lang), tuple(marks), {"de": "nicht gezeigt", "en": "not shown"}[lang]))
    legend = {
        "own": {"de": "Ihr Betrieb", "en": "Your company"}[lang],
        "published": {
            "de": f"{group.de}, n = {cell.n}: Mittelwert mit 95-%-Intervall (gestrichelt)",
            "en": f"{group.en}, n = {cell.n}: mean with 95 % interval (dashed)",
        }[lang],
    }
    if _nobody(parts):
        legend.pop("own")
    name = {"de": "Ihr Betrieb und teilnehmende Betriebe", "en": "Your company and participating companies"}[lang]
    return bars(rows, name, legend=legend, font=font)


def _nobody(parts: Sequence[tuple[str, Text, PartScore | None]]) -> bool:
    return all(part is None for _, _, part in parts)
