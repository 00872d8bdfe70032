"""A running intake of machine data for tests of pages: the real process on the tests' own data folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nordlotse.iot import memory
from tests.iot.process import Serve


@contextmanager
def intake() -> Iterator[Serve]:
    """Give the process that takes values in; its logins are required, as a test sends like a machine does."""
    folder = memory.folder()
    folder.mkdir(parents=True, exist_ok=True)
    made = Serve(folder, NORDLOTSE_IOT_AUTH="required")
    try:
        yield made
    finally:
        made.stop()
