"""Files that mean harm, broken off or altered: refused or read in time and memory, and the child that reads them can be killed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from bench.print3d.files import every_format, hostile, mutations, truncations
from bench.print3d.flaws import sound
from bench.print3d.hostile import ALLOWED, LIMITS, PRELOAD, READ, SECONDS, attempt

from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.repair import as_stl
from nordlotse.print3d.core.values import Loaded
from nordlotse.print3d.core.workshop import WorkLimits, Workshop

PART = sound(2)
FILES = every_format(PART)
HOSTILE = list(hostile(PART))


@pytest.fixture(scope="module")
def shop() -> Iterator[Workshop]:
    with Workshop(LIMITS, PRELOAD) as made:
        made.run(READ, FILES["part.step"], "warm.step", limits=WorkLimits(seconds=120))
        yield made


@pytest.mark.parametrize("file", HOSTILE, ids=[file.what for file in HOSTILE])
def test_a_file_that_means_harm_is_refused_quickly_and_without_memory(shop: Workshop, file: object) -> None:
    outcome, _, grown = attempt(shop, file.name, file.data)  # type: ignore[attr-defined]
    assert not file.codes or outcome in file.codes  # type: ignore[attr-defined]
    assert grown < ALLOWED


@pytest.mark.parametrize("name", FILES)
def test_cut_and_altered_files_are_refused_or_read(shop: Workshop, name: str) -> None:
    altered = [*truncations(FILES[name], 12, 3), *islice(mutations(FILES[name], 512, 4, every=20), 26)]
    for data in altered:
        outcome, _, grown = attempt(shop, name, data)
        assert not outcome.startswith("part_") or (name == "part.step" and outcome == "part_crash")
        assert grown < ALLOWED


@pytest.mark.long
@pytest.mark.parametrize("name", FILES)
def test_two_hundred_cuts_and_every_altered_byte_are_refused_or_read(shop: Workshop, name: str) -> None:
    for data in (*truncations(FILES[name], 200, 1), *mutations(FILES[name], 512, 2)):
        outcome, seconds, grown = attempt(shop, name, data)
        # an altered STEP file may ask for endless work: then the child ends over it, which is the refusal
        assert not outcome.startswith("part_") or (name == "part.step" and outcome == "part_crash")
        assert seconds < SECONDS
        assert grown < ALLOWED


def test_a_mesh_comes_back_from_the_child_as_it_was_read_there(shop: Workshop) -> None:
    found = shop.run(READ, as_stl(PART), "a.stl", unit="mm", limits=WorkLimits(seconds=60))
    assert isinstance(found, Loaded)
    assert found.mesh.faces.dtype == np.int32
    assert found.mesh.volume == pytest.approx(PART.volume, rel=1e-5)
    assert found.unit.unit.value == "mm"


def test_a_child_out_of_time_or_memory_is_killed_and_the_next_call_gets_a_new_one() -> None:
    big = np.zeros(20_000_000, np.uint8)
    corners = np.random.default_rng(1).uniform(0, 10, (90_000, 3))
    soup = Mesh(corners, np.arange(90_000, dtype=np.int32).reshape(-1, 3))
    with Workshop(WorkLimits(seconds=60)) as shop:
        shop.start()
        first = shop.child
        with pytest.raises(BadInput) as late:
            shop.run("nordlotse.print3d.core.intersections:crossings", soup, limits=WorkLimits(seconds=0.3))
        assert late.value.code == "part_time"
        assert not Path(f"/proc/{first}").exists()
        with pytest.raises(BadInput) as large:
            shop.run(
                "nordlotse.print3d.core.welding:weld",
                big.reshape(-1, 4).astype(np.float32),
                limits=WorkLimits(memory=10_000_000),
            )
        assert large.value.code == "part_memory"
        assert shop.run(READ, as_stl(PART), "a.stl").kind == "stl"
        last = shop.child
    assert not Path(f"/proc/{last}").exists()


def test_the_child_runs_nothing_but_this_room() -> None:
    with Workshop() as shop, pytest.raises(BadInput):
        shop.run("os:getcwd")
