"""Which of the two languages a text is in: cheap, for passages and questions alike."""

from __future__ import annotations

import re

from nordlotse.answers.core.stopwords import ENGLISH, GERMAN
from nordlotse.foundation.language import Lang

__all__ = ["guess_lang"]

_READ = 2_000
_WORD = re.compile(r"[^\W\d_]+")
_BOTH = GERMAN & ENGLISH
_GERMAN_ENDINGS = (
    "ung",
    "ungen",
    "keit",
    "heit",
    "lich",
    "liche",
    "lichen",
    "isch",
    "ische",
    "schaft",
    "ieren",
    "iert",
)
_ENGLISH_ENDINGS = ("tion", "ing", "ness", "ity", "ment", "ly", "ould", "ough", "ies", "ship")


def guess_lang(text: str, default: Lang = "de") -> Lang:
    """Return "de" or "en" by function words, umlauts and word endings of the first 2,000 characters.

    `default` is returned when nothing speaks for either (a number, a name, an empty text).
    """
    lowered = text[:_READ].lower()
    score = 0.0
    for word in _WORD.findall(lowered):
        if word in GERMAN and word not in _BOTH:
            score += 2
        elif word in ENGLISH and word not in _BOTH:
            score -= 2
        elif any(c in "äöüß" for c in word):
            score += 2
        elif len(word) > 5 and word.endswith(_GERMAN_ENDINGS):
            score += 1
        elif len(word) > 4 and word.endswith(_ENGLISH_ENDINGS):
            score -= 1
    if score == 0:
        return default
    return "de" if score > 0 else "en"
