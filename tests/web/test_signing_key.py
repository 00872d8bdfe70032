"""The key for single sign-on is made once, readable by its owner only."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from nordlotse.foundation.problem import NotAvailable
from nordlotse.web.backup import KEPT
from nordlotse.web.signing_key import BITS, signing_key


def test_the_first_call_makes_a_key_that_stays(tmp_path: Path) -> None:
    first = signing_key(tmp_path)
    signing_key.cache_clear()
    assert signing_key(tmp_path) == first
    assert load_pem_private_key(first.encode(), None).key_size == BITS  # type: ignore[union-attr]
    assert (tmp_path / "signing_key.pem").stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["signing_key.pem"]


def test_of_several_first_calls_at_once_all_read_the_same_key(tmp_path: Path) -> None:
    made: set[str] = set()
    threads = [threading.Thread(target=lambda: made.add(signing_key.__wrapped__(tmp_path))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotAvailable) as caught:
        signing_key(tmp_path / "missing")
    assert caught.value.code == "signing_key"


def test_the_key_goes_with_a_backup() -> None:
    assert "signing_key.pem" in KEPT
