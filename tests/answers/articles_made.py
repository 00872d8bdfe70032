"""Small articles for tests: correct by default, one thing changed at a time."""

from __future__ import annotations

from datetime import date
from typing import Any

import yaml

SOURCE = {
    "id": "s1",
    "title": "Leitfaden Sensorik",
    "publisher": "Ein Amt",
    "year": 2024,
    "url": "https://example.org/sensorik",
    "passage": "Seite 3",
    "basis": "read",
}

ROLES = ("answer", "detail", "cost", "pitfalls", "next")

GERMAN_BODY = "".join(
    f"## Was ist Punkt {n} der Zahnradprüfung? {{#punkt-{n}}}\n\n"
    f"Die Zahnradprüfung nutzt in Punkt {n} einen Klangsensor am Gehäuse. "
    f"Der Klangsensor hört Schäden früher als ein Mensch. [s1]\n\n"
    f"- Ein Prüfplan hält Punkt {n} fest.\n- Eine Fachkraft liest den Wert ab.\n\n"
    for n in range(1, 6)
)

ENGLISH_BODY = "".join(
    f"## What is point {n} of the gear check? {{#punkt-{n}}}\n\n"
    f"The gear check uses a sound sensor in point {n} on the housing. "
    f"The sound sensor hears damage earlier than a person does. [s1]\n\n"
    for n in range(1, 6)
)


def front(**changes: Any) -> dict[str, Any]:
    """Return correct German front matter with changes; a value of None leaves the field out."""
    told: dict[str, Any] = {
        "id": "iot-90",
        "lang": "de",
        "topic": "iot",
        "title": "Zahnradprüfung",
        "summary": "Ein Klangsensor prüft Zahnräder im Betrieb.",
        "jurisdiction": "none",
        "demonstrator": "none",
        "checked_on": date(2026, 11, 1),
        "review_by": date(2027, 5, 1),
        "records": [],
        "related": [],
        "sources": [SOURCE],
        "must_cover": {"Prüfung": "punkt-1"},
        "sections": {
            f"punkt-{n}": {"role": role, "questions": [f"Zahnrad Punkt {n}", f"Getriebe prüfen {n}"]}
            for n, role in enumerate(ROLES, 1)
        },
    }
    told |= changes
    return {k: v for k, v in told.items() if v is not None}


def german(body: str = GERMAN_BODY, **changes: Any) -> str:
    """Return a German article."""
    return written(front(**changes), body)


def english(body: str = ENGLISH_BODY, **changes: Any) -> str:
    """Return the English article that inherits from the German one."""
    told = {
        "id": "iot-90",
        "lang": "en",
        "title": "Gear check",
        "summary": "A sound sensor checks gears at work.",
        "sections": {f"punkt-{n}": {"role": role, "questions": [f"gear point {n}"]} for n, role in enumerate(ROLES, 1)},
    }
    told |= changes
    return written({k: v for k, v in told.items() if v is not None}, body)


def written(told: dict[str, Any], body: str) -> str:
    """Return front matter and body as the text of a file."""
    return f"---\n{yaml.safe_dump(told, allow_unicode=True, sort_keys=False)}---\n{body}"
