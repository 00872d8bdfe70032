"""Of which process the answer on cost speaks, and what must be said beside it: what is surely cheaper than today, what changes would save."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nordlotse.foundation.language import Lang, Text
from nordlotse.print3d.core import amounts
from nordlotse.print3d.core.comparison import TODAY, Comparison
from nordlotse.print3d.core.costs import CONVENTIONAL, PRINTED
from nordlotse.print3d.core.values import UnitCost, Verdict

#: A process counts as clearly cheaper from this share of the likely cost on.
_CLEARLY = 0.8
#: Words by which people call today's process, and what they mean.
_CALLED: Mapping[str, re.Pattern[str]] = {
    "milling": re.compile(r"fräs|mill|cnc|zerspan|gedreht|drehteil|machin", re.IGNORECASE),
    "moulding": re.compile(r"spritz|mould|mold", re.IGNORECASE),
}
_WORST = 9


def foremost(costs: Sequence[UnitCost], verdicts: Mapping[str, Verdict], asked: str = "") -> str:
    """Return the process the answer speaks of: the one asked for, else the likely cheapest of those that print the part without changes.

    Where none does, the likely cheapest of those that do with changes, then of all that print; "" where there is none.
    """
    if any(cost.process == asked for cost in costs):
        return asked
    order = {"yes": 0, "with_changes": 1}

    def rank(cost: UnitCost) -> tuple[int, float]:
        verdict = verdicts.get(cost.process)
        return (order.get(verdict.verdict, _WORST) if verdict else _WORST, cost.likely)

    printed = sorted((cost for cost in costs if cost.process in PRINTED), key=rank)
    return printed[0].process if printed else ""


def surely_below(found: Comparison, names: Mapping[str, str], verdicts: Mapping[str, Verdict], lang: Lang) -> str:
    """Return which ways cost less than today with their whole range, "" where none does or today's price is not known."""
    if not found.below_today:
        return ""
    listed = ", ".join(_with_verdict(name, names, verdicts, lang) for name in found.below_today)
    if lang == "de":
        return f"Mit der ganzen Spanne unter Ihrem heutigen Preis: {listed}."
    return f"With the whole range below what you pay today: {listed}."


def meaning(found: Comparison, chosen: str, names: Mapping[str, str], lang: Lang) -> str:
    """Return what the cost of the chosen process means beside today's price; "" where there is none to compare with."""
    cost, now, de = _cost(found, chosen), _cost(found, TODAY), lang == "de"
    if cost is None or now is None:
        return ""
    if cost.high < now.low:
        saved = amounts.between(
            (now.likely - cost.high) * found.quantity, (now.likely - cost.low) * found.quantity, lang
        )
        if de:
            return f"Die ganze Spanne liegt unter Ihrem heutigen Preis: Sie sparen {saved} bei dieser Menge."
        return f"The whole range lies below what you pay today: you save {saved} at this quantity."
    if cost.low > now.high:
        return _above(found, chosen, now, names, lang)
    if de:
        return "Ihr heutiger Preis liegt in der Spanne: Ob Drucken günstiger ist, zeigen erst eigene Kostenwerte oder ein Angebot."
    return (
        "Today's price lies within the range: only your own cost figures or a quote show whether printing is cheaper."
    )


def _above(found: Comparison, chosen: str, now: UnitCost, names: Mapping[str, str], lang: Lang) -> str:
    """Return that the chosen process costs more than today; that printing does not pay only where no other process may cost less."""
    others = [
        cost for cost in found.costs if cost.process in PRINTED and cost.process != chosen and cost.low <= now.high
    ]
    if not others:
        return (
            "Die ganze Spanne liegt über Ihrem heutigen Preis: Drucken lohnt sich hier nur, wenn es schneller gehen muss."
            if lang == "de"
            else "The whole range lies above what you pay today: printing pays here only if it must be quick."
        )
    listed = _listed(others, names, lang)
    if lang == "de":
        return f"Die ganze Spanne liegt über Ihrem heutigen Preis. Günstiger als heute können sein: {listed}."
    return f"The whole range lies above what you pay today. These may cost less than today: {listed}."


def cheaper(
    found: Comparison, chosen: str, names: Mapping[str, str], verdicts: Mapping[str, Verdict], lang: Lang
) -> str:
    """Return which other processes print the part clearly cheaper than the chosen one, and whether that takes changes; "" where none does."""
    cost = _cost(found, chosen)
    if cost is None:
        return ""
    less = [
        other
        for other in sorted(found.costs, key=lambda one: one.likely)
        if other.process in PRINTED and other.process != chosen and other.likely < _CLEARLY * cost.likely
    ]
    said = []
    for verdict in ("yes", "with_changes"):
        ours = [one for one in less if one.process in verdicts and verdicts[one.process].verdict == verdict]
        # of what nobody measured the likely cost is a guess: the sentence says so
        guide = "" if all(one.measured for one in ours) else Text(" (Richtwert)", " (guide value)").get(lang)
        if ours and lang == "de":
            head = (
                "Ohne Änderungen wahrscheinlich günstiger"
                if verdict == "yes"
                else "Mit Änderungen am Teil wahrscheinlich günstiger"
            )
            said.append(f"{head}: {_listed(ours, names, lang)} je Stück{guide}.")
        elif ours:
            head = (
                "Probably cheaper without changes" if verdict == "yes" else "Probably cheaper with changes to the part"
            )
            said.append(f"{head}: {_listed(ours, names, lang)} each{guide}.")
    return " ".join(said)


def other_material(found: Comparison, material: str, lang: Lang) -> str:
    """Return that the printed part is of its own material, which need not be today's; "" where nothing is compared with today."""
    if _cost(found, TODAY) is None or not material:
        return ""
    if lang == "de":
        return f"Gerechnet ist mit {material}. Besteht Ihr Teil heute aus etwas anderem, prüfen Sie zuerst, ob {material} seinen Dienst tut."
    return (
        f"Reckoned with {material}. If your part is made of something else today, see first whether {material} will do."
    )


def dear_guides(found: Comparison, names: Mapping[str, str], process: str, lang: Lang) -> str:
    """Return that our guide value for the way the part is made today lies above what is paid; "" where it does not.

    Where `process` (free words) names no way we know, all that lie above are named.
    """
    now = _cost(found, TODAY)
    if now is None:
        return ""
    named = [name for name, words in _CALLED.items() if words.search(process)] or list(CONVENTIONAL)
    dear = [cost for cost in found.costs if cost.process in named and cost.low > now.high]
    if not dear:
        return ""
    listed, price = _listed(dear, names, lang), amounts.euro(now.likely, lang)
    if lang == "de":
        return f"Unser Richtwert liegt über Ihrem heutigen Preis von {price}: {listed}. Was Sie wirklich zahlen, zählt mehr als unser Richtwert."
    return f"Our guide value lies above the {price} you pay today: {listed}. What you really pay counts more than our guide value."


def _cost(found: Comparison, process: str) -> UnitCost | None:
    return next((cost for cost in found.costs if cost.process == process), None)


def _listed(costs: Sequence[UnitCost], names: Mapping[str, str], lang: Lang) -> str:
    return ", ".join(f"{names[one.process]} {amounts.between(one.low, one.high, lang)}" for one in costs)


def _with_verdict(name: str, names: Mapping[str, str], verdicts: Mapping[str, Verdict], lang: Lang) -> str:
    verdict = verdicts.get(name)
    if verdict is None or verdict.verdict != "with_changes":
        return names[name]
    return f"{names[name]} ({'mit Änderungen' if lang == 'de' else 'with changes'})"
