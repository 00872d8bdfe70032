"""Where the ingest listens just now, told to our other processes by a small file in the data folder."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

_FILE = "listening"


@dataclass(frozen=True, slots=True)
class Heard:
    """`state`: "on" (at `address`), "off" (no listener is wanted), "taken" (the address cannot be listened on; tried again), "ended" (no ingest)."""

    state: str
    address: str = ""
    tls: bool = False


def tell(folder: Path, now: Heard) -> None:
    """Write where the ingest listens; a folder that cannot be written leaves the older word."""
    partial = folder / f".{_FILE}-{os.getpid()}"
    try:
        told = {"state": now.state, "address": now.address, "tls": now.tls, "process": os.getpid()}
        partial.write_text(json.dumps(told), encoding="utf-8")
        partial.replace(folder / _FILE)
    except OSError:  # a full disk must not end the intake
        partial.unlink(missing_ok=True)


def heard(folder: Path) -> Heard:
    """Return what the ingest told last; "ended" where it never did, was killed, or nothing of it can be read."""
    try:
        told = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        with contextlib.suppress(PermissionError):  # another user's process lives
            os.kill(int(told["process"]), 0)
        return Heard(str(told["state"]), str(told["address"]), bool(told["tls"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Heard("ended")
