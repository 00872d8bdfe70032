"""What the parts of the example centre build on: the seeded chance, today, and the words they draw from."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache
from importlib import resources
from typing import Any

import yaml
from django.utils import timezone

from nordlotse.foundation.districts import by_key
from nordlotse.journey.models import Company, Contact
from nordlotse.network.models import Person

#: How many of each the example has.
PEOPLE, COMPANIES, DAYS = 40, 200, 730

#: User names of example accounts begin so; nobody can sign in with them.
PREFIX = "beispiel-"


@cache
def content_of(name: str) -> dict[str, Any]:
    """Return a file of invented words, read once."""
    text = resources.files("nordlotse.journey.example").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@dataclass(slots=True)
class World:
    """What is being made: the seeded chance, today, whether rows are marked, and what later parts build on."""

    chance: random.Random
    today: date
    mark: bool
    people: list[Person] = field(default_factory=list)
    fields: dict[int, dict[str, Any]] = field(default_factory=dict)
    companies: list[Company] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)

    def at(self, day: date, hour: int = 0) -> datetime:
        """Return a moment of a working day."""
        moment = time(hour or self.chance.randint(8, 16), self.chance.randint(0, 59))
        return timezone.make_aware(datetime.combine(day, moment))


def place_in(district: str) -> str:
    """Return the name of the place where something in a district is."""
    return by_key()[district].name if district in by_key() else ""
