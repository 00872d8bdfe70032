"""The traps of the benchmark catch what is wrong and let every sentence of the records pass."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from nordlotse.foundation.german import fold
from nordlotse.foundation.records import load_records, sentences

TRAPS = [
    json.loads(line)
    for line in (Path(__file__).parents[3] / "bench/answers/data/traps.jsonl").read_text(encoding="utf-8").splitlines()
]
SAID = [
    fold(sentence.text)
    for made in load_records().values()
    for lang in ("de", "en")
    for sentence in sentences(made, lang, date(2026, 11, 23))
]


def test_there_are_thirty_traps_with_their_reason() -> None:
    assert len(TRAPS) == 30
    assert len({trap["id"] for trap in TRAPS}) == 30
    assert all(trap["why"] and trap["must_match"] for trap in TRAPS)


@pytest.mark.parametrize("trap", TRAPS, ids=lambda t: t["id"])
def test_a_trap_catches_its_wrong_answers(trap: dict[str, list[str]]) -> None:
    for wrong in trap["trips"]:
        assert any(re.search(pattern, fold(wrong)) for pattern in trap["must_not_match"]), wrong


@pytest.mark.parametrize("trap", TRAPS, ids=lambda t: t["id"])
def test_no_sentence_of_a_record_falls_into_a_trap(trap: dict[str, list[str]]) -> None:
    for pattern in trap["must_not_match"]:
        assert [text for text in SAID if re.search(pattern, text)] == []


@pytest.mark.parametrize("trap", TRAPS, ids=lambda t: t["id"])
def test_some_record_can_answer_each_trap(trap: dict[str, list[str]]) -> None:
    for pattern in trap["must_match"]:
        assert any(re.search(pattern, text) for text in SAID)
