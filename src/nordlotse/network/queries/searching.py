"""The words of a search: what they mean, and where they are found."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from nordlotse.foundation.german import fold
from nordlotse.network.core.taxonomy import suggest as speaks_of
from nordlotse.network.core.words import STOP_WORDS
from nordlotse.network.queries.terms import Terms, suggest

#: Most words of a search that are looked at.
MAX_WORDS = 8

#: Words of the workshop that speak of no subject surely enough for the taxonomy, by their beginning, and the tags nearest to them.
EVERYDAY: Mapping[str, tuple[str, ...]] = {
    fold(word): tags
    for word, tags in {
        "drehbank": ("retrofit",),
        "drehbänke": ("retrofit",),
        "drehmaschine": ("retrofit",),
        "fräse": ("retrofit",),
        "bohrmaschine": ("retrofit",),
        "presse": ("retrofit",),
        "säge": ("retrofit",),
        "hobel": ("retrofit",),
        "maschine": ("retrofit",),
        "anlage": ("retrofit",),
        "lathe": ("retrofit",),
        "machine": ("retrofit",),
    }.items()
}

_WORD = re.compile(r"[^\W_]+")
_BY_NAME = 0.6  # how sure a tag is that is called by one of its names, see `taxonomy.Suggestion`
_LIKE = 0.84  # how alike two spellings are to be taken for one word: one slip in seven letters


@dataclass(frozen=True, slots=True)
class Asked:
    """The folded words of a search, the tags each may mean, how many must be found; `guessed`: a meaning is only near."""

    words: tuple[str, ...]
    meanings: Mapping[str, frozenset[str]]
    need: int
    guessed: bool = False

    def found_in(self, tags: Iterable[str], *texts: str) -> bool:
        """Tell whether enough words stand in one of the texts, or mean one of the tags or what a text speaks of."""
        own = frozenset(tags)
        return sum(self._hits(word, own, texts) for word in self.words) >= self.need

    def _hits(self, word: str, tags: frozenset[str], texts: tuple[str, ...]) -> bool:
        if any(_stands(word, text) for text in texts):
            return True
        meant = self.meanings[word]
        return bool(meant) and (bool(meant & tags) or any(meant & spoken_of(text) for text in texts))


def _stands(word: str, text: str) -> bool:
    """Whether a word stands in a text: a short one as the beginning of a word, a longer one anywhere."""
    return word in text if len(word) > 3 else re.search(rf"\b{re.escape(word)}", text) is not None


@lru_cache(maxsize=8_000)
def spoken_of(text: str) -> frozenset[str]:
    """Return the tags a text speaks of by name; a word of practice alone is not enough."""
    return frozenset(found.tag for found in speaks_of(text) if found.strength >= _BY_NAME)


def words_asked(written: str, known: Terms, texts: Iterable[str]) -> Asked:
    """Return what a search asks for; a word that stands nowhere and means nothing is taken for the one nearest to it."""
    spoken = _WORD.findall(fold(written))
    words = tuple(dict.fromkeys(w for w in spoken if w not in STOP_WORDS))[:MAX_WORDS] or tuple(spoken[:MAX_WORDS])
    meanings: dict[str, frozenset[str]] = dict.fromkeys(words, frozenset())
    for found in suggest(written, known):
        for part in _WORD.findall(fold(" ".join(found.evidence))):
            if part in meanings:
                meanings[part] |= {found.tag.id}
    there, guessed = tuple(texts), False
    for number, word in enumerate(words):
        if meanings[word] or any(_stands(word, text) for text in there):
            continue
        near = frozenset(tag for start, tags in EVERYDAY.items() if word.startswith(start) for tag in tags)
        alike = [] if near else difflib.get_close_matches(word, {w for t in there for w in t.split()}, 1, _LIKE)
        if near or alike:
            guessed = True
            meanings[word] = near
            words = (*words[:number], *alike, *words[number + 1 :]) if alike else words
            meanings.update({a: meanings.get(a, frozenset()) for a in alike})
    return Asked(words, meanings, len(words), guessed)
