"""The values of measures and of a plan: what raises which answer, what it costs, and the steps that were chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from nordlotse.foundation.language import Text


@dataclass(frozen=True, slots=True)
class Cost:
    """What is paid to others in the first year, in whole euros: low, likely, high, with where the figures come from and when decided.

    `yearly` is what is likely to be paid in every further year (rent, licences), 0 where nothing is known to come again.
    """

    low: int
    likely: int
    high: int
    source: Text
    decided: date
    yearly: int = 0


@dataclass(frozen=True, slots=True)
class Raise:
    """What a measure does to one answer. One choice: at least `to`. Several: `adds` are ticked. `why` says why it does."""

    question: str
    to: str
    adds: tuple[str, ...]
    why: Text


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where a step leads: kind (article, programme, demonstrator, offer, event) and its key; shown only if it exists."""

    kind: Literal["article", "programme", "demonstrator", "offer", "event"]
    key: str


@dataclass(frozen=True, slots=True)
class Measure:
    """Something a company can do: in days of own work (whole or half ones) and euros paid to others.

    The first of `raises` is what it is for, the others come along. `after` are measures that come first, unless today's answer already
    is what they are for. `employees_from`, `employees_to` limit it to sizes where it makes sense, `sectors` to sections of WZ 2008
    (all where it is empty). `first`: named before every plan to whoever lacks it, whatever it counts (`planning.before_all`).
    `weeks` pass until one sees that it is done, as its text says.
    """

    id: str
    title: Text
    text: Text
    raises: tuple[Raise, ...]
    days: tuple[float, float, float]
    cost: Cost
    after: tuple[str, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    employees_from: int | None = None
    employees_to: int | None = None
    sectors: tuple[str, ...] = ()
    first: bool = False
    weeks: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A chosen measure in its place: what changes (question, answer today, answer after), why, and what the total gains with it."""

    number: int
    measure: Measure
    changes: tuple[tuple[str, str | tuple[str, ...] | None, str | tuple[str, ...]], ...]
    reason: Text
    gain: Fraction


@dataclass(frozen=True, slots=True)
class Goal:
    """What a plan is for: a level (band key) of the model's total, or the most progress within a budget in euros.

    `days` limits the likely days of own work as well, in whole or half days.
    """

    target: str = ""
    budget: int | None = None
    days: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The chosen steps in order. `reached`: the goal is reached (a budget's goal always is); `optimal`: proven cheapest.

    Totals are lower bounds (what is not known counts as lowest): `before`, `after`. `unknown`: questions whose answer would
    have to be known. `best`: the highest level that five steps can reach at all, where the goal cannot be reached.
    """

    model: str
    goal: Goal
    steps: tuple[Step, ...]
    cost: tuple[int, int, int]
    days: tuple[float, float, float]
    before: Fraction
    after: Fraction
    band_before: str
    band_after: str
    reached: bool
    optimal: bool
    unknown: tuple[str, ...] = ()
    best: str = ""


Answers = Mapping[str, object]
