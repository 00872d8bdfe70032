"""One signal alone: Gaussian tail in log scale of the value and of its level at this time of day, one alarm per burst."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nordlotse.iot.core.anomaly.bursts import Damper
from nordlotse.iot.core.anomaly.learning import too_few
from nordlotse.iot.core.anomaly.settings import SingleSettings
from nordlotse.iot.core.anomaly.values import Chart, Reason, Verdict

#: Beyond this many standard deviations the tail is smaller than a number can hold; it counts as this.
FAR = 37.0
#: The smallest standard deviation assumed (facts §6.2).
LEAST_SPREAD = 1e-6


@dataclass(frozen=True, slots=True)
class SingleModel:
    """What a watch on one signal needs to know beforehand: the usual step (s, 0 unknown) and the length of a burst (rows)."""

    sensor: str
    settings: SingleSettings
    training: int
    step_seconds: float = 0.0
    factor: float = 1.0


class WindowedGaussian:
    """Distance of a value from the mean of the window before it, in standard deviations (facts §6.2).

    The window grows to its full size, from then on it is refreshed every `refresh` values. The mean and the spread are
    those before the value itself.
    """

    def __init__(self, window: int, refresh: int) -> None:
        """Begin empty."""
        self._kept = np.zeros(window + refresh)
        self._window, self._refresh = window, refresh
        self._count = 0
        self._origin = 0.0
        self._sum = self._squares = 0.0
        self.mean, self.spread = 0.0, 1.0

    def step(self, value: float) -> float:
        """Take a value; return |x − mean| / sd, 0 for the first."""
        if self._count == 0:
            self._origin = value
        far = 0.0 if self._count == 0 else abs(value - self.mean) / self.spread
        self._kept[self._count if self._count < len(self._kept) else -1] = value
        self._count += 1
        if self._count <= self._window:
            moved = value - self._origin
            self._sum += moved
            self._squares += moved * moved
            self._set(self._sum / self._count, self._squares / self._count)
        elif self._count == len(self._kept):
            self._kept[: self._window] = self._kept[self._refresh :]
            self._count = self._window
            moved_all = self._kept[: self._window] - self._origin
            self._set(float(moved_all.mean()), float((moved_all * moved_all).mean()))
        return far

    def _set(self, mean: float, squares: float) -> None:
        self.mean = self._origin + mean
        self.spread = max(math.sqrt(max(squares - mean * mean, 0.0)), LEAST_SPREAD)


def log_tail(far: float) -> float:
    """Return −log₁₀ of the normal tail beyond `far` standard deviations, as a share of 15 decades (0 … 1)."""
    tail = max(0.5 * math.erfc(min(far, FAR) / math.sqrt(2.0)), 1e-15)
    return min(max(-math.log10(tail) / 15.0, 0.0), 1.0)


class DailyPattern:
    """What is usual at this time of day: the median of the last days' means in the same slot. Times are UTC seconds."""

    def __init__(self, day: float, days: int, slots: int) -> None:
        """Begin with no day seen."""
        self._day, self._slots = day, slots
        self._means = np.full((days, slots), np.nan)
        self._slot = -1
        self._sum, self._count = 0.0, 0
        self._number = 0

    def step(self, time: float, value: float) -> float | None:
        """Take a value; return what is usual at this time of day, or None where no day before had a value then."""
        number, into = divmod(time, self._day)
        slot = min(int(into * self._slots / self._day + 1e-6), self._slots - 1)
        if slot != self._slot or number != self._number:
            self._close()
            self._slot, self._number = slot, int(number)
            self._sum, self._count = 0.0, 0
        known = self._means[:, slot]
        known = known[np.isfinite(known)]
        self._sum += value
        self._count += 1
        return float(np.median(known)) if len(known) else None

    def _close(self) -> None:
        if self._count:
            self._means[self._number % len(self._means), self._slot] = self._sum / self._count


class SingleWatch:
    """The live state on one signal: at most `window` values and `days` × `slots` means, whatever the stream's length."""

    def __init__(self, model: SingleModel) -> None:
        """Begin cold: the first `training` rows give no alarm.

        Raises:
            BadInput: `anomaly_too_few_rows`.
        """
        chosen = model.settings
        if model.training < chosen.least_training:
            raise too_few(model.training, chosen.least_training)
        self._model = model
        self._value = WindowedGaussian(chosen.window, chosen.refresh)
        self._level = WindowedGaussian(chosen.window, chosen.refresh)
        slots = min(chosen.slots, round(chosen.day / model.step_seconds)) if model.step_seconds > 0 else 0
        daily = chosen.day > 0 and slots >= 2
        self._pattern = DailyPattern(chosen.day, chosen.days, slots) if daily else None
        self._damper = Damper(chosen.gap(model.training))
        self._short: float | None = None
        self._long: float | None = None
        self._row = -1

    def step(self, value: float, time: float | None = None) -> Verdict:
        """Judge a value (NaN where missing), `time` in seconds UTC."""
        self._row += 1
        if not math.isfinite(value):
            return Verdict(0.0, False)
        chosen = self._model.settings
        self._short = _ewma(self._short, value, chosen.short_span)
        usual, chart = self._value.mean, "value"
        far = self._value.step(self._short)
        expected = self._pattern.step(time, value) if self._pattern is not None and time is not None else None
        if expected is not None:
            self._long = _ewma(self._long, value - expected, chosen.level_span)
            off = self._level.step(self._long)
            if off > far:
                far, usual, chart = off, expected, "time_of_day"
        score = self._damper.step(self._row, log_tail(far)) / chosen.limit / self._model.factor
        alarm = score > 1.0 and self._row >= self._model.training
        told: Chart = "value" if chart == "value" else "time_of_day"
        reasons = (Reason(self._model.sensor, 1.0, value, usual, told),) if alarm else ()
        return Verdict(score, alarm, reasons)


def _ewma(before: float | None, value: float, span: int) -> float:
    """Return c + 2/(span + 1) · (x − c); the first value begins it."""
    return value if before is None else before + 2.0 / (span + 1.0) * (value - before)
