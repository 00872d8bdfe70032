"""Corrected values are found without unpacking a history that holds none."""

from __future__ import annotations

from pathlib import Path

import pytest

from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import Place
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.store.snapshot import Part, Snapshot
from nordlotse.iot.core.store.writer import Writer
from nordlotse.iot.core.values import Rows
from tests.iot.core.store.test_store import SAW, block


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> list[Part]:
    """Return the chunks that are unpacked."""
    found: list[Part] = []
    rows = Snapshot.rows

    def told(self: Snapshot, part: Part) -> Rows:
        found.append(part)
        return rows(self, part)

    monkeypatch.setattr(Snapshot, "rows", told)
    return found


def test_chunks_that_meet_no_other_are_not_unpacked(tmp_path: Path, unpacked: list[Part]) -> None:
    writer, reader = Writer(tmp_path, "c1", Disk()), Reader(tmp_path)
    for k in range(4):
        writer.add([block([10 * k, 10 * k + 5], [1.0, 2.0])], Place(1, k + 1))
        writer.flush(Place(1, k + 1))
    reader.look()
    unpacked.clear()
    assert not len(reader.older(SAW))
    assert unpacked == []
    writer.add([block([15, 30], [3.0, 3.0])], Place(1, 9))
    writer.flush(Place(1, 9))
    reader.look()
    unpacked.clear()
    assert (reader.older(SAW).time.tolist(), reader.older(SAW).value.tolist()) == ([15, 30], [2.0, 1.0])
    assert min(part.first for part in unpacked) == 10


def test_values_in_no_segment_yet_are_held_against_what_they_meet_alone(tmp_path: Path, unpacked: list[Part]) -> None:
    writer, reader = Writer(tmp_path, "c1", Disk()), Reader(tmp_path)
    for k in range(4):
        writer.add([block([10 * k, 10 * k + 5], [1.0, 2.0])], Place(1, k + 1))
        writer.flush(Place(1, k + 1))
    writer.add([block([25, 31], [7.0, 7.0])], Place(1, 9))
    reader.look()
    unpacked.clear()
    assert reader.older(SAW).value.tolist() == [2.0]
    assert sorted({part.first for part in unpacked}) == [20, 30]
