"""Reading one record file field by field, so that a mistake can be told with file, line and remedy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import yaml

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput

# The C version of the safe loader where libyaml is there: ten times faster, same result.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def broken(where: str, de: str, en: str, remedy_de: str = "", remedy_en: str = "") -> BadInput:
    """Return the error for a record file that cannot be used."""
    return BadInput(
        "record_broken",
        de=de,
        en=en,
        where=where,
        remedy_de=remedy_de or "Bitte die Datei an dieser Stelle berichtigen.",
        remedy_en=remedy_en or "Correct the file at this place.",
    )


class Fields:
    """The fields of one mapping; each may be taken once, and `done` complains about those nobody took."""

    def __init__(self, values: dict[str, Any], place: str, lines: dict[str, int] | None = None) -> None:
        """Keep the values; `place` names the file, `lines` the line of each top-level field."""
        self._values = dict(values)
        self._place = place
        self._lines = lines or {}
        self._taken: set[str] = set()

    def where(self, key: str) -> str:
        """Return "file:line field" for an error."""
        line = self._lines.get(key)
        return f"{self._place}:{line} {key}" if line else f"{self._place} {key}"

    def wrong(self, key: str, de: str, en: str) -> BadInput:
        """Return the error for a field."""
        return broken(self.where(key), f"Feld „{key}“: {de}", f"Field “{key}”: {en}")

    def raw(self, key: str, *, needed: bool = False) -> Any:
        """Return a field as it was written, None if it is missing."""
        self._taken.add(key)
        value = self._values.get(key)
        if value is None and needed:
            raise self.wrong(key, "fehlt.", "is missing.")
        return value

    def string(self, key: str, *, needed: bool = False) -> str:
        """Return a text field, "" if it is missing."""
        value = self.raw(key, needed=needed)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.wrong(key, "muss ein Text sein.", "must be a text.")
        return value.strip()

    def text(self, key: str, *, needed: bool = False) -> Text:
        """Return a field in two languages: {de, en}, or one text that serves for both."""
        value = self.raw(key, needed=needed)
        if value is None:
            return Text("", "")
        if isinstance(value, str):
            return Text(value.strip(), value.strip())
        if not isinstance(value, dict) or set(value) != {"de", "en"}:
            raise self.wrong(key, "braucht genau „de“ und „en“.", "needs exactly “de” and “en”.")
        pair = [value["de"], value["en"]]
        if not all(isinstance(part, str) and part.strip() for part in pair):
            raise self.wrong(key, "„de“ und „en“ müssen Texte sein.", "“de” and “en” must be texts.")
        return Text(pair[0].strip(), pair[1].strip())

    def choice(self, key: str, allowed: Sequence[str], *, needed: bool = True) -> str:
        """Return a field that must be one of `allowed`."""
        value = self.string(key, needed=needed)
        if value not in allowed and (needed or value):
            known = ", ".join(allowed)
            raise self.wrong(
                key, f"„{value}“ ist nicht erlaubt; möglich: {known}.", f"“{value}” is not one of {known}."
            )
        return value

    def choices(self, key: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """Return a list field whose items must be among `allowed`."""
        values = self.strings(key)
        for value in values:
            if value not in allowed:
                known = ", ".join(allowed)
                raise self.wrong(
                    key, f"„{value}“ ist nicht erlaubt; möglich: {known}.", f"“{value}” is not one of {known}."
                )
        return values

    def strings(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty if it is missing."""
        values = self.raw(key)
        if values is None:
            return ()
        if not isinstance(values, list) or not all(isinstance(v, str) and v.strip() for v in values):
            raise self.wrong(key, "muss eine Liste von Texten sein.", "must be a list of texts.")
        return tuple(v.strip() for v in values)

    def day(self, key: str, *, needed: bool = False) -> date | None:
        """Return a day, None if it is missing."""
        value = self.raw(key, needed=needed)
        if value is None:
            return None
        if type(value) is not date:
            raise self.wrong(key, "muss ein Tag sein (JJJJ-MM-TT).", "must be a day (YYYY-MM-DD).")
        return value

    def needed_day(self, key: str) -> date:
        """Return a day that must be there."""
        value = self.day(key, needed=True)
        if value is None:
            raise self.wrong(key, "fehlt.", "is missing.")
        return value

    def whole(self, key: str) -> int | None:
        """Return a whole number of at least zero, None if it is missing."""
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.wrong(key, "muss eine ganze Zahl ab 0 sein.", "must be a whole number of at least 0.")
        return value

    def figure(self, key: str) -> int | float | None:
        """Return a number, None if it is missing."""
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.wrong(key, "muss eine Zahl sein.", "must be a number.")
        if not math.isfinite(value):
            raise self.wrong(key, "muss eine endliche Zahl sein.", "must be a finite number.")
        return value

    def flag(self, key: str) -> bool | None:
        """Return yes or no, None if it is missing."""
        value = self.raw(key)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(key, "muss true oder false sein.", "must be true or false.")
        return value

    def mapping(self, key: str) -> dict[str, Any]:
        """Return a nested mapping, empty if it is missing."""
        value = self.raw(key)
        if value is None:
            return {}
        if not isinstance(value, dict) or not all(isinstance(k, str) for k in value):
            raise self.wrong(key, "muss eine Zuordnung sein.", "must be a mapping.")
        return value

    def mappings(self, key: str) -> list[Fields]:
        """Return a list of nested mappings, each as its own `Fields`."""
        values = self.raw(key)
        if values is None:
            return []
        if not isinstance(values, list) or not all(isinstance(v, dict) for v in values):
            raise self.wrong(key, "muss eine Liste von Zuordnungen sein.", "must be a list of mappings.")
        return [Fields(v, f"{self.where(key)}[{i}]") for i, v in enumerate(values)]

    def done(self) -> None:
        """Complain about a field that nobody knows.

        Raises:
            BadInput: there is one.
        """
        for key in self._values:
            if key not in self._taken:
                raise self.wrong(str(key), "ist nicht bekannt.", "is not known.")


def read_yaml(text: str, place: str) -> Fields:
    """Return the top-level mapping of a YAML text, with the line of each field.

    Raises:
        BadInput: the text is no YAML, no mapping, or names a field twice.
    """
    try:
        node = yaml.compose(text, Loader=_LOADER)
        values = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark is not None else ""
        raise broken(f"{place}{line}", "Das ist kein gültiges YAML.", "This is not valid YAML.") from error
    except (ValueError, RecursionError) as error:
        raise broken(place, f"Ein Wert ist unmöglich: {error}", f"A value is impossible: {error}") from error
    if not isinstance(values, dict) or not isinstance(node, yaml.MappingNode):
        raise broken(place, "Die Datei muss aus Feldern bestehen.", "The file must consist of fields.")
    lines: dict[str, int] = {}
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if key.value in lines:
            raise broken(
                f"{place}:{line} {key.value}",
                f"Feld „{key.value}“ steht zweimal.",
                f"Field “{key.value}” appears twice.",
            )
        lines[str(key.value)] = line
    return Fields(values, place, lines)
