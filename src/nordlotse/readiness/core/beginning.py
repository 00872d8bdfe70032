"""Why a plan does not begin with what blocks most: result and plan look at different things, and the plan says so."""

from __future__ import annotations

from collections.abc import Sequence

from nordlotse.foundation.language import NOTHING, Text
from nordlotse.foundation.records import euros
from nordlotse.readiness.core.measure import Measure, Plan


def beginning(plan: Plan, blocking: str, said: Text, measures: Sequence[Measure], without: frozenset[str]) -> Text:
    """Return why the plan begins elsewhere than at the question that blocks most; nothing where it begins there.

    `blocking` is that question's name, `said` its words; `without` are the measures struck out.
    """
    if not plan.steps:
        return NOTHING
    place = next((s.number for s in plan.steps if any(q == blocking for q, _, _ in s.changes)), 0)
    if place == 1:
        return NOTHING
    if place:
        return Text(
            f"Was im Ergebnis am meisten aufhält („{said.de}“), ist Schritt {place}: Davor steht, was mehr für das Geld bringt oder"
            " zuerst da sein muss.",
            f"What holds you back most in the result (“{said.en}”) is step {place}: before it stands what brings more for the money"
            " or has to be there first.",
        )
    raising = [m for m in measures if any(r.question == blocking for r in m.raises)]
    return _left_out(plan, said, [m for m in raising if m.id not in without], struck=len(raising) > 0)


def _left_out(plan: Plan, said: Text, raising: Sequence[Measure], *, struck: bool) -> Text:
    start = Text(
        f"Was im Ergebnis am meisten aufhält („{said.de}“), ist nicht dabei:",
        f"What holds you back most in the result (“{said.en}”) is not among the steps:",
    )
    if not raising:
        why = (
            Text("Den Schritt dafür haben Sie gestrichen.", "you struck out the step for it.")
            if struck
            else Text("Dafür haben wir keinen Schritt in der Liste.", "there is no step for it in our list.")
        )
        return Text(f"{start.de} {why.de}", f"{start.en} {why.en}")
    cost = min(m.cost.likely for m in raising)
    money = Text(euros(cost, "de"), euros(cost, "en"))
    if plan.goal.target:
        return Text(
            f"{start.de} Der Plan sucht den günstigsten Weg zur Stufe, und andere Schritte führen billiger dorthin"
            f" (ein Schritt dafür kostet ab etwa {money.de}).",
            f"{start.en} the plan looks for the cheapest way to the level, and other steps lead there for less"
            f" (a step for it costs from about {money.en}).",
        )
    return Text(
        f"{start.de} Die fünf Schritte hier bringen zusammen mehr für Ihr Geld (ein Schritt dafür kostet ab etwa {money.de}).",
        f"{start.en} the steps here together bring more for your money (a step for it costs from about {money.en}).",
    )
