"""Two weeks of a hall for its owner: the three most valuable losses, what to do about each, trend, energy, alarms, how much is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from nordlotse.foundation.language import Text
from nordlotse.iot import elsewhere
from nordlotse.iot.core.measures import NO_REASON, by_name
from nordlotse.iot.core.measures import valuable as worth
from nordlotse.iot.core.oee.evaluate import evaluate, total
from nordlotse.iot.core.oee.losses import Valuable
from nordlotse.iot.core.oee.values import Evaluated
from nordlotse.iot.core.periods import Period, period
from nordlotse.iot.core.states.shifts import local_day
from nordlotse.iot.core.work_told import standing
from nordlotse.iot.elsewhere import Further
from nordlotse.iot.models import Hall, Machine
from nordlotse.iot.queries import energy, held, oee
from nordlotse.iot.queries.alarms import Counted, counted_each
from nordlotse.iot.queries.energy import Used
from nordlotse.iot.queries.oee import Use
from nordlotse.iot.queries.stops import StopTold, longest
from nordlotse.iot.queries.underway import underway

#: Losses told.
LOSSES = 3
#: Of each loss so many of its stops are named.
STOPS = 3
#: More losses than a machine has.
_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """A machine in the report: its use, its OEE in the two weeks before, its energy, its alarms."""

    machine: Machine
    use: Use
    before: Fraction | None
    energy: Used | None
    alarms: int
    simulated: bool = False

    @property
    def name(self) -> str:
        """Return what people call it."""
        return self.machine.title or self.machine.name


@dataclass(frozen=True, slots=True)
class Lost:
    """A loss worth working on: of which machine, and the longest stops it consists of (none where it is no loss of stops)."""

    machine: Machine
    loss: Valuable
    stops: tuple[StopTold, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """The availability of all machines on a day, None where none was planned; `revised`: worked out anew later.

    `full`: at least half as long as the longest day; one that has only begun is drawn, but called neither best nor worst.
    """

    day: date
    availability: float | None
    revised: bool
    full: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What the report tells. `losses`: the most valuable first; `whole`: all machines counted together, None without any result.

    Simulated machines beside a company's own ones are listed and not counted (`counted`, `apart`). `order_open`: reasons for stops that
    have none yet could put other losses first.
    """

    hall: Hall
    period: Period
    rows: tuple[Row, ...]
    losses: tuple[Lost, ...]
    whole: Evaluated | None
    days: tuple[Day, ...]
    alarms: Counted
    further: tuple[Further, ...]
    order_open: bool = False

    @property
    def counted(self) -> tuple[Row, ...]:
        """Return the machines that sums are made of: a company's own ones, or the simulated ones where there are no others."""
        return _counted(self.rows)

    @property
    def apart(self) -> tuple[str, ...]:
        """Return the names of the simulated machines that sums leave out."""
        there = {row.machine.pk for row in self.counted}
        return tuple(row.name for row in self.rows if row.machine.pk not in there)

    @property
    def unknown(self) -> Fraction:
        """Return which share of the shifts' time nothing is known of."""
        planned = sum(row.use.planned for row in self.counted)
        return Fraction(sum(row.use.unknown for row in self.counted), planned) if planned else Fraction()

    @property
    def unexplained(self) -> Fraction:
        """Return the seconds of stops from `LEAST` on that have no reason."""
        return sum((_unexplained(row) for row in self.counted), Fraction())

    @property
    def lost(self) -> Fraction:
        """Return all seconds of the planned time in which machines did not run: the sum of `parts`."""
        return sum((oee.stood(row.use) for row in self.counted), Fraction())

    @property
    def planned(self) -> Fraction:
        """Return the planned seconds (PBT) of the machines that have a result."""
        return sum((row.use.found.elements.get("PBT", Fraction()) for row in self.counted if row.use.found), Fraction())

    @property
    def parts(self) -> tuple[tuple[Text, Fraction], ...]:
        """Return what `lost` is made of, the longest first."""
        made: dict[Text, Fraction] = {}
        for name, seconds in (
            part for row in self.counted if row.use.found for part in standing(row.use.found.elements)
        ):
            made[name] = made.get(name, Fraction()) + seconds
        return tuple(sorted(made.items(), key=lambda part: -part[1]))

    @property
    def rates(self) -> tuple[Fraction, ...]:
        """Return the rates (EUR/h) of machines that stood, as far as they are known."""
        return tuple(
            Fraction(row.machine.euros_per_hour)
            for row in self.counted
            if row.machine.euros_per_hour is not None and oee.stood(row.use)
        )

    @property
    def unrated(self) -> int:
        """Return how many machines that stood have no rate."""
        return sum(1 for row in self.counted if row.machine.euros_per_hour is None and oee.stood(row.use))

    @property
    def euros(self) -> Fraction | None:
        """Return what is known of the cost: the sum over machines with a rate, None where none that stood has one."""
        if not self.rates:
            return None
        return sum(
            (oee.stood(row.use) * Fraction(row.machine.euros_per_hour or 0) / 3600 for row in self.counted), Fraction()
        )

    @property
    def simulated(self) -> tuple[str, ...]:
        """Return the names of the machines whose values are made by a simulation."""
        return tuple(row.name for row in self.counted if hasattr(row.machine, "simulation"))

    @property
    def empty(self) -> bool:
        """Tell whether there is no result at all."""
        return self.whole is None


def report(hall: Hall, last: date | None, now: int, lang: str) -> Report:
    """Return the report of the two weeks that end with a day (None: with the newest result)."""
    machines = list(hall.machines.select_related("hall", "simulation").order_by("pk"))
    period_ = wanted(hall, machines, last, now)
    told, each = counted_each(hall, period_.begin, period_.end)
    rows = _rows(machines, period_, oee.zone_of(hall), now, each)
    summed = _counted(rows)
    known = [row.use.found.given for row in summed if row.use.found]
    return Report(
        hall,
        period_,
        rows,
        tuple(_losses(summed, period_)),
        evaluate(known[0] if len(known) == 1 else total(known)) if known else None,
        tuple(_days([row.machine for row in summed], period_)),
        told,
        tuple(elsewhere.house().further(hall, "en" if lang == "en" else "de"))[:3],
        order_open(summed),
    )


def wanted(hall: Hall, machines: Sequence[Machine], last: date | None, now: int) -> Period:
    """Return the two weeks that end with a day (None: with the newest result of all machines)."""
    zone = oee.zone_of(hall)
    if last is None:
        newest = max(held.newest(machines).values(), default=now)
        last = local_day(min(newest - 1, now), zone)
    return period("zweiwochen", last, zone)


def _counted(rows: Sequence[Row]) -> tuple[Row, ...]:
    own = tuple(row for row in rows if not row.simulated)
    return own if any(row.use.found for row in own) else tuple(rows)


def _rows(machines: Sequence[Machine], wanted: Period, zone: str, now: int, alarms: Mapping[int, Counted]) -> tuple[Row, ...]:  # fmt: skip
    rows = []
    earlier = period("zweiwochen", wanted.before, zone)
    # numbers that move still are compared with nothing, as on the page of use
    moving = underway(machines, earlier, now).waiting
    for some in held.groups(machines):
        held.hold(some, earlier.begin, earlier.end)
        before = [None if moving else oee.value(machine, earlier) for machine in some]
        held.hold(some, wanted.begin, wanted.end)
        for machine, value in zip(some, before, strict=True):
            matters = alarms[machine.pk].matters if machine.pk in alarms else 0
            rows.append(Row(machine, oee.use(machine, wanted), value, energy.used(machine, wanted, now), matters, hasattr(machine, "simulation")))  # fmt: skip
        held.release(some)
    return tuple(rows)


def _losses(rows: Sequence[Row], wanted: Period) -> list[Lost]:
    """The largest losses of all machines: by euros where every machine has a rate, else by hours."""
    return [
        Lost(row.machine, loss, tuple(longest(row.machine, wanted.begin, wanted.end, loss, STOPS)))
        for row, loss, _ in _ranked(rows, LOSSES)[:LOSSES]
    ]


def _ranked(rows: Sequence[Row], each: int) -> list[tuple[Row, Valuable, float]]:
    """The `each` largest losses of each machine with what they are ranked by (euros where every machine has a rate, else seconds)."""
    found = [(row, loss) for row in rows if row.use.found for loss in worth(row.use.found, each)]
    by_euros = all(loss.euros is not None for _, loss in found)
    ranked = [(row, loss, float((loss.euros if by_euros else loss.seconds) or 0)) for row, loss in found]
    return sorted(ranked, key=lambda one: -one[2])


def _unexplained(row: Row) -> Fraction:
    stops = by_name(row.use.found.given.stops) if row.use.found else ()
    return sum((stop.seconds for stop in stops if stop.reason == NO_REASON and stop.kind == "unplanned"), Fraction())


def order_open(rows: Sequence[Row]) -> bool:
    """Tell whether reasons for stops without one could change which losses are the most valuable, or their order.

    They could where such stops are one of those losses, or would lift another loss of their machine, or a new one, past one of them.
    """
    ranked = _ranked(rows, _ALL)
    firsts = [value for _, _, value in ranked[:LOSSES]]
    for place, (row, loss, open_) in enumerate(ranked):
        if loss.reason != NO_REASON:
            continue
        if place < LOSSES or len(firsts) < LOSSES:
            return True
        others = [
            value
            for other, one, value in ranked
            if other is row and one.kind not in ("speed", "scrap") and one is not loss
        ]
        if any(value < first <= value + open_ for value in (0.0, *others) for first in firsts):
            return True
    return False


def _days(machines: Sequence[Machine], wanted: Period) -> list[Day]:
    """The availability of all machines together by day: it needs neither parts nor a cycle, so it is there for each machine."""
    days: dict[date, list[tuple[Evaluated, bool]]] = {}
    for some in held.groups(machines):
        held.hold(some, wanted.begin, wanted.end)
        for machine in some:
            for day, found, revised in oee.by_day(machine, wanted.begin, wanted.end):
                if found is not None:
                    days.setdefault(day, []).append((found, revised))
        held.release(some)
    made = []
    for day, ones in sorted(days.items()):
        ran = sum((f.elements["APT"] for f, _ in ones), Fraction())
        planned = sum((f.elements["PBT"] for f, _ in ones), Fraction())
        made.append((day, ran, planned, any(r for _, r in ones)))
    most = max((planned for _, _, planned, _ in made), default=Fraction())
    return [
        Day(day, float(ran / planned) if planned else None, revised, 2 * planned >= most)
        for day, ran, planned, revised in made
    ]
