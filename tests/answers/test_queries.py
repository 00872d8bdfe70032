"""Every read of the answers room: articles, search with reasons, stale lists."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from nordlotse.answers import queries
from nordlotse.foundation.problem import NotFound

pytestmark = pytest.mark.django_db


def test_an_article_that_is_not_there_is_told(small_library: Path) -> None:
    with pytest.raises(NotFound):
        queries.article("nothing", "de")


def test_every_text_is_on_the_desk_s_list_with_its_review_date(small_library: Path) -> None:
    rows = queries.texts()
    assert {(r.slug, r.lang) for r in rows} == {
        tuple(p.name.removesuffix(".md").rsplit(".", 1)) for p in small_library.rglob("*.md")
    }
    assert all(r.review_by is not None and not r.local and not r.update_waiting for r in rows)


def test_a_text_past_its_review_date_is_stale_and_before_it_is_not(small_library: Path) -> None:
    articles = list(queries.knowledge().articles.values())
    first = min(a.review_by for a in articles)
    assert queries.stale(first)[0] == []
    assert len(queries.stale(date(2999, 1, 1))[0]) == len(articles)


def test_a_found_passage_says_why_it_was_found(small_library: Path) -> None:
    article = next(a for a in queries.knowledge().articles.values() if a.lang == "de")
    hits, confidence, mode = queries.search(article.title, "de")
    assert hits[0].found.unit.article == article.id
    assert hits[0].coverage > 0
    assert 0 <= confidence <= 1
    assert mode


def test_a_broken_text_is_named_and_the_others_go_on_speaking(small_library: Path) -> None:
    path = sorted(small_library.rglob("*.en.md"))[0]
    path.write_text("---\nid: [\n", encoding="utf-8")
    queries.memory.forget()
    assert any(path.name in p.where for p in queries.problems())
    assert all(p.remedy_de for p in queries.problems())
    assert queries.knowledge().articles
