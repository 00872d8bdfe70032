"""A plan as people read it, in one language: steps in order with reason, days and cost, totals, and where it leads to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nordlotse.foundation.language import NOTHING, Lang, Text
from nordlotse.foundation.questionnaire.form import Form
from nordlotse.foundation.records import day, euros, number
from nordlotse.readiness.core import money, telling
from nordlotse.readiness.core.maturity import MaturityModel
from nordlotse.readiness.core.measure import Measure, Plan, Pointer, Step
from nordlotse.readiness.core.picture import FONT, Kind, Mark, Row, bars
from nordlotse.readiness.core.rounds import Price
from nordlotse.readiness.core.score import PartScore, Score


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that a step changes: the question, the answer today, the answer after."""

    question: str
    today: str
    after: str


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step in words. `days`, `cost` are ranges with the likely value; `source` says where the cost comes from and when decided.

    `why` is short: what it changes for the better, and what the total gains; `reason` is the plan's own, with every answer named.
    """

    number: int
    id: str
    title: str
    text: str
    why: str
    reason: str
    days: str
    cost: str
    yearly: str
    source: str
    changes: tuple[Change, ...]
    pointers: tuple[Pointer, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan in one language.

    `verdict` is the one sentence that counts: reached, or not and what is best. `open` says what is not known ("" if all is),
    `open_questions` are those questions' names. `yearly` is what comes again every year, `over` that the upper costs exceed the
    budget ("" otherwise). `begins` says why it begins elsewhere than at what blocks most. `bars` is SVG of today and after, `rows` the same as a table.
    """

    model: str
    verdict: str
    reached: bool
    steps: tuple[PlannedStep, ...]
    days: str
    cost: str
    yearly: str
    over: str
    before: str
    after: str
    open: str
    open_questions: tuple[str, ...]
    bars: str
    sentence: str
    rows: tuple[tuple[str, str, str], ...]
    begins: str = ""


def after_plan(answers: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """Return the answers as they will be when every step is done."""
    made = dict(answers)
    for step in plan.steps:
        for question, _, after in step.changes:
            made[question] = after
    return made


@dataclass(frozen=True, slots=True)
class Before:
    """What to do before any plan, in words."""

    id: str
    title: str
    text: str
    days: str
    cost: str


def told_before(measure: Measure, lang: Lang) -> Before:
    """Return a measure to name before the plan, in one language."""
    cost = measure.cost
    return Before(
        measure.id,
        measure.title.get(lang),
        measure.text.get(lang),
        days_words(measure.days, lang),
        cost_words((cost.low, cost.likely, cost.high), lang),
    )


def days_words(days: Sequence[float], lang: Lang) -> str:
    """Say days of own work: "2 Tage", "ein halber Tag", or "0,5 bis 4 Tage, wahrscheinlich 2"."""
    low, likely, high = days
    word = ("Tag" if high == 1 else "Tage") if lang == "de" else ("day" if high == 1 else "days")
    if low == high == 0.5:
        return "ein halber Tag" if lang == "de" else "half a day"
    if low == high:
        return f"{number(low, lang)} {word}"
    between, likely_word = ("bis", "wahrscheinlich") if lang == "de" else ("to", "likely")
    return f"{number(low, lang)} {between} {number(high, lang)} {word}, {likely_word} {number(likely, lang)}"


def cost_words(cost: Sequence[int], lang: Lang) -> str:
    """Say a cost: "keine", "500 Euro", or "0 bis 2.000 Euro, wahrscheinlich 500 Euro"."""
    low, likely, high = cost
    if high == 0:
        return "keine" if lang == "de" else "none"
    if low == high:
        return _money(low, lang)
    between, likely_word = ("bis", "wahrscheinlich") if lang == "de" else ("to", "likely")
    none = "keine" if lang == "de" else "none"
    return (
        f"{number(low, lang)} {between} {_money(high, lang)}, {likely_word} {_money(likely, lang) if likely else none}"
    )


def _money(value: int, lang: Lang) -> str:
    return f"{number(value, lang)} {'Euro' if lang == 'de' else 'euros'}"


def planned(
    plan: Plan,
    model: MaturityModel,
    before: Score,
    after: Score,
    form: Form,
    lang: Lang,
    *,
    font: str = FONT,
    ground: bool = False,
    price: Price | None = None,
) -> Planned:
    """Return a plan in words and pictures; `before` and `after` are the scores of today's answers and of those after all steps.

    `price` says what a goal out of reach takes.
    """
    rows = _table(model, before, after, lang)
    name = {"de": "Stand je Bereich, heute und nach dem Plan", "en": "Standing by area, today and after the plan"}[lang]
    legend = (
        {"own": "nach dem Plan", "before": "heute"} if lang == "de" else {"own": "after the plan", "before": "today"}
    )
    drawn = [_row(label, b, a, model, lang) for label, b, a in _pairs(before, after, lang) if b.applies and a.applies]
    return Planned(
        model=model.id,
        verdict=_verdict(plan, model, price).get(lang),
        reached=plan.reached,
        steps=tuple(_step(s, model, form, lang) for s in plan.steps),
        days=days_words(plan.days, lang),
        cost=cost_words(plan.cost, lang),
        yearly=money.yearly_words(money.yearly(plan), lang),
        over=money.over_budget(plan, lang),
        before=_band(model, plan.band_before).get(lang),
        after=_band(model, plan.band_after).get(lang),
        open=_open(plan).get(lang),
        open_questions=plan.unknown,
        bars=bars(drawn, name, legend=legend, font=font, ground=ground),
        sentence=_sentence(plan, model).get(lang),
        rows=rows,
    )


def _band(model: MaturityModel, key: str) -> Text:
    return next((b.label for b in model.bands if b.key == key), Text(key, key))


def _step(step: Step, model: MaturityModel, form: Form, lang: Lang) -> PlannedStep:
    cost = step.measure.cost
    decided = f"Stand {day(cost.decided, lang)}" if lang == "de" else f"as of {day(cost.decided, lang)}"
    return PlannedStep(
        number=step.number,
        id=step.measure.id,
        title=step.measure.title.get(lang),
        text=step.measure.text.get(lang),
        why=_why(step, model, lang),
        reason=step.reason.get(lang),
        days=days_words(step.measure.days, lang),
        cost=cost_words((cost.low, cost.likely, cost.high), lang),
        yearly=money.yearly_words(cost.yearly, lang),
        source=f"{cost.source.get(lang).rstrip('.')}, {decided}",
        changes=tuple(
            Change(
                telling.question_words(form, question).get(lang),
                telling.answer_words(form, question, today).get(lang),
                telling.answer_words(form, question, then).get(lang),
            )
            for question, today, then in _asked(step, form)
        ),
        pointers=step.measure.pointers,
    )


def _asked(step: Step, form: Form) -> Sequence[Any]:
    """Return what a step changes among the questions that were asked; all of it where none was."""
    return [c for c in step.changes if c[0] in form.by_name] or step.changes


def _why(step: Step, model: MaturityModel, lang: Lang) -> str:
    """Say briefly why a step is in the plan; one that others only need first has nothing of its own and takes the whole reason."""
    changed, asked = {question for question, _, _ in step.changes}, set(model.questions)
    whys = dict.fromkeys(r.why.get(lang) for r in step.measure.raises if r.question in changed & asked)
    if not whys or not step.gain:
        return step.reason.get(lang)
    gain = telling.figure(step.gain, lang, telling.places_of(model))
    if model.unit == "level":
        total = f"Gesamtwert: +{gain}." if lang == "de" else f"Total: +{gain}."
    else:
        total = f"Gesamt: +{gain} Punkte." if lang == "de" else f"Total: +{gain} points."
    return " ".join([*whys, total])


def _verdict(plan: Plan, model: MaturityModel, price: Price | None) -> Text:
    n = len(plan.steps)
    steps_de, steps_en = ("einem Schritt", "one step") if n == 1 else (f"{n} Schritten", f"{n} steps")
    after = _band(model, plan.band_after)
    rises = plan.band_after != plan.band_before
    if plan.goal.budget is not None and not plan.goal.target:
        time = _own_time(plan)
        money_de, money_en = euros(plan.goal.budget, "de") + time.de, euros(plan.goal.budget, "en") + time.en
        if not n:
            return Text(
                f"Mit {money_de} lässt sich in unserer Liste kein Schritt bezahlen, der Sie weiterbringt.",
                f"With {money_en} no step in our list that takes you further can be paid for.",
            )
        value_de = f"{telling.figure(plan.after - plan.before, 'de', telling.places_of(model))}"
        value_en = f"{telling.figure(plan.after - plan.before, 'en', telling.places_of(model))}"
        what_de, what_en = ("Stufen", "levels") if model.unit == "level" else ("Punkte", "points")
        end_de = f" und die Stufe „{after.de}“" if rises else ""
        end_en = f" and the level “{after.en}”" if rises else ""
        return Text(
            f"Am weitesten kommen Sie mit {money_de} in {steps_de}: {value_de} {what_de} mehr{end_de}.",
            f"With {money_en} you get furthest in {steps_en}: {value_en} {what_en} more{end_en}.",
        )
    target = _band(model, plan.goal.target)
    if plan.reached and not n:
        return Text(
            f"Die Stufe „{target.de}“ haben Sie schon erreicht.", f"You have reached the level “{target.en}” already."
        )
    if plan.reached:
        return Text(
            f"In {steps_de} erreichen Sie die Stufe „{target.de}“.", f"You reach the level “{target.en}” in {steps_en}."
        )
    return _not_reached(plan, model, target, (steps_de, steps_en), price)


def _own_time(plan: Plan) -> Text:
    """Return the limit of own work behind an amount, nothing where there is none."""
    days = plan.goal.days
    if days is None:
        return NOTHING
    said = Text(*(number(days, lang) for lang in ("de", "en")))
    unit = Text("Tag", "day") if days == 1 else Text("Tagen", "days")
    return Text(f" und {said.de} {unit.de} eigener Arbeit", f" and {said.en} {unit.en} of own work")


def _not_reached(plan: Plan, model: MaturityModel, target: Text, steps: tuple[str, str], price: Price | None) -> Text:
    within = Text("in diesem Budget", "within this budget") if plan.goal.budget is not None else None
    if plan.goal.days is not None:
        within = Text("in dieser Zeit", "in this time") if within is None else within
    limit = within or Text("mit fünf Schritten aus unserer Liste", "with five steps of our list")
    far = price.sentence if price else NOTHING
    if not plan.steps:
        talk = far if price else Text("Sprechen Sie mit einem Menschen.", "Talk to a human.")
        return Text(
            f"Die Stufe „{target.de}“ lässt sich {limit.de} nicht erreichen. {talk.de}",
            f"The level “{target.en}” cannot be reached {limit.en}. {talk.en}",
        )
    best = _band(model, plan.best or plan.band_after)
    return Text(
        f"Die Stufe „{target.de}“ ist {limit.de} nicht zu erreichen. {far.de} Hier ist der Anfang: in {steps[0]} bis zur Stufe"
        f" „{best.de}“.".replace("  ", " "),
        f"The level “{target.en}” cannot be reached {limit.en}. {far.en} Here is the beginning: in {steps[1]} to the level"
        f" “{best.en}”.".replace("  ", " "),
    )


def _sentence(plan: Plan, model: MaturityModel) -> Text:
    places = telling.places_of(model)
    said = []
    for lang in ("de", "en"):
        before, after = telling.figure(plan.before, lang, places), telling.figure(plan.after, lang, places)
        bands = (_band(model, plan.band_before).get(lang), _band(model, plan.band_after).get(lang))
        if lang == "de":
            said.append(
                f"Gesamt: heute mindestens {before} („{bands[0]}“), nach dem Plan mindestens {after} („{bands[1]}“)."
            )
        else:
            said.append(
                f"Total: today at least {before} (“{bands[0]}”), after the plan at least {after} (“{bands[1]}”)."
            )
    return Text(*said)


def _open(plan: Plan) -> Text:
    n = len(plan.unknown)
    if not n:
        return Text("", "")
    if n == 1:
        return Text(
            "Eine Antwort fehlt. Der Plan nimmt dort das Niedrigste an; vielleicht ist ein Schritt schon getan.",
            "One answer is missing. The plan takes the lowest there; a step may be done already.",
        )
    return Text(
        f"{n} Antworten fehlen. Der Plan nimmt dort das Niedrigste an; vielleicht ist ein Schritt schon getan.",
        f"{n} answers are missing. The plan takes the lowest there; a step may be done already.",
    )


def _pairs(before: Score, after: Score, lang: Lang) -> list[tuple[str, PartScore, PartScore]]:
    pairs = [("Gesamt" if lang == "de" else "Total", before.total, after.total)]
    return pairs + [(b.label.get(lang), b, after.dimension(b.id)) for b in before.dimensions]


def _row(label: str, before: PartScore, after: PartScore, model: MaturityModel, lang: Lang) -> Row:
    """Return both as bars of what is sure: a plan counts on lower bounds only."""
    places = telling.places_of(model)

    def mark(kind: Kind, part: PartScore) -> Mark:
        share = float(part.lower / part.top) if part.top else 0.0
        return Mark(kind, share, share, telling.figure(part.lower, lang, places))

    return Row(label, (mark("own", after), mark("before", before)))


def _table(model: MaturityModel, before: Score, after: Score, lang: Lang) -> tuple[tuple[str, str, str], ...]:
    places = telling.places_of(model)
    return tuple(
        (label, telling.figure(b.lower, lang, places), telling.figure(a.lower, lang, places))
        for label, b, a in _pairs(before, after, lang)
        if b.applies and a.applies
    )
