"""Machines that do not exist: their signals, faults to switch on, and the truth about what they did. Deterministic from a seed.

Written from the facts page of the room and what is generally known of such machines, not from the parts of the room that are held against
it (states, anomalies). A value depends on its moment alone, not on how it was asked for: the same stretch asked for twice is the same.
"""

from nordlotse.iot.core.simulator.kinds import faults, signals
from nordlotse.iot.core.simulator.planning import LATE, breaks_late
from nordlotse.iot.core.simulator.simulation import Simulation
from nordlotse.iot.core.simulator.values import (
    Fault,
    FaultSort,
    Machine,
    Order,
    Shift,
    Signal,
    State,
    Stretch,
    Truth,
)

__all__ = [
    "LATE",
    "Fault",
    "FaultSort",
    "Machine",
    "Order",
    "Shift",
    "Signal",
    "Simulation",
    "State",
    "Stretch",
    "Truth",
    "breaks_late",
    "faults",
    "signals",
]
