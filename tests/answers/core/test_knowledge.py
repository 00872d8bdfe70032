"""What can be quoted: units of articles and records, local texts before shipped ones, broken ones reported."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from nordlotse.answers.core.knowledge import (
    PASSAGE_CHARACTERS,
    Knowledge,
    load_knowledge,
    shipped_texts,
    text_hash,
    title_of,
)
from tests.answers.articles_made import GERMAN_BODY, english, german

ON = date(2026, 11, 23)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "iot").mkdir()
    (tmp_path / "iot" / "iot-90.de.md").write_text(german(), encoding="utf-8")
    (tmp_path / "iot" / "iot-90.en.md").write_text(english(), encoding="utf-8")
    return tmp_path


def own(known: Knowledge) -> list[str]:
    return [u for u in known.units if not u.startswith("record:")]


def test_each_section_and_each_speaking_record_is_a_unit(folder: Path) -> None:
    known = load_knowledge(ON, folder=folder)
    assert len(own(known)) == 10
    assert "iot-90#punkt-3@de" in known.units
    assert "record:nis2-duties@en" in known.units


def test_units_name_their_sources_uniquely(folder: Path) -> None:
    unit = load_knowledge(ON, folder=folder).units["iot-90#punkt-1@de"]
    assert unit.sources[0].id == "iot-90/s1"
    assert unit.sentences[1].sources == ("iot-90/s1",)


def test_passages_cover_the_text_in_pieces_and_every_wording(folder: Path) -> None:
    known = load_knowledge(ON)
    for unit in known.units.values():
        passages = list(unit.passages())
        pieces = [p for p in passages if not p.id.rpartition("|")[2].startswith("q")]
        assert all(p.text in unit.text for p in pieces)
        assert sum(len(p.text) for p in pieces) >= len(unit.text) - 3 * len(unit.sentences)
        longest = max(s.end - s.start for s in unit.sentences)
        assert all(len(p.text) <= max(PASSAGE_CHARACTERS, longest) for p in pieces)
        assert {p.text for p in passages if p not in pieces} >= {unit.heading.strip()}
        assert len({p.id for p in passages}) == len(passages)


def test_an_english_question_meets_german_text_only_where_there_is_no_translation(folder: Path) -> None:
    (folder / "iot" / "iot-91.de.md").write_text(german(id="iot-91"), encoding="utf-8")
    articles = {
        p.id.partition("#")[0] + "@" + str(p.lang)
        for p in load_knowledge(ON, folder=folder).passages("en")
        if "#" in p.id
    }
    assert articles == {"iot-90@en", "iot-91@de"}


def test_every_article_is_listed_once_in_the_language_asked_for_or_the_other(folder: Path) -> None:
    (folder / "iot" / "iot-91.de.md").write_text(german(id="iot-91"), encoding="utf-8")
    known = load_knowledge(ON, folder=folder)
    assert [(a.id, a.lang) for a in known.in_language("en")] == [("iot-90", "en"), ("iot-91", "de")]
    assert known.article("iot-99", "de") is None


# ---- local texts ----


def test_a_local_text_speaks_instead_of_the_shipped_one(folder: Path) -> None:
    known = load_knowledge(ON, {("iot-90", "de"): german(title="Neuer Titel")}, folder)
    assert known.articles["iot-90", "de"].title == "Neuer Titel"
    assert known.problems == ()


def test_a_new_local_text_stands_beside_the_shipped_ones(folder: Path) -> None:
    known = load_knowledge(ON, {("iot-91", "de"): german(id="iot-91")}, folder)
    assert set(known.articles) == {("iot-90", "de"), ("iot-90", "en"), ("iot-91", "de")}


def test_a_translation_inherits_from_the_local_original(folder: Path) -> None:
    known = load_knowledge(ON, {("iot-90", "de"): german(demonstrator="twin")}, folder)
    assert known.articles["iot-90", "en"].demonstrator == "twin"


@pytest.mark.parametrize(
    "broken",
    [
        "kein Kopf",
        german(lang="en"),
        german(id="iot-77"),
        german("## Ohne Anker\n"),
        "---\nx: " + "[" * 9999 + "\n---\n",
    ],
)
def test_a_broken_local_text_falls_back_to_the_shipped_one_and_is_reported(folder: Path, broken: str) -> None:
    known = load_knowledge(ON, {("iot-90", "de"): broken}, folder)
    assert known.articles["iot-90", "de"].title == "Zahnradprüfung"
    (problem,) = known.problems
    assert problem.where.startswith("iot-90.de.md")
    assert problem.remedy_de and problem.remedy_en


def test_a_broken_shipped_text_is_left_out_and_reported(folder: Path) -> None:
    (folder / "iot" / "iot-91.de.md").write_text("kaputt", encoding="utf-8")
    known = load_knowledge(ON, folder=folder)
    assert ("iot-91", "de") not in known.articles
    assert [p.where for p in known.problems] == ["iot-91.de.md:1"]


def test_a_file_that_cannot_be_opened_is_left_out(folder: Path) -> None:
    (folder / "iot" / "iot-91.de.md").mkdir()
    (folder / "iot" / "notes.md").write_text("no language in the name")
    assert set(shipped_texts(folder)) == {("iot-90", "de"), ("iot-90", "en")}


def test_an_empty_folder_leaves_the_records(tmp_path: Path) -> None:
    known = load_knowledge(ON, folder=tmp_path)
    assert own(known) == []
    assert known.units


# ---- records in articles ----


def test_a_record_in_an_article_brings_its_sources_along(folder: Path) -> None:
    body = GERMAN_BODY.replace("- Ein Prüfplan hält Punkt 1 fest.\n", "\n{{record:nis2-duties}}\n\n", 1)
    known = load_knowledge(ON, {("iot-90", "de"): german(body, records=["nis2-duties"])}, folder)
    unit = known.units["iot-90#punkt-1@de"]
    spoken = [s for s in unit.sentences if s.record == "nis2-duties"]
    assert spoken
    ids = {s.id for s in unit.sources}
    assert all(i in ids and i.startswith("nis2-duties/") for s in spoken for i in s.sources)


def test_the_hash_of_a_text_does_not_depend_on_line_ends() -> None:
    assert text_hash("a\nb") == text_hash("a\r\nb") != text_hash("a\nc")


def test_the_title_of_a_text_is_read_even_if_its_body_is_broken() -> None:
    assert title_of("---\ntitle: Kran\n---\n# kaputt", "x") == "Kran"
    assert title_of("kaputt", "x") == "x"
