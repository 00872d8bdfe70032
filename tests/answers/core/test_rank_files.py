"""Whole files are ranked; what cannot be used is named with file, line and remedy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nordlotse.answers.core.dense import Encoders
from nordlotse.answers.core.rank_files import default_store, rank_files
from nordlotse.answers.core.vectors import MemoryVectors
from nordlotse.foundation.problem import BadInput, NotFound, Problem
from tests.answers.core.stand_ins import stand_in_encoders

GOOD_P = [{"id": "a", "title": "Wartung", "text": "Wartung der Maschine"}, {"id": "b", "text": "Zuschuss vom Land"}]
GOOD_Q = [{"id": "q1", "q": "Welchen Zuschuss gibt das Land?"}, {"id": "q2", "q": ""}]


def _write(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def _rank(folder: Path, passages: Path, queries: Path, **keywords: Any) -> list[dict[str, Any]]:
    keywords = {"encoders": stand_in_encoders(), "store": MemoryVectors()} | keywords
    rank_files(passages, queries, folder / "run.jsonl", **keywords)
    return [json.loads(line) for line in (folder / "run.jsonl").read_text("utf-8").splitlines()]


def test_every_question_gets_one_line_with_the_promised_fields(tmp_path: Path) -> None:
    run = _rank(tmp_path, _write(tmp_path / "p", GOOD_P), _write(tmp_path / "q", GOOD_Q))
    assert [row["qid"] for row in run] == ["q1", "q2"]
    assert run[0]["pids"] == ["b", "a"]
    for row in run:
        assert set(row) == {"qid", "pids", "confidence", "abstain", "ms"}
        assert 0 <= row["confidence"] <= 1
        assert isinstance(row["abstain"], bool)
        assert row["ms"] >= 0
    assert run[1]["abstain"]


def test_k_limits_the_list(tmp_path: Path) -> None:
    p, q = _write(tmp_path / "p", GOOD_P), _write(tmp_path / "q", GOOD_Q)
    assert [len(row["pids"]) for row in _rank(tmp_path, p, q, k=1)] == [1, 1]
    with pytest.raises(BadInput, match="k must be at least 1"):
        _rank(tmp_path, p, q, k=0)


def test_a_pool_of_one_passage_is_ranked(tmp_path: Path) -> None:
    run = _rank(tmp_path, _write(tmp_path / "p", GOOD_P[:1]), _write(tmp_path / "q", GOOD_Q))
    assert run[0]["pids"] == ["a"]


def test_blank_lines_a_byte_order_mark_extra_fields_and_number_ids_are_fine(tmp_path: Path) -> None:
    p = tmp_path / "p"
    p.write_bytes(b'\xef\xbb\xbf{"id": 7, "text": "Wartung", "page": 3, "title": null}\n\n{"id": "b", "text": ""}\n')
    assert sorted(_rank(tmp_path, p, _write(tmp_path / "q", GOOD_Q))[0]["pids"]) == ["7", "b"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"id": "x", "text": ', "not_json"),
        (b"[1, 2]", "not_an_object"),
        (b'{"id": "x"}', "bad_field"),
        (b'{"text": "x"}', "bad_field"),
        (b'{"id": "", "text": "x"}', "bad_field"),
        (b'{"id": "x", "text": 5}', "bad_field"),
        (b'{"id": "x", "text": "y", "title": []}', "bad_field"),
        (b'{"id": true, "text": "y"}', "bad_field"),
        (b'{"id": "a", "text": "twice"}', "duplicate_id"),
        (b'{"id": "x", "text": "gr\xfc\xdfe"}', "not_utf8"),
        (b"[" * 100_000, "not_json"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_with_file_line_and_remedy(tmp_path: Path, line: bytes, code: str) -> None:
    p = tmp_path / "passages.jsonl"
    p.write_bytes(json.dumps(GOOD_P[0]).encode() + b"\n" + line + b"\n")
    with pytest.raises(BadInput) as caught:
        _rank(tmp_path, p, _write(tmp_path / "q", GOOD_Q))
    assert caught.value.code == code
    assert caught.value.where.endswith("passages.jsonl:2")
    assert caught.value.remedy_de
    assert caught.value.remedy_en
    assert not (tmp_path / "run.jsonl").exists()


def test_questions_are_checked_likewise(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        _rank(tmp_path, _write(tmp_path / "p", GOOD_P), _write(tmp_path / "q", [{"id": "q1", "text": "?"}]))
    assert caught.value.where.endswith("q:1")


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    empty = tmp_path / "empty"
    empty.write_bytes(content)
    with pytest.raises(BadInput, match="empty_file"):
        _rank(tmp_path, empty, _write(tmp_path / "q", GOOD_Q))


def test_a_missing_file_a_folder_and_an_unwritable_target_are_told_apart(tmp_path: Path) -> None:
    p, q = _write(tmp_path / "p", GOOD_P), _write(tmp_path / "q", GOOD_Q)
    with pytest.raises(NotFound):
        _rank(tmp_path, tmp_path / "nowhere", q)
    with pytest.raises(BadInput, match="cannot_read"):
        _rank(tmp_path, tmp_path, q)
    with pytest.raises(Problem, match="cannot_write"):
        rank_files(p, q, tmp_path / "no" / "such" / "run", encoders=Encoders(), store=MemoryVectors())


def test_a_second_run_embeds_no_passage_again(tmp_path: Path) -> None:
    p, q = _write(tmp_path / "p", GOOD_P), _write(tmp_path / "q", GOOD_Q)
    store, encoders = MemoryVectors(), stand_in_encoders()
    first = _rank(tmp_path, p, q, store=store, encoders=encoders)
    assert len(encoders.use.embedded) == 2  # type: ignore[union-attr]
    second = _rank(tmp_path, p, q, store=store, encoders=encoders)
    assert len(encoders.use.embedded) == 2  # type: ignore[union-attr]
    assert [row["pids"] for row in first] == [row["pids"] for row in second]


def test_progress_tells_what_is_being_done(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    p, q = _write(tmp_path / "p", GOOD_P), _write(tmp_path / "q", GOOD_Q)
    _rank(tmp_path, p, q, progress=lambda *row: seen.append(row))
    assert seen[-1] == ("questions", 2, 2)
    assert ("vectors", 2, 2) in seen


def test_the_cache_lies_in_the_users_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    store = default_store()
    assert store.path == tmp_path / "nordlotse" / "vectors.sqlite"
    store.close()
