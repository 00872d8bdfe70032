"""How close in meaning sentences are to a question, from stored USE vectors."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from nordlotse.answers.core.dense import Encoders
from nordlotse.answers.core.ports import Vector, VectorStore
from nordlotse.answers.core.vectors import embed_missing, stored_vectors

#: Sentence vectors kept in memory (2 kB each).
KEPT = 20_000


class SentenceLikeness:
    """Dot products of sentence and question vectors; sentences are embedded once and kept in the store."""

    def __init__(self, encoders: Encoders, store: VectorStore) -> None:
        """Take the encoders (only USE is used: 2 ms a sentence) and the store of vectors."""
        self._encoder = encoders.use
        self._store = store
        self._kept: OrderedDict[str, Vector] = OrderedDict()
        self._lock = threading.Lock()

    def to_question(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """Return one number in -1..1 per text, higher is closer; empty without an encoder."""
        if self._encoder is None or not texts:
            return ()
        matrix = np.stack(self._vectors(texts))
        return [float(v) for v in matrix @ self._encoder.query(question)]

    def _vectors(self, texts: Sequence[str]) -> list[Vector]:
        if self._encoder is None:
            return []
        with self._lock:
            missing = [t for t in dict.fromkeys(texts) if t not in self._kept]
        if missing:
            matrix, known = stored_vectors(missing, self._encoder, self._store)
            if not known.all():
                embed_missing(missing, self._encoder, self._store)
                matrix, known = stored_vectors(missing, self._encoder, self._store)
            with self._lock:
                self._kept.update(zip(missing, matrix, strict=True))
        with self._lock:
            vectors = [self._kept[t] for t in texts]
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return vectors
