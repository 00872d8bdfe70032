"""Where the planned time of a machine went: each loss once, under one name. Sentence, table, picture and report all read this list."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from nordlotse.iot.core.measures import NO_REASON, by_name, valuable
from nordlotse.iot.core.oee.losses import Valuable, waterfall
from nordlotse.iot.core.oee.values import Evaluated

#: Losses in which the machine did not run; the others are parts made too slowly or not good.
_RUNNING = ("speed", "scrap")


@dataclass(frozen=True, slots=True)
class Line:
    """A loss; `count`: of how many stops it consists, None where it is none of stops or nobody knows; `left`: seconds that remain after it."""

    loss: Valuable
    count: int | None
    left: Fraction


@dataclass(frozen=True, slots=True)
class Account:
    """The planned time in seconds, its losses (the largest first, a gain last) and the time of good parts (None: not known).

    `stood` is the sum of the losses in which the machine did not run, as the first sentence tells it; planned = all losses + good.
    """

    planned: Fraction
    lines: tuple[Line, ...]
    stood: Fraction
    lost: Fraction
    good: Fraction | None
    rate: Fraction | None

    def euros(self, seconds: Fraction) -> Fraction | None:
        """Return what so many seconds cost, None without a rate."""
        return None if self.rate is None else seconds * self.rate / 3600


def account(found: Evaluated) -> Account | None:
    """Return where the planned time went; None where planned or production time is not known."""
    steps = waterfall(found)
    if not steps:
        return None
    planned = found.elements["PBT"]
    losses = list(valuable(found, len(found.given.stops) + len(steps)))
    losses += [
        Valuable(one.name, one.kind, "", one.seconds, one.euros)
        for one in steps
        if one.seconds < 0 and one.kind in ("speed", "scrap", "unexplained")
    ]
    left, lines = planned, []
    for loss in losses:
        left -= loss.seconds
        lines.append(Line(loss, _count(found, loss), left))
    good = next((one.seconds for one in steps if one.kind == "productive"), None)
    lost = sum((line.loss.seconds for line in lines), Fraction())
    stood = sum((line.loss.seconds for line in lines if line.loss.kind not in _RUNNING), Fraction())
    return Account(planned, tuple(lines), stood, lost, good, found.given.cost_per_hour)


def unexplained_stops(found: Evaluated) -> int:
    """Return how many stops of a minute and more have no reason."""
    return sum(1 for stop in by_name(found.given.stops) if stop.reason == NO_REASON)


def _count(found: Evaluated, loss: Valuable) -> int | None:
    if loss.kind == "setup":
        return sum(1 for stop in found.given.stops if stop.kind == "setup") or None
    if not loss.reason:
        return None
    return sum(1 for stop in by_name(found.given.stops) if stop.reason == loss.reason and stop.kind == "unplanned")
