"""The log: what it said is safe comes back, whatever happened to the disk; what it did not say may or may not."""

from __future__ import annotations

import errno
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nordlotse.iot.core.store import log as log_
from nordlotse.iot.core.store import records as records_
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import START, Log, Place, read
from nordlotse.iot.core.store.records import HEAD, PLAIN, Damage, Seal, record, records, seal
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


#: Contents of any lengths, or of one: then a bit of a length may lead from one record to another.
CONTENTS = st.one_of(
    st.lists(st.binary(min_size=1, max_size=50), min_size=1, max_size=8),
    st.sampled_from([4, 20, 52]).flatmap(lambda size: st.lists(st.binary(min_size=size, max_size=size), min_size=3)),
)


@pytest.mark.parametrize("sealed", [PLAIN, seal(b"sealed..")])
@settings(max_examples=200, deadline=None)
@given(CONTENTS, st.integers(0), st.integers(0, 7))
@example([b"hit.", b"kept", b"last"], 4, 4)  # the length leads behind the second
@example([b"hit."] + [b"kept"] * 8, 4, 6)
@example([b"before", b"hit" * 17, b"kept" * 5, b"last" * 5], 22, 5)
def test_a_flipped_bit_costs_only_its_own_record_and_is_told(
    sealed: Seal, given_: list[bytes], place: int, bit: int
) -> None:
    whole = bytearray(b"".join(record(one, sealed=sealed) for one in given_))
    place %= len(whole)
    whole[place] ^= 1 << bit
    damages: list[Damage] = []
    found = [bytes(content) for _, _, content in records(bytes(whole), 0, damages, sealed)]
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


def made_to_match(record_of: Callable[[bytes], tuple[bytes, int]]) -> bytes:
    """Return a record whose beginning has a checksum as wanted: CRC-32 is linear, so eight bytes of the content can be solved for it."""
    base = record_of(bytes(8))[1]
    rows = [(record_of((1 << bit).to_bytes(8, "little"))[1] ^ base, 1 << bit) for bit in range(64)]
    wanted, chosen = base, 0
    for place in reversed(range(32)):
        pivot = next((row for row in rows if row[0] >> place & 1), None)
        if pivot is None:
            continue
        rows = [(a ^ pivot[0], b ^ pivot[1]) if a >> place & 1 else (a, b) for a, b in rows if (a, b) != pivot]
        if wanted >> place & 1:
            wanted, chosen = wanted ^ pivot[0], chosen ^ pivot[1]
    made, left = record_of(chosen.to_bytes(8, "little"))
    assert left == 0
    return made


@pytest.mark.parametrize("differs", [0, 1, 1 << 31])
def test_a_content_made_so_that_its_beginning_has_the_checksum_brings_no_record_of_its_own(differs: int) -> None:
    inside = record(b"forged".ljust(52)) * 2

    def trial(free: bytes) -> tuple[bytes, int]:
        begin = free.ljust(64, b".")
        made = record(begin + inside)
        short = int(HEAD.unpack_from(record(begin))[2])
        return made, int(HEAD.unpack_from(made)[2]) ^ short ^ differs

    made = made_to_match(trial)
    assert int(HEAD.unpack_from(made)[1]) == 64 + 128
    for place in [
        *range(4),
        *range(8, len(made)),
    ]:  # in the length one bit makes the shorter record whole, whoever reads it
        for bit in range(8):
            spoilt = bytearray(made)
            spoilt[place] ^= 1 << bit
            assert [bytes(one) for _, _, one in records(bytes(spoilt) + record(b"next"))] == [b"next"], (place, bit)


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
