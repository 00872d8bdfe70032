"""What a period was like, in sentences: unplanned standstill first, with its cost where a rate is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from nordlotse.foundation.language import Text
from nordlotse.iot.core.measures import BRIEF, CYCLE, NO_REASON, by_name, loss_name, reason_name, valuable
from nordlotse.iot.core.oee.losses import StopGroup, stops_by_size
from nordlotse.iot.core.oee.telling import contradictions, oee
from nordlotse.iot.core.oee.values import Evaluated
from nordlotse.iot.core.oee.written import as_told, duration, euros, number, percent, rounded


def about(value: Fraction) -> Text:
    """Return euros with two digits that count: the rate is an estimate, so a loss of 1,237 € reads "1.200 €"."""
    size = len(str(int(abs(value))))
    return euros(rounded(value / 10 ** (size - 2), 0) * 10 ** (size - 2) if size > 2 else rounded(value, 0))


#: Parts of the planned time in which a machine did not run: element, its name in a sentence.
_STANDING: tuple[tuple[str, Text], ...] = (
    ("ADET", Text("ungeplant", "unplanned")),
    ("AUST", Text("mit Rüsten", "for setup")),
    ("ADOT", Text("ohne Auftrag", "without an order")),
)


def standing(elements: Mapping[str, Fraction]) -> tuple[tuple[Text, Fraction], ...]:
    """Return the parts (s) of the planned time in which a machine did not run, the longest first; they add up to PBT - APT where those fit."""
    made = [(name, elements[id_]) for id_, name in _STANDING if elements.get(id_, 0) > 0]
    if "PBT" in elements and "APT" in elements and "ADET" in elements:
        rest = elements["PBT"] - elements["APT"] - sum((s for _, s in made), Fraction())
        if rest > 0:
            made.append((Text("ungeklärt", "unaccounted for"), rest))
    return tuple(sorted(made, key=lambda part: -part[1]))


def parts_said(parts: Iterable[tuple[Text, Fraction]]) -> Text:
    """Return parts in words: "39 Stunden ungeplant, 38 Stunden mit Rüsten".

    Where the numbers told do not add up to the sum as it is told, "gerundet" stands beside them: the table tells the same numbers.
    """
    known = list(parts)
    listed = [(duration(seconds), name) for name, seconds in known]
    whole = as_told(sum((seconds for _, seconds in known), Fraction()))
    fits = sum((as_told(seconds) for _, seconds in known), Fraction()) == whole
    return Text(
        ", ".join(f"{long.de} {name.de}" for long, name in listed) + ("" if fits else " (gerundet)"),
        ", ".join(f"{long.en} {name.en}" for long, name in listed) + ("" if fits else " (rounded)"),
    )


def planned_words(seconds: Fraction, partly: bool) -> Text:
    """Return planned time in words; `partly`: more was planned than there are readings of."""
    long = duration(seconds)
    if not partly:
        return Text(f"{long.de} geplanter Zeit", f"{long.en} planned")
    return Text(f"{long.de} geplanter Zeit mit Messwerten", f"{long.en} planned with readings")


def assumed(rates: Iterable[Fraction], own: bool = True) -> Text:
    """Return the rates (EUR/h) that euros hang on; `own`: somebody entered them, else they are an assumption and told as one."""
    de, en = ("gerechnet mit", "reckoned with") if own else ("angenommen", "assuming")
    known = sorted(set(rates))
    if len(known) > 1:
        low, high = number(known[0], 2), euros(known[-1])
        return Text(f"{de} {low.de} bis {high.de} je Stunde", f"{en} {euros(known[0]).en} to {high.en} an hour")
    one = euros(known[0])
    return Text(f"{de} {one.de} je Stunde", f"{en} {one.en} an hour")


def lead(machine: str, when: Text, found: Evaluated, *, own_rate: bool = True, partly: bool = False) -> Iterator[Text]:
    """Yield the first sentence: how long a machine stood in all, its parts, and what that costs; without a rate no euros.

    `own_rate` and `partly` as `assumed` and `planned_words` take them.
    """
    lost, planned = found.elements.get("ADET"), found.elements.get("PBT")
    if lost is None or planned is None:
        return
    if not lost and not standing(found.elements):
        yield Text(f"„{machine}“ stand {when.de} nie ungeplant.", f"“{machine}” had no unplanned stop {when.en}.")
        return
    rate = found.given.cost_per_hour
    parts = standing(found.elements)
    stood = sum((seconds for _, seconds in parts), Fraction())
    cost = None if rate is None else about(stood * rate / 3600)
    priced = Text(".", ".")
    if cost is not None and rate is not None:
        basis = assumed([rate], own_rate)
        priced = Text(f". Das sind etwa {cost.de} ({basis.de}).", f". That is about {cost.en} ({basis.en}).")
    long, whole = duration(stood), planned_words(planned, partly)
    if len(parts) == 1 and lost:
        yield Text(
            f"„{machine}“ stand {when.de} {long.de} ungeplant, von {whole.de}{priced.de}",
            f"“{machine}” stood still unplanned for {long.en} {when.en}, of {whole.en}{priced.en}",
        )
        return
    each = parts_said(parts)
    yield Text(
        f"„{machine}“ stand {when.de} zusammen {long.de} von {whole.de}: {each.de}{priced.de}",
        f"“{machine}” stood still for {long.en} in all {when.en}, of {whole.en}: {each.en}{priced.en}",
    )


def wanting(found: Evaluated, scrap_known: bool = True) -> Iterator[Text]:
    """Yield what else is to be said: contradictions first, the largest loss and reason, the OEE."""
    yield from contradictions(found)
    worst = next(iter(valuable(found, 1)), None)
    if worst is not None:
        name, long = loss_name(worst), duration(worst.seconds)
        cost = None if worst.euros is None else about(worst.euros)
        yield Text(
            f"Am meisten kostet: {name.de} ({long.de}" + (f", etwa {cost.de})." if cost else ")."),
            f"The largest loss: {name.en} ({long.en}" + (f", about {cost.en})." if cost else ")."),
        )
    first = _longest_sum(found)
    if first is not None and first.count > 1 and (worst is None or worst.reason != first.reason):
        yield _longest(first)
    value, ran, fast = (found.value(name) for name in ("oee", "availability", "effectiveness"))
    if scrap_known or value is None or ran is None or fast is None:
        yield from oee(found)
        return
    most, a, p = shown_at_most(value), percent(ran), percent(fast)
    yield Text(
        f"OEE {most.de} = Verfügbarkeit {a.de} · Leistung {p.de}. Ausschuss ist nicht erfasst; mit ihm wird sie kleiner.",
        f"OEE {most.en} = availability {a.en} · effectiveness {p.en}. Scrap is not recorded; with it the OEE gets smaller.",
    )


def _longest(first: StopGroup) -> Text:
    """Why it stood longest unplanned, all stops of a reason together; no reason is told as none, with what to do."""
    name, long, n = reason_name(first.reason), duration(first.seconds), first.count
    if first.reason == NO_REASON:
        return Text(
            f"Am längsten stand sie ungeplant ohne genannten Grund: {long.de}, verteilt auf {n} Stillstände. Geben Sie auf der Seite „Stillstände“ Gründe an.",
            f"It stood unplanned longest without a reason given: {long.en}, in {n} stops. Give reasons on the page “Stops”.",
        )
    if first.reason in (BRIEF, CYCLE):
        return Text(
            f"Am längsten stand sie ungeplant in {name.de}: {long.de}, verteilt auf {n} Stillstände.",
            f"It stood unplanned longest in {name.en}: {long.en}, in {n} stops.",
        )
    return Text(
        f"Ungeplant stand sie zusammen am längsten aus diesem Grund: {name.de} ({long.de}, verteilt auf {n} Stillstände).",
        f"Taken together, most unplanned time went to: {name.en} ({long.en}, in {n} stops).",
    )


def _longest_sum(found: Evaluated) -> StopGroup | None:
    """The unplanned stops of the reason that took most time; those without a reason are one, as in the advice."""
    return next(iter(stops_by_size(by_name(found.given.stops))), None)


def factors(
    found: Evaluated, scrap_known: bool = True, partly: bool = False, counter: bool = True
) -> tuple[tuple[str, Text, Fraction | None, Text], ...]:
    """Return the three factors of the OEE: id, what it asks, its value, and what it says in words; `partly` as `planned_words` takes it.

    `counter`: a signal counts parts; without one nothing is waited for, and that is said.
    """
    e = found.elements
    a, p, q = (found.value(name) for name in ("availability", "effectiveness", "quality"))
    ran = Text("", "")
    if "APT" in e and "PBT" in e:
        ran = Text(
            f"Sie lief {duration(e['APT']).de} von {planned_words(e['PBT'], partly).de}.",
            f"It ran for {duration(e['APT']).en} of {planned_words(e['PBT'], partly).en}.",
        )
    fast, good = (
        Text("Es fehlen Teile oder Soll-Takt.", "Parts or planned cycle are missing."),
        Text("Es fehlen Teile.", "Parts are missing."),
    )
    if not counter and "PQ" not in e:
        fast = Text(
            "Kein Signal zählt Teile, und Stückzahlen sind nicht eingetragen: Wie schnell sie lief, ist unbekannt.",
            "No signal counts parts, and no quantities are entered: how fast it ran is not known.",
        )
        good = Text(
            "Kein Signal zählt Teile: Wie viele gut waren, ist unbekannt.",
            "No signal counts parts: how many were good is not known.",
        )
    if p is not None:
        could = e["PRI"] * e["PQ"]
        fast = Text(
            f"Die Teile hätten im Soll-Takt {duration(could).de} gebraucht.",
            f"At the planned cycle the parts would have taken {duration(could).en}.",
        )
    if not scrap_known:
        q, good = None, Text("Ausschuss ist nicht erfasst.", "Scrap is not recorded.")
    if q is not None:
        good = Text(
            f"{_count(e['GQ'])} von {_count(e['PQ'])} Teilen waren gut.",
            f"{_count(e['GQ'])} of {_count(e['PQ'])} parts were good.",
        )
    return (
        ("availability", Text("Lief die Maschine, wenn sie sollte?", "Did the machine run when it should?"), a, ran),
        ("effectiveness", Text("Lief sie so schnell wie geplant?", "Did it run as fast as planned?"), p, fast),
        ("quality", Text("Waren die Teile gut?", "Were the parts good?"), q, good),
    )


def shown(value: Fraction | None) -> Text:
    """Return a share as percent, a dash where it is not known."""
    return Text("–", "–") if value is None else percent(value)


def shown_at_most(value: Fraction | None, scrap_known: bool = False) -> Text:
    """Return an OEE as percent; where scrap is not known it is an upper bound and told as one."""
    plain = shown(value)
    return plain if scrap_known or value is None else Text(f"höchstens {plain.de}", f"at most {plain.en}")


def _count(value: Fraction) -> str:
    return str(int(value)) if value.denominator == 1 else f"{float(value):.1f}"
