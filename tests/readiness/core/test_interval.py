"""The one interval of means and of mean changes: that of a paired t-test, true about 95 times of 100."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from nordlotse.readiness.core.release import interval


def test_the_interval_of_differences_is_the_one_of_a_paired_t_test() -> None:
    rng = np.random.default_rng(3)
    before = rng.normal(40, 10, 30)
    after = before + rng.normal(2, 5, 30)
    expected = stats.ttest_rel(after, before).confidence_interval(0.95)
    mean, low, high = interval((after - before).tolist())
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=0.006)
    assert mean == pytest.approx(float(np.mean(after - before)), abs=0.006)


def test_the_interval_covers_the_truth_about_95_times_of_100() -> None:
    rng = np.random.default_rng(9)
    drawn = [interval(rng.normal(1, 2, 40).tolist()) for _ in range(300)]
    assert 275 <= sum(low <= 1 <= high for _, low, high in drawn) <= 297
