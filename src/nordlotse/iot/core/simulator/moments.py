"""What the formulas of the machines are given: for each moment the state, the place in the cycle, temperatures, faults, chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nordlotse.iot.core.simulator import chance
from nordlotse.iot.core.simulator.kinds import AMBIENT
from nordlotse.iot.core.simulator.values import Fault
from nordlotse.iot.core.values import Floats, Times

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Moments:
    """n moments of a machine: all arrays are (n,).

    `cycle` seconds as they really are, `phase` 0 to 1 within it, `number` the cycle's own number; `load`, `setting` of the product;
    `made`, `scrap`: parts since the day began.
    """

    time: Times
    key: int
    running: Mask
    off: Mask
    loading: Mask
    setup: Mask
    cycle: Floats
    phase: Floats
    number: Times
    load: Floats
    setting: Floats
    warm: tuple[Floats, ...]
    aim: tuple[Floats, ...]
    made: Floats
    scrap: Floats
    faults: tuple[Fault, ...]

    def level(self, name: str) -> Floats:
        """Return how far a fault has grown, 0 to 1."""
        made = np.zeros(len(self.time))
        for fault in self.faults:
            if fault.name == name:
                made = np.maximum(made, level(fault, self.time))
        return made

    def noise(self, key: int) -> Floats:
        """Return chance that is new at each moment, deviation 1."""
        return chance.normal(self.time, self.key + key)

    def drift(self, seconds: float, key: int) -> Floats:
        """Return chance that wanders within so many seconds."""
        return chance.drift(self.time, round(seconds * 1e6), self.key + key)

    def each_cycle(self, key: int) -> Floats:
        """Return chance that is new with each cycle."""
        return chance.normal(self.number, self.key + key)

    def burst(self, seconds: float, share: float, key: int) -> Mask:
        """Return a share of stretches of so many seconds."""
        found: Mask = chance.uniform(self.time // round(seconds * 1e6), self.key + key) < share
        return found

    def warmth(self, place: int, usual: float) -> Floats:
        """Return how warm a part is: 0 as the hall, 1 at `usual` °C."""
        return (self.warm[place] - AMBIENT) / (usual - AMBIENT)

    def by_phase(self, borders: Sequence[float], values: Sequence[float]) -> Floats:
        """Return the value of the part of the cycle, which `borders` part."""
        found: Floats = np.asarray(values, np.float64)[np.searchsorted(borders, self.phase, side="right")]
        return found


def level(fault: Fault, time: Times) -> Floats:
    """Return how far a fault has grown at moments (n,): 0 to 1."""
    grown: Any = np.clip((time - fault.begin + 1) / max(fault.ramp, 1), 0.0, 1.0)
    over = time >= fault.end if fault.end is not None else np.zeros(len(time), np.bool_)
    made: Floats = np.where((time < fault.begin) | over, 0.0, grown)
    return made
