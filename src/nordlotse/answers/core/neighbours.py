"""What stands beside a passage: chunks of one page support each other."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Neighbours", "group_of"]

NEIGHBOUR = 0.3
"""Share of the better neighbour's score that a passage gets; fitted 2026-11-23 on the training questions."""

PAGE = 0.1
"""Share of the mean score of its page that a passage gets; fitted likewise."""

_NUMBERED = re.compile(r"^(.+)[.#/:]\d+$")


def group_of(passage_id: str) -> str:
    """Return the page that a numbered chunk belongs to ("om-001.2" → "om-001"); "" for any other id."""
    match = _NUMBERED.match(passage_id)
    return match[1] if match else ""


class Neighbours:
    """The pages of a pool: who stands before and after whom."""

    def __init__(self, groups: Sequence[str]) -> None:
        """`groups`: the page of each passage in the order of the pool, "" for a passage that stands alone."""
        size = len(groups)
        numbers: dict[str, int] = {}
        page = [numbers.setdefault(name or f"\0{row}", len(numbers)) for row, name in enumerate(groups)]
        pages = np.array(page, dtype=np.int64)
        self._order = np.argsort(pages, kind="stable")
        inside = pages[self._order]
        follows = inside[1:] == inside[:-1]
        # A passage without a neighbour on one side takes the other, without any takes itself.
        before, after = self._order.copy(), self._order.copy()
        before[1:][follows] = self._order[:-1][follows]
        after[:-1][follows] = self._order[1:][follows]
        first = np.concatenate(([True], ~follows)) if size else np.zeros(0, dtype=bool)
        last = np.concatenate((~follows, [True])) if size else np.zeros(0, dtype=bool)
        before = np.where(first, after, before)
        after = np.where(last, before, after)
        self._before, self._after = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
        self._before[self._order], self._after[self._order] = before, after
        self._starts = np.flatnonzero(first)
        self._sizes = np.diff(np.append(self._starts, size))
        self._page = pages
        self.alone = len(numbers) == size

    def elsewhere(self, row: int, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return those of `rows` that stand on another page than `row`."""
        others: NDArray[np.int64] = rows[self._page[rows] != self._page[row]]
        return others

    def supported(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return `scores` plus a share of the better neighbour's and of the page's mean score.

        A passage that stands alone counts as its own neighbour and page, so all stay comparable.
        """
        if self.alone:
            return scores * np.float32(1 + NEIGHBOUR + PAGE)
        best = np.maximum(scores[self._before], scores[self._after])
        means = np.add.reduceat(scores[self._order], self._starts) / self._sizes
        return np.asarray(scores + NEIGHBOUR * best + PAGE * means[self._page], dtype=np.float32)
