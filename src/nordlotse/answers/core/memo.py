"""An encoder that remembers the last few questions, so that router and retrieval share one embedding."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from nordlotse.answers.core.ports import Encoder, Matrix, Vector

#: Questions kept; only those being answered at this moment matter.
KEPT = 64


class Memo:
    """Adapter around an encoder: same vectors, each recent question computed once."""

    def __init__(self, encoder: Encoder) -> None:
        """Wrap `encoder`."""
        self._encoder = encoder
        self._recent: OrderedDict[str, Vector] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Id of the model."""
        return self._encoder.name

    @property
    def version(self) -> str:
        """Version of model and runtime."""
        return self._encoder.version

    @property
    def dim(self) -> int:
        """Length of one vector."""
        return self._encoder.dim

    def query(self, text: str) -> Vector:
        """Return the vector of one question, shape (dim,)."""
        with self._lock:
            known = self._recent.get(text)
        if known is not None:
            return known
        vector = self._encoder.query(text)
        with self._lock:
            self._recent[text] = vector
            while len(self._recent) > KEPT:
                self._recent.popitem(last=False)
        return vector

    def passages(self, texts: Sequence[str]) -> Matrix:
        """Return the vectors of passages, shape (n, dim); these are not remembered here."""
        return self._encoder.passages(texts)
