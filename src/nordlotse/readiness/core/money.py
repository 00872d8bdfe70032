"""What a plan says about money beyond its sum: more than the budget at worst, every further year, twice the amount."""

from __future__ import annotations

from nordlotse.foundation.language import Lang
from nordlotse.foundation.records import euros
from nordlotse.readiness.core import telling
from nordlotse.readiness.core.maturity import MaturityModel
from nordlotse.readiness.core.measure import Plan


def over_budget(plan: Plan, lang: Lang) -> str:
    """Say that the upper costs exceed the budget; "" where they do not, or where no budget was named."""
    budget = plan.goal.budget
    if budget is None or plan.cost[2] <= budget:
        return ""
    most, limit = euros(plan.cost[2], lang), euros(budget, lang)
    if lang == "de":
        return f"Gerechnet ist mit den wahrscheinlichen Kosten. Wird alles teurer, sind es bis zu {most}: mehr als Ihr Budget von {limit}."
    return (
        f"This counts the likely costs. If everything gets dearer it is up to {most}: more than your budget of {limit}."
    )


def yearly(plan: Plan) -> int:
    """Return what the steps are likely to cost in every further year, in euros."""
    return sum(step.measure.cost.yearly for step in plan.steps)


def yearly_words(amount: int, lang: Lang) -> str:
    """Say what comes again every year; "" for nothing."""
    if not amount:
        return ""
    return (
        f"{euros(amount, lang)} in jedem weiteren Jahr" if lang == "de" else f"{euros(amount, lang)} every further year"
    )


def doubled(plan: Plan, twice: Plan, model: MaturityModel, lang: Lang) -> str:
    """Say what the larger budget of `twice` brings beyond `plan`; "" where either has no budget."""
    one, two = plan.goal.budget, twice.goal.budget
    if one is None or two is None:
        return ""
    amounts = (euros(two, lang), euros(one, lang))
    gain = twice.after - plan.after
    figure = telling.figure(gain, lang, telling.places_of(model))
    level = model.unit == "level"
    if lang == "de":
        start = f"Mit {amounts[0].removesuffix(' Euro')} statt {amounts[1]}"
        if gain <= 0:
            return f"{start} kämen Sie in fünf Schritten nicht weiter."
        return f"{start} kämen {figure} {'Stufen' if level else 'Punkte'} mehr heraus."
    start = f"With {amounts[0].removesuffix(' euros')} instead of {amounts[1]}"
    if gain <= 0:
        return f"{start} you would get no further in five steps."
    return f"{start} you would gain {figure} {'levels' if level else 'points'} more."
