"""What other processes ask of the one that writes: a file for each wish in `requests`, gone when it is carried out."""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from nordlotse.iot.core.store.disk import Disk, publish
from nordlotse.iot.core.values import COMPANY

_log = logging.getLogger("nordlotse.iot")
_FOLDER = "requests"


@dataclass(frozen=True, slots=True)
class Order:
    """Remove a company with everything (`leave`), or a machine's signal, all of its signals with `signal` "" (`drop`).

    `topics`: filters of rules that led to the machine and are gone already; payloads of such topics that nobody could read go with it.

    Carrying one out twice does no more than once, so a crash in between is no harm.
    """

    do: Literal["leave", "drop"]
    company: str
    machine: str = ""
    signal: str = ""
    topics: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could never be carried out."""
        object.__setattr__(self, "topics", tuple(map(str, self.topics)))  # JSON knows only lists
        if (
            self.do not in ("leave", "drop")
            or not COMPANY.match(self.company)
            or (self.do == "drop") != bool(self.machine)
        ):
            raise ValueError("no order")


def ask(folder: Path, order: Order) -> Path:
    """Put an order where the writing process finds it within seconds, or when it next starts; return its file.

    Who deletes a company takes its logins away first, or its machines go on sending.
    """
    disk = Disk()
    disk.make_folder(folder / _FOLDER)
    path = folder / _FOLDER / f"{time.time_ns():020d}-{secrets.token_hex(4)}.json"
    publish(disk, path, json.dumps(asdict(order)).encode())
    return path


def waiting(folder: Path) -> Mapping[Path, Order]:
    """Return the orders that wait, oldest first; a file that is none is put aside."""
    found = {}
    for path in sorted((folder / _FOLDER).glob("*.json")):
        try:
            found[path] = Order(**json.loads(path.read_bytes()))
        except FileNotFoundError:
            continue
        except (ValueError, TypeError):
            _log.error("event=iot_order_unreadable")
            path.rename(path.with_suffix(".unreadable"))
    return found


def wait(path: Path, seconds: float) -> bool:
    """Return whether an order was carried out within so many seconds."""
    until = time.monotonic() + seconds
    while path.exists():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
