"""A reader that crashes or hangs when a file says so; otherwise the real one."""

from __future__ import annotations

import os
import time
from typing import Any

from nordlotse.answers.core.documents.reading import read_as_dict


def read(name: str, data: bytes) -> dict[str, Any]:
    """Abort on CRASH, sleep on HANG."""
    if b"CRASH" in data:
        os.abort()
    if b"HANG" in data:
        time.sleep(60)
    return read_as_dict(name, data)
