"""Bad forms: every mistake is told with sheet, row, column and remedy in two languages; a good form has no findings."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.foundation.questionnaire.finding import Finding
from nordlotse.foundation.questionnaire.form import Form
from nordlotse.foundation.questionnaire.rows import Compiled, compiled, read_form
from nordlotse.foundation.questionnaire.tables import Table
from nordlotse.foundation.questionnaire.written import tables_of_yaml

SURVEY = (
    "type",
    "name",
    "label::Deutsch (de)",
    "label::English (en)",
    "relevant",
    "calculation",
    "dimension",
    "weight",
)
CHOICES = ("list_name", "name", "label::Deutsch (de)", "label::English (en)", "score", "exclusive")


def table(
    name: str, columns: tuple[str, ...], *rows: tuple[object, ...], odd: dict[tuple[int, str], str] | None = None
) -> Table:
    cells = tuple(
        (n, {c: str(v) for c, v in zip(columns, row, strict=False) if v != ""}) for n, row in enumerate(rows, 2)
    )
    return Table(name, columns, cells, odd or {})


SETTINGS = table("settings", ("form_id", "version", "title_de", "title_en"), ("t", "1", "Test", "Test"))
STAGES = (("st", "0", "nein", "no", 0), ("st", "1", "ja", "yes", 1), ("st", "2", "ganz", "fully", 2))


def made(
    *survey: tuple[object, ...], choices: tuple[tuple[object, ...], ...] = STAGES, more: tuple[Table, ...] = ()
) -> Compiled:
    return compiled([SETTINGS, table("survey", SURVEY, *survey), table("choices", CHOICES, *choices), *more])


def found(result: Compiled) -> list[tuple[str, str, int, str]]:
    return [(f.code, f.sheet, f.row, f.column) for f in result.findings]


GOOD = (
    ("integer", "n", "Zahl", "number"),
    ("select_one st", "a", "Frage", "question", "${n} > 3"),
    ("calculate", "c", "", "", "", "coalesce(${a}, 0) * 2"),
)


def test_a_good_form_has_no_findings() -> None:
    result = made(*GOOD)
    assert result.findings == ()
    assert result.form is not None
    assert [q.name for q in result.form.questions] == ["n", "a", "c"]


@pytest.mark.parametrize(
    ("survey", "finding"),
    [
        ((("integer", "a", "A", "A", "${nothing} > 1"),), ("undefined_reference", "survey", 2, "relevant")),
        ((("integer", "a", "A", "A", "1 +"),), ("expression_end", "survey", 2, "relevant")),
        ((("integer", "a", "A", "A", "1 div 0"),), ("expression_zero", "survey", 2, "relevant")),
        ((("integer", "a", "A", "A", "(" * 50 + "1" + ")" * 50),), ("expression_too_deep", "survey", 2, "relevant")),
        (
            (("integer", "a", "A", "A", "${b} > 1"), ("integer", "b", "B", "B", "${a} > 1")),
            ("circle", "survey", 2, "relevant"),
        ),
        ((("calculate", "a", "", "", "", "${a} + 1"),), ("circle", "survey", 2, "calculation")),
        (
            (("integer", "a", "A", "A", "${b} > 1"), ("integer", "b", "B", "B")),
            ("forward_reference", "survey", 2, "relevant"),
        ),
        (
            (("select_one st", "a", "A", "A"), ("integer", "b", "B", "B", "${a} = 'yes'")),
            ("unreachable", "survey", 3, "relevant"),
        ),
        (
            (("integer", "a", "A", "A"), ("integer", "b", "B", "B", "${a} > 5 and ${a} < 5")),
            ("unreachable", "survey", 3, "relevant"),
        ),
        ((("integer", "a", "A", "A"), ("text", "a", "B", "B")), ("double_name", "survey", 3, "name")),
        ((("integer", "über", "A", "A"),), ("bad_name", "survey", 2, "name")),
        ((("integer", "", "A", "A"),), ("name_missing", "survey", 2, "name")),
        ((("select_one nix", "a", "A", "A"),), ("unknown_list", "survey", 2, "type")),
        ((("selekt_one st", "a", "A", "A"),), ("unknown_type", "survey", 2, "type")),
        ((("begin_repeat", "a", "A", "A"),), ("unknown_type", "survey", 2, "type")),
        (
            (("integer", "a", "Nur deutsch", ""), ("integer", "b", "B", "B")),
            ("translation_missing", "survey", 2, "label::English (en)"),
        ),
        ((("integer", "a", "", ""), ("integer", "b", "B", "B")), ("label_missing", "survey", 2, "label")),
        ((("integer", "a", "1 bis 10", "1 to 100"),), ("figures_differ", "survey", 2, "label")),
        ((("calculate", "a", "", ""),), ("calculation_missing", "survey", 2, "calculation")),
        ((("end_group",), ("integer", "a", "A", "A")), ("group_end", "survey", 2, "type")),
        ((("begin_group", "g", "G", "G"), ("integer", "a", "A", "A")), ("group_open", "survey", 2, "type")),
        ((("integer", "a", "A" * 601, "A"),), ("too_long", "survey", 2, "label::Deutsch (de)")),
        ((("integer", "a", "A", "A", "", "", "", "viel"),), ("not_a_number", "survey", 2, "weight")),
    ],
)
def test_a_mistake_in_the_survey_is_told_with_its_cell(
    survey: tuple[tuple[object, ...], ...], finding: tuple[str, str, int, str]
) -> None:
    result = made(*survey)
    assert finding in found(result)
    one = next(f for f in result.findings if f.code == finding[0])
    assert one.message.de
    assert one.message.en
    assert one.remedy.de
    assert one.remedy.en
    assert (result.form is None) == any(f.severity == "error" for f in result.findings)


def test_a_question_behind_one_that_is_never_asked_is_never_asked_either() -> None:
    result = made(
        ("select_one st", "a", "A", "A"),
        ("integer", "b", "B", "B", "${a} = 'x'"),
        ("integer", "c", "C", "C", "${b} > 0"),
    )
    assert [row for code, _, row, _ in found(result) if code == "unreachable"] == [3, 4]


def test_a_condition_within_what_a_number_may_be_is_reachable() -> None:
    columns = ("type", "name", "label", "constraint", "relevant")
    rows = (
        ("integer", "n", "N", ". >= 1 and . <= 500"),
        ("integer", "m", "M", "", "${n} * 2 > 900"),
        ("integer", "o", "O", "", "${n} > 500"),
    )
    result = compiled([SETTINGS, table("survey", columns, *rows)])
    assert [(f.code, f.row) for f in result.findings if f.severity == "error"] == [("unreachable", 4)]


MODEL_SURVEY = (("select_one st", "a", "A", "A", "", "", "d", 60), ("select_one st", "b", "B", "B", "", "", "d", 40))
DIMENSIONS = ("name", "label::Deutsch (de)", "label::English (en)", "aggregate", "weight")
LEVELS = ("key", "lower", "label::Deutsch (de)", "label::English (en)")


def model(
    survey: tuple[tuple[object, ...], ...] = MODEL_SURVEY,
    dimensions: tuple[tuple[object, ...], ...] = (("d", "D", "D", "weighted_mean"),),
    levels: tuple[tuple[object, ...], ...] = (("low", 0, "L", "L"), ("high", 1, "H", "H")),
    choices: tuple[tuple[object, ...], ...] = STAGES,
) -> Compiled:
    more = (table("dimensions", DIMENSIONS, *dimensions), table("levels", LEVELS, *levels))
    return made(*survey, choices=choices, more=more)


def test_a_good_model_has_no_findings() -> None:
    assert model().findings == ()


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"survey": (("select_one st", "a", "A", "A", "", "", "d", 60), ("select_one st", "b", "B", "B", "", "", "d", 30))}, ("weight_sum", "survey", 2, "weight")),
        ({"dimensions": (("d", "D", "D", "weighted_mean", 70),)}, ("weight_sum", "dimensions", 2, "weight")),
        ({"dimensions": (("e", "D", "D"),)}, ("unknown_dimension", "survey", 2, "dimension")),
        ({"dimensions": (("d", "D", "D", "weighted_mean"), ("e", "E", "E"))}, ("dimension_empty", "dimensions", 3, "name")),
        ({"dimensions": (("d", "D", "D", "average"),)}, ("aggregate", "dimensions", 2, "aggregate")),
        ({"choices": (("st", "0", "n", "n", 0), ("st", "1", "j", "y", -1), ("st", "2", "g", "f", 2))}, ("score_out_of_range", "choices", 3, "score")),
        ({"choices": (("st", "0", "n", "n", 0), ("st", "1", "j", "y", ""), ("st", "2", "g", "f", 2))}, ("score_missing", "choices", 3, "score")),
        ({"choices": (("st", "0", "n", "n", 0), ("st", "0", "j", "y", 1))}, ("double_choice", "choices", 3, "name")),
        ({"choices": (("st", "0", "n", "n", 0), ("st", "1", "j", "", 1))}, ("translation_missing", "choices", 3, "label::English (en)")),
        ({"levels": (("low", 0, "L", "L"), ("high", 0, "H", "H"))}, ("levels_order", "levels", 3, "lower")),
        ({"levels": (("low", 0, "L", "L"), ("high", 9, "H", "H"))}, ("level_out_of_reach", "levels", 3, "lower")),
        ({"levels": (("low", "", "L", "L"), ("high", 1, "H", "H"))}, ("level_lower", "levels", 2, "lower")),
    ],
)  # fmt: skip
def test_a_mistake_in_the_model_is_told_with_its_cell(
    changes: dict[str, Any], finding: tuple[str, str, int, str]
) -> None:
    result = model(**changes)
    assert finding in found(result)
    assert result.form is None


def test_questions_of_one_mean_must_reach_equally_far() -> None:
    ticks = tuple(("ticks", n, n, n, 1) for n in "abc")
    survey = (("select_one st", "a", "A", "A", "", "", "d"), ("select_multiple ticks", "b", "B", "B", "", "", "d"))
    result = model(survey=survey, dimensions=(("d", "D", "D", "mean"),), choices=(*STAGES, *ticks))
    assert ("score_ranges_differ", "survey", 3, "dimension") in found(result)
    assert "scale" in result.findings[0].remedy.de


def test_none_of_these_gives_no_points() -> None:
    ticks = (("ticks", "a", "A", "A", 2), ("ticks", "none", "N", "N", 1, "yes"))
    result = model(survey=(("select_multiple ticks", "b", "B", "B", "", "", "d", 100),), choices=ticks)
    assert ("score_exclusive", "choices", 3, "score") in found(result)


def test_an_unknown_column_is_a_note_and_a_misspelt_one_names_the_right_one() -> None:
    columns = ("type", "name", "label", "colour", "relevent")
    result = compiled([SETTINGS, table("survey", columns, ("integer", "a", "A", "red", "1 = 1"))])
    told = {f.column: f for f in result.findings}
    assert (told["colour"].code, told["colour"].severity) == ("unknown_column", "note")
    assert told["relevent"].severity == "warning"
    assert "relevant" in told["relevent"].remedy.de


def test_one_language_alone_serves_for_both() -> None:
    result = compiled([SETTINGS, table("survey", ("type", "name", "label"), ("integer", "a", "Zahl"))])
    assert result.form is not None
    assert result.form.questions[0].label.en == "Zahl"
    assert [f.code for f in result.findings] == ["one_language"]


def test_formulas_of_the_spreadsheet_are_told() -> None:
    result = compiled([SETTINGS, table("survey", SURVEY, *GOOD, odd={(2, "weight"): "formula"})])
    assert ("cell_formula", "survey", 2, "weight") in found(result)


def test_too_many_questions_are_told_with_the_first_row_too_much() -> None:
    result = made(*(("integer", f"q{n}", "A", "A") for n in range(501)))
    assert ("too_many_rows", "survey", 502, "") in found(result)


def test_a_form_without_survey_or_name_is_told_so() -> None:
    assert found(compiled([]))[0][0] == "survey_missing"
    assert "form_id" in [
        c for c, *_ in found(compiled([table("survey", SURVEY, *GOOD), table("choices", CHOICES, *STAGES)]))
    ]


def test_a_group_in_a_group_is_asked_where_both_conditions_hold() -> None:
    result = made(
        ("integer", "n", "N", "N"),
        ("begin_group", "outer", "O", "O", "${n} > 1"),
        ("begin_group", "inner", "I", "I", "${n} < 9"),
        ("integer", "a", "A", "A"),
        ("end_group",),
        ("end_group",),
    )
    assert result.form is not None
    assert [(g.name, g.relevant) for g in result.form.groups] == [("inner", "(${n} > 1) and (${n} < 9)")]


def test_rows_devices_fill_in_are_left_out_with_a_note() -> None:
    result = made(("start", "start"), *GOOD)
    assert [(f.code, f.severity) for f in result.findings] == [("metadata", "note")]


YAML = """
settings: {form_id: t, title_de: Test, title_en: Test}
groups: [{name: g, de: G, en: G, relevant: "${n} > 3"}]
lists: {st: [{name: "0", de: nein, en: "no"}, {name: "1", de: ja, en: "yes", exclusive: true}]}
questions:
  - {name: n, kind: integer, de: Zahl, en: number}
  - {name: a, kind: select_one, list: st, group: g, de: Frage, en: question}
  - {name: b, kind: select_multiple, group: g, de: Frage, en: question, choices: [{name: x, de: X, en: X}]}
"""


def test_yaml_makes_the_same_form_as_the_sheets() -> None:
    form = read_form(YAML, "t.yaml")
    assert isinstance(form, Form)
    assert [(q.name, q.list_name, q.group) for q in form.questions] == [
        ("n", "", ""),
        ("a", "st", "g"),
        ("b", "b", "g"),
    ]
    assert form.groups[0].relevant == "${n} > 3"


def test_rows_of_yaml_are_lines_of_the_file() -> None:
    with pytest.raises(BadInput) as error:
        read_form(YAML.replace("list: st", "list: sx"), "t.yaml")
    assert error.value.where == "t.yaml, survey, row 7, column type"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a: [1", "t.yaml:1"),
        ("- 1", "t.yaml"),
        ("a: &x [1]\nb: *x", "t.yaml:2"),
        ("settings: {}\nsettings: {}", "t.yaml:2"),
        ("surprise: 1", "t.yaml surprise"),
        ("questions: [1, 2]", "t.yaml questions"),
        ("settings: !!python/object/apply:os.system [ls]", "t.yaml:1"),
        ("[" * 5000, "t.yaml"),
    ],
)
def test_yaml_that_is_no_form_is_refused_with_its_place(text: str, where: str) -> None:
    with pytest.raises(BadInput) as error:
        tables_of_yaml(text, "t.yaml")
    assert error.value.where.startswith(where)


def test_a_huge_yaml_file_is_refused() -> None:
    with pytest.raises(TooLarge):
        tables_of_yaml(yaml.safe_dump({"settings": {"a": "x" * 1_000_001}}), "t.yaml")


def test_a_finding_names_its_place_in_words() -> None:
    one = made(("integer", "a", "A", "A", "1 +")).findings[0]
    assert isinstance(one, Finding)
    assert (one.place.de, one.place.en) == ("survey, Zeile 2, Spalte relevant", "survey, row 2, column relevant")
