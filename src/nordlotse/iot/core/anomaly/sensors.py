"""The sensors themselves: stuck, missing, drifted. These are notices, not anomalies of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nordlotse.iot.core.anomaly.learning import Model
from nordlotse.iot.core.anomaly.smoothing import Vector
from nordlotse.iot.core.anomaly.values import Notice

#: A sensor is stuck when one value stays this many times longer than ever in the good period, and at least `Settings.least_still` rows.
STILL_TIMES = 5
#: A sensor is missing when this many rows bring no value from it.
LEAST_MISSING = 60


class SensorWatch:
    """Counts per sensor how long it stands still or is missing; says each thing once until it ends."""

    def __init__(self, model: Model) -> None:
        """Begin with nothing counted."""
        sensors = len(model.sensors)
        self._names = model.sensors
        self._limit = np.maximum(STILL_TIMES * model.longest_still, model.settings.least_still)
        self._drift_high, self._drift_low = model.drift_high, model.drift_low
        self._centre, self._spread = model.centre, model.spread
        self._last: Vector = np.full(sensors, np.nan)
        self._still = np.zeros(sensors, dtype=np.int64)
        self._missing = np.zeros(sensors, dtype=np.int64)
        self._drifted = np.zeros(sensors, dtype=bool)

    def step(self, row: int, values: Vector, level: Vector) -> tuple[Notice, ...]:
        """Take a row (s,) and the slow level (s,) in spreads; return what begins with this row."""
        there = np.isfinite(values)
        same = there & (values == self._last)
        self._still = np.where(there, np.where(same, self._still + 1, 1), self._still)
        self._missing = np.where(there, 0, self._missing + 1)
        self._last = np.where(there, values, self._last)
        away = np.where(level >= 0, level / self._drift_high, -level / self._drift_low)
        drifted = np.where(self._drifted, away > 0.5, away > 1.0)
        begun = drifted & ~self._drifted
        self._drifted = drifted
        stuck = there & (self._still == self._limit)
        gone = self._missing == LEAST_MISSING
        if not (stuck.any() or gone.any() or begun.any()):
            return ()
        return (
            *(Notice("stuck", self._names[place], row, float(values[place])) for place in np.flatnonzero(stuck)),
            *(Notice("missing", self._names[place], row) for place in np.flatnonzero(gone)),
            *(self._drift(int(place), row, float(level[place])) for place in np.flatnonzero(begun)),
        )

    def lasting(self) -> frozenset[tuple[str, str]]:
        """Return what of all that has not ended: kind and sensor."""
        still = {"stuck": self._still >= self._limit, "missing": self._missing >= LEAST_MISSING, "drift": self._drifted}
        return frozenset((kind, self._names[place]) for kind, on in still.items() for place in np.flatnonzero(on))

    def _drift(self, place: int, row: int, level: float) -> Notice:
        """Return the notice of a drift with its numbers in the sensor's unit; `level` in spreads."""
        centre, spread = float(self._centre[place]), float(self._spread[place])
        bound = float(self._drift_high[place]) if level >= 0 else -float(self._drift_low[place])
        return Notice("drift", self._names[place], row, centre + level * spread, centre, centre + bound * spread)

    def kept(self) -> dict[str, Any]:
        """Return what was counted as plain values."""
        last = [value if np.isfinite(value) else None for value in self._last.tolist()]
        return {
            "last": last,
            "still": self._still.tolist(),
            "missing": self._missing.tolist(),
            "drifted": self._drifted.tolist(),
        }

    def take(self, kept: Mapping[str, Any]) -> None:
        """Go on from what `kept` returned."""
        shape = (len(self._names),)
        self._last = np.array([np.nan if value is None else value for value in kept["last"]], np.float64).reshape(shape)
        self._still = np.array(kept["still"], dtype=np.int64).reshape(shape)
        self._missing = np.array(kept["missing"], dtype=np.int64).reshape(shape)
        self._drifted = np.array(kept["drifted"], dtype=bool).reshape(shape)
