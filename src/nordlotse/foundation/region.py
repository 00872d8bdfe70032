"""The three states the centre serves."""

from __future__ import annotations

import re
from enum import StrEnum

from nordlotse.foundation.german import fold
from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput


class State(StrEnum):
    """A German state of the centre's region, by its two-letter code."""

    HH = "HH"
    SH = "SH"
    MV = "MV"

    @property
    def label(self) -> Text:
        """Return the full name."""
        return _NAMES[self]


_NAMES = {
    State.HH: Text("Hamburg", "Hamburg"),
    State.SH: Text("Schleswig-Holstein", "Schleswig-Holstein"),
    State.MV: Text("Mecklenburg-Vorpommern", "Mecklenburg-Western Pomerania"),
}

_SPELLINGS = {
    "hh": State.HH,
    "hamburg": State.HH,
    "hansestadt hamburg": State.HH,
    "freie und hansestadt hamburg": State.HH,
    "sh": State.SH,
    "land schleswig holstein": State.SH,
    "schleswig holstein": State.SH,
    "s h": State.SH,
    "mv": State.MV,
    "m v": State.MV,
    "mecklenburg vorpommern": State.MV,
    "mecklenburg western pomerania": State.MV,
    "mecklenburg": State.MV,
    "land mecklenburg vorpommern": State.MV,
    "meck pomm": State.MV,
    "meckpomm": State.MV,
}

# Hyphens of every kind, dots, slashes and blanks between the parts of a name.
_SEPARATORS = re.compile(r"[\s.,/_\u00ad\u2010-\u2015-]+")


def parse_state(value: str | None) -> State | None:
    """Return the state meant by a code or name, None for nothing.

    Raises:
        BadInput: the value is not one of the three states.
    """
    if value is None or not value.strip():
        return None
    key = _SEPARATORS.sub(" ", fold(value[:80])).strip()
    found = _SPELLINGS.get(key)
    if found is None:
        raise BadInput(
            "state_unknown",
            de=f"„{value[:40]}“ ist kein Land, das wir kennen.",
            en=f"“{value[:40]}” is not a state we know.",
            where="state",
            remedy_de="Bitte HH, SH oder MV angeben oder weglassen.",
            remedy_en="Give HH, SH or MV, or leave it out.",
        )
    return found
