"""The taxonomy: complete, without doubles, and found in what people write."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.network.core.taxonomy import SUBJECTS, Kind, by_id, suggest, taxonomy


def test_there_are_topics_methods_and_sectors() -> None:
    counts = Counter(tag.kind for tag in taxonomy())
    assert counts[Kind.TOPIC] >= 40
    assert counts[Kind.METHOD] >= 20
    assert counts[Kind.SECTOR] >= 20


def test_every_tag_has_its_own_id_and_both_names() -> None:
    assert len(by_id()) == len(taxonomy())
    for lang in ("de", "en"):
        assert len({tag.name.get(lang) for tag in taxonomy()}) == len(taxonomy())
        assert all(tag.name.get(lang).strip() for tag in taxonomy())


def test_every_topic_belongs_to_a_subject_and_every_subject_has_topics() -> None:
    assert {tag.subject for tag in taxonomy() if tag.kind is Kind.TOPIC} == set(SUBJECTS)


def test_every_sector_has_its_place_in_the_classification() -> None:
    codes = [tag.wz for tag in taxonomy() if tag.kind is Kind.SECTOR]
    assert all(len(code) in (1, 2) and (code.isdigit() or code.isupper()) for code in codes)
    assert len(set(codes)) == len(codes)


def test_no_tag_lists_a_word_twice() -> None:
    for tag in taxonomy():
        listed = [*tag.words, *tag.practice]
        assert [w for w, n in Counter(listed).items() if n > 1] == [], tag.id


@pytest.mark.parametrize("tag", taxonomy(), ids=lambda t: t.id)
def test_a_tag_is_found_by_each_of_its_words(tag: object) -> None:
    for word in (*tag.words, *tag.practice):  # type: ignore[attr-defined]
        assert tag.id in {s.tag for s in suggest(word.strip("*"))}, word  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("Wir wollen unsere alte Drehmaschine anbinden.", "retrofit"),
        ("Retrofitprojekte in der Zerspanung", "retrofit"),
        ("Unser DMS ist voll", "documents"),
        ("ein Energiemanagement nach ISO 50001", "energy"),
        ("ENERGIEVERBRAUCH SENKEN", "energy"),
        ("Vorausschauende Instandhaltung für Pumpen", "maintenance"),
        ("opc-ua", "protocols"),
        ("3-D-Drucker", "printing-plastic"),
        ("Tischlerei mit 12 Leuten", "wz-16"),
        ("Wir haben einen digitalen Zwilling der Anlage", "digital-twin"),
        ("additive manufacturing of titanium parts", "printing-metal"),
        ("Kuenstliche Intelligenz", "ai"),
        ("Kaeserei", "wz-10"),
    ],
)
def test_a_tag_is_found_in_a_sentence(text: str, tag: str) -> None:
    assert tag in {s.tag for s in suggest(text)}


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("Was do you do?", "statistics"),
        ("Das kommt meistens vor", "skills"),
        ("Die Wirtschaft im Dorf", "erp"),
        ("Ein skizzierter Plan", "ai"),
        ("Wir haften dafür", "erp"),
    ],
)
def test_a_tag_is_not_found_in_words_that_only_look_alike(text: str, tag: str) -> None:
    assert tag not in {s.tag for s in suggest(text)}


def test_evidence_is_given_as_it_was_written() -> None:
    (found,) = [s for s in suggest("Am liebsten OPC UA, sonst MQTT") if s.tag == "protocols"]
    assert set(found.evidence) >= {"OPC UA", "MQTT"}


def test_more_words_make_surer_and_words_of_practice_less() -> None:
    one, two = suggest("Lastgang")[0], suggest("Lastgang und Druckluft")[0]
    practice = suggest("Stromrechnung")[0]
    assert one.tag == two.tag == practice.tag == "energy"
    assert practice.strength < one.strength < two.strength < 1


@given(st.text(max_size=300))
def test_any_text_gives_known_tags_with_words_of_the_text(text: str) -> None:
    for found in suggest(text):
        assert found.tag in by_id()
        assert 0 < found.strength <= 1
        assert found.evidence


@pytest.mark.parametrize("text", ["nachrüsten", "Wir wollen die Presse nachrüsten", "aufrüsten"])
def test_to_retrofit_is_not_to_set_up_a_machine(text: str) -> None:
    assert [found.tag for found in suggest(text)] == ["retrofit"]
