"""What tests of the core share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.iot.core.test_tail import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty log and stores in the test's folder."""
    made = World(tmp_path)
    yield made
    made.end()
