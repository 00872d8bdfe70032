"""An event of another system, as far as we take it over: only what is shown and counted, nothing of its visitors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from nordlotse.dialogue.core.values import clean, one_line
from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput

#: An event without an end lasts so long for us.
USUAL_LENGTH = timedelta(hours=2)
#: Longer "events" are exhibitions or mistakes.
LONGEST = timedelta(days=14)

#: What may be odd about an imported event.
DOUBTS = {
    "zone": Text(
        "Die Zeitzone fehlt oder ist unbekannt; gelesen als Berliner Zeit.",
        "The time zone is missing or unknown; read as Berlin time.",
    ),
    "shop": Text("Der Verkauf bei pretix ist abgeschaltet.", "The shop at pretix is switched off."),
    "cancelled_there": Text(
        "Dort abgesagt, hier sind Menschen eingecheckt: bitte entscheiden.",
        "Cancelled there, but people are checked in here: please decide.",
    ),
}

_LINE_BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4"})
_HIDDEN = frozenset({"script", "style", "template", "head", "title"})


@dataclass(frozen=True, slots=True)
class Remote:
    """One imported event. `key` names it in its source; `changed_at` (if told) says which of two versions is newer.

    `doubt`: why a person should look before it goes public, a key of `DOUBTS` ("" if nothing is odd).
    """

    key: str
    title_de: str
    title_en: str
    begin: datetime
    end: datetime
    text_de: str = ""
    text_en: str = ""
    place: str = ""
    booking_url: str = ""
    cancelled: bool = False
    quota: int | None = None
    attended: int | None = None
    changed_at: datetime | None = None
    doubt: str = ""

    def digest(self) -> str:
        """Return a hash of everything but the time of change: equal content is no change."""
        parts = [str(getattr(self, name)) for name in self.__slots__ if name != "changed_at"]
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN
        if tag in _LINE_BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in _HIDDEN))

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def plain(text: str, limit: int = 5000) -> str:
    """Return the words of a text that may be HTML; what is hidden or run in a browser is left out."""
    parser = _Plain()
    parser.feed(text[: limit * 8])
    parser.close()
    lines = [" ".join(line.split()) for line in clean("".join(parser.parts), limit * 8).splitlines()]
    kept = [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]
    return "\n".join(kept).strip()[:limit]


def address(value: object) -> str:
    """Return an http(s) address that may be linked, else ""."""
    text = value.strip() if isinstance(value, str) else ""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        return ""
    return text if good and len(text) <= 500 and text.isprintable() and " " not in text else ""


def both_languages(value: object, limit: int) -> tuple[str, str]:
    """Return (German, English) of a text, or of a mapping by language as pretix has it."""
    if isinstance(value, Mapping):
        texts = {str(k)[:2]: v for k, v in value.items() if isinstance(v, str) and v.strip()}
        first = next(iter(texts.values()), "")
        german = texts.get("de", first)
        return plain(german, limit), plain(texts.get("en", "" if "de" in texts else first), limit)
    return (plain(value, limit) if isinstance(value, str) else "", "")


def whole(value: object) -> int | None:
    """Return a count told by a remote system, None if it is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1_000_000 else None


def checked_end(begin: datetime, end: datetime | None) -> datetime:
    """Return a usable end: the one told, or the usual length.

    Raises:
        BadInput: it ends before it begins, or lasts longer than two weeks.
    """
    if end is None or end == begin:
        return begin + USUAL_LENGTH
    if not begin < end <= begin + LONGEST:
        raise BadInput(
            "import_times",
            de="Der Termin endet vor seinem Anfang oder dauert länger als zwei Wochen.",
            en="The event ends before it begins or lasts longer than two weeks.",
            where=f"{begin.isoformat()} – {end.isoformat()}",
            remedy_de="Bitte im anderen System richten.",
            remedy_en="Mend it in the other system.",
        )
    return end


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the events, and what was left out with its reason (German, English)."""

    events: tuple[Remote, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    next_page: str = ""


@dataclass(slots=True)
class Collector:
    """Gathers events one by one: a bad one is left out with its reason, the others stay."""

    events: list[Remote] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def leave_out(self, name: object, problem: BadInput) -> None:
        """Note what was left out and why."""
        shown = one_line(str(name), 60)
        self.left_out.append((f"{shown}: {problem.message_de}", f"{shown}: {problem.message_en}"))

    def reading(self, next_page: str = "") -> Reading:
        """Return what was gathered."""
        return Reading(tuple(self.events), tuple(self.left_out), next_page)


def parsed(body: bytes, where: str) -> Any:
    """Return a JSON answer of a remote system.

    Raises:
        BadInput: it is no JSON (`import_json`).
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise odd(where) from error


def odd(where: str) -> BadInput:
    """Return the error for an answer that looks different from what the interface promises."""
    return BadInput(
        "import_json",
        de="Die Antwort sieht anders aus als erwartet.",
        en="The answer looks different from what was expected.",
        where=where,
        remedy_de="Bitte Adresse und Art der Quelle prüfen.",
        remedy_en="Check address and kind of the source.",
    )
