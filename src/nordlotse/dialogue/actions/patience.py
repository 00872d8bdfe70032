"""Waiting for a busy SQLite file: one process writes at a time, and a thousand people may press the same button."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection

T = TypeVar("T")

#: So long somebody waits for the file before the page says that it is busy.
LONGEST_SECONDS = 30.0

# SQLite lets waiting threads in by chance; in line, nobody of this process waits much longer than the others.
_line = threading.Lock()


def patiently(do: Callable[[], T]) -> T:
    """Run a transaction of its own, again while an SQLite file is busy. PostgreSQL needs none of this: its rows queue.

    `do` must be repeatable: what it did is undone when it fails. Inside another transaction it runs once, as part of that.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return do()
    until = 0.0
    while True:
        try:
            with _line:
                return do()
        except OperationalError as error:
            # The clock starts with the first refusal: standing in line is no failure.
            until = until or time.monotonic() + LONGEST_SECONDS
            if not any(word in str(error) for word in ("locked", "busy")) or time.monotonic() > until:
                raise
        time.sleep(random.uniform(0.01, 0.1))  # noqa: S311 - only to part the processes
