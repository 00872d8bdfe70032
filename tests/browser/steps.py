"""What visitors do again and again."""

from __future__ import annotations

from playwright.sync_api import Page


def onward(page: Page) -> None:
    """Press “next” and wait for the page behind it: a click alone may return while the old page still stands."""
    with page.expect_navigation():
        page.click("button[value=next]")
