"""How close in meaning sentences are to a question, from stored USE vectors."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from nordlotse.answers.core.dense import Encoders
from nordlotse.answers.core.ports import Encoder, Matrix, Vector, VectorStore
from nordlotse.answers.core.vectors import stored_vectors, vector_key

#: Sentence vectors kept in memory (2 kB each).
KEPT = 20_000


class Likeness(Protocol):
    """How close sentences are to a question."""

    def to_question(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """Return one number per text, higher is closer; empty without a dense model."""


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
        matrix = np.stack(self._vectors(texts, self._encoder))
        return [float(v) for v in matrix @ self._encoder.query(question)]

    def _keep(self, encoder: Encoder, texts: Sequence[str], vectors: Matrix) -> None:
        """Store vectors for the next process; a full or read-only disk costs time later, not this answer."""
        keys = [vector_key("passage", encoder, text) for text in texts]
        with contextlib.suppress(OSError, sqlite3.Error):
            self._store.put(dict(zip(keys, vectors, strict=True)))

    def _vectors(self, texts: Sequence[str], encoder: Encoder) -> list[Vector]:
        if self._encoder is None:
            return []
        with self._lock:
            known = {text: self._kept[text] for text in texts if text in self._kept}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            matrix, found = stored_vectors(missing, encoder, self._store)
            if not found.all():
                new = [text for text, there in zip(missing, found, strict=True) if not there]
                vectors = encoder.passages(new)
                known |= dict(zip(new, vectors, strict=True))
                self._keep(encoder, new, vectors)
            known |= {text: row for text, row, there in zip(missing, matrix, found, strict=True) if there}
        with self._lock:
            for text in known:
                self._kept[text] = known[text]
                self._kept.move_to_end(text)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        # From our own copy: another thread may have dropped one of them meanwhile.
        return [known[text] for text in texts]
