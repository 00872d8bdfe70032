"""The front door of the core: every public name leads somewhere, and none loads what it does not need."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nordlotse.readiness import core


@pytest.mark.parametrize("name", core.__all__)
def test_every_public_name_leads_to_a_thing_of_that_name(name: str) -> None:
    assert getattr(core, name).__name__ == name


def test_an_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        core.nothing  # noqa: B018 - reading it is the test


def test_no_public_name_is_hidden_by_a_module() -> None:
    from importlib import resources

    modules = {file.name.removesuffix(".py") for file in resources.files(core).iterdir()}
    assert not modules & set(core.__all__)


def test_a_value_is_had_without_loading_the_solver_or_the_web() -> None:
    code = (
        "import sys; from nordlotse.readiness.core import Pointer, MaturityModel, Score;"
        " print(sorted({'scipy', 'numpy', 'django', 'yaml'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
