"""What published groups give away together: the rule that holds before any figure of own participants is published.

A published cell tells the sum (mean times n) and the spread of its members. Whoever keeps every cell ever published can add and
subtract them with any factors: what can be worked out lies in the linear span of the cells' membership vectors, over all cells
of all releases. Members that stand in exactly the same published sets form a block, and every vector of that span has one value per
block. So if every block has at least `MINIMUM` members, every figure that can be worked out at all is about at least
`MINIMUM` companies: a rest beside its total, a cell worked out anew after one company joined, left or changed its answers, and every
chain of such steps. Nobody's cleverness has to be foreseen, and the rule is quick however long the history.

The threshold follows the house rule: at least 3 cases as standard, more with fine detail (rules of statistical
confidentiality of the German Federal Employment Agency); we take 5.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable

__all__ = ["MINIMUM", "Published"]

#: A figure about fewer companies than this is not shown and must not be derivable.
MINIMUM = 5


class Published:
    """Everything published so far as sets of members, divided into blocks: who stood in exactly the same sets."""

    def __init__(self, sets: Iterable[frozenset[str]] = ()) -> None:
        """Take in what is out already: it cannot be taken back."""
        self._block: dict[str, int] = {}
        self._next = 1
        for members in sets:
            self.add(members)

    def blocks(self) -> dict[int, set[str]]:
        """Return the blocks of everybody ever published."""
        found: dict[int, set[str]] = defaultdict(set)
        for one, block in self._block.items():
            found[block].add(one)
        return dict(found)

    def add(self, members: frozenset[str]) -> None:
        """Take in one more published set: blocks that lie partly in it are divided."""
        divided: dict[int, int] = {}
        for one in members:
            old = self._block.get(one, 0)
            if old not in divided:
                divided[old] = self._next
                self._next += 1
            self._block[one] = divided[old]

    def allows(self, members: frozenset[str]) -> bool:
        """Tell whether this set may be published beside all the others: each part of each block is empty or large enough."""
        return self.safe_part(members, random.Random(0)) == members  # noqa: S311 - nothing is drawn where all is safe

    def safe_part(self, members: frozenset[str], lot: random.Random) -> frozenset[str]:
        """Return as many of these as may be published together beside everything that is out.

        Of each block at least `MINIMUM` or none are taken, and at least `MINIMUM` or none are left behind; who stays behind with
        too few others is drawn by `lot`. Of those never published at least `MINIMUM` are taken or none.
        """
        inside: dict[int, list[str]] = defaultdict(list)
        for one in sorted(members):
            inside[self._block.get(one, 0)].append(one)
        sizes = {number: len(found) for number, found in self.blocks().items()}
        taken: set[str] = set()
        for block, found in inside.items():
            left = sizes.get(block, len(found)) - len(found)
            need = MINIMUM - left if 0 < left < MINIMUM else 0
            if len(found) - need >= MINIMUM:
                taken.update(lot.sample(found, len(found) - need) if need else found)
        return frozenset(taken)
