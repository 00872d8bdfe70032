"""Folders of CSV files: each file's values once and under the right machine, also where names come again."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from nordlotse.iot.core.agent import files
from nordlotse.iot.core.agent.buffer import Buffer
from nordlotse.iot.core.agent.config import Files
from nordlotse.iot.core.agent.files import FilesSource
from nordlotse.iot.core.agent.keeping import Keeper
from nordlotse.iot.core.agent.marks import Marks
from nordlotse.iot.core.agent.reading import Clock, State, Told

BEGIN = 1_700_000_000


def table(values: Iterable[int], begin: int = BEGIN) -> str:
    rows = "".join(f"{begin + k},{value}\n" for k, value in enumerate(values))
    return f"time,Strom\n{rows}"


def write(path: Path, text: str) -> None:
    """Write a file that has been quiet for a while."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    os.utime(path, (time.time() - 100,) * 2)


def taken(folder: Path, folders: dict[str, Path], seconds: float = 0.6) -> dict[str, list[float]]:
    """Read folders side by side for a moment, as one agent does; return the values of each machine, in order."""
    buffer = Buffer(folder / "buffer", 10**8)
    marks = Marks(folder / "marks.json")

    async def go() -> None:
        keeper = Keeper(buffer, Clock(), Told(State("")), 0.02)
        sources = [FilesSource(Files(place, machine, period=0.05), marks, folder) for machine, place in folders.items()]
        keeping = asyncio.create_task(keeper.run())
        tasks = [asyncio.create_task(one.run(keeper, State(""))) for one in sources]
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        keeper.end()
        await keeping

    asyncio.run(go())
    records, place = buffer.read(buffer.sent, 10**9)
    found: dict[str, list[float]] = {}
    for rows in records:
        for row in rows.data:
            found.setdefault(rows.names[int(row["name"])][0], []).append(float(row["value"]))
    buffer.forget(place, 0)
    buffer.close()
    return {machine: sorted(values) for machine, values in found.items()}


def test_two_folders_with_files_of_the_same_names_keep_their_values_apart(tmp_path: Path) -> None:
    for k in range(12):
        write(tmp_path / "a" / f"log{k}.csv", table(range(200), BEGIN + 200 * k))
        write(tmp_path / "b" / f"log{k}.csv", table(range(1000, 1200), BEGIN + 200 * k))
    found = taken(tmp_path, {"Presse": tmp_path / "a", "Ofen": tmp_path / "b"}, 2.5)
    assert found == {"Presse": sorted([*range(200)] * 12), "Ofen": sorted([*range(1000, 1200)] * 12)}
    assert not list(tmp_path.glob("piece-*"))


def test_a_new_file_under_the_old_name_is_taken_from_its_beginning_though_it_begins_alike(tmp_path: Path) -> None:
    folder = tmp_path / "csv"
    write(folder / "log.csv", table(range(300)))
    assert taken(tmp_path, {"Presse": folder})["Presse"] == [*range(300)]
    write(folder / "log.csv", table(range(5000, 5400), BEGIN + 10_000))
    assert taken(tmp_path, {"Presse": folder})["Presse"] == [*range(5000, 5400)]


def test_a_file_that_grew_while_the_agent_was_away_is_read_on(tmp_path: Path) -> None:
    folder = tmp_path / "csv"
    write(folder / "log.csv", table(range(300)))
    taken(tmp_path, {"Presse": folder})
    write(folder / "log.csv", table(range(400)))
    assert taken(tmp_path, {"Presse": folder})["Presse"] == [*range(300, 400)]


def test_a_copy_that_a_killed_agent_left_goes_at_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "piece-left.csv").write_text("x")
    FilesSource(Files(tmp_path, "Presse"), Marks(tmp_path / "marks.json"), tmp_path)
    assert not list(tmp_path.glob("piece-*"))


def test_the_protection_by_what_stands_before_the_place_is_what_finds_the_new_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The protection off: only the first line is looked at."""
    monkeypatch.setattr(files, "_sum", lambda file, end: 7)
    folder = tmp_path / "csv"
    write(folder / "log.csv", table(range(300)))
    taken(tmp_path, {"Presse": folder})
    write(folder / "log.csv", table(range(5000, 5400), BEGIN + 10_000))
    assert taken(tmp_path, {"Presse": folder}).get("Presse", []) != [*range(5000, 5400)]
