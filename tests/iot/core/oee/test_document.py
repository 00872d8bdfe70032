"""The file of times and counts: what it may say, and how hostile ones are refused."""

from __future__ import annotations

import argparse
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as holds
from hypothesis import settings
from hypothesis import strategies as st

from nordlotse.foundation.problem import BadInput, Problem
from nordlotse.iot.cli_oee import add_commands
from nordlotse.iot.core.oee.answer import answer
from nordlotse.iot.core.oee.document import MAX_BYTES, read_document

GOOD: dict[str, Any] = {"unit": "min", "PBT": 480, "APT": 420, "PRI": 1, "PQ": 400, "GQ": 380}


def answered(document: object) -> dict[str, Any]:
    return answer(read_document(json.dumps(document).encode(), "a.json"))


def oee(document: object) -> float | None:
    value: float | None = answered(document)["key_figures"]["oee"]["shown"]
    return value


def refused(text: str | bytes) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read_document(text if isinstance(text, bytes) else text.encode(), "a.json")
    assert caught.value.message_de and caught.value.message_en and caught.value.where.startswith("a.json")
    return caught.value


@pytest.mark.parametrize(
    "same",
    [
        GOOD,
        [GOOD],
        {"items": [GOOD]},
        {"unit": "min", "times": {"PBT": 480, "APT": 420, "PRI": 1}, "counts": {"PQ": 400, "GQ": 380}},
        {"PBT": "8 h", "APT": "7:00", "PRI": "60 s", "PQ": 400, "GQ": 380},
        {
            "unit": "h",
            "planned_busy_time": 8,
            "run_time": 7,
            "ideal_cycle_time": "1,0 min",
            "total_count": 400,
            "good_count": 380,
        },
        {"unit": "s", "pbt": 28800, "apt": 25200, "PRU": 60, "PQ": 400, "SQ": 20},
        {
            "unit": "min",
            "POT": 510,
            "stops": [{"minutes": 30, "planned": True, "reason": "Pause"}, {"duration": 60}],
            "PRI": 1,
            "PQ": 400,
            "GQ": 380,
        },
        {
            "unit": "min",
            "PBT": 480,
            "APT": 420,
            "orders": [{"PRI": 1, "PQ": 150, "GQ": 140}, {"PRI": 1, "PQ": 250, "SQ": 10}],
        },
    ],
)
def test_the_same_shift_written_in_different_ways_gives_the_same_oee(same: object) -> None:
    assert oee(same) == 79.17


def test_machines_with_shifts_are_answered_one_by_one_and_as_sums() -> None:
    found = answered({"unit": "min", "machines": [
        {"machine": "Säge", "cost_per_hour": 60, "shifts": [{**GOOD, "shift": "früh"}, {**GOOD, "shift": "spät", "GQ": 200}]},
        {"machine": "Presse", **GOOD},
    ]})  # fmt: skip
    assert [(i["machine"], i["shift"]) for i in found["items"]] == [("Säge", "früh"), ("Säge", "spät"), ("Presse", "")]
    assert [m["key_figures"]["oee"]["exact"] for m in found["machines"]] == ["29/48", "19/24"]
    assert found["total"]["key_figures"]["oee"]["exact"] == "2/3"
    assert found["items"][0]["sentences"][0]["de"] == "„Säge“ stand 60 Minuten von 8 Stunden, das sind etwa 60 €."


def test_the_celver_file_is_answered_with_a_contradiction() -> None:
    celver = {"unit": "min", "PBT": 1200, "APT": 1140, "PRI": 1, "PQ": 1000, "GQ": 970,
              "claimed": {"A": 95, "P": 92.6, "Q": 97, "OEE": "85,3 %"}}  # fmt: skip
    found = answered(celver)
    assert found["consistent"] is False and found["key_figures"]["oee"]["shown"] == 80.83
    assert {flag["where"] for flag in found["flags"] if flag["code"] == "claim_differs"} == {"effectiveness", "oee"}


def test_a_file_without_unit_is_read_as_seconds_and_says_so() -> None:
    found = answered({k: v for k, v in GOOD.items() if k != "unit"})
    assert found["key_figures"]["oee"]["shown"] == 79.17
    assert "unit_assumed" in {flag["code"] for flag in found["flags"]}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "oee_not_json"),
        ("{", "oee_not_json"),
        (b"\xff\xfe{}", "oee_not_json"),
        ('{"PBT": NaN}', "oee_not_json"),
        ('{"PBT": -Infinity}', "oee_not_json"),
        ('{"PBT": 1, "PBT": 2}', "oee_not_json"),
        ("[" * 200_000, "oee_not_json"),
        ('{"PBT": ' + "9" * 6000 + "}", "oee_not_json"),
        ('{"PBT": 1e999999999}', "oee_value"),
        ('{"PBT": 1e-999999999}', "oee_value"),
        ('{"PBT": 1e16}', "oee_value"),
        ('{"PBT": 9999999999999999999999}', "oee_value"),
        ('{"PBT": true}', "oee_value"),
        ('{"PBT": null}', "oee_value"),
        ('{"PQ": "400"}', "oee_value"),
        ('{"PBT": "soon"}', "oee_value"),
        ('{"PBT": "5 parsec"}', "oee_value"),
        ('{"PBT": [1]}', "oee_value"),
        ('{"PTB": 480}', "oee_unknown_field"),
        ('{"PBT": 480, "planned_busy_time": 480}', "oee_value"),
        ('{"times": {"PBT": 1}, "PBT": 2}', "oee_value"),
        ('{"unit": "year", "PBT": 1}', "oee_value"),
        ('{"machines": {}}', "oee_value"),
        ('{"machines": [], "PBT": 1}', "oee_value"),
        ('{"machines": [1]}', "oee_value"),
        ('{"machines": []}', "oee_empty"),
        ("[]", "oee_empty"),
        ("3", "oee_value"),
        ('{"stops": [{}], "PBT": 1}', "oee_value"),
        ('{"stops": [{"minutes": 1, "kind": "holiday"}], "PBT": 1}', "oee_value"),
        ('{"stops": [{"minutes": 1, "hours": 1}], "PBT": 1}', "oee_value"),
        ('{"stops": [{"minute": 1}], "PBT": 1}', "oee_unknown_field"),
        ('{"claimed": {"A": "viel"}}', "oee_value"),
        ('{"claimed": {"luck": 3}}', "oee_unknown_field"),
        ('{"machine": "' + "x" * 201 + '", "PBT": 1}', "oee_value"),
        ('{"begin": "2026-01-01T00:00:00Z", "PBT": 1}', "oee_value"),
    ],
)
def test_a_hostile_or_broken_file_is_refused_with_its_place(text: str | bytes, code: str) -> None:
    assert refused(text).code == code


def test_a_misspelt_field_is_answered_with_what_was_probably_meant() -> None:
    assert "PBT" in refused('{"PTB": 480}').remedy_en


def test_a_file_beyond_the_limit_is_refused_before_it_is_parsed() -> None:
    assert refused(b" " * (MAX_BYTES + 1)).code == "oee_too_large"
    assert refused(json.dumps([{"PQ": 1}] * 10_001)).code == "oee_too_large"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["PBT", "APT", "PRI", "PQ", "GQ", "SQ", "unit", "machine", "shifts", "stops", "claimed", "orders", "states", "begin", "end", "minutes", "reason", "oee"]),
        inner, max_size=6),
    max_leaves=15,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@holds(anything)
def test_any_json_is_answered_or_refused_and_nothing_else(document: object) -> None:
    try:
        json.dumps(answered(document), allow_nan=False)
    except Problem as problem:
        assert problem.code.startswith("oee_")


def test_the_command_prints_json_and_reads_stdin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    file = tmp_path / "a.json"
    file.write_text(json.dumps(GOOD), "utf-8")
    called = parser.parse_args(["oee", str(file), "--json"])
    assert called.run(called) == 0
    assert json.loads(capsys.readouterr().out)["key_figures"]["oee"]["exact"] == "19/24"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(GOOD).encode())))
    called = parser.parse_args(["oee", "-", "--lang", "en"])
    assert called.run(called) == 0
    assert "stood still for 60 minutes of 8 hours" in capsys.readouterr().out
