"""One thread looks out for new values of a store: nobody who watches misses the newest, and nobody waits for a slow one."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from nordlotse.iot import lookout
from nordlotse.iot.core.store import hot
from tests.iot.written import Written

SECOND = 1_000_000


def within(seconds: float, true: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.01)
    return False


def threads() -> int:
    return sum(thread.name == "iot-lookout" for thread in threading.enumerate())


@pytest.fixture
def store() -> Written:
    return Written()


def test_whoever_watches_is_told_first_what_is_there_then_only_what_changed(store: Written) -> None:
    store.put("saege", "Strom", [1 * SECOND], [4.0])
    store.put("saege", "Teile", [1 * SECOND], [7.0])
    with lookout.watched(store.store) as looking:
        change, first = looking.since(0, 5)
        store.put("saege", "Strom", [2 * SECOND], [4.5])
        _, then = looking.since(change, 5)
    assert {key: one.value for key, one in first.items()} == {("saege", "Strom"): 4.0, ("saege", "Teile"): 7.0}
    assert {key: one.value for key, one in then.items()} == {("saege", "Strom"): 4.5}


def test_a_value_shown_just_before_the_file_is_begun_anew_is_not_missed(store: Written) -> None:
    store.put("saege", "Strom", [1 * SECOND], [1.0])
    with lookout.watched(store.store) as looking:
        looking.since(0, 5)
        for k in range(2, 12):
            store.put("saege", "Strom", [k * SECOND], [float(k)])
            store.flush()
        assert within(5, lambda: looking.newest()["saege", "Strom"].value == 11.0)


def test_what_lies_in_segments_only_is_told_too(store: Written) -> None:
    store.put("saege", "Strom", [1 * SECOND, 2 * SECOND], [1.0, 2.0])
    store.flush()
    with lookout.watched(store.store) as looking:
        assert looking.newest(5)["saege", "Strom"].value == 2.0


def test_a_late_value_does_not_take_the_place_of_a_newer_one(store: Written) -> None:
    store.put("saege", "Strom", [10 * SECOND], [10.0])
    with lookout.watched(store.store) as looking:
        change, _ = looking.since(0, 5)
        store.put("saege", "Strom", [3 * SECOND], [3.0])
        store.put("saege", "Takt", [1 * SECOND], [1.0])
        looking.since(change, 5)
        assert looking.newest()["saege", "Strom"].value == 10.0


def test_texts_and_switches_are_told_as_what_they_are(store: Written) -> None:
    store.put("ofen", "Programm", [1 * SECOND, 2 * SECOND], ["Wellen", "Federn"])
    store.put("ofen", "Tür", [1 * SECOND], [True])
    with lookout.watched(store.store) as looking:
        found = looking.newest(5)
    assert found["ofen", "Programm"].value == "Federn"
    assert found["ofen", "Tür"].value is True


def test_a_store_that_is_made_while_somebody_watches_is_seen() -> None:
    with lookout.watched("hnochnichtda0001") as looking:
        assert looking.newest(5) == {}
        Written("hnochnichtda0001").put("m", "s", [SECOND], [1.0])
        assert within(5, lambda: ("m", "s") in looking.newest())


def test_sixteen_watchers_share_one_thread_that_ends_when_they_have_gone(
    store: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookout, "LINGER_SECONDS", 0.05)
    assert within(10, lambda: threads() == 0)
    held = [lookout.watched(store.store) for _ in range(16)]
    seen = [one.__enter__() for one in held]
    assert len({id(one) for one in seen}) == 1
    assert threads() == 1
    for one in held:
        one.__exit__(None, None, None)
    assert within(5, lambda: threads() == 0)


def test_watchers_learn_that_a_store_was_deleted(store: Written) -> None:
    store.put("saege", "Strom", [SECOND], [1.0])
    with lookout.watched(store.store) as looking:
        looking.since(0, 5)
        shutil.rmtree(store.folder)
        assert within(5, lambda: looking.gone)


def test_an_error_of_the_disk_is_got_over(store: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookout, "_AGAIN_SECONDS", 0.05)
    store.put("saege", "Strom", [SECOND], [1.0])
    broken = True
    whole = hot.read

    def read(*given: Any) -> Any:
        if broken:
            raise OSError("no")
        return whole(*given)

    monkeypatch.setattr(hot, "read", read)
    with lookout.watched(store.store) as looking:
        looking.newest(1)
        broken = False
        assert within(5, lambda: ("saege", "Strom") in looking.newest())


def test_no_more_places_are_taken_than_there_are() -> None:
    places = lookout.Places(2)
    assert [places.take() for _ in range(3)] == [True, True, False]
    places.give_back()
    assert places.take()


def test_a_fault_nobody_thought_of_does_not_leave_the_pages_without_news_for_ever(
    store: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("saege", "Strom", [1 * SECOND], [1.0])
    whole, faults = hot.read, [KeyError("nobody thought of it")]

    def broken(*given: Any) -> Any:
        if faults:
            raise faults.pop()
        return whole(*given)

    monkeypatch.setattr(lookout, "_AGAIN_SECONDS", 0.1)
    monkeypatch.setattr("nordlotse.iot.lookout.hot.read", broken)
    with lookout.watched(store.store) as looking:
        assert within(5, lambda: not faults)
        store.put("saege", "Strom", [2 * SECOND], [2.0])
        assert within(5, lambda: looking.newest().get(("saege", "Strom"), None) is not None)
        assert within(5, lambda: looking.newest()["saege", "Strom"].value == 2.0)
