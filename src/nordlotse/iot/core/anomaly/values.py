"""What the detectors say: a verdict per row with reasons per sensor, and notices on the sensors themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Chart = Literal["value", "pattern", "relation", "joint", "time_of_day"]
NoticeKind = Literal["stuck", "drift", "missing", "gap", "time_backwards"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row is unusual: a sensor, its share of the score (0 … 1), what was seen and what is usual, in its own unit."""

    sensor: str
    share: float
    seen: float
    usual: float
    chart: Chart


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about a sensor or the stream that is no anomaly of the machine: stuck, drifted, missing, a gap in time.

    In the sensor's own unit, None where there is none: `seen`, the level it drifted to or the value it is stuck at; `usual` and `limit` of a drift.
    """

    kind: NoticeKind
    sensor: str
    row: int
    seen: float | None = None
    usual: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row judged: score (1 = the limit), alarm, reasons (only while an alarm lasts), notices that begin here."""

    score: float
    alarm: bool
    reasons: tuple[Reason, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that is not watched, and why (a code: constant, label, text, empty, time)."""

    column: str
    reason: str
