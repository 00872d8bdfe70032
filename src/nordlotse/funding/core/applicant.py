"""Who asks for money: the few facts that decide which programmes fit."""

from __future__ import annotations

from dataclasses import dataclass

from nordlotse.foundation.german import fold
from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.records import PURPOSES, SECTORS, Purpose, Sector
from nordlotse.foundation.region import State, parse_state

MOST_EMPLOYEES = 10_000_000
MOST_EUROS = 10_000_000_000_000

PURPOSE_NAMES: dict[Purpose, Text] = {
    "advice": Text("Beratung", "advice"),
    "investment": Text("Investition", "investment"),
    "research": Text("Forschung und Entwicklung", "research and development"),
    "training": Text("Qualifizierung", "training"),
    "loan": Text("Kredit", "loan"),
    "support": Text("kostenlose Hilfe", "free support"),
}
SECTOR_NAMES: dict[Sector, Text] = {
    "industry": Text("Industrie", "industry"),
    "craft": Text("Handwerk", "crafts"),
    "trade": Text("Handel", "trade"),
    "services": Text("Dienstleistung", "services"),
    "logistics": Text("Logistik", "logistics"),
    "tourism": Text("Tourismus", "tourism"),
    "freelance": Text("freie Berufe", "liberal professions"),
    "agriculture": Text("Landwirtschaft", "agriculture"),
}
_PURPOSE_WORDS: dict[str, Purpose] = {
    "beratung": "advice",
    "coaching": "advice",
    "consulting": "advice",
    "investition": "investment",
    "anschaffung": "investment",
    "software": "investment",
    "hardware": "investment",
    "forschung": "research",
    "entwicklung": "research",
    "innovation": "research",
    "qualifizierung": "training",
    "weiterbildung": "training",
    "schulung": "training",
    "kredit": "loan",
    "darlehen": "loan",
    "hilfe": "support",
}
_SECTOR_WORDS: dict[str, Sector] = {
    "industrie": "industry",
    "produktion": "industry",
    "maschinenbau": "industry",
    "verarbeitendes gewerbe": "industry",
    "manufacturing": "industry",
    "handwerk": "craft",
    "crafts": "craft",
    "handel": "trade",
    "retail": "trade",
    "dienstleistung": "services",
    "dienstleistungen": "services",
    "service": "services",
    "logistik": "logistics",
    "tourismus": "tourism",
    "gastgewerbe": "tourism",
    "freie berufe": "freelance",
    "freiberufler": "freelance",
    "landwirtschaft": "agriculture",
    "fischerei": "agriculture",
}


@dataclass(frozen=True, slots=True)
class Applicant:
    """A firm and its project; None where it has not been said.

    `employees` counts the firm with its linked firms, `turnover_eur` its turnover a year in euros;
    `already_started` tells whether an order for the project has been placed.
    """

    state: State | None = None
    employees: int | None = None
    sector: Sector | None = None
    purpose: Purpose | None = None
    already_started: bool | None = None
    turnover_eur: int | None = None

    def __post_init__(self) -> None:
        """Refuse impossible numbers.

        Raises:
            BadInput: employees or turnover is negative or absurdly large.
        """
        _within("employees", self.employees, MOST_EMPLOYEES)
        _within("turnover", self.turnover_eur, MOST_EUROS)


def parse_applicant(
    *,
    state: str | None = None,
    employees: int | None = None,
    sector: str | None = None,
    purpose: str | None = None,
    already_started: bool | None = None,
    turnover_eur: int | None = None,
) -> Applicant:
    """Return the applicant meant by words as a form or the command line gives them ("Hamburg", "Handwerk").

    Raises:
        BadInput: a word or number cannot be understood.
    """
    return Applicant(
        state=parse_state(state),
        employees=employees,
        sector=_sector(sector),
        purpose=_purpose(purpose),
        already_started=already_started,
        turnover_eur=turnover_eur,
    )


def _sector(word: str | None) -> Sector | None:
    key = fold(word or "").strip()
    if not key:
        return None
    for sector in SECTORS:
        if key == sector:
            return sector
    found = {fold(known): sector for known, sector in _SECTOR_WORDS.items()}.get(key)
    if found is None:
        raise _unknown("sector", str(word), [SECTOR_NAMES[s] for s in SECTORS])
    return found


def _purpose(word: str | None) -> Purpose | None:
    key = fold(word or "").strip()
    if not key:
        return None
    for purpose in PURPOSES:
        if key == purpose:
            return purpose
    found = {fold(known): purpose for known, purpose in _PURPOSE_WORDS.items()}.get(key)
    if found is None:
        raise _unknown("purpose", str(word), [PURPOSE_NAMES[p] for p in PURPOSES])
    return found


def _within(where: str, value: int | None, most: int) -> None:
    if value is not None and not 0 <= value <= most:
        raise BadInput(
            f"{where}_impossible",
            de=f"{value} ist keine mögliche Angabe.",
            en=f"{value} is not a possible value.",
            where=where,
            remedy_de=f"Bitte eine Zahl von 0 bis {most} angeben.",
            remedy_en=f"Give a number from 0 to {most}.",
        )


def _unknown(where: str, word: str, known: list[Text]) -> BadInput:
    return BadInput(
        f"{where}_unknown",
        de=f"„{word[:40]}“ kennen wir hier nicht.",
        en=f"“{word[:40]}” is not known here.",
        where=where,
        remedy_de="Möglich sind: " + ", ".join(t.de for t in known) + ".",
        remedy_en="Possible are: " + ", ".join(t.en for t in known) + ".",
    )
