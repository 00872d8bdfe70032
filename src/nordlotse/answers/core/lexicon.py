"""Names of one thing: practice words, abbreviations, old names, English and German, found in a question."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from nordlotse.foundation.german import fold
from nordlotse.foundation.problem import BadInput

__all__ = ["Expansion", "Lexicon", "Match"]

_DATA = "nordlotse.answers.core.data"
_WORDS = re.compile(r"[^\W_]+")
_READ = 2_000
_MOST_WORDS = 400

DEFAULT_WEIGHT = 0.7
"""How much an added name counts against a word of the question itself (1.0). Own choice, to be fitted."""

COMPOUND = 0.6
"""Share of the weight when the name is only part of a longer word."""

TYPO = 0.8
"""Share of the weight when the name was found despite a typing error."""

_COMPOUND_LETTERS = 6  # shorter pieces turn up inside unrelated words
_ONE_ERROR_FROM = 6
_TWO_ERRORS_FROM = 10
_LONGEST_NAME = 5
_MOST_EXPANSIONS = 24
_MOST_NAMES = 8  # per thing, in the order of the file
_SHORT_CODE = 3  # "AM", "KI", "RED": only as written in capitals, for they are also everyday words
_EVERYDAY = frozenset({"am", "ki", "ai", "red", "sla", "dts", "am-teil", "fts", "bde", "step", "lean", "edge", "rami"})


@dataclass(frozen=True, slots=True)
class Expansion:
    """Another name of something in the question and its weight (0..1, a word of the question counts 1)."""

    term: str
    weight: float


@dataclass(frozen=True, slots=True)
class Match:
    """A thing of the lexicon found in a question: its head name, the words that name it, how sure (0..1)."""

    term: str
    found: str
    strength: float


@dataclass(frozen=True, slots=True)
class _Entry:
    term: str
    names: tuple[str, ...]
    weight: float


def _key(name: str) -> tuple[str, ...]:
    return tuple(_WORDS.findall(fold(name)))


def _deletions(word: str, errors: int) -> set[str]:
    """All strings that arise from deleting up to `errors` letters (the idea of SymSpell, Garbe 2012)."""
    found = {word}
    edge = {word}
    for _ in range(errors):
        edge = {w[:i] + w[i + 1 :] for w in edge for i in range(len(w))}
        found |= edge
    return found


def _errors(word: str) -> int:
    if len(word) < _ONE_ERROR_FROM:
        return 0
    return 1 if len(word) < _TWO_ERRORS_FROM else 2


def _within(a: str, b: str, limit: int) -> bool:
    """Whether the edit distance (insert, delete, replace, swap neighbours) is at most `limit`."""
    if abs(len(a) - len(b)) > limit:
        return False
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        new = [i]
        for j, y in enumerate(b, 1):
            cost = min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            new.append(cost)
        if min(new) > limit:
            return False
        before, row = row, new
    return row[-1] <= limit


class Lexicon:
    """Finds the things of the lexicon in a question. Immutable, safe for several threads."""

    def __init__(self, entries: Iterable[Mapping[str, Any]], source: str = "lexicon.json") -> None:
        """Take the entries of the file: term, variants, optional related (not expanded) and weight (0..1).

        Raises:
            BadInput: an entry without a name or with a weight outside 0..1.
        """
        self._entries: list[_Entry] = []
        self._by_key: dict[tuple[str, ...], set[int]] = {}
        for number, raw in enumerate(entries):
            self._entries.append(self._entry(raw, f"{source}, entry {number + 1}"))
            for name in self._entries[-1].names:
                if key := _key(name):
                    self._by_key.setdefault(key, set()).add(number)
                    joined = ("".join(key),)
                    if len(key) > 1 and len(joined[0]) >= _COMPOUND_LETTERS:
                        self._by_key.setdefault(joined, set()).add(number)
        self._single = {key[0]: owners for key, owners in self._by_key.items() if len(key) == 1}
        self._misspelt: dict[str, set[str]] = {}
        for word in self._single:
            for form in _deletions(word, _errors(word)):
                self._misspelt.setdefault(form, set()).add(word)
        self._pieces = sorted((w for w in self._single if len(w) >= _COMPOUND_LETTERS), key=len, reverse=True)

    @staticmethod
    def _entry(raw: Mapping[str, Any], where: str) -> _Entry:
        names = [raw.get("term", ""), *raw.get("variants", ())]
        weight = raw.get("weight", DEFAULT_WEIGHT)
        if not all(isinstance(n, str) and n.strip() for n in names) or not 0 <= float(weight) <= 1:
            raise BadInput(
                "lexicon_entry",
                de="Ein Eintrag des Wörterbuchs ist unvollständig.",
                en="An entry of the lexicon is incomplete.",
                where=where,
                remedy_de="term und variants als Text angeben, weight zwischen 0 und 1.",
                remedy_en="Give term and variants as text and weight between 0 and 1.",
            )
        return _Entry(names[0], tuple(names), float(weight))

    @classmethod
    @cache
    def load(cls) -> Lexicon:
        """Return the lexicon shipped with the package (read once per process)."""
        raw = json.loads(resources.files(_DATA).joinpath("lexicon.json").read_text(encoding="utf-8"))
        return cls(raw["entries"])

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def terms(self) -> tuple[str, ...]:
        """Return the head names, in the order of the file."""
        return tuple(entry.term for entry in self._entries)

    def matches(self, question: str) -> tuple[Match, ...]:
        """Return the things named in a question, each once, in the order they appear.

        Names count as whole words, as part of a compound, or with one typing error from 6 letters and two from 10.
        """
        text = question[:_READ]
        raw = _WORDS.findall(text)[:_MOST_WORDS]
        capitals = len(text) > 0 and sum(c.isupper() for c in text) > 0.6 * max(1, sum(c.isalpha() for c in text))
        words = [fold(w) for w in raw]
        best: dict[int, Match] = {}
        i = 0
        while i < len(words):
            owners, length, strength = self._at(words, raw, i, capitals)
            found = " ".join(words[i : i + length])
            for owner in owners:
                if owner not in best or best[owner].strength < strength:
                    best[owner] = Match(self._entries[owner].term, found, strength)
            i += length
        return tuple(best.values())

    def _at(self, words: list[str], raw: list[str], i: int, capitals: bool) -> tuple[set[int], int, float]:
        for length in range(min(_LONGEST_NAME, len(words) - i), 0, -1):
            owners = self._by_key.get(tuple(words[i : i + length]))
            if owners and not (length == 1 and words[i] in _EVERYDAY and (capitals or not raw[i].isupper())
                               and words[i] not in {"ki", "ai"}):  # fmt: skip
                return owners, length, 1.0
        return (*self._piece_or_typo(words[i]),)

    def _piece_or_typo(self, word: str) -> tuple[set[int], int, float]:
        if len(word) > _COMPOUND_LETTERS:
            for piece in self._pieces:
                if len(piece) < len(word) and (word.startswith(piece) or word.endswith(piece)):
                    return self._single[piece], 1, COMPOUND
        errors = _errors(word)
        if errors and len(word) <= 40:
            near: set[str] = set()
            for form in _deletions(word, errors):
                near |= self._misspelt.get(form, set())
            close = sorted(w for w in near if w[0] == word[0] and _within(word, w, min(errors, _errors(w))))
            if close:
                return self._single[min(close, key=lambda w: (abs(len(w) - len(word)), w))], 1, TYPO
        return set(), 1, 0.0

    def expand(self, question: str) -> tuple[Expansion, ...]:
        """Return the other names of what a question names, strongest first, at most 24 and 8 per thing.

        Names the question already contains are left out.
        """
        folded = " " + " ".join(_WORDS.findall(fold(question[:_READ]))) + " "
        weights = {entry.term: entry for entry in self._entries}
        found: dict[str, float] = {}
        for match in self.matches(question):
            entry = weights[match.term]
            new = [name for name in entry.names if f" {' '.join(_key(name))} " not in folded]
            for name in new[:_MOST_NAMES]:
                found[name] = max(found.get(name, 0.0), round(entry.weight * match.strength, 3))
        ordered = sorted(found.items(), key=lambda item: -item[1])
        return tuple(Expansion(name, weight) for name, weight in ordered[:_MOST_EXPANSIONS])
