"""A store written by an older version of the program is read, worked in, and written on; so are those of today."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from nordlotse.iot.core import recovery
from nordlotse.iot.core.mqtt.sessions import Sessions, mark
from nordlotse.iot.core.store import segment
from nordlotse.iot.core.verifying import verify
from tests.iot.core.filling import told
from tests.iot.core.golden.make import answers
from tests.iot.core.test_tail import World, taken

STORES = sorted((Path(__file__).parent / "golden").glob("*.tar.gz"))


def unpacked(path: Path, folder: Path) -> tuple[Path, dict[str, Any]]:
    with tarfile.open(path) as packed:
        packed.extractall(folder, filter="data")
    return folder / "iot", json.loads((folder / "answers.json").read_text(encoding="utf-8"))


def alike(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Compare; sums to a billionth, for they may be added in another order."""
    if found.keys() != expected.keys():
        return False
    for name, one in expected.items():
        if name == "quarantine":
            continue
        *exact, total, counts = one["buckets"]
        if found[name]["rows"] != one["rows"] or found[name]["older"] != one["older"]:
            return False
        if found[name]["buckets"][:2] != exact or found[name]["buckets"][3] != counts:
            return False
        if found[name]["buckets"][2] != pytest.approx(total, rel=1e-9):
            return False
    return True


@pytest.mark.parametrize("path", STORES, ids=lambda path: path.name)
def test_a_store_of_that_version_is_read_worked_in_merged_with_new_values_and_proved_whole(
    path: Path, tmp_path: Path
) -> None:
    folder, expected = unpacked(path, tmp_path)
    assert alike(answers(folder), expected)
    world = World(folder)
    sessions = Sessions()
    found = recovery.recover(folder, world.stores, sessions, world.disk)
    assert found.damages == []
    press = sessions.of("local", "press")
    assert press.subscriptions == {"Ofen/#": 1}
    assert press.received.keys() == {3, 9}
    seen = mark(b"Ofen/Grad", b"1") if path.name == "store-3.tar.gz" else 123  # older files tell only the identifier
    assert press.holds(3, seen)
    assert press.taken.find(7, mark(b"Ofen/Grad", b"1"), -1) >= 0
    after = answers(folder)
    assert alike(after, expected)
    assert after["quarantine"][: len(expected["quarantine"])] == expected["quarantine"]
    assert [one[1] for one in after["quarantine"][len(expected["quarantine"]) :]] == ["nothing}"]
    world.commit(taken(700, 300))
    world.commit(told("Ofen/Grad", [b'{"value":-1,"time":1699999999999}']))
    world.stores.flush(world.log.end)
    assert world.stores.writer("local").merge(fresh=1)
    world.end()
    last = answers(folder)
    assert last["Säge/Strom"]["rows"][1] == [float(k) for k in range(1000)]
    assert len(last["Ofen/Grad"]["rows"][0]) == len(expected["Ofen/Grad"]["rows"][0]) + 1
    assert alike({name: one for name, one in last.items() if name.startswith("Säge/T")},
                 {name: one for name, one in expected.items() if name.startswith("Säge/T")})  # fmt: skip
    assert verify(folder).ok


def test_a_segment_of_a_version_we_do_not_know_is_told_and_not_guessed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = unpacked(STORES[0], tmp_path)
    monkeypatch.setattr(segment, "_PAGES", {b"NLseg\0\0\x09": 512})
    assert not verify(folder).ok
