"""What the network's core needs from outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
"""Vectors as rows, shape (n, dim), float32; a row has unit length, or is zero where there was nothing to embed."""


class Embed(Protocol):
    """Turns texts into vectors whose dot product is their likeness. Any encoder will do; vectors of two never meet."""

    def __call__(self, texts: Sequence[str]) -> Matrix:
        """Return one row a text, shape (len(texts), dim), rows of unit length. Never raises for odd text."""
