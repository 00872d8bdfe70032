"""A model file is read strictly: every mistake is told with file, place and remedy, in both languages."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.readiness.core.loading import LONGEST, model_of, read_model
from nordlotse.readiness.core.maturity import Leaf, Node
from nordlotse.readiness.core.written import as_tree, rules
from tests.readiness.core.small_models import FORM, small, small_text


def broken(text: str) -> BadInput:
    """Return the error of a broken model file."""
    with pytest.raises(BadInput) as caught:
        read_model(text, "small.yaml", FORM)
    return caught.value


def test_a_model_is_read_with_exact_numbers() -> None:
    model = small()
    assert [part.weight for part in model.dimensions] == [60, 40]
    assert model.questions == ("s1", "s2", "d1", "d2")
    assert model.top == 3


def test_a_decimal_is_read_as_written_not_as_a_binary_float() -> None:
    text = small_text().replace("weight: 60", "weight: 33.3").replace("weight: 40", "weight: 66.7")
    assert read_model(text, "small.yaml", FORM).dimensions[0].weight == Fraction(333, 10)


def test_labels_come_from_the_questionnaire_where_the_model_has_none() -> None:
    leaf = next(small().leaves())
    assert leaf.label.de == "Frage s1?"
    assert leaf.choices["2"].en == "Stage 2"


def test_without_a_questionnaire_a_model_is_still_read() -> None:
    assert read_model(small_text(), "small.yaml").questions == ("s1", "s2", "d1", "d2")


MISTAKES = [
    ("weight: 40", "weight: 39", "dimensions", "99 statt 100", "100"),
    ("weight: 40", "weight: vierzig", "weight", "keine Zahl", "Bruch"),
    (", weight: 40", "", "weight", "fehlt", "zusammen 100"),
    ("weight: 40", "weight: 0", "weight", "größer als 0", "zusammen 100"),
    ("aggregate: min,", "aggregate: median,", "aggregate", "median", ""),
    ("{id: s1, question: s1,", "{id: s1, question: s9,", "question", "„s9“ gibt es nicht", "Nennen Sie eine Frage"),
    ("{id: s2,", "{id: s1,", "id", "steht schon", "eigenen Namen"),
    ('"3": 3}},', '"3": 4}},', "map", "außerhalb des Bereichs ab 0 bis 3", "Ändern"),
    ('"3": 3}},', '"3": -1}},', "map", "außerhalb", "Ändern"),
    (', "3": 3}},', "}},", "map", "„3“ fehlen Punkte", "kein Gegenstück"),
    ('"3": 3}},', '"3": 3, "4": 3}},', "map", "„4“ gibt es dort nicht", "Möglich sind: 0, 1, 2, 3"),
    ("of: [a, b, c]", "of: [a, b, x]", "of", "„x“ gibt es dort nicht", "Möglich"),
    ("of: [a, b, c]", "of: [a, b, none]", "of", "nichts davon", "Nehmen Sie „none“"),
    ("of: [a, b, c]", "of: [a, b, b]", "of", "zweimal", ""),
    ("question: d1, each: 1, of: [a, b, c]", 'question: d1, map: {"a": 1}', "question", "select_multiple", "each"),
    ("top: 3", "top: 5", "top", "höchste Gesamtwert ist 3, nicht 5", "Berichtigen"),
    ("unit: level", "unit: stars", "unit", "stars", ""),
    ("unit: level", "units: level", "unit", "fehlt", ""),
    ("minutes: 5", "minutes: 5\ncolour: red", "colour", "nicht bekannt", ""),
    ("missing: undetermined_with_bounds", "missing: guess", "missing", "guess", ""),
    ("rounding: half_up", "rounding: up", "rounding", "up", ""),
    ('{key: "1", from: 1,', '{key: "1", from: 0,', "from", "beginnt bei 0", "aufsteigend"),
    ('{key: "0", from: 0,', '{key: "0", from: 0.5,', "from", "beginnt bei 0.5", "kleinsten Wert"),
    ('{key: "3", from: 3,', '{key: "2", from: 3,', "bands", "zweimal", ""),
    ("de: Mitte, en: Middle", "de: Mitte", "en", "fehlt", ""),
    ("id: small", "id: ein modell", "id", "Kennung", "Umlaute"),
    ("id: small", "id: small\nid: other", "id", "zweimal", ""),
    ("{id: data, de: Daten,", "{id: data, de: Daten, de: Noch einmal,", "de", "zweimal", ""),
    ("aggregate: mean, items", "aggregate: mean, scale: 2, items", "", "höchste Gesamtwert", ""),
]


@pytest.mark.parametrize(("old", "new", "place", "message", "remedy"), MISTAKES)
def test_a_mistake_is_told_with_place_and_remedy(old: str, new: str, place: str, message: str, remedy: str) -> None:
    text = small_text(not_applicable="zero")
    assert old in text
    problem = broken(text.replace(old, new, 1))
    assert problem.code == "model_broken"
    assert problem.where.startswith("small.yaml")
    assert place in problem.where
    assert message in problem.message_de
    assert remedy in problem.remedy_de
    assert problem.message_en and problem.remedy_en


def test_the_place_names_the_line_of_the_part() -> None:
    text = small_text().replace("weight: 40", "weight: 39")
    line = next(n for n, row in enumerate(text.splitlines(), 1) if row.startswith("dimensions"))
    assert broken(text).where == f"small.yaml:{line} dimensions"


def test_parts_of_a_mean_that_reach_differently_far_are_refused_where_some_may_be_left_out() -> None:
    text = small_text(not_applicable="skip").replace("each: 1, of: [a, b, c]", "each: 1, of: [a, b]")
    assert "verschieden weit" in broken(text).message_de


def test_a_weight_that_would_have_no_effect_is_refused() -> None:
    text = small_text().replace("{id: s1, question: s1,", "{id: s1, weight: 2, question: s1,")
    assert "keine Wirkung" in broken(text).message_de


def test_text_that_is_no_yaml_is_told_with_its_line() -> None:
    problem = broken("id: small\n  version: [")
    assert problem.where.startswith("small.yaml:")
    assert "YAML" in problem.message_de


@pytest.mark.parametrize("text", ["", "just words", "- a\n- b", "{}"])
def test_a_file_that_is_no_model_is_refused(text: str) -> None:
    assert broken(text).code == "model_broken"


def test_a_file_that_is_too_long_is_refused() -> None:
    with pytest.raises(TooLarge):
        read_model("#" * (LONGEST + 1), "small.yaml", FORM)


def test_a_bomb_of_aliases_ends_in_an_error_not_in_memory() -> None:
    rows = ["- &a0 {id: x, question: s1, map: {'0': 0, '1': 1, '2': 2, '3': 3}}"]
    for n in range(1, 5):
        rows.append(f"- &a{n} {{id: n{n}, aggregate: sum, items: [{', '.join([f'*a{n - 1}'] * 200)}]}}")
    head, _, _ = small_text().partition("aggregate: weighted_mean")
    problem = broken(head + "aggregate: mean\ndimensions:\n" + "\n".join(rows))
    assert "steht schon" in problem.message_de


def test_too_deep_a_tree_is_refused() -> None:
    inner = '{id: s1, question: s1, map: {"0": 0, "1": 1, "2": 2, "3": 3}}'
    deep = inner
    for n in range(8):
        deep = f"{{id: n{n}, aggregate: mean, items: [{deep}]}}"
    assert "Ebenen" in broken(small_text().replace(inner, deep)).message_de


def test_a_choice_without_counterpart_is_left_undetermined_on_purpose() -> None:
    text = small_text(not_applicable="zero").replace(
        '{"0": 0, "1": 1, "2": 2, "3": 3}},', '{"0": 0, "1": null, "2": 2, "3": 3}},', 1
    )
    model = read_model(text, "small.yaml", FORM)
    assert "1" not in next(model.leaves()).scores


# ---- written and hashed ----


def test_a_written_model_reads_back_as_the_same_model() -> None:
    model = small()
    assert model_of(as_tree(model), "again", FORM) == model


def test_better_wording_keeps_the_hash() -> None:
    reworded = read_model(small_text().replace("Strategie", "Plan"), "small.yaml", FORM)
    assert reworded.hash == small().hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("aggregate: min,", "aggregate: mean,"),
        ('"1": 1, "2": 2, "3": 3}},', '"1": 2, "2": 2, "3": 3}},'),
        ("weight: 60", "weight: 50"),
        ('key: "2", from: 2', 'key: "2", from: 1.5'),
        ("half_up", "none"),
        ("undetermined_with_bounds", "zero"),
        ("question: s2,", "question: d2,"),
    ],
)
def test_another_rule_changes_the_hash(old: str, new: str) -> None:
    text = small_text().replace(old, new, 1)
    if "weight" in old:
        text = text.replace("weight: 40", "weight: 50")
    assert read_model(text, "small.yaml", FORM).hash != small().hash


def test_the_hash_is_a_sha_256_in_hexadecimal() -> None:
    assert len(small().hash) == 64 and int(small().hash, 16)


def test_names_of_answers_count_as_rules_even_where_they_look_like_languages() -> None:
    tree = as_tree(small())
    tree["dimensions"][0]["items"][0]["map"] = {"de": 0, "en": 3}
    model = model_of(tree, "x")
    (first, *_) = rules(model)["dimensions"][0]["items"]
    assert first["map"] == {"de": 0, "en": 3}


def test_several_choices_may_have_points_of_their_own() -> None:
    text = small_text(not_applicable="zero").replace("each: 1, of: [a, b, c]", "each: {a: 1, b: 2}")
    model = read_model(text, "small.yaml", FORM)
    leaf = next(leaf for leaf in model.leaves() if leaf.id == "d1")
    assert leaf.scores == {"a": 1, "b": 2, "c": 0, "none": 0}
    assert model_of(as_tree(model), "again", FORM) == model


def test_nodes_keep_scale_and_cap() -> None:
    text = small_text(not_applicable="zero").replace(
        "aggregate: mean, items", "aggregate: mean, scale: 2, cap: 3, items"
    )
    model = read_model(text, "small.yaml", FORM)
    node = model.dimensions[1]
    assert isinstance(node, Node) and not isinstance(node, Leaf)
    assert (node.scale, node.cap) == (2, 3)
    assert model_of(as_tree(model), "again", FORM) == model


# ---- whatever comes in ----

JUNK = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**12), 10**12),
        st.floats(),
        st.sampled_from(["", "1/0", "1e999999999", "min", "a", "s1", "select_one", "\u0000", "9" * 50, "😀"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["id", "items", "de", "map"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield every place in a tree of plain values."""
    if path:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from places(inner, (*path, key))


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_junk_at_any_place_is_a_model_or_an_error_with_remedy(data: st.DataObject) -> None:
    tree = copy.deepcopy(as_tree(small()))
    *path, last = data.draw(st.sampled_from(list(places(tree))))
    holder = tree
    for key in path:
        holder = holder[key]
    holder[last] = data.draw(JUNK)
    try:
        model = model_of(tree, "junk.yaml", FORM)
    except BadInput as problem:
        assert problem.code == "model_broken"
        assert problem.where.startswith("junk.yaml") and problem.remedy_de and problem.remedy_en
    else:
        assert model.top > 0


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet="ab:-[]{}&*!|>\n #'\"0,?%@`", max_size=60))
def test_any_text_is_an_error_with_remedy(text: str) -> None:
    problem = broken(text)
    assert problem.code == "model_broken" and problem.remedy_de
