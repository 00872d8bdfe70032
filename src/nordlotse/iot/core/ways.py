"""What somebody may have at a machine: ways to connect it, with parts, prices and where those come from. Data: `ways.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import yaml

from nordlotse.foundation.language import Text


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a figure or statement comes from, and when it was read."""

    title: str
    publisher: str
    url: str
    read: date


@dataclass(frozen=True, slots=True)
class Part:
    """Something to buy or to have done for one machine: from `low` to `high` euros, net. `origin` None: our own estimate; `about`: what it rests on."""

    name: Text
    low: int
    high: int
    origin: Origin | None
    about: Origin | None


@dataclass(frozen=True, slots=True)
class Way:
    """A way to connect a machine. `kinds`: the snippets that fit (`core.snippets`); `safety`: work in a cabinet, for an electrician only."""

    id: str
    title: Text
    lead: Text
    old: bool
    steps: tuple[Text, ...]
    parts: tuple[Part, ...]
    safety: bool
    kinds: tuple[str, ...]

    @property
    def range(self) -> tuple[int, int]:
        """Return from and to euros of the cheapest and the dearest choice of device, fitting included; (0, 0) without parts."""
        if not self.parts:
            return 0, 0
        *devices, fitting = self.parts
        return min(part.low for part in devices) + fitting.low, max(part.high for part in devices) + fitting.high


@dataclass(frozen=True, slots=True)
class Ways:
    """All ways, when they were decided and are to be looked at again, and the sources they name."""

    ways: tuple[Way, ...]
    decided: date
    review_on: date
    vendor: Origin

    def by_id(self, name: str) -> Way | None:
        """Return a way by its id."""
        return next((way for way in self.ways if way.id == name), None)


@cache
def ways() -> Ways:
    """Return the ways as the data file tells them."""
    told = yaml.safe_load((files("nordlotse.iot.core") / "ways.yaml").read_text(encoding="utf-8"))
    origins = {name: Origin(**one) for name, one in told["sources"].items()}
    made = tuple(
        Way(
            one["id"],
            _text(one["title"]),
            _text(one["lead"]),
            bool(one.get("old")),
            tuple(_text(step) for step in one.get("steps", ())),
            tuple(
                Part(
                    _text(part["name"]),
                    int(part["low"]),
                    int(part["high"]),
                    origins.get(part["source"]),
                    origins.get(part.get("about", "")),
                )
                for part in one.get("parts", ())
            ),
            bool(one.get("safety")),
            tuple(one["kinds"]),
        )
        for one in told["ways"]
    )
    return Ways(made, told["decided"], told["review_on"], origins["vendor"])


def _text(told: dict[str, str]) -> Text:
    return Text(told["de"], told["en"])
