"""The open question whether a machine stands in the pauses of its cycle, as every page tells it whose figures hang on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nordlotse.foundation.language import Lang
from nordlotse.iot.models import Machine
from nordlotse.iot.queries.states import open_question


def asked(machines: Iterable[Machine], lang: Lang, *, named: bool) -> list[dict[str, Any]]:
    """Return the machines of which the question is open with a sentence each; `named`: it begins with the machine's name."""
    found = [(machine, open_question(machine)) for machine in machines]
    return [
        {"machine": machine, "words": (f"{machine.title or machine.name}: " if named else "") + rhythm.open.get(lang)}
        for machine, rhythm in found
        if rhythm is not None
    ]
