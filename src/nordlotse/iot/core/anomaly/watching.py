"""Several sensors watched together, row by row: live and batch are the same steps. Memory does not grow with the stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.anomaly.learning import CUT, Model
from nordlotse.iot.core.anomaly.sensors import SensorWatch
from nordlotse.iot.core.anomaly.smoothing import Ewma, Smoothed, Vector
from nordlotse.iot.core.anomaly.values import Chart, Notice, Reason, Verdict

#: Reasons below this share are not told; at most three are.
LEAST_REASON = 0.1


class Watch:
    """The live state behind a `Model`: a few rows per sensor, whatever the length of the stream.

    Three charts, the largest counts; each is 1 at its own limit:
    value   max over sensors of |EWMA(z) − b| · √(n/2) / limit of that side (robust EWMA, facts §6.1);
    pattern and relation   T² = Σ z²/λ and Q = ‖x − x̂‖² of the rolling median in the axes learnt / (scale · limit);
    joint   Mahalanobis distance of the EWMA vector / (scale · limit).
    b is a baseline that follows slow wandering (weather, warm oil): b ← b + 2/(span + 1) · (EWMA(z) − b), only while the
    score is below the gate and no alarm lasts, so that a fault is not learnt. An alarm begins above 1 and ends at `release`.
    After a gap in time longer than the smoothers' own memory they begin anew; the baseline stays.
    """

    def __init__(self, model: Model) -> None:
        """Begin cold: the first `settings.warm_rows` rows give no alarm."""
        self._model = model
        self._columns = list(model.columns)
        self._baseline: Vector = np.zeros(len(model.sensors))
        self._sensors = SensorWatch(model)
        self._slow = Ewma(max(model.settings.drift_span, 1), len(model.sensors))
        self._slow_rows = 0
        self._row = -1
        self._time: float | None = None
        self._begin()

    def _begin(self) -> None:
        chosen = self._model.settings
        self._smoothed = Smoothed(chosen.ewma_span, chosen.joint_span, chosen.pca_window, len(self._model.sensors))
        self._filled = 0
        self._alarm = False

    @property
    def lasting(self) -> frozenset[tuple[str, str]]:
        """Return which notices on sensors have not ended: kind and sensor."""
        return self._sensors.lasting()

    @property
    def baseline(self) -> Vector:
        """Return how far each sensor's level has moved since the training (s,), in its own unit."""
        moved: Vector = self._baseline * self._model.spread
        return moved

    def kept(self) -> dict[str, Any]:
        """Return where it stands as plain values for JSON: a restart that goes on from here judges as if there had been none."""
        return {
            "baseline": self._baseline.tolist(),
            "sensors": self._sensors.kept(),
            "smoothed": self._smoothed.kept(),
            "slow": self._slow.kept(),
            "slow_rows": self._slow_rows,
            "row": self._row,
            "time": self._time,
            "filled": self._filled,
            "alarm": self._alarm,
        }

    def take(self, kept: Mapping[str, Any]) -> None:
        """Go on from what `kept` returned, under a model of the same sensors and settings.

        Raises:
            ValueError, KeyError, TypeError: it does not fit the model.
        """
        baseline = np.array(kept["baseline"], dtype=np.float64)
        self._baseline = baseline.reshape(self._baseline.shape)
        self._sensors.take(kept["sensors"])
        self._smoothed.take(kept["smoothed"])
        self._slow.take(kept["slow"])
        self._slow_rows = int(kept["slow_rows"])
        self._row, self._time = int(kept["row"]), kept["time"]
        self._filled, self._alarm = int(kept["filled"]), bool(kept["alarm"])

    def move_limit(self, factor: float) -> None:
        """Let another factor on the limits hold from the next row on (`feedback.limit_factor`)."""
        self._model = replace(self._model, factor=factor)

    def step(self, row: Sequence[float] | Vector, time: float | None = None, *, learning: bool = False) -> Verdict:
        """Judge a row of all columns learnt from (NaN where missing), `time` in seconds; no alarm while `learning`.

        Raises:
            BadInput: `anomaly_columns`: the row has not the columns of the training.
        """
        values = np.asarray(row, dtype=np.float64)
        if values.ndim != 1 or len(values) <= self._columns[-1]:
            raise _columns(len(values) if values.ndim == 1 else -1, self._columns[-1] + 1)
        values = values[self._columns]
        self._row += 1
        notices = self._after_gap(time)
        means, joint, median = self._smoothed.step(*self._model.scaled(values))
        self._filled += 1
        score, chart, parts = self._score(means, joint, median)
        score /= self._model.factor
        quiet = learning or self._filled <= self._model.settings.warm_rows
        self._alarm = not quiet and (score > self._model.settings.release if self._alarm else score > 1.0)
        reasons = self._reasons(chart, parts, means) if self._alarm else ()
        if not quiet:
            self._follow(means, score)
            notices += self._sensors.step(self._row, values, self._level(values))
        return Verdict(score, self._alarm, reasons, notices)

    def _level(self, values: Vector) -> Vector:
        """Return the slow level of each sensor (s,) in spreads, by which drift is told."""
        span = self._model.settings.drift_span
        if not span:
            return self._baseline
        level = self._slow.step(self._model.scaled(values)[0])
        self._slow_rows += 1
        return level if self._slow_rows >= span // 2 else np.zeros_like(level)

    def _after_gap(self, time: float | None) -> tuple[Notice, ...]:
        before, self._time = self._time, time if time is not None else self._time
        usual = self._model.step_seconds
        if time is None or before is None or usual <= 0 or time - before <= self._model.settings.warm_rows * usual:
            return ()
        self._begin()
        return (Notice("gap", "", self._row),)

    def _score(self, means: Vector, joint: Vector, median: Vector | None) -> tuple[float, Chart, Vector]:
        """Return the largest chart's score, its name, and each sensor's contribution to it (not yet shares).

        Contributions of T², Q and the joint chart dᵀMd are (Md)ⱼ²/Mⱼⱼ: what setting right this one sensor would take
        away (Alcala and Qin, Reconstruction-based contribution for process monitoring, Automatica 45, 2009).
        """
        model, chosen = self._model, self._model.settings
        off = self._off(means)
        best: tuple[float, Chart, Vector] = (float(off.max()), "value", off**2)
        if median is not None:
            shifted = self._baseline * (model.spread / model.pattern_spread)
            from_mean = np.clip(median - shifted, -CUT, CUT) - model.pattern_mean
            scores = (model.axes * from_mean).sum(axis=1)
            weighted = (model.axes * (scores * model.inverse_variances)[:, None]).sum(axis=0)
            rest = from_mean - (model.axes * scores[:, None]).sum(axis=0)
            t_squared = float((scores * scores * model.inverse_variances).sum()) / model.pattern_scale
            q = float((rest * rest).sum()) / model.relation_scale
            if max(t_squared, q) / chosen.pca_limit > best[0]:
                squares = model.axes**2
                best = (
                    (
                        t_squared / chosen.pca_limit,
                        "pattern",
                        _contribution(weighted, model.inverse_variances @ squares),
                    )
                    if t_squared >= q
                    else (q / chosen.pca_limit, "relation", _contribution(rest, 1.0 - squares.sum(axis=0)))
                )
        if chosen.joint_limit > 0:
            from_mean = joint - self._baseline - model.joint_mean
            pulled = (model.joint_inverse * from_mean).sum(axis=1)
            distance = float(np.sqrt(max(float((from_mean * pulled).sum()), 0.0)))
            if distance / model.joint_scale / chosen.joint_limit > best[0]:
                parts = _contribution(pulled, np.diag(model.joint_inverse))
                best = (distance / model.joint_scale / chosen.joint_limit, "joint", parts)
        return best

    def _off(self, means: Vector) -> Vector:
        """Return how far each sensor's smoothed value is away from what is usual, 1 at its limit (s,)."""
        model = self._model
        off = (means - self._baseline) * np.sqrt(model.settings.ewma_span / 2.0)
        ratio: Vector = np.where(off >= 0, off / model.ewma_high, -off / model.ewma_low)
        return ratio

    def _follow(self, means: Vector, score: float) -> None:
        chosen = self._model.settings
        if chosen.baseline_span > 0 and not self._alarm and score < chosen.baseline_gate:
            self._baseline = self._baseline + 2.0 / (chosen.baseline_span + 1.0) * (means - self._baseline)

    def _reasons(self, chart: Chart, parts: Vector, means: Vector) -> tuple[Reason, ...]:
        """Return the sensors by the geometric mean of their contribution and of their own squared deviation.

        Where two sensors have always moved together, the contributions cannot tell which one left; the own deviation can.
        """
        model = self._model
        parts = np.sqrt(parts) * self._off(means)
        total = float(parts.sum())
        shares = parts / total if total > 0 else np.full(len(parts), 1.0 / len(parts))
        found: list[Reason] = []
        for place in np.argsort(-shares, kind="stable")[:3]:
            if found and shares[place] < LEAST_REASON:
                break
            usual = float(model.centre[place] + self._baseline[place] * model.spread[place])
            seen = float(model.centre[place] + means[place] * model.spread[place])
            found.append(Reason(model.sensors[place], float(shares[place]), seen, usual, chart))
        return tuple(found)


def _contribution(pulled: Vector, own: Vector) -> Vector:
    """Return (Md)ⱼ²/Mⱼⱼ per sensor from Md and the diagonal of M; 0 where a sensor has no part in the chart."""
    found: Vector = np.where(own > 1e-9, pulled**2 / np.maximum(own, 1e-9), 0.0)
    return found


def judge(
    model: Model, rows: NDArray[np.float64], times: NDArray[np.float64] | None = None, training: int = 0
) -> list[Verdict]:
    """Judge a whole table (n, columns); the first `training` rows are the good period and give no alarm."""
    watch = Watch(model)
    return [
        watch.step(row, None if times is None else float(times[place]), learning=place < training)
        for place, row in enumerate(np.asarray(rows, dtype=np.float64))
    ]


def _columns(there: int, needed: int) -> BadInput:
    return BadInput(
        "anomaly_columns",
        de=f"Die Zeile hat {there} Werte; gelernt wurde mit mindestens {needed}.",
        en=f"The row has {there} values; the training had at least {needed}.",
        remedy_de="Lernen Sie neu oder liefern Sie dieselben Spalten.",
        remedy_en="Learn anew or deliver the same columns.",
    )
