"""Texts: split into sentences, stems meet, and what a person rules out is left away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.network.core.words import claims, grams, sentences, stem, tokens

DENIED = [
    ("Das mache ich gern. Rechtsfragen mache ich nicht.", "Rechtsfragen"),
    ("Pumpen kenne ich gut, Rechtsfragen mache ich nicht.", "Rechtsfragen"),
    ("Ich kann Pumpen. Steuern, Verträge und Rechtsfragen mache ich nicht.", "Steuern"),
    ("Sensorik ist mein Feld. Nicht mein Gebiet: Marketing und Webseiten.", "Marketing"),
    ("Sensorik ist mein Feld. Blockchain, davon verstehe ich nichts.", "Blockchain"),
    ("Mit CAD arbeite ich täglich, mit SAP nicht.", "SAP"),
    ("Ich mache CAD. Von Förderanträgen lasse ich die Finger.", "Förderanträge"),
    ("Datenschutz überlasse ich den Kollegen, aber IT-Sicherheit prüfe ich gern.", "Datenschutz"),
    ("Alles rund um ERP außer Finanzbuchhaltung.", "Finanzbuchhaltung"),
    ("Dashboards are my thing. I don't do hardware or sensors.", "hardware"),
    ("3D-Druck, CAD und Prototypen; mit Metall habe ich nichts zu tun.", "Metall"),
    ("Ich kann SPS. Keine Rechtsberatung.", "Rechtsberatung"),
]

KEPT = [
    ("Ich berate nicht nur Handwerker, sondern auch Industrie.", "Industrie"),
    ("Ich habe keine Angst vor alten Maschinen.", "Maschinen"),
    ("Retrofit ohne Programmierkenntnisse.", "Retrofit"),
    ("Wer wissen will, warum eine Anlage nicht läuft, ist bei mir richtig.", "Anlage nicht läuft"),
    ("Ich mache gern CAD, wenn Ihre Teile nicht passen.", "Teile"),
    ("Pumpen kenne ich gut, Rechtsfragen mache ich nicht.", "Pumpen"),
    ("Datenschutz überlasse ich den Kollegen, aber IT-Sicherheit prüfe ich gern.", "IT-Sicherheit"),
]


@pytest.mark.parametrize(("profile", "word"), DENIED)
def test_what_a_profile_rules_out_is_left_away(profile: str, word: str) -> None:
    assert word not in claims(profile)
    assert claims(profile) != profile


@pytest.mark.parametrize(("profile", "word"), KEPT)
def test_what_only_sounds_like_a_denial_stays(profile: str, word: str) -> None:
    assert word in claims(profile)


def test_a_profile_of_nothing_but_denials_is_kept_whole() -> None:
    assert claims("Rechtsfragen mache ich nicht.") == "Rechtsfragen mache ich nicht."


def test_sentences_are_found_in_running_text_and_in_lists() -> None:
    assert sentences("Eins. Zwei! Drei\n• Vier; fünf") == ["Eins.", "Zwei!", "Drei", "Vier", "fünf"]


def test_spellings_of_one_word_meet() -> None:
    assert {stem(tokens(word)[0]) for word in ("Maschine", "Maschinen", "MASCHINEN")} == {stem("maschine")}
    assert tokens("Straße") == tokens("Strasse")
    assert tokens("3-D-Druck") == tokens("3D Druck")


def test_words_that_say_nothing_are_dropped() -> None:
    assert tokens("Wir sind ein Betrieb und suchen Hilfe") == []


def test_grams_know_where_a_word_begins_and_ends() -> None:
    assert grams("pumpe") == ("<pump", "pumpe", "umpe>")
    assert grams("ki") == ("<ki>",)


@given(st.text(max_size=400))
def test_any_text_can_be_read_and_claims_hold_nothing_new(text: str) -> None:
    assert set(tokens(claims(text))) <= set(tokens(text))
