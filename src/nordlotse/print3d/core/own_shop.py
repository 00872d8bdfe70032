"""A shop's own machines, materials, cost figures and calibration as values of the core, and what they change in check, estimate and cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.calibration import FEWEST, Calibration, Job, calibrate
from nordlotse.print3d.core.estimate import Factors
from nordlotse.print3d.core.limits_data import machines as our_machines
from nordlotse.print3d.core.limits_data import materials as our_materials
from nordlotse.print3d.core.limits_data import process_limits
from nordlotse.print3d.core.rates import Rates, changed, with_machine, with_material
from nordlotse.print3d.core.values import Estimate, Limits, Machine, Material, Process, Sourced
from nordlotse.print3d.core.whole import Wishes

#: Source of a figure a shop gave.
OWN = Text("Angabe der Werkstatt", "The shop's own figure")
#: What of a process's limits a shop may state, in mm but for the overhang in degrees.
LIMITS = ("wall", "gap", "hole", "feature", "overhang", "bridge", "layer")
#: Which of several machines' figures is the best: the smallest, but of bridges the longest.
_BEST: Mapping[str, Callable[[Iterable[float]], float]] = {name: max if name == "bridge" else min for name in LIMITS}


@dataclass(frozen=True, slots=True)
class OwnMachine:
    """A shop's machine and what it can make where the shop said so, by name of the limit."""

    machine: Machine
    limits: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OwnShop:
    """What a shop has. `figures` are cost figures by key (`fdm.finishing`); `factors` what its past jobs say, None without any."""

    machines: tuple[OwnMachine, ...] = ()
    materials: tuple[Material, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)
    factors: Factors | None = None

    def of(self, process: Process) -> tuple[Machine, ...]:
        """Return the shop's machines of a process, the smallest first."""
        own = [one.machine for one in self.machines if one.machine.process is process]
        return tuple(sorted(own, key=lambda one: one.build[0] * one.build[1] * one.build[2]))

    def judged_machines(self) -> tuple[Machine, ...]:
        """Return what a part must fit: the shop's machines, and ours for processes the shop does not have."""
        own = {one.machine.process for one in self.machines}
        return (
            *(one.machine for one in self.machines),
            *(one for one in our_machines().values() if one.process not in own),
        )

    def judged_limits(self, on: date) -> dict[Process, Limits]:
        """Return what each process can make: ours, with what the shop's machines do better or worse in their place.

        Of several machines of one process the best counts for each limit alone: a part goes to the machine that can make it. A machine
        without a figure of its own does what we say of the process. A part that needs the best of two machines at once passes too.
        """
        given = dict(process_limits())
        for process in {own.machine.process for own in self.machines}:
            ours = given[process]
            stated = [own.limits for own in self.machines if own.machine.process is process]
            names = {name for limits in stated for name in limits}
            best = {name: _BEST[name](one.get(name, getattr(ours, name)) for one in stated) for name in names}
            # Where no machine's own figure is the best, the figures stay ours, with our source.
            if any(one.get(name) == value for name, value in best.items() for one in stated):
                given[process] = replace(ours, **best, source=OWN, decided=on)
        return given

    def preferring(self, material: str) -> OwnShop:
        """Return the shop with a material of its own, by its id, before its others: it is judged and priced with that one."""
        first = tuple(one for one in self.materials if one.id == material)
        return replace(self, materials=(*first, *(one for one in self.materials if one.id != material)))

    def asked(self, wishes: Wishes) -> Wishes:
        """Return wishes as the check knows them: a material of the shop's own becomes its process; by `preferring` it is taken there."""
        own = next((one for one in self.materials if one.id == wishes.material), None)
        return wishes if own is None else replace(wishes, material="", process=wishes.process or own.process.value)

    def judged_materials(self) -> dict[Process, Material]:
        """Return the material taken for each process the shop has one for: its first."""
        return {one.process: one for one in reversed(self.materials)}

    def rates(self, given: Rates, on: date | None = None) -> Rates:
        """Return cost figures with the shop's machines, materials and figures in their places.

        Raises:
            BadInput: `rate_unknown`, `rate_impossible`.
        """
        for process in Process:
            own = self.of(process)
            if own:
                made = [with_machine(given, one).ways[process.value] for one in own]
                first = replace(made[0], larger=tuple(made[1:]))
                given = replace(given, ways={**given.ways, process.value: first})
            material = next((one for one in self.materials if one.process is process), None)
            if material is not None:
                given = with_material(given, material)
        known = {rate.id for way in given.ways.values() for rate in way.rates.values()}
        return changed(given, {key: value for key, value in self.figures.items() if key in known}, on)


def still_there(wishes: Wishes, own: OwnShop | None) -> Wishes:
    """Return wishes without a material that is gone: deleted in the shop, or of a shop the part is no longer reckoned with."""
    known = {*our_materials(), *(one.id for one in (own.materials if own else ()))}
    return wishes if wishes.material in known else replace(wishes, material="")


def certain(value: float, unit: str, on: date) -> Sourced:
    """Return a figure a shop gave: without range."""
    return Sourced(value, value, value, unit, OWN, on)


@dataclass(frozen=True, slots=True)
class Trial:
    """How far estimates lie from past jobs: median error as a share, before and after calibration.

    `after`: each job by what the others say, so that no job proves itself; None where too few are left for that.
    """

    before: float
    after: float | None


def trial(jobs: Sequence[Job], estimates: Sequence[Estimate], found: Calibration) -> Trial:
    """Return the errors of the time estimate on past jobs that count: as it comes, and calibrated by all jobs but the one looked at."""
    kept = [(j, e) for j, e in zip(jobs, estimates, strict=True) if j.row not in found.left_out]
    ratio = np.array([e.time_s * j.copies / (j.minutes * 60) for j, e in kept])
    before = float(np.median(np.abs(ratio - 1)))
    if len(kept) <= FEWEST:
        return Trial(before, None)
    errors = []
    for place, (_, estimate) in enumerate(kept):
        rest = [pair for n, pair in enumerate(kept) if n != place]
        others = calibrate([j for j, _ in rest], [e for _, e in rest], estimate.profile)
        errors.append(abs(float(ratio[place]) * others.time.factor - 1))
    return Trial(before, float(np.median(errors)))


def missing(jobs: Sequence[Job], there: Sequence[str], place: str) -> BadInput:
    """Return the error of a list that names parts which were not handed in with it."""
    gone = list(dict.fromkeys(job.part for job in jobs if job.part not in there))
    shown = ", ".join(name[:40] for name in gone[:5]) + (" …" if len(gone) > 5 else "")
    return BadInput(
        "jobs_parts_missing",
        de=f"Diese Teile stehen in der Liste, fehlen aber im ZIP: {shown}.",
        en=f"These parts are on the list but not in the ZIP: {shown}.",
        where=place,
        remedy_de="Legen Sie die Dateien ins ZIP, mit genau diesen Namen.",
        remedy_en="Put the files into the ZIP under exactly these names.",
    )
