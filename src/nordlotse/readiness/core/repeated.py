"""The rounds of one company side by side, in one language: per dimension as picture and table, per question what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from nordlotse.foundation.language import Lang
from nordlotse.foundation.questionnaire.form import Form
from nordlotse.readiness.core import telling
from nordlotse.readiness.core.change import Changed, ItemChange, PartChange, changed
from nordlotse.readiness.core.maturity import MaturityModel
from nordlotse.readiness.core.picture import FONT, Kind, Mark, Row, bars
from nordlotse.readiness.core.score import PartScore, Score


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """An area: its value in each round, and the difference of the two that are compared (its bounds where one is not known)."""

    label: str
    values: tuple[str, ...]
    difference: str
    names: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """Return each value with the name of its round, for rows that stand one below the other."""
        return tuple(zip(self.names, self.values, strict=True))


@dataclass(frozen=True, slots=True)
class ChangedItem:
    """A question whose answer changed: area, both answers, difference in points ("" where one is not known)."""

    area: str
    question: str
    before: str
    after: str
    difference: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """Rounds of one model in one language. `names` are the rounds' ("T0" …), `since` the two that are compared in words."""

    title: str
    version: str
    names: tuple[str, ...]
    sentence: str
    bars: str
    lines: tuple[ChangedLine, ...]
    items: tuple[ChangedItem, ...]
    same: int


def repeated(
    model: MaturityModel, scores: Sequence[tuple[str, Score]], form: Form, lang: Lang, *, font: str = FONT
) -> Repeated:
    """Return the rounds side by side; `scores` are name and score of at least two rounds, the oldest first, by the same rules."""
    names = tuple(name for name, _ in scores)
    found = changed(scores[0][1], scores[-1][1])
    total = "Gesamt" if lang == "de" else "Total"
    rows = [(total, [s.total for _, s in scores], found.total)]
    rows += [(part.label.get(lang), [s.dimension(part.id) for _, s in scores], part) for part in found.dimensions]
    name = "Stand je Bereich in jedem Durchgang" if lang == "de" else "Standing by area in each round"
    areas = {d.id: d.label.get(lang) for d in scores[0][1].dimensions}
    items = [i for i in found.items if i.changed]
    return Repeated(
        title=model.title.get(lang),
        version=model.version,
        names=names,
        sentence=_sentence(found, names, [s.total for _, s in scores], model, lang),
        bars=bars(
            [_row(label, names, parts, model, lang) for label, parts, _ in rows],
            name,
            legend=_legend([p for _, parts, _ in rows for p in parts], lang),
            font=font,
        ),
        lines=tuple(replace(_line(label, parts, change, model, lang), names=names) for label, parts, change in rows),
        items=tuple(_item(i, areas, form, model, lang) for i in items),
        same=len(found.items) - len(items),
    )


def _row(label: str, names: Sequence[str], parts: Sequence[PartScore], model: MaturityModel, lang: Lang) -> Row:
    marks = []
    for number, (name, part) in enumerate(zip(names, parts, strict=True), 1):
        if part.applies and part.top:
            shares = (float(part.lower / part.top), float(part.upper / part.top))
            kind: Kind = "own" if number == len(names) else "before"
            marks.append(Mark(kind, *shares, f"{name} {telling.span(part, model, lang)}"))
    return Row(label, tuple(reversed(marks)), "trifft nicht zu" if lang == "de" else "does not apply")


def _legend(parts: Sequence[PartScore], lang: Lang) -> dict[str, str]:
    if all(p.lower == p.upper for p in parts if p.applies):
        return {}
    return {"possible": "möglich, weil Antworten fehlen" if lang == "de" else "possible, as answers are missing"}


def _bounds(before: PartScore, after: PartScore, model: MaturityModel, lang: Lang) -> str:
    """Write the bounds of a difference that is not known: the least and the most that it can be."""
    places = telling.places_of(model)

    def signed(value: Fraction) -> str:
        return ("+" if value > 0 else "−" if value < 0 else "") + telling.figure(abs(value), lang, places)

    return (
        f"{signed(after.lower - before.upper)} {'bis' if lang == 'de' else 'to'} {signed(after.upper - before.lower)}"
    )


def _signed(change: PartChange | ItemChange, model: MaturityModel, lang: Lang) -> str:
    if change.difference is None:
        return ""
    value = telling.figure(abs(change.difference), lang, telling.places_of(model))
    if value == "0":
        return "0"
    return f"+{value}" if change.difference > 0 else f"−{value}"


def _line(label: str, parts: Sequence[PartScore], change: PartChange, model: MaturityModel, lang: Lang) -> ChangedLine:
    values = tuple(telling.span(p, model, lang) if p.applies else "–" for p in parts)
    applies = parts[0].applies and parts[-1].applies
    bounds = _bounds(parts[0], parts[-1], model, lang) if applies and change.difference is None else ""
    return ChangedLine(label, values, bounds or _signed(change, model, lang))


def _item(item: ItemChange, areas: dict[str, str], form: Form, model: MaturityModel, lang: Lang) -> ChangedItem:
    return ChangedItem(
        areas.get(item.dimension, ""),
        telling.question_words(form, item.question).get(lang),
        telling.answer_words(form, item.question, item.before.answer).get(lang),
        telling.answer_words(form, item.question, item.after.answer).get(lang),
        _signed(item, model, lang),
    )


def _sentence(
    found: Changed, names: Sequence[str], scores: Sequence[PartScore], model: MaturityModel, lang: Lang
) -> str:
    """Say how the total moved, and which areas moved most; nothing of why."""
    total = " ".join(filter(None, [_total(found, names, scores, model, lang), _level(scores, model, lang)]))
    up = [p.label.get(lang) for p in found.dimensions if p.difference is not None and p.difference > 0]
    down = [p.label.get(lang) for p in found.dimensions if p.difference is not None and p.difference < 0]
    said = [total]
    if up:
        said.append(f"{'Gestiegen' if lang == 'de' else 'Risen'}: {', '.join(up)}.")
    if down:
        said.append(f"{'Gesunken' if lang == 'de' else 'Fallen'}: {', '.join(down)}.")
    if not up and not down and found.total.difference == 0:
        said.append("Alle Bereiche stehen wie vorher." if lang == "de" else "All areas stand as before.")
    return " ".join(said)


def _level(totals: Sequence[PartScore], model: MaturityModel, lang: Lang) -> str:
    """Say whether the level is another one; nothing where it is not known in one of the two rounds."""
    first, last = (telling.possible_bands(model, total, total=True) for total in (totals[0], totals[-1]))
    if len(first) != 1 or len(last) != 1:
        return ""
    before, after = first[0].label.get(lang), last[0].label.get(lang)
    if first == last:
        return f"Die Stufe bleibt „{after}“." if lang == "de" else f"The level is still “{after}”."
    if lang == "de":
        return f"Die Stufe war „{before}“ und ist jetzt „{after}“."
    return f"The level was “{before}” and is now “{after}”."


def _between(total: PartScore, model: MaturityModel, lang: Lang) -> str:
    low, high = (telling.figure(v, lang, telling.places_of(model)) for v in (total.lower, total.upper))
    if low == high:
        return low
    return f"zwischen {low} und {high}" if lang == "de" else f"between {low} and {high}"


def _total(found: Changed, names: Sequence[str], totals: Sequence[PartScore], model: MaturityModel, lang: Lang) -> str:
    if found.total.before is None or found.total.after is None:
        before, after = _between(totals[0], model, lang), _between(totals[-1], model, lang)
        if lang == "de":
            return (
                f"Gesamt: {before} ({names[0]}), {after} ({names[-1]}). Genauer geht es nicht, weil Antworten fehlen."
            )
        return f"Total: {before} ({names[0]}), {after} ({names[-1]}). It cannot be told more exactly, as answers are missing."
    before, after = (telling.figure(v, lang, telling.places_of(model)) for v in (found.total.before, found.total.after))
    return f"{'Gesamt' if lang == 'de' else 'Total'}: {before} ({names[0]}), {after} ({names[-1]})."
