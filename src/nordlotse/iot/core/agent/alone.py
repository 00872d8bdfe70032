"""One process on a folder: a lock that Linux, macOS and Windows know and that ends with the process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from nordlotse.foundation.problem import NotAvailable


def alone(folder: Path) -> int:
    """Take a folder's lock and return its handle; closing it gives the lock back.

    Raises:
        NotAvailable: `iot_agent_running`: another process holds it.
    """
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(handle)
    except OSError as error:
        os.close(handle)
        raise NotAvailable(
            "iot_agent_running",
            de="Mit diesem Puffer läuft schon ein Agent.",
            en="An agent already runs with this buffer.",
            where=str(folder),
            remedy_de="Bitte ihn zuerst beenden, oder in der Konfiguration unter data einen anderen Ordner nennen.",
            remedy_en="Stop it first, or name another folder under data in the configuration.",
        ) from error
    return handle


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
