"""Types of support: their names, their EDIH service group, the duration a service is proposed with and why.

The table is data (`kinds.yaml`) with the day it was decided; the code knows only its shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import yaml

from nordlotse.foundation.language import Text

__all__ = ["FORMATS", "Kind", "attended", "groups", "kind", "kinds", "of_event", "table_date"]

#: How a service took place.
FORMATS = {
    "on_site": Text("vor Ort", "on site"),
    "online": Text("online", "online"),
    "phone": Text("am Telefon", "by phone"),
    "mail": Text("schriftlich", "in writing"),
    "self": Text("selbst, auf dieser Seite", "by oneself, on this site"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of support. `minutes`: the proposed duration; `formats`: the first one is preset; `group`: EDIH service group.

    `attendance`: taking part counts as attendance at events and trainings.
    """

    key: str
    name: Text
    group: str
    minutes: int
    reason: Text
    formats: tuple[str, ...]
    attendance: bool = False


@cache
def _table() -> dict[str, Any]:
    text = resources.files("nordlotse.journey.core").joinpath("kinds.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


@cache
def kinds() -> dict[str, Kind]:
    """Return every type of support by its key, in the order of the table."""
    return {
        row["key"]: Kind(
            row["key"],
            Text(row["de"], row["en"]),
            row["group"],
            row["minutes"],
            Text(row["reason_de"], row["reason_en"]),
            tuple(row["formats"]),
            bool(row.get("attendance")),
        )
        for row in _table()["kinds"]
    }


def kind(key: str) -> Kind:
    """Return one type of support (KeyError for one that does not exist: keys come from our own code and tables)."""
    return kinds()[key]


@cache
def attended() -> frozenset[str]:
    """Return the types of support that count as attendance at events and trainings."""
    return frozenset(key for key, found in kinds().items() if found.attendance)


@cache
def groups() -> dict[str, Text]:
    """Return the names of the EDIH service groups."""
    return {key: Text(row["de"], row["en"]) for key, row in _table()["groups"].items()}


def table_date() -> date:
    """Return the day on which the proposed durations were decided."""
    decided = _table()["decided"]
    return decided if isinstance(decided, date) else date.fromisoformat(decided)


def of_event(event_kind: str) -> str:
    """Return the type of support somebody gets who takes part in an event of this kind."""
    return {"consultation_day": "consultation"}.get(event_kind, event_kind if event_kind in kinds() else "workshop")
