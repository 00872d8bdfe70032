"""A score in words, German and English: the rule behind every point, and why an item blocks."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import cast

from nordlotse.foundation.language import Text
from nordlotse.readiness.core.aggregate import Valued, band_of_total, threshold
from nordlotse.readiness.core.maturity import Leaf, MaturityModel, Node
from nordlotse.readiness.core.standing import Standing, State
from nordlotse.readiness.core.steps import NextStep

Answer = str | tuple[str, ...] | None


def figure(value: Fraction, places: int = 2) -> Text:
    """Return a number as people read it: at most `places` decimals, halves up, no trailing zeros, comma in German."""
    if value.denominator == 1:
        return Text(str(value.numerator), str(value.numerator))
    unit = 10**places
    parts = (2 * abs(value.numerator) * unit + value.denominator) // (2 * value.denominator)
    whole, rest = divmod(parts, unit)
    decimals = f"{rest:0{places}d}".rstrip("0") if rest else ""
    text = ("-" if value < 0 and parts else "") + (f"{whole}.{decimals}" if decimals else str(whole))
    return Text(text.replace(".", ","), text)


def called(leaf: Leaf) -> Text:
    """Return what a leaf's question is called, its name where it has no words."""
    return leaf.label if leaf.label.de else Text(leaf.question, leaf.question)


def _name(part: Node | Leaf) -> Text:
    return part.label if part.label.de else Text(part.id, part.id)


def _choice(leaf: Leaf, name: str) -> Text:
    said = leaf.choices.get(name)
    return said if said is not None and said.de else Text(name, name)


def answer_words(leaf: Leaf, answer: Answer) -> Text:
    """Return an answer as it reads on the page: the choice, or how many are ticked."""
    if answer is None:
        return Text("nicht beantwortet", "not answered")
    if isinstance(answer, str):
        return _choice(leaf, answer)
    ticked = [name for name in answer if leaf.scores.get(name)]
    if not ticked:
        return Text("nichts davon", "none of these")
    of = sum(1 for points in leaf.scores.values() if points)
    return Text(f"{len(ticked)} von {of} angekreuzt", f"{len(ticked)} of {of} ticked")


def _today(step: NextStep) -> Text:
    """Return today's answer as it stands in a sentence: a choice in quotation marks, ticks as their count."""
    said = answer_words(step.leaf, step.answer)
    if step.answer is None or isinstance(step.answer, tuple):
        return said
    return Text(f"„{said.de}“", f"“{said.en}”")


def _needed(step: NextStep, *, begins: bool = False) -> Text:
    """Return the next better answer in a sentence: the next stage, or one more tick; `begins`: the sentence begins with it."""
    if isinstance(step.to, str):
        said = _choice(step.leaf, step.to)
        return Text(f"„{said.de}“", f"“{said.en}”")
    return Text("Ein Kreuz mehr", "One more tick") if begins else Text("ein Kreuz mehr", "one more tick")


def rule_of(model: MaturityModel, leaf: Leaf, one: Standing, path: Sequence[Valued], share: Fraction) -> Text:
    """Return the sentence behind a leaf's points: the answer, what it counts, how it goes up the tree, what it adds in the end.

    `path` are the valued parts from the total down to the one that holds the leaf: what is left out of them is not counted.
    """
    said = _counted(leaf, one)
    if one.low is None:
        return said
    up = [
        _upwards(parent, child)
        for parent, child in zip(path[::-1], [leaf, *(p.part for p in path[:0:-1])], strict=True)
    ]
    added = figure(share)
    top = figure(model.top)
    return Text(
        f"{said.de} {' '.join(step.de for step in up)} Trägt {added.de} von {top.de} bei.",
        f"{said.en} {' '.join(step.en for step in up)} Contributes {added.en} of {top.en}.",
    )


def _counted(leaf: Leaf, one: Standing) -> Text:
    if one.state is State.ANSWERED:
        return _answered(leaf, one)
    low, high = figure(leaf.low), figure(leaf.high)
    why = (
        Text("Trifft nicht zu:", "Does not apply:")
        if one.state is State.NOT_APPLICABLE
        else Text("Nicht bekannt:", "Not known:")
    )
    if one.low is None and one.state is State.NOT_APPLICABLE:
        return Text("Trifft nicht zu und zählt deshalb nicht mit.", "Does not apply and is therefore left out.")
    if one.low is None:
        return Text(f"{why.de} zählt nicht mit.", f"{why.en} is left out.")
    if one.low == one.high:
        return Text(f"{why.de} Das Modell zählt {low.de}.", f"{why.en} the model counts {low.en}.")
    return Text(f"{why.de} zwischen {low.de} und {high.de}.", f"{why.en} between {low.en} and {high.en}.")


def _answered(leaf: Leaf, one: Standing) -> Text:
    high = figure(leaf.high)
    points = figure(one.low or Fraction(0))
    said = answer_words(leaf, one.answer)
    if not leaf.several:
        return Text(
            f"Antwort „{said.de}“ zählt {points.de} von {high.de}.",
            f"The answer “{said.en}” counts {points.en} of {high.en}.",
        )
    worth = {each for each in leaf.scores.values() if each}
    one_tick = figure(min(worth)) if len(worth) == 1 else None
    each = Text(f", je {one_tick.de}", f", {one_tick.en} each") if one_tick else Text("", "")
    if len(worth) > 1:
        each = _each(leaf, one.answer)
    capped = (
        Text("", "")
        if leaf.cap is None
        else Text(", höchstens " + figure(leaf.cap).de, ", at most " + figure(leaf.cap).en)
    )
    return Text(
        f"{said.de}{each.de}{capped.de}: zählt {points.de} von {high.de}.",
        f"{said.en}{each.en}{capped.en}: counts {points.en} of {high.en}.",
    )


def _each(leaf: Leaf, answer: Answer) -> Text:
    """Return what each tick counts where they count differently: " („paper“ 1, „machine“ 2)"."""
    ticked = [name for name in (answer or ()) if leaf.scores.get(name)] if not isinstance(answer, str) else []
    if not ticked:
        return Text("", "")
    said = [(_choice(leaf, name), figure(leaf.scores[name])) for name in ticked]
    return Text(
        f" ({', '.join(f'„{name.de}“ {points.de}' for name, points in said)})",
        f" ({', '.join(f'“{name.en}” {points.en}' for name, points in said)})",
    )


def _upwards(above: Valued, child: Node | Leaf) -> Text:
    """Say how a part comes out of those of its children that count."""
    parent = cast(Node, above.part)  # only nodes have children
    counting = [c.part for c in above.children if c.value is not None]
    name, n = _name(parent), len(counting)
    of = Text("von 1 Wert", "of 1 value") if n == 1 else Text(f"von {n} Werten", f"of {n} values")
    if parent.aggregate == "min":
        rule = Text(f"der niedrigste {of.de}", f"the lowest {of.en}")
    elif parent.aggregate == "mean":
        rule = Text(f"der Mittelwert {of.de}", f"the mean {of.en}")
    elif parent.aggregate == "sum":
        rule = Text(f"die Summe {of.de}", f"the sum {of.en}")
    else:
        weight, whole = figure(child.weight), figure(sum((part.weight for part in counting), Fraction(0)))
        rule = Text(
            f"das gewichtete Mittel {of.de} (hier Gewicht {weight.de} von {whole.de})",
            f"the weighted mean {of.en} (here weight {weight.en} of {whole.en})",
        )
    times = figure(parent.scale)
    scale = Text("", "") if parent.scale == 1 else Text(f", mal {times.de}", f", times {times.en}")
    return Text(f"„{name.de}“ ist {rule.de}{scale.de}.", f"“{name.en}” is {rule.en}{scale.en}.")


def total_reason(
    model: MaturityModel,
    step: NextStep,
    with_it: Sequence[NextStep],
    lower: Fraction,
    upper: Fraction,
    gain: Fraction,
    ties: Sequence[NextStep] = (),
) -> Text:
    """Return why this item blocks the total: what its next step (with those it needs) adds, and how far the next level is.

    `ties` are the other steps that add as much.
    """
    question, today, needed = called(step.leaf), _today(step), _needed(step, begins=True)
    added, also = figure(gain), _also(with_it)
    most = (
        Text("von allen einzelnen Antworten am meisten", "the most of all single answers")
        if not with_it
        else Text("allein hebt keine Antwort den Gesamtwert", "no answer raises the total alone")
    )
    if ties and not with_it:
        most = _as_much(ties)
    far = _far(model, upper, gain) if lower == upper else _between(lower, upper)
    return Text(
        f"„{question.de}“: heute {today.de}. {needed.de}{also.de} hebt den Gesamtwert um {added.de} – {most.de}. {far.de}",
        f"“{question.en}”: today {today.en}. {needed.en}{also.en} raises the total by {added.en} – {most.en}. {far.en}",
    )


def _as_much(ties: Sequence[NextStep]) -> Text:
    """Return which other answers add as much: up to three by name."""
    named, more = ties[:3], len(ties) - 3
    names = _listed([called(tie.leaf) for tie in named])
    if more > 0:
        names = Text(
            f"{', '.join(f'„{called(tie.leaf).de}“' for tie in named)} und {more} weitere",
            f"{', '.join(f'“{called(tie.leaf).en}”' for tie in named)} and {more} more",
        )
    verb = Text("bringt", "does") if len(ties) == 1 else Text("bringen", "do")
    return Text(f"ebenso viel {verb.de} {names.de}", f"as much as {names.en} {verb.en}")


def _between(lower: Fraction, upper: Fraction) -> Text:
    low, high = figure(lower), figure(upper)
    return Text(
        f"Weil Antworten fehlen, liegt der Gesamtwert heute zwischen {low.de} und {high.de}.",
        f"As answers are missing, the total is between {low.en} and {high.en} today.",
    )


def _far(model: MaturityModel, value: Fraction, gain: Fraction) -> Text:
    reached = band_of_total(model, value)
    now = figure(value)
    if reached.number + 1 >= len(model.bands):
        return Text(f"Mit {now.de} ist die höchste Stufe erreicht.", f"At {now.en} the highest level is reached.")
    following = model.bands[reached.number + 1]
    left = threshold(model, following) - value
    if gain >= left:
        return Text(
            f"Damit ist die Stufe „{following.label.de}“ erreicht (heute {now.de}).",
            f"With it the level “{following.label.en}” is reached (today {now.en}).",
        )
    gap = figure(left)
    return Text(
        f"Von heute {now.de} bis zur Stufe „{following.label.de}“ fehlen {gap.de}.",
        f"From {now.en} today the level “{following.label.en}” is {gap.en} away.",
    )


def _also(others: Sequence[NextStep]) -> Text:
    if not others:
        return Text("", "")
    names = _listed([called(other.leaf) for other in others])
    return Text(f" zusammen mit einem Schritt bei {names.de}", f" together with a step of {names.en}")


def lowest_reason(dimension: Node | Leaf, step: NextStep, others: Sequence[NextStep]) -> Text:
    """Return why an item at the lowest value holds its dimension, alone or with others."""
    name, question = _name(dimension), called(step.leaf)
    today, needed, value = _today(step), _needed(step), figure(step.before)
    if others:
        also, one = _listed([called(other.leaf) for other in others]), len(others) == 1
        rest = Text(
            f"„{name.de}“ steigt erst, wenn auch {also.de} {'steigt' if one else 'steigen'}.",
            f"“{name.en}” rises only when {also.en} {'rises' if one else 'rise'} too.",
        )
    else:
        rest = Text("Kein anderer Punkt steht so niedrig.", "No other item stands as low.")
    return Text(
        f"„{question.de}“: heute {today.de} ({value.de}), der niedrigste Wert in „{name.de}“. Nötig ist {needed.de}. {rest.de}",
        f"“{question.en}”: today {today.en} ({value.en}), the lowest value in “{name.en}”. Needed: {needed.en}. {rest.en}",
    )


def _listed(names: Sequence[Text]) -> Text:
    """Return names in quotation marks, commas between them and “and” before the last."""
    de, en = [f"„{name.de}“" for name in names], [f"“{name.en}”" for name in names]
    if len(names) == 1:
        return Text(de[0], en[0])
    return Text(f"{', '.join(de[:-1])} und {de[-1]}", f"{', '.join(en[:-1])} and {en[-1]}")


def dimension_reason(dimension: Node | Leaf, step: NextStep) -> Text:
    """Return why an item holds a dimension that is a mean or sum: its next step adds most."""
    name, question, added = _name(dimension), called(step.leaf), figure(step.dimension_gain)
    today, needed = _today(step), _needed(step, begins=True)
    return Text(
        f"„{question.de}“: heute {today.de}. {needed.de} hebt „{name.de}“ um {added.de}, von allen einzelnen Antworten dort am meisten.",
        f"“{question.en}”: today {today.en}. {needed.en} raises “{name.en}” by {added.en}, the most of all single answers there.",
    )


def not_applicable_reason(dimension: Node | Leaf, leaf: Leaf) -> Text:
    """Return why a question that does not apply holds its dimension down in a model that counts it as nothing."""
    name, question, value = _name(dimension), called(leaf), figure(leaf.low)
    return Text(
        f"„{question.de}“ trifft auf Sie nicht zu. Dieses Modell zählt dafür {value.de}; „{name.de}“ kann deshalb nicht steigen.",
        f"“{question.en}” does not apply to you. This model counts {value.en} for it; “{name.en}” cannot rise therefore.",
    )
