"""What a payload may be: lists, columns, quality, and the moment of sending."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest

from nordlotse.iot.core.decoding import Refused, decode
from nordlotse.iot.core.mapping import Routes, Rule
from nordlotse.iot.core.values import Block, Kind, Quality, Series, Why

ARRIVED = 1_780_000_000_000_000
MS = ARRIVED // 1000


def given(series: Series, arrived: int, count: int) -> int:
    return arrived


def decoded(topic: str, *payloads: Any) -> tuple[list[Block], list[Refused]]:
    raw = [one if isinstance(one, bytes) else orjson.dumps(one) for one in payloads]
    arrived = np.full(len(raw), ARRIVED, np.int64)
    return decode("c", topic.encode(), Routes().of(topic.encode()), raw, arrived, given)


def rows(blocks: list[Block]) -> list[tuple[str, int, float, int]]:
    return [
        (one.series.signal, time, value, quality)
        for one in blocks
        for time, value, quality in zip(one.time.tolist(), one.value.tolist(), one.quality.tolist(), strict=True)
    ]


def test_columns_are_values_with_a_time_each() -> None:
    blocks, refused = decoded("M/s", {"value": [1, 2.5], "time": [MS, MS + 0.004]})
    assert not refused
    assert rows(blocks) == [("s", ARRIVED, 1.0, 0), ("s", ARRIVED + 4, 2.5, 0)]


def test_columns_of_texts_and_of_booleans_keep_their_kind() -> None:
    blocks, _ = decoded("M/s", {"value": ["an", "aus", "an"], "time": [MS, MS + 1, MS + 2]})
    assert [(one.kind, one.texts, one.value.tolist()) for one in blocks] == [(Kind.TEXT, ("an", "aus"), [0, 1, 0])]
    blocks, _ = decoded("M/s", {"value": [True, False], "time": ["2026-01-01T00:00:00Z", MS]})
    assert [(one.kind, one.value.tolist()) for one in blocks] == [(Kind.BOOLEAN, [1, 0])]


def test_a_list_of_objects_is_read_like_the_objects_one_by_one() -> None:
    blocks, _ = decoded("M/s", [{"value": 1, "time": MS}, {"value": 2, "time": MS + 1}])
    assert rows(blocks) == [("s", ARRIVED, 1.0, 0), ("s", ARRIVED + 1000, 2.0, 0)]
    blocks, _ = decoded("M", [{"a": 1, "b": True, "time": MS}, {"a": 2, "time": MS + 1}])
    assert rows(blocks) == [("a", ARRIVED, 1.0, 0), ("a", ARRIVED + 1000, 2.0, 0), ("b", ARRIVED, 1.0, 0)]


def test_a_payload_says_the_quality_of_its_values_and_unknown_words_mean_nothing() -> None:
    blocks, _ = decoded(
        "M/s", {"value": 1, "time": MS, "quality": "bad"}, {"value": 2, "time": MS + 1, "quality": "OK"}
    )
    assert [quality for *_, quality in rows(blocks)] == [Quality.BAD, 0]
    blocks, _ = decoded("M/s", {"value": [1, 2], "time": [MS, MS + 1], "quality": ["good", "uncertain"]})
    assert [quality for *_, quality in rows(blocks)] == [0, Quality.UNCERTAIN]
    blocks, _ = decoded("M/s", {"value": [1, 2], "time": [MS, MS + 1], "quality": "imported"})
    assert [quality for *_, quality in rows(blocks)] == [Quality.IMPORTED] * 2


def test_values_that_waited_for_their_sending_are_not_taken_for_those_of_a_broken_clock() -> None:
    week = 7 * 86_400_000
    for one in ({"value": 1, "time": MS - week}, {"value": [1], "time": [MS - week]}):
        assert rows(decoded("M/s", one)[0])[0][3] == Quality.CLOCK
        assert rows(decoded("M/s", {**one, "sent": MS - 2000})[0])[0][3] == 0
        # a sender whose own clock is wrong is not believed
        assert rows(decoded("M/s", {**one, "sent": MS - week})[0])[0][3] == Quality.CLOCK
    assert rows(decoded("M/s", {"value": [1], "time": [MS + 120_000], "sent": MS})[0])[0][3] == Quality.CLOCK


def test_columns_between_single_values_keep_the_order_of_their_coming() -> None:
    blocks, _ = decoded("M/s", {"value": True, "time": MS}, {"value": [2, 3], "time": [MS, MS + 1]}, b"4")
    assert [value for _, _, value, _ in rows(blocks)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        ({"value": [1, 2], "time": [MS]}, Why.BAD_TIME),
        ({"value": [1, 2]}, Why.BAD_TIME),
        ({"value": [1, 2], "time": MS}, Why.BAD_TIME),
        ({"value": [1], "time": ["gestern"]}, Why.BAD_TIME),
        ({"value": [1], "time": [10**18]}, Why.BAD_TIME),
        ({"value": [1], "time": [None]}, Why.BAD_TIME),
        ({"value": [1, "a"], "time": [MS, MS]}, Why.NO_VALUE),
        ({"value": [], "time": []}, Why.NO_VALUE),
        ({"value": [None], "time": [MS]}, Why.NO_VALUE),
        ({"value": ["x" * 300], "time": [MS]}, Why.TOO_LONG),
        ([], Why.NO_VALUE),
        ([1, 2], Why.NO_VALUE),
        ([{"value": 1}, {"val": 2}], Why.NO_VALUE),
        ({"value": 1, "time": MS, "sent": "gestern"}, Why.BAD_TIME),
    ],
)
def test_what_nobody_can_read_is_refused_whole(payload: Any, why: Why) -> None:
    blocks, refused = decoded("M/s", payload)
    assert (blocks, [one.why for one in refused]) == ([], [why])


@pytest.mark.parametrize("text", ["läuft", "ON", "Fehler 12: Tür offen", "50 %"])
def test_a_plain_text_needs_no_quotation_marks(text: str) -> None:
    blocks, refused = decode(
        "c", b"M/s", Routes().of(b"M/s"), [text.encode()], np.array([1], np.int64), lambda s, at, n: at
    )
    assert not refused and blocks[0].texts == (text,)


@pytest.mark.parametrize("text", ["hallo @@ {kaputt", "<xml>1</xml>", "a\tb", "--", "$1", 'er sagte "an"'])
def test_a_text_that_is_not_plain_waits_with_its_reason(text: str) -> None:
    blocks, refused = decode(
        "c", b"M/s", Routes().of(b"M/s"), [text.encode()], np.array([1], np.int64), lambda s, at, n: at
    )
    assert not blocks and [one.why for one in refused] == [Why.NOT_JSON]


@pytest.mark.parametrize(("value", "scale", "offset"), [(1e308, 10.0, 0.0), (1e308, 1.0, 1e308), (-1e308, 10.0, 0.0)])
def test_a_value_that_a_scale_or_offset_makes_infinite_is_refused_as_that(
    value: float, scale: float, offset: float
) -> None:
    routes = Routes([Rule("p", "M", "s", (), None, scale, offset)])
    arrived = np.full(2, ARRIVED, np.int64)
    blocks, refused = decode("c", b"p", routes.of(b"p"), [orjson.dumps(value), b"2"], arrived, given)
    assert [one.value.tolist() for one in blocks] == [[2 * scale + offset]]
    assert [one.why for one in refused] == [Why.NOT_FINITE]
