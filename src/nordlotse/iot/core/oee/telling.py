"""What the key figures mean, in sentences for the owner of the machine."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from nordlotse.foundation.language import Text
from nordlotse.iot.core.oee.losses import SHORT_STOP, Loss, Trend, stops_by_size, waterfall
from nordlotse.iot.core.oee.values import Evaluated
from nordlotse.iot.core.oee.written import duration, euros, number, percent, rounded


def tell(found: Evaluated, short: Fraction = SHORT_STOP) -> tuple[Text, ...]:
    """Return sentences, the most important first: how long it stood and what that costs, the largest losses, the OEE, what contradicts."""
    losses = waterfall(found, short)
    return (*contradictions(found), *_standing(found), *largest(losses), *_reasons(found), *oee(found))


def tell_trend(found: Trend, name: Text) -> Text:
    """Return one sentence on how a figure went."""
    if found.change is None:
        return Text(f"{name.de}: Für einen Vergleich fehlen Werte.", f"{name.en}: values for a comparison are missing.")
    if abs(found.change) < Fraction(1, 200):
        return Text(f"{name.de}: unverändert.", f"{name.en}: unchanged.")
    points = number(abs(found.change) * 100, 1)
    word = Text("Punkt", "point") if points.de == "1" else Text("Punkte", "points")
    up = found.change > 0
    return Text(
        f"{name.de}: {points.de} {word.de} {'mehr' if up else 'weniger'} in der jüngeren Hälfte der Zeit als in der älteren.",
        f"{name.en}: {points.en} {word.en} {'more' if up else 'less'} in the newer half of the time than in the older one.",
    )


def _named(found: Evaluated) -> Text:
    machine = found.given.machine
    return Text(f"„{machine}“", f"“{machine}”") if machine else Text("Die Maschine", "The machine")


def _about(value: Fraction) -> Text:
    """Euros with two digits that count: the rate is an estimate, so a loss of 1,237 € reads “about 1,200 €”."""
    size = len(str(int(abs(value))))
    return euros(rounded(value / 10 ** (size - 2), 0) * 10 ** (size - 2) if size > 2 else rounded(value, 0))


def _standing(found: Evaluated) -> Iterator[Text]:
    e, name = found.elements, _named(found)
    if "PBT" not in e or "APT" not in e or e["PBT"] < e["APT"]:
        return
    lost = e["PBT"] - e["APT"]
    if not lost:
        yield Text(f"{name.de} lief ohne Stillstand.", f"{name.en} ran without a stop.")
        return
    long, planned = duration(lost), duration(e["PBT"])
    money = found.given.cost_per_hour
    cost = None if money is None else _about(lost * money / 3600)
    yield Text(
        f"{name.de} stand {long.de} von {planned.de}" + (f", das sind etwa {cost.de}." if cost else "."),
        f"{name.en} stood still for {long.en} of {planned.en}" + (f", that is about {cost.en}." if cost else "."),
    )


def largest(losses: tuple[Loss, ...]) -> Iterator[Text]:
    """Yield the largest loss of a waterfall."""
    lost = sorted((x for x in losses if x.kind != "productive" and x.seconds > 0), key=lambda x: -x.seconds)
    if lost:
        first = lost[0]
        long, cost = duration(first.seconds), None if first.euros is None else _about(first.euros)
        yield Text(
            f"Am meisten kostet: {first.name.de} ({long.de}" + (f", etwa {cost.de})." if cost else ")."),
            f"The largest loss: {first.name.en} ({long.en}" + (f", about {cost.en})." if cost else ")."),
        )


def _reasons(found: Evaluated) -> Iterator[Text]:
    groups = [g for g in stops_by_size(found.given.stops, found.given.cost_per_hour) if g.reason]
    if groups:
        first, long = groups[0], duration(groups[0].seconds)
        times = Text(
            "einmal" if first.count == 1 else f"{first.count}-mal",
            "once" if first.count == 1 else f"{first.count} times",
        )
        yield Text(
            f"Der größte Grund für Stillstand ist „{first.reason}“: {times.de}, zusammen {long.de}.",
            f"The largest reason for stops is “{first.reason}”: {times.en}, {long.en} in all.",
        )


def oee(found: Evaluated) -> Iterator[Text]:
    """Yield the OEE with its three factors, where it is known."""
    value = found.value("oee")
    if value is not None:
        whole = percent(value)
        parts = [percent(found.value(name) or Fraction()) for name in ("availability", "effectiveness", "quality")]
        yield Text(
            f"OEE {whole.de} = Verfügbarkeit {parts[0].de} · Leistung {parts[1].de} · Qualität {parts[2].de}.",
            f"OEE {whole.en} = availability {parts[0].en} · effectiveness {parts[1].en} · quality {parts[2].en}.",
        )


def contradictions(found: Evaluated) -> Iterator[Text]:
    """Yield that the numbers contradict each other, where they do."""
    errors = [flag for flag in found.flags if flag.severity == "error"]
    if errors:
        yield Text(
            f"Die Zahlen passen nicht zusammen: {errors[0].text.de}",
            f"The numbers contradict each other: {errors[0].text.en}",
        )
