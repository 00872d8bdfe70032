"""Masking: what identifies a person does not reach the store; what a question needs stays."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.foundation.masking import MARK, mask

PERSONAL = [
    ("Bitte an erika.mustermann@werft-nord.de antworten", "erika.mustermann@werft-nord.de"),
    ("Schreiben Sie an max+iot@mail.firma.co.uk", "max+iot@mail.firma.co.uk"),
    ("Rufen Sie an: 040 123456-78", "040 123456-78"),
    ("Tel. +49 (0)431 / 98 76 54 32", "98 76 54 32"),
    ("mobil 0171/2345678 danke", "0171/2345678"),
    ("0049 381 4567890", "381 4567890"),
    ("IBAN DE89 3704 0044 0532 0130 00", "3704 0044"),
    ("iban de89370400440532013000", "de89370400440532013000"),
    ("Herr Petersen sagt, wir brauchen 5G", "Petersen"),
    ("frau hansen hat gefragt", "hansen"),
    ("Dr. Anna Clausen leitet das", "Anna Clausen"),
    ("Prof. Dr. Weiß-Lührs meint", "Weiß-Lührs"),
    ("HERR THOMSEN FRAGT", "THOMSEN"),
    ("Ich heiße Jens Ole Brodersen und frage", "Jens Ole Brodersen"),
    ("ich bin Meike Jürgensen aus Kiel", "Meike Jürgensen"),
    ("My name is John Carter. What is OPC UA?", "John Carter"),
    ("I'm John Carter, what is OEE?", "John Carter"),
    ("Mr. Smith asks", "Smith"),
    ("Was kostet das? Viele Grüße Lena Voß", "Lena Voß"),
    ("mfg Lena Voß", "Lena Voß"),
]


@pytest.mark.parametrize(("text", "gone"), PERSONAL, ids=[p[1] for p in PERSONAL])
def test_what_identifies_a_person_is_masked(text: str, gone: str) -> None:
    masked = mask(text)
    assert gone not in masked
    assert MARK in masked


HARMLESS = [
    "Gilt die Pflicht ab dem 01.01.2027 auch für uns?",
    "Was kostet ein Druckteil aus PA12 mit 250 g bei 1.000 Stück?",
    "Sind wir mit 70 Beschäftigten und 12.500.000 Euro Umsatz betroffen?",
    "Ist ISO 22400-2 für die OEE gut?",
    "Ich bin Geschäftsführer einer Tischlerei.",
    "Welche Förderung gibt es in Mecklenburg-Vorpommern im Jahr 2026?",
    "Die Frau an der Maschine braucht eine Anzeige.",
    "OPC UA, MQTT und 0,5 mm Toleranz: geht das?",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_an_ordinary_question_stays_as_it_is(text: str) -> None:
    assert mask(text) == text


@given(st.text(max_size=300))
def test_masking_never_fails_and_masking_twice_finds_no_more_addresses(text: str) -> None:
    masked = mask(text)
    assert "@" not in masked or mask(masked).count("@") <= masked.count("@")


@given(
    st.from_regex(r"[a-z][a-z0-9._-]{0,20}@[a-z0-9-]{1,20}\.(de|com|org)", fullmatch=True),
    st.sampled_from([" ", "\n", ", ", "("]),
    st.text("abc äöü.?!", max_size=40),
)
def test_every_mail_address_is_masked_wherever_it_stands(address: str, gap: str, around: str) -> None:
    assert address not in mask(around + gap + address + gap + around)


@given(
    st.sampled_from(["040", "0431", "+49 381", "0049 40", "0171"]), st.from_regex(r"[ /-]?[0-9]{6,9}", fullmatch=True)
)
def test_every_usual_phone_number_is_masked(area: str, rest: str) -> None:
    assert rest.strip(" /-") not in mask(f"Tel: {area}{rest}, danke")


SLOW = [
    "a" * 20_000,
    "a@" * 10_000,
    "0 " * 10_000,
    "DE12" * 5_000,
    "Herr " * 4_000,
    "Grüße\n" * 3_300,
    "Dr. " * 5_000,
    "a." * 10_000 + "@",
    "+49" + "-" * 20_000,
    "A" * 20_000,
    "Ich bin " * 2_500,
    "x@" + "a." * 9_999,
    "😀" * 20_000,
]


@pytest.mark.parametrize("text", SLOW, ids=range(len(SLOW)))
def test_twenty_thousand_characters_take_less_than_half_a_second(text: str) -> None:
    start = time.process_time()
    mask(text)
    assert time.process_time() - start < 0.5
