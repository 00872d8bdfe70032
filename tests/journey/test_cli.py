"""`nordlotse ask` and its neighbours keep their contract: other tools rely on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nordlotse import cli
from nordlotse.journey.api import AnswerOut
from nordlotse.journey.models import Inquiry

pytestmark = pytest.mark.django_db

Called = tuple[int, str, str]
Run = Callable[..., Called]
KEYS = ["id", "question", "lang", "kind", "topic", "confidence", "score", "answer", "sentences", "sources", "valid_on", "warnings", "ask_back",
        "demonstrator", "next_step", "ms"]  # fmt: skip


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process and return exit code, stdout and stderr."""
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)

    def call(*arguments: str) -> Called:
        try:
            code = cli.main(arguments)
        except SystemExit as ended:
            code = int(ended.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def check_answer(made: dict[str, Any]) -> None:
    """Check the answer object of section 5: every key, no null list, known values."""
    assert list(made) == KEYS
    AnswerOut.model_validate(made)
    assert all(isinstance(made[k], list) for k in ("sentences", "sources", "warnings", "ask_back"))
    assert len(made["sentences"]) <= 6
    for sentence in made["sentences"]:
        assert set(sentence) == {"text", "article", "section", "start", "end", "sources"}
    for source in made["sources"]:
        assert set(source) == {"id", "title", "publisher", "year", "url", "checked_on"}


def test_a_question_gives_readable_text_with_sources_and_a_next_step(run: Run) -> None:
    code, out, _ = run("ask", "Was kostet es, eine alte Maschine zu vernetzen?")
    assert code == 0
    assert "Quellen:" in out and "geprüft am" in out and "→" in out
    assert "http://localhost:" in out


def test_an_english_question_gets_english_text(run: Run) -> None:
    code, out, _ = run("ask", "What does it cost to connect an old machine?")
    assert code == 0
    assert "Sources:" in out and "/en/" in out


@pytest.mark.parametrize(
    "question",
    [
        "Was kostet es, eine alte Maschine zu vernetzen?",
        "What does it cost to connect an old machine?",
        "Wir wurden verschlüsselt",
        "Hilfe",
        "Wie wird das Wetter?",
        "Soll ich meinen Mitarbeiter Müller kündigen?",
        "xyzzy plugh",
        "Welche Förderung gibt es?",
    ],
)
def test_json_alone_stands_on_stdout_with_every_key(run: Run, question: str) -> None:
    code, out, _ = run("ask", question, "--json")
    assert code == 0
    made = json.loads(out)
    check_answer(made)
    assert made["question"] == question


@pytest.mark.parametrize("state", ["HH", "Hamburg", "hamburg"])
def test_a_state_may_be_a_code_or_a_name(run: Run, state: str) -> None:
    code, out, _ = run(
        "ask", "Welche Förderung gibt es für die Digitalisierung?", "--state", state, "--employees", "40", "--json"
    )
    assert code == 0
    assert json.loads(out)["next_step"]["target"] == "/foerderung/?state=HH&employees=40"


WRONG_CALLS = [
    [],
    ["ask"],
    ["ask", "a", "b"],
    ["ask", "Was ist OEE?", "--lang", "fr"],
    ["ask", "Was ist OEE?", "--employees", "viele"],
    ["ask", "Was ist OEE?", "--batch", "x", "--out", "y"],
    ["ask", "--batch", "x"],
    ["ask", "--out", "x"],
    ["ask", "Was ist OEE?", "--colour"],
    ["nothing"],
    ["knowledge"],
    ["answers", "rank"],
    ["admin"],
]


@pytest.mark.parametrize("arguments", WRONG_CALLS, ids=[" ".join(a) or "nothing" for a in WRONG_CALLS])
def test_a_wrong_call_ends_with_2_and_leaves_stdout_empty(run: Run, arguments: list[str]) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err


BAD_INPUT = [
    ["ask", ""],
    ["ask", "   "],
    ["ask", "🎉"],
    ["ask", "x" * 2001],
    ["ask", "Was ist OEE?", "--state", "Bayern"],
    ["ask", "Was ist OEE?", "--employees", "-5"],
    ["ask", "--batch", "/nowhere.jsonl", "--out", "/nowhere/never.jsonl"],
]


@pytest.mark.parametrize("arguments", BAD_INPUT, ids=[" ".join(a)[:40] for a in BAD_INPUT])
@pytest.mark.parametrize("json_too", [False, True])
def test_bad_input_ends_with_3_and_leaves_stdout_empty(run: Run, arguments: list[str], json_too: bool) -> None:
    code, out, err = run(*arguments, *(["--json"] if json_too else []))
    assert (code, out) == (3, "")
    assert "→" in err  # what to do


@pytest.mark.parametrize(
    ("variable", "value", "german"),
    [("LANG", "de_DE.UTF-8", True), ("LC_ALL", "de_DE", True), ("LANG", "en_GB", False)],
)
def test_errors_speak_the_terminal_s_language(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, german: bool
) -> None:
    monkeypatch.setenv(variable, value)
    assert ("Die Frage ist leer." in run("ask", " ")[2]) is german


def _batch(run: Run, tmp_path: Path, lines: list[bytes]) -> tuple[Called, list[dict[str, Any]]]:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b"\n".join(lines) + b"\n")
    called = run("ask", "--batch", str(source), "--out", str(target))
    return called, [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]


def test_a_batch_answers_every_line_in_order_and_stores_nothing(run: Run, tmp_path: Path) -> None:
    rows = [{"id": "a", "question": "Was ist OEE?"}, {"id": 7, "question": "What is OPC UA?", "lang": "en"},
            {"id": "c", "question": "Welche Förderung gibt es?", "region": "Hamburg", "employees": 12, "colour": "blue", "state": None}]  # fmt: skip
    (code, out, err), made = _batch(run, tmp_path, [json.dumps(r).encode() for r in rows])
    assert (code, out) == (0, "")
    assert [m["id"] for m in made] == ["a", "7", "c"]
    for row in made:
        check_answer(row)
    assert made[1]["lang"] == "en"
    assert "state=HH" in made[2]["next_step"]["target"]
    assert Inquiry.objects.count() == 0
    assert "3 lines, 0 refused" in err


def test_broken_lines_are_told_with_their_number_and_the_others_are_answered(run: Run, tmp_path: Path) -> None:
    lines = [
        b'{"id": "good", "question": "Was ist OEE?"}',
        b"{broken",
        b"",
        b"[1, 2]",
        b'{"id": "empty", "question": ""}',
        b'{"id": "number", "question": 5}',
        b'{"id": "none"}',
        b'{"id": "state", "question": "Was ist OEE?", "state": "Bayern"}',
        b'{"id": "size", "question": "Was ist OEE?", "employees": -1}',
        b'{"id": "float", "question": "Was ist OEE?", "employees": 2.5}',
        b'{"id": "long", "question": "' + b"x" * 3000 + b'"}',
        b'{"id": "latin", "question": "Gr\xf6\xdfe?"}',
        b"[" * 50_000,
        b"x" * 200_000,
        b"\xef\xbb\xbf" + b'{"id": "bom", "question": "Was ist MQTT?"}',
    ]
    (code, out, err), made = _batch(run, tmp_path, lines)
    assert (code, out) == (3, "")
    assert len(made) == len(lines) - 1  # the empty line
    assert [m["id"] for m in made if "error" not in m] == ["good", "bom"]
    for row in made:
        if "error" in row:
            assert set(row["error"]) == {"code", "message_de", "message_en", "where", "remedy"}
            assert row["error"]["where"].startswith("in.jsonl:")
    assert "in.jsonl:2" in err and "in.jsonl:8" in err


def test_a_batch_that_fails_leaves_no_half_file_under_the_final_name(run: Run, tmp_path: Path) -> None:
    code, _, _ = run("ask", "--batch", str(tmp_path / "missing.jsonl"), "--out", str(tmp_path / "out.jsonl"))
    assert code == 3
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"question": "Was ist OEE?"}', encoding="utf-8")
    code, out, err = run("ask", "--batch", str(tmp_path / "in.jsonl"), "--out", str(tmp_path / "missing" / "out.jsonl"))
    assert (code, out) == (4, "")
    assert "missing" in err


def test_a_text_that_is_no_utf_8_in_the_shell_is_answered_or_refused(run: Run) -> None:
    code, out, _ = run("ask", "Was ist OEE\udcff?", "--json")
    assert code == 0
    assert json.loads(out)["kind"]


def test_programmes_as_json_name_state_source_and_date(run: Run) -> None:
    code, out, _ = run("programmes", "--state", "SH", "--employees", "40", "--json")
    found = json.loads(out)
    assert code == 0
    assert {"open", "unknown", "ended"} <= set(found)
    assert all(row["checked_on"] and row["office"]["url"] for row in found["open"])


def test_programmes_refuse_an_unknown_state(run: Run) -> None:
    assert run("programmes", "--state", "Bayern")[0] == 3


def test_version_is_printed(run: Run) -> None:
    code, out, _ = run("--version")
    assert code == 0
    assert out.startswith("nordlotse ")
