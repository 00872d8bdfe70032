"""`nordlotse readiness` as a program: what it prints, how it ends, and what it says to wrong files and names."""

from __future__ import annotations

import ctypes
import json
from pathlib import Path
from typing import Any

import pytest

from nordlotse.cli import main
from nordlotse.foundation.questionnaire.sheets import read_workbook
from nordlotse.readiness.core import planning
from nordlotse.readiness.core.own import example_workbook

A = {
    "dma": {
        "plan": 4,
        "invested": 3,
        "prepared": 5,
        "basic": 7,
        "advanced": [1, 0, 5, 3, 2, 0, 1],
        "skill": 3,
        "staff": 4,
        "data": 4,
        "security": 3,
        "ai": [0, 1, 0, 2, 3],
        "green": 3,
        "env": [0, 1, 2, 0, 1],
    }
}


@pytest.fixture
def called(capsys: pytest.CaptureFixture[str]) -> Any:
    """Call the program; return its exit code, what it printed as JSON, and what it said."""

    def call(*arguments: object) -> tuple[int, Any, str]:
        code = main(["readiness", *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out.startswith(("{", "[")) else out, err

    return call


def written(folder: Path, value: object) -> Path:
    file = folder / "answers.json"
    file.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return file


def test_models_lists_every_item_with_its_answers_and_points(called: Any) -> None:
    code, found, _ = called("models", "--json")
    assert code == 0
    assert [m["id"] for m in found["models"]] == ["own", "dma", "impuls"]
    items = [i for m in found["models"] for d in m["dimensions"] for i in d["items"]]
    assert all(i["label"]["de"] and i["label"]["en"] and i["choices"] and i["value"] for i in items)
    assert {q["id"] for q in found["company"]} == {"employees", "sector", "state"}


def test_from_the_list_alone_an_answers_file_can_be_written_that_is_scored_highest(called: Any, tmp_path: Path) -> None:
    _, found, _ = called("models", "--json")
    answers: dict[str, Any] = {}
    own = found["models"][0]
    for item in (i for d in own["dimensions"] for i in d["items"]):
        best = [c["name"] for c in item["choices"] if c["points"]]
        answers[item["id"]] = best if item["type"] == "select_multiple" else best[-1]
    code, scores, _ = called("score", written(tmp_path, {"answers": answers}), "--model", "own", "--json")
    assert code == 0
    assert scores["own"]["total"] == scores["own"]["upper"] == own["top"]
    assert scores["own"]["level"] == 4


def test_score_gives_the_golden_vector_of_the_dma(called: Any, tmp_path: Path) -> None:
    code, scores, _ = called("score", written(tmp_path, A), "--model", "dma", "--json")
    assert code == 0
    assert list(scores) == ["dma"]
    dma = scores["dma"]
    assert [round(v, 2) for v in dma["dimensions"].values()] == [40.00, 52.14, 46.43, 50.00, 24.00, 35.00]
    assert round(dma["total"], 2) == 41.26
    assert {"total", "level", "lower", "upper", "blocking", "trace", "dimensions"} <= dma.keys()
    assert all(b["item"] and b["reason"] for b in dma["blocking"])


def test_score_gives_the_golden_vector_of_impuls(called: Any, tmp_path: Path) -> None:
    short = {"S": [1, 1, 2], "F": [1, 1, 2, 3], "O": [5, 5, 5, 1], "P": [0, 0], "D": [0, 0, 0], "M": [2, 3]}
    code, scores, _ = called("score", written(tmp_path, {"impuls": short}), "--model", "impuls", "--json")
    assert code == 0
    assert scores["impuls"]["total"] == 0.85
    assert scores["impuls"]["level"] == 1


def test_several_models_may_be_named_in_every_way(called: Any, tmp_path: Path) -> None:
    file = written(tmp_path, A)
    for arguments in (
        [file, "--model", "own", "dma"],
        [file, "--model", "own", "--model", "dma"],
        ["--model", "own,dma", file],
        ["--model", "own", "dma", file],
    ):
        assert list(called("score", *arguments, "--json")[1]) == ["own", "dma"]
    assert list(called("score", file, "--json")[1]) == ["own", "dma", "impuls"]


def test_without_json_a_person_can_read_it(called: Any, tmp_path: Path) -> None:
    code, text, _ = called("score", written(tmp_path, A), "--model", "dma")
    assert code == 0
    assert text.startswith("dma: total 41.26")


@pytest.mark.parametrize(
    ("document", "said", "remedy"),
    [
        ({"answers": {"iot_usee": "3"}}, "answers.iot_usee", "iot_use"),
        ({"answers": {"iot_use": "9"}}, "answers.iot_use", "Possible are"),
        ({"answers": {"iot_use": ["1"]}}, "answers.iot_use", "name of one choice"),
        ({"answers": {"iot_use": None, "employees": "many"}}, "answers.employees", "digits"),
        ({"answers": {"employees": -3}}, "answers.employees", "Check"),
        ({"answers": {"security": ["rules", "none"]}}, "answers.security", "tick"),
        ({"answers": [1, 2]}, "answers", "map"),
        ([], "answers.json", "Write"),
        ({"answrs": {}}, "answrs", "Possible"),
        ({"dma": {"plan": 99}}, "plan", ""),
        ('{"answers": {"a": 1,}}', ":1:", "commas"),
        ('{"answers": {"a": NaN}}', "NaN", "place"),
        ('{"answers": {"a": "1", "a": "2"}}', "stands twice", "place"),
        ("[" * 100_000, "answers.json", "place"),
        ("", ":1:1", "place"),
        ('{"answers": {"iot_use": ' + "9" * 5000 + "}}", "answers.json", ""),
    ],
)
def test_wrong_answers_end_with_three_and_say_where_and_what_to_do(
    called: Any, tmp_path: Path, document: object, said: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    code, out, err = called("score", written(tmp_path, document), "--json")
    assert code == 3
    assert out == ""
    assert said in err
    assert remedy in err
    assert "Traceback" not in err


def test_every_wrong_answer_is_told_not_only_the_first(called: Any, tmp_path: Path) -> None:
    _, _, err = called("score", written(tmp_path, {"answers": {"iot_use": "9", "employees": "x", "nobody": 1}}))
    assert all(f"answers.{name}" in err for name in ("iot_use", "employees", "nobody"))


def test_ten_megabytes_are_refused_unread(called: Any, tmp_path: Path) -> None:
    code, _, err = called("score", written(tmp_path, '{"answers": {"x": "' + "y" * 10_000_000 + '"}}'))
    assert code == 3
    assert "1 MB" in err


def test_bytes_that_are_no_text_are_refused(called: Any, tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    file.write_bytes(b"\xff\xfe{}")
    assert called("score", file)[0] == 3


def test_a_missing_file_is_told_and_ends_with_four(called: Any, tmp_path: Path) -> None:
    code, _, err = called("score", tmp_path / "nowhere.json")
    assert code == 4
    assert "nowhere.json" in err


@pytest.mark.parametrize(
    "command", [["score", "--model", "foo"], ["plan", "--model", "foo", "--budget", "1"], ["form", "foo"]]
)
def test_an_unknown_model_is_told_with_those_there_are(called: Any, tmp_path: Path, command: list[str]) -> None:
    more = ["--out", tmp_path / "f.xlsx"] if command[0] == "form" else []
    file = [] if command[0] == "form" else [written(tmp_path, A)]
    code, _, err = called(command[0], *file, *command[1:], *more)
    assert code == 3
    assert "own, dma, impuls" in err


def test_a_plan_within_a_budget_costs_no_more(called: Any, tmp_path: Path) -> None:
    code, found, _ = called("plan", written(tmp_path, A), "--model", "dma", "--budget", "5000", "--json")
    assert code == 0
    assert {"steps", "total_cost_eur", "reached"} <= found.keys()
    assert found["total_cost_eur"]["likely"] <= 5000
    assert 1 <= len(found["steps"]) <= 5
    assert found["after"] > found["before"]


def test_a_plan_to_a_level_says_whether_it_reaches_it(called: Any, tmp_path: Path) -> None:
    code, found, _ = called("plan", written(tmp_path, A), "--model", "dma", "--target", "moderately_advanced", "--json")
    assert code == 0
    assert found["goal"]["target"] == "moderately_advanced"
    assert isinstance(found["reached"], bool)


def test_capital_letters_and_lengths_in_names_do_not_matter(called: Any, tmp_path: Path) -> None:
    spelled = {f"{key.upper()}[7]" if key == "advanced" else key.capitalize(): v for key, v in A["dma"].items()}
    code, scores, _ = called("score", written(tmp_path, {"DMA": spelled}), "--model", "dma", "--json")
    assert code == 0
    assert round(scores["dma"]["total"], 2) == 41.26


def test_what_blocks_and_what_is_traced_is_named_as_answers_name_it(called: Any, tmp_path: Path) -> None:
    _, listed, _ = called("models", "--json")
    known = {i["id"] for m in listed["models"] for d in m["dimensions"] for i in d["items"]}
    _, scores, _ = called("score", written(tmp_path, A), "--json")
    for score in scores.values():
        assert {b["item"] for b in score["blocking"]} <= known
        assert {p["item"] for p in score["trace"]} <= known


def test_a_plan_begins_where_the_score_stands(called: Any, tmp_path: Path) -> None:
    # “don't know” whether there are machines: the question behind it is missing, not irrelevant
    file = written(
        tmp_path, {"answers": {"machine_data": "not_applicable", "print3d_use": "dont_know", "iot_use": "5"}}
    )
    _, scores, _ = called("score", file, "--json")
    for model in ("own", "dma", "impuls"):
        _, found, _ = called("plan", file, "--model", model, "--budget", "0", "--json")
        assert found["before"] == pytest.approx(scores[model]["lower"], abs=1e-6)


def test_what_the_solver_prints_never_gets_between_the_json(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    libc = ctypes.CDLL(None)
    real = planning.plan

    def noisy(*given: Any, **named: Any) -> Any:
        libc.puts(b"a line of the solver")
        return real(*given, **named)

    monkeypatch.setattr(planning, "plan", noisy)
    assert main(["readiness", "plan", str(written(tmp_path, A)), "--model", "dma", "--budget", "0", "--json"]) == 0
    libc.fflush(None)
    out, err = capfd.readouterr()
    assert "a line of the solver" in err
    assert json.loads(out)["reached"]


@pytest.mark.parametrize("amount", ["5.5", "5000.00", "1,000", "1.00.000", "5e3", "٥"])
def test_an_amount_that_could_be_misread_is_refused(called: Any, tmp_path: Path, amount: str) -> None:
    assert called("plan", written(tmp_path, A), "--model", "dma", "--budget", amount)[0] == 2


@pytest.mark.parametrize("amount", ["5000", "5.000", "5 000 EUR", "5.000 €"])
def test_an_amount_may_be_written_as_people_write_it(called: Any, tmp_path: Path, amount: str) -> None:
    code, found, _ = called("plan", written(tmp_path, A), "--model", "dma", "--budget", amount, "--json")
    assert (code, found["goal"]["budget_eur"]) == (0, 5000)


@pytest.mark.parametrize(("goal", "code"), [(["--target", "9"], 3), (["--budget", "viel"], 2), (["--budget", "-5"], 2)])
def test_a_wrong_goal_is_told(called: Any, tmp_path: Path, goal: list[str], code: int) -> None:
    file = written(tmp_path, A)
    try:
        ended = called("plan", file, "--model", "dma", *goal)[0]
    except SystemExit as error:
        ended = error.code
    assert ended == code


def test_the_questions_of_a_model_come_as_a_workbook_and_compile_again(called: Any, tmp_path: Path) -> None:
    file = tmp_path / "own.xlsx"
    assert called("form", "own", "--out", file)[0] == 0
    code, made, _ = called("compile", file, "--json")
    assert code == 0
    assert made["ok"]
    result = read_workbook("own.xlsx", file.read_bytes())
    assert result.form is not None
    assert made["form_hash"] == result.form.hash


def test_an_output_that_is_no_xlsx_is_refused(called: Any, tmp_path: Path) -> None:
    assert called("form", "own", "--out", tmp_path / "own.pdf")[0] == 2


def test_a_workbook_of_ones_own_compiles_to_questions_and_a_model(called: Any, tmp_path: Path) -> None:
    file = tmp_path / "welding.xlsx"
    file.write_bytes(example_workbook())
    code, made, _ = called("compile", file, "--json")
    assert code == 0
    assert made["findings"] == []
    assert made["model"]["id"] == "welding_check"
    answers = written(
        tmp_path, {"answers": {"welds": "yes", "weld_robot": "3", "weld_power": "3", "weld_records": ["machine"]}}
    )
    code, scores, _ = called("score", answers, "--form", file, "--model", "welding_check", "--json")
    assert code == 0
    assert scores["welding_check"]["dimensions"]["technology"] == 100


def test_a_wrong_workbook_ends_with_three_and_lists_cells(called: Any, tmp_path: Path) -> None:
    file = tmp_path / "form.yaml"
    file.write_text(
        "settings: {form_id: t}\nquestions:\n  - {name: a, kind: integer, de: A, en: A, relevant: '${b} > 1'}\n"
    )
    code, made, err = called("compile", file, "--json", "--lang", "en")
    assert code == 3
    assert not made["ok"]
    assert [(f["code"], f["sheet"], f["row"], f["column"]) for f in made["findings"]] == [
        ("undefined_reference", "survey", 3, "relevant")
    ]
    assert "survey, row 3, column relevant" in err


def test_a_struck_measure_is_not_in_the_plan(called: Any, tmp_path: Path) -> None:
    file = written(tmp_path, A)
    _, first, _ = called("plan", file, "--model", "dma", "--budget", "5000", "--json")
    struck = [step["id"] for step in first["steps"]][:2]
    code, second, _ = called(
        "plan", file, "--model", "dma", "--budget", "5000", "--without", struck[0], "--without", struck[1], "--json"
    )
    assert code == 0
    assert not set(struck) & {step["id"] for step in second["steps"]}


def test_striking_out_what_is_no_measure_is_refused(called: Any, tmp_path: Path) -> None:
    assert called("plan", written(tmp_path, A), "--model", "dma", "--budget", "1", "--without", "gone")[0] == 2


def test_a_plan_keeps_within_the_days_named(called: Any, tmp_path: Path) -> None:
    code, found, _ = called(
        "plan", written(tmp_path, A), "--model", "dma", "--budget", "5000", "--days", "1,5", "--json"
    )
    assert code == 0
    assert found["goal"]["days"] == 1.5
    assert 0 < found["days"]["likely"] <= 1.5


@pytest.mark.parametrize("days", ["0.3", "x", "-1", ""])
def test_days_that_are_neither_whole_nor_half_are_refused(called: Any, tmp_path: Path, days: str) -> None:
    assert called("plan", written(tmp_path, A), "--model", "dma", "--budget", "1", f"--days={days}")[0] == 2


def test_a_plan_names_what_comes_first_whatever_it_counts(called: Any, tmp_path: Path) -> None:
    file = written(tmp_path, {"answers": {"employees": 5, "sector": "F", "security": []}})
    _, found, _ = called("plan", file, "--model", "own", "--budget", "0", "--json")
    assert found["first"] == ["backup_sticks", "password_list"]
