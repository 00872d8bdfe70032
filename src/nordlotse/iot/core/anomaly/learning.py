"""Learning what is usual from a period marked as good: levels, spreads, patterns and limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.anomaly.settings import Settings
from nordlotse.iot.core.anomaly.smoothing import Ewma, Smoothed, Vector
from nordlotse.iot.core.anomaly.values import LeftOut

Matrix = NDArray[np.float64]

#: Scaled values are cut here before patterns are formed, so that one spike does not turn the axes (facts of the room).
CUT = 12.0
#: Scaled values beyond this are cut in the plain chart too; they alarm anyhow and must not overflow.
FAR = 1e9
#: A sensor with fewer values than this share of the training rows is not watched.
LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt; arrays over the watched sensors (s,), `factor` multiplies all limits (moved by feedback).

    `ewma_high`, `ewma_low` (s,) are limits of the smoothed deviation upwards and downwards, both positive.
    `drift_high`, `drift_low` (s,): a slow mean beyond them, upwards and downwards in spreads, has drifted.
    `axes` (s, s) holds the principal axes kept as rows, zero rows behind them; `inverse_variances` (s,) 1/λ of them.
    """

    sensors: tuple[str, ...]
    columns: tuple[int, ...]
    left_out: tuple[LeftOut, ...]
    settings: Settings
    centre: Vector
    spread: Vector
    pattern_spread: Vector
    ewma_high: Vector
    ewma_low: Vector
    pattern_mean: Vector
    axes: Matrix
    inverse_variances: Vector
    pattern_scale: float
    relation_scale: float
    joint_mean: Vector
    joint_inverse: Matrix
    joint_scale: float
    longest_still: NDArray[np.int64]
    drift_high: Vector
    drift_low: Vector
    step_seconds: float
    factor: float = 1.0

    def scaled(self, row: Vector) -> tuple[Vector, Vector, Vector]:
        """Return a row of the watched sensors (s,) scaled for the EWMA, the joint and the pattern chart."""
        plain = (row - self.centre) / self.spread
        far = np.clip(plain, -FAR, FAR)
        return far, np.clip(plain, -CUT, CUT), np.clip((row - self.centre) / self.pattern_spread, -CUT, CUT)


def learn(rows: Matrix, sensors: Sequence[str], settings: Settings | None = None, times: Vector | None = None) -> Model:
    """Learn from rows (n, sensors) of a good period, NaN where missing; `times` (n,) in seconds, if known.

    Formulas (facts of the room, §6.1): spread s = max(1.4826·MAD, f·sd), f = 0.2 (EWMA, joint) or 0.3 (pattern);
    EWMA limit = max(k, 1.2 · 99.9 % quantile of the training scores after the first n rows), of the highest score of all sensors or
    (`own_limits`) of each sensor upwards and downwards; PCA fitted on the first
    three quarters after the first window, T² and Q each divided by their 99 % quantile on the last quarter; joint chart:
    Mahalanobis distance of the EWMA vector with the covariance of Ledoit and Wolf (2004), divided by its 99.9 % quantile.

    Raises:
        BadInput: `anomaly_too_few_rows`, `anomaly_nothing_to_watch`.
    """
    chosen = settings or Settings()
    rows = np.asarray(rows, dtype=np.float64)
    if len(rows) < chosen.least_training:
        raise too_few(len(rows), chosen.least_training)
    rows = np.where(np.isfinite(rows), rows, np.nan)
    columns, left_out = _watched(rows, sensors)
    if not columns:
        raise _nothing(left_out)
    good = rows[:, columns]
    centre = np.nanmedian(good, axis=0)
    mad = 1.4826 * np.nanmedian(np.abs(good - centre), axis=0)
    sd = np.nanstd(good, axis=0, ddof=1)
    spread = np.maximum(mad, chosen.ewma_spread_floor * sd)
    pattern_spread = np.maximum(mad, chosen.pca_spread_floor * sd)
    means, joint, medians = _smoothed(good, centre, spread, pattern_spread, chosen)
    axes, inverse, pattern_mean, scales = _pattern(medians, chosen)
    joint_mean, joint_inverse, joint_scale = _joint(joint[chosen.joint_span :])
    high, low = _limits(means[chosen.ewma_span :] * np.sqrt(chosen.ewma_span / 2.0), chosen)
    return Model(
        tuple(sensors[column] for column in columns), tuple(columns), tuple(left_out), chosen,
        centre, spread, pattern_spread, high, low,
        pattern_mean, axes, inverse, scales[0], scales[1], joint_mean, joint_inverse, joint_scale,
        _longest_still(good), *_drifts((good - centre) / spread, chosen), _step(times),
    )  # fmt: skip


def _limits(means: Matrix, settings: Settings) -> tuple[Vector, Vector]:
    """Return the limits of the EWMA chart upwards and downwards, (s,) each: one for all sensors, or each its own."""
    if settings.own_limits:
        sides = np.quantile(np.maximum(means, 0.0), 0.999, axis=0), np.quantile(np.maximum(-means, 0.0), 0.999, axis=0)
    else:
        highest = np.full(means.shape[1], float(np.quantile(np.abs(means).max(axis=1), 0.999)))
        sides = highest, highest
    high, low = (np.maximum(settings.ewma_least_limit, settings.ewma_margin * side) for side in sides)
    return high, low


#: Without `drift_span` a sensor has drifted when its followed level is this many spreads away from the good period.
DRIFT = 6.0
#: With it, when the slow mean is further out than ever by this share of the width it had, and by at least so many spreads.
DRIFT_SHARE, LEAST_DRIFT = 0.5, 1.0


def _drifts(plain: Matrix, settings: Settings) -> tuple[Vector, Vector]:
    """Return from which slow mean on a sensor has drifted upwards and downwards, in spreads (s,), both positive."""
    if not settings.drift_span:
        least = np.full(plain.shape[1], DRIFT)
        return least, least
    slow = Ewma(settings.drift_span, plain.shape[1])
    levels = np.array([slow.step(row) for row in plain])[min(settings.drift_span, len(plain) // 2) :]
    high, low = levels.max(axis=0), levels.min(axis=0)
    room = np.maximum(DRIFT_SHARE * (high - low), LEAST_DRIFT)
    return np.maximum(high + room, LEAST_DRIFT), np.maximum(-low + room, LEAST_DRIFT)


def too_few(there: int, least: int) -> BadInput:
    """Return the error of too few training rows."""
    return BadInput(
        "anomaly_too_few_rows",
        de=f"{there} Zeilen reichen nicht zum Lernen; nötig sind mindestens {least}.",
        en=f"{there} rows are too few to learn from; at least {least} are needed.",
        remedy_de="Wählen Sie einen längeren guten Zeitraum (--train-rows).",
        remedy_en="Choose a longer good period (--train-rows).",
    )


def _nothing(left_out: Sequence[LeftOut]) -> BadInput:
    named = ", ".join(f"{column.column[:40]} ({column.reason})" for column in left_out[:8])
    return BadInput(
        "anomaly_nothing_to_watch",
        de="Keine Spalte lässt sich überwachen: Im guten Zeitraum ändert sich kein Wert.",
        en="No column can be watched: no value changes in the good period.",
        where=named,
        remedy_de="Geben Sie mindestens eine Spalte mit Messwerten, die sich im guten Zeitraum bewegen.",
        remedy_en="Give at least one column of readings that move in the good period.",
    )


def _watched(rows: Matrix, sensors: Sequence[str]) -> tuple[list[int], list[LeftOut]]:
    columns: list[int] = []
    left_out: list[LeftOut] = []
    for column, sensor in enumerate(sensors):
        there = rows[:, column][np.isfinite(rows[:, column])]
        if len(there) < LEAST_SHARE * len(rows):
            left_out.append(LeftOut(sensor, "missing_in_training"))
        elif float(np.ptp(there)) <= 1e-12 * float(np.abs(there).max()):
            left_out.append(LeftOut(sensor, "constant_in_training"))
        else:
            columns.append(column)
    return columns, left_out


def _smoothed(
    good: Matrix, centre: Vector, spread: Vector, pattern_spread: Vector, settings: Settings
) -> tuple[Matrix, Matrix, Matrix]:
    """Return the training rows smoothed by the very smoothers of the live watch; medians only from the full window on."""
    smoothed = Smoothed(settings.ewma_span, settings.joint_span, settings.pca_window, good.shape[1])
    plain = (good - centre) / spread
    pattern = np.clip((good - centre) / pattern_spread, -CUT, CUT)
    steps = [smoothed.step(a, np.clip(a, -CUT, CUT), b) for a, b in zip(plain, pattern, strict=True)]
    medians = np.array([median for _, _, median in steps if median is not None])
    return np.array([mean for mean, _, _ in steps]), np.array([joint for _, joint, _ in steps]), medians


def _pattern(medians: Matrix, settings: Settings) -> tuple[Matrix, Vector, Vector, tuple[float, float]]:
    """Fit the axes on the first three quarters of the training rows and the scales of T² and Q on the last quarter."""
    rows = len(medians) + settings.pca_window - 1
    fit_until = rows * 3 // 4 - settings.pca_window + 1
    fitted, checked = medians[1:fit_until], medians[fit_until:]
    mean = fitted.mean(axis=0)
    _, singular, directions = np.linalg.svd(fitted - mean, full_matrices=False)
    variances = singular**2 / max(len(fitted) - 1, 1)
    total = float(variances.sum())
    sensors = medians.shape[1]
    axes, inverse = np.zeros((sensors, sensors)), np.zeros(sensors)
    if total > 0:
        kept = min(int(np.searchsorted(np.cumsum(variances) / total, settings.pca_variance)) + 1, len(variances))
        axes[:kept] = directions[:kept]
        inverse[:kept] = 1.0 / np.maximum(variances[:kept], 1e-6 * variances[0])
    off = checked - mean
    scores = off @ axes.T
    t_squared = (scores**2 * inverse).sum(axis=1)
    q = ((off - scores @ axes) ** 2).sum(axis=1)
    return axes, inverse, mean, (_scale(t_squared, 0.99), _scale(q, 0.99))


def _scale(values: Vector, share: float) -> float:
    """Return the quantile, never so small that rounding alone would exceed it."""
    return max(float(np.quantile(values, share)), 1e-6)


def _joint(means: Matrix) -> tuple[Vector, Matrix, float]:
    centre: Vector = np.asarray(means.mean(axis=0), dtype=np.float64)
    off = means - centre
    inverse: Matrix = np.asarray(np.linalg.pinv(shrunk_covariance(off)), dtype=np.float64)
    distances = np.sqrt(np.maximum(np.einsum("ti,ij,tj->t", off, inverse, off), 0.0))
    return centre, inverse, _scale(distances, 0.999)


def shrunk_covariance(centred: Matrix) -> Matrix:
    """Return the covariance (s, s) of centred rows (n, s), shrunk towards μ·I.

    Ledoit and Wolf, A well-conditioned estimator for large-dimensional covariance matrices, 2004, lemma 3.2 ff.
    """
    rows, sensors = centred.shape
    sample = centred.T @ centred / rows
    mu = float(np.trace(sample)) / sensors
    target = mu * np.eye(sensors)
    distance = float(((sample - target) ** 2).sum()) / sensors
    squares = centred**2
    noise = float((squares.T @ squares / rows - sample**2).sum()) / rows / sensors
    weight = 1.0 if distance <= 0 else min(noise, distance) / distance
    shrunk: Matrix = weight * target + (1.0 - weight) * sample + 1e-9 * np.eye(sensors)
    return shrunk


def _longest_still(good: Matrix) -> NDArray[np.int64]:
    """Return the longest run of one and the same value per sensor (rows)."""
    longest = np.ones(good.shape[1], dtype=np.int64)
    for column in range(good.shape[1]):
        values = good[:, column]
        values = values[np.isfinite(values)]
        edges = np.flatnonzero(np.diff(values) != 0)
        longest[column] = int(np.diff(np.concatenate([[-1], edges, [len(values) - 1]])).max())
    return longest


def _step(times: Vector | None) -> float:
    """Return the usual distance of two rows in seconds; 0 where no times are known."""
    if times is None or len(times) < 2:
        return 0.0
    return max(float(np.median(np.diff(times))), 0.0)
