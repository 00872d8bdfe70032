"""German and English are told apart, cheaply."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.answers.core.passage_language import guess_lang


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Was kostet ein Sensor?", "de"),
        ("What does a sensor cost?", "en"),
        ("Förderung Digitalisierung Hamburg", "de"),
        ("funding for digitalisation", "en"),
        ("Ist OPC UA besser als MQTT?", "de"),
        ("is OPC UA better than MQTT", "en"),
        ("Retrofit unserer Maschinen", "de"),
        ("WER ZAHLT DAS", "de"),
    ],
)
def test_short_questions_are_recognised(text: str, lang: str) -> None:
    assert guess_lang(text) == lang


@pytest.mark.parametrize("text", ["", "4711", "MQTT", "😀"])
def test_without_a_sign_the_default_counts(text: str) -> None:
    assert guess_lang(text) == "de"
    assert guess_lang(text, "en") == "en"


@given(st.text(max_size=500))
def test_any_text_has_one_of_the_two_languages(text: str) -> None:
    assert guess_lang(text) in ("de", "en")
