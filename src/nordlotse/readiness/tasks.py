"""What the worker does for the comparison: at most one release a day and model."""

from __future__ import annotations

import logging

from nordlotse.readiness.actions import releases

_log = logging.getLogger("nordlotse.worker")


def run() -> None:
    """Make the releases that are due."""
    if made := releases.tend():
        _log.info("event=readiness releases=%s", made)
