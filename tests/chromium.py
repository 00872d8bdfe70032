"""The browser of the browser tests: the system's own, else one that Playwright has or fetches."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: So long may fetching it take, s.
_PATIENCE = 300


def chromium() -> str | None:
    """Return the path of an installed Chromium or Chrome; None where there is none."""
    installed = next((path for name in _NAMES if (path := shutil.which(name))), None)
    return installed or _fetched()


def fetch() -> bool:
    """See that there is a browser, let Playwright fetch one where there is none; return whether there is one now."""
    if chromium() is None:
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        try:
            subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            return False
    return chromium() is not None


def _fetched() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None
