"""One table of the configuration read key by key: types, limits, and errors that say where they are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.values import check_name


def wrong(de: str, en: str, where: str, remedy_de: str = "", remedy_en: str = "") -> BadInput:
    """Return an error of the configuration."""
    return BadInput("iot_agent_config", de=de, en=en, where=where, remedy_de=remedy_de, remedy_en=remedy_en)


class Table:
    """A table of a TOML file. What was never asked for is a slip of the pen and told (`nothing_else`)."""

    def __init__(self, content: Mapping[str, Any], name: str, folder: Path) -> None:
        """Take the content, what the table is called in errors, and the folder paths begin in."""
        self._content = content
        self.name = name
        self._folder = folder
        self._asked: set[str] = set()
        self._made: dict[str, list[Table]] = {}

    def at(self, key: str) -> str:
        """Return how a key is called in errors."""
        return f"{self.name} {key}"

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default it must be there.

        Raises:
            BadInput: `iot_agent_config`.
        """
        return str(self._get(key, default, str, "einen Text in Anführungszeichen", "a text in quotation marks"))

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        return bool(self._get(key, default, bool, "true oder false", "true or false"))

    def number(self, key: str, default: float | None, least: float | None = None, most: float | None = None) -> float:
        """Return a number within limits."""
        found = self._get(key, default, (int, float), "eine Zahl", "a number")
        inside = (least is None or found >= least) and (most is None or found <= most)
        if isinstance(found, bool) or not inside or not math.isfinite(found):
            raise wrong(
                f"{key} muss eine Zahl von {_plain(least)} bis {_plain(most)} sein.",
                f"{key} must be a number from {_plain(least)} to {_plain(most)}.",
                self.at(key),
            )
        return float(found)

    def choice(self, key: str, default: str, among: Sequence[str]) -> str:
        """Return one of several words."""
        found = self.text(key, default)
        if found not in among:
            raise wrong(
                f"{key} = „{found[:40]}“ gibt es nicht.",
                f"There is no {key} = “{found[:40]}”.",
                self.at(key),
                f"Möglich sind: {', '.join(among)}.",
                f"Possible are: {', '.join(among)}.",
            )
        return found

    def texts(self, key: str, needed: bool = True) -> list[str]:
        """Return a list of texts."""
        found = self._get(key, None if needed else [], list, 'eine Liste wie ["…", "…"]', 'a list such as ["…", "…"]')
        if not all(isinstance(one, str) for one in found) or (needed and not found):
            raise wrong(
                f"{key} muss eine Liste von Texten sein und darf nicht leer sein.",
                f"{key} must be a list of texts and must not be empty.",
                self.at(key),
            )
        return list(found)

    def steps(self, key: str) -> tuple[str | int, ...]:
        """Return the way to a value within JSON: a text with dots or a list of keys and places; () where there is none."""
        self._asked.add(key)
        found = self._content.get(key, [])
        if isinstance(found, str):
            return tuple(int(one) if one.isdigit() else one for one in found.split(".") if one)
        if not isinstance(found, list) or not all(
            isinstance(one, (str, int)) and not isinstance(one, bool) for one in found
        ):
            raise wrong(
                f"{key} muss der Weg zum Wert sein.",
                f"{key} must be the way to the value.",
                self.at(key),
                f'Zum Beispiel {key} = "ENERGY.Power".',
                f'For example {key} = "ENERGY.Power".',
            )
        return tuple(found)

    def name_or(self, key: str, default: str, needed: bool = False) -> str:
        """Return the name of a machine or signal.

        Raises:
            BadInput: `iot_name`, `iot_agent_config`.
        """
        found = self.text(key, default)
        if not found and needed:
            raise wrong(
                f"{key} fehlt.", f"{key} is missing.", self.at(key), f'{key} = "…" eintragen.', f'Enter {key} = "…".'
            )
        return check_name(found, self.at(key)) if found else found

    def path(self, key: str, default: str | None = None) -> Path:
        """Return a path; a relative one begins at the configuration's folder."""
        return (self._folder / Path(self.text(key, default)).expanduser()).absolute()

    def file(self, key: str) -> Path | None:
        """Return the path of a file that is there, None where none is named."""
        if key not in self._content:
            self._asked.add(key)
            return None
        found = self.path(key)
        if not found.is_file():
            raise wrong("Diese Datei gibt es nicht.", "There is no such file.", f"{self.at(key)} {found}")
        return found

    def content(self, path: Path, key: str) -> str:
        """Return what stands in a file."""
        try:
            return path.read_text("utf-8")
        except (OSError, ValueError):
            raise wrong(
                "Diese Datei ist nicht lesbar.", "This file cannot be read.", f"{self.at(key)} {path}"
            ) from None

    def tables(self, key: str) -> list[Table]:
        """Return the tables [[key]]; each is made once, so that it knows what was asked of it."""
        if key not in self._made:
            found = self._get(key, [], list, f"Tabellen mit der Überschrift [[{key}]]", f"tables headed [[{key}]]")
            if not all(isinstance(one, dict) for one in found):
                raise wrong(
                    f"{key} muss aus Tabellen bestehen.",
                    f"{key} must be made of tables.",
                    self.at(key),
                    f"Zwei eckige Klammern auf jeder Seite: [[{key}]].",
                    f"Two square brackets on each side: [[{key}]].",
                )
            head = "" if not self.name.startswith("[[") else self.name.split("]]")[0][2:] + "."
            self._made[key] = [
                Table(one, f"[[{head}{key}]] {place}:", self._folder) for place, one in enumerate(found, 1)
            ]
        return self._made[key]

    def nothing_else(self, *known: str) -> None:
        """Refuse keys nobody asked for.

        Raises:
            BadInput: `iot_agent_config`.
        """
        for key in self._content:
            if key not in self._asked and key not in known:
                raise wrong(
                    f"{key} gibt es hier nicht.",
                    f"There is no {key} here.",
                    self.at(key),
                    f"Möglich sind: {', '.join(sorted(self._asked))}.",
                    f"Possible are: {', '.join(sorted(self._asked))}.",
                )

    def _get(self, key: str, default: Any, kind: type | tuple[type, ...], de: str, en: str) -> Any:
        self._asked.add(key)
        if key not in self._content:
            if default is None:
                raise wrong(
                    f"{key} fehlt.", f"{key} is missing.", self.at(key), f"{key} braucht {de}.", f"{key} takes {en}."
                )
            return default
        found = self._content[key]
        if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
            raise wrong(f"{key} braucht {de}.", f"{key} takes {en}.", self.at(key))
        return found


def _plain(limit: float | None) -> str:
    return "…" if limit is None else f"{limit:g}"
