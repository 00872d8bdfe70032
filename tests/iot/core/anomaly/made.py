"""A made machine with four sensors and faults of known place, for the tests of the detectors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SENSORS = ("current", "pressure", "temperature", "flow")


def machine(rows: int = 600, seed: int = 1) -> NDArray[np.float64]:
    """Return rows (n, 4): current and pressure move together, temperature wanders slowly, flow is noise around 32."""
    draw = np.random.default_rng(seed)
    load = draw.normal(0, 1, rows)
    current = 5 + 0.5 * load + draw.normal(0, 0.1, rows)
    pressure = 2 + 0.2 * load + draw.normal(0, 0.05, rows)
    temperature = 60 + 0.3 * np.sin(np.arange(rows) / 90) + draw.normal(0, 0.2, rows)
    return np.column_stack([current, pressure, temperature, 32 + draw.normal(0, 0.4, rows)])
