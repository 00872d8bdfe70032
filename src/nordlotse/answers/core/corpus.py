"""The lexical side of all passages of one language: analysed once per passage, indexed in numpy."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nordlotse.answers.core.analysis import Analyzer, grams_of, surface_words
from nordlotse.answers.core.decompound import Decompounder, affected_words, may_be_part
from nordlotse.answers.core.lexical import Counts, Postings
from nordlotse.foundation.language import Lang

__all__ = ["Corpus", "LexicalScores"]

_EXPANDED_TEXTS = 4_000


@dataclass(frozen=True, slots=True)
class LexicalScores:
    """What a question shares with each text of a corpus, in the order of the corpus; arrays (texts,) float32."""

    words: NDArray[np.float32]
    words_bound: float
    grams: NDArray[np.float32]
    grams_bound: float


class _Table:
    """Surface words and their terms as numbers; only ever grows, so versions of a corpus share it."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.words: list[str] = []
        self.terms: list[tuple[int, ...]] = []
        self.grams: list[tuple[int, ...]] = []
        self.term_ids: dict[str, int] = {}
        self.gram_ids: dict[str, int] = {}
        self.lock = threading.Lock()

    def number(self, word: str) -> int:
        """Return the number of a surface word, giving it the next one when it is new (hold the lock)."""
        number = self.ids.get(word)
        if number is None:
            self.grams.append(tuple(_numbered(grams_of(word), self.gram_ids)))
            self.words.append(word)
            number = self.ids[word] = len(self.words) - 1
        return number


class Corpus:
    """Texts of one language with word and 4-gram postings and the decompounder made from them.

    A value: `updated` returns a new corpus and leaves this one as it is, so a running question is never disturbed.
    """

    def __init__(self, lang: Lang, texts: Mapping[str, str]) -> None:
        """Analyse `texts` (id → text) from scratch."""
        self.lang = lang
        self._table = _Table()
        self._surfaces: dict[str, NDArray[np.int32]] = {}
        self._counts: Counter[str] = Counter()
        self._add(texts)
        self._decompounder = Decompounder(self._counts)
        self._terms: list[tuple[int, ...]] = []
        self._index(())

    def updated(self, changed: Mapping[str, str], removed: Sequence[str]) -> Corpus:
        """Return the corpus with texts added or replaced (`changed`) and `removed`; new ids come last."""
        heir = Corpus.__new__(Corpus)
        heir.lang = self.lang
        heir._table = self._table
        heir._surfaces = dict(self._surfaces)
        heir._counts = self._counts.copy()
        gone = [name for name in (*removed, *changed) if name in heir._surfaces]
        before: Counter[str] = Counter()
        for name in gone:
            before.update(self._parts(heir._surfaces[name]))
        for name in removed:
            heir._surfaces.pop(name, None)
        after = heir._add(changed)
        heir._counts.subtract(before)
        different = [word for word in before.keys() | after.keys() if before[word] != after[word]]
        heir._counts += Counter()  # drops words that are gone
        affected = affected_words(self._table.words, different)
        heir._decompounder = self._decompounder.successor(heir._counts, affected)
        heir._terms = list(self._terms)
        heir._index(affected)
        return heir

    @property
    def ids(self) -> list[str]:
        """The ids of the texts, in the order of every score array."""
        return list(self._surfaces)

    @property
    def analyzer(self) -> Analyzer:
        """The analysis that questions to this corpus go through."""
        return self._analyzer

    def scores(self, question: str) -> LexicalScores:
        """Score every text against a question in words and in 4-grams, each with its upper bound."""
        surface = surface_words(question)
        words, words_bound = self.words.scores(t for word in surface for t in self._analyzer.terms(word))
        grams, grams_bound = self.grams.scores(gram for word in surface for gram in grams_of(word))
        return LexicalScores(words, words_bound, grams, grams_bound)

    def _add(self, texts: Mapping[str, str]) -> Counter[str]:
        """Number the words of new texts; returns the counts of words that may be parts of compounds."""
        table = self._table
        added: Counter[str] = Counter()
        for name, text in texts.items():
            words = surface_words(text)
            with table.lock:
                numbers = [table.number(word) for word in words]
            self._surfaces[name] = np.array(numbers, dtype=np.int32)
            added.update(word for word in words if may_be_part(word))
        self._counts.update(added)
        return added

    def _parts(self, surface: NDArray[np.int32]) -> list[str]:
        words = self._table.words
        return [word for word in (words[number] for number in surface) if may_be_part(word)]

    def _index(self, affected: Collection[str]) -> None:
        """Build both postings; terms of words seen before are kept unless their split is `affected`."""
        table = self._table
        self._analyzer = Analyzer(self.lang, self._decompounder if self.lang == "de" else None)
        with table.lock:
            for word in affected:
                number = table.ids[word]
                if number < len(self._terms):
                    self._terms[number] = tuple(_numbered(self._analyzer.terms(word), table.term_ids))
            for word in table.words[len(self._terms) :]:
                self._terms.append(tuple(_numbered(self._analyzer.terms(word), table.term_ids)))
            grams = list(table.grams)
        surfaces = list(self._surfaces.values())
        self.words = Postings(table.term_ids, _expanded(surfaces, self._terms))
        self.grams = Postings(table.gram_ids, _expanded(surfaces, grams))


def _numbered(terms: Sequence[str], ids: dict[str, int]) -> list[int]:
    return [ids.setdefault(term, len(ids)) for term in terms]


def _expanded(surfaces: Sequence[NDArray[np.int32]], terms: Sequence[tuple[int, ...]]) -> Counts:
    """Replace every surface number by its terms, in blocks of texts so that the memory stays bounded."""
    lengths = np.fromiter(map(len, terms), dtype=np.int64, count=len(terms))
    first = np.cumsum(lengths) - lengths
    flat = np.fromiter((t for row in terms for t in row), dtype=np.int32, count=int(lengths.sum()))
    parts: list[NDArray[np.int32]] = []
    sizes: list[NDArray[np.int64]] = []
    for start in range(0, len(surfaces), _EXPANDED_TEXTS):
        block = surfaces[start : start + _EXPANDED_TEXTS]
        surface = np.concatenate(block)
        ends = np.cumsum([len(text) for text in block])
        repeat = lengths[surface]
        total = np.concatenate(([0], np.cumsum(repeat)))
        within = np.arange(total[-1], dtype=np.int64) - np.repeat(total[:-1], repeat)
        parts.append(flat[np.repeat(first[surface], repeat) + within])
        sizes.append(np.diff(total[np.concatenate(([0], ends))]))
    starts = np.concatenate([np.zeros(1, dtype=np.int64), *sizes]).cumsum()
    return Counts(np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32), starts)
