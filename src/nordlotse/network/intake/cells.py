"""What a cell of a table means: every reader returns the value as it is kept, or says what is wrong with it.

An empty cell leaves what is there; a single dash empties it. Lists stand in one cell, parted by `|` or `,`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from nordlotse.foundation import districts
from nordlotse.foundation.german import fold
from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.region import State, parse_state

#: Empties a value.
EMPTY = "-"


_ZONE = ZoneInfo("Europe/Berlin")


_MAIL = re.compile(r"[^@\s<>,;|\"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?\.[A-Za-z]{2,24}")


_DAY = re.compile(
    r"(?:(\d{1,2})\.(\d{1,2})\.(\d{4})|(\d{4})-(\d{2})-(\d{2}))[ T,]+(\d{1,2})[:.](\d{2})(?: Uhr)?\s*(?:-|–|bis)\s*(\d{1,2})[:.](\d{2})(?: Uhr)?"
)


class Vocabulary(Protocol):
    """What the cells of a table are read with: the tags and the codes with their words."""

    def tag(self, kind: str, written: str) -> str | None:
        """Return the tag of this kind that is meant, None if there is none."""

    def near(self, kind: str, written: str) -> list[str]:
        """Return the names of tags that are spelt alike, at most three."""

    def code(self, of: str, written: str) -> str | None:
        """Return the code meant by a word: `of` is partner_kind, offer_kind or language."""

    def words(self, of: str) -> str:
        """Return the words that are understood, for a message."""


class Note(Exception):  # noqa: N818 - no error: the line goes in, a part of the cell does not
    """A part of a cell was left out; the line goes in all the same with what was understood."""

    def __init__(self, value: Any, text: Text) -> None:
        """Keep what was understood and what to tell."""
        super().__init__(text.en)
        self.value, self.text = value, text


Reader = Callable[[str, Vocabulary], Any]


def _bad(code: str, de: str, en: str, remedy_de: str = "", remedy_en: str = "") -> BadInput:
    return BadInput(code, de=de, en=en, remedy_de=remedy_de, remedy_en=remedy_en)


def _shown(cell: str) -> str:
    return cell if len(cell) <= 40 else f"{cell[:39]}…"


def text(limit: int) -> Reader:
    """Return a reader of a text of at most `limit` characters."""

    def read(cell: str, words: Vocabulary) -> str:
        tidied = "\n".join(" ".join(line.split()) for line in cell.split("\n")).strip()
        if len(tidied) > limit:
            raise _bad(
                "text_long",
                f"Der Text hat {len(tidied)} Zeichen, erlaubt sind {limit}.",
                f"The text has {len(tidied)} characters, {limit} are allowed.",
                "Bitte kürzen.",
                "Shorten it.",
            )
        return tidied

    return read


def line(limit: int) -> Reader:
    """Return a reader of a text in one line."""

    def read(cell: str, words: Vocabulary) -> str:
        return str(text(limit)(" ".join(cell.split()), words))

    return read


def mail(cell: str, words: Vocabulary) -> str:
    """Read a mail address, in lower case."""
    given = cell.strip().removeprefix("mailto:").lower()
    if not _MAIL.fullmatch(given) or len(given) > 254:
        raise _bad(
            "mail_wrong",
            f"„{_shown(cell)}“ ist keine Mailadresse.",
            f"“{_shown(cell)}” is not a mail address.",
            "Bitte in der Form name@example.org angeben.",
            "Give it in the form name@example.org.",
        )
    return given


def web(cell: str, words: Vocabulary) -> str:
    """Read a web address; https is added where nothing stands."""
    given = cell.strip() if "://" in cell else f"https://{cell.strip()}"
    try:
        parts = urlsplit(given)
        fits = parts.scheme in ("http", "https") and "." in (parts.hostname or "") and not re.search(r"\s", given)
    except ValueError:
        fits = False
    if not fits or len(given) > 300:
        raise _bad(
            "web_wrong",
            f"„{_shown(cell)}“ ist keine Webadresse.",
            f"“{_shown(cell)}” is not a web address.",
            "Bitte in der Form https://www.example.org angeben.",
            "Give it in the form https://www.example.org.",
        )
    return given


def switch(cell: str, words: Vocabulary) -> bool:
    """Read yes or no."""
    given = fold(cell.strip())
    if given in ("ja", "j", "yes", "y", "x", "1", "wahr", "true"):
        return True
    if given in ("nein", "n", "no", "0", "falsch", "false", EMPTY):
        return False
    raise _bad(
        "switch_wrong",
        f"„{_shown(cell)}“ ist weder ja noch nein.",
        f"“{_shown(cell)}” is neither yes nor no.",
        "Bitte „ja“ oder „nein“ schreiben.",
        "Write “ja” or “nein”.",
    )


def number(cell: str, words: Vocabulary) -> int:
    """Read a number of cases a month, 0 to 100."""
    given = cell.strip()
    if not given.isdecimal() or len(given) > 3 or int(given) > 100:
        raise _bad(
            "number_wrong",
            f"„{_shown(cell)}“ ist keine Zahl von 0 bis 100.",
            f"“{_shown(cell)}” is not a number from 0 to 100.",
            "Gemeint ist: neue Fälle im Monat.",
            "Meant are new cases a month.",
        )
    return int(given)


def state(cell: str, words: Vocabulary) -> str:
    """Read one of the three states."""
    found = parse_state(cell)
    return found.value if found else ""


def parted(cell: str) -> list[str]:
    """Return the entries of a list in a cell, each once, in order."""
    return list(dict.fromkeys(e for part in re.split(r"[|,;\n]", cell) if (e := " ".join(part.split()))))


def states(cell: str, words: Vocabulary) -> list[str]:
    """Read several states, in the house's order."""
    found = {state(entry, words) for entry in parted(cell)}
    return [s.value for s in State if s.value in found]


def district_of(cell: str) -> str:
    """Return the key of a district by key, district or town ("1054" as Excel shortens it, "Husum").

    "Hamburg" alone gives "": it does not say the borough.

    Raises:
        BadInput: no district we know.
    """
    given = cell.strip()
    found = districts.find(given.zfill(5) if given.isdecimal() and len(given) == 4 else given)
    if found is not None:
        return found.key
    if fold(given) == "hamburg":
        return ""
    raise _bad(
        "district_unknown",
        f"„{_shown(cell)}“ ist kein Kreis, den wir kennen.",
        f"“{_shown(cell)}” is not a district we know.",
        "Bitte den Namen oder Schlüssel eines Kreises angeben, in Hamburg den Bezirk.",
        "Give the name or key of a district, in Hamburg the borough.",
    )


def district(cell: str, words: Vocabulary) -> str:
    """Read a district."""
    return district_of(cell)


def languages(cell: str, words: Vocabulary) -> list[str]:
    """Read languages by word or code."""
    return _codes("language", parted(cell), words)


def code(of: str) -> Reader:
    """Return a reader of one word out of a list."""

    def read(cell: str, words: Vocabulary) -> str:
        return _codes(of, [cell.strip()], words)[0]

    return read


def _codes(of: str, entries: list[str], words: Vocabulary) -> list[str]:
    found = []
    for entry in entries:
        known = words.code(of, entry)
        if known is None:
            raise _bad(
                "word_unknown",
                f"„{_shown(entry)}“ steht nicht in der Liste.",
                f"“{_shown(entry)}” is not in the list.",
                f"Möglich sind: {words.words(of)}.",
                f"Possible are: {words.words(of)}.",
            )
        found.append(known)
    return list(dict.fromkeys(found))


def tags(kind: str) -> Reader:
    """Return a reader of tags of one kind; what the taxonomy does not know is left out with a note."""

    def read(cell: str, words: Vocabulary) -> list[str]:
        found, unknown = [], []
        for entry in parted(cell):
            known = words.tag(kind, entry)
            found += [known] if known else []
            unknown += [] if known else [entry]
        value = sorted(set(found))
        if unknown:
            entry = unknown[0]
            near = ", ".join(words.near(kind, entry))
            more = f" (+{len(unknown) - 1})" if len(unknown) > 1 else ""
            raise Note(
                value,
                Text(
                    f"„{_shown(entry)}“{more} steht nicht im Verzeichnis der Begriffe und wurde ausgelassen."
                    + (f" Ähnlich sind: {near}." if near else ""),
                    f"“{_shown(entry)}”{more} is not in the list of terms and was left out."
                    + (f" Alike are: {near}." if near else ""),
                ),
            )
        return value

    return read


def tag(kind: str) -> Reader:
    """Return a reader of a single tag."""

    def read(cell: str, words: Vocabulary) -> str:
        try:
            found = tags(kind)(cell, words)
        except Note as note:
            raise Note(next(iter(note.value), ""), note.text) from note
        return str(next(iter(found), ""))

    return read


def names(cell: str, words: Vocabulary | None = None) -> list[str]:
    """Read names of companies, parted by `|` or line ends (a comma may be part of a name); at most 100."""
    entries = [" ".join(p.split())[:200] for p in re.split(r"[|\n]", cell)]
    return [e for e in dict.fromkeys(entries) if e][:100]


def sites(cell: str, words: Vocabulary) -> list[dict[str, str]]:
    """Read places such as `Husum | Rostock (13003)`; the district is found by the place or stands in brackets."""
    found: dict[str, dict[str, str]] = {}
    for entry in (" ".join(p.split()) for p in re.split(r"[|;\n]", cell)):
        if not entry:
            continue
        place, _, inside = entry.partition("(")
        place = place.strip()[:100]
        key = district_of(inside.rstrip(") ")) if inside else getattr(districts.find(place), "key", "")
        if not place:
            raise _bad(
                "site_wrong",
                f"„{_shown(entry)}“ nennt keinen Ort.",
                f"“{_shown(entry)}” names no place.",
                "Bitte schreiben: Ort (Kreis).",
                "Write: place (district).",
            )
        known = districts.by_key().get(key)
        found.setdefault(place, {"place": place, "state": known.state.value if known else "", "district": key})
    return [found[place] for place in sorted(found)]


def days(cell: str, words: Vocabulary) -> list[str]:
    """Read visit days such as `03.12.2026 10:00-12:00`; gives `start/end` as ISO moments in UTC order of the file."""
    found = []
    for entry in (p.strip() for p in re.split(r"[|;\n]", cell)):
        if not entry:
            continue
        match = _DAY.fullmatch(entry)
        try:
            if match is None:
                raise ValueError
            d, m, y = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
            start = datetime(int(y), int(m), int(d), int(match[7]), int(match[8]), tzinfo=_ZONE)
            end = datetime(int(y), int(m), int(d), int(match[9]), int(match[10]), tzinfo=_ZONE)
            if end <= start or not 2000 <= start.year <= 2100:
                raise ValueError
        except ValueError as error:
            raise _bad(
                "day_wrong",
                f"„{_shown(entry)}“ ist kein Tag mit Uhrzeit.",
                f"“{_shown(entry)}” is not a day with a time.",
                "Bitte so schreiben: 03.12.2026 10:00-12:00",
                "Write it like this: 03.12.2026 10:00-12:00",
            ) from error
        found.append(f"{start.isoformat()}/{end.isoformat()}")
    return sorted(set(found))
