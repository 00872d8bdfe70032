"""The faults that can be switched on at a simulated machine."""

from __future__ import annotations

from dataclasses import dataclass

from nordlotse.foundation.language import Lang
from nordlotse.iot.core.showing.words import moment
from nordlotse.iot.core.simulator.kinds import faults
from nordlotse.iot.models import Machine, Simulation
from nordlotse.iot.queries.live import titled


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: its name, its title, the signals that show it as a sentence, since when it is on (µs; None: off)."""

    name: str
    title: str
    sentence: str
    since: int | None

    @property
    def since_said(self) -> str:
        """Return since when it is on, as a time of day in Berlin."""
        return f"{moment(self.since):%H:%M:%S}" if self.since else ""


def simulation(machine: Machine) -> Simulation | None:
    """Return the simulation behind a machine, None where it is a real one."""
    return Simulation.objects.filter(pk=machine.pk).first()


def of(machine: Machine, lang: Lang) -> list[Fault]:
    """Return the faults of a machine's kind; none where it is not simulated."""
    found = simulation(machine)
    if found is None:
        return []
    on = {one["name"]: int(one["since"]) for one in found.faults if one.get("until") is None}
    made = []
    for sort in faults(found.kind):
        names = [titled(machine, signal, lang)[0] for signal in sort.signals]
        joined = [", ".join(names[:-1]), names[-1]] if len(names) > 1 else names
        shown = (" und " if lang == "de" else " and ").join(joined)
        sentence = f"Zu sehen an: {shown}." if lang == "de" else f"Seen in: {shown}."
        title = sort.de if lang == "de" else sort.en[:1].upper() + sort.en[1:]
        made.append(Fault(sort.name, title, sentence, on.get(sort.name)))
    return made
