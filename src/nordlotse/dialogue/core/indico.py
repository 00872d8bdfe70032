"""Events of Indico (HTTP export interface, `/export/categ/<id>.json`) as imported events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from nordlotse.dialogue.core.imported import Collector, Reading, Remote, address, checked_end, odd, parsed, plain
from nordlotse.dialogue.core.values import one_line
from nordlotse.foundation.problem import BadInput


def _moment(value: object) -> datetime | None:
    """Return a moment told as {"date": "2026-03-01", "time": "10:00:00", "tz": "Europe/Berlin"}."""
    if not isinstance(value, Mapping):
        return None
    try:
        zone = ZoneInfo(str(value.get("tz", "")))
        return datetime.fromisoformat(f"{value.get('date')}T{value.get('time')}").replace(tzinfo=zone)
    except (ValueError, KeyError, OSError):  # a zone nobody knows is a KeyError, a strange one a ValueError or OSError
        return None


def _place(row: Mapping[str, Any]) -> str:
    parts = (row.get("roomFullname") or row.get("room"), row.get("location"), row.get("address"))
    return one_line(", ".join(p for p in parts if isinstance(p, str) and p.strip()), 300)


def _remote(row: Mapping[str, Any], key: str) -> Remote:
    begin, title = _moment(row.get("startDate")), row.get("title")
    if begin is None or not isinstance(title, str) or not title.strip():
        raise odd(key)
    text, label = row.get("description"), row.get("label")
    return Remote(
        key=key,
        title_de=one_line(plain(title, 200), 200),
        title_en="",
        begin=begin,
        end=checked_end(begin, _moment(row.get("endDate"))),
        text_de=plain(text) if isinstance(text, str) else "",
        place=_place(row),
        booking_url=address(row.get("url")),
        cancelled=isinstance(label, Mapping) and label.get("is_event_not_happening") is True,
        changed_at=_moment(row.get("modificationDate")),
    )


def events(body: bytes) -> Reading:
    """Read one answer of the export.

    Raises:
        BadInput: this is no answer of Indico.
    """
    answer = parsed(body, "export")
    if not isinstance(answer, dict) or not isinstance(answer.get("results"), list):
        raise odd("export")
    found = Collector()
    for row in answer["results"]:
        key = str(row.get("id", "")) if isinstance(row, dict) else ""
        if not key or len(key) > 60:
            continue
        try:
            found.events.append(_remote(row, key))
        except BadInput as problem:
            found.leave_out(row.get("title", key), problem)
    return found.reading()
