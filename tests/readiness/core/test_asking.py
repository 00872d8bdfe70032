"""Pages of questions: at most five, in order, nothing twice, nothing lost; what a page's fields say."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.foundation.language import Text
from nordlotse.foundation.questionnaire.answering import fill
from nordlotse.foundation.questionnaire.form import DONT_KNOW, Choice, Form, Group, Kind, Question
from nordlotse.readiness.core import asking


def text(words: str) -> Text:
    return Text(words, f"{words} (en)")


YES_NO = (Choice("yes", text("ja")), Choice("no", text("nein")))


def one(name: str, group: str = "a", relevant: str = "") -> Question:
    return Question(name, Kind.SELECT_ONE, text(name), choices=YES_NO, group=group, relevant=relevant)


def form(*questions: Question) -> Form:
    groups = tuple(Group(g, text(g)) for g in dict.fromkeys(q.group for q in questions))
    return Form("f", "1", text("Form"), questions, groups)


SIX = form(*(one(f"q{n}") for n in range(6)), one("z", "b"))
FOLLOWED = form(one("first"), one("why", relevant="${first} = 'yes'"), one("last"))


def walk(
    of: Form, choose: Mapping[str, Any], *, only_open: bool = False, before: Mapping[str, Any] | None = None
) -> list[tuple[str, ...]]:
    """Go through a form page by page with these answers; return the pages."""
    answers = dict(before or {})
    names, pages = asking.start(of, fill(of, answers), answers, only_open=only_open), []
    while names:
        assert len(pages) < 100, "it goes in circles"
        pages.append(names)
        answers |= {n: choose[n] for n in names if n in choose}
        names = asking.onward(of, fill(of, answers), answers, names, only_open=only_open)
    return pages


def test_six_questions_of_a_group_make_two_even_pages_and_the_next_group_begins_a_new_one() -> None:
    assert walk(SIX, {}) == [("q0", "q1", "q2"), ("q3", "q4", "q5"), ("z",)]


def test_the_way_back_shows_the_same_pages() -> None:
    filled = fill(SIX, {})
    assert asking.back(SIX, filled, ("z",)) == ("q3", "q4", "q5")
    assert asking.back(SIX, filled, ("q3", "q4", "q5")) == ("q0", "q1", "q2")
    assert asking.back(SIX, filled, ("q0", "q1", "q2")) == ()


def test_a_question_that_appears_between_those_shown_is_shown_with_them() -> None:
    assert walk(FOLLOWED, {"first": "yes"}) == [("first", "last"), ("first", "why", "last")]
    assert walk(FOLLOWED, {"first": "no"}) == [("first", "last")]


def test_only_what_is_open_is_asked_when_the_check_is_deepened() -> None:
    assert walk(SIX, {}, only_open=True, before={"q0": "yes", "q4": DONT_KNOW, "z": "no"}) == [("q1", "q2", "q3", "q5")]
    assert walk(SIX, {}, only_open=True, before=dict.fromkeys(SIX.by_name, "yes")) == []


def test_a_page_says_where_somebody_is() -> None:
    answers = {"q0": "yes"}
    found = asking.screen(SIX, fill(SIX, answers), answers, ("q3", "q4", "q5"))
    assert found is not None
    assert (found.first, found.last, found.total, found.answered, found.before, found.after) == (4, 6, 7, 1, True, True)


def test_questions_about_the_company_are_asked_but_not_counted() -> None:
    of = form(one("employees", "company"), one("a"), one("b"))
    found = asking.screen(of, fill(of, {}), {}, ("employees",))
    assert found is not None
    assert (found.first, found.total) == (0, 2)
    assert asking.start(of, fill(of, {}), {}) == ("employees",)
    assert asking.start(of, fill(of, {}), {}, only_open=True) == ("a", "b")
    assert asking.is_complete(of, fill(of, {}), {"a": "yes", "b": DONT_KNOW})


def test_a_page_of_questions_nobody_is_asked_any_more_is_none() -> None:
    assert asking.screen(FOLLOWED, fill(FOLLOWED, {"first": "no"}), {"first": "no"}, ("why",)) is None


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=40), st.integers(0, 2**32))
def test_every_question_is_asked_once_on_pages_of_at_most_five(groups: list[str], seed: int) -> None:
    of = form(*(one(f"q{n}", g) for n, g in enumerate(sorted(groups))))
    answered = {q.name: "yes" for n, q in enumerate(of.questions) if seed >> (n % 32) & 1}
    pages = walk(of, {})
    assert [n for page in pages for n in page] == [q.name for q in of.questions]
    assert all(len(page) <= asking.MOST for page in pages)
    opened = walk(of, {}, only_open=True, before=answered)
    assert [n for page in opened for n in page] == [q.name for q in of.questions if q.name not in answered]
    for before, page in pairwise(pages):
        assert asking.back(of, fill(of, {}), page) == before


# ---- fields ----

SEVERAL = Question(
    "tools", Kind.SELECT_MULTIPLE, text("tools"), choices=(Choice("erp", text("ERP")), Choice("crm", text("CRM")))
)
NUMBER = Question("employees", Kind.INTEGER, text("employees"))


def read(question: Question, *sent: str) -> asking.Given:
    return asking.read((question,), lambda name: sent)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("40", 40),
        ("1.200", 1200),
        ("12,5", 12.5),
        ("1.200,5", 1200.5),
        ("-3", -3),
        ("3.5", 3.5),
        (" 7 ", 7),
        ("1e9", "1e9"),
        ("viele", "viele"),
    ],
)
def test_numbers_are_read_as_people_here_write_them_and_words_stay_words(typed: str, number: object) -> None:
    assert read(NUMBER, typed).answers == {"employees": number}


def test_nothing_ticked_is_no_answer_and_none_of_these_is_one() -> None:
    assert read(SEVERAL).answers == {"tools": None}
    assert read(SEVERAL, asking.NONE_OF_THESE).answers == {"tools": ()}
    assert read(SEVERAL, DONT_KNOW).answers == {"tools": DONT_KNOW}
    assert read(SEVERAL, "crm", "erp", "made_up").answers == {"tools": ("erp", "crm")}


def test_none_of_these_beside_a_tick_has_to_be_mended() -> None:
    found = read(SEVERAL, "erp", asking.NONE_OF_THESE)
    assert [m.code for m in found.mends] == ["exclusive"]


def test_a_question_left_open_takes_its_old_answer_away() -> None:
    assert asking.Given({"a": None, "b": "yes"}).merged({"a": "no", "c": "no"}) == {"c": "no", "b": "yes"}


def test_an_answer_is_said_in_the_words_of_its_choices() -> None:
    assert asking.said(one("a"), "yes") == text("ja")
    assert asking.said(SEVERAL, ("erp", "crm")).de == "ERP; CRM"
    assert asking.said(SEVERAL, ()).en == "none of these"
    assert asking.said(one("a"), DONT_KNOW).de == "weiß nicht"
    assert asking.said(one("a"), None) == asking.ANSWER_OPEN
    assert asking.said(NUMBER, 2.5) == Text("2,5", "2.5")
