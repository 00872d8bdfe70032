"""The time that the room's pages take for now, as a test wants it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module

import pytest
from django.conf import settings

#: What tells the time, µs since 1970; modules hold it under this name.
TELLS = "microseconds"


def clocked(monkeypatch: pytest.MonkeyPatch, now: Callable[[], int]) -> None:
    """Let `now` tell all pages the time until the test ends.

    Every page is imported first: one that came later would hold the test's clock for good, and tests that follow would live on its day.
    """
    import_module(settings.ROOT_URLCONF)
    for name, module in list(sys.modules.items()):
        if name.startswith("nordlotse.iot.") and hasattr(module, TELLS):
            monkeypatch.setattr(module, TELLS, now)
