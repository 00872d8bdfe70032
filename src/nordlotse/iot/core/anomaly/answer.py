"""The whole way of a table: learn from its first rows, judge every row, group alarms; plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.anomaly.bursts import Alarm, Grouping
from nordlotse.iot.core.anomaly.learning import learn
from nordlotse.iot.core.anomaly.settings import Settings, SingleSettings
from nordlotse.iot.core.anomaly.single import SingleModel, SingleWatch
from nordlotse.iot.core.anomaly.table import Table
from nordlotse.iot.core.anomaly.values import LeftOut, Notice, Reason, Verdict
from nordlotse.iot.core.anomaly.watching import Watch


def answer(
    table: Table, training: int, settings: Settings | None = None, single: SingleSettings | None = None
) -> dict[str, Any]:
    """Return rows (one per row of the table, the training rows too), alarms, notices and left-out columns.

    A score of 1 is the limit; rows of the training never alarm. One column: the single-signal detector; more: the union.

    Raises:
        BadInput: `anomaly_train_rows`, `anomaly_too_few_rows`, `anomaly_nothing_to_watch`.
    """
    rows = len(table.readings)
    if not 0 < training <= rows:
        raise BadInput(
            "anomaly_train_rows",
            de=f"--train-rows {training} passt nicht zu {rows} Zeilen.",
            en=f"--train-rows {training} does not fit {rows} rows.",
            remedy_de="Nennen Sie so viele Zeilen vom Anfang der Datei, wie sicher gut waren.",
            remedy_en="Name as many rows from the file's start as were good for sure.",
        )
    watched, left_out, verdicts, quiet = (
        _single(table, training, single or SingleSettings())
        if table.readings.shape[1] == 1
        else _several(table, training, settings or Settings())
    )
    grouping = Grouping(quiet)
    told: list[dict[str, Any]] = []
    alarms: list[Alarm] = []
    notices = _backwards(table)
    for row, verdict in enumerate(verdicts):
        time = None if table.times is None else float(table.times[row])
        ended = grouping.step(row, time, verdict)
        if ended is not None:
            alarms.append(ended)
        notices.extend(verdict.notices)
        told.append({"score": round(verdict.score, 6), "alarm": verdict.alarm, "reasons": _reasons(verdict.reasons)})
    if grouping.open is not None:
        alarms.append(grouping.open)
    return {
        "detector": "single" if table.readings.shape[1] == 1 else "union",
        "train_rows": training,
        "watched": list(watched),
        "left_out": [{"column": one.column, "reason": one.reason} for one in (*table.left_out, *left_out)],
        "rows": told,
        "alarms": [_alarm(alarm, table) for alarm in alarms],
        "notices": [_notice(notice, table) for notice in sorted(notices, key=lambda one: one.row)],
    }


def _several(
    table: Table, training: int, settings: Settings
) -> tuple[tuple[str, ...], tuple[LeftOut, ...], Iterator[Verdict], float]:
    times = None if table.times is None else table.times[:training]
    model = learn(table.readings[:training], table.columns, settings, times)
    watch = Watch(model)

    def verdicts() -> Iterator[Verdict]:
        for row, readings in enumerate(table.readings):
            time = None if table.times is None else float(table.times[row])
            yield watch.step(readings, time, learning=row < training)

    return model.sensors, model.left_out, verdicts(), settings.quiet_rows * (model.step_seconds or 1.0)


def _single(
    table: Table, training: int, settings: SingleSettings
) -> tuple[tuple[str, ...], tuple[LeftOut, ...], Iterator[Verdict], float]:
    step = 0.0 if table.times is None or training < 2 else float(np.median(np.diff(table.times[:training])))
    watch = SingleWatch(SingleModel(table.columns[0], settings, training, step))

    def verdicts() -> Iterator[Verdict]:
        for row, reading in enumerate(table.readings[:, 0]):
            yield watch.step(float(reading), None if table.times is None else float(table.times[row]))

    return table.columns, (), verdicts(), settings.gap(training) * (step or 1.0)


def _backwards(table: Table) -> list[Notice]:
    """Return the rows whose time lies before that of the row above: a clock set back, or winter time."""
    if table.times is None:
        return []
    return [Notice("time_backwards", "", int(row) + 1) for row in np.flatnonzero(np.diff(table.times) < 0)]


def _reasons(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    return [
        {
            "sensor": reason.sensor,
            "share": round(reason.share, 4),
            "seen": float(f"{reason.seen:.6g}"),
            "usual": float(f"{reason.usual:.6g}"),
            "chart": reason.chart,
        }
        for reason in reasons
    ]


def _written(table: Table, row: int) -> str | None:
    return table.written[row] if table.written else None


def _alarm(alarm: Alarm, table: Table) -> dict[str, Any]:
    return {
        "first_row": alarm.first_row,
        "last_row": alarm.last_row,
        "begin": _written(table, alarm.first_row),
        "end": _written(table, alarm.last_row),
        "peak": round(alarm.peak, 6),
        "reasons": _reasons(alarm.reasons),
    }


def _notice(notice: Notice, table: Table) -> dict[str, Any]:
    return {"kind": notice.kind, "sensor": notice.sensor, "row": notice.row, "time": _written(table, notice.row)}
