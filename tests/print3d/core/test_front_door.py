"""What the core shows to the outside: these names, none of which a module can hide, and nothing heavy until it is asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nordlotse.print3d import core
from nordlotse.print3d.core import check_file, sample_bytes


@pytest.mark.parametrize("name", core.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(core, name).__class__.__name__ != "module"


def test_no_public_name_is_that_of_a_module() -> None:
    modules = {file.stem for file in Path(core.__file__).parent.glob("*.py")}
    assert not modules & set(core.__all__)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = core.nothing


def test_a_part_is_checked_through_the_front_door() -> None:
    found, loaded = check_file(sample_bytes("bracket"), "bracket.stl")
    assert found.facts.watertight and loaded.kind == "stl"


def test_the_door_itself_loads_no_field_library() -> None:
    code = "import sys, nordlotse.print3d.core; print({'numpy', 'scipy', 'trimesh', 'django'} & set(sys.modules))"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout.strip() == "set()"
