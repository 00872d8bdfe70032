"""The texts somebody says yes to, with version and day. A changed text is a new version; who agreed keeps the old one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

import yaml

from nordlotse.foundation.language import Text


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One version of one consent: purpose, version, first day, short name, and the whole sentence."""

    purpose: str
    version: str
    since: date
    name: Text
    text: Text


#: What a company says yes to on its own page, for everything; the rest is ticked for one case and holds for it alone.
GENERAL = ("benchmark", "news")


@cache
def texts() -> tuple[ConsentText, ...]:
    """Return all versions, the newest of each purpose first."""
    raw = yaml.safe_load(resources.files(__package__).joinpath("consents.yaml").read_text(encoding="utf-8"))
    made = [
        ConsentText(
            purpose=item["purpose"],
            version=str(item["version"]),
            since=item["since"],
            name=Text(**item["name"]),
            text=Text(**item["text"]),
        )
        for item in raw
    ]
    return tuple(sorted(made, key=lambda t: (t.purpose, t.since), reverse=True))


def current(purpose: str) -> ConsentText:
    """Return the version valid today; KeyError for an unknown purpose."""
    for text in texts():
        if text.purpose == purpose:
            return text
    raise KeyError(purpose)
