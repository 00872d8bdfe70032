"""Every next step leads to a page that exists and is filled."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from django.test import Client

from nordlotse.answers import queries
from nordlotse.answers.core.answer import Answer
from nordlotse.answers.core.understand import DEMONSTRATORS, KINDS, TOPICS
from nordlotse.foundation.language import Lang
from nordlotse.foundation.region import State
from nordlotse.journey.next_step import LAST, NOT_BUILT, TABLE, missing_demonstrator, next_step

pytestmark = pytest.mark.django_db

PLAIN = Answer(
    question="?", lang="de", kind="answer", topic="iot", confidence="found", score=0.9, sentences=(), sources=(),
    valid_on=date(2026, 11, 23), warnings=(), ask_back=(), demonstrator="none", state=None, employees=None, mode="e5", ms=1.0,
)  # fmt: skip


def every_answer() -> list[Answer]:
    found = []
    article = next(iter(queries.knowledge().articles))[0]
    for kind, topic, lang, articles in product(KINDS, TOPICS, ("de", "en"), ((), (article,))):
        for confidence in ("found", "none"):
            found.append(replace(PLAIN, kind=kind, topic=topic, lang=lang, articles=articles, confidence=confidence))
    found.append(replace(PLAIN, topic="funding", state=State.SH, employees=40))
    found += [replace(PLAIN, demonstrator=name, lang=lang) for name in DEMONSTRATORS for lang in ("de", "en")]
    found += [replace(PLAIN, question=MANY[lang], lang=lang) for lang in ("de", "en")]  # type: ignore[arg-type]
    return found


MANY = {
    "de": "Welche unserer 200 Ersatzteile lohnen sich zu drucken?",
    "en": "Which of our 200 spare parts are worth printing?",
}


@pytest.mark.parametrize(("lang", "target"), [("de", "/druck/liste/"), ("en", "/en/druck/liste/")])
def test_a_question_about_many_parts_leads_to_the_list(lang: Lang, target: str) -> None:
    step = next_step(queries.answer(MANY[lang]))
    assert step.target == target


@pytest.mark.parametrize(
    "question",
    ["Lässt sich unser Ersatzteil drucken?", "Was kostet ein gedrucktes Teil?", "Which spare parts do I need?"],
)
def test_a_question_about_one_part_does_not(question: str) -> None:
    assert next_step(replace(PLAIN, question=question)).kind != "print_list"


def test_every_target_of_the_table_is_a_filled_page(client: Client) -> None:
    targets = {next_step(answer).target for answer in every_answer()}
    assert len(targets) >= 2 * 4
    for target in targets:
        response = client.get(target)
        assert response.status_code == 200, target
        assert len(response.content) > 2000, target


def test_every_row_can_win() -> None:
    won = {next_step(answer).label for answer in every_answer()}
    for row in TABLE:
        assert row.label.de in won or row.label.en in won


def test_the_last_row_always_applies() -> None:
    assert LAST.applies(PLAIN)


@pytest.mark.parametrize("demonstrator", DEMONSTRATORS)
def test_a_demonstrator_without_a_room_is_named_as_missing(demonstrator: str) -> None:
    note = missing_demonstrator(replace(PLAIN, demonstrator=demonstrator))
    built = {row.kind for row in TABLE}
    assert bool(note) == (demonstrator in NOT_BUILT and demonstrator not in built)


def test_a_question_where_one_stands_leads_to_the_check() -> None:
    step = next_step(replace(PLAIN, demonstrator="readiness_check"))
    assert (step.kind, step.target) == ("readiness_check", "/check/")


def test_an_emergency_never_leads_to_a_check() -> None:
    assert next_step(replace(PLAIN, kind="emergency", demonstrator="readiness_check")).kind != "readiness_check"
