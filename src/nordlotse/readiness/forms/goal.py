"""What somebody wants of a plan, as typed: a level or a budget, of which model, for how many people, from when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from urllib.parse import quote

from nordlotse.foundation.language import NOTHING, Text
from nordlotse.readiness.core.calendar import next_monday
from nordlotse.readiness.core.measure import Goal
from nordlotse.readiness.core.measures import shipped_measures
from nordlotse.readiness.queries import outcome
from nordlotse.readiness.queries.outcome import Outcome

#: More than any plan costs; larger figures are slips of the finger.
MOST_EUROS = 10_000_000
_MOST_PEOPLE = 100_000
#: Who fills in one of these has a goal.
_NAMES_A_GOAL = ("ziel", "stufe", "budget", "regler")
#: A whole number, with points or spaces between thousands or without: "5000.00" would be read a hundredfold.
#: What people write around a number: "etwa 1000 Euro", "5 Leute".
_AROUND = re.compile(
    r"^(?:ca\.?|etwa|rund|about|circa)\s+|\s*(?:€|eur|euros?|leute|personen|people|persons|mitarbeiter\w*|beschäftigte\w*)$",
    re.IGNORECASE,
)
#: Own time: whole or half days, or evenings.
_DAYS = re.compile(r"(\d{1,4}(?:[.,][05])?)\s*(tage?n?|days?|abende?n?|evenings?)?", re.IGNORECASE | re.ASCII)
_HALF_A_DAY = ("ein halber tag", "einen halben tag", "half a day")
_NUMBER = re.compile(r"\d{1,11}|\d{1,3}(?:[. \u00a0]\d{3}){1,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A goal as typed. `kind`: reach a level, or go as far as a budget goes. `wrong` says what could not be read, by field.

    `beyond` says why the goal is an amount where nobody named one, "" otherwise. `without` are ids of steps struck out. `days` limits
    the days of own work, None where it does not matter; `typed` is what stood in fields that could not be read.
    """

    model: str
    kind: Literal["level", "budget"]
    target: str
    budget: int | None
    employees: int | None
    begin: date
    wrong: Mapping[str, Text]
    beyond: Text = NOTHING
    without: tuple[str, ...] = ()
    days: float | None = None
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def goal(self) -> Goal | None:
        """Return the goal; None where there is none to have (the top is reached and no budget named)."""
        if self.kind == "budget":
            return Goal(budget=self.budget, days=self.days) if self.budget is not None else None
        return Goal(target=self.target, days=self.days) if self.target else None

    @property
    def passed_on(self) -> str:
        """Return the goal as an address takes it along behind a check's key, to be read by `taken_along`."""
        value = self.target if self.kind == "level" else str(self.budget)
        halves = "" if self.days is None else f".{int(2 * self.days)}"  # a point would part "0.5"
        return quote(f".{self.model}.{self.employees or ''}.{self.kind}.{value}.{','.join(self.without)}{halves}")

    @property
    def days_typed(self) -> str:
        """Return the own time as the field holds it."""
        return "" if self.days is None else f"{self.days:g}"

    @property
    def fields(self) -> dict[str, str]:
        """Return goal and struck steps as the form sends them, to be kept and read again."""
        return {
            "model": self.model,
            "ziel": self.kind,
            "stufe": self.target,
            "budget": "" if self.budget is None else str(self.budget),
            "employees": str(self.employees or ""),
            "without": ",".join(self.without),
            "days": self.days_typed,
        }


def taken_along(text: str) -> dict[str, str]:
    """Return the fields that a goal passed on stands for, as `read` takes them; none where it is no such goal."""
    model, employees, kind, value, without, halves = [*text.split("."), "", "", "", "", "", ""][:6]
    known = halves.isascii() and halves.isdigit() and len(halves) < 5
    days = f"{int(halves) / 2:g}" if known else ""
    if kind not in ("level", "budget"):
        return {}
    goal = {"level": "stufe", "budget": "budget"}[kind]
    return {"model": model, "employees": employees, "ziel": kind, goal: value, "without": without, "days": days}


def read(given: Mapping[str, str], found: Outcome, today: date, *, live: bool = False) -> Wanted:
    """Return what was typed; where nothing was, the first goal of the main model, beginning next Monday.

    Without JavaScript moving the slider does not choose the budget: whoever changed the amount and left the level meant the amount.
    `live` fields choose by themselves, and what they showed before is out of date.
    """
    wrong: dict[str, Text] = {}
    model = given.get("model", "") if given.get("model", "") in found.models else found.main
    following = found.scores[model].next_band
    levels = {b.key for b in found.models[model].bands[1:]}
    target = given.get("stufe", "")
    if target not in levels or given.get("vorher", model) != model:  # another model has other levels
        target = following.key if following else ""
    budget = _budget(given, wrong)
    if given.get("ziel") == "budget" and budget is None and "budget" not in wrong:
        wrong["budget"] = Text(
            "Bitte einen Betrag, zum Beispiel 1000; 0 geht auch.", "Give an amount, for example 1000; 0 will do."
        )
    meant = given.get("ziel") == "budget" or (not live and _amount_changed(given, budget))
    kind: Literal["level", "budget"] = "budget" if meant and "budget" not in wrong else "level"
    employees = _number(given.get("employees", ""), "employees", _MOST_PEOPLE, wrong) or None
    beyond = NOTHING
    if not any(given.get(name) for name in _NAMES_A_GOAL):
        first = outcome.first_goal(found, model, employees=employees)
        if first is not None and first.goal.budget is not None:
            kind, budget, beyond = "budget", first.goal.budget, first.sentence
    begin = _begin(given, today, wrong)
    days = _days(given.get("days", ""), wrong)
    typed = {name: given[name] for name in wrong if name in given}
    return Wanted(model, kind, target, budget, employees, begin, wrong, beyond, _without(given), days, typed)


def _days(typed: str, wrong: dict[str, Text]) -> float | None:
    """Return days of own work from "3", "0,5", "2 Tage"; two evenings are half a day, a single one more is left out."""
    said = _AROUND.sub("", typed.strip())
    if not said:
        return None
    if said.lower() in _HALF_A_DAY:
        return 0.5
    found = _DAYS.fullmatch(said)
    if found is None:
        wrong["days"] = Text(
            "Bitte ganze oder halbe Tage, zum Beispiel 3 oder 0,5.", "Give whole or half days, for example 3 or 0.5."
        )
        return None
    number = float(found[1].replace(",", "."))
    if (found[2] or "").lower().startswith(("abend", "evening")):
        return int(number / 2) / 2
    return number


def _without(given: Mapping[str, str]) -> tuple[str, ...]:
    """Return the measures struck out: those so far, `strike` one more, `back` one less; what is no measure is left out."""
    struck = dict.fromkeys([*given.get("without", "").split(","), given.get("strike", "")])
    known = {m.id for m in shipped_measures()}
    return tuple(name for name in struck if name in known and name != given.get("back", ""))


def _amount_changed(given: Mapping[str, str], budget: int | None) -> bool:
    before = given.get("budget_vorher", "")
    return (
        before.isdecimal()
        and budget is not None
        and str(budget) != before
        and given.get("stufe") == given.get("stufe_vorher")
    )


def _budget(given: Mapping[str, str], wrong: dict[str, Text]) -> int | None:
    """Return the budget: the number as typed, unless it is the one shown before and the slider was moved."""
    typed, slid, before = (given.get(name, "").strip() for name in ("budget", "regler", "budget_vorher"))
    return _number(slid if slid and slid != before and typed in ("", before) else typed, "budget", MOST_EUROS, wrong)


def _number(typed: str, field: str, most: int, wrong: dict[str, Text]) -> int | None:
    said = _AROUND.sub("", _AROUND.sub("", typed.strip())).strip()
    if not said:
        return None
    digits = re.sub(r"\D", "", said)
    if not _NUMBER.fullmatch(said) or int(digits) > most:
        shown = f"{most:,}"
        wrong[field] = Text(
            f"Bitte eine ganze Zahl von 0 bis {shown.replace(',', '.')}.", f"Give a whole number from 0 to {shown}."
        )
        return None
    return int(digits)


def _begin(given: Mapping[str, str], today: date, wrong: dict[str, Text]) -> date:
    typed = given.get("beginn", "").strip()
    if not typed:
        return next_monday(today)
    try:
        begin = date.fromisoformat(typed)
    except ValueError:
        begin = date.min
    if not today.year - 1 <= begin.year <= today.year + 5:
        wrong["beginn"] = Text(
            "Bitte ein Datum in den nächsten fünf Jahren, zum Beispiel 2027-01-11.",
            "Give a date within the next five years, for example 2027-01-11.",
        )
        return next_monday(today)
    return begin
