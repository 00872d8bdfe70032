"""Where the planned time went: loss waterfall, stops by size, trend. Exact seconds; the parts always add up to the planned time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from nordlotse.foundation.language import Text
from nordlotse.iot.core.oee.evaluate import evaluate, total
from nordlotse.iot.core.oee.values import Evaluated, Stop

#: A stop shorter than this counts as short (s). Nakajima (Introduction to TPM, 1988) speaks of 5 to 10 minutes; the shop may choose.
SHORT_STOP = Fraction(300)

LossKind = Literal["setup", "stops", "short_stops", "no_order", "unexplained", "speed", "scrap", "productive"]
_NAMES: dict[LossKind, Text] = {
    "setup": Text("Rüsten", "setup"),
    "stops": Text("Störungen und Stillstände", "stops"),
    "short_stops": Text("kurze Stopps", "short stops"),
    "no_order": Text("kein Auftrag", "no order"),
    "unexplained": Text("Stillstand ohne Grund", "stop without a reason"),
    "speed": Text("langsamer als geplant", "slower than planned"),
    "scrap": Text("Ausschuss und Nacharbeit", "scrap and rework"),
    "productive": Text("gute Teile im Soll-Takt", "good parts at planned speed"),
}


#: What the step "speed" is called where it is no loss.
FASTER = Text("schneller als geplant (Gewinn)", "faster than planned (a gain)")


@dataclass(frozen=True, slots=True)
class Loss:
    """One step of the waterfall: seconds lost, what is left after it, and euros (None where no cost per hour is known).

    Negative seconds are shown as they are: the input contradicts itself or the planned time per part is too long.
    """

    kind: LossKind
    seconds: Fraction
    left: Fraction
    euros: Fraction | None

    @property
    def name(self) -> Text:
        """Return the step's name for people; a machine faster than planned lost nothing there."""
        return FASTER if self.kind == "speed" and self.seconds < 0 else _NAMES[self.kind]


@dataclass(frozen=True, slots=True)
class StopGroup:
    """All stops of one reason: how many, how long (s), their share of all stops, and euros."""

    reason: str
    count: int
    seconds: Fraction
    share: Fraction
    euros: Fraction | None


@dataclass(frozen=True, slots=True)
class Trend:
    """A key figure over time: each value by its label, the older and the newer half taken together, and the change between them."""

    figure: str
    values: tuple[tuple[str, Fraction | None], ...]
    before: Fraction | None
    after: Fraction | None

    @property
    def change(self) -> Fraction | None:
        """Return newer minus older half (share, .02 = two points more), None where one of them has no value."""
        return None if self.before is None or self.after is None else self.after - self.before


def waterfall(found: Evaluated, short: Fraction = SHORT_STOP) -> tuple[Loss, ...]:
    """Return planned time → setup → stops → short stops → speed → scrap → productive time; empty where an element is missing.

    PBT = setup + stops + short stops + no order + unexplained + speed + scrap + PRI·GQ, exactly. Steps nothing is known of are left out.
    """
    e = found.elements
    if any(name not in e for name in ("PBT", "APT")):
        return ()
    listed = [stop.seconds for stop in found.given.stops if stop.kind == "unplanned"]
    brief = sum((s for s in listed if s < short), Fraction())
    delays = e.get("ADET", sum(listed, Fraction()))
    steps: list[tuple[LossKind, Fraction]] = [
        ("setup", e.get("AUST", Fraction())),
        ("stops", delays - brief),
        ("short_stops", brief),
        ("no_order", e.get("ADOT", Fraction())),
    ]
    steps.append(("unexplained", e["PBT"] - e["APT"] - sum((s for _, s in steps), Fraction())))
    if all(name in e for name in ("PRI", "PQ", "GQ")):
        steps.append(("speed", e["APT"] - e["PRI"] * e["PQ"]))
        steps.append(("scrap", e["PRI"] * (e["PQ"] - e["GQ"])))
        steps.append(("productive", e["PRI"] * e["GQ"]))
    return _falling(steps, e["PBT"], found.given.cost_per_hour)


@dataclass(frozen=True, slots=True)
class Valuable:
    """A loss worth working on: its name, whether that is a reason people gave, seconds, and euros (None where no cost is known)."""

    name: Text
    kind: LossKind
    reason: str
    seconds: Fraction
    euros: Fraction | None


def most_valuable(found: Evaluated, count: int = 3, short: Fraction = SHORT_STOP) -> tuple[Valuable, ...]:
    """Return the largest losses, the largest first: stops by their reason where one is known, the others as the waterfall names them.

    Each second is counted once: the stops of a reason, long and short, leave the waterfall's steps of stops and short stops.
    """
    rate = found.given.cost_per_hour
    named = [group for group in stops_by_size(found.given.stops, rate) if group.reason]
    made = [Valuable(Text(g.reason, g.reason), "stops", g.reason, g.seconds, g.euros) for g in named]
    taken = {
        kind: sum((s.seconds for s in found.given.stops if s.kind == "unplanned" and s.reason and (s.seconds < short) == brief), Fraction())
        for kind, brief in (("stops", False), ("short_stops", True))
    }  # fmt: skip
    for loss in waterfall(found, short):
        seconds = loss.seconds - taken.get(loss.kind, Fraction())
        if loss.kind != "productive":
            made.append(Valuable(loss.name, loss.kind, "", seconds, None if rate is None else seconds * rate / 3600))
    worth = [one for one in made if one.seconds > 0]
    return tuple(sorted(worth, key=lambda one: (-one.seconds, one.name.de))[:count])


def _falling(steps: Sequence[tuple[LossKind, Fraction]], planned: Fraction, rate: Fraction | None) -> tuple[Loss, ...]:
    left, losses = planned, []
    for kind, seconds in steps:
        if kind == "productive":
            losses.append(Loss(kind, seconds, left, None))
        elif seconds:
            left -= seconds
            losses.append(Loss(kind, seconds, left, None if rate is None else seconds * rate / 3600))
    return tuple(losses)


def stops_by_size(stops: Iterable[Stop], cost_per_hour: Fraction | None = None) -> tuple[StopGroup, ...]:
    """Return unplanned stops grouped by reason, the longest sum first (equal ones by name)."""
    groups: dict[str, list[Fraction]] = {}
    for stop in stops:
        if stop.kind == "unplanned":
            groups.setdefault(stop.reason, []).append(stop.seconds)
    whole = sum((s for seconds in groups.values() for s in seconds), Fraction())
    made = [
        StopGroup(
            reason,
            len(seconds),
            sum(seconds, Fraction()),
            sum(seconds, Fraction()) / whole if whole else Fraction(),
            None if cost_per_hour is None else sum(seconds, Fraction()) * cost_per_hour / 3600,
        )
        for reason, seconds in groups.items()
    ]
    return tuple(sorted(made, key=lambda group: (-group.seconds, group.reason)))


def trend(parts: Sequence[Evaluated], figure: str = "oee") -> Trend:
    """Return how a key figure went over consecutive stretches; halves are added up before they are divided, so short shifts count less."""
    middle = (len(parts) + 1) // 2
    halves = [
        evaluate(total([p.given for p in half])).value(figure) if half else None
        for half in (parts[:middle], parts[middle:])
    ]
    return Trend(figure, tuple((p.given.where, p.value(figure)) for p in parts), halves[0], halves[1])
