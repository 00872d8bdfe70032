"""What the answers core needs from outside, as small protocols; adapters are plugged in by the floors above."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
"""One embedding, shape (dim,), float32, unit length."""

Matrix = NDArray[np.float32]
"""Several embeddings, shape (n, dim), float32, rows of unit length."""

Fetch = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""Sends a JSON body to a path of an allowed service and returns the JSON answer; raises on failure.

The core never opens a connection itself: whoever owns the door to the outside hands in this function.
"""


class Encoder(Protocol):
    """Turns texts into unit vectors whose dot product is their likeness."""

    @property
    def name(self) -> str:
        """Id of the model, part of every vector's key."""

    @property
    def version(self) -> str:
        """Version of model and runtime; vectors of different versions are never mixed."""

    @property
    def dim(self) -> int:
        """Length of one vector."""

    def query(self, text: str) -> Vector:
        """Return the vector of one question, shape (dim,). Never raises for odd text."""

    def passages(self, texts: Sequence[str]) -> Matrix:
        """Return the vectors of several passages, shape (n, dim). Never raises for odd text."""


class VectorStore(Protocol):
    """Keeps vectors by key (see `vectors.vector_key`) so that no text is embedded twice.

    Vectors come back as float32 within the precision of float16, whatever the adapter.
    """

    def get(self, keys: Sequence[str]) -> dict[str, Vector]:
        """Return the stored vectors among `keys`; unknown keys are left out."""

    def put(self, vectors: Mapping[str, Vector]) -> None:
        """Store vectors; a key that exists is replaced. Visible to every process when this returns."""
