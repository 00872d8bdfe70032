"""The head of an article: YAML between two lines of hyphens, read so that no text of an editor can crash or hang us."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import yaml

from nordlotse.foundation.problem import BadInput

#: Upper bound of an article's file in characters; a longer one is refused before parsing.
MAX_CHARACTERS = 100_000

#: An article's id: it becomes part of file names and addresses. At most 80 characters.
SLUG = re.compile(r"(?=.{1,80}\Z)[a-z0-9_]+(?:-[a-z0-9_]+)*")

# Front matter is two or three levels deep; deeper nesting is an attack on the parser, which is written in C and recursive.
_MAX_DEPTH = 12

# The C version of the safe loader where libyaml is there: ten times faster, same result.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_FRONT = re.compile(r"\A---\r?\n(.*?)\r?\n---\r?\n", re.S)


def wrong(code: str, where: str, de: str, en: str, remedy_de: str, remedy_en: str) -> BadInput:
    """Return the error for a place in an article, in both languages."""
    return BadInput(code, de=de, en=en, where=where, remedy_de=remedy_de, remedy_en=remedy_en)


def split_front_matter(raw: str, where: str) -> tuple[dict[str, Any], str, int]:
    """Return front matter, body and the line on which the body begins.

    Raises:
        BadInput: the text is too long, has no front matter, or its YAML cannot be read (names the line).
    """
    if len(raw) > MAX_CHARACTERS:
        raise wrong(
            "article_too_long",
            where,
            f"Der Artikel hat {len(raw)} Zeichen, erlaubt sind {MAX_CHARACTERS}.",
            f"The article has {len(raw)} characters, {MAX_CHARACTERS} are allowed.",
            "Bitte in mehrere Artikel teilen.",
            "Split it into several articles.",
        )
    match = _FRONT.match(raw)
    if match is None:
        raise wrong(
            "article_no_front_matter",
            f"{where}:1",
            "Am Anfang fehlt der Kopf zwischen zwei Zeilen „---“.",
            "The front matter between two lines “---” is missing at the top.",
            "Bitte den Kopf ergänzen; docs/rooms/answers.md zeigt ein Beispiel.",
            "Add it; docs/rooms/answers.md shows an example.",
        )
    front = _load_yaml(match.group(1), where)
    if not isinstance(front, dict):
        raise wrong(
            "article_yaml",
            f"{where}:2",
            "Der Kopf ist keine Liste von Feldern.",
            "The front matter is not a list of fields.",
            "Bitte „feld: wert“ je Zeile schreiben.",
            "Write “field: value” on each line.",
        )
    return front, raw[match.end() :], raw[: match.end()].count("\n") + 1


def is_article(raw: str) -> bool:
    """Tell whether a text claims to be one of our articles: front matter that names an id and a language."""
    match = _FRONT.match(raw.replace("\r\n", "\n").removeprefix("\ufeff"))
    return match is not None and all(re.search(rf"^{name}[ \t]*:", match.group(1), re.M) for name in ("id", "lang"))


def _load_yaml(text: str, where: str) -> Any:
    """Read YAML without aliases, which grow when they are written out, and without deep nesting."""
    try:
        depth = 0
        for event in yaml.parse(text, Loader=_LOADER):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _MAX_DEPTH or isinstance(event, yaml.AliasEvent):
                raise yaml.MarkedYAMLError(problem="aliases or deep nesting", problem_mark=_mark(event))
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader
    # The loader meets impossible days, numbers and tags with errors of its own.
    except (yaml.YAMLError, ValueError, KeyError, AttributeError, TypeError, OverflowError) as error:
        line = _line_of(error, text)
        raise wrong(
            "article_yaml",
            f"{where}:{line}",
            "Der Kopf ist kein gültiges YAML.",
            f"The front matter is not valid YAML: {getattr(error, 'problem', '') or error}.",
            "Bitte die genannte Zeile prüfen: Einrückung, Doppelpunkt, Anführungszeichen, Datum.",
            "Check the line named: indentation, colon, quotation marks, date.",
        ) from error


def _mark(event: Any) -> Any:
    """Return where an event begins; the types of the two loaders differ."""
    return event.start_mark


def _line_of(error: Exception, text: str) -> int:
    """Return the line of the file on which the YAML `text` breaks, 1 if that cannot be told."""
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return int(mark.line) + 2
    # Characters that YAML forbids, or that no file can hold.
    place = getattr(error, "position", None) or getattr(error, "start", None)
    if isinstance(place, int) or isinstance(error, yaml.YAMLError | UnicodeError):
        return text[: place or 0].count("\n") + 2
    for event in yaml.parse(text, Loader=_LOADER):  # parsed before, or we would not be here: a value cannot be built
        if isinstance(event, yaml.ScalarEvent):
            try:
                yaml.load(f"!<{event.tag}> {event.value}" if event.tag else event.value, Loader=_LOADER)  # noqa: S506
            except yaml.YAMLError:
                continue
            except (ValueError, KeyError, AttributeError, TypeError, OverflowError):
                return int(_mark(event).line) + 2
    return 1


def strings(front: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    """Return a list of texts; a missing list is empty.

    Raises:
        BadInput: it is no list, or holds something other than texts and numbers.
    """
    value = front.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(v, str | int | float) for v in value):
        raise wrong(
            "article_field",
            f"{where}: {name}",
            f"„{name}“ ist keine Liste von Texten.",
            f"“{name}” is not a list of texts.",
            f"Bitte „{name}: [eins, zwei]“ schreiben.",
            f"Write “{name}: [one, two]”.",
        )
    return tuple(str(v) for v in value)


def day_of(front: Mapping[str, Any], name: str, where: str) -> date:
    """Return a day; a moment counts as its day.

    Raises:
        BadInput: there is none.
    """
    value = field_of(front, name, date, where)
    return value.date() if isinstance(value, datetime) else value


def field_of(front: Mapping[str, Any], name: str, kind: type | tuple[type, ...], where: str) -> Any:
    """Return a field of a kind; a blank text counts as missing.

    Raises:
        BadInput: it is missing or of another kind; names it.
    """
    value = front.get(name)
    if not isinstance(value, kind) or (isinstance(value, str) and not value.strip()):
        raise wrong(
            "article_field",
            f"{where}: {name}",
            f"Das Feld „{name}“ fehlt oder hat die falsche Art.",
            f"The field “{name}” is missing or of the wrong kind.",
            f"Bitte „{name}“ im Kopf angeben.",
            f"Give “{name}” in the front matter.",
        )
    return value


def choice_of(front: Mapping[str, Any], name: str, allowed: Sequence[str], where: str) -> str:
    """Return a field that has one of the allowed values.

    Raises:
        BadInput: it has another; names those allowed.
    """
    value = str(field_of(front, name, str, where))
    if value not in allowed:
        raise wrong(
            "article_field",
            f"{where}: {name}",
            f"„{value[:40]}“ ist für „{name}“ nicht vorgesehen.",
            f"“{value[:40]}” is not a value of “{name}”.",
            "Erlaubt sind: " + ", ".join(allowed) + ".",
            "Allowed are: " + ", ".join(allowed) + ".",
        )
    return value
