"""Splitting German compounds with the vocabulary of the corpus itself.

After Koehn and Knight, "Empirical Methods for Compound Splitting" (EACL 2003): a split is as good as the geometric
mean of its parts' frequencies. No word list from outside, hence no licence question, and the subject's own words.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

__all__ = ["Decompounder", "affected_words", "may_be_part"]

_LINKS = ("", "s", "es", "n", "en", "er", "e", "ens", "-")
_FALLBACK_LINKS = ("", "s", "es", "n", "en")
_SHORTEST_WORD = 8
_LONGEST_WORD = 60
_EDGE = 4
_SHORTEST_PART = 3
_LINK_FACTOR = 0.95
_ADDED_E_FACTOR = 0.7
_DEPTH = 2
_CACHED_SPLITS = 500_000
# Frequent as words, wrong as parts: "untere|nehmen", "soft|ware", "bera|tung".
_FORBIDDEN = frozenset(
    """
    untere ware haft lich keit heit schaft tung ungen isch ierung tion tionen ation ationen ment ität chen lein
    nehmen nehmer
    """.split()  # noqa: SIM905 - endings read best side by side
)


def may_be_part(word: str) -> bool:
    """Tell whether a corpus word may serve as a part: three letters or more, letters only, not a mere ending."""
    return _SHORTEST_PART <= len(word) <= _LONGEST_WORD and word.isalpha() and word not in _FORBIDDEN


def affected_words(words: Iterable[str], changed: Iterable[str]) -> set[str]:
    """Return those of `words` whose split may depend on the counts of the `changed` words.

    A part is a substring of its compound, or all but its last letter is (the added "e").
    """
    parts = {part for word in changed if may_be_part(word) for part in (word, word[:-1])}
    return {word for word in words if len(word) >= _SHORTEST_WORD and any(part in word for part in parts)}


class Decompounder:
    """Splits words into parts known from the corpus; splits are cached.

    `counts`: how often each lower-case word (no stop words) occurs in the corpus. The mapping is used, not copied,
    and must not change; a changed corpus gets a `successor`.
    """

    def __init__(self, counts: Mapping[str, int], least: int = 1) -> None:
        self._counts = counts
        self._least = least
        self._splits: dict[str, tuple[str, ...]] = {}

    def __call__(self, word: str) -> tuple[str, ...]:
        """Return the parts of `word`, or () when it does not come apart."""
        known = self._splits.get(word)
        if known is None:
            if len(self._splits) >= _CACHED_SPLITS:
                self._splits.clear()
            known = self._splits[word] = self._split(word, _DEPTH)
        return known

    def successor(self, counts: Mapping[str, int], affected: Iterable[str]) -> Decompounder:
        """Return a decompounder over new counts that keeps every cached split except those of `affected` words."""
        heir = Decompounder(counts, self._least)
        heir._splits = dict(self._splits)
        for word in affected:
            heir._splits.pop(word, None)
        return heir

    def _count(self, word: str) -> int:
        if not may_be_part(word):
            return 0
        count = self._counts.get(word, 0)
        return count if count >= self._least else 0

    def _split(self, word: str, depth: int) -> tuple[str, ...]:
        if depth == 0 or not _SHORTEST_WORD <= len(word) <= _LONGEST_WORD or not word.isalpha():
            return ()
        best = self._best_pair(word)
        if best is None:
            return self._tail_only(word, depth)
        parts: list[str] = []
        for part in best:
            parts.extend(self._split(part, depth - 1) or (part,))
        return tuple(parts)

    def _best_pair(self, word: str) -> tuple[str, str] | None:
        best: tuple[str, str] | None = None
        best_score = 0.0
        for i in range(_EDGE, len(word) - _EDGE + 1):
            tail = word[i:]
            tail_count = self._count(tail)
            if not tail_count:
                continue
            for head, head_count, factor in self._heads(word[:i]):
                score = math.sqrt(head_count * tail_count) * factor * min(len(head), len(tail))
                if score > best_score:
                    best, best_score = (head, tail), score
        return best

    def _heads(self, start: str) -> Iterable[tuple[str, int, float]]:
        for link in _LINKS:
            if link and not start.endswith(link):
                continue
            head = start[: len(start) - len(link)] if link else start
            factor = _LINK_FACTOR if link else 1.0
            count = self._count(head)
            if count:
                yield head, count, factor
            if not link and (count := self._count(start + "e")):
                yield start + "e", count, _ADDED_E_FACTOR

    def _tail_only(self, word: str, depth: int) -> tuple[str, ...]:
        """A known tail whose head is no word itself but comes apart."""
        for i in range(_EDGE, len(word) - _EDGE + 1):
            tail = word[i:]
            if not self._count(tail):
                continue
            for link in _FALLBACK_LINKS:
                if link and not word[:i].endswith(link):
                    continue
                parts = self._split(word[: i - len(link)], depth - 1)
                if parts:
                    return (*parts, tail)
        return ()
