"""One model's result as people read it, in one language: page, PDF and the result kept in a case are made of this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.questionnaire.form import Form
from nordlotse.readiness.core import published, telling
from nordlotse.readiness.core.maturity import MaturityModel, ModelSource
from nordlotse.readiness.core.picture import FONT, Mark, Row, bars
from nordlotse.readiness.core.published import Beside
from nordlotse.readiness.core.radar import Axis, radar
from nordlotse.readiness.core.score import Blocking, PartScore, Point, Score


@dataclass(frozen=True, slots=True)
class Line:
    """A dimension: its number in the picture, name, value or bounds, level, and the published mean beside it ("" if none)."""

    number: int
    label: str
    value: str
    level: str
    beside: str


@dataclass(frozen=True, slots=True)
class Block:
    """What keeps the company from the next level: the question, the answer today, the one needed, and why."""

    question: str
    name: str
    answer: str
    needed: str
    reason: str


@dataclass(frozen=True, slots=True)
class Traced:
    """Where a point comes from: the question, the answer, the points as written, by which rule."""

    question: str
    answer: str
    points: str
    rule: str
    missing: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A model's result in one language.

    `first` is what keeps it from the next level (None at the top). `level` is the level's name, `number` the same as a number, `text` what it means, `value` the total as written with `unit`, `rounded` as one says it.
    `open` says why there are bounds, "" if there are none; `open_questions` are the names of the questions without an answer.
    `bars`, `radar` are SVG, `sentence` says the same in words; `trace` is by dimension.
    """

    id: str
    title: str
    level: str
    number: str
    text: str
    value: str
    rounded: str
    unit: str
    open: str
    open_questions: tuple[str, ...]
    lines: tuple[Line, ...]
    bars: str
    radar: str
    sentence: str
    beside_legend: str
    first: Block | None
    trace: tuple[tuple[str, tuple[Traced, ...]], ...]
    compared: tuple[Compared, ...]
    about: str
    limits: str
    attribution: str
    sources: tuple[ModelSource, ...]
    version: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A published distribution in one language: heading, picture, sentence, rows (level, share, is it here), and what it holds for."""

    about: str
    label: str
    picture: str
    sentence: str
    rows: tuple[tuple[str, str, bool], ...]
    scope: str
    n: str
    year: int
    source: str
    note: str


def shown(
    model: MaturityModel, score: Score, form: Form, lang: Lang, *, font: str = FONT, ground: bool = False
) -> Shown:
    """Return a scored model in words and pictures. `font`, `ground`: as for pictures shown away from our pages."""
    bands = telling.possible_bands(model, score.total, total=True)
    means = _means(model, score)
    legend = _legend(model, score, means, lang)
    return Shown(
        id=model.id,
        title=model.title.get(lang),
        level=telling.level_name(bands).get(lang),
        number=telling.level_number(bands, model).get(lang),
        text=" ".join(b.text.get(lang) for b in bands[:1] if len(bands) == 1),
        value=telling.span(score.total, model, lang),
        rounded=telling.about(score.total, model, lang),
        unit=telling.unit(model).get(lang),
        open=telling.why_open(score, model).get(lang),
        open_questions=tuple(dict.fromkeys(p.question for p in score.trace if p.state == "missing")),
        lines=tuple(_line(n, d, model, means, lang) for n, d in enumerate(score.dimensions, 1)),
        bars=bars(_rows(model, score, means, lang), _name(model, lang), legend=legend, font=font, ground=ground),
        radar=_radar(model, score, means, legend, lang, font, ground),
        sentence=telling.picture_sentence(score, model).get(lang),
        beside_legend=legend.get("published", ""),
        first=_first(score, form, lang),
        trace=_trace(score, form, model, lang),
        compared=tuple(_compared(b, lang, font, ground) for b in published.compared(model, score)),
        about=model.about.get(lang),
        limits=model.limits.get(lang),
        attribution=model.attribution.get(lang),
        sources=model.sources,
        version=model.version,
    )


def _name(model: MaturityModel, lang: Lang) -> str:
    return f"Stand je Bereich: {model.title.de}" if lang == "de" else f"Standing by area: {model.title.en}"


def _means(model: MaturityModel, score: Score) -> Mapping[str, Beside]:
    """Return the published distribution of each dimension, if there is one for every dimension: half a line compares nothing."""
    found = {b.about: b for b in published.compared(model, score) if b.about != "total"}
    whole = model.unit == "level" and all(d.id in found for d in score.dimensions if d.applies)
    return found if whole else {}


def _mean(model: MaturityModel, beside: Beside | None) -> float | None:
    value = published.mean_level(beside.published, model.dimension_bands) if beside else None
    return None if value is None else float(value / model.dimension_bands[-1].number)


def _legend(model: MaturityModel, score: Score, means: Mapping[str, Beside], lang: Lang) -> dict[str, str]:
    de = lang == "de"
    legend: dict[str, str] = {}
    if means or any(d.upper > d.lower for d in score.dimensions):
        legend["own"] = "Ihr Betrieb" if de else "Your company"
    if any(d.upper > d.lower for d in score.dimensions):
        legend["possible"] = "möglich, weil Antworten fehlen" if de else "possible, as answers are missing"
    if means:
        one = next(iter(means.values())).published
        legend["published"] = f"veröffentlichter Mittelwert {one.year}" if de else f"published mean of {one.year}"
    return legend


def _share(value: PartScore) -> tuple[float, float]:
    return (float(value.lower / value.top), float(value.upper / value.top)) if value.top else (0.0, 0.0)


def _rows(model: MaturityModel, score: Score, means: Mapping[str, Beside], lang: Lang) -> list[Row]:
    rows = []
    for number, part in enumerate(score.dimensions, 1):
        label = f"{number}  {part.label.get(lang)}"
        if not part.applies:
            rows.append(Row(label, (), "trifft nicht zu" if lang == "de" else "does not apply"))
            continue
        marks = [Mark("own", *_share(part), telling.span(part, model, lang))]
        if (mean := _mean(model, means.get(part.id))) is not None:
            marks.append(Mark("published", mean, mean, _beside(model, means.get(part.id), lang)))
        rows.append(Row(label, tuple(marks)))
    return rows


def _radar(
    model: MaturityModel,
    score: Score,
    means: Mapping[str, Beside],
    legend: Mapping[str, str],
    lang: Lang,
    font: str,
    ground: bool,
) -> str:
    parts = [d for d in score.dimensions if d.applies]
    axes = [Axis(d.label.get(lang), *_share(d), _mean(model, means.get(d.id))) for d in parts]
    rings = model.dimension_bands[-1].number if model.unit == "level" and model.dimension_bands else 4
    return radar(axes, _name(model, lang), rings=max(rings, 1), legend=legend, font=font, ground=ground)


def _beside(model: MaturityModel, beside: Beside | None, lang: Lang) -> str:
    value = published.mean_level(beside.published, model.dimension_bands) if beside else None
    return "" if value is None else telling.figure(value, lang)


def _line(number: int, part: PartScore, model: MaturityModel, means: Mapping[str, Beside], lang: Lang) -> Line:
    if not part.applies:
        return Line(number, part.label.get(lang), "–", "trifft nicht zu" if lang == "de" else "does not apply", "")
    level = telling.level_name(telling.possible_bands(model, part, total=False)) if model.dimension_bands else None
    return Line(
        number,
        part.label.get(lang),
        telling.span(part, model, lang),
        level.get(lang) if level else "",
        _beside(model, means.get(part.id), lang),
    )


def _first(score: Score, form: Form, lang: Lang) -> Block | None:
    """Return what blocks the next level of the total; None at the top, and where no single answer does."""
    found = next((b for b in score.blocking if not b.dimension), None)
    return _block(found, form, lang) if found and score.next_band else None


def _block(block: Blocking, form: Form, lang: Lang) -> Block:
    # the question stands above it already
    _, said, rest = block.reason.get(lang).partition("“: " if lang == "de" else "”: ")
    reason = rest[:1].upper() + rest[1:] if said and block.needed else block.reason.get(lang)
    return Block(
        question=telling.question_words(form, block.question).get(lang),
        name=block.question,
        answer=telling.answer_words(form, block.question, block.answer).get(lang),
        needed=telling.answer_words(form, block.question, block.needed).get(lang) if block.needed else "",
        reason=reason,
    )


def _trace(score: Score, form: Form, model: MaturityModel, lang: Lang) -> tuple[tuple[str, tuple[Traced, ...]], ...]:
    found: list[tuple[str, tuple[Traced, ...]]] = []
    for part in score.dimensions:
        points = [p for p in score.trace if p.path[:1] == (part.id,)]
        found.append((part.label.get(lang), tuple(_traced(p, form, model, lang) for p in points)))
    return tuple(found)


def _said(point: Point, form: Form) -> Text:
    """Say what was answered; a question that fell away was not asked."""
    if point.state == "not_applicable" and point.answer is None:
        return Text("nicht gefragt, trifft nicht zu", "not asked, does not apply")
    return telling.answer_words(form, point.question, point.answer)


def _traced(point: Point, form: Form, model: MaturityModel, lang: Lang) -> Traced:
    places = telling.places_of(model)
    if point.state == "not_applicable":
        points = "–"
    elif point.points is None:
        low, high = telling.figure(point.low, lang, places), telling.figure(point.high, lang, places)
        points = low if low == high else f"{low} – {high}"
    else:
        points = telling.figure(point.points, lang, places)
    return Traced(
        telling.question_words(form, point.question).get(lang),
        _said(point, form).get(lang),
        points,
        point.rule.get(lang),
        point.state == "missing",
    )


def _compared(beside: Beside, lang: Lang, font: str, ground: bool) -> Compared:
    p = beside.published
    rows = tuple(
        (f"{s.band.number} · {s.band.label.get(lang)}", f"{telling.figure(s.percent, lang)} %", s.here)
        for s in beside.shares
    )
    return Compared(
        beside.about,
        beside.label.get(lang),
        published.picture(beside, lang, font=font, ground=ground),
        published.sentence(beside).get(lang),
        rows,
        p.scope.get(lang),
        p.n,
        p.year,
        p.source,
        p.note.get(lang),
    )
