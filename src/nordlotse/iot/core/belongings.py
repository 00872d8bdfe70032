"""What lies in a company's folder about one machine besides its values: rules of the mapping, with their samples, and periods of retention."""

from __future__ import annotations

import fcntl
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nordlotse.iot.core import retention
from nordlotse.iot.core.store.disk import Disk, publish
from nordlotse.iot.core.stores import company_folder

_log = logging.getLogger("nordlotse.iot")

#: The file of a company's rules, in its folder.
RULES = "mapping.json"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one process after the other change rules below a data folder."""
    with (folder / "mapping.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def forget(folder: Path, company: str, machine: str) -> tuple[str, ...]:
    """Take away what lies in a company's folder about a machine, and return the topics of its rules.

    What cannot be read stays and is noted in the log of the program.

    Raises:
        OSError: the disk does not take the change.
    """
    own = company_folder(folder, company)
    if not own.is_dir():
        return ()
    with alone(folder):
        try:
            kept = json.loads((own / RULES).read_bytes())
            left = [one for one in kept if one.get("machine") != machine]
        except FileNotFoundError:
            kept = left = []
        except (OSError, ValueError, TypeError, AttributeError) as error:
            _log.error("event=iot_mapping_unreadable error=%s", type(error).__name__)
            kept = left = []
        if len(left) < len(kept):
            publish(Disk(), own / RULES, json.dumps(left, ensure_ascii=False).encode())
    wish = retention.periods(own)
    if wish is not None:
        others = {name: days for name, days in wish.signals.items() if not name.startswith(f"{machine}/")}
        if len(others) < len(wish.signals):
            retention.keep(own, retention.Periods(wish.days, others))
    return tuple(dict.fromkeys(str(one["topic"]) for one in kept if one not in left and "topic" in one))
