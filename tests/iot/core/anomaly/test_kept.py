"""What was learnt can be kept and judged with again."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.anomaly import Feedback, as_plain, from_plain, judge, learn, with_feedback
from tests.iot.core.anomaly.made import SENSORS, machine


def _kept() -> dict[str, Any]:
    rows = np.column_stack([machine(), np.ones(600)])
    model = with_feedback(learn(rows[:300], (*SENSORS, "door")), [Feedback("false", 1.4)])
    found: dict[str, Any] = json.loads(json.dumps(as_plain(model), allow_nan=False))
    return found


def test_a_model_kept_as_json_judges_exactly_as_before() -> None:
    rows = np.column_stack([machine(), np.ones(600)])
    rows[400:, 3] += 5
    model = with_feedback(learn(rows[:300], (*SENSORS, "door")), [Feedback("false", 1.4)])
    assert judge(from_plain(_kept()), rows, None, 300) == judge(model, rows, None, 300)


@pytest.mark.parametrize(
    "change",
    [{"version": 1}, {"sensors": ["a"]}, {"axes": [1, 2]}, {"settings": {"speed": 3}}, {"left_out": 5}, {"extra": 1}],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="anomaly_model"):
        from_plain(_kept() | change)
