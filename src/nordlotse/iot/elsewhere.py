"""What this room asks of the rooms above it: who is a member of a company, and what comes next. Without them only sandboxes are open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nordlotse.foundation.language import Lang
from nordlotse.iot.models import Hall


@dataclass(frozen=True, slots=True)
class Further:
    """One thing to go on with: what kind (partner, talk, article, event, programme, check), its name, one sentence why, where it is."""

    kind: str
    label: str
    reason: str
    target: str


@dataclass(frozen=True, slots=True)
class House:
    """The questions `journey` answers: is a user a member of a company; the company (id, name) of a user; what to go on with from a hall."""

    is_member: Callable[[Any, str], bool]
    company_of: Callable[[Any], tuple[str, str] | None]
    further: Callable[[Hall, Lang], Sequence[Further]]


_NOBODY = House(lambda user, company: False, lambda user: None, lambda hall, lang: ())
_plugged: list[House] = []


def plug(house: House | None) -> None:
    """Put the answers in place, once at start; None takes them away (tests)."""
    _plugged[:] = [house] if house is not None else []


def house() -> House:
    """Return who answers."""
    return _plugged[0] if _plugged else _NOBODY
