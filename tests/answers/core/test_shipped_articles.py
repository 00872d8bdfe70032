"""What we ship is complete: no finding of the lint, every point of the topic map, records that speak, both languages."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from nordlotse.answers.core.article import TOPICS
from nordlotse.answers.core.knowledge import SHIPPED, record_expander
from nordlotse.answers.core.lint import Report, check_folder
from nordlotse.foundation import records

#: Topics of which the centre ships a full set; the last three are carried by the dated records.
FULL_TOPICS = ("digitalisation", "iot", "print3d", "industrie40", "business_models")

_RECORD = re.compile(r"\{\{record:([a-z0-9-]+)\}\}")


@pytest.fixture(scope="module")
def loaded() -> records.Loaded:
    return records.read_records()


@pytest.fixture(scope="module")
def report(loaded: records.Loaded) -> Report:
    today = date.today()
    return check_folder(
        SHIPPED, on=today, expand=record_expander(today, loaded.records), known_records=frozenset(loaded.records)
    )


def test_the_lint_finds_nothing(report: Report) -> None:
    assert [f"{f.where}: {f.code}: {f.message}" for f in report.findings] == []


def test_every_record_file_can_be_read(loaded: records.Loaded) -> None:
    assert [(p.where, p.code) for p in loaded.problems] == []


def test_there_are_at_least_forty_articles_and_eight_a_topic_in_both_languages(report: Report) -> None:
    for lang in ("de", "en"):
        topics = Counter(a.topic for a in report.articles if a.lang == lang)
        assert sum(topics.values()) >= 40
        assert all(topics[topic] >= 8 for topic in FULL_TOPICS), topics
        assert set(topics) <= set(TOPICS)


def words(text: str) -> set[str]:
    """Words of two letters and more; articles may name a point in other words around the same term."""
    return set(re.findall(r"[\w-]{2,}", text.lower()))


def test_every_point_of_the_topic_map_is_covered(report: Report, shared: Path) -> None:
    lines = (shared / "questions" / "topic_map.jsonl").read_text(encoding="utf-8").splitlines()
    wanted = [json.loads(line) for line in lines if line.strip()]
    articles = {a.id: a for a in report.articles if a.lang == "de"}
    missing = [row["id"] for row in wanted if row["id"] not in articles]
    assert missing == []
    uncovered = [
        (row["id"], point)
        for row in wanted
        for point in re.split(r",\s(?![^(]*\))", row["must_cover"])
        if not words(point) & words(" ".join(articles[row["id"]].must_cover))
    ]
    assert uncovered == []


def test_every_point_that_is_covered_has_its_section(report: Report) -> None:
    for article in report.articles:
        if article.lang == "de":
            assert all(article.section(anchor) is not None for anchor in article.must_cover.values()), article.id


def test_every_record_used_exists_and_speaks_in_both_languages(report: Report, loaded: records.Loaded) -> None:
    today = date.today()
    used = {record for article in report.articles for record in _RECORD.findall(article.raw)}
    assert used
    for record_id in sorted(used):
        record = loaded.records.get(record_id)
        assert record is not None, record_id
        assert record.speaks, record_id
        for lang in ("de", "en"):
            assert records.sentences(record, lang, today), (record_id, lang)


def test_every_placeholder_of_a_record_became_sentences(report: Report) -> None:
    for article in report.articles:
        for section in article.sections:
            wanted = set(_RECORD.findall(section.raw))
            assert wanted == {s.record for s in section.sentences if s.record}, (
                article.id,
                article.lang,
                section.anchor,
            )


def test_every_article_is_there_in_both_languages(report: Report) -> None:
    languages = Counter(a.id for a in report.articles)
    assert {name for name, count in languages.items() if count != 2} == set()


def test_sources_say_whether_their_page_was_read(report: Report) -> None:
    for article in report.articles:
        for source in article.sources:
            assert source.basis in ("read", "noted"), (article.id, source.id)


def test_reading_ease_is_reported_for_every_article_and_stays_human(report: Report) -> None:
    assert len(report.reading_ease) == len(report.articles)
    for lang in ("de", "en"):
        eases = sorted(v for k, v in report.reading_ease.items() if k.endswith(f".{lang}"))
        middle = eases[len(eases) // 2]
        # 30 and below is scientific prose on Flesch's scale.
        assert middle > 35, (lang, middle)
