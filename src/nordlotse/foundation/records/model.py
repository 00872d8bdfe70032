"""What a dated record is: law, standard, programme or background fact, with source and review date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from nordlotse.foundation.language import Text
from nordlotse.foundation.source import Source

Topic = Literal["digitalisation", "iot", "print3d", "industrie40", "business_models", "funding", "network", "events"]
Jurisdiction = Literal["DE", "EU", "HH", "SH", "MV"]
LawStatus = Literal["in_force", "upcoming", "proposal", "uncertain", "ended"]
ProgrammeStatus = Literal["open", "closed", "call", "unknown"]
FactStatus = Literal["verified", "uncertain", "unverified"]
Unit = Literal["EUR", "percent", "hours", "days", "months", "years", "year", "employees", "kWh", "count"]
Purpose = Literal["advice", "investment", "research", "training", "loan", "support"]
Sector = Literal["industry", "craft", "trade", "services", "logistics", "tourism", "freelance", "agriculture"]

TOPICS: tuple[Topic, ...] = (
    "digitalisation",
    "iot",
    "print3d",
    "industrie40",
    "business_models",
    "funding",
    "network",
    "events",
)
JURISDICTIONS: tuple[Jurisdiction, ...] = ("DE", "EU", "HH", "SH", "MV")
LAW_STATUSES: tuple[LawStatus, ...] = ("in_force", "upcoming", "proposal", "uncertain", "ended")
PROGRAMME_STATUSES: tuple[ProgrammeStatus, ...] = ("open", "closed", "call", "unknown")
FACT_STATUSES: tuple[FactStatus, ...] = ("verified", "uncertain", "unverified")
UNITS: tuple[Unit, ...] = (
    "EUR",
    "percent",
    "hours",
    "days",
    "months",
    "years",
    "year",
    "employees",
    "kWh",
    "count",
)
PURPOSES: tuple[Purpose, ...] = ("advice", "investment", "research", "training", "loan", "support")
SECTORS: tuple[Sector, ...] = (
    "industry",
    "craft",
    "trade",
    "services",
    "logistics",
    "tourism",
    "freelance",
    "agriculture",
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure of a record: `value` in `unit` (EUR in whole euros, percent as 0 to 100), and what it is."""

    name: str
    value: int | float
    unit: Unit
    what: Text


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence with placeholders; it speaks only in the named states and inside its window of days.

    `states` empty: in every state. `from_day` and `until_day` are inclusive. `sources` empty: all of the record.
    """

    text: Text
    states: tuple[str, ...] = ()
    from_day: date | None = None
    until_day: date | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What one of several disagreeing sources says, with that source's id."""

    text: Text
    source: str


@dataclass(frozen=True, slots=True)
class SizeLimits:
    """Inclusive limits of company size; None where there is none. Money in euros a year.

    `turnover_or_balance`: one of turnover and balance sheet may be above its limit, as in the EU's size definition.
    Above `employees_sure` and up to `employees_max` only special cases count, such as a joint project.
    """

    employees_min: int | None = None
    employees_max: int | None = None
    turnover_min_eur: int | None = None
    turnover_max_eur: int | None = None
    turnover_or_balance: bool = False
    employees_sure: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What all records share.

    `dates` holds further named days, `amounts` the figures; the statements refer to both by name, so no figure is
    typed twice. `questions` are wordings a company would use. `review_by` is the day by which somebody must look again.
    """

    id: str
    topic: Topic
    subject: Text
    name: Text
    number: str
    who: Text
    exemption: Text
    jurisdiction: Jurisdiction
    valid_from: date | None
    valid_until: date | None
    size: SizeLimits
    amounts: tuple[Amount, ...]
    dates: tuple[tuple[str, date], ...]
    statements: tuple[Statement, ...]
    contradictions: tuple[Contradiction, ...]
    fact_status: FactStatus
    sources: tuple[Source, ...]
    checked_on: date
    review_by: date
    questions_de: tuple[str, ...]
    questions_en: tuple[str, ...]
    aliases: tuple[str, ...]
    common_error: Text

    @property
    def speaks(self) -> bool:
        """Tell whether sentences may be shown: an unverified record is silent."""
        return self.fact_status != "unverified" and bool(self.sources)

    @property
    def kind(self) -> str:
        """Return "law", "standard", "funding" or "background"."""
        return _KINDS[type(self)]

    def questions(self, lang: str) -> tuple[str, ...]:
        """Return the wordings in German for "de", in English otherwise."""
        return self.questions_de if lang == "de" else self.questions_en

    def amount(self, name: str) -> int | float | None:
        """Return the value of the figure called `name`, None if the record has none of that name."""
        return next((a.value for a in self.amounts if a.name == name), None)


@dataclass(frozen=True, slots=True)
class LawRecord(Record):
    """A rule of law: `name` is the act with its short names, `number` its official number."""

    status: LawStatus


@dataclass(frozen=True, slots=True)
class StandardRecord(Record):
    """The state of a technical standard; `number` carries number and edition."""

    status: LawStatus


@dataclass(frozen=True, slots=True)
class BackgroundRecord(Record):
    """A fact about the region's history that answers refer to."""

    status: LawStatus


@dataclass(frozen=True, slots=True)
class Office:
    """Where one applies. `at` carries the name with its preposition ("bei der IFB Hamburg"); phone only if verified."""

    name: Text
    at: Text
    url: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class FundingRecord(Record):
    """A programme that pays or helps.

    `rate_percent` is the highest usual rate, `cap_eur` its cap, `minimum_eur` the smallest eligible cost;
    `medium_rate_percent` is the rate from 50 staff, `large_rate_percent` and `large_cap_eur` those from 250 staff.
    `regional_rates` overrides rate and cap for a state: (state, rate_percent, cap_eur). `free` marks help that costs
    the company nothing. `alternatives` are ids of programmes to look at instead. `states` empty: that of the
    jurisdiction, for a federal programme all. After `unknown_after` nobody knows whether the programme goes on.
    """

    status: ProgrammeStatus
    purposes: tuple[Purpose, ...]
    sectors: tuple[Sector, ...]
    excluded_sectors: tuple[Sector, ...]
    rate_percent: float | None
    medium_rate_percent: float | None
    large_rate_percent: float | None
    large_cap_eur: int | None
    cap_eur: int | None
    minimum_eur: int | None
    regional_rates: tuple[tuple[str, float, int], ...]
    free: bool
    apply_before_start: bool | None
    de_minimis: bool | None
    combinable: Text
    office: Office
    alternatives: tuple[str, ...]
    states: tuple[str, ...]
    unknown_after: date | None

    def covers(self, state: str | None) -> bool:
        """Tell whether firms of a state (HH, SH, MV) may apply; an unknown state is covered by federal programmes."""
        if self.states:
            return state in self.states
        return self.jurisdiction in ("DE", "EU") or state == self.jurisdiction


_KINDS: dict[type[Record], str] = {
    LawRecord: "law",
    StandardRecord: "standard",
    FundingRecord: "funding",
    BackgroundRecord: "background",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One finished sentence of a record, with the ids of the sources it rests on."""

    text: str
    sources: tuple[str, ...]
    record: str
