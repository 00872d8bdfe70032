"""An alarm rule as data: what is watched, when it counts, whom it tells and when."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.alarms.hours import Opening
from nordlotse.iot.core.alarms.pace import ENDLESS, Pace

Kind = Literal["above", "below", "outside", "silent", "state"]
#: Rules on a number.
MEASURED: tuple[Kind, ...] = ("above", "below", "outside")


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the escalation: `to` is told when the alarm has stood unacknowledged for `after` seconds."""

    after: float
    to: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule on one signal. Limits and hysteresis in the signal's unit, times in seconds.

    above: value > high; below: value < low; outside: value < low or > high; silent: no value for longer than `silence`;
    state: the value is `state`. A limit is left only when the value is `hysteresis` inside it. The condition must last
    `delay` before an alarm is raised and be gone for `clear_after` before it is cleared. Outside `hours` nothing is
    raised or escalated; what still lasts is raised when they open. `pace` is the signal's, and not kept with the rule: in a rule on a number, time
    without data counts neither towards `delay` nor towards how long an alarm lasted.
    """

    name: str
    kind: Kind
    low: float | None = None
    high: float | None = None
    silence: float = 0.0
    state: str | bool | None = None
    hysteresis: float = 0.0
    delay: float = 0.0
    clear_after: float = 0.0
    hours: Opening | None = None
    steps: tuple[Step, ...] = ()
    pace: Pace = ENDLESS

    def __post_init__(self) -> None:
        """Refuse a rule that can never or must always alarm.

        Raises:
            BadInput: `alarm_rule`.
        """
        for de, en, wrong in self._faults():
            if wrong:
                raise BadInput(
                    "alarm_rule",
                    de=f"Die Regel passt nicht: {de}.",
                    en=f"The rule does not fit: {en}.",
                    where=self.name[:60],
                    remedy_de="Bitte die Werte der Regel prüfen.",
                    remedy_en="Check the rule's values.",
                )

    def _faults(self) -> tuple[tuple[str, str, bool], ...]:
        numbers = [self.silence, self.hysteresis, self.delay, self.clear_after, *(step.after for step in self.steps)]
        limits = [limit for limit in (self.low, self.high) if limit is not None]
        after = [step.after for step in self.steps]
        no_low = self.kind in ("below", "outside") and self.low is None
        no_high = self.kind in ("above", "outside") and self.high is None
        band = self.kind == "outside" and self.low is not None and self.high is not None
        return (
            ("die Grenze fehlt", "the limit is missing", no_low or no_high),
            ("eine Zahl ist nicht endlich", "a number is not finite", not all(map(math.isfinite, [*numbers, *limits]))),
            ("eine Zeit oder die Hysterese ist negativ", "a time or the hysteresis is negative", min(numbers) < 0),
            (
                "das Band ist schmaler als zweimal die Hysterese",
                "the band is narrower than twice the hysteresis",
                band and (self.high or 0.0) - (self.low or 0.0) <= 2 * self.hysteresis,
            ),
            ("die Stille braucht eine Dauer", "silence needs a duration", self.kind == "silent" and self.silence <= 0),
            ("der Zustand fehlt", "the state is missing", self.kind == "state" and self.state is None),
            ("die Stufen stehen nicht in ihrer Reihenfolge", "the steps are not in order", after != sorted(after)),
        )

    def holds(self, value: float | str | bool, held: bool) -> bool:
        """Return whether a value fulfils the condition; `held`: it did before, so that the hysteresis counts.

        A number that is not finite and text for a numeric rule leave the condition as it is.
        """
        if self.kind == "state":
            return value == self.state and isinstance(value, bool) == isinstance(self.state, bool)
        if self.kind == "silent":
            return False
        if isinstance(value, str) or not math.isfinite(value):
            return held
        inside = self.hysteresis if held else 0.0
        over = self.high is not None and value > self.high - inside
        under = self.low is not None and value < self.low + inside
        return {"above": over, "below": under, "outside": over or under}[self.kind]
