"""Certificates, codes and feeds: whatever people are called, they stay text; nobody guesses a code."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from nordlotse.dialogue.core import codes
from nordlotse.dialogue.core.atom import feed
from nordlotse.dialogue.core.certificate import Attended, certificate
from nordlotse.dialogue.core.naming import slug
from nordlotse.dialogue.core.values import ZONE, Facts
from nordlotse.dialogue.core.wording import span_written
from nordlotse.foundation.language import Lang

ATTENDED = Attended(
    name="Zoë Łukasz",
    company="Müller & Söhne",
    event="OPC UA in der Praxis",
    begin=datetime(2026, 12, 1, 10, tzinfo=ZONE),
    end=datetime(2026, 12, 1, 12, 30, tzinfo=ZONE),
    place="Kiel",
    organiser="FH Kiel",
    issuer="Zentrum Nord",
    number="5-17",
    issued=datetime(2026, 12, 1, 13, tzinfo=ZONE),
)


def _text(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("de", ("Teilnahmebestätigung", "1. Dezember 2026, 10:00 – 12:30 Uhr", "2 Std. 30 Min.", "Zoë Łukasz")),
        ("en", ("Certificate of attendance", "1 December 2026, 10:00 – 12:30", "2 h 30 min", "Müller & Söhne")),
    ],
)
def test_a_certificate_says_who_what_when_and_how_long(lang: Lang, words: tuple[str, ...]) -> None:
    text = _text(certificate(ATTENDED, lang))
    assert all(word in text for word in words), text


def test_a_certificate_is_tagged_has_a_language_and_a_title_and_says_that_it_is_accessible() -> None:
    raw = certificate(ATTENDED, "de")
    root = PdfReader(io.BytesIO(raw)).trailer["/Root"]
    assert root["/Lang"] == "de"
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()


@pytest.mark.parametrize(
    "name", ["#strong[x]", "*fett*", "$x^2$", "\\", "= Titel", '"; #panic("x")', "@wer", "<label>", "`#1`", "//"]
)
def test_markup_in_a_name_is_shown_and_never_run(name: str) -> None:
    assert name in _text(certificate(replace(ATTENDED, name=name), "de"))


def test_the_same_values_give_the_same_bytes() -> None:
    assert certificate(ATTENDED, "de") == certificate(ATTENDED, "de")


@settings(deadline=None, max_examples=40)
@given(st.text(min_size=1, max_size=80))
def test_any_name_gives_a_certificate(name: str) -> None:
    assert certificate(replace(ATTENDED, name=name), "en").startswith(b"%PDF")


def test_a_code_is_read_in_small_letters_with_blanks_and_with_letters_mistaken() -> None:
    code = codes.new_code("secret")
    assert len(code) == codes.LENGTH
    assert codes.read_code(f" {code[:5].lower()}-{code[5:]} ", "secret") == code
    assert codes.read_code(code.replace("0", "O").replace("1", "l"), "secret") == code


def test_a_changed_or_foreign_code_is_refused_without_asking_the_database() -> None:
    made = [codes.new_code("secret") for _ in range(200)]
    assert len(set(made)) == 200
    assert sum(codes.read_code(c, "another") is not None for c in made) <= 5  # 1 in 1024 by chance
    wrong = [("Z" if c[0] != "Z" else "Y") + c[1:] for c in made]
    assert sum(codes.read_code(c, "secret") is not None for c in wrong) <= 5


@pytest.mark.parametrize("typed", ["", "x", "ABCDE1234", "ABCDE123456", "ABCDE1234U", "ä" * 10, "\x00" * 10])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert codes.read_code(typed, "secret") is None


def test_the_picture_for_a_page_needs_no_style_and_no_script() -> None:
    svg = codes.qr_svg("https://lotse.example/termine/einlass/ABCDE12345/")
    assert svg.startswith("<svg ") and "style" not in svg and "script" not in svg
    assert codes.qr_png("x").startswith(b"\x89PNG")


def test_a_feed_is_well_formed_and_escapes_titles() -> None:
    facts = Facts("u", "x", "Text", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC), "", "https://x/", "", datetime(2026, 1, 1, tzinfo=UTC))  # fmt: skip
    facts = replace(facts, title="<b>&amp;")
    raw = feed([facts], title="Termine", address="https://x/f", page="https://x/", author="Wir", host="x", lang="de")
    root = ElementTree.fromstring(raw)
    space = "{http://www.w3.org/2005/Atom}"
    assert root.findtext(f"{space}entry/{space}title") == "<b>&amp;"
    assert root.findtext(f"{space}updated") == "2026-01-01T00:00:00Z"


def test_an_address_begins_with_the_day_and_is_never_given_twice() -> None:
    begin = datetime(2026, 12, 1, 23, 30, tzinfo=UTC)
    taken = {"2026-12-02-grusse-aus-kiel"}
    assert slug("Grüße aus Kiel!", begin, taken.__contains__) == "2026-12-02-grusse-aus-kiel-2"
    assert slug("!!!", begin, lambda _: False) == "2026-12-02-termin"


def test_days_are_written_by_the_clock_of_berlin() -> None:
    late = datetime(2026, 12, 1, 23, 30, tzinfo=UTC)
    assert span_written(late, late.replace(hour=23, minute=45), "de") == "Mittwoch, 2. Dezember 2026, 00:30–00:45 Uhr"
