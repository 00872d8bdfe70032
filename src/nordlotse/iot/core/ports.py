"""What the room needs of a store of values, whatever keeps them: `embedded` is the store on this machine; an adapter to a database fits too.

tests/iot/core/test_store_contract.py says what every adapter must hold to.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from nordlotse.iot.core.values import Block, Buckets, Rows, Series


class Values(Protocol):
    """A company's values as they are at one moment. Times are int64 µs since 1970; `begin` counts, `end` does not."""

    def series(self) -> Sequence[Series]:
        """Return the series there are."""
        ...

    def rows(self, series: Series, begin: int = ..., end: int = ...) -> Rows:
        """Return the values that count, sorted by time, each time once: of several at a time the one that arrived last."""
        ...

    def older(self, series: Series, begin: int = ..., end: int = ...) -> Rows:
        """Return the values that newer ones corrected, sorted by time."""
        ...

    def count(self, series: Series) -> int:
        """Return how many values count."""
        ...

    def latest(self, series: Series) -> Rows:
        """Return the newest value by its time, none where there is none."""
        ...

    def buckets(self, series: Series, begin: int, end: int, count: int) -> Buckets:
        """Return least, most, sum and number in `count` stretches; border k = begin + ⌊(end − begin)·k/count⌋."""
        ...


class Store(Protocol):
    """Keeps values of companies. What `hand_in` has taken is never missing afterwards, whatever ends."""

    def hand_in(self, blocks: Sequence[Block], seconds: float = 10.0) -> None:
        """Make values of one company safe; they are, when it returns. The same value at the same time is kept once.

        Raises:
            BadInput: a block can not be kept; nothing is.
            NotAvailable: they are not safe. Handing them in again does no harm.
        """
        ...

    def looked(self, company: str) -> AbstractContextManager[Values]:
        """Give a company's values; everything handed in a second ago is among them. Takes no lock of who writes.

        Raises:
            NotAvailable: `iot_damaged`.
        """
        ...

    def leave(self, company: str) -> None:
        """Ask for a company's values to be removed; done within seconds while values are taken in, else at the next start."""
        ...

    def drop(self, company: str, machine: str, signal: str = "") -> None:
        """Ask for a signal's values to be removed, those of a whole machine with `signal` ""."""
        ...
