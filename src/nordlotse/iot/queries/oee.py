"""The use of a machine or of a whole hall over a period: key figures, losses, stops by size, trend, flags, and the one next step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal

from nordlotse.foundation.language import Text
from nordlotse.iot.core.account import Account, account, unexplained_stops
from nordlotse.iot.core.measures import NO_REASON, by_name, in_cycle
from nordlotse.iot.core.oee.evaluate import evaluate, total
from nordlotse.iot.core.oee.values import Evaluated, Flag, Given
from nordlotse.iot.core.periods import Period, PeriodId, period
from nordlotse.iot.core.states.kept import given_read, spans_read
from nordlotse.iot.core.states.period import no_data
from nordlotse.iot.core.states.plans import SHIFT_NAMES, calendar_read
from nordlotse.iot.core.states.shifts import local_day, worked
from nordlotse.iot.core.states.values import SECOND, State
from nordlotse.iot.core.work_told import lead, standing, wanting
from nordlotse.iot.models import Hall, Machine, ShiftResult
from nordlotse.iot.queries import held
from nordlotse.iot.queries.observing import Observer
from nordlotse.iot.queries.states import microseconds, way_of
from nordlotse.iot.queries.underway import underway, weeks_underway

NextId = Literal["connect", "states", "shifts", "rate", "reasons", "orders", "loss"]
#: From this share of the stopped time without a reason on, giving reasons is the next step.
_UNEXPLAINED = Fraction(1, 3)
#: So long (µs) after a shift's end its result may still lie a little behind, and the rest of it is no missing time.
_WORKED_OUT = 3600 * SECOND
#: From so many seconds without data on they are told.
LEAST_UNKNOWN = 60
#: What is left of the planned time after all losses.
GOOD = Text("gute Teile im Soll-Takt", "good parts at planned speed")


@dataclass(frozen=True, slots=True)
class Kept:
    """A stretch's kept result with its key figures; `name` "" for time outside of shifts."""

    row: ShiftResult
    name: str
    day: date
    found: Evaluated

    @property
    def revised(self) -> bool:
        """Tell whether the result was worked out anew after it was final."""
        return self.row.revision > 0


@dataclass(frozen=True, slots=True)
class FlagTold:
    """A flag of a period and in how many shifts it stands."""

    flag: Flag
    count: int


@dataclass(frozen=True, slots=True)
class Use:
    """The use of a machine in a period; `found` None where there is no result in it. `unknown` seconds without data within shifts, also where a shift has no result.

    `open_stops`: stops without a reason, counted as on the page of stops (`core.measures.LEAST`). `counter`: a signal counts parts.
    """

    machine: Machine
    period: Period
    shifts: tuple[Kept, ...]
    found: Evaluated | None
    account: Account | None
    open_stops: int
    flags: tuple[FlagTold, ...]
    sentences: tuple[Text, ...]
    unknown: int
    planned: int
    next: NextId
    scrap_known: bool = True
    counter: bool = True

    @property
    def partly(self) -> bool:
        """Tell whether more time was planned than there are readings of."""
        return self.unknown >= LEAST_UNKNOWN

    @property
    def breaks(self) -> bool:
        """Tell whether shifts of the period have breaks: `unknown` and `planned` count them in."""
        plan = calendar_read(self.machine.hall.shifts).shifts
        return any(one.row.shift.get("breaks") for one in self.shifts) or any(shift.breaks for shift in plan)

    @property
    def oee(self) -> Fraction | None:
        """Return the OEE, None where it cannot be told."""
        return None if self.found is None else self.found.value("oee")


def chosen(machine: Machine, id_: str, last: date | None, now: int, newest: int | None = None) -> Period:
    """Return the period somebody chose; without a day it ends with the newest result, with two weeks as in the report by "zweiwochen".

    `newest`: the end (µs) of that result where it is known already.
    """
    zone = zone_of(machine.hall)
    which: PeriodId = id_ if id_ in ("schicht", "tag", "woche", "zweiwochen") else "woche"  # type: ignore[assignment]
    if last is None:
        if newest is None:
            newest = held.newest([machine]).get(machine.pk)
        at = min(newest - 1, now) if newest is not None else now
        last = local_day(at, zone)
    made = period(which, last, zone)
    if which != "schicht":
        return made
    rows = machine.results.filter(begin__gte=made.begin, begin__lt=made.end).order_by("-begin")
    row = next((r for r in rows if r.shift.get("name")), None)
    if row is None:
        return made
    name = str(row.shift["name"])
    return replace(made, begin=row.begin, end=row.end, shift=name)


def use(machine: Machine, wanted: Period) -> Use:
    """Return the use of a machine in a period, from the kept results of the shifts that begin in it."""
    shifts = tuple(_shifts(machine, wanted.begin, wanted.end))
    known = [s for s in shifts if s.found.elements.get("POT")]
    found = evaluate(_whole([s.found.given for s in known], machine)) if known else None
    scrap = scrap_known(machine, found)
    now = microseconds()
    untold = _untold(machine, wanted, shifts, now)
    unknown = sum(unknown_of(s.row, now) for s in shifts) + untold
    planned = sum(max(min(s.row.end, now) - s.row.begin, 0) for s in shifts) // SECOND + untold
    return Use(
        machine,
        wanted,
        shifts,
        found,
        account(found) if found else None,
        unexplained_stops(found) if found else 0,
        _flags(known, found, unknown),
        (
            *lead(
                machine.title or machine.name,
                wanted.words,
                found,
                own_rate=own_rate(machine),
                partly=unknown >= LEAST_UNKNOWN,
            ),
            *wanting(found, scrap),
        )
        if found
        else (),
        unknown,
        planned,
        _next(machine, found),
        scrap,
        counter(machine, found),
    )


def value(machine: Machine, wanted: Period) -> Fraction | None:
    """Return the OEE of a machine in a period alone, None where it cannot be told."""
    known = [s.found.given for s in _shifts(machine, wanted.begin, wanted.end) if s.found.elements.get("POT")]
    return evaluate(_whole(known, machine)).value("oee") if known else None


def before(machine: Machine, wanted: Period) -> Fraction | None:
    """Return the OEE of the period of the same length right before one, as the report compares; None for a shift, while it is being worked out, or where it cannot be told."""
    if wanted.id == "schicht":
        return None
    earlier = period(wanted.id, wanted.before, zone_of(machine.hall))
    return None if underway([machine], earlier, microseconds()).waiting else value(machine, earlier)


def _shifts(machine: Machine, begin: int, end: int) -> list[Kept]:
    return [kept(row, machine) for row in held.results(machine, begin, end) if row.shift.get("name")]


def scrap_known(machine: Machine, found: Evaluated | None) -> bool:
    """Tell whether anything says how many parts were bad: a signal, a word of people, or counts that differ; else 100 % would be made up."""
    e = found.elements if found else {}
    if "PQ" not in e or e["PQ"] != e.get("GQ"):
        return True
    if held.rejects(machine):
        return True
    return bool({"good", "scrap"} & set(Observer(machine, microseconds()).roles))


def counter(machine: Machine, found: Evaluated | None) -> bool:
    """Tell whether a signal counts the machine's parts; looked up only where no parts are known."""
    if found is None or "PQ" in found.elements:
        return True
    return bool({"parts", "good"} & set(Observer(machine, microseconds()).roles))


def own_rate(machine: Machine) -> bool:
    """Tell whether somebody entered a machine's rate: a simulated one brings an assumption along."""
    return not hasattr(machine, "simulation")


def from_file(machine: Machine) -> bool:
    """Tell whether a machine's newest readings came from a file."""
    return Observer(machine, microseconds()).from_file


def _untold(machine: Machine, wanted: Period, shifts: Sequence[Kept], now: int) -> int:
    """Return the seconds of shifts of a period up to now that have no result at all: nothing is known of them either."""
    calendar, until = calendar_read(machine.hall.shifts), min(wanted.end, now)
    there = [(s.row.begin, s.row.end) for s in shifts]
    return (
        sum(
            min(one.end, until) - one.begin
            for one in worked(calendar, wanted.begin, until)
            if wanted.begin <= one.begin < until and not any(b < one.end and e > one.begin for b, e in there)
        )
        // SECOND
    )


def kept(row: ShiftResult, machine: Machine) -> Kept:
    """Return a kept result with its key figures, with the machine's rate as it is now."""
    rate = None if machine.euros_per_hour is None else Fraction(machine.euros_per_hour)
    given = given_read(row.given)
    given = replace(given, cost_per_hour=rate, stops=in_cycle(given.stops, way_of(machine)))
    return Kept(row, str(row.shift.get("name", "")), date.fromisoformat(row.shift["day"]), evaluate(given))


def unknown_of(row: ShiftResult, now: int) -> int:
    """Return how many seconds of a stretch nothing is known of, breaks with it: before its values, between them, and behind them once it is over."""
    spans = spans_read(row.spans)
    told = sum(s.length for s in spans if s.state is State.UNKNOWN)
    # of a machine that fell silent states are told up to its last value only: what the shift lasted beyond is missing too
    over = row.end + _WORKED_OUT <= now and spans
    return (told + (max(row.end - spans[-1].end, 0) if over else 0)) // SECOND


def zone_of(hall: Hall) -> str:
    """Return the time zone of a hall."""
    return calendar_read(hall.shifts).zone


def by_day(machine: Machine, begin: int, end: int) -> list[tuple[date, Evaluated | None, bool]]:
    """Return the key figures of each day with shifts, and whether one of its shifts was revised."""
    rows = _shifts(machine, begin, end)
    days: dict[date, list[Kept]] = {}
    for one in rows:
        days.setdefault(one.day, []).append(one)
    made = []
    for day, ones in sorted(days.items()):
        known = [o.found.given for o in ones if o.found.elements.get("POT")]
        made.append((day, evaluate(_whole(known, machine)) if known else None, any(o.revised for o in ones)))
    return made


def by_week(machine: Machine) -> list[tuple[date, Evaluated, bool]]:
    """Return the key figures of each kept calendar week by its Monday."""
    weeks: dict[date, list[Kept]] = {}
    for row in machine.results.order_by("begin"):
        if row.shift.get("name"):
            one = kept(row, machine)
            if one.found.elements.get("POT"):
                weeks.setdefault(date.fromordinal(one.day.toordinal() - one.day.weekday()), []).append(one)
    return [
        (day, evaluate(_whole([o.found.given for o in ones], machine)), any(o.revised for o in ones))
        for day, ones in sorted(weeks.items())
    ]


def weeks_moving(machine: Machine) -> frozenset[date]:
    """Return the Mondays of the weeks whose figures move still: something of them is being worked out."""
    return weeks_underway(machine, microseconds())


def shift_name(name: str, lang: str) -> str:
    """Return what a shift is called in a language; own names stay as they are."""
    return SHIFT_NAMES[name].get(lang) if name in SHIFT_NAMES else name


def hall_use(hall: Hall, id_: str, last: date | None, now: int | None = None) -> list[Use]:
    """Return the use of each machine of a hall, the one that lost most first."""
    at = microseconds() if now is None else now
    machines = list(hall.machines.select_related("hall", "simulation").order_by("pk"))
    made = [use(m, wanted) for m, wanted in each(machines, id_, last, at)]
    return sorted(made, key=lambda u: -float(lost(u)))


def each(machines: Sequence[Machine], id_: str, last: date | None, now: int) -> Iterator[tuple[Machine, Period]]:
    """Yield machines with the period somebody chose, while their results of it are held: those of the same period are read at once."""
    ends = held.newest(machines)
    periods: dict[Period, list[Machine]] = {}
    for machine in machines:
        # a machine without a result is looked at up to now
        periods.setdefault(chosen(machine, id_, last, now, ends.get(machine.pk, now + 1)), []).append(machine)
    for wanted, those in periods.items():
        for some in held.groups(those):
            held.hold(some, wanted.begin, wanted.end)
            yield from ((machine, wanted) for machine in some)
            held.release(some)


def stood(used: Use) -> Fraction:
    """Return the seconds of the planned time in which a machine did not run: unplanned, for setup, without an order."""
    return sum((seconds for _, seconds in standing(used.found.elements)), Fraction()) if used.found else Fraction()


def lost(used: Use) -> Fraction:
    """Return the unplanned seconds of a period."""
    return used.found.elements.get("ADET", Fraction()) if used.found else Fraction()


def _whole(parts: Sequence[Given], machine: Machine) -> Given:
    return parts[0] if len(parts) == 1 else total(parts, machine.title or machine.name)


def _flags(shifts: Sequence[Kept], found: Evaluated | None, unknown: int) -> tuple[FlagTold, ...]:
    """Each flag once, the gravest first, with the number of shifts that have it; of the sum only what no shift says.

    Missing time is told once, of the whole period (`unknown` s): a shift's own flag knows neither the shifts without a result nor the time behind the last value.
    """
    told: dict[str, FlagTold] = {}
    for flag in (flag for one in shifts for flag in _once(one.found.flags)):
        before = told.get(flag.code)
        told[flag.code] = FlagTold(flag, 1) if before is None else replace(before, count=before.count + 1)
    if found is not None and len(shifts) > 1:
        for flag in found.flags:
            told.setdefault(flag.code, FlagTold(flag, 0))
    told.pop("no_data", None)
    if unknown >= LEAST_UNKNOWN:
        told["no_data"] = FlagTold(no_data(Fraction(unknown)), 0)
    order = {"error": 0, "warning": 1, "info": 2}
    return tuple(sorted((f for f in told.values() if f.flag.code != "missing"), key=lambda f: order[f.flag.severity]))


def _once(flags: Sequence[Flag]) -> list[Flag]:
    return list({flag.code: flag for flag in flags}.values())


def _next(machine: Machine, found: Evaluated | None) -> NextId:
    """Return the one step that helps most now."""
    stops = by_name(found.given.stops) if found else ()
    open_ = sum((s.seconds for s in stops if s.reason == NO_REASON), Fraction())
    steps: tuple[tuple[NextId, bool], ...] = (
        ("states", not machine.states and bool(machine.signals)),
        ("connect", found is None or not machine.states),
        ("shifts", not machine.hall.shifts.get("shifts")),
        ("rate", machine.euros_per_hour is None),
        ("reasons", open_ > _UNEXPLAINED * sum((s.seconds for s in stops if s.kind == "unplanned"), Fraction())),
        ("orders", found is not None and found.value("oee") is None),
    )
    return next((name for name, due in steps if due), "loss")
