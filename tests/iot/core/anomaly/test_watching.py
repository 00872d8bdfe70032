"""Several sensors together: what is found, why, and that live and batch agree."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.anomaly import PUBLISHED, Settings, Watch, judge, learn
from nordlotse.iot.core.anomaly.learning import shrunk_covariance
from nordlotse.iot.core.anomaly.smoothing import Ewma, RollingMedian
from tests.iot.core.anomaly.made import SENSORS, machine

TRAINING = 300


def test_a_quiet_machine_gives_no_alarm() -> None:
    rows = machine()
    assert not any(verdict.alarm for verdict in judge(learn(rows[:TRAINING], SENSORS), rows, None, TRAINING))


@pytest.mark.parametrize("chosen", [PUBLISHED, Settings()])
@pytest.mark.parametrize("place", range(4))
def test_a_shifted_sensor_alarms_soon_and_is_the_first_reason(place: int, chosen: Settings) -> None:
    rows = machine()
    rows[400:, place] += 6 * rows[:, place].std()
    verdicts = judge(learn(rows[:TRAINING], SENSORS, chosen), rows, None, TRAINING)
    first = next(row for row, verdict in enumerate(verdicts) if verdict.alarm)
    assert 400 <= first <= 425
    assert verdicts[first + 10].reasons[0].sensor == SENSORS[place]


def test_a_broken_relation_alarms_although_each_sensor_stays_in_its_range() -> None:
    rows = machine()
    rows[400:500, 1] = 2 - (rows[400:500, 0] - 5) * 0.4 - 0.35
    verdicts = judge(learn(rows[:TRAINING], SENSORS), rows, None, TRAINING)
    assert any(verdict.alarm for verdict in verdicts[400:500])
    told = {reason.sensor for verdict in verdicts[400:500] for reason in verdict.reasons[:1]}
    assert told <= {"current", "pressure"}


def test_reasons_name_what_was_seen_and_what_is_usual_in_the_sensors_unit() -> None:
    rows = machine()
    rows[400:, 3] = 40.0
    verdict = judge(learn(rows[:TRAINING], SENSORS), rows, None, TRAINING)[450]
    assert verdict.reasons[0].sensor == "flow"
    assert verdict.reasons[0].seen == pytest.approx(40.0, abs=2.0)
    assert verdict.reasons[0].usual == pytest.approx(32.0, abs=0.5)
    assert 0 < sum(reason.share for reason in verdict.reasons) <= 1 + 1e-9


def test_an_alarm_begins_above_one_and_lasts_until_the_score_is_below_the_release() -> None:
    rows = machine(900)
    rows[400:600, 3] += 1.0 + np.sin(np.arange(200) / 8)
    verdicts = judge(learn(rows[:TRAINING], SENSORS), rows, None, TRAINING)
    before = False
    between = 0
    for verdict in verdicts[TRAINING:]:
        assert verdict.alarm == (verdict.score > (Settings().release if before else 1.0))
        between += before and Settings().release < verdict.score <= 1.0
        before = verdict.alarm
    assert between > 5


def test_rows_of_the_training_never_alarm_and_are_not_followed() -> None:
    rows = machine()
    model = learn(rows[:TRAINING], SENSORS)
    rows[200:260, 3] += 10
    watch = Watch(model)
    assert not any(watch.step(row, learning=True).alarm for row in rows[:TRAINING])
    assert not watch.baseline.any()


def test_the_limit_of_the_plain_chart_is_learnt_and_has_a_least() -> None:
    rows = machine()[:TRAINING]
    calm = learn(rows, SENSORS)
    assert list(calm.ewma_high) == [8.0] * len(calm.sensors)
    keep = 1 - 2 / 16
    rows[:, 3] = 32 + np.repeat(np.random.default_rng(2).normal(0, 1, 15), 20)
    wild = learn(rows, SENSORS)
    z = (rows - wild.centre) / wild.spread
    weights = [keep ** np.arange(n + 1) for n in range(TRAINING)]
    means = np.array([(weights[n][:, None] * z[n::-1]).sum(axis=0) / weights[n].sum() for n in range(TRAINING)])
    scores = np.abs(means).max(axis=1) * np.sqrt(7.5)
    assert wild.ewma_low[0] == pytest.approx(max(8.0, 1.2 * np.quantile(scores[15:], 0.999)))


def test_an_alarm_ends_after_the_fault() -> None:
    rows = machine(900)
    rows[400:450, 3] += 5
    verdicts = judge(learn(rows[:TRAINING], SENSORS), rows, None, TRAINING)
    assert verdicts[440].alarm
    assert not any(verdict.alarm for verdict in verdicts[550:])


def test_a_slow_wander_is_followed_and_a_step_of_the_same_size_is_not() -> None:
    slow, step = machine(1500), machine(1500)
    away = 6 * slow[:, 2].std()
    slow[TRAINING:, 2] += np.linspace(0, away, 1200)
    step[700:, 2] += away
    model = learn(slow[:TRAINING], SENSORS)
    assert not any(verdict.alarm for verdict in judge(model, slow, None, TRAINING))
    assert any(verdict.alarm for verdict in judge(model, step, None, TRAINING)[700:720])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 50), cut=st.integers(301, 500), fault=st.integers(0, 3), holes=st.integers(0, 5))
def test_live_and_batch_agree_and_the_future_changes_nothing(seed: int, cut: int, fault: int, holes: int) -> None:
    rows = machine(520, seed)
    rows[420:460, fault] += 3
    rows[310 : 310 + holes, (fault + 1) % 4] = np.nan
    model = learn(rows[:TRAINING], SENSORS)
    whole = judge(model, rows, None, TRAINING)
    assert judge(model, rows[:cut], None, TRAINING) == whole[:cut]
    watch = Watch(model)
    live = [watch.step(list(row), learning=n < TRAINING) for n, row in enumerate(rows)]
    assert live == whole


def test_the_live_state_does_not_grow() -> None:
    rows = machine(3000)
    watch = Watch(learn(rows[:TRAINING], SENSORS))
    sizes = []
    for row in rows:
        watch.step(row)
        sizes.append(len(pickle.dumps(watch)) if len(sizes) in (100, 2999) else 0)
    assert sizes[2999] <= sizes[100] + 64


def test_missing_values_give_no_alarm_and_a_notice_when_they_last() -> None:
    rows = machine()
    rows[400:480, 2] = np.nan
    rows[350] = np.nan
    verdicts = judge(learn(rows[:TRAINING], SENSORS), rows, None, TRAINING)
    assert not any(verdict.alarm for verdict in verdicts)
    told = [(notice.kind, notice.sensor, notice.row) for verdict in verdicts for notice in verdict.notices]
    assert ("missing", "temperature", 459) in told


def test_a_stuck_sensor_is_told_once() -> None:
    rows = machine()
    rows[400:, 0] = rows[400, 0]
    verdicts = judge(learn(rows[:TRAINING], SENSORS), rows, None, TRAINING)
    assert [n.sensor for verdict in verdicts for n in verdict.notices if n.kind == "stuck"] == ["current"]


def test_a_drifted_sensor_is_told() -> None:
    rows = machine(4000)
    rows[TRAINING:, 3] += np.linspace(0, 12 * 0.4, 3700)
    verdicts = judge(learn(rows[:TRAINING], SENSORS), rows, None, TRAINING)
    assert [n.sensor for verdict in verdicts for n in verdict.notices if n.kind == "drift"] == ["flow"]


def test_a_gap_in_time_starts_the_smoothers_anew_and_is_told() -> None:
    rows = machine()
    times = np.arange(600.0)
    times[400:] += 3600
    model = learn(rows[:TRAINING], SENSORS, None, times[:TRAINING])
    verdicts = judge(model, rows, times, TRAINING)
    assert [(n.kind, n.row) for verdict in verdicts for n in verdict.notices] == [("gap", 400)]
    rows[405:, 3] += 9
    assert not any(verdict.alarm for verdict in judge(model, rows, times, TRAINING)[:420])


def test_infinite_and_huge_values_never_break_the_arithmetic() -> None:
    rows = machine()
    rows[410], rows[420], rows[430] = np.inf, 1e300, -1e300
    verdicts = judge(learn(rows[:TRAINING], SENSORS), rows, None, TRAINING)
    assert all(np.isfinite(verdict.score) for verdict in verdicts)
    assert any(verdict.alarm for verdict in verdicts[420:])


def test_constant_and_missing_columns_are_left_out_and_said() -> None:
    rows = np.column_stack([machine(), np.full(600, 7.0), np.full(600, np.nan)])
    model = learn(rows[:TRAINING], (*SENSORS, "door", "spare"))
    assert model.sensors == SENSORS
    assert [(one.column, one.reason) for one in model.left_out] == [
        ("door", "constant_in_training"),
        ("spare", "missing_in_training"),
    ]


def test_too_few_training_rows_are_refused_with_the_number_needed() -> None:
    with pytest.raises(BadInput, match="at least 80") as caught:
        learn(machine(79), SENSORS)
    assert caught.value.code == "anomaly_too_few_rows"
    learn(machine(80), SENSORS)


def test_nothing_that_moves_is_refused() -> None:
    with pytest.raises(BadInput, match="anomaly_nothing_to_watch"):
        learn(np.ones((100, 2)), ("a", "b"))


def test_a_row_with_too_few_columns_is_refused() -> None:
    with pytest.raises(BadInput, match="anomaly_columns"):
        Watch(learn(machine()[:TRAINING], SENSORS)).step([1.0, 2.0])


def test_one_sensor_among_copies_of_itself_can_be_learnt() -> None:
    rows = np.repeat(machine()[:, :1], 3, axis=1)
    assert not any(verdict.alarm for verdict in judge(learn(rows[:TRAINING], ("a", "b", "c")), rows, None, TRAINING))


def test_the_ewma_is_that_of_a_finite_history() -> None:
    # span 3: α = ½; weights 1, ½, ¼: (4 + 2/2 + 1/4) / (1 + ½ + ¼) = 3
    ewma = Ewma(3, 1)
    assert [float(ewma.step(np.array([x]))[0]) for x in (1.0, 2.0, 4.0)] == pytest.approx([1.0, 5 / 3, 3.0])


def test_a_missing_value_leaves_the_ewma_as_it_was() -> None:
    ewma = Ewma(3, 2)
    ewma.step(np.array([1.0, 5.0]))
    assert list(ewma.step(np.array([np.nan, 5.0]))) == [1.0, 5.0]


def test_the_rolling_median_waits_for_its_window() -> None:
    median = RollingMedian(3, 1)
    found = [median.step(np.array([x])) for x in (5.0, 1.0, 3.0, 9.0)]
    assert found[:2] == [None, None]
    assert [float(one[0]) for one in found[2:] if one is not None] == [3.0, 3.0]


def test_the_shrunk_covariance_is_between_the_sample_and_the_sphere() -> None:
    centred = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]])
    # sample diag(½, 2), μ = 1.25, d² = .5625, noise = (diag(½, 8) − diag(¼, 4)) summed with 0 beside: (.25 + 4)/4/2 = .53125
    weight = 0.53125 / 0.5625
    expected = np.diag([weight * 1.25 + (1 - weight) * 0.5, weight * 1.25 + (1 - weight) * 2.0])
    assert shrunk_covariance(centred) == pytest.approx(expected, abs=1e-8)


def test_the_plain_chart_is_the_published_formula() -> None:
    rows = machine(400)[:, :1]
    model = learn(rows[:TRAINING], ("current",), PUBLISHED)
    good = rows[:TRAINING, 0]
    centre = np.median(good)
    spread = max(1.4826 * np.median(np.abs(good - centre)), 0.2 * good.std(ddof=1))
    rows[350:, 0] += 3
    keep = 1 - 2 / 16
    weights = keep ** np.arange(361)
    mean = float((weights * ((rows[360::-1, 0] - centre) / spread)).sum() / weights.sum())
    plain = abs(mean) * np.sqrt(7.5) / model.ewma_high[0]
    assert judge(model, rows, None, TRAINING)[360].score >= plain - 1e-12
    assert Watch(model)._score(np.array([mean]), np.zeros(1), None)[0] == pytest.approx(plain)
