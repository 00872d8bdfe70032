"""A room's outcome can be kept as JSON and read again."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.foundation.result import Figure, Result, ResultFile, from_dict

WORDS = st.text(max_size=20)
FIGURES = st.lists(st.builds(Figure, WORDS, WORDS, WORDS), max_size=3).map(tuple)


@given(
    st.builds(
        Result,
        kind=WORDS,
        lang=st.sampled_from(["de", "en"]),
        title=WORDS,
        summary=WORDS,
        reference=WORDS,
        figures=FIGURES,
        sources=st.lists(WORDS, max_size=3).map(tuple),
        picture=WORDS,
        picture_text=WORDS,
    )
)
def test_what_is_kept_is_read_again_the_same(result: Result) -> None:
    assert from_dict(json.loads(json.dumps(result.as_dict()))) == result


def test_files_are_kept_elsewhere() -> None:
    result = Result("part", "de", "Halter", "Passt.", files=(ResultFile("halter.stl", "model/stl", b"solid"),))
    assert "files" not in result.as_dict()
    assert from_dict(result.as_dict()) == dataclasses.replace(result, files=())


def test_an_older_result_with_fewer_values_is_still_read() -> None:
    assert from_dict({"kind": "answer", "lang": "fr", "title": "T", "summary": "S"}) == Result("answer", "de", "T", "S")


def test_a_result_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Result("answer", "de", "T", "S").title = "U"  # type: ignore[misc]
