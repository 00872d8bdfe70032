"""A lane of the worker for tests: one child for all of a module, as in production one for many parts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nordlotse.print3d import tasks
from nordlotse.print3d.actions.turnstile import turnstile


@pytest.fixture(scope="module")
def lane() -> Iterator[tasks.Lane]:
    """A lane for single parts; each test lets it do one work after the other."""
    made = tasks.Lane(tasks.PARTS)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def nobody_waits() -> Iterator[None]:
    """No test sees whose parts waited in another."""
    turnstile.clear()
    yield
    turnstile.clear()
