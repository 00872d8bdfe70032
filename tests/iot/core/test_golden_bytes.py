"""A store of the third version is what would be written today, byte for byte: a later change of a format does not pass unnoticed.

Who changes a format on purpose makes a store of the next version (`tests/iot/core/golden/make.py`) and holds that one here; `test_golden` goes on
reading the older ones. Columns are packed by pcodec: a new release of it that packs otherwise is told here too, and then to be looked at.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from nordlotse.iot.core import quarantine
from nordlotse.iot.core.store import log as logs
from nordlotse.iot.core.store import rollups
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.manifest import load, save
from nordlotse.iot.core.store.records import record
from nordlotse.iot.core.store.segment import Segment, write
from tests.iot.core.golden.make import answers
from tests.iot.core.test_golden import unpacked

STORE = Path(__file__).parent / "golden" / "store-3.tar.gz"


@pytest.fixture
def local(tmp_path: Path) -> Path:
    return unpacked(STORE, tmp_path / "golden")[0] / "companies" / "local"


def test_it_is_small() -> None:
    assert STORE.stat().st_size < 20_000


def test_every_value_is_read_with_the_same_bits(tmp_path: Path) -> None:
    folder, expected = unpacked(STORE, tmp_path)
    found = answers(folder)
    assert found.keys() == expected.keys()
    for name, one in expected.items():
        if name == "quarantine":
            assert found[name] == one
        else:
            assert (found[name]["rows"], found[name]["older"]) == (one["rows"], one["older"])


def test_files_of_the_log_have_a_seal_in_their_name_and_their_records_are_written_so_today(local: Path) -> None:
    folder = local.parents[1] / "log"
    sealed = [path for _, path in logs.files(folder) if path.stat().st_size]
    assert sealed
    for path in sealed:
        number, _, salt = path.stem.partition("-")
        assert (len(number), len(salt)) == (8, 16)
        seal = logs.seal(bytes.fromhex(salt))
        contents = [entry.content for entry in logs.read(folder) if entry.begin.file == int(number)]
        assert b"".join(record(content, sealed=seal) for content in contents) == path.read_bytes()


def test_manifest_and_twin_are_written_so_today(local: Path, tmp_path: Path) -> None:
    save(tmp_path, load(local), Disk())
    for name in ("manifest", "manifest.twin"):
        assert (tmp_path / name).read_bytes() == (local / name).read_bytes()


def test_the_quarantine_is_written_so_today(local: Path, tmp_path: Path) -> None:
    manifest = load(local)
    held = quarantine.held(local, manifest)
    assert held
    number, size = manifest.aside
    assert quarantine.add(tmp_path, manifest.after(aside=(number, 0)), held, Disk()) == (number, size)
    assert quarantine.path_of(tmp_path, number).read_bytes() == quarantine.path_of(local, number).read_bytes()[:size]


def test_segments_are_written_so_today(local: Path, tmp_path: Path) -> None:
    paths = sorted(local.glob("*.seg"))
    assert paths
    for path in paths:
        segment = Segment(path)
        chunks = [
            (int(row["series"]), segment.chunk(place).raw(), bool(row["corrected"]))
            for place, row in enumerate(segment.index)
        ]
        write(tmp_path / path.name, chunks, Disk())
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_hours_of_values_that_are_gone_are_there(local: Path) -> None:
    assert sum(int(one.count.sum()) for one in rollups.held(local, load(local).rolled).values()) > 0
