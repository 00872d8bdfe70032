"""What every store of values must hold to (`core.ports.Store`): the same tests over the embedded store and one in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.embedded import Embedded
from nordlotse.iot.core.ports import Store, Values
from nordlotse.iot.core.values import Block, Kind, Rows, Series
from tests.iot.core.in_memory import InMemory
from tests.iot.process import Serve

SAW = Series("mine", "Säge", "Strom")


@pytest.fixture(params=["embedded", "memory"], scope="module")
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Each adapter in turn."""
    if request.param == "memory":
        yield InMemory()
        return
    folder: Path = tmp_path_factory.mktemp("store") / "iot"
    folder.mkdir()
    running = Serve(folder)
    yield Embedded(folder)
    running.stop()


@pytest.fixture
def saw(request: pytest.FixtureRequest) -> Series:
    """A series of this test's own."""
    return Series("mine", f"m{abs(hash(request.node.nodeid)) % 10**9}", "Strom")


def block(
    series: Series, times: list[int], values: list[float], kind: Kind = Kind.NUMBER, texts: tuple[str, ...] = ()
) -> Block:
    count = len(times)
    return Block(
        series,
        kind,
        np.array(times, np.int64),
        np.array(values, np.float64),
        np.zeros(count, np.uint8),
        np.full(count, 9, np.int64),
        texts,
    )


def soon(store: Store, company: str, holds: Callable[[Values], bool]) -> bool:
    """Return whether something holds within seconds."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with store.looked(company) as values:
            if holds(values):
                return True
        time.sleep(0.1)
    return False


def shown(rows: Rows) -> list[tuple[int, object]]:
    return list(zip(rows.time.tolist(), rows.shown(), strict=True))


def test_what_was_handed_in_is_read_sorted_by_time(store: Store, saw: Series) -> None:
    store.hand_in([block(saw, [30, 10, 20], [3.0, 1.0, 2.0])])
    with store.looked("mine") as values:
        assert saw in values.series()
        assert shown(values.rows(saw)) == [(10, 1.0), (20, 2.0), (30, 3.0)]
        assert shown(values.rows(saw, 10, 30)) == [(10, 1.0), (20, 2.0)]
        assert values.count(saw) == 3
        assert shown(values.latest(saw)) == [(30, 3.0)]


def test_the_same_value_twice_is_one_and_another_one_corrects(store: Store, saw: Series) -> None:
    for value in (1.0, 1.0, 5.0):
        store.hand_in([block(saw, [10], [value])])
    with store.looked("mine") as values:
        assert shown(values.rows(saw)) == [(10, 5.0)]
        assert shown(values.older(saw)) == [(10, 1.0)]
        assert values.count(saw) == 1


def test_stretches_have_exact_borders(store: Store, saw: Series) -> None:
    store.hand_in([block(saw, list(range(0, 100, 10)), [float(n) for n in range(10)])])
    with store.looked("mine") as values:
        made = values.buckets(saw, 0, 100, 3)
        assert made.begin.tolist() == [0, 33, 66]
        assert made.count.tolist() == [4, 3, 3]
        assert made.least.tolist() == [0.0, 4.0, 7.0]
        assert made.most.tolist() == [3.0, 6.0, 9.0]
        assert made.total.tolist() == [6.0, 15.0, 24.0]


def test_booleans_and_texts_come_back_as_what_they_are(store: Store, saw: Series) -> None:
    text = saw._replace(signal="Programm")
    store.hand_in(
        [block(saw, [10], [1.0], Kind.BOOLEAN), block(text, [10, 20], [1.0, 0.0], Kind.TEXT, ("aus", "läuft"))]
    )
    with store.looked("mine") as values:
        assert shown(values.rows(saw)) == [(10, True)]
        assert shown(values.rows(text)) == [(10, "läuft"), (20, "aus")]


def test_of_a_hand_that_cannot_be_kept_nothing_is(store: Store, saw: Series) -> None:
    with pytest.raises(BadInput):
        store.hand_in([block(saw, [10], [1.0]), block(saw, [20], [np.inf])])
    with store.looked("mine") as values:
        assert values.count(saw) == 0


def test_nothing_is_known_of_what_never_came(store: Store) -> None:
    with store.looked("nobody") as values:
        assert list(values.series()) == []
        assert len(values.rows(SAW._replace(company="nobody"))) == 0
        assert len(values.latest(SAW._replace(company="nobody"))) == 0


def test_a_signal_dropped_is_gone_and_the_others_stay(store: Store, saw: Series) -> None:
    other = saw._replace(signal="Druck")
    store.hand_in([block(saw, [10], [1.0]), block(other, [10], [2.0])])
    store.drop("mine", saw.machine, saw.signal)
    assert soon(store, "mine", lambda values: values.count(saw) == 0)
    with store.looked("mine") as values:
        assert values.count(other) == 1


def test_of_a_company_that_leaves_nothing_stays(store: Store) -> None:
    theirs = Series("theirs", "Säge", "Strom")
    store.hand_in([block(theirs, [10], [1.0])])
    store.leave("theirs")
    assert soon(store, "theirs", lambda values: not list(values.series()))
