"""The shipped records keep what they promise: ids, sources, review dates, sentences in two languages."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from nordlotse.foundation.records import (
    FundingRecord,
    Record,
    load_records,
    programmes,
    read_records,
    sentences,
    stale,
    state_on,
    unverified,
    warnings,
)

TODAY = date(2026, 11, 23)
DAYS = (date(2020, 6, 1), date(2025, 1, 1), TODAY, date(2027, 1, 15), date(2028, 12, 31), date(2031, 1, 1))
PROMISED = [
    "einvoice-receive",
    "einvoice-issue-transition",
    "einvoice-issue-small",
    "einvoice-exempt",
    "einvoice-format",
    "einvoice-standing",
    "einvoice-mailbox",
    "retention-periods",
    "gobd",
    "nis2-duties",
    "nis2-registration",
    "nis2-count",
    "cyberrisikocheck",
    "gdpr-breach",
    "dataact-access",
    "dataact-design",
    "dataact-cloud-switching",
    "dataact-authority",
    "cra-reporting",
    "cra-full",
    "red-cybersecurity",
    "aiact-literacy",
    "aiact-transparency",
    "aiact-highrisk-annex3",
    "aiact-highrisk-products",
    "aiact-kimig",
    "machinery-regulation",
    "product-liability",
    "product-liability-de",
    "espr-dpp",
    "battery-passport",
    "dpp-standard",
    "bfsg-b2c",
    "bfsg-micro-shop",
    "gpsr",
    "works-council",
    "deminimis-ceiling",
    "std-aas",
    "std-submodels",
    "std-rami",
    "std-mqtt",
    "std-sparkplug",
    "std-opcua-aas",
    "std-am-terms",
    "go-digital",
    "digital-jetzt",
    "unternehmenswert-mensch",
    "kfw-511-512",
    "inqa-coaching",
    "bafa-consulting",
    "forschungszulage",
    "hh-digital-check",
    "hh-digital-invest",
    "hh-profi",
    "sh-digibonus",
    "sh-dku",
    "mv-digitrans",
    "mv-tbi-digital",
    "edih-sh",
    "mv-innovation-centres",
    "mittelstand-digital",
    "edih-hh-mv",
    "hwwi-2015",
    "chamber-survey-2015",
    "centre-hamburg-2017",
    "fraunhofer-iapt",
]
RECORDS = tuple(load_records().values())
SPEAKING = tuple(r for r in RECORDS if r.speaks)


def _numbers(text: str, lang: str) -> list[str]:
    """Return the numbers of a sentence in one spelling, so that both languages can be compared."""
    thousand, decimal = (".", ",") if lang == "de" else (",", ".")
    grouped = re.compile(rf"\d{{1,3}}(?:\{thousand}\d{{3}})+(?:\{decimal}\d+)?|\d+\{decimal}\d+")
    found = []
    for found_piece in re.findall(r"\d[\d.,]*\d|\d", text):
        piece = found_piece
        if grouped.fullmatch(piece):
            piece = piece.replace(thousand, "").replace(decimal, ".")
        found.append(piece)
    return sorted(found)


def test_every_shipped_record_can_be_used() -> None:
    assert read_records().problems == ()


@pytest.mark.parametrize("key", PROMISED)
def test_every_promised_record_is_there_and_speaks(key: str) -> None:
    assert load_records()[key].speaks


@pytest.mark.parametrize("made", SPEAKING, ids=lambda r: r.id)
def test_a_record_says_one_to_four_short_sentences_on_any_day(made: Record) -> None:
    for lang in ("de", "en"):
        for on in DAYS:
            spoken = sentences(made, lang, on)
            assert 1 <= len(spoken) <= 4
            for sentence in spoken:
                assert len(sentence.text.split()) <= 26, sentence.text
                assert sentence.text.endswith(".")
                assert not re.search(r"[{}]", sentence.text)
                assert sentence.text[0] == sentence.text[0].upper() or sentence.text.startswith(made.name.de)


@pytest.mark.parametrize("made", SPEAKING, ids=lambda r: r.id)
def test_both_languages_give_the_same_numbers(made: Record) -> None:
    for on in DAYS:
        german, english = sentences(made, "de", on), sentences(made, "en", on)
        assert len(german) == len(english)
        for de, en in zip(german, english, strict=True):
            assert _numbers(de.text, "de") == _numbers(en.text, "en")
            assert de.sources == en.sources


@pytest.mark.parametrize("made", RECORDS, ids=lambda r: r.id)
def test_no_sentence_template_types_a_figure_or_a_date(made: Record) -> None:
    typed = re.compile(
        r"\d[\d.,]*\s?(?:Euro|euros|Prozent|percent|%|€|Millionen|million|Milliarden|billion|Beschäftigte|staff|Stunden|hours"
        r"|Jahre|years|Tage|days|Monate|months)|\d{1,2}\. (?:Jan|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez)"
        r"|\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December)"
    )
    for statement in made.statements:
        for text in (statement.text.de, statement.text.en):
            assert not typed.search(text), text


@pytest.mark.parametrize("made", SPEAKING, ids=lambda r: r.id)
def test_every_sentence_names_sources_of_its_record(made: Record) -> None:
    own = {source.id for source in made.sources}
    for sentence in sentences(made, "de", TODAY):
        assert set(sentence.sources) <= own
        if not sentence.text.startswith("Prüfen Sie stattdessen"):
            assert sentence.sources


@pytest.mark.parametrize("made", RECORDS, ids=lambda r: r.id)
def test_a_record_is_reviewed_in_time(made: Record) -> None:
    most = {"funding": 185, "law": 92, "standard": 370, "background": 370}[made.kind]
    assert made.review_by - made.checked_on <= timedelta(days=most)
    if isinstance(made, FundingRecord) and made.status != "closed":
        assert made.review_by - made.checked_on <= timedelta(days=31)


@pytest.mark.parametrize("made", RECORDS, ids=lambda r: r.id)
def test_a_record_carries_five_to_ten_wordings_in_both_languages(made: Record) -> None:
    for lang in ("de", "en"):
        assert 5 <= len(made.questions(lang)) <= 10
        assert len(set(made.questions(lang))) == len(made.questions(lang))


@pytest.mark.parametrize("made", RECORDS, ids=lambda r: r.id)
def test_a_source_says_what_supports_the_record_and_when_it_was_checked(made: Record) -> None:
    for source in made.sources:
        assert source.passage
        assert source.basis in ("read", "noted")
        assert source.checked_on <= made.review_by


def test_a_review_date_lies_before_the_next_day_on_which_a_rule_changes() -> None:
    for made in RECORDS:
        for name, change in made.dates:
            near = made.checked_on < change <= made.checked_on + timedelta(days=60)
            assert not near or made.review_by <= change, (made.id, name)
        for change in (made.valid_from, made.valid_until):
            near = change is not None and made.checked_on < change <= made.checked_on + timedelta(days=60)
            assert not near or made.review_by <= change, made.id  # type: ignore[operator]


@pytest.mark.parametrize(
    ("key", "on", "state"),
    [
        ("machinery-regulation", date(2027, 1, 19), "upcoming"),
        ("machinery-regulation", date(2027, 1, 20), "in_force"),
        ("einvoice-issue-transition", date(2027, 12, 31), "in_force"),
        ("einvoice-issue-transition", date(2028, 1, 1), "ended"),
        ("bafa-consulting", date(2026, 12, 31), "open"),
        ("bafa-consulting", date(2027, 1, 1), "closed"),
        ("mittelstand-digital", date(2026, 12, 31), "open"),
        ("mittelstand-digital", date(2027, 1, 1), "unknown"),
        ("go-digital", TODAY, "closed"),
        ("sh-dku", TODAY, "unknown"),
        ("dataact-authority", TODAY, "proposal"),
        ("nis2-count", TODAY, "uncertain"),
    ],
)
def test_the_state_follows_the_day(key: str, on: date, state: str) -> None:
    assert state_on(load_records()[key], on) == state


@pytest.mark.parametrize(
    ("key", "lang", "on", "wanted"),
    [
        ("einvoice-receive", "de", TODAY, "Seit dem 1. Januar 2025"),
        ("einvoice-receive", "de", date(2024, 12, 1), "Ab dem 1. Januar 2025"),
        ("einvoice-issue-transition", "de", TODAY, "800.000 Euro"),
        ("einvoice-issue-transition", "en", TODAY, "800,000 euros"),
        ("einvoice-issue-transition", "de", date(2028, 2, 1), "Übergangsfrist ist abgelaufen"),
        ("machinery-regulation", "de", TODAY, "ab dem 20. Januar 2027"),
        ("machinery-regulation", "de", date(2027, 2, 1), "seit dem 20. Januar 2027"),
        ("kfw-511-512", "en", TODAY, "7.5 million euros"),
        ("kfw-511-512", "de", TODAY, "7,5 Millionen Euro"),
        ("go-digital", "de", TODAY, "ist beendet"),
        ("go-digital", "de", TODAY, "BAFA-Beratungsförderung"),
        ("bafa-consulting", "de", date(2027, 1, 2), "Die BAFA-Förderung von Unternehmensberatungen ist beendet"),
        ("sh-dku", "de", TODAY, "nicht belegt (Stand 23. November 2026)"),
        ("hh-digital-check", "de", TODAY, "80 Prozent und 7.500 Euro"),
        ("deminimis-ceiling", "de", TODAY, "300.000 Euro"),
        ("dataact-cloud-switching", "de", date(2027, 2, 1), "Seit dem 12. Januar 2027"),
        ("nis2-registration", "de", date(2026, 2, 1), "müssen sich für NIS2"),
    ],
)
def test_a_sentence_says_what_is_true_on_the_day(key: str, lang: str, on: date, wanted: str) -> None:
    said = " ".join(s.text for s in sentences(load_records()[key], lang, on))
    assert wanted in said


def test_a_closed_programme_never_says_it_is_open() -> None:
    for made in programmes():
        for on in DAYS:
            if state_on(made, on) == "closed":
                said = " ".join(s.text for s in sentences(made, "de", on))
                assert "ist beendet" in said
                assert "ist offen" not in said


def test_an_uncertain_record_warns() -> None:
    for made in SPEAKING:
        if made.fact_status == "uncertain":
            assert warnings(made, "de", made.checked_on)
            assert warnings(made, "en", made.checked_on)


@pytest.mark.parametrize("made", SPEAKING, ids=lambda r: r.id)
def test_a_record_past_its_review_date_warns_with_both_days(made: Record) -> None:
    late = warnings(made, "en", made.review_by + timedelta(days=1))
    assert any(str(made.review_by.year) in text and "as of" in text for text in late)


def test_stale_lists_the_longest_overdue_first_and_nothing_today() -> None:
    assert stale(TODAY) == ()
    overdue = stale(date(2030, 1, 1))
    assert [r.review_by for r in overdue] == sorted(r.review_by for r in overdue)
    assert len(overdue) == len(RECORDS)


def test_no_shipped_record_is_silent_without_being_listed() -> None:
    assert {r.id for r in unverified()} == {r.id for r in RECORDS if not r.speaks}
