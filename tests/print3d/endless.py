"""A child that does not come back: it sleeps over every question, or dies over it. Runs in a process of its own."""

from __future__ import annotations

import os
import signal
import time
from typing import Any


def sleeping(blocks: list[bytes]) -> Any:
    """Never answer."""
    time.sleep(600)


def dying(blocks: list[bytes]) -> Any:
    """Die over every question, as over a file that crashes a library."""
    os.kill(os.getpid(), signal.SIGKILL)
