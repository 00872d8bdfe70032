"""Language, state and size are read from a question only where it says so."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.answers.core.detect import employees, language, state
from nordlotse.foundation.region import State


@pytest.mark.parametrize(
    "text",
    [
        "Was kostet das?", "Kosten Retrofit", "OEE berechnen", "wer zahlt", "fuer wen gilt das", "öffnen", "stl fehler",
        "Wir wollen predictive maintenance einfuehren", "Digitalisierung", "Foerderung Kiel", "Data Act ab wann gilt der",
        "muss ich das", "Shopfloor Management Dashboard einfuehren", "HILFE ALLES KAPUTT", "hallo", "Pay-per-Use kalkulieren",
        "Was heißt Machine Learning as a Service?", "Maschine vernetzen", "neue Software", "drucken oder fräsen",
    ],
)  # fmt: skip
def test_german_questions_are_german(text: str) -> None:
    assert language(text) == "de"


@pytest.mark.parametrize(
    "text",
    [
        "who pays", "sensor cost", "retrofit costs", "print part", "grants for sensors", "What is an AAS?", "hello",
        "Is Verwaltungsschale the same as AAS?", "funding hamburg", "can you help", "Our Mittelstand firm needs an ERP",
        "HELP WE WERE HACKED", "how much does it cost", "machine data ownership", "spare parts on demand", "please advise",
        "When is the E-Rechnung mandatory?",
    ],
)  # fmt: skip
def test_english_questions_are_english(text: str) -> None:
    assert language(text) == "en"


@pytest.mark.parametrize("text", ["", "MQTT", "OPC UA", "12345", "🙂", "ERP MES CRM", "?"])
def test_jargon_and_signs_alone_fall_back_to_german(text: str) -> None:
    assert language(text) == "de"


def test_the_fallback_can_be_chosen() -> None:
    assert language("OPC UA", default="en") == "en"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Förderung in Hamburg", State.HH),
        ("wir sitzen in Bergedorf", State.HH),
        ("Hamburger Digitalbonus", State.HH),
        ("Firma aus HH", State.HH),
        ("Werft in Kiel", State.SH),
        ("Betrieb in Neumünster", State.SH),
        ("Husum", State.SH),
        ("tischlerei in luebeck", State.SH),
        ("Flensburger Firma", State.SH),
        ("Schleswig-Holstein", State.SH),
        ("in SH", State.SH),
        ("zuschuss in sh", State.SH),
        ("aus Bad Segeberg", State.SH),
        ("Wir sind in Heide", State.SH),
        ("Spedition in Schwerin", State.MV),
        ("Rostocker Betrieb", State.MV),
        ("Wismar", State.MV),
        ("Meck-Pomm", State.MV),
        ("Mecklenburg-Vorpommern", State.MV),
        ("Mecklenburg-Western Pomerania", State.MV),
        ("Bergen auf Rügen", State.MV),
        ("Waren (Müritz)", State.MV),
        ("DigiTrans MV", State.MV),
        ("company in Greifswald", State.MV),
    ],
)
def test_a_place_leads_to_its_state(text: str, expected: State) -> None:
    assert state(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "SHOP einrichten", "SHK-Handwerk", "wish list", "MVP bauen", "Was ist ein MVP?", "HHLA", "Waren bestellen",
        "Müller in München", "push the button", "die Heide blüht", "www.sh.de", "Frau Barth fragt", "SH-2000 Steuerung",
        "Berlin", "Bremen und Hannover",
    ],
)  # fmt: skip
def test_letters_inside_words_and_other_places_are_no_state(text: str) -> None:
    assert state(text) is None


def test_two_different_states_are_no_answer() -> None:
    assert state("Wir sitzen in Hamburg und haben ein Werk in Rostock") is None


def test_the_same_state_twice_is_one() -> None:
    assert state("Kiel und Lübeck in SH") == State.SH


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wir sind 30 Leute", 30),
        ("40-Mann-Betrieb", 40),
        ("Ein 40-Mann-Betrieb aus Husum", 40),
        ("wir arbeiten zu zwölft", 12),
        ("zu dritt", 3),
        ("zu acht", 8),
        ("20-person firm", 20),
        ("we are a 12-person machine shop", 12),
        ("70 Beschäftigte", 70),
        ("Zehn-Mann-Betrieb", 10),
        ("fünfunddreißig Angestellte", 35),
        ("thirty-five employees", 35),
        ("1.200 Mitarbeiter", 1200),
        ("20 bis 30 Mitarbeiter", 25),
        ("20-30 Leute", 25),
        ("Team von 8", 8),
        ("Betrieb mit 25", 25),
        ("company of 50", 50),
        ("seit 2005 mit 14 MA", 14),
        ("12 gewerbliche Mitarbeiter und 3 Azubis", 12),
        ("zehnköpfiges Team", 10),
        ("We have 25 full-time staff", 25),
        ("Metallbau, 18 Leute, Baujahr der Maschinen 1998", 18),
        ("hundertzwanzig Mitarbeitende", 120),
        ("ein Dutzend Leute", 12),
        ("Mit 60 MA betroffen?", 60),
    ],
)
def test_the_size_of_the_firm_is_read(text: str, expected: int) -> None:
    assert employees(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "Baujahr 1998", "seit 2005", "500 Euro", "20 Maschinen", "300 Stück", "Gilt NIS2 ab 50 Mitarbeitern?",
        "unter 250 Beschäftigte", "mehr als 10 employees", "wir sind 30 km von Kiel", "10.000 Euro Zuschuss",
        "ISO 27001", "3D-Druck", "Industrie 4.0", "wir sind seit 20 Jahren am Markt", "bis 49 Mitarbeiter", "2 Standorte",
        "pro 10 Mitarbeiter", "under 50 employees", "5 Prozent",
    ],
)  # fmt: skip
def test_years_money_pieces_and_limits_are_no_size(text: str) -> None:
    assert employees(text) is None


@given(st.text(max_size=300))
def test_any_text_gives_a_plain_answer(text: str) -> None:
    assert language(text) in ("de", "en")
    assert state(text) in (None, *State)
    size = employees(text)
    assert size is None or 1 <= size <= 100_000


@pytest.mark.parametrize("text", ["zu " * 10_000, "1 2 3 " * 5_000, "hamburg " * 5_000, "ä" * 20_000, "1.000." * 4_000])
def test_long_text_takes_under_50_ms(text: str) -> None:
    language("warm")
    state("warm")
    start = time.perf_counter()
    language(text)
    state(text)
    employees(text)
    assert time.perf_counter() - start < 0.05
