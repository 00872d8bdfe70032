"""Publications read all at once are those read one by one: what differs from the pile's form is never read there."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nordlotse.iot.core.decoding import decode, numbers
from nordlotse.iot.core.mapping import Routes
from nordlotse.iot.core.mqtt.frames import Publications, publications, written
from nordlotse.iot.core.piles import pile, topic_of
from nordlotse.iot.core.values import Series

SAW = Series("local", "a", "b")
_NUMBER = st.one_of(
    st.integers(-(2**60), 2**60).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["1e999", "-0", "01", "+1", "1 2", "1,2", "", " ", "NaN", "true", "null", '"x"', "{", "2]", "[2"]),
)
_TIME = st.one_of(st.integers(1_600_000_000_000, 1_800_000_000_000).map(str), _NUMBER)
_FORM = st.sampled_from(
    ['{"value":%s,"time":%s}', '{"value": %s, "time": %s}', '{"value":%s,"time":%s', '{"time":%s,"value":%s}']
)
_PAYLOAD = st.one_of(
    st.builds(lambda form, value, time: form % (value, time), _FORM, _NUMBER, _TIME),
    _NUMBER.map('{"value":%s}'.__mod__),
    _NUMBER,
    st.sampled_from(
        ['{"a":"}', '{","value":5}', '{"value":1,"value":2,"time":3}', '{"value":{"value":1}}', "\x002\x00\x03a/b"]
    ),
)
_ALIKE = st.lists(
    st.builds(lambda v, t: f'{{"value":{v},"time":{t}}}', st.integers(-99, 99), st.integers(10**12, 2 * 10**12))
)


def given_times() -> tuple[dict[str, int], object]:
    last = {"at": 0}

    def give(series: Series, arrived: int, count: int) -> int:
        begin = max(arrived, last["at"] + 1)
        last["at"] = begin + count - 1
        return begin

    return last, give


def one_by_one(frames: bytes, version: int) -> list[tuple[int, float, int]] | None:
    """Return time, value and quality as the slow way reads them; None where it refuses something."""
    found = Publications()
    at, _ = publications(frames, 0, version, found)
    if at != len(frames) or set(found.topics) != {b"a/b"}:
        return None
    arrived = np.full(len(found), 1_700_000_000_000_000)
    blocks, refused = decode("local", b"a/b", Routes().of(b"a/b"), found.payloads, arrived, given_times()[1])  # type: ignore[arg-type]
    if refused or any(block.kind for block in blocks):
        return None
    return [row for b in blocks for row in zip(b.time.tolist(), b.value.tolist(), b.quality.tolist(), strict=True)]


@settings(max_examples=600, deadline=None)
@given(
    st.one_of(st.lists(_PAYLOAD, min_size=1, max_size=6), _ALIKE.filter(bool)),
    st.sampled_from([0, 1]),
    st.sampled_from([4, 5]),
    st.booleans(),
)
@example(['{"a":"}', '{","value":5}'], 1, 4, False)
@example(["1,2", " "], 1, 4, False)
@example(['{"value":1,2,"time":3}', '{"value":,"time":3}'], 1, 4, False)
def test_a_pile_says_what_one_by_one_says_or_nothing(payloads: list[str], qos: int, version: int, odd: bool) -> None:
    pieces = []
    for number, payload in enumerate(payloads, 1):
        body = (b"\0" if version == 5 else b"") + payload.encode()
        packet_id = number.to_bytes(2, "big") if qos else b""
        pieces.append(written(b"a/b" if not odd or number < 3 else b"a/c", body, qos, packet_id))
    frames = b"".join(pieces)
    assert topic_of(frames) == b"a/b"
    found = pile(frames, b"a/b", version)
    if found is None:
        return
    assert found.begin.tolist() == np.cumsum([0, *map(len, pieces[:-1])]).tolist()
    arrived = np.full(len(payloads), 1_700_000_000_000_000)
    block = numbers(SAW, found.value, found.ms, arrived, given_times()[1])  # type: ignore[arg-type]
    slow = one_by_one(frames, version)
    if block is None:
        assert slow is None
        return
    assert list(zip(block.time.tolist(), block.value.tolist(), block.quality.tolist(), strict=True)) == slow


def test_publications_that_look_alike_are_read_at_once() -> None:
    for form in ('{"value":%d.25,"time":%d}', '{"value": %d.25, "time": %d}'):
        frames = b"".join(
            written(b"a/b", (form % (k, 10**12 + k)).encode(), 1, (k + 1).to_bytes(2, "big")) for k in range(500)
        )
        found = pile(frames, b"a/b", 4)
        assert found is not None
        assert found.value.tolist() == [k + 0.25 for k in range(500)]
        assert found.ms is not None
        assert found.ms.tolist() == [10**12 + k for k in range(500)]
