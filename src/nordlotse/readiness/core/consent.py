"""The text somebody says yes to so that a kept check counts in the comparison. A changed text is a new version; old ones stay readable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

import yaml

from nordlotse.foundation.language import Text


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One version of the text and the first day on which it was asked."""

    version: str
    since: date
    text: Text


@cache
def texts() -> tuple[ConsentText, ...]:
    """Return all versions, the newest first."""
    raw = yaml.safe_load(resources.files(__package__).joinpath("data", "consent.yaml").read_text(encoding="utf-8"))
    made = [ConsentText(str(item["version"]), item["since"], Text(**item["text"])) for item in raw]
    return tuple(sorted(made, key=lambda t: (t.since, t.version), reverse=True))


def current() -> ConsentText:
    """Return the version asked for today."""
    return texts()[0]


def of_version(version: str) -> ConsentText:
    """Return the text somebody agreed to; the newest one for a version that is not on the list."""
    return next((t for t in texts() if t.version == version), current())
