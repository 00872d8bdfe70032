"""A broken record file is named with place and remedy, and takes nothing else down."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.foundation.records import load, read_records, record, sentences, warnings

GOOD = load.DATA / "law" / "gdpr-breach.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the shipped sources and one good record."""
    (tmp_path / "law").mkdir()
    shutil.copy(load.DATA / "sources.yaml", tmp_path / "sources.yaml")
    shutil.copy(GOOD, tmp_path / "law" / GOOD.name)
    return tmp_path


def _broken(folder: Path, old: str, new: str) -> BadInput:
    text = GOOD.read_text(encoding="utf-8")
    assert old in text
    copy = folder / "law" / "broken.yaml"
    copy.write_text(text.replace("id: gdpr-breach", "id: broken").replace(old, new), encoding="utf-8")
    loaded = read_records(folder)
    assert "gdpr-breach" in loaded.records
    assert "broken" not in loaded.records
    assert len(loaded.problems) == 1
    return loaded.problems[0]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("topic: digitalisation", "topic: cooking", "topic"),
        ("topic: digitalisation", "topics: digitalisation", "topic"),
        ("status: in_force", "status: maybe", "status"),
        ("fact_status: verified", "fact_status: sure", "fact_status"),
        ("jurisdiction: EU", "jurisdiction: FR", "jurisdiction"),
        ("checked_on: 2026-11-23", "checked_on: yesterday", "checked_on"),
        ("review_by: 2027-02-21", "review_by: 2025-02-21", "review_by"),
        ("{hours}", "{minutes}", "minutes"),
        ("id: hahn-art33", "id: nobody", "nobody"),
        ("value: 72", "value: many", "value"),
        ("value: 72", "value: .inf", "value"),
        ("valid_from: 2018-05-25", "valid_from: 2018-05-25\nvalid_until: 2017-01-01", "valid_until"),
        ("topic: digitalisation", "topic: digitalisation\ntopic: iot", "topic"),
        ("topic: digitalisation", "topic: digitalisation\nsecret: 1", "secret"),
        ('subject: {de: "', 'subject: {fr: "', "subject"),
        ("statements:", "statements: [1]\nx:", "statements"),
        ("status: in_force", "status: [", "broken.yaml"),
        ("- {name: hours", "- {name: since", "amounts"),
    ],
)
def test_a_broken_file_is_named_and_the_rest_stays(folder: Path, old: str, new: str, told: str) -> None:
    problem = _broken(folder, old, new)
    shown = f"{problem.where} {problem.message_de}"
    assert "law/broken.yaml" in problem.where
    assert told in shown
    assert problem.remedy_de and problem.remedy_en and problem.message_en


def test_the_line_of_the_field_is_told(folder: Path) -> None:
    assert _broken(folder, "status: in_force", "status: maybe").where.startswith("law/broken.yaml:3 ")


def test_a_file_in_another_encoding_is_refused_with_its_name(folder: Path) -> None:
    (folder / "law" / "latin.yaml").write_bytes("id: latin\nsubject: Prüfung\n".encode("latin-1"))
    assert [p.where for p in read_records(folder).problems] == ["law/latin.yaml"]


def test_two_records_cannot_share_an_id(folder: Path) -> None:
    (folder / "standards").mkdir()
    shutil.copy(GOOD, folder / "standards" / GOOD.name)
    loaded = read_records(folder)
    assert len(loaded.records) == 1
    assert "gdpr-breach" in loaded.problems[0].message_en


def test_missing_sources_silence_records_but_do_not_raise(folder: Path) -> None:
    (folder / "sources.yaml").unlink()
    loaded = read_records(folder)
    assert loaded.records == {}
    assert len(loaded.problems) == 2


def test_an_unverified_record_is_silent(folder: Path) -> None:
    path = folder / "law" / GOOD.name
    path.write_text(
        path.read_text(encoding="utf-8").replace("fact_status: verified", "fact_status: unverified"), "utf-8"
    )
    made = read_records(folder).records["gdpr-breach"]
    assert not made.speaks
    assert sentences(made, "de", date(2026, 11, 23), {}) == ()
    assert warnings(made, "de", date(2030, 1, 1)) == ()


def test_an_unknown_alternative_is_reported(folder: Path) -> None:
    (folder / "funding").mkdir()
    text = (load.DATA / "funding" / "go-digital.yaml").read_text(encoding="utf-8")
    (folder / "funding" / "go-digital.yaml").write_text(text, encoding="utf-8")
    loaded = read_records(folder)
    assert "go-digital" in loaded.records
    assert any("kfw-511-512" in p.message_en for p in loaded.problems)


def test_an_unknown_id_is_not_found() -> None:
    with pytest.raises(NotFound):
        record("nobody")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=300))
def test_any_text_is_a_record_or_a_told_problem(folder: Path, text: str) -> None:
    (folder / "law" / "any.yaml").write_text(text, encoding="utf-8", errors="surrogatepass")
    loaded = read_records(folder)
    assert "gdpr-breach" in loaded.records
    assert all(p.where for p in loaded.problems)
