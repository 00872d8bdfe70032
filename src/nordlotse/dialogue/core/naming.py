"""Addresses of events: "2026-12-01-opc-ua-in-der-praxis", readable and unique."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from itertools import count

from nordlotse.dialogue.core.values import ZONE
from nordlotse.foundation.german import fold


def slug(title: str, begin: datetime, taken: Callable[[str], bool]) -> str:
    """Return a free address for an event; it begins with the day, so it never looks like one of our fixed addresses."""
    words = re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")[:60].rstrip("-") or "termin"
    wanted = f"{begin.astimezone(ZONE):%Y-%m-%d}-{words}"
    if not taken(wanted):
        return wanted
    return next(made for n in count(2) if not taken(made := f"{wanted}-{n}"))
