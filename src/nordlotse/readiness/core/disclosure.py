"""What published groups give away together: the audit that runs before any figure of own participants is published.

A published cell tells the sum (mean times n) and the spread of its members. Whoever keeps every cell ever published can add and
subtract them as they like: what they can work out is exactly what lies in the linear span of the cells' membership vectors, over
all cells of all releases. A set of cells is safe if no combination of them, whatever its factors, is left with 1 to
`MINIMUM` - 1 members: then every figure that can be worked out is about at least `MINIMUM` companies. This covers a breakdown beside its
total, a cell recomputed after one company joined, left or changed its answers, and every chain of such steps.

The threshold follows the house rule: at least 3 cases as standard, more with fine detail (rules of statistical
confidentiality of the German Federal Employment Agency); we take 5. The difference attack is the reason to look at all releases together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

__all__ = ["MINIMUM", "Audit", "recoverable"]

#: A figure about fewer companies than this is not shown and must not be derivable.
MINIMUM = 5

#: Arithmetic of the audit is exact modulo this prime: ranks of matrices of 0 and 1 agree with those over the rationals unless it
#: divides all their largest minors.
_PRIME = 2_147_483_647

#: So many small groups of blocks are looked through one by one; beyond that the answer is "not safe".
_LOOKED_THROUGH = 50_000


class Audit:
    """Everything published so far, as sets of members; asks of each further set whether all of them together stay safe."""

    def __init__(self, published: Iterable[frozenset[str]] = (), minimum: int = MINIMUM) -> None:
        """Take in what is out already, safe or not: it cannot be taken back."""
        self._minimum = minimum
        self._sets: list[frozenset[str]] = []
        self._known: set[frozenset[str]] = set()
        self._signature: dict[str, int] = {}
        for members in published:
            self.add(members)

    def add(self, members: frozenset[str]) -> None:
        """Take in one more published set."""
        if not members or members in self._known:
            return
        bit = 1 << len(self._sets)
        for one in members:
            self._signature[one] = self._signature.get(one, 0) | bit
        self._sets.append(members)
        self._known.add(members)

    def allows(self, members: frozenset[str]) -> bool:
        """Tell whether this set may be published beside all the others."""
        if members in self._known or not members:
            return True
        bit = 1 << len(self._sets)
        signatures = dict(self._signature)
        for one in members:
            signatures[one] = signatures.get(one, 0) | bit
        return not _small_combination(Counter(signatures.values()), len(self._sets) + 1, self._minimum)


def recoverable(published: Sequence[frozenset[str]], minimum: int = MINIMUM) -> bool:
    """Tell whether some combination of the sets is about 1 to `minimum` - 1 members."""
    signature: dict[str, int] = {}
    for number, members in enumerate(published):
        for one in members:
            signature[one] = signature.get(one, 0) | 1 << number
    return _small_combination(Counter(signature.values()), len(published), minimum)


def _small_combination(blocks: Counter[int], sets: int, minimum: int) -> bool:
    """Tell whether the span holds a vector other than 0 that is 0 on all but fewer than `minimum` members.

    Members in the same sets form a block; a vector of the span has one value per block, so only blocks smaller than `minimum` matter.
    """
    small = {signature: n for signature, n in blocks.items() if n < minimum}
    if not small:
        return False
    order = [signature for signature in blocks if signature not in small] + list(small)
    matrix = np.array([[signature >> row & 1 for signature in order] for row in range(sets)], dtype=np.int64)
    reduced, pivots = _reduced(matrix)
    first = len(order) - len(small)
    rows = [row for row, pivot in enumerate(pivots) if pivot >= first]
    if not rows:
        return False
    within = reduced[rows, first:]
    sizes = [small[signature] for signature in order[first:]]
    return _light(within, [pivots[row] - first for row in rows], sizes, minimum)


def _reduced(matrix: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[int]]:
    """Return the reduced echelon form modulo the prime, and the column of each row's pivot."""
    left = matrix % _PRIME
    pivots: list[int] = []
    for column in range(left.shape[1]):
        row = len(pivots)
        below = np.flatnonzero(left[row:, column])
        if not below.size:
            continue
        chosen = row + int(below[0])
        left[[row, chosen]] = left[[chosen, row]]
        left[row] = left[row] * pow(int(left[row, column]), -1, _PRIME) % _PRIME
        factors = left[:, column].copy()
        factors[row] = 0
        touched = np.flatnonzero(factors)
        left[touched] = (left[touched] - factors[touched, None] * left[row][None, :] % _PRIME) % _PRIME
        pivots.append(column)
        if len(pivots) == left.shape[0]:
            break
    return left[: len(pivots)], pivots


def _light(rows: NDArray[np.int64], pivots: Sequence[int], sizes: Sequence[int], minimum: int) -> bool:
    """Tell whether the rows (in echelon form) span a vector whose blocks together have fewer than `minimum` members.

    Such a vector lies on at most `minimum` - 1 blocks; it exists on a choice of blocks exactly if the parity check's columns of these blocks
    are dependent.
    """
    free = [column for column in range(len(sizes)) if column not in set(pivots)]
    check = np.zeros((len(free), len(sizes)), dtype=np.int64)
    for number, column in enumerate(free):
        check[number, column] = 1
        for row, pivot in enumerate(pivots):
            check[number, pivot] = -rows[row, column] % _PRIME
    if sum(comb(len(sizes), k) for k in range(1, min(minimum, len(sizes) + 1))) > _LOOKED_THROUGH:
        return True
    for number in range(1, minimum):
        for chosen in combinations(range(len(sizes)), number):
            if sum(sizes[c] for c in chosen) < minimum and len(_reduced(check[:, chosen].copy())[1]) < number:
                return True
    return False
