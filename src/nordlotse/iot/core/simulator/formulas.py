"""What the signals of each machine read, from what it does. Names as in `kinds`; each function returns a column (n,) for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from nordlotse.iot.core.simulator.moments import Moments
from nordlotse.iot.core.simulator.values import Machine
from nordlotse.iot.core.values import Floats

#: What a current clamp reads of a machine that is switched off, A.
_LEAK = 0.05
#: kW for each A of three phases of 400 V at a power factor of 0.78.
_KILOWATT = np.sqrt(3) * 400 * 0.78 / 1000


def _current(of: Moments, running: Any, idle: Any) -> Floats:
    """Return A from those drawn while running and else, each (n,) or one: with two per cent of noise, and that of the clamp."""
    drawn = np.where(of.running, running, idle)
    made: Floats = np.where(of.off, _LEAK, drawn * (1 + 0.02 * of.noise(1))) + 0.02 * of.noise(2)
    return np.maximum(made, 0.0)


def cnc(of: Moments) -> dict[str, Floats]:
    """Return the signals of the milling machine: a part is loaded, roughed, the tool is changed, it is finished."""
    borders = (0.02, 0.45, 0.465, 0.965)
    broken = (of.level("tool-break") > 0) & of.running
    cutting = of.running & (of.by_phase(borders, (0, 1, 0, 1, 0)) > 0)
    rough = of.by_phase(borders, (0, 1, 0, 0, 0))
    wave = 1 + 0.06 * of.drift(9, 3) + 0.03 * of.noise(4)
    drawn = of.by_phase(borders, (6.2, 14.5, 7.0, 11.0, 6.2))
    drawn = np.where(cutting, np.where(broken, 6.6, drawn * of.load * wave), drawn)
    current = _current(of, drawn, np.where(of.setup & of.burst(15, 0.15, 5), 5.6, 4.2))
    turning = np.where(cutting, of.setting * (1 + 0.15 * (1 - rough)), 0.0)
    load = np.where(cutting, (41 + 21 * rough) * of.load * wave, 0.0)
    shaking = np.where(cutting, (1.5 + 0.4 * rough) * of.load * (1 + 0.08 * of.drift(30, 6)), 0.12)
    shaking = np.where(of.off, 0.02, shaking + 0.06 * np.abs(of.noise(7)))
    bearing, coolant = of.level("bearing"), of.level("coolant")
    shaking = shaking + np.where(cutting, 3.8 * bearing * (1 + 0.15 * of.noise(8)), 0.0)
    shaking = shaking + np.where(broken & of.burst(3, 0.5, 9), 8.0, 0.0)
    heat = of.warm[0] + 0.4 * of.drift(240, 10) + 0.05 * of.noise(11)
    heat = heat + of.warmth(0, 44) * (24 * bearing + 10 * coolant)
    pressure = np.where(of.running, (6.0 + 0.12 * of.drift(60, 12) + 0.05 * of.noise(13)) * (1 - 0.93 * coolant), 0.0)
    return {
        "Strom": current,
        "Leistung": current * _KILOWATT,
        "Spindeldrehzahl": turning * (1 + 0.001 * of.noise(14)),
        "Spindellast": np.where(broken, 6.0 + 0.5 * of.noise(15), load),
        "Vibration": shaking,
        "Spindeltemperatur": heat,
        "Kühlmitteldruck": np.maximum(pressure, 0.0),
    }


def moulder(of: Moments) -> dict[str, Floats]:
    """Return the signals of the injection moulding machine: inject, hold, plasticise, cool, open and eject."""
    drawn = of.by_phase((0.06, 0.22, 0.62, 0.85), (44.0, 27.0, 20.0, 13.0, 16.0)) * of.load
    heaters = 3.0 * of.burst(8, 0.4, 3)
    current = _current(of, drawn + heaters, 6.2 + heaters + np.where(of.setup & of.burst(20, 0.12, 4), 5.0, 0.0))
    band, leak, slow = of.level("heater-band"), of.level("valve-leak"), of.level("cycle-drift")
    pressure = of.setting * (1 + 0.012 * of.each_cycle(5)) * (1 + 0.12 * band - 0.16 * leak)
    cushion = 6.0 + 0.1 * of.each_cycle(6) - 2.6 * leak * (1 + 0.1 * of.each_cycle(7))
    second = of.warm[1] + 0.5 * of.drift(40, 8) + 0.05 * of.noise(9)
    return {
        "Strom": current,
        "Leistung": current * _KILOWATT,
        "Zylindertemperatur 1": of.warm[0] + 0.5 * of.drift(40, 10) + 0.05 * of.noise(11),
        "Zylindertemperatur 2": second - 55 * band * of.warmth(1, 225),
        "Einspritzdruck": np.where(of.running, pressure, 0.0),
        "Massepolster": np.where(of.running, cushion, 0.0),
        "Zykluszeit": np.where(of.running, of.cycle * (1 + 0.004 * of.each_cycle(12)), 0.0),
        "Öltemperatur": of.warm[2] + 0.4 * of.drift(300, 13) + 0.05 * of.noise(14) + 6 * slow * of.warmth(2, 45),
    }


def oven(of: Moments) -> dict[str, Floats]:
    """Return the signals of the gas-fired oven; its current is that of the fan, which turns slowly while it waits."""
    seal, burner, couple = of.level("door-seal"), of.level("burner"), of.level("thermocouple")
    fire = np.clip((of.aim[0] - of.warm[0]) / 90 + np.where(of.running, 0.38, 0.16), 0.04, 1.0)
    fire = np.where(of.off, 0.0, fire * (1 + 0.04 * of.drift(45, 3) + 0.02 * of.noise(4)))
    gas = 22 * np.minimum(fire * (1 + 0.35 * seal), 1.15) * (1 - 0.85 * burner)
    current = _current(of, 11.6 * of.load + 1.6 * fire, 4.3 + 0.6 * fire)
    hot = of.warmth(0, 200)
    return {
        "Strom": current,
        "Leistung": current * _KILOWATT,
        "Ofentemperatur": of.warm[0] + 0.8 * of.drift(90, 5) + 0.1 * of.noise(6) - (14 * seal + 60 * burner) * hot,
        "Chargentemperatur": of.warm[1] + 0.3 * of.drift(180, 7) + 0.1 * of.noise(8) - 38 * couple * of.warmth(1, 200),
        "Gasdurchfluss": np.maximum(gas, 0.0),
        "Abgastemperatur": of.warm[2] + 14 * fire + 0.8 * of.drift(60, 9) - 45 * burner * of.warmth(2, 148),
        "Tür offen": of.loading.astype(np.float64),
    }


FORMULAS: Mapping[Machine, Callable[[Moments], dict[str, Floats]]] = {
    Machine.CNC: cnc,
    Machine.MOULDER: moulder,
    Machine.OVEN: oven,
}

#: The share of bad parts each fault adds when it has grown.
SPOILT = {
    "bearing": 0.12,
    "tool-break": 1.0,
    "coolant": 0.2,
    "heater-band": 0.35,
    "valve-leak": 0.2,
    "cycle-drift": 0.04,
    "door-seal": 0.1,
    "burner": 0.9,
}
