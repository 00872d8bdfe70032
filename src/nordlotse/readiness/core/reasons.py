"""Why a step is in the plan: the answer before and after, what it lifts, why just this holds the company back, what it gains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from nordlotse.foundation.language import Text
from nordlotse.foundation.questionnaire.form import Question
from nordlotse.readiness.core.catalogue import questions
from nordlotse.readiness.core.maturity import Leaf, Node, leaves_of
from nordlotse.readiness.core.measure import Measure, Raise
from nordlotse.readiness.core.prospect import Chosen, Prospect

_Answers = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Change:
    """An answer that a step changes; `step`: the number of the earlier step that changed it last."""

    raised: Raise
    before: Chosen
    after: str | tuple[str, ...]
    step: int | None


def reason(
    prospect: Prospect,
    changes: Sequence[Change],
    answers: _Answers,
    after: _Answers,
    gain: Fraction,
    later: Sequence[tuple[int, Measure]],
) -> Text:
    """Return the reason of a step in both languages: `answers` before it, `after` it, `later` the steps that need it first."""
    told = [
        c for c in changes if c.raised.question in prospect.leaves
    ] or changes  # what lies outside the model is not its reason
    said = [_change(prospect, change) for change in told]
    asked = {change.raised.question for change in changes}
    lifted = [d for d in prospect.model.dimensions if any(leaf.question in asked for leaf in leaves_of(d))]
    said += [_lift(prospect, dimension, changes, answers, after) for dimension in lifted]
    said += [_before(number, measure) for number, measure in later]
    if lifted:
        said.append(_gain(prospect, gain))
    return Text(" ".join(text.de for text in said), " ".join(text.en for text in said))


def _asked(prospect: Prospect, question: str) -> Question | None:
    """Return a question of the form, else of the common set: a measure also raises what this form does not ask."""
    asked = prospect.form.by_name.get(question) if prospect.form else None
    return asked or (None if question in prospect.leaves else questions().by_name.get(question))


def _named(prospect: Prospect, question: str) -> Text:
    asked = _asked(prospect, question)
    if asked is not None:
        return asked.label
    label = next((leaf.label for leaf in prospect.leaves.get(question, ()) if leaf.label.de), None)
    return label or Text(question, question)


def _choice(prospect: Prospect, question: str, name: str) -> Text:
    asked = _asked(prospect, question)
    choice = asked.choice(name) if asked else None
    told = next((leaf.choices[name] for leaf in prospect.leaves.get(question, ()) if name in leaf.choices), None)
    label = choice.label if choice else told or Text(name, name)
    return Text(label.de.rstrip(". "), label.en.rstrip(". "))


def _change(prospect: Prospect, change: Change) -> Text:
    question = change.raised.question
    named = _named(prospect, question)
    why = change.raised.why
    if isinstance(change.after, tuple):
        old = change.before if isinstance(change.before, tuple) else ()
        new = [_choice(prospect, question, name) for name in change.after if name not in old]
        return Text(
            f"„{named.de}“: neu {'kommt' if len(new) == 1 else 'kommen'} hinzu {', '.join(f'„{n.de}“' for n in new)}. {why.de}",
            f"“{named.en}”: new {'is' if len(new) == 1 else 'are'} {', '.join(f'“{n.en}”' for n in new)}. {why.en}",
        )
    then = _choice(prospect, question, change.after)
    if change.step is not None:
        now = _choice(prospect, question, str(change.before))
        start = Text(f"nach Schritt {change.step} „{now.de}“", f"after step {change.step} “{now.en}”")
    elif question in prospect.today:
        now = _choice(prospect, question, str(change.before))
        start = Text(f"heute „{now.de}“", f"today “{now.en}”")
    else:
        start = Text(
            "heute nicht bekannt (zählt als niedrigste Antwort)", "today not known (counts as the lowest answer)"
        )
    return Text(
        f"„{named.de}“: {start.de}, danach „{then.de}“. {why.de}",
        f"“{named.en}”: {start.en}, afterwards “{then.en}”. {why.en}",
    )


def _lift(
    prospect: Prospect, dimension: Node | Leaf, changes: Sequence[Change], answers: _Answers, after: _Answers
) -> Text:
    now = prospect.value(dimension, answers) or Fraction(0)
    then = prospect.value(dimension, after) or Fraction(0)
    name = dimension.label if dimension.label.de else Text(dimension.id, dimension.id)
    from_to = Text(f"von {number(now).de} auf {number(then).de}", f"from {number(now).en} to {number(then).en}")
    if not isinstance(dimension, Node) or dimension.aggregate != "min":
        if then == now:
            return Text(
                f"Im Bereich „{name.de}“ allein ändert das noch nichts.",
                f"In “{name.en}” this alone does not change anything yet.",
            )
        return Text(f"Das hebt den Bereich „{name.de}“ {from_to.de}.", f"This lifts “{name.en}” {from_to.en}.")
    if then > now:
        return Text(
            f"Im Bereich „{name.de}“ zählt die niedrigste Antwort, und das war diese: Er steigt {from_to.de}.",
            f"In “{name.en}” the lowest answer counts, and this was it: it rises {from_to.en}.",
        )
    lowest = _at_bottom(prospect, dimension, changes, answers, now)
    if not lowest:
        return Text(
            f"Im Bereich „{name.de}“ zählt die niedrigste Antwort; dort hält eine andere Antwort auf.",
            f"In “{name.en}” the lowest answer counts; there, another answer holds back.",
        )
    return Text(
        f"Im Bereich „{name.de}“ zählt die niedrigste Antwort. Diese ist eine davon; der Bereich steigt erst, wenn alle niedrigsten steigen.",
        f"In “{name.en}” the lowest answer counts. This is one of them; it rises only once all the lowest ones rise.",
    )


def _at_bottom(
    prospect: Prospect, dimension: Node, changes: Sequence[Change], answers: _Answers, now: Fraction
) -> bool:
    """Tell whether one of the changed answers is among the lowest of its dimension."""
    asked = {change.raised.question for change in changes}
    return any(
        prospect.value(child, answers) == now / (dimension.scale or 1)
        for child in dimension.children
        if any(leaf.question in asked for leaf in leaves_of(child))
    )


def _before(number: int, measure: Measure) -> Text:
    return Text(
        f"Schritt {number} („{measure.title.de}“) setzt dies voraus.",
        f"Step {number} (“{measure.title.en}”) needs this first.",
    )


def _gain(prospect: Prospect, gain: Fraction) -> Text:
    levels = prospect.model.unit == "level"
    unit = Text("Stufen", "levels") if levels else Text("Punkte", "points")
    if abs(gain) == 1:
        unit = Text("Stufe", "level") if levels else Text("Punkt", "point")
    sign = "+" if gain > 0 else "±" if gain == 0 else "−"
    shown = number(abs(gain))
    return Text(f"Gesamtwert: {sign}{shown.de} {unit.de}.", f"Total: {sign}{shown.en} {unit.en}.")


def number(value: Fraction) -> Text:
    """Return a number with at most two decimals, half up, as German and English write it."""
    hundredths = int(value * 100 + Fraction(1, 2)) if value >= 0 else -int(-value * 100 + Fraction(1, 2))
    digits = f"{hundredths / 100:.2f}".rstrip("0").rstrip(".")
    return Text(digits.replace(".", ","), digits)
