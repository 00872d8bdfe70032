"""One alarm per event: the burst rule on scores, and the grouping of alarm rows into alarms."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nordlotse.iot.core.anomaly.values import Reason, Verdict


class Damper:
    """Burst rule (facts §6.2): within a gap after the last maximum a score that does not exceed it is halved.

    A new maximum restarts the gap. Positions are rows or seconds, the gap in the same unit; it is fixed, as a live
    system needs it.
    """

    def __init__(self, gap: float) -> None:
        """Begin without a maximum."""
        self._gap = gap
        self._highest = 0.0
        self._at = -float("inf")

    def step(self, position: float, score: float) -> float:
        """Take the score at a position and return it, halved inside a burst."""
        if position - self._at <= self._gap and score <= self._highest:
            return score / 2.0
        self._highest, self._at = score, position
        return score


@dataclass(frozen=True, slots=True)
class Alarm:
    """One event: first and last alarm row, their times (s, None without), the highest score and the reasons at it."""

    first_row: int
    last_row: int
    begin: float | None
    end: float | None
    peak: float
    reasons: tuple[Reason, ...]


class Grouping:
    """Makes one alarm of all alarm rows that are at most `quiet` apart (seconds where times are known, else rows)."""

    def __init__(self, quiet: float) -> None:
        """Begin without an alarm."""
        self._quiet = quiet
        self._open: Alarm | None = None

    @property
    def open(self) -> Alarm | None:
        """Return the alarm that lasts."""
        return self._open

    def step(self, row: int, time: float | None, verdict: Verdict) -> Alarm | None:
        """Take a verdict; return an alarm that has ended (nothing followed for longer than `quiet`)."""
        current = self._open
        ended = None
        if current is not None and self._distance(current, row, time) > self._quiet:
            ended, current = current, None
        if verdict.alarm:
            if current is None:
                current = Alarm(row, row, time, time, verdict.score, verdict.reasons)
            elif verdict.score > current.peak:
                current = replace(current, last_row=row, end=time, peak=verdict.score, reasons=verdict.reasons)
            else:
                current = replace(current, last_row=row, end=time)
        self._open = current
        return ended

    @staticmethod
    def _distance(current: Alarm, row: int, time: float | None) -> float:
        return time - current.end if time is not None and current.end is not None else float(row - current.last_row)
