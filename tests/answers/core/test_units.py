"""Which section a ranking speaks for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nordlotse.answers.core.ranking import Hit, Passage, Ranking
from nordlotse.answers.core.units import found_units
from tests.answers.core.test_compose import unit


def ranking(*hits: tuple[str, float], question: str = "Frage") -> Ranking:
    made = tuple(Hit(Passage(name, "", "text"), score, 0.0, 0.0) for name, score in hits)
    return Ranking(question, "de", made, {}, 0.5, False, "lexical")


def test_a_unit_needs_wording_and_text_to_be_first() -> None:
    units = {"a": unit("a", "A."), "b": unit("b", "B.")}
    found = found_units(ranking(("a|q0", 5.0), ("b|0", 4.5), ("b|q1", 4.4), ("a|1", 1.0), ("x|0", 9.0)), units)
    assert [f.unit.id for f in found] == ["b", "a"]
    assert found[0].score > found[1].score


def test_no_hits_give_no_units() -> None:
    assert found_units(ranking(), {}) == []


@pytest.mark.parametrize(
    ("role", "question"),
    [
        ("cost", "Was kostet ein Lager?"),
        ("pitfalls", "Woran ist das gescheitert?"),
        ("next", "Wie fange ich an?"),
        ("cost", "How much does it cost?"),
        ("pitfalls", "Which mistakes are common?"),
    ],
)
def test_a_section_gains_where_its_purpose_is_asked_for_and_loses_where_not(role: str, question: str) -> None:
    units = {"a": unit("a", "A."), "b": replace(unit("b", "B."), role=role)}
    hits = (("a|0", 5.0), ("b|0", 4.9), ("a|q0", 5.0), ("b|q0", 4.9))
    assert found_units(ranking(*hits, question=question), units)[0].unit.id == "b"
    even = (("a|0", 5.0), ("b|0", 5.1), ("a|q0", 5.0), ("b|q0", 5.1))
    assert found_units(ranking(*even, question="Geht das?"), units)[0].unit.id == "a"


def test_of_two_alike_the_one_whose_article_answers_more_comes_first() -> None:
    units = {"a": unit("a", "A."), "b": unit("b", "B."), "b2": replace(unit("b2", "B."), article="b")}
    found = found_units(ranking(("a|0", 5.0), ("b|0", 5.0), ("b2|0", 4.5), ("a|q0", 1.0), ("b|q0", 1.0)), units)
    assert found[0].unit.id == "b"
