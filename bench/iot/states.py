"""States found from one current signal without any configuration, against the truth of the simulated machines.

    python -m bench.iot.states

The simulator was written from the facts page and common knowledge, by somebody who had not read `core/states`, and was not changed since.
What the first measurement (seeds 0 to 19) showed was mended in `core/states`; the seeds measured now played no part in that. A current cannot tell setting up and faults from waiting, so the truth counts all three as idle.
Levels are learnt on one week and used on the following one. The error is in percent of the state's own true minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from nordlotse.iot.core.simulator import Machine, Simulation, State
from nordlotse.iot.core.states.classifying import classify
from nordlotse.iot.core.states.finding import find_levels
from nordlotse.iot.core.states.rules import Signal
from nordlotse.iot.core.states.values import State as Found
from nordlotse.iot.core.states.values import seconds_per_state

_SECOND = 1_000_000
_WEEK = 7 * 86_400 * _SECOND
_BEGIN = int(datetime(2026, 3, 2, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()) * _SECOND
#: Seconds between two values, and the seeds.
STEPS, SEEDS = (1, 10, 60), range(100, 120)
NAMES = {Found.PRODUCING: "running", Found.IDLE: "idle", Found.OFF: "off"}
_TRUE = {
    Found.PRODUCING: (State.RUNNING,),
    Found.IDLE: (State.IDLE, State.SETUP, State.FAULT),
    Found.OFF: (State.OFF,),
}


def errors(kind: Machine, seed: int, step: int, begin: int = _BEGIN, length: int = _WEEK) -> Mapping[Found, float]:
    """Return the error of each state's minutes in percent of the true ones, learnt on `length` µs and measured on those that follow."""
    simulation = Simulation(kind, seed)
    learnt, used = (_current(simulation, at, at + length, step) for at in (begin, begin + length))
    levels = find_levels(learnt)
    found = seconds_per_state(classify(used, levels, begin + length, begin + 2 * length))
    truth = simulation.truth(begin + length, begin + 2 * length)
    true = {state: truth.seconds(*states) for state, states in _TRUE.items()}
    return {state: 100 * (found.get(state, 0.0) / true[state] - 1) for state in true}


def _current(simulation: Simulation, begin: int, end: int, step: int) -> Signal:
    block = next(one for one in simulation.at(begin, end, step * _SECOND) if one.series.signal == "Strom")
    return Signal(block.time, block.value)


def main() -> None:
    """Print the errors of each kind of machine."""
    print(
        f"{len(SEEDS)} seeds each, two shifts, a week learnt and the next one measured; error in % of the state's minutes\n"
    )
    print(f"{'machine':9}{'values':>9}  {'running':>17}{'idle':>17}{'off':>17}   all within 2 %")
    print(f"{'':18}  {'mean     most':>17}{'mean     most':>17}{'mean     most':>17}")
    for kind in Machine:
        for step in STEPS:
            made: NDArray[np.float64] = np.array(
                [[errors(kind, seed, step)[state] for state in NAMES] for seed in SEEDS]
            )
            apart = np.abs(made)
            columns = "".join(f"{apart[:, k].mean():>9.2f}{apart[:, k].max():>8.2f}" for k in range(3))
            within = int((apart.max(axis=1) <= 2).sum())
            print(f"{kind.value:9}{f'{step} s':>9}  {columns}   {within} of {len(SEEDS)}")


if __name__ == "__main__":
    main()
