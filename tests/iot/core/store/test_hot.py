"""Blocks become bytes and come back; what is the same in all values, or in the signals of one table, stands there once."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np
import pytest

from nordlotse.iot.core.store import hot
from nordlotse.iot.core.store.log import Place
from nordlotse.iot.core.values import Block, Kind, Series

HERE = Place(3, 70)
FROM, ARRIVED = 1_700_000_000_000_000, 1_760_000_000_000_000


def block(n: int, signal: str = "s0", **other: object) -> Block:
    time = FROM + np.arange(n, dtype=np.int64) * 1_000_000
    made = Block(
        Series("local", "Säge", signal),
        Kind.NUMBER,
        time,
        np.arange(n, dtype=np.float64),
        np.full(n, 16, np.uint8),
        np.full(n, ARRIVED, np.int64),
    )
    return replace(made, **other)  # type: ignore[arg-type]


def assert_alike(found: Block, expected: Block) -> None:
    assert (found.series, found.kind, found.texts) == (expected.series, expected.kind, expected.texts)
    for name in ("time", "value", "quality", "arrived"):
        column, other = getattr(found, name), getattr(expected, name)
        assert column.dtype == other.dtype
        assert column.tolist() == other.tolist(), name


def several(n: int) -> list[Block]:
    """Return blocks that share all, some and nothing of their columns."""
    first = block(n)
    uneven = first.time + np.arange(n) % 3
    odd = np.full(n, 16, np.uint8)
    odd[n // 2 :] = 18
    one_late = first.arrived.copy()
    one_late[n // 2] += 1
    return [
        first,
        block(n, "s1", time=first.time),
        block(n, "s2"),
        block(n, "s3", time=uneven, quality=odd),
        block(n, "s4", time=uneven.copy(), arrived=one_late),
        block(n, "t", kind=Kind.TEXT, value=np.zeros(n), texts=("läuft",)),
        block(n + 1, "s5"),
        block(n, "s6", time=first.time[::-1]),
    ]


@pytest.mark.parametrize("n", [1, 63, 64, 1000])
def test_blocks_come_back_as_they_were(n: int) -> None:
    blocks = several(n)
    found = hot.unpacked(memoryview(hot.content(HERE, blocks)))
    assert found.until == HERE
    for one, expected in zip(found.blocks, blocks, strict=True):
        assert_alike(one, expected)


def test_what_was_read_is_packed_to_the_same_bytes_again() -> None:
    content = hot.content(HERE, several(500))
    assert hot.content(HERE, hot.unpacked(memoryview(content)).blocks) == content


def test_ten_signals_of_one_table_take_nine_bytes_a_value() -> None:
    time = block(10_000).time
    content = hot.content(HERE, [block(10_000, f"s{k}", time=time.copy()) for k in range(10)])
    assert len(content) / 100_000 < 9


def test_a_block_as_older_versions_wrote_it_is_read() -> None:
    expected = block(200)
    names = [name.encode() for name in expected.series]
    content = b"".join(
        [
            struct.pack("<QQI", *HERE, 1),
            struct.pack("<HHHBII", *map(len, names), 0, 200, 0),
            *names,
            expected.time.tobytes(),
            expected.value.tobytes(),
            expected.arrived.tobytes(),
            expected.quality.tobytes(),
        ]
    )
    assert len(content) > len(hot.content(HERE, [expected]))
    assert_alike(hot.unpacked(memoryview(content)).blocks[0], expected)


def test_whatever_is_cut_off_or_added_is_no_record() -> None:
    content = hot.content(HERE, [block(70), block(70, "s1"), block(3, "s2")])
    for cut in range(len(content)):
        with pytest.raises((ValueError, struct.error)):
            hot.unpacked(memoryview(content[:cut]))
    with pytest.raises(ValueError, match="behind"):
        hot.unpacked(memoryview(content + b"\0"))


def test_times_of_a_block_before_that_is_none_or_of_another_length_are_refused() -> None:
    shared = hot.content(HERE, [block(70), block(70, "s1")])
    second = shared.index(b"localS\xc3\xa4ges1") - struct.calcsize("<HHHBII")
    alone = struct.pack("<QQI", *HERE, 1) + shared[second:]
    with pytest.raises(ValueError, match="too early"):
        hot.unpacked(memoryview(alone))
    before = hot.content(HERE, [block(71)])
    with pytest.raises(ValueError, match="too early"):
        hot.unpacked(memoryview(struct.pack("<QQI", *HERE, 2) + before[20:] + shared[second:]))
