"""What the worker does for events, every minute."""

from __future__ import annotations

import logging

from nordlotse.dialogue.actions import chores, imports

_log = logging.getLogger("nordlotse.worker")


def run() -> None:
    """Remind, thank, let people move up, ask remote calendars, forget what is past its day."""
    done = {
        "reminders": chores.remind(),
        "thanks": chores.thank(),
        "moved_up": chores.settle(),
        "sources": imports.read_due(),
        "erased": chores.erase_expired(),
    }
    if any(done.values()):
        _log.info("event=dialogue %s", " ".join(f"{name}={number}" for name, number in done.items()))
