"""What the core knows of an event: the facts a calendar, a feed or a certificate states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

#: The zone of the three states; clock times of events are meant in it.
ZONE = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True, slots=True)
class Facts:
    """One event in one language. All times are aware; `address` is its public page, `changed_at` the last change.

    `place` is what may be shown to whoever gets this value: for somebody registered it may hold the video link.
    """

    uid: str
    title: str
    text: str
    begin: datetime
    end: datetime
    place: str
    address: str
    organiser: str
    changed_at: datetime
    sequence: int = 0
    cancelled: bool = False


def clean(text: str, limit: int) -> str:
    """Return a text of strangers without control characters (line breaks stay), cut to `limit` characters."""
    kept = "".join(c for c in text if c == "\n" or (c.isprintable() and not "\ud800" <= c <= "\udfff"))
    return kept.strip()[:limit]


def one_line(text: str, limit: int) -> str:
    """Return a text of strangers as one line, cut to `limit` characters."""
    return " ".join(clean(text.replace("\t", " "), limit * 4).split())[:limit].strip()
