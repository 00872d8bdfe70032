"""One signal alone: the tail, the window, the time of day, the burst rule."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.anomaly import PUBLISHED_SINGLE, Damper, SingleModel, SingleSettings, SingleWatch
from nordlotse.iot.core.anomaly.single import DailyPattern, WindowedGaussian, log_tail


def test_the_log_tail_of_the_middle_is_that_of_one_half() -> None:
    assert log_tail(0.0) == pytest.approx(-math.log10(0.5) / 15)


def test_the_log_tail_ends_at_fifteen_decades() -> None:
    assert log_tail(6.0) == pytest.approx(-math.log10(9.865876e-10) / 15, rel=1e-6)
    assert log_tail(9.0) == log_tail(1e6) == 1.0


def test_the_window_grows_then_is_refreshed_in_steps() -> None:
    gaussian = WindowedGaussian(4, 2)
    seen = []
    for value in (1.0, 3.0, 1.0, 3.0, 9.0, 9.0, 9.0):
        gaussian.step(value)
        seen.append((gaussian.mean, gaussian.spread))
    assert seen[3] == pytest.approx((2.0, 1.0))
    assert seen[4] == pytest.approx((2.0, 1.0))  # not yet refreshed
    assert seen[5] == pytest.approx((5.5, math.sqrt((4.5**2 + 2.5**2 + 2 * 3.5**2) / 4)))
    assert seen[6] == seen[5]


def test_a_value_is_judged_by_what_was_before_it() -> None:
    gaussian = WindowedGaussian(100, 10)
    for value in (1.0, 3.0):
        gaussian.step(value)
    assert gaussian.step(5.0) == pytest.approx(3.0)


def test_the_burst_rule_halves_what_does_not_exceed_the_last_maximum() -> None:
    damper = Damper(2)
    given = [0.5, 0.4, 0.6, 0.6, 0.2, 0.3, 0.2]
    # .4 ≤ .5 within the gap; .6 is new; .6 again is not more; .2 within; at 5 the gap (2 rows after row 2) is over
    assert [damper.step(n, score) for n, score in enumerate(given)] == [0.5, 0.2, 0.6, 0.3, 0.1, 0.3, 0.1]


def test_the_time_of_day_knows_the_median_of_the_days_before() -> None:
    pattern = DailyPattern(day=4.0, days=3, slots=2)
    found = [pattern.step(float(t), v) for t, v in enumerate([1.0, 3.0, 10.0, 10.0, 5.0, 5.0, 10.0, 10.0, 9.0])]
    assert found[:4] == [None] * 4
    assert found[4:] == [2.0, 2.0, 10.0, 10.0, pytest.approx(3.5)]


def _daily(days: int = 12) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    times = np.arange(days * 288) * 300.0
    draw = np.random.default_rng(3)
    return times, 50 + 30 * np.sin(times / 86400 * 2 * np.pi) + draw.normal(0, 1, len(times))


def test_a_night_level_at_noon_is_found_although_the_value_is_usual() -> None:
    times, values = _daily()
    values[10 * 288 + 60 : 10 * 288 + 90] = 25.0
    watch = SingleWatch(SingleModel("load", SingleSettings(), 600, 300.0))
    told = [row for row, (v, t) in enumerate(zip(values, times, strict=True)) if watch.step(float(v), float(t)).alarm]
    assert told
    assert 10 * 288 + 60 <= min(told) <= 10 * 288 + 75
    plain = SingleWatch(SingleModel("load", PUBLISHED_SINGLE, 600, 300.0))
    assert not any(plain.step(float(v), float(t)).alarm for v, t in zip(values, times, strict=True))


def test_a_long_event_is_one_alarm() -> None:
    draw = np.random.default_rng(5)
    values = draw.normal(10, 1, 800)
    values[500:540] = 30
    watch = SingleWatch(SingleModel("x", SingleSettings(), 120))
    told = [row for row, value in enumerate(values) if watch.step(float(value)).alarm]
    assert told
    assert 500 <= told[0] <= 503
    assert len(told) <= 4


def test_training_rows_never_alarm_and_missing_values_say_nothing() -> None:
    watch = SingleWatch(SingleModel("x", SingleSettings(), 50))
    values = [10.0, 11.0] * 20 + [1000.0] + [math.nan, math.inf]
    assert not any(watch.step(value).alarm for value in values)
    assert watch.step(math.nan).score == 0.0


def test_the_state_of_a_single_watch_is_bounded() -> None:
    watch = SingleWatch(SingleModel("x", SingleSettings(window=50, refresh=10), 50))
    sizes = []
    for n in range(2000):
        watch.step(float(n % 7))
        sizes.append(len(pickle.dumps(watch)) if n in (100, 1999) else 0)
    assert sizes[1999] <= sizes[100] + 64


def test_too_few_training_rows_for_a_single_signal_are_refused() -> None:
    with pytest.raises(BadInput, match="anomaly_too_few_rows"):
        SingleWatch(SingleModel("x", SingleSettings(), 29))
