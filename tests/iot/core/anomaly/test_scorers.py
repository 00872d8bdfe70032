"""The scorers of the bench against vectors worked out by hand from the published rules of SKAB and NAB."""

from __future__ import annotations

import math

import numpy as np
import pytest
from bench.iot import score_nab, score_skab


def _flags(text: str) -> np.ndarray:  # type: ignore[type-arg]
    return np.array([mark == "x" for mark in text])


def test_skab_counts_rows() -> None:
    one = score_skab.counts(_flags("..xxxx.."), _flags(".xxx...x"))
    assert one == score_skab.Counts(hit=2, false=2, missed=2, quiet=2)
    assert (one.f1, one.false_rate, one.missed_rate) == (0.5, 50.0, 50.0)


def test_skab_pools_rows_not_runs() -> None:
    pooled = score_skab.Counts(1, 0, 0, 9) + score_skab.Counts(0, 0, 3, 7)
    assert pooled.f1 == pytest.approx(1 / 2.5)
    assert pooled.missed_rate == 75.0


def test_everything_anomalous_has_no_missed_row_and_all_false() -> None:
    one = score_skab.counts(_flags("..xxxx.."), _flags("xxxxxxxx"))
    assert (one.f1, one.false_rate, one.missed_rate) == (pytest.approx(2 / 3), 100.0, 0.0)


def test_skabs_reward_falls_from_one_to_minus_eleven_hundredths() -> None:
    assert score_skab.reward(0.0) == pytest.approx(1.0)
    assert score_skab.reward(1.0) == pytest.approx(-0.11)
    assert score_skab.reward(0.5) == pytest.approx(0.445, abs=1e-3)


def test_skabs_windows_are_cut_on_the_right_where_they_overlap() -> None:
    changes = np.zeros(200, dtype=bool)
    changes[[10, 40]] = True
    assert score_skab.windows(np.arange(200.0), changes) == [(10.0, 70.0), (70.0, 100.0)]


def test_skabs_change_score_by_hand() -> None:
    times, changes = np.arange(300.0), np.zeros(300, dtype=bool)
    changes[[50, 200]] = True
    alarms = np.zeros(300, dtype=bool)
    alarms[50:150] = True
    # begin at 50: at once, 1; end at 150: outside, −.11; window at 200 missed, −1
    assert score_skab.change_score(times, changes, alarms) == (pytest.approx(1 - 0.11 - 1), 2)
    assert score_skab.nab_score([(-0.11, 2)]) == pytest.approx(100 * (2 - 0.11) / 4)


def test_skabs_line_of_everything_anomalous_is_one_false_alarm_at_the_start() -> None:
    times, changes = np.arange(300.0), np.zeros(300, dtype=bool)
    changes[100] = True
    assert score_skab.change_score(times, changes, np.ones(300, dtype=bool)) == (pytest.approx(-1.11), 1)


STREAM = score_nab.Stream(40, ((20, 29),))


def _told(*rows: int) -> np.ndarray:  # type: ignore[type-arg]
    found = np.zeros(40)
    found[list(rows)] = 1.0
    return found


def _sig(y: float) -> float:
    return 2 / (1 + math.exp(5 * y)) - 1


def test_nabs_probation_is_fifteen_percent_and_at_most_750_rows() -> None:
    assert STREAM.probation == 6
    assert score_nab.Stream(16_000, ()).probation == 750


@pytest.mark.parametrize(
    ("rows", "raw"),
    [
        ((), -1.0),
        ((20,), 1.0),  # the left edge: y = −1
        ((25,), _sig(-0.5) / _sig(-1)),  # y = −(29 − 25 + 1)/10
        ((20, 22, 29), 1.0),  # a window counts once, at its best
        ((3,), -1.0),  # probation
        ((10,), -1.0 - 0.11),  # before any window: a whole false alarm
        ((20, 30), 1.0 + 0.11 * _sig(1 / 9)),  # one row behind the window: y = 1/(10 − 1)
        ((20, 39), 1.0 + 0.11 * _sig(10 / 9)),
    ],
)
def test_nabs_score_of_a_stream_by_hand(rows: tuple[int, ...], raw: float) -> None:
    assert score_nab.raw_at([STREAM], [_told(*rows)], "standard", 0.5) == (pytest.approx(raw), 1)


def test_nabs_profiles_weigh_false_and_missed_alarms() -> None:
    assert score_nab.raw_at([STREAM], [_told(10)], "low FP", 0.5)[0] == pytest.approx(-1 - 0.22)
    assert score_nab.raw_at([STREAM], [_told()], "low FN", 0.5)[0] == pytest.approx(-2)
    assert score_nab.normalised(-2.0, 1, "low FN") == 0.0
    assert score_nab.normalised(1.0, 1, "low FN") == 100.0


def test_a_false_alarm_far_behind_a_window_costs_all() -> None:
    assert float(score_nab.sigmoid(np.array(3.0))) == -1.0


def test_nabs_optimizer_takes_one_threshold_for_all_streams() -> None:
    first, second = np.zeros(40), np.zeros(40)
    first[20], first[10] = 0.9, 0.6
    second[20], second[12] = 0.6, 0.3
    best = score_nab.optimised([STREAM, STREAM], [first, second], "standard")
    assert best.threshold == 0.6
    assert best.score == pytest.approx(100 * (2 - 0.11 + 2) / 4)


def test_no_detection_at_all_is_the_null_and_never_beaten_by_a_worse_one() -> None:
    assert score_nab.optimised([STREAM], [np.ones(40)], "standard").score == 0.0
