"""From text to terms: the steps that questions and passages go through alike."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Iterable

import Stemmer

from nordlotse.answers.core.stopwords import STOP_WORDS
from nordlotse.foundation.german import fold
from nordlotse.foundation.language import Lang

__all__ = ["ANALYSED_CHARACTERS", "GRAM", "Analyzer", "calm", "clean", "grams_of", "surface_words"]

ANALYSED_CHARACTERS = 20_000
"""Texts are analysed up to here; nobody asks or writes passages longer than that on purpose."""

GRAM = 4
"""Length of the character n-grams: best of 3, 4, 5 on German questions (facts, section 3)."""

_CACHED_WORDS = 200_000
_MOSTLY_CAPITALS = 0.6

_TOKEN = re.compile(r"[^\W_]+")
# "1.500", "1,500", "10 000 000": one number. Digit groups of exactly three, so dates and versions stay apart.
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:[.,]\d{3})+(?![\d]|[.,]\d)")
# "4.0", "4 . 0", "4 punkt 0", "2,5": one token; longer dotted chains (dates, 3.1.1) are left alone.
_DECIMAL = re.compile(r"(?<![\d.,])(\d{1,4})(?: ?[.,] ?| ?punkt ?| ?point ?)(\d{1,2})(?![\d]|[.,]\d)")
# Bodies that number their documents: "IEC 62541" and "IEC62541" must meet.
_STANDARD = re.compile(
    r"\b(din|en|iso|iec|vdi|vde|vda|ieee|astm|spec|ts|tr|rfc|dguv|trbs|nis|ral|bsi|cen|etsi|asme|ansi|ul)"
    r"[ \-/]{0,2}(\d{1,6})(?!\d)"
)


_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def clean(text: str) -> str:
    """Return `text` in NFC without NUL, other control characters and lone surrogates (each becomes a blank)."""
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", _UNPRINTABLE.sub(" ", text))


def calm(text: str) -> str:
    """Return `text` lower-cased when most of its letters are capitals, otherwise unchanged."""
    letters = sum(c.isalpha() for c in text)
    capitals = sum(c.isupper() for c in text)
    return text.lower() if letters >= 4 and capitals > _MOSTLY_CAPITALS * letters else text


def surface_words(text: str) -> list[str]:
    """Return the lower-case words and numbers of `text` that are no stop words, in order, unstemmed.

    Numbers lose their thousands marks, "4.0" is one token in all its spellings, and a standard's number is given
    joined beside its parts ("iec62541", "iec", "62541"). At most the first 20,000 characters are read.
    """
    lowered = clean(text[:ANALYSED_CHARACTERS]).lower()
    if any(c.isdigit() for c in lowered):
        lowered = _THOUSANDS.sub(lambda m: m[0].replace(".", "").replace(",", ""), lowered)
        lowered = _DECIMAL.sub(r"\1p\2", lowered)
        lowered = _STANDARD.sub(r"\1\2 \1 \2", lowered)
    return [word for word in _TOKEN.findall(lowered) if word not in STOP_WORDS]


def grams_of(word: str) -> list[str]:
    """Return the 4-grams of one folded word with a blank on each side; a short word gives one gram."""
    padded = f" {fold(word)} "
    if len(padded) <= GRAM:
        return [padded]
    return [padded[i : i + GRAM] for i in range(len(padded) - GRAM + 1)]


class Analyzer:
    """Turns text of one language into index terms. Safe for several threads.

    `split` returns the parts of a compound (see `decompound.Decompounder`); without it words stay whole.
    """

    def __init__(self, lang: Lang = "de", split: Callable[[str], Iterable[str]] | None = None) -> None:
        self.lang = lang
        self._split = split
        self._local = threading.local()
        self._stems: dict[str, str] = {}

    def stem(self, word: str) -> str:
        """Return the folded stem of one lower-case word, by the Snowball stemmer of this language."""
        known = self._stems.get(word)
        if known is not None:
            return known
        stemmer = getattr(self._local, "stemmer", None)
        if stemmer is None:  # PyStemmer objects must not be shared between threads
            stemmer = Stemmer.Stemmer("german" if self.lang == "de" else "english", 0)
            self._local.stemmer = stemmer
        stem = fold(stemmer.stemWord(word.replace("ß", "ss")))
        if len(self._stems) >= _CACHED_WORDS:
            self._stems.clear()
        self._stems[word] = stem
        return stem

    def terms(self, word: str) -> list[str]:
        """Return the terms of one surface word: its stem, then the stems of its parts of three letters or more."""
        whole = self.stem(word)
        if self._split is None:
            return [whole]
        return [whole, *(self.stem(part) for part in self._split(word) if len(part) >= 3)]

    def words(self, text: str) -> list[str]:
        """Return the word terms of `text`: stop words dropped, stemmed, folded, compounds with their parts."""
        return [term for word in surface_words(text) for term in self.terms(word)]

    def grams(self, text: str) -> list[str]:
        """Return the 4-grams of all words of `text` that are no stop words, folded and not stemmed."""
        return [gram for word in surface_words(text) for gram in grams_of(word)]
