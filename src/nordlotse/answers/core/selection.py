"""Choosing the sentences that answer: quoted unchanged, with offsets into the passage's text."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from nordlotse.answers.core.dense import Encoders
from nordlotse.answers.core.ports import Matrix, VectorStore
from nordlotse.answers.core.ranking import Index, Passage, Ranking
from nordlotse.answers.core.sentences import sentence_spans
from nordlotse.answers.core.vectors import Progress, embed_missing, stored_vectors

__all__ = ["Quote", "Selector"]

PASSAGES = 5
"""So many of the best passages lend their sentences."""

_KEPT_PASSAGES = 2_000


@dataclass(frozen=True, slots=True)
class Quote:
    """One sentence of a passage: `passage.text[start:end]`, with its score (only comparable within one answer)."""

    passage: Passage
    start: int
    end: int
    score: float

    @property
    def text(self) -> str:
        """The sentence, byte for byte as it stands in the passage."""
        return self.passage.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class _Sentences:
    spans: tuple[tuple[int, int], ...]
    vectors: Matrix | None


class Selector:
    """Finds the best sentences of a ranking. Safe for several threads.

    Sentence vectors (USE) come from the store; what is missing is made on the way (about 1 ms a sentence), and
    `prepare` makes all of them ahead. Without USE the choice is lexical.
    """

    def __init__(self, encoders: Encoders, store: VectorStore) -> None:
        self._use = encoders.use
        self._store = store
        self._kept: OrderedDict[str, _Sentences] = OrderedDict()
        self._lock = Lock()

    def prepare(
        self,
        passages: Iterable[Passage],
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> int:
        """Embed the sentences of `passages` that have no vector yet; returns how many were made."""
        if self._use is None:
            return 0
        texts = [p.text[a:b] for p in passages for a, b in sentence_spans(p.text)]
        return embed_missing(texts, self._use, self._store, kind="sentence", progress=progress, cancelled=cancelled)

    def best(self, index: Index, ranking: Ranking, n: int = 2, passages: int = PASSAGES) -> list[Quote]:
        """Return the best `n` sentences of the first `passages` hits, best first; fewer when there are no more."""
        scored = self.scored(index, ranking, passages)
        return sorted(scored, key=lambda quote: -quote.score)[:n]

    def scored(self, index: Index, ranking: Ranking, passages: int = PASSAGES) -> list[Quote]:
        """Return every sentence of the first `passages` hits with its score, in reading order."""
        hits = ranking.hits[:passages]
        quotes: list[Quote] = []
        question = None if self._use is None else self._use.query(ranking.question)
        for hit in hits:
            sentences = self._sentences(hit.passage)
            lexical = _shares(index, ranking, hit.passage, sentences.spans)
            dense = np.zeros(len(sentences.spans), dtype=np.float32)
            if question is not None and sentences.vectors is not None:
                dense = sentences.vectors @ question
            for (start, end), words, likeness in zip(sentences.spans, lexical, dense, strict=True):
                score = 8.0 * words + 5.0 * float(likeness) + 0.7 * hit.score
                quotes.append(Quote(hit.passage, start, end, float(score)))
        return quotes

    def _sentences(self, passage: Passage) -> _Sentences:
        with self._lock:
            known = self._kept.get(passage.text)
            if known is not None:
                self._kept.move_to_end(passage.text)
                return known
        spans = tuple(sentence_spans(passage.text))
        vectors = None
        if self._use is not None and spans:
            texts = [passage.text[a:b] for a, b in spans]
            vectors, there = stored_vectors(texts, self._use, self._store, "sentence")
            if not there.all():
                embed_missing(texts, self._use, self._store, kind="sentence")
                vectors, _ = stored_vectors(texts, self._use, self._store, "sentence")
        made = _Sentences(spans, vectors)
        with self._lock:
            self._kept[passage.text] = made
            if len(self._kept) > _KEPT_PASSAGES:
                self._kept.popitem(last=False)
        return made


def _shares(index: Index, ranking: Ranking, passage: Passage, spans: Sequence[tuple[int, int]]) -> NDArray[np.float32]:
    """Return for each sentence the idf-weighted share of the question's words and 4-grams it contains, 0..1."""
    corpus = index.corpus(passage.lang or "de")
    words = {term: corpus.words.idf_of(term) for term in corpus.analyzer.words(ranking.question)}
    grams = {gram: corpus.grams.idf_of(gram) for gram in corpus.analyzer.grams(ranking.question)}
    total_words, total_grams = sum(words.values()) or 1.0, sum(grams.values()) or 1.0
    shares = np.zeros(len(spans), dtype=np.float32)
    for place, (start, end) in enumerate(spans):
        text = passage.text[start:end]
        found = sum(words.get(term, 0.0) for term in set(corpus.analyzer.words(text)))
        gram_found = sum(grams.get(gram, 0.0) for gram in set(corpus.analyzer.grams(text)))
        shares[place] = 0.5 * found / total_words + 0.5 * gram_found / total_grams
    return shares
