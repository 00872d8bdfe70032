"""The child that computes on strangers' bytes: what it may use inside one question, and how it ends when it takes more."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from nordlotse.foundation.child import Child, Fence, Reply, bounded
from nordlotse.foundation.problem import NotAvailable

_PROBE = """
from nordlotse.foundation.child import bounded

def answer(blocks):
    try:
        with bounded(0.3, 100 * 2**20):
            if blocks[0] == b"busy":
                sum(range(10**12))  # compiled code: no exception gets in
            if blocks[0] == b"large":
                bytearray(400 * 2**20)
    except MemoryError:
        return (b"no memory",)
    if blocks[0] == b"later":
        sum(range(6 * 10**7))
        bytearray(400 * 2**20)
    return (b"done", *blocks)

def started():
    global calls
    calls = 1

def told(blocks):
    return (str(calls).encode(),)
"""


@pytest.fixture
def child(tmp_path: Path) -> Child:
    (tmp_path / "nordlotse_bound.py").write_text(_PROBE, encoding="utf-8")
    return Child("nordlotse_bound:answer", Fence(8 * 1024**3), paths=(str(tmp_path),))


def test_compiled_code_that_takes_too_long_ends_the_child_and_the_next_question_gets_a_new_one(child: Child) -> None:
    child.start()
    first, begun = child.process, time.monotonic()
    assert child.ask((b"busy",), seconds=30.0) == Reply(None, "crash")
    assert time.monotonic() - begun < 10.0
    assert child.ask((b"a", b"b"), seconds=30.0).blocks == [b"done", b"a", b"b"]
    assert child.process != first
    child.close()


def test_memory_beyond_the_bound_is_refused_inside_it_and_given_after_it(child: Child) -> None:
    assert child.ask((b"large",), seconds=30.0).blocks == [b"no memory"]
    assert child.ask((b"later",), seconds=30.0).blocks == [b"done", b"later"]
    child.close()


def test_outside_of_a_child_nothing_is_bounded() -> None:
    with bounded(1e-3, 1):
        assert sum(range(10**6)) and bytearray(50 * 2**20)


def test_what_is_to_be_called_at_the_start_is_called_and_what_is_missing_is_told(child: Child) -> None:
    called = Child("nordlotse_bound:told", child.fence, ("nordlotse_bound:started()",), child.paths)
    assert called.ask((b"",), seconds=30.0).blocks == [b"1"]
    called.close()
    with pytest.raises(NotAvailable, match="nothing_there"):
        Child("nordlotse_bound:told", child.fence, ("nordlotse_bound:nothing_there",), child.paths).start()


def test_a_child_that_grows_too_much_is_killed_for_its_memory(tmp_path: Path) -> None:
    (tmp_path / "nordlotse_grows.py").write_text(
        "def answer(blocks):\n    held = []\n    while True: held.append(bytes(10**6) + b'x')\n"
    )
    child = Child("nordlotse_grows:answer", Fence(8 * 1024**3), paths=(str(tmp_path),))
    assert child.ask((b"",), seconds=30.0, memory=200 * 2**20) == Reply(None, "memory")
    assert child.process is None
