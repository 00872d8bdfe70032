"""docs/iot-oee.md says what the program does: its examples run, its flags are those of the code."""

from __future__ import annotations

import json
import re

import pytest

from nordlotse.iot.core.oee.answer import answer
from nordlotse.iot.core.oee.catalogue import catalogue
from nordlotse.iot.core.oee.document import read_document
from nordlotse.iot.core.states.values import State
from tests.conftest import ROOT

DOC = (ROOT / "docs" / "iot-oee.md").read_text("utf-8")
CODE = "".join(
    path.read_text("utf-8")
    for folder in ("oee", "states")
    for path in sorted((ROOT / "src/nordlotse/iot/core" / folder).glob("*.py"))
    if path.name != "counters.py"  # a file holds counts, no readings of a counter
)


@pytest.mark.parametrize("example", re.findall(r"```json\n(.*?)```", DOC, flags=re.DOTALL))
def test_the_examples_of_the_page_run_without_a_contradiction(example: str) -> None:
    found = answer(read_document(example.encode(), "example.json"))
    assert found["consistent"] and found["key_figures"]["oee"]["value"] > 0
    assert {"consistent", "key_figures", "items", "machines", "total", "trend", "flags", "source"} == set(found)
    json.dumps(found, allow_nan=False)


def test_every_flag_the_page_names_is_in_the_code() -> None:
    section = DOC.partition("## Flags")[2].partition("## States")[0]
    named = set(re.findall(r"`([a-z0-9_]+)`", section)) - {"counts_differ"}
    assert len(named) > 35 and [code for code in named if f'"{code}"' not in CODE] == []


def test_every_flag_of_the_key_figures_is_on_the_page() -> None:
    made = set(re.findall(r'(?:Flag|_flag)\(\s*"([a-z0-9_]+)"', CODE)) | set(
        re.findall(r', "([a-z_]+_over_[a-z_]+)", "', CODE)
    )
    assert sorted(code for code in made if f"`{code}`" not in DOC) == []


@pytest.mark.parametrize("element", catalogue().elements)
def test_every_element_is_on_the_page(element: str) -> None:
    assert f"`{element}`" in DOC


@pytest.mark.parametrize("state", list(State))
def test_every_state_is_on_the_page(state: State) -> None:
    assert f"`{state.value}`" in DOC
