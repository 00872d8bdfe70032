"""Fixtures of the answers room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def small_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two small shipped texts in place of all, no encoders; gives the folder they lie in."""
    from nordlotse.answers.memory import memory
    from tests.answers.small_library import plug_in, write_texts

    folder = write_texts(tmp_path / "shipped")
    plug_in(folder, monkeypatch.setattr)
    yield folder
    monkeypatch.undo()
    memory.forget()
