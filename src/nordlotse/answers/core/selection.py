"""Choosing the sentences that answer: quoted unchanged, with offsets into the passage's text.

A linear ranker over the features of `sentence_features`, fitted as a softmax over the sentences of the best passages.
Its weights live in `sentence_weights.json`; `bench/answers/fit_sentences.py` makes that file again.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from threading import Lock
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nordlotse.answers.core.dense import Encoders
from nordlotse.answers.core.ports import Encoder, Matrix, Vector, VectorStore
from nordlotse.answers.core.ranking import Hit, Index, Passage, Ranking
from nordlotse.answers.core.sentence_features import NAMES, Candidate, Question, ReadText, feature_table, read_text
from nordlotse.answers.core.vectors import Progress, embed_missing, stored_vectors
from nordlotse.foundation.language import Lang

__all__ = ["PASSAGES", "Linear", "Quote", "Selector", "load_weights"]

PASSAGES = 5
"""So many of the best passages lend their sentences."""

_KEPT_PASSAGES = 1_000

View = Literal["use", "e5_titled", "e5_before"]


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
class Linear:
    """Weights of the sentence features by name; missing names weigh nothing."""

    names: tuple[str, ...]
    weights: tuple[float, ...]

    def scores(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return one score a row of a feature table."""
        columns = [NAMES.index(name) for name in self.names]
        scores: NDArray[np.float64] = table[:, columns] @ np.array(self.weights)
        return scores


@cache
def load_weights() -> dict[str, Linear]:
    """Return the shipped rankers: "e5" with all views, "use" without E5, "lexical" without vectors."""
    text = files("nordlotse.answers.core").joinpath("sentence_weights.json").read_text("utf-8")
    return {
        mode: Linear(tuple(row), tuple(float(weight) for weight in row.values()))
        for mode, row in json.loads(text)["modes"].items()
    }


class Selector:
    """Finds the best sentences of a ranking. Safe for several threads.

    Sentence vectors come from the store. Missing USE vectors are made on the way (about 1 ms a sentence); E5 takes
    part when `prepare` has made all of an answer's E5 vectors ahead. Without vectors the choice is lexical.
    """

    def __init__(self, encoders: Encoders, store: VectorStore) -> None:
        self._encoders = encoders
        self._store = store
        self._read: OrderedDict[tuple[str, str], ReadText] = OrderedDict()
        self._vectors: OrderedDict[tuple[str, str, View], Matrix] = OrderedDict()
        self._lock = Lock()

    def prepare(
        self,
        passages: Iterable[Passage],
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
        *,
        e5: bool = True,
    ) -> int:
        """Embed the sentences of `passages` that have no vectors yet; returns how many vectors were made.

        USE takes about 1 ms a sentence; E5 (two views) about 50 ms, resumable in batches of 16.
        """
        pool = list(passages)
        made = 0
        views: tuple[View, ...] = ("use", "e5_titled", "e5_before") if e5 else ("use",)
        for view in views:
            encoder = self._encoder(view)
            if encoder is not None:
                texts = [text for passage in pool for text in self._texts(passage, view)]
                made += embed_missing(
                    texts, encoder, self._store, kind="sentence", progress=progress, cancelled=cancelled
                )
        return made

    def best(self, index: Index, ranking: Ranking, n: int = 2, passages: int = PASSAGES) -> list[Quote]:
        """Return the best `n` sentences of the first `passages` hits, best first; fewer when there are no more."""
        return sorted(self.scored(index, ranking, passages), key=lambda quote: -quote.score)[:n]

    def scored(self, index: Index, ranking: Ranking, passages: int = PASSAGES) -> list[Quote]:
        """Return every sentence of the first `passages` hits with its score, in reading order."""
        table, spans, mode = self.table(index, ranking, passages)
        scores = load_weights()[mode].scores(table)
        return [
            Quote(passage, start, end, float(score)) for (passage, start, end), score in zip(spans, scores, strict=True)
        ]

    def table(
        self, index: Index, ranking: Ranking, passages: int = PASSAGES
    ) -> tuple[NDArray[np.float64], list[tuple[Passage, int, int]], str]:
        """Return (feature table, (passage, start, end) of each row, mode) of the first `passages` hits."""
        hits = ranking.hits[:passages]
        asked: dict[Lang, Question] = {}
        for hit in hits:
            lang = hit.passage.lang or "de"
            if lang not in asked:
                asked[lang] = Question(ranking.question, index.corpus(lang))
        candidates, mode = self._candidates(hits, ranking)
        table = feature_table(lambda place: asked[hits[place].passage.lang or "de"], candidates)
        spans = [
            (hit.passage, sentence.start, sentence.end)
            for hit, candidate in zip(hits, candidates, strict=True)
            for sentence in candidate.read.sentences
        ]
        return table, spans, mode

    def _candidates(self, hits: Sequence[Hit], ranking: Ranking) -> tuple[list[Candidate], str]:
        views: dict[View, list[NDArray[np.float32]]] = {}
        for view in ("use", "e5_titled", "e5_before"):
            likeness = self._likeness(hits, view, ranking.vectors.get("use" if view == "use" else "e5"))
            if likeness is not None:
                views[view] = likeness
        mode = "lexical" if "use" not in views else "use" if len(views) < 3 else "e5"
        candidates = []
        for place, hit in enumerate(hits):
            read = self._text(hit.passage)
            nothing = np.zeros(len(read.sentences), dtype=np.float32)
            of = partial(_column, views if mode == "e5" else {"use": views.get("use", [])}, place, nothing)
            candidates.append(Candidate(read, hit.score - hits[0].score, of("use"), of("e5_titled"), of("e5_before")))
        return candidates, mode

    def _likeness(self, hits: Sequence[Hit], view: View, question: Vector | None) -> list[NDArray[np.float32]] | None:
        """Dot products of the question with each hit's sentences; None when the view is not complete."""
        if question is None or self._encoder(view) is None:
            return None
        columns = []
        for hit in hits:
            vectors = self._sentence_vectors(hit.passage, view)
            if vectors is None:
                return None
            columns.append(np.asarray(vectors @ question, dtype=np.float32))
        return columns

    def _encoder(self, view: View) -> Encoder | None:
        return self._encoders.use if view == "use" else self._encoders.e5

    def _texts(self, passage: Passage, view: View) -> list[str]:
        """The sentences as they are embedded: alone, after the title, or after the sentence before."""
        read = self._text(passage)
        plain = [passage.text[s.start : s.end] for s in read.sentences]
        if view == "e5_titled" and passage.title:
            return [f"{passage.title}: {sentence}" for sentence in plain]
        if view == "e5_before":
            return [
                f"{before} {sentence}".strip()
                for before, sentence in zip(["", *plain][: len(plain)], plain, strict=True)
            ]
        return plain

    def _text(self, passage: Passage) -> ReadText:
        key = (passage.title, passage.text)
        with self._lock:
            known = self._read.get(key)
            if known is not None:
                self._read.move_to_end(key)
                return known
        made = read_text(passage.title, passage.text)
        with self._lock:
            self._read[key] = made
            if len(self._read) > _KEPT_PASSAGES:
                self._read.popitem(last=False)
        return made

    def _sentence_vectors(self, passage: Passage, view: View) -> Matrix | None:
        """The vectors of one view, shape (sentences, dim); None when some are missing and too slow to make now."""
        key = (passage.title, passage.text, view)
        with self._lock:
            known = self._vectors.get(key)
            if known is not None:
                self._vectors.move_to_end(key)
                return known
        encoder = self._encoder(view)
        if encoder is None:
            return None
        texts = self._texts(passage, view)
        vectors, there = stored_vectors(texts, encoder, self._store, "sentence")
        if not there.all():
            if view != "use":
                return None
            embed_missing(texts, encoder, self._store, kind="sentence")
            vectors, _ = stored_vectors(texts, encoder, self._store, "sentence")
        with self._lock:
            self._vectors[key] = vectors
            if len(self._vectors) > 3 * _KEPT_PASSAGES:
                self._vectors.popitem(last=False)
        return vectors


def _column(
    views: dict[View, list[NDArray[np.float32]]], place: int, nothing: NDArray[np.float32], view: View
) -> NDArray[np.float32]:
    columns = views.get(view)
    return columns[place] if columns else nothing
