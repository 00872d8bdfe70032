"""The store on this machine: values go in through the gate of the one process that writes, and are read from its files. Fits `ports.Store`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nordlotse.iot.core import gate, orders, tail
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.values import Block


class Embedded:
    """The store below a data folder."""

    def __init__(self, folder: Path) -> None:
        """Take the data folder (`$NORDLOTSE_DATA_DIR/iot`)."""
        self.folder = folder

    def hand_in(self, blocks: Sequence[Block], seconds: float = 10.0) -> None:
        """Make values safe, as `ports.Store` says.

        Raises:
            BadInput, NotAvailable, TooMany: as `gate.hand_in`.
        """
        gate.hand_in(self.folder, blocks, seconds)

    @contextmanager
    def looked(self, company: str) -> Iterator[Reader]:
        """Give a company's values as they are now.

        Raises:
            NotAvailable: `iot_damaged`.
        """
        reader = tail.reader(self.folder, company, patience=0)
        reader.look()
        yield reader

    def leave(self, company: str) -> None:
        """Ask for a company's values to be removed."""
        orders.ask(self.folder, orders.Order("leave", company))

    def drop(self, company: str, machine: str, signal: str = "") -> None:
        """Ask for a machine's or one signal's values to be removed."""
        orders.ask(self.folder, orders.Order("drop", company, machine, signal))
