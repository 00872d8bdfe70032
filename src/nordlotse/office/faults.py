"""Named points at which a test kills the process: does nothing unless the variable NORDLOTSE_FAULT says so.

Only for tests and benchmarks. `NORDLOTSE_FAULT=mail-claimed:3` kills this process with SIGKILL when it comes by the point
`mail-claimed` for the third time; several points stand with commas between them. `NORDLOTSE_FAULT_HITS=FILE` writes the point's
name to a file first, so that somebody can count.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from pathlib import Path

_seen: Counter[str] = Counter()
_lock = threading.Lock()


def _wanted(point: str, value: str) -> int:
    """Return at which visit the process shall die at this point, 0 for never."""
    for entry in value.split(","):
        name, _, number = entry.strip().partition(":")
        if name == point:
            return int(number or "1")
    return 0


def reach(point: str) -> None:
    """Come by a named point between an effect and what makes it known."""
    value = os.environ.get("NORDLOTSE_FAULT")
    if not value:
        return
    with _lock:
        _seen[point] += 1
        if _seen[point] != _wanted(point, value):
            return
    hits = os.environ.get("NORDLOTSE_FAULT_HITS")
    if hits:
        with Path(hits).open("a", encoding="utf-8") as file:
            file.write(f"{point}\n")
    os.kill(os.getpid(), signal.SIGKILL)
