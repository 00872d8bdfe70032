"""A case in five lines for the person who is asked to take it: who, aim, data, tried, wish.

Names, phone numbers and mail addresses of people are not among them; the company's name is, because without it nobody can say
whether there is a conflict of interest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.region import State
from nordlotse.foundation.result import Result
from nordlotse.foundation.sectors import divisions

__all__ = ["WISHES", "Facts", "Line", "five_lines", "written_size"]

#: What somebody can wish for, by the key that is kept.
WISHES = {
    "call": Text("Rückruf", "a call back"),
    "online": Text("Videogespräch", "a video call"),
    "visit": Text("Besuch im Betrieb", "a visit at the company"),
    "mail": Text("Antwort per E-Mail", "an answer by mail"),
}

_MAX = 600  # characters of a line: five of them fit on a phone's screen or two
_ANSWER = 300


@dataclass(frozen=True, slots=True)
class Facts:
    """What may be told of a case: only what the company consented to share. `answer`: the words it read here."""

    company: str = ""
    place: str = ""
    state: str = ""
    employees: int | None = None
    sector: str = ""
    question: str = ""
    answer: str = ""
    results: Sequence[Result] = ()
    tried: str = ""
    wish: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One of the five lines: its name and what it says; `known`: whether anything was given at all."""

    name: str
    text: str
    known: bool = True


_NAMES = (
    Text("Wer", "Who"),
    Text("Ziel", "Aim"),
    Text("Daten und Ergebnisse", "Data and results"),
    Text("Schon versucht", "Tried so far"),
    Text("Wunsch", "Wish"),
)


def _shortened(text: str, most: int = _MAX) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rsplit(" ", 1)[0] + " …"


def written_size(employees: int | None, lang: Lang) -> str:
    """Return a number of employees in words, "" when it is not known."""
    if employees is None:
        return ""
    if lang == "de":
        return "1 Beschäftigte oder Beschäftigter" if employees == 1 else f"{employees} Beschäftigte"
    return "1 employee" if employees == 1 else f"{employees} employees"


def _who(facts: Facts, lang: Lang) -> str:
    state = State(facts.state).label.get(lang) if facts.state in set(State) else ""
    sector = divisions()[facts.sector].name.get(lang) if facts.sector in divisions() else facts.sector
    parts = (facts.company, facts.place, state, written_size(facts.employees, lang), sector)
    return ", ".join(part for part in parts if part)


def _data(facts: Facts, lang: Lang) -> str:
    told = []
    for result in facts.results:
        figures = "; ".join(f"{f.label}: {f.value}" for f in result.figures[:4])
        told.append(f"{result.title} ({figures})" if figures else f"{result.title}: {_shortened(result.summary, 200)}")
        if result.picture_text:
            told.append(result.picture_text)
    return " · ".join(told)


def _tried(facts: Facts, lang: Lang) -> str:
    read = _shortened(facts.answer, _ANSWER)
    lead = "Hier gelesen" if lang == "de" else "Read here"
    return " · ".join(part for part in (facts.tried, f"{lead}: {read}" if read else "") if part)


def _wish(facts: Facts, lang: Lang) -> str:
    wish = WISHES[facts.wish].get(lang) if facts.wish in WISHES else ""
    return ", ".join(part for part in (wish, facts.hours) if part)


def five_lines(facts: Facts, lang: Lang) -> tuple[Line, Line, Line, Line, Line]:
    """Return the five lines, always all of them: what is not known says so, for a gap would look like an oversight."""
    missing = "nicht angegeben" if lang == "de" else "not given"
    values = (
        _who(facts, lang),
        facts.question,
        _data(facts, lang),
        _tried(facts, lang),
        _wish(facts, lang),
    )
    who, aim, data, tried, wish = (
        Line(name.get(lang), _shortened(value) or missing, bool(_shortened(value)))
        for name, value in zip(_NAMES, values, strict=True)
    )
    return who, aim, data, tried, wish
