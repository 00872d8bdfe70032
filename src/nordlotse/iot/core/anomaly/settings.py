"""The settings of the detectors: frozen before scoring, never tuned per file. How they were chosen: bench/iot/anomalies.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings for several sensors watched together; spans and windows in rows, limits as multiples (no unit).

    The first block is the published default (robust EWMA OR PCA T²/Q), the second adds a joint EWMA chart, a
    baseline that follows slow wandering, and an alarm that ends later than it begins. `baseline_span` = 0,
    `joint_limit` = 0 and `release` = 1 switch the second block off. `own_limits`: the EWMA chart has a limit of its own for each
    sensor, upwards and downwards, instead of one for all: a sensor that warms up each morning hides no other one. `drift_span`: a
    sensor has drifted when its mean over so many rows leaves what it was in the good period (0: when the followed baseline does).
    `least_still`: fewest rows with one value after which a sensor is called stuck.
    """

    ewma_span: int = 15
    ewma_least_limit: float = 8.0
    ewma_margin: float = 1.2
    ewma_spread_floor: float = 0.2
    pca_window: int = 20
    pca_limit: float = 12.0
    pca_spread_floor: float = 0.3
    pca_variance: float = 0.9

    joint_span: int = 20
    joint_limit: float = 3.5
    baseline_span: int = 150
    baseline_gate: float = 0.8
    release: float = 0.7
    own_limits: bool = False
    drift_span: int = 0
    least_still: int = 60

    quiet_rows: int = 30

    @property
    def least_training(self) -> int:
        """Return the fewest training rows from which limits can be learnt: four windows of the longest smoother."""
        return 4 * max(self.pca_window, self.ewma_span, self.joint_span)

    @property
    def warm_rows(self) -> int:
        """Return the rows after a start or a gap in which no alarm is given, for the smoothers are not filled."""
        return max(self.pca_window, self.ewma_span, self.joint_span)


#: The published default alone: robust z (k 10, span 15) OR PCA T²/Q (median 20, limit × 8), no adaptation.
PUBLISHED = Settings(ewma_least_limit=10.0, pca_limit=8.0, joint_limit=0.0, baseline_span=0, release=1.0)


@dataclass(frozen=True, slots=True)
class SingleSettings:
    """Settings for one signal alone; spans and windows in rows, `day` in seconds, `limit` on the log tail (0 … 1).

    `limit` 0.6 is a tail of 10⁻⁹ of a normal distribution. `short_span` 1 and `day` 0 give the published default.
    """

    window: int = 6400
    refresh: int = 100
    short_span: int = 4
    level_span: int = 12
    day: float = 86_400.0
    days: int = 7
    slots: int = 1440
    limit: float = 0.6
    gap_rows: int = 30
    gap_share: float = 0.2
    least_training: int = 30

    def gap(self, training: int) -> float:
        """Return the length of a burst in rows: fixed once training has ended, so that a live system knows it too."""
        return max(float(self.gap_rows), self.gap_share * training)


#: The published single-signal detector: Windowed Gaussian tail in log scale, no smoothing, no daily pattern.
PUBLISHED_SINGLE = SingleSettings(short_span=1, day=0.0)

#: For machines watched live, while they run: they have different products, warm up and rest; the limits of one sensor say nothing about another's,
#: and what the good period held needs no baseline to follow. Compared on simulated machines (tests/iot/core/anomaly/test_machines.py).
LIVE = Settings(ewma_least_limit=9.0, ewma_margin=1.3, baseline_span=0, own_limits=True, drift_span=900)
