"""Every rule of the lint is red for its own mistake alone and silent for a good article."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from nordlotse.answers.core import lint
from nordlotse.answers.core.article import parse_article
from nordlotse.answers.core.lint import Report, check_article, check_folder, check_pair, number_set, reading_ease
from nordlotse.foundation.language import Lang
from nordlotse.foundation.source import Source
from tests.answers.articles_made import GERMAN_BODY, ROLES, SOURCE, english, german

ON = date(2026, 11, 23)
KNOWN = frozenset({"law", "other"})


def expand(record_id: str, lang: Lang) -> Sequence[tuple[str, Sequence[Source]]]:
    return (
        [("Seit 2025 gilt die Pflicht.", [Source("law/s1", "G", "B", 2025, "", ON, "§ 1")])]
        if record_id in KNOWN
        else []
    )


def codes(raw: str, known: frozenset[str] | None = KNOWN) -> set[str]:
    report = Report()
    check_article(parse_article(raw, where="x", expand=expand), report, ON, known)
    return {f.code for f in report.findings}


def first(text: str) -> str:
    """The good body with another first section."""
    rest = GERMAN_BODY[GERMAN_BODY.index("## Was ist Punkt 2") :]
    return f"## Was ist Punkt 1? {{#punkt-1}}\n\n{text}\n\n{rest}"


def cost_text(text: str) -> str:
    """The good body with another text in the section that tells the cost."""
    number = next(n for n, role in enumerate(ROLES, 1) if role == "cost")
    start = GERMAN_BODY.index(f"## Was ist Punkt {number}")
    end = GERMAN_BODY.find(f"## Was ist Punkt {number + 1}")
    return (
        GERMAN_BODY[:start]
        + f"## Was kostet es? {{#punkt-{number}}}\n\n{text}\n\n"
        + (GERMAN_BODY[end:] if end > 0 else "")
    )


def sections(**changes: Any) -> dict[str, Any]:
    told = {f"punkt-{n}": {"role": role, "questions": ["Frage"]} for n, role in enumerate(ROLES, 1)}
    return {**told, **changes}


def test_a_good_article_has_no_finding() -> None:
    assert codes(german()) == set()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (german(checked_on=date(2026, 12, 1)), "checked_in_future"),
        (german(review_by=date(2026, 11, 1)), "review_before_check"),
        (german(review_by=date(2027, 11, 10)), "review_too_late"),
        (german(summary="Wort " * 33), "summary_long"),
        (german(must_cover={}), "must_cover_missing"),
        (german(must_cover={"Prüfung": "punkt-9"}), "must_cover_gap"),
        (
            german(
                GERMAN_BODY[: GERMAN_BODY.index("## Was ist Punkt 5")],
                sections=sections(
                    **{
                        "punkt-4": {"role": "next", "questions": ["F"]},
                        "punkt-3": {"role": "cost", "questions": ["F"]},
                        "punkt-2": {"role": "pitfalls", "questions": ["F"]},
                    }
                ),
            ),
            "few_sections",
        ),
        (german(sections=sections(**{"punkt-3": {"role": "detail", "questions": ["F"]}})), "role_missing"),
        (german(cost_text("Das hängt vom Betrieb ab. Rechnen Sie selbst. [s1]")), "cost_without_figure"),
        (german(sections=sections(**{"punkt-1": {"role": "other", "questions": ["F"]}})), "role_unknown"),
        (german(GERMAN_BODY.replace("Zahnradprüfung? {#punkt-1}", "Zahnradprüfung {#punkt-1}")), "heading_no_question"),
        (german(sections=sections(**{"punkt-1": {"role": "answer"}})), "no_questions"),
        (german(first("Nur ein Satz. [s1]")), "lead_length"),
        (german(first("Ein Satz. Zwei Sätze. Drei Sätze. Vier Sätze. Fünf Sätze. Sechs Sätze. [s1]")), "lead_length"),
        (german(first(("Wort " * 25 + "Ende. ") * 3 + "[s1]")), "lead_long"),
        (german(first("Ein Satz. Zwei Sätze. [s1]\n\n" + "Wort " * 33 + "Ende.")), "sentence_long"),
        (german(first("Ein Satz. Zwei [Verweise](https://example.org) hier. [s1]")), "mark_left"),
        (german(first("Ein Satz. Zwei {{records}} hier. [s1]")), "mark_left"),
        (german(first("Ein Satz. Zwei Sätze. [s7]")), "source_unknown"),
        (german(sources=[SOURCE, {**SOURCE, "id": "s2"}]), "source_unused"),
        (german(sources=[{**SOURCE, "passage": ""}]), "source_passage"),
        (german(sources=[{**SOURCE, "url": "siehe Netz"}]), "source_url"),
        (german(first("Ein Satz. Das Getriebe hat 7 Zähne.")), "number_without_source"),
        (german(first("Ein Satz. Zwei Sätze. [s1] {{record:unknown}}"), records=["unknown"]), "record_unknown"),
        (german(records=["law"]), "record_unused"),
        (german(first("Ein Satz. Zwei Sätze. [s1] {{record:law}}")), "record_unlisted"),
        (german(first("Ein Satz. Zwei Sätze. [s1]\n\n" + "Unklar ist das. [?] " * 9)), "too_uncertain"),
    ],
)
def test_each_rule_is_red_for_its_own_mistake(raw: str, code: str) -> None:
    assert codes(raw) == {code}


def test_without_known_records_their_ids_are_not_checked() -> None:
    assert codes(german(records=["anything"]), known=None) == set()


def test_a_translation_may_not_add_anchors_or_numbers() -> None:
    base = parse_article(german(), where="de")
    body = "## More? {#mehr}\n\nIt has 12.5 teeth and 1,000 parts. [s1]\n"
    report = Report()
    check_pair(base, parse_article(english(body), where="en", base=base), report)
    assert {f.code for f in report.findings} == {"anchor_only_english", "numbers_differ"}
    assert "1000, 12.5" in next(f.message for f in report.findings if f.code == "numbers_differ")


@pytest.mark.parametrize(
    ("text", "lang", "numbers"),
    [
        ("1.234,5 Euro und 20 %", "de", {"1234.5", "20"}),
        ("1,234.5 euros and 20%", "en", {"1234.5", "20"}),
        ("Industrie 4.0 und 3D-Druck, 24/7", "de", set()),
        ("Version 2.4", "de", {"2.4"}),
        ("50 000 Stück", "de", {"50", "000"}),
        ("ohne Zahl", "de", set()),
    ],
)
def test_numbers_are_compared_in_one_notation(text: str, lang: str, numbers: set[str]) -> None:
    assert number_set(text, lang) == numbers


def test_reading_ease_falls_with_long_words_and_sentences() -> None:
    easy = reading_ease("Das Rad ist gut. Es hält. Wir sind froh.", 3, "de")
    hard = reading_ease("Die Instandhaltungsorganisationsverantwortung obliegt Geschäftsführungsmitgliedern.", 1, "de")
    assert easy > 80
    assert hard < 0
    assert reading_ease("", 0, "de") == 0.0


# ---- folders ----


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "iot").mkdir()
    (tmp_path / "iot" / "iot-90.de.md").write_text(german(), encoding="utf-8")
    (tmp_path / "iot" / "iot-90.en.md").write_text(english(), encoding="utf-8")
    return tmp_path


def found(folder: Path) -> set[tuple[str, str]]:
    return {(f.where, f.code) for f in check_folder(folder, on=ON, expand=expand, known_records=KNOWN).findings}


def test_a_good_folder_has_no_finding_and_reports_reading_ease(folder: Path) -> None:
    report = check_folder(folder, on=ON, expand=expand, known_records=KNOWN)
    assert report.findings == []
    assert set(report.reading_ease) == {"iot-90.de", "iot-90.en"}


def test_broken_files_are_findings_with_place(folder: Path) -> None:
    (folder / "iot" / "iot-91.de.md").write_text("---\nid: [\n---\n", encoding="utf-8")
    (folder / "iot" / "iot-92.de.md").write_bytes("Größe".encode("cp1252"))
    (folder / "iot" / "iot-93.de.md").mkdir()
    told = found(folder)
    assert {
        ("iot-91.de.md:3", "article_yaml"),
        ("iot-92.de.md", "encoding"),
        ("iot-93.de.md", "unreadable"),
    } <= told | {(w.replace("md:2", "md:3"), c) for w, c in told}


def test_missing_halves_wrong_names_and_unknown_relations_are_findings(folder: Path) -> None:
    (folder / "iot" / "iot-91.de.md").write_text(german(id="iot-91", related=["iot-99"]), encoding="utf-8")
    (folder / "iot" / "falsch.de.md").write_text(german(id="iot-92"), encoding="utf-8")
    told = found(folder)
    assert ("iot-91.en", "translation_missing") in told
    assert ("iot-91.de", "related_unknown") in told
    assert ("falsch.de.md", "file_name") in told


def test_a_translation_without_original_is_a_finding(folder: Path) -> None:
    (folder / "iot" / "iot-90.de.md").unlink()
    assert ("iot-90.en.md: checked_on", "article_field") in found(folder)


def test_the_command_exits_with_0_2_or_3(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lint.main([str(folder)]) == 0
    assert "2 articles, 0 findings" in capsys.readouterr().out
    (folder / "iot" / "iot-91.de.md").write_text(
        german(id="iot-91", related=["iot-99"], summary="Wort " * 40), encoding="utf-8"
    )
    assert lint.main([str(folder)]) == 3
    assert "related_unknown" in capsys.readouterr().out
    lint.main([str(folder), "--draft", "--only=iot-91"])
    assert "related_unknown" not in capsys.readouterr().out
    assert lint.main([]) == 2
    assert lint.main([str(folder / "missing")]) == 2
