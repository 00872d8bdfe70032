"""The scorers and detectors against the figures measured with the original programs on the same delivered files.

The data lie beside the checkout (SKAB is GPL and never part of the product); without them these tests are skipped.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from bench.iot import anomalies, score_nab, score_skab
from bench.iot.anomaly_peers import t2q

from nordlotse.iot.core.anomaly import PUBLISHED, PUBLISHED_SINGLE, Settings, SingleSettings

pytestmark = pytest.mark.skipif(not anomalies.DATA.is_dir(), reason=f"no measuring data at {anomalies.DATA}")


@cache
def _runs() -> list[anomalies.Run]:
    return anomalies.runs()


@cache
def _sources() -> list[anomalies.Source]:
    return anomalies.sources()


def _skab(told: list[np.ndarray]) -> tuple[float, float, float, float]:  # type: ignore[type-arg]
    pooled = score_skab.Counts()
    raw = []
    for run, flags in zip(_runs(), told, strict=True):
        pooled += score_skab.counts(run.anomaly[400:], flags[400:])
        raw.append(score_skab.change_score(run.times[400:], run.change[400:], flags[400:]))
    return (
        round(pooled.f1, 2),
        round(pooled.false_rate, 1),
        round(pooled.missed_rate, 1),
        round(score_skab.nab_score(raw), 1),
    )


def _nab(settings: SingleSettings) -> list[float]:
    streams = [one.stream for one in _sources()]
    scores = [anomalies.scores(one, settings) for one in _sources()]
    return [score_nab.optimised(streams, scores, profile).score for profile in score_nab.PROFILES]


def test_everything_anomalous_scores_as_in_the_facts() -> None:
    assert _skab([np.ones(len(run.times), dtype=bool) for run in _runs()]) == (0.69, 100.0, 0.0, -1.5)


def test_skabs_own_method_scores_as_in_the_facts() -> None:
    assert _skab([t2q(run.readings) for run in _runs()]) == (0.71, 33.4, 28.4, 21.8)


def test_the_published_default_scores_as_in_the_facts() -> None:
    f1, false, missed, _ = _skab([anomalies.alarms(run, PUBLISHED) for run in _runs()])
    assert (f1, false, missed) == (0.73, pytest.approx(19.4, abs=0.5), pytest.approx(32.2, abs=0.5))


def test_the_windowed_gaussian_scores_as_in_the_facts() -> None:
    plain = SingleSettings(short_span=1, day=0.0, gap_rows=0, gap_share=0.0)
    assert _nab(plain) == pytest.approx([45.0, 32.3, 51.6], abs=0.05)


def test_the_published_single_detector_with_the_gap_of_the_facts_scores_as_there() -> None:
    streams, scores = [one.stream for one in _sources()], []
    for one in _sources():
        gap = max(30.0, 0.03 * one.stream.rows)
        settings = SingleSettings(short_span=1, day=0.0, gap_rows=int(gap), gap_share=0.0)
        scores.append(anomalies.scores(one, settings))
    found = [score_nab.optimised(streams, scores, profile).score for profile in score_nab.PROFILES]
    # a gap is whole rows here
    assert found == pytest.approx([51.9, 45.4, 56.2], abs=0.3)
    assert PUBLISHED_SINGLE.gap(1000) == 200


def test_the_frozen_settings_keep_the_promise_on_skab() -> None:
    f1, false, missed, _ = _skab([anomalies.alarms(run, Settings()) for run in _runs()])
    assert f1 >= 0.76
    assert false <= 20
    assert missed <= 30


def test_the_frozen_settings_keep_the_promise_on_nab() -> None:
    assert _nab(SingleSettings())[0] >= 55
