"""The log: what it said is safe comes back, whatever happened to the disk; what it did not say may or may not."""

from __future__ import annotations

import errno
import tempfile
import zlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.iot.core.store import log as log_
from nordlotse.iot.core.store import records as records_
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import START, Log, Place, read
from nordlotse.iot.core.store.records import HEAD, PLAIN, Damage, record, records
from tests.iot.core.store.faulty import Failing


def contents(folder: Path, since: Place = START) -> list[bytes]:
    return [bytes(entry.content) for entry in read(folder, since)]


def test_records_come_back_in_order_over_several_files(tmp_path: Path) -> None:
    log = Log(tmp_path, Disk(), roll=100)
    places = [log.append([[b"a" * 20, b"%d" % k]]) for k in range(10)]
    log.close()
    assert contents(tmp_path) == [b"a" * 20 + b"%d" % k for k in range(10)]
    assert contents(tmp_path, places[6]) == [b"a" * 20 + b"%d" % k for k in (7, 8, 9)]
    assert len(list(tmp_path.glob("*.log"))) > 2


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=50), min_size=1, max_size=8), st.data())
def test_a_torn_end_costs_only_the_record_it_tears(given_: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(map(record, given_))
    cut = data.draw(st.integers(0, len(whole)))
    found = [bytes(content) for _, _, content in records(whole[:cut])]
    ends = [sum(len(record(x)) for x in given_[: k + 1]) for k in range(len(given_))]
    assert found == given_[: sum(end <= cut for end in ends)]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=50), min_size=1, max_size=8), st.data())
def test_a_flipped_bit_costs_only_its_own_record_and_is_told(given_: list[bytes], data: st.DataObject) -> None:
    whole = bytearray(b"".join(map(record, given_)))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= 1 << data.draw(st.integers(0, 7))
    damages: list[Damage] = []
    found = [bytes(content) for _, _, content in records(bytes(whole), 0, damages)]
    ends = [sum(len(record(x)) for x in given_[: k + 1]) for k in range(len(given_))]
    hit = sum(end <= place for end in ends)
    assert found == given_[:hit] + given_[hit + 1 :]
    assert len(damages) == 1


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.binary(min_size=1, max_size=50), min_size=1, max_size=12),
    st.integers(1, 150),
    st.one_of(st.none(), st.integers(0, 900)),
    st.integers(0, 900),
)
def test_a_file_read_in_blocks_says_what_it_says_at_once(
    given_: list[bytes], block: int, flipped: int | None, cut: int
) -> None:
    data = bytearray(b"".join(map(record, given_)))
    if flipped is not None:
        data[flipped % len(data)] ^= 4
    del data[len(data) - cut % len(data) :]
    told: list[Damage] = []
    expected = [(at, end, bytes(content)) for at, end, content in records(bytes(data), 0, told)]
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_, "_BLOCK", block)
        log_.path_of(Path(name), 7).write_bytes(data)
        damages: list[tuple[int, Damage]] = []
        found = [(one.begin.offset, one.end.offset, bytes(one.content)) for one in read(Path(name), START, damages)]
    assert found == expected
    assert damages == [(7, one) for one in told]


@pytest.mark.parametrize(("what", "code"), [("write", errno.ENOSPC), ("write", errno.EIO), ("sync", errno.EIO)])
def test_a_failed_append_is_not_in_the_log_and_the_next_goes_on(tmp_path: Path, what: str, code: int) -> None:
    bad = {"on": False}
    log = Log(tmp_path, Failing(lambda step: bad["on"] and step == what, code))
    log.append([[b"first"]])
    bad["on"] = True
    with pytest.raises(OSError, match=r"."):
        log.append([[b"lost"], [b"lost too"]])
    bad["on"] = False
    log.append([[b"second"]])
    log.close()
    assert contents(tmp_path) == [b"first", b"second"]


def test_a_new_writer_never_writes_behind_a_torn_end(tmp_path: Path) -> None:
    log = Log(tmp_path, Disk())
    log.append([[b"safe"]])
    log.close()
    path = next(tmp_path.glob("*.log"))
    path.write_bytes(path.read_bytes() + record(b"torn")[:-2])
    log = Log(tmp_path, Disk())
    log.append([[b"after"]])
    log.close()
    assert contents(tmp_path) == [b"safe", b"after"]


def test_only_files_wholly_before_the_place_are_forgotten(tmp_path: Path) -> None:
    log = Log(tmp_path, Disk(), roll=60)
    places = [log.append([[b"%020d" % k]]) for k in range(6)]
    log.forget(places[3])
    assert contents(tmp_path, places[3]) == [b"%020d" % k for k in (4, 5)]
    assert len(contents(tmp_path)) < 6
    log.close()


@pytest.mark.parametrize("own", [True, False])
def test_a_record_in_a_content_is_taken_for_one_behind_damage_only_where_a_file_has_no_seal_of_its_own(
    tmp_path: Path, own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not own:
        monkeypatch.setattr(log_, "seal", lambda salt: PLAIN)
    log = Log(tmp_path, Disk())
    log.append([[b"before"]])
    log.append([[record(b"forged"), b"." * 1000]])
    log.close()
    path = next(tmp_path.glob("*.log"))
    path.write_bytes(path.read_bytes()[:-5])
    assert contents(tmp_path) == ([b"before"] if own else [b"before", b"forged"])


def test_each_file_has_its_own_seal_and_a_file_of_an_older_version_none(tmp_path: Path) -> None:
    log_.path_of(tmp_path, 1).write_bytes(record(b"old"))
    log = Log(tmp_path, Disk(), roll=20)
    for content in (b"a", b"b"):
        log.append([[content * 15]])
    log.close()
    assert contents(tmp_path) == [b"old", b"a" * 15, b"b" * 15]
    marks = {path.read_bytes()[:4] for path in tmp_path.glob("*.log") if path.stat().st_size}
    assert len(marks) == 3
    assert PLAIN.mark in marks


def test_a_length_that_is_right_leads_behind_a_spoilt_content_whatever_stands_in_it() -> None:
    spoilt = bytearray(record(record(b"forged"), b"." * 50))
    spoilt[-1] ^= 1
    assert [bytes(one) for _, _, one in records(bytes(spoilt) + record(b"next"))] == [b"next"]


@pytest.mark.parametrize("bounded", [True, False])
def test_heads_of_no_record_keep_nobody_busy_behind_damage(bounded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0
    check = zlib.crc32

    def counting(data: bytes | memoryview, value: int = 0) -> int:
        nonlocal looked
        looked += len(data)
        return check(data, value)

    data = PLAIN.mark + HEAD.pack(PLAIN.mark, 200_000, 0) * 1000 + b"." * 300_000
    if not bounded:
        monkeypatch.setattr(records_, "_EFFORT", 10**9)
    monkeypatch.setattr(records_, "zlib", SimpleNamespace(crc32=counting))
    damages: list[Damage] = []
    assert list(records(data, 0, damages)) == []
    assert (looked < 10 * len(data)) == bounded
    assert damages == [Damage(0, len(data), bounded)]  # what was given up is told
