"""Kept checks as plain values: a check with its rounds, and in each round the lead's sheet and those of colleagues."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nordlotse.foundation.problem import NotFound
from nordlotse.readiness.models import Check, Round, Sheet
from nordlotse.readiness.queries import models

#: What a key looks like; anything else is not looked up.
_KEY = re.compile(r"[A-Za-z0-9]{24}")


@dataclass(frozen=True, slots=True)
class SheetOf:
    """The answers of one person. `who` is "" for the lead; `version` counts saves."""

    key: str
    lead: bool
    who: str
    answers: Mapping[str, Any]
    version: int
    touched_at: datetime


@dataclass(frozen=True, slots=True)
class RoundOf:
    """One time the check was made (0: T0). `answers` are the lead's: they count as the company's.

    `wanted` is the plan that was chosen, as the plan's form sends it. `models` are references: an own model is named with its version where that is not the one on offer (any more).
    """

    number: int
    models: tuple[str, ...]
    hashes: Mapping[str, str]
    started_at: datetime
    finished_at: datetime | None
    lead: SheetOf
    colleagues: tuple[SheetOf, ...]
    wanted: Mapping[str, str] = field(default_factory=dict)

    @property
    def answers(self) -> Mapping[str, Any]:
        """Return the answers that count as the company's."""
        return self.lead.answers

    @property
    def label(self) -> str:
        """Return "T0", "T1" …"""
        return f"T{self.number}"


@dataclass(frozen=True, slots=True)
class KeptCheck:
    """A check that somebody asked to keep. Rounds in their order, at least one."""

    key: str
    lang: str
    employees: int | None
    sector: str
    state: str
    company: str
    is_example: bool
    created_at: datetime
    touched_at: datetime
    rounds: tuple[RoundOf, ...]

    @property
    def newest(self) -> RoundOf:
        """Return the last round begun."""
        return self.rounds[-1]

    def round(self, number: int | str | None) -> RoundOf:
        """Return a round by its number (as typed in an address); the newest one if there is no such number."""
        return next((r for r in self.rounds if str(r.number) == str(number)), self.newest)


def unknown() -> NotFound:
    """Return the error of a link that leads to no check (any more)."""
    return NotFound(
        "check_unknown",
        de="Zu diesem Link gibt es keinen Check.",
        en="There is no check under this link.",
        where="link",
        remedy_de="Bitte prüfen Sie, ob der Link vollständig ist. Vielleicht wurde der Check gelöscht.",
        remedy_en="See whether the link is complete. The check may have been deleted.",
    )


def kept(key: str) -> KeptCheck:
    """Return a kept check by its link.

    Raises:
        NotFound: there is none (`check_unknown`).
    """
    found = Check.objects.prefetch_related("rounds__sheets").filter(pk=key).first() if _KEY.fullmatch(key) else None
    if found is None:
        raise unknown()
    return _value_of(found)


def of_company(company: str, most: int) -> list[KeptCheck]:
    """Return the checks that belong to a company, the newest first, with as many queries for many as for one."""
    rows = Check.objects.filter(company=company) if company else Check.objects.none()
    return [_value_of(row) for row in rows.prefetch_related("rounds__sheets").order_by("-created_at", "pk")[:most]]


def _value_of(check: Check) -> KeptCheck:
    rounds = [
        _round(r, [sheet_of(s) for s in sorted(r.sheets.all(), key=lambda s: (not s.lead, s.pk))])
        for r in sorted(check.rounds.all(), key=lambda r: r.number)
    ]
    return KeptCheck(
        key=check.key,
        lang=check.lang,
        employees=check.employees,
        sector=check.sector,
        state=check.state,
        company=check.company,
        is_example=check.is_example,
        created_at=check.created_at,
        touched_at=check.touched_at,
        rounds=tuple(rounds),
    )


def sheet_of(sheet: Sheet) -> SheetOf:
    """Return a row as a value; several choices come back as tuples."""
    answers = {name: tuple(v) if isinstance(v, list) else v for name, v in sheet.answers.items()}
    return SheetOf(sheet.key, sheet.lead, sheet.who, answers, sheet.version, sheet.touched_at)


def _round(row: Round, sheets: list[SheetOf]) -> RoundOf:
    lead = next(s for s in sheets if s.lead)
    return RoundOf(
        number=row.number,
        models=models.answered_with(row.models_asked, row.hashes),
        hashes=dict(row.hashes),
        started_at=row.started_at,
        finished_at=row.finished_at,
        lead=lead,
        colleagues=tuple(s for s in sheets if not s.lead),
        wanted={str(name): str(value) for name, value in row.wanted.items()},
    )


@dataclass(frozen=True, slots=True)
class ColleagueSheet:
    """A colleague's own sheet with what its page needs: the models asked for in its round, and the language."""

    sheet: SheetOf
    round_number: int
    models: tuple[str, ...]


def colleague(key: str) -> ColleagueSheet:
    """Return a colleague's sheet by its link; the lead's sheet has none.

    Raises:
        NotFound: there is none (`check_unknown`).
    """
    found = Sheet.objects.select_related("round").filter(pk=key, lead=False).first() if _KEY.fullmatch(key) else None
    if found is None:
        raise unknown()
    asked = models.answered_with(found.round.models_asked, found.round.hashes)
    return ColleagueSheet(sheet_of(found), found.round.number, asked)
