"""Anomalies of machine signals: learning from a good period, judging row by row, reasons per sensor. numpy only."""

from nordlotse.iot.core.anomaly.answer import answer
from nordlotse.iot.core.anomaly.bursts import Alarm, Damper, Grouping
from nordlotse.iot.core.anomaly.feedback import Feedback, Judgement, limit_factor, with_feedback
from nordlotse.iot.core.anomaly.kept import as_plain, from_plain
from nordlotse.iot.core.anomaly.learning import Model, learn
from nordlotse.iot.core.anomaly.settings import LIVE, PUBLISHED, PUBLISHED_SINGLE, Settings, SingleSettings
from nordlotse.iot.core.anomaly.single import SingleModel, SingleWatch
from nordlotse.iot.core.anomaly.table import Table, read_table
from nordlotse.iot.core.anomaly.values import LeftOut, Notice, Reason, Verdict
from nordlotse.iot.core.anomaly.watching import Watch, judge

__all__ = [
    "LIVE",
    "PUBLISHED",
    "PUBLISHED_SINGLE",
    "Alarm",
    "Damper",
    "Feedback",
    "Grouping",
    "Judgement",
    "LeftOut",
    "Model",
    "Notice",
    "Reason",
    "Settings",
    "SingleModel",
    "SingleSettings",
    "SingleWatch",
    "Table",
    "Verdict",
    "Watch",
    "answer",
    "as_plain",
    "from_plain",
    "judge",
    "learn",
    "limit_factor",
    "read_table",
    "with_feedback",
]
