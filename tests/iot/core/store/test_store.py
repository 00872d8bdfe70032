"""A store holds what was put in: beside a plain dictionary, through flushes, merges, reopening and stops at any point."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.foundation.problem import NotAvailable
from nordlotse.iot.core.store.buckets import edges
from nordlotse.iot.core.store.columns import MOST
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import Place
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.store.segment import Segment
from nordlotse.iot.core.store.writer import Writer
from nordlotse.iot.core.values import EARLIEST, LATEST, Block, Kind, Series
from tests.iot.core.store.faulty import Stopped, Stopping

SAW = Series("c1", "Säge", "Strom")


def block(times: list[int], values: list[float], series: Series = SAW, arrived: int = 0) -> Block:
    n = len(times)
    return Block(
        series,
        Kind.NUMBER,
        np.array(times, np.int64),
        np.array(values, np.float64),
        np.zeros(n, np.uint8),
        np.full(n, arrived, np.int64),
    )


class Plain:
    """The same store as a dictionary: newest value by time, corrected ones and duplicates counted."""

    def __init__(self) -> None:
        self.value: dict[int, float] = {}
        self.older: list[tuple[int, float]] = []
        self.duplicates = 0

    def add(self, times: list[int], values: list[float]) -> None:
        for time, value in zip(times, values, strict=True):
            if time in self.value:
                if self.value[time] == value:
                    self.duplicates += 1
                    continue
                self.older.append((time, self.value[time]))
            self.value[time] = value


_PIECE = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 3)), min_size=1, max_size=30)
_STEPS = st.lists(st.one_of(_PIECE, st.sampled_from(["flush", "merge", "reopen"])), max_size=14)


@settings(max_examples=150, deadline=None)
@given(_STEPS)
def test_values_read_are_those_a_dictionary_holds(steps: list[object]) -> None:
    plain = Plain()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        writer, reader = Writer(folder, "c1", Disk()), Reader(folder)
        for at, step in enumerate(steps, 1):
            if isinstance(step, list):
                times, values = [t for t, _ in step], [float(v) for _, v in step]
                writer.add([block(times, values)], Place(1, at))
                plain.add(times, values)
            elif step == "merge":
                writer.merge(fresh=1)
            else:
                writer.flush(Place(1, at))
                if step == "reopen":
                    writer.close()
                    writer = Writer(folder, "c1", Disk())
        reader.look()
        rows = reader.rows(SAW)
        assert dict(zip(rows.time.tolist(), rows.value.tolist(), strict=True)) == plain.value
        assert len(rows) == len(plain.value) == reader.count(SAW)
        older = reader.older(SAW)
        assert sorted(zip(older.time.tolist(), older.value.tolist(), strict=True)) == sorted(plain.older)
        latest = reader.latest(SAW)
        assert latest.value.tolist() == [plain.value[t] for t in sorted(plain.value)[-1:]]
        writer.flush(Place(9, 9))
        assert sum(writer.manifest.duplicates.values()) == plain.duplicates
        writer.close()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 5_000_000), min_size=1, max_size=2500, unique=True),
    st.integers(0, 4_000_000),
    st.integers(1, 5_000_000),
    st.integers(1, 40),
    st.booleans(),
)
def test_buckets_equal_those_counted_value_by_value(
    times: list[int], begin: int, span: int, count: int, flushed: bool
) -> None:
    times.sort()
    values = [float(t % 97) - 40.0 for t in times]
    with tempfile.TemporaryDirectory() as name:
        writer, reader = Writer(Path(name), "c1", Disk()), Reader(Path(name))
        half = len(times) // 2
        for part in (slice(0, half), slice(half, None)):
            if times[part]:
                writer.add([block(times[part], values[part])], Place(1, 1))
                if flushed:
                    writer.flush(Place(1, 1))
        reader.look()
        found = reader.buckets(SAW, begin, begin + span, count)
        borders = [begin + span * k // count for k in range(count + 1)]
        for k in range(count):
            inside = [v for t, v in zip(times, values, strict=True) if borders[k] <= t < borders[k + 1]]
            assert found.count[k] == len(inside)
            if inside:
                assert (found.least[k], found.most[k]) == (min(inside), max(inside))
                assert found.total[k] == pytest.approx(sum(inside))
            else:
                assert np.isnan(found.least[k])
        writer.close()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 900), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(-500, 9000), st.integers(1, 9000), st.integers(1, 400)), min_size=2, max_size=8),
    st.integers(0, 3),
)
def test_a_chart_shifted_again_and_again_stays_exact(
    sizes: list[int], looks: list[tuple[int, int, int]], corrected: int
) -> None:
    rng = np.random.default_rng(sum(sizes))
    with tempfile.TemporaryDirectory() as name:
        writer, reader = Writer(Path(name), "c1", Disk()), Reader(Path(name))
        held: dict[int, float] = {}
        begin = 0
        for turn, size in enumerate(sizes):
            steps = rng.integers(1, 4, size) if turn % 2 else np.full(size, 2)
            times = (begin + np.cumsum(steps)).tolist()
            begin = times[-1] + 5
            values = rng.integers(-50, 50, size).astype(float).tolist()
            held.update(zip(times, values, strict=True))
            writer.add([block(times, values)], Place(1, turn + 1))
            writer.flush(Place(1, turn + 1))
        for turn, (left, span, count) in enumerate(looks):
            if turn == len(looks) // 2:  # values that correct others come while the chart is looked at
                again = sorted(held)[:: max(1, len(held) // 4)][:corrected]
                if again:
                    held.update(dict.fromkeys(again, 99.0))
                    writer.add([block(again, [99.0] * len(again))], Place(2, 1))
            reader.look()
            found = reader.buckets(SAW, left, left + span, count)
            borders = [left + span * k // count for k in range(count + 1)]
            for k in range(count):
                inside = [v for t, v in held.items() if borders[k] <= t < borders[k + 1]]
                assert found.count[k] == len(inside)
                if inside:
                    assert (found.least[k], found.most[k], found.total[k]) == (min(inside), max(inside), sum(inside))
        writer.close()


def test_borders_are_exact_also_where_stretches_times_their_number_go_beyond_64_bits() -> None:
    found = edges(EARLIEST, LATEST, 3001)
    assert found.tolist() == [EARLIEST + (LATEST - EARLIEST) * k // 3001 for k in range(3002)]


def test_a_new_manifest_opens_only_new_segments(tmp_path: Path) -> None:
    writer, reader = Writer(tmp_path, "c1", Disk()), Reader(tmp_path)
    for k in range(2):
        writer.add([block(list(range(1000 * k, 1000 * k + 600)), [1.0] * 600)], Place(1, k + 1))
        writer.flush(Place(1, k + 1))
        reader.look()
        assert reader.buckets(SAW, 0, 2000, 3).count.sum() == 600 * (k + 1)
        if not k:
            first = reader.snapshot.segment(1)
    assert reader.snapshot.segment(1) is first
    writer.close()


def test_a_segment_a_backup_put_in_the_place_of_another_is_opened_anew(tmp_path: Path) -> None:
    other, here = tmp_path / "other", tmp_path / "here"
    for folder, value in ((other, 2.0), (here, 1.0)):
        writer = Writer(folder, "c1", Disk())
        writer.add([block(list(range(600)), [value] * 600)], Place(1, 1))
        writer.flush(Place(1, 1))
        writer.close()
    reader = Reader(here)
    reader.look()
    assert reader.buckets(SAW, 0, 600, 7).total.sum() == 600.0
    (other / "00000001.seg").replace(here / "00000001.seg")
    Writer(here, "c1", Disk()).close()  # the next version of the manifest, as every start makes one
    reader.look()
    assert reader.buckets(SAW, 0, 600, 7).total.sum() == 1200.0


def test_numbers_and_texts_in_chunks_side_by_side_are_counted_in_one_bucket_and_only_numbers_summed(
    tmp_path: Path,
) -> None:
    writer, reader = Writer(tmp_path, "c1", Disk()), Reader(tmp_path)
    times = np.arange(0, 3000, 3, dtype=np.int64)
    zero = np.zeros(len(times), np.uint8)
    writer.add([block(times.tolist(), [1.0] * len(times))], Place(1, 1))
    writer.flush(Place(1, 1))
    writer.add([Block(SAW, Kind.TEXT, times + 3000, np.zeros(len(times)), zero, times, ("aus",))], Place(1, 2))
    writer.flush(Place(1, 2))
    writer.add([block((times * times // 3000 + 6000).tolist()[500:], [2.0] * 500)], Place(1, 3))
    writer.flush(Place(1, 3))
    reader.look()
    found = reader.buckets(SAW, -500, 9000, 19)
    assert found.count.sum() == 2500
    assert np.nansum(found.total) == 2000.0
    assert np.isnan(found.least[8])
    assert found.count[8] == 167
    across = reader.buckets(SAW, 2900, 3100, 1)
    assert (across.count.tolist(), across.total.tolist(), across.least.tolist()) == ([67], [33.0], [1.0])
    writer.close()


def test_equally_spaced_times_cost_no_space(tmp_path: Path) -> None:
    writer = Writer(tmp_path, "c1", Disk())
    n = 100_000
    writer.add([block([k * 1_000_000 for k in range(n)], [1.5] * n)], Place(1, 1))
    writer.flush(Place(1, 1))
    assert sum(path.stat().st_size for path in tmp_path.glob("*.seg")) < 0.25 * n
    writer.close()


@pytest.mark.parametrize("point", range(60))
def test_a_stop_at_any_point_of_flush_and_merge_loses_nothing_that_lay_in_segments(tmp_path: Path, point: int) -> None:
    writer = Writer(tmp_path, "c1", Disk())
    for k in range(4):
        writer.add([block([10 * k, 10 * k + 5], [float(k), 7.0])], Place(1, k + 1))
        writer.flush(Place(1, k + 1))
    writer.close()
    disk = Stopping(point)
    try:
        writer = Writer(tmp_path, "c1", disk)
        writer.add([block([100, 5], [9.0, 8.0])], Place(1, 9))
        writer.flush(Place(1, 9))
        writer.merge(fresh=2)
    except Stopped:
        pass
    again, reader = Writer(tmp_path, "c1", Disk()), Reader(tmp_path)
    reader.look()
    rows = reader.rows(SAW)
    first = {0: 0.0, 5: 7.0, 10: 1.0, 15: 7.0, 20: 2.0, 25: 7.0, 30: 3.0, 35: 7.0}
    found = dict(zip(rows.time.tolist(), rows.value.tolist(), strict=True))
    # either the flush is not worked in, and comes again out of the log, or it is, whole
    if again.manifest.worked == Place(1, 9):
        assert found == {**first, 5: 8.0, 100: 9.0}
    else:
        assert again.manifest.worked == Place(1, 4)
        assert found == first
    again.close()


def test_a_flipped_bit_in_a_segment_is_told_and_other_series_stay_readable(tmp_path: Path) -> None:
    other = Series("c1", "Presse", "Druck")
    writer = Writer(tmp_path, "c1", Disk())
    rng = np.random.default_rng(5)
    writer.add(
        [block(list(range(3000)), rng.normal(size=3000).tolist()), block([1, 2], [3.0, 4.0], other)], Place(1, 1)
    )
    writer.flush(Place(1, 1))
    writer.close()
    path = next(tmp_path.glob("*.seg"))
    data = bytearray(path.read_bytes())
    data[9000] ^= 4
    path.write_bytes(data)
    reader = Reader(tmp_path)
    reader.look()
    assert reader.rows(other).value.tolist() == [3.0, 4.0]
    with pytest.raises(NotAvailable) as caught:
        reader.rows(SAW)
    assert caught.value.code == "iot_damaged"
    assert reader.snapshot.segment(1).faults()


def test_a_flipped_bit_in_a_pyramid_is_told_also_where_its_values_were_read_before(tmp_path: Path) -> None:
    writer = Writer(tmp_path, "c1", Disk())
    writer.add([block(list(range(3000)), [float(k % 7) for k in range(3000)])], Place(1, 1))
    writer.flush(Place(1, 1))
    writer.close()
    path = next(tmp_path.glob("*.seg"))
    data = bytearray(path.read_bytes())
    index = Segment(path).index[0]
    data[int(index["begin"]) + int(index["length"]) + 20] ^= 1
    path.write_bytes(data)
    reader = Reader(tmp_path)
    reader.look()
    assert len(reader.rows(SAW)) == 3000
    with pytest.raises(NotAvailable) as caught:
        reader.buckets(SAW, 0, 3000, 7)
    assert caught.value.code == "iot_damaged"


def test_a_merge_reads_what_it_merges_and_not_the_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Writer(tmp_path, "c1", Disk())
    n = MOST
    for k in range(6):
        writer.add([block(list(range(n * k, n * k + n)), [1.0] * n)], Place(1, k + 1))
        writer.flush(Place(1, k + 1))
        writer.merge(fresh=2)
    read: set[tuple[str, int]] = set()
    chunk = Segment.chunk
    monkeypatch.setattr(
        Segment, "chunk", lambda self, number: read.add((self.path.name, number)) or chunk(self, number)
    )
    for k in range(6, 8):
        writer.add([block(list(range(n * k, n * k + n)), [1.0] * n)], Place(1, k + 1))
        writer.flush(Place(1, k + 1))
    assert writer.merge(fresh=2)
    assert len(read) == 2
    writer.close()


def test_texts_booleans_and_numbers_of_one_series_stay_what_they_are(tmp_path: Path) -> None:
    writer, reader = Writer(tmp_path, "c1", Disk()), Reader(tmp_path)
    time = np.array([1, 3], np.int64)
    zero = np.zeros(2, np.uint8)
    text = Block(SAW, Kind.TEXT, time, np.array([1.0, 0.0]), zero, time, ("aus", "läuft\0"))
    flag = Block(SAW, Kind.BOOLEAN, time + 1, np.array([1.0, 0.0]), zero, time)
    writer.add([text, flag, block([9], [2.5])], Place(1, 1))
    for flushed in (False, True):
        if flushed:
            writer.flush(Place(1, 1))
        reader.look()
        assert reader.rows(SAW).shown() == ["läuft\0", True, "aus", False, 2.5]
        assert reader.buckets(SAW, 0, 10, 1).count.tolist() == [5]
    writer.close()


def test_values_before_the_kept_period_no_longer_count(tmp_path: Path) -> None:
    writer, reader = Writer(tmp_path, "c1", Disk()), Reader(tmp_path)
    writer.add([block([1, 2, 3, 4], [1.0, 2.0, 3.0, 4.0])], Place(1, 1))
    writer.flush(Place(1, 1))
    writer.forget_before({0: 3})
    reader.look()
    assert reader.rows(SAW).time.tolist() == [3, 4]
    assert reader.buckets(SAW, 0, 10, 1).total.tolist() == [7.0]
    writer.forget_before({0: 9})
    reader.look()
    assert reader.count(SAW) == 0
    assert not list(tmp_path.glob("*.seg"))
    writer.close()


def test_opening_a_store_leaves_alone_what_a_page_is_just_keeping(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    folder.mkdir()
    for name in ("mapping.json.partial", "retention.json.partial", "manifest.partial"):
        (folder / name).write_bytes(b"half")
    Writer(folder, "c", Disk())
    assert {path.name for path in folder.glob("*.partial")} == {"mapping.json.partial", "retention.json.partial"}
