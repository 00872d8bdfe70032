"""What is handed around when key figures are computed: flags, claims, what was given, what came out. Times in seconds, exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from nordlotse.foundation.language import Text
from nordlotse.iot.core.oee.formula import Step

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to know about a result: a stable code, how bad it is, and a sentence. Nothing is cut to make a flag go away.

    "error": the numbers contradict each other; "warning": unusual, look again; "info": how the result came about.
    """

    code: str
    severity: Severity
    text: Text
    where: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A key figure somebody else stated (exact share, .95 for 95 %), and half a unit of its last written digit."""

    value: Fraction
    half_digit: Fraction


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop: seconds, reason, and whether it was planned or setting up."""

    seconds: Fraction
    reason: str = ""
    kind: Literal["unplanned", "planned", "setup"] = "unplanned"


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of one machine in one shift (or any other stretch of time).

    `elements`: acronym → exact value, times in seconds. `stops` may be empty although time was lost: then only its sum is known.
    `claimed`: key figures stated elsewhere, to be compared. `cost_per_hour`: euros that an hour of stop costs, None if not told.
    """

    elements: Mapping[str, Fraction]
    machine: str = ""
    shift: str = ""
    stops: tuple[Stop, ...] = ()
    claimed: Mapping[str, Claim] = field(default_factory=dict)
    cost_per_hour: Fraction | None = None
    notes: tuple[Flag, ...] = ()

    @property
    def where(self) -> str:
        """Return machine and shift as one name."""
        return ", ".join(part for part in (self.machine, self.shift) if part)


@dataclass(frozen=True, slots=True)
class Computed:
    """One key figure: its exact value or why there is none (`missing` elements, or a division by zero), and the steps."""

    id: str
    value: Fraction | None
    steps: tuple[Step, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluated:
    """All that follows from what was given: elements (given and derived), key figures by id, flags."""

    given: Given
    elements: Mapping[str, Fraction]
    derived: Mapping[str, str]
    figures: Mapping[str, Computed]
    flags: tuple[Flag, ...]

    @property
    def consistent(self) -> bool:
        """Tell whether no numbers contradict each other."""
        return all(flag.severity != "error" for flag in self.flags)

    def value(self, figure: str) -> Fraction | None:
        """Return a key figure's exact value, None if it could not be computed."""
        return self.figures[figure].value
