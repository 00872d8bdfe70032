"""What tests of this room's pages share."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from nordlotse.iot.actions import rules
from nordlotse.iot.actions.turnstile import turnstile
from nordlotse.iot.models import Hall
from tests.iot.intake import intake as running
from tests.iot.process import Serve


@pytest.fixture(scope="module")
def intake() -> Iterator[Serve]:
    """A running intake on the tests' data folder."""
    with running() as made:
        yield made


@pytest.fixture(autouse=True)
def nobody_came() -> Iterator[None]:
    """No test sees whose sandboxes there were in another."""
    turnstile.clear()
    yield
    turnstile.clear()


@pytest.fixture
def now() -> int:
    """The moment a test begins, µs since 1970."""
    return time.time_ns() // 1000


@pytest.fixture
def hall() -> Hall:
    """A trial hall without machines."""
    return Hall.objects.create(name="Halle 2")


@pytest.fixture
def rules_of_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule put now has held long before the values a test shows."""
    monkeypatch.setattr(rules, "began", lambda rule: None)
