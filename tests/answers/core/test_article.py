"""An article's text is cut into sentences that know their sources, and broken articles name the line."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.answers.core.article import Article, parse_article
from nordlotse.answers.core.front_matter import MAX_CHARACTERS, is_article, split_front_matter
from nordlotse.answers.core.knowledge import Knowledge, load_knowledge
from nordlotse.foundation.language import Lang
from nordlotse.foundation.problem import BadInput, Problem
from nordlotse.foundation.source import Source
from tests.answers.articles_made import SOURCE, english, front, german, written

ON = date(2026, 11, 23)
RECORD_SOURCE = Source("law/s1", "Gesetz", "Bund", 2025, "", ON)


def expand(record_id: str, lang: Lang) -> Sequence[tuple[str, Sequence[Source]]]:
    if record_id != "law":
        return []
    return [("Seit 2025 gilt die Pflicht.", [RECORD_SOURCE]), ("Sie hat Ausnahmen.", [RECORD_SOURCE])]


def sentences(body: str) -> list[tuple[str, tuple[str, ...], bool]]:
    article = parse_article(german(f"## Frage? {{#a}}\n\n{body}\n"), where="x", expand=expand)
    section = article.sections[0]
    return [(section.sentence_text(s), s.sources, s.uncertain) for s in section.sentences]


# ---- sentences and marks ----


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Eins. Zwei. [s1]", [("Eins.", (), False), ("Zwei.", ("s1",), False)]),
        ("Eins. [s1][s2] Zwei.", [("Eins.", ("s1", "s2"), False), ("Zwei.", (), False)]),
        ("Eins [s1].", [("Eins.", ("s1",), False)]),
        ("Eins. [s1] [?]", [("Eins.", ("s1",), True)]),
        (
            "Heikel [?]; das klärt ein Anwalt. Ende.",
            [("Heikel; das klärt ein Anwalt.", (), True), ("Ende.", (), False)],
        ),
        ("Ein [s1] langer [s2] Satz.", [("Ein langer Satz.", ("s1", "s2"), False)]),
        ("Das **ist** *so* und 2*3*4.", [("Das ist so und 2*3*4.", (), False)]),
        (
            "Ein z. B. kurzer Satz am 3. Mai. Noch einer.",
            [("Ein z. B. kurzer Satz am 3. Mai.", (), False), ("Noch einer.", (), False)],
        ),
        ("Zeile eins\nund zwei.", [("Zeile eins und zwei.", (), False)]),
        ("Die Frist endet am\n31. Dezember 2026.", [("Die Frist endet am 31. Dezember 2026.", (), False)]),
    ],
)
def test_marks_belong_to_the_sentence_before_them(body: str, expected: list[tuple[str, tuple[str, ...], bool]]) -> None:
    assert sentences(body) == expected


def test_a_record_speaks_in_its_place_with_its_own_sources() -> None:
    article = parse_article(
        german("## Frage? {#a}\n\nVorher. {{record:law}} Nachher. [s1]\n"), where="x", expand=expand
    )
    section = article.sections[0]
    assert section.text == "Vorher. Seit 2025 gilt die Pflicht. Sie hat Ausnahmen. Nachher."
    assert [s.record for s in section.sentences] == ["", "law", "law", ""]
    assert section.sentences[1].sources == ("law/s1",)
    assert article.source("law/s1") == RECORD_SOURCE


def test_a_record_that_does_not_speak_leaves_no_trace() -> None:
    article = parse_article(
        german("## Frage? {#a}\n\n{{record:silent}}\n\nDanach ein Satz.\n"), where="x", expand=expand
    )
    assert article.sections[0].text == "Danach ein Satz."
    assert article.sections[0].lead == article.sections[0].sentences


def test_list_items_are_blocks_of_their_own() -> None:
    body = (
        "Der Anfang.\n\n- Erster Punkt.\n- Zweiter Punkt\n  geht weiter. [s1]\n\n1. Schritt eins.\n2. Schritt zwei.\n"
    )
    section = parse_article(german(f"## Frage? {{#a}}\n\n{body}"), where="x").sections[0]
    assert [(section.text[b.start : b.end], b.item) for b in section.blocks] == [
        ("Der Anfang.", False),
        ("Erster Punkt.", True),
        ("Zweiter Punkt geht weiter.", True),
        ("Schritt eins.", True),
        ("Schritt zwei.", True),
    ]
    assert [section.sentence_text(s) for s in section.lead] == ["Der Anfang."]


# ---- the shipped articles ----


@pytest.fixture(scope="module")
def shipped() -> Knowledge:
    return load_knowledge(ON)


def test_the_sentences_of_every_shipped_section_follow_each_other_and_cover_the_text(shipped: Knowledge) -> None:
    for article in shipped.articles.values():
        for section in article.sections:
            covered = 0
            for sentence in section.sentences:
                assert section.text[covered : sentence.start].strip() == "", (article.id, section.anchor)
                assert 0 <= sentence.start < sentence.end <= len(section.text)
                assert section.sentence_text(sentence).strip() == section.sentence_text(sentence)
                covered = sentence.end
            assert section.text[covered:].strip() == "", (article.id, section.anchor)


def test_the_blocks_of_every_shipped_section_cover_the_text_and_hold_whole_sentences(shipped: Knowledge) -> None:
    for article in shipped.articles.values():
        for section in article.sections:
            covered = 0
            for block in section.blocks:
                assert section.text[covered : block.start].strip() == ""
                covered = block.end
            assert section.text[covered:].strip() == ""
            for sentence in section.sentences:
                assert any(b.start <= sentence.start and sentence.end <= b.end for b in section.blocks)


def test_every_shipped_sentence_is_a_whole_one(shipped: Knowledge) -> None:
    cut = [
        (article.id, article.lang, section.sentence_text(sentence))
        for article in shipped.articles.values()
        for section in article.sections
        for sentence in section.sentences
        if not section.sentence_text(sentence).rstrip('”“"’»)').endswith((".", "!", "?", ":", "…"))
    ]
    assert cut == []


# ---- inheritance ----


def test_a_translation_inherits_what_it_does_not_say() -> None:
    base = parse_article(german(demonstrator="iot", jurisdiction="SH", related=["iot-02"]), where="de")
    article = parse_article(english(), where="en", base=base)
    assert (article.lang, article.title) == ("en", "Gear check")
    for name in (
        "topic",
        "demonstrator",
        "jurisdiction",
        "checked_on",
        "review_by",
        "sources",
        "related",
        "must_cover",
    ):
        assert getattr(article, name) == getattr(base, name), name


def test_a_translation_may_say_otherwise() -> None:
    base = parse_article(german(), where="de")
    article = parse_article(
        english(review_by=date(2026, 12, 1), sources=[{**SOURCE, "title": "Guide"}]), where="en", base=base
    )
    assert article.review_by == date(2026, 12, 1)
    assert article.sources[0].title == "Guide"


def test_a_translation_without_its_original_says_what_is_missing() -> None:
    with pytest.raises(BadInput) as told:
        parse_article(english(), where="iot-90.en.md")
    assert told.value.where == "iot-90.en.md: checked_on"


# ---- broken articles ----


@pytest.mark.parametrize(
    ("raw", "code", "where"),
    [
        ("kein Kopf", "article_no_front_matter", "x:1"),
        ("---\nid: a\n", "article_no_front_matter", "x:1"),
        ("---\nid: a\ntitle: [offen\nlang: de\n---\n", "article_yaml", "x:4"),
        ("---\nid: a\n\ttab: b\n---\n", "article_yaml", "x:3"),
        ("---\nid: a\nchecked_on: 2026-13-45\n---\n", "article_yaml", "x:3"),
        ("---\nid: a\nx: !!int nothing\n---\n", "article_yaml", "x:3"),
        ("---\nid: a\nx: !!python/object:os.system a\n---\n", "article_yaml", "x:3"),
        ("---\na: &x [1, 2]\nb: *x\n---\n", "article_yaml", "x:3"),
        ("---\n- eins\n- zwei\n---\n", "article_yaml", "x:2"),
        ("---\nx: " + "[" * 30_000 + "\n---\n", "article_yaml", "x:2"),
        ("---\nx:\n" + "- " * 30_000 + "a\n---\n", "article_yaml", "x:3"),
        ("x" * (MAX_CHARACTERS + 1), "article_too_long", "x"),
        (german("Text ohne Überschrift.\n"), "article_empty", "x:"),
        (german("Vorspann.\n\n## Frage? {#a}\n\nText.\n"), "article_empty", "x:"),
        (german("## Frage? {#a}\n\nText.\n\n## Frage? {#a}\n\nText.\n"), "article_anchor_twice", "x:"),
        (german("## Frage ohne Anker?\n\nText.\n"), "article_heading", "x:"),
        (german("## {#anker}\n\nText.\n"), "article_heading", "x:"),
        (german("## Frage? {#Anker Groß}\n\nText.\n"), "article_heading", "x:"),
        (german("# Falsche Ebene? {#a}\n\nText.\n"), "article_heading", "x:"),
        (german(id="../../etc"), "article_field", "x: id"),
        (german(id="ä"), "article_field", "x: id"),
        (german(id="a" * 81), "article_field", "x: id"),
        (german(lang="fr"), "article_field", "x: lang"),
        (german(title="  "), "article_field", "x: title"),
        (german(title=5), "article_field", "x: title"),
        (german(topic="kochen"), "article_field", "x: topic"),
        (german(jurisdiction="BY"), "article_field", "x: jurisdiction"),
        (german(demonstrator="laser"), "article_field", "x: demonstrator"),
        (german(checked_on="gestern"), "article_field", "x: checked_on"),
        (german(review_by=None), "article_field", "x: review_by"),
        (german(records="law"), "article_field", "x: records"),
        (german(related=[{"a": 1}]), "article_field", "x: related"),
        (german(must_cover=["a"]), "article_field", "x: must_cover"),
        (german(sources={}), "article_field", "x: sources"),
        (german(sources=["s1"]), "article_source", "x: sources[1]"),
        (german(sources=[SOURCE, {"id": "s2"}]), "article_field", "x: sources[2]: title"),
        (german(sections={"punkt-1": {"questions": 5}}), "article_field", "x: sections.punkt-1: questions"),
    ],
)
def test_a_broken_article_names_place_and_remedy(raw: str, code: str, where: str) -> None:
    with pytest.raises(BadInput) as told:
        parse_article(raw, where="x")
    assert told.value.code == code
    assert told.value.where.startswith(where)
    assert told.value.remedy_de and told.value.remedy_en


@pytest.mark.parametrize("heading", ["## Ohne Anker?", "### Zu tief? {#a}"])
def test_a_wrong_heading_names_its_line(heading: str) -> None:
    raw = german(f"## Erste? {{#eins}}\n\nText.\n\n{heading}\n\nText.\n")
    with pytest.raises(BadInput) as told:
        parse_article(raw, where="x")
    assert told.value.where == f"x:{raw.splitlines().index(heading) + 1}"


def test_windows_line_ends_byte_order_mark_and_nul_do_no_harm() -> None:
    assert parse_article("\ufeff" + german().replace("\n", "\r\n") + "\x00", where="x").id == "iot-90"


def test_a_moment_counts_as_its_day() -> None:
    from datetime import datetime

    raw = written(
        front(checked_on=datetime(2026, 11, 1, 10, 0), sources=[{**SOURCE, "checked_on": datetime(2026, 10, 1, 9)}]),  # noqa: DTZ001
        "## Frage? {#a}\n\nText. [s1]\n",
    )
    article = parse_article(raw, where="x")
    assert type(article.checked_on) is date
    assert article.sources[0].checked_on == date(2026, 10, 1)


def test_our_articles_are_told_from_other_markdown() -> None:
    assert is_article(german())
    assert is_article("\ufeff" + german().replace("\n", "\r\n"))
    assert not is_article("---\ntitle: Blog\nlayout: post\n---\n# Text\n")
    assert not is_article("# id: a\nlang: de\n")


SLOW = [
    german("## Frage? {#a}\n\n" + " " * 80_000 + "x\n"),
    german("## " + " " * 80_000 + "x\n"),
    german("## Frage" + "\t" * 80_000 + "{#a}\n\nText.\n"),
    german("## Frage? {#a}\n\n" + "[s1] " * 15_000 + "\n"),
    german("## Frage? {#a}\n\n" + "[s1" * 20_000 + "\n"),
    german("## Frage? {#a}\n\n" + "!" * 80_000 + "x\n"),
    german("## Frage? {#a}\n\n" + "**" * 40_000 + "\n"),
    german("## Frage? {#a}\n\n" + "* " * 40_000 + "\n"),
    german("## Frage? {#a}\n\n" + "a. " * 25_000 + "\n"),
    german("## Frage? {#a}\n\n" + "\n \n" * 25_000 + "\n"),
    german("## Frage? {#a}\n\n" + "{{record:" * 8_000 + "\n"),
    "---\n" * 20_000,
    "---\n" + "a: {b: " * 10_000,
    "---\nid: a\nlang: " + "'" * 80_000 + "\n---\n",
]


@pytest.mark.parametrize("raw", SLOW, ids=range(len(SLOW)))
def test_no_text_is_slow(raw: str) -> None:
    start = time.process_time()
    with contextlib.suppress(Problem):
        parse_article(raw, where="x")
    assert time.process_time() - start < 2


PIECES = st.sampled_from(
    [
        "---\n",
        "## ",
        "{#",
        "}",
        "[s1]",
        "[?]",
        "{{record:law}}",
        "- ",
        "1. ",
        "**",
        "*",
        "\n",
        "\n\n",
        ": ",
        "&a ",
        "*a",
        "[",
        "{",
        "!!",
        "\x85",
        "\u2028",
        "\r",
        "\x0c",
        "�",
        "2026-99-99",
        "'",
        '"',
        "|",
        ">",
        "%",
        "@",
        "<<: ",
        "? ",
    ]
)


@settings(max_examples=80, deadline=None)
@given(
    parts=st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=30), at=st.integers(0, 2000), keep=st.booleans()
)
def test_any_text_is_an_article_or_a_problem(parts: list[str], at: int, keep: bool) -> None:
    good = german()
    raw = good[:at] + "".join(parts) + (good[at:] if keep else "")
    start = time.process_time()
    try:
        article = parse_article(raw, where="x", expand=expand)
    except Problem as problem:
        assert problem.where and problem.message_de and problem.message_en
    else:
        check_offsets(article)
    assert time.process_time() - start < 2


@settings(max_examples=60, deadline=None)
@given(head=st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map("".join)))
def test_any_front_matter_is_fields_or_a_problem(head: str) -> None:
    try:
        fields, _, line = split_front_matter(f"---\n{head}\n---\nBody", "x")
    except Problem as problem:
        assert problem.where.startswith("x")
    else:
        assert isinstance(fields, dict)
        assert line >= 3


def check_offsets(article: Article) -> None:
    for section in article.sections:
        covered = 0
        for sentence in section.sentences:
            assert section.text[covered : sentence.start].strip() == ""
            assert section.sentence_text(sentence).strip()
            covered = sentence.end
        assert section.text[covered:].strip() == ""
