"""The error family: every problem says what, where and what to do, and has an exit code and a status."""

from __future__ import annotations

import re

import pytest

from nordlotse.foundation import problem
from nordlotse.foundation.problem import (
    BadInput,
    NotAllowed,
    NotAvailable,
    NotFound,
    Problem,
    TooLarge,
    TooMany,
    WrongCall,
)
from tests.conftest import ROOT

FAMILY = {
    WrongCall: (2, 400),
    BadInput: (3, 422),
    TooLarge: (3, 413),
    NotAllowed: (3, 403),
    NotFound: (3, 404),
    TooMany: (4, 429),
    NotAvailable: (4, 503),
}


@pytest.mark.parametrize("kind", FAMILY, ids=lambda k: k.__name__)
def test_a_kind_has_the_exit_code_and_status_of_the_tree(kind: type[Problem]) -> None:
    assert (kind.exit_code, kind.http_status) == FAMILY[kind]
    row = re.search(rf"{kind.__name__} .*exit (\d), HTTP (\d+)", problem.__doc__ or "")
    assert row is not None
    assert (int(row[1]), int(row[2])) == FAMILY[kind]


def test_the_tree_at_the_top_names_every_kind() -> None:
    kinds = {c for c in vars(problem).values() if isinstance(c, type) and issubclass(c, Problem) and c is not Problem}
    assert kinds == set(FAMILY)


def test_the_error_object_has_both_languages_where_and_remedy() -> None:
    made = BadInput("x", de="Falsch.", en="Wrong.", where="field", remedy_de="Tun.", remedy_en="Do.").as_dict()
    assert made == {
        "code": "x",
        "message_de": "Falsch.",
        "message_en": "Wrong.",
        "where": "field",
        "remedy": "Tun. / Do.",
    }


def test_a_problem_without_remedy_has_an_empty_one_and_not_none() -> None:
    assert BadInput("x", de="a", en="b").as_dict()["remedy"] == ""


def test_too_large_is_bad_input_so_that_pages_can_treat_both_alike() -> None:
    assert issubclass(TooLarge, BadInput)


def test_every_problem_in_the_code_is_told_in_german_and_english() -> None:
    names = "|".join(k.__name__ for k in FAMILY)
    for path in (ROOT / "src").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for found in re.finditer(rf"\b(?:{names})\(\s*\"([a-z0-9_]+)\",", text):
            call = text[found.start() : found.start() + 900]
            assert re.search(r"\bde=", call) and re.search(r"\ben=", call), f"{path.name}: {found[1]}"
