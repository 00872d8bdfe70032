"""The buffer on the agent's disk: what is in it stays until the centre has it, whatever happens to process, disk and clock."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import orjson
import pytest

from nordlotse.foundation.problem import NotAvailable
from nordlotse.iot.core.agent.buffer import Buffer
from nordlotse.iot.core.agent.examples import example
from nordlotse.iot.core.agent.reading import Clock, NotKept, Reading, usable
from nordlotse.iot.core.agent.records import MOST, MOST_BYTES, of_readings, packed, publications, unpacked
from nordlotse.iot.core.mqtt.frames import MAX_PACKET
from nordlotse.iot.core.values import Quality
from nordlotse.iot.core.ways import ways
from tests.iot.core.store.faulty import Failing

NOW = 1_780_000_000_000_000


def readings(begin: int, end: int, signal: str = "Strom") -> list[Reading]:
    return [Reading("Säge", signal, k / 2, NOW + 1000 * k) for k in range(begin, end)]


def everything(buffer: Buffer) -> list[float]:
    place, found = buffer.sent, []
    while True:
        records, then = buffer.read(place, 100)
        if then == place:
            return found
        place = then
        found += [float(value) for rows in records for value in rows.data["value"]]


def test_what_was_put_is_there_after_a_process_that_never_closed(tmp_path: Path) -> None:
    first = Buffer(tmp_path, 10**6)
    for begin in range(0, 1000, 10):
        first.put([of_readings(readings(begin, begin + 10))])
    os.close(first._lock)  # as the system does when a process is killed
    second = Buffer(tmp_path, 10**6)
    assert second.waiting == 1000
    assert everything(second) == [k / 2 for k in range(1000)]
    records, place = second.read(second.sent, 250)
    second.forget(place, sum(map(len, records)))
    assert second.waiting == 750
    second.close()
    third = Buffer(tmp_path, 10**6)
    assert everything(third) == [k / 2 for k in range(250, 1000)]
    third.close()


def test_counts_outlive_a_process_that_never_closed_and_always_add_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nordlotse.iot.core.agent.buffer._NOTE", 1e9)
    first = Buffer(tmp_path, 10**9)
    first.put([of_readings(readings(0, 500)), of_readings(readings(500, 1000))])
    _, place = first.read(first.sent, 250)
    first.forget(place, 500)
    first.missed += 7
    first.note()
    assert (first.taken, first.passed, first.waiting, first.missed) == (1000, 500, 500, 7)
    _, place = first.read(first.sent, 250)
    first.forget(place, 500)  # acknowledged, and killed before that was noted
    os.close(first._lock)
    second = Buffer(tmp_path, 10**9)
    assert (second.taken, second.passed, second.waiting, second.missed) == (1000, 500, 500, 7), (
        "sent again, stored once"
    )
    second.close()


def test_a_torn_end_and_a_spoilt_record_cost_no_other_record(tmp_path: Path) -> None:
    first = Buffer(tmp_path, 10**6)
    for begin in range(0, 100, 10):
        first.put([of_readings(readings(begin, begin + 10))])
    os.close(first._lock)
    path = next((tmp_path / "log").glob("*.log"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content[:-5])
    second = Buffer(tmp_path, 10**6)
    assert len(everything(second)) == 80
    assert second.damages == 1
    second.close()


def test_a_full_buffer_takes_nothing_more_and_drops_nothing(tmp_path: Path) -> None:
    buffer = Buffer(tmp_path, 10_000)
    taken = 0
    with pytest.raises(NotKept):
        while True:
            buffer.put([of_readings(readings(taken, taken + 10))])
            taken += 10
    assert buffer.full or buffer.bytes_waiting > 9_000
    assert everything(buffer) == [k / 2 for k in range(taken)]  # the oldest are still there
    records, place = buffer.read(buffer.sent, 100)
    buffer.forget(place, sum(map(len, records)))
    buffer.put([of_readings(readings(taken, taken + 10))])  # room again
    assert everything(buffer)[-1] == (taken + 9) / 2
    buffer.close()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_fails_takes_nothing_and_resumes_by_itself(tmp_path: Path, code: int) -> None:
    failing = False
    buffer = Buffer(tmp_path, 10**6, Failing(lambda what: failing and what in ("write", "sync"), code))
    buffer.put([of_readings(readings(0, 10))])
    failing = True
    for _ in range(3):
        with pytest.raises(NotKept):
            buffer.put([of_readings(readings(10, 20))])
    failing = False
    buffer.put([of_readings(readings(20, 30))])
    assert everything(buffer) == [k / 2 for k in (*range(10), *range(20, 30))]
    assert buffer.waiting == 20
    buffer.close()


def test_space_is_given_back_when_the_centre_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nordlotse.iot.core.agent.buffer._ROLL", 5_000)
    buffer = Buffer(tmp_path, 10**6)
    for begin in range(0, 2000, 50):
        buffer.put([of_readings(readings(begin, begin + 50))])
    assert len(list((tmp_path / "log").glob("*.log"))) > 5
    buffer.forget(buffer.end, 2000)
    buffer.note()
    assert len(list((tmp_path / "log").glob("*.log"))) == 1
    assert (buffer.waiting, buffer.bytes_waiting) == (0, 0)
    buffer.close()


def test_a_second_agent_on_one_buffer_is_refused(tmp_path: Path) -> None:
    first = Buffer(tmp_path, 10**6)
    with pytest.raises(NotAvailable, match="iot_agent_running"):
        Buffer(tmp_path, 10**6)
    first.close()


def test_rows_come_back_as_they_were_put() -> None:
    held = [
        Reading("Säge", "Strom", 1.5, NOW),
        Reading("Säge", "Zustand", "läuft", NOW + 1, int(Quality.BAD)),
        Reading("Ofen", "an", True, NOW + 2),
        Reading("Säge", "Zustand", "aus", NOW + 3),
        Reading("Säge", "Strom", -0.25, NOW + 4, int(Quality.UNCERTAIN)),
    ]
    rows = unpacked(memoryview(packed(of_readings(held))))
    told = {topic: orjson.loads(payload) for topic, payload, _ in publications([rows, rows], NOW + 5)}
    ms = NOW / 1000
    assert told == {
        "Säge/Strom": {
            "value": [1.5, -0.25] * 2, "time": [ms, ms + 0.004] * 2, "quality": ["good", "uncertain"] * 2,
        },
        "Säge/Zustand": {
            "value": ["läuft", "aus"] * 2, "time": [ms + 0.001, ms + 0.003] * 2, "quality": ["bad", "good"] * 2,
        },
        "Ofen/an": {"value": [True, True], "time": [ms + 0.002] * 2},
    }  # fmt: skip


def test_a_single_value_is_a_plain_object_and_old_ones_say_when_they_were_sent() -> None:
    rows = of_readings(readings(0, 1))
    assert [payload for _, payload, _ in publications([rows], NOW)] == [b'{"value":0.0,"time":1780000000000}']
    (_, payload, _), *_ = publications([rows], NOW + 3_600_000_000)
    assert orjson.loads(payload)["sent"] == NOW // 1000 + 3_600_000
    many = of_readings(readings(0, MOST + 1))
    assert [count for _, _, count in publications([many], NOW)] == [MOST, 1]


def test_a_clock_that_is_set_back_never_gives_a_moment_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    walls = [100, 101, 102, 100, 101, 102, 50, 100, 101, 200]
    given: list[int] = []
    clock = Clock()
    for wall in walls:
        monkeypatch.setattr(time, "time_ns", lambda wall=wall: wall * 10**9)
        given.append(clock.now())
    assert len(set(given)) == len(given)
    assert [one // 1_000_000 for one in given] == walls  # what the system says now is believed
    monkeypatch.setattr(time, "time_ns", lambda: 100 * 10**9)
    assert Clock(clock.last).now() not in given  # also after a restart


@pytest.mark.parametrize(
    ("told", "kept"),
    [(1, 1.0), (True, True), ("an", "an"), (float("nan"), None), (float("inf"), None), (None, None), ([1], None), (10**400, None)],
)  # fmt: skip
def test_what_can_be_kept_of_what_a_machine_tells(told: object, kept: object) -> None:
    found = usable(told)
    assert found == kept and type(found) is type(kept)


def test_a_long_text_is_cut_at_a_whole_letter() -> None:
    found = usable("ä" * 200)
    assert isinstance(found, str) and len(found.encode()) == 256


def test_long_texts_are_parted_so_that_a_listener_takes_each_publication() -> None:
    rows = of_readings([Reading("M", "Meldung", f"{k:04d}" + "x" * 250, k * 1000) for k in range(1, 5001)])
    made = list(publications([rows], 0))
    assert max(len(payload) for _, payload, _ in made) <= MOST_BYTES < MAX_PACKET
    assert sum(count for _, _, count in made) == 5000
    assert [text for _, payload, _ in made for text in orjson.loads(payload)["value"]] == list(rows.texts)


@pytest.mark.parametrize("seconds", [1, 60])
def test_how_long_the_buffer_lasts_is_what_the_guides_and_the_sample_say(tmp_path: Path, seconds: int) -> None:
    # ten values a second, written together every so many seconds
    buffer = Buffer(tmp_path, 10**9)
    count = 120
    for begin in range(0, count, seconds):
        made = [
            one for k in range(10) for one in readings(begin * 1000, (begin + seconds) * 1000, f"Signal {k}")[::1000]
        ]
        buffer.put([of_readings(made)])
    assert buffer.waiting == 10 * count
    each = buffer.bytes_waiting / buffer.waiting
    buffer.close()
    weeks = 1_000_000_000 / (10 * each) / 604_800
    assert 20 <= each <= 50 and weeks >= 3
    told = "bis `buffer_mb` voll ist, in der Voreinstellung mindestens drei Wochen bei 10 Werten je Sekunde"
    docs = Path(__file__).parents[4] / "docs"
    assert told in (docs / "iot-agent.de.md").read_text("utf-8")
    english = (docs / "iot-agent.md").read_text("utf-8")
    assert "by default at least three weeks of 10 values a second" in english
    assert "reicht bei 10 Werten je Sekunde mindestens drei Wochen" in example("opcua")
    assert "eine Woche" not in "".join(way.lead.de for way in ways().ways)
