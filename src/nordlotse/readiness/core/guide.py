"""The guide to a check of one's own: the same text on the site, in the repository and, column by column, in the template's comments."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from nordlotse.foundation.language import Lang
from nordlotse.foundation.questionnaire.tables import SHEETS

_FILES: Final[dict[Lang, str]] = {"de": "own-checks.de.md", "en": "own-checks.md"}
_SHEET = re.compile(rf"^#{{2,3}} .*?\b({'|'.join(SHEETS)})\b")
_ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \|$")


@cache
def text(lang: Lang) -> str:
    """Return the guide in Markdown: from the package as it is installed, else from the repository's docs.

    Raises:
        FileNotFoundError: the package was built without it.
    """
    name = _FILES[lang]
    packed = resources.files("nordlotse.readiness.core") / "data" / name
    if packed.is_file():
        return packed.read_text("utf-8")
    return (Path(__file__).resolve().parents[4] / "docs" / name).read_text("utf-8")


@cache
def columns(lang: Lang) -> dict[tuple[str, str], str]:
    """Return what the guide says of each column of each sheet, as plain words, by sheet and heading."""
    found: dict[tuple[str, str], str] = {}
    sheet = ""
    for line in text(lang).splitlines():
        if line.startswith("#"):
            heading = _SHEET.match(line)
            sheet = heading[1] if heading else ""
        elif sheet and (row := _ROW.match(line)) and not row[1].startswith(("Spalte", "column", "-")):
            words = re.sub(r"[`*]", "", row[2]).strip()
            found |= {(sheet, name.strip()): words for name in row[1].split(", ")}
    return found
