"""The two languages of the house and a text that has both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Lang = Literal["de", "en"]
LANGS: tuple[Lang, ...] = ("de", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """A text for people, in German and English."""

    de: str
    en: str

    def get(self, lang: str) -> str:
        """Return the German text for "de", the English one otherwise."""
        return self.de if lang == "de" else self.en


#: No text at all, in either language.
NOTHING = Text("", "")
