"""A question becomes an answer: quotes that can be checked, warnings, states, fixed cards, and a search that is not complete."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from nordlotse.answers.core.answer import Answer
from nordlotse.answers.core.answerer import Answerer, Thresholds
from nordlotse.answers.core.cards import card
from nordlotse.answers.core.dense import Encoders
from nordlotse.answers.core.knowledge import Knowledge, load_knowledge
from nordlotse.answers.core.likeness import SentenceLikeness
from nordlotse.answers.core.memo import Memo
from nordlotse.answers.core.ranking import Index
from nordlotse.answers.core.understand import Given, Understanding
from nordlotse.answers.core.vectors import MemoryVectors
from nordlotse.foundation.language import LANGS
from nordlotse.foundation.region import State
from tests.answers.articles_made import GERMAN_BODY, english, german
from tests.answers.core.stand_ins import HashEncoder, stand_in_encoders
from tests.answers.small_library import PlainRouter

ON = date(2026, 11, 23)
QUESTION = "Wie geht die Zahnradprüfung in Punkt 3 mit dem Klangsensor?"


class Router(PlainRouter):
    """Understands every question in the way it is told."""

    def __init__(self, **changes: object) -> None:
        self._changes = changes

    def understand(
        self, question: str, *, e5: object = None, use: object = None, given: Given | None = None, near: object = ()
    ) -> Understanding:
        made = super().understand(question, given=given)
        return replace(made, **self._changes)  # type: ignore[arg-type]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    (tmp_path / "iot").mkdir()
    (tmp_path / "iot" / "iot-90.de.md").write_text(german(), encoding="utf-8")
    (tmp_path / "iot" / "iot-90.en.md").write_text(english(), encoding="utf-8")
    return tmp_path


Ask = Callable[..., Answer]


@pytest.fixture
def ask(texts: Path) -> Ask:
    """Ask the small knowledge; `local` are published texts, `records` keeps the dated records in."""

    def made(
        question: str = QUESTION,
        *,
        local: dict[str, str] | None = None,
        encoders: Encoders | None = None,
        thresholds: Thresholds = Thresholds(found=0.0, none=0.0),  # noqa: B008
        records: bool = False,
        given: Given = Given(lang="de"),  # noqa: B008
        on: date = ON,
        **understood: object,
    ) -> Answer:
        known = load_knowledge(on, {(name, "de"): raw for name, raw in (local or {}).items()}, texts)
        if not records:
            known = Knowledge(known.on, known.articles, {}, known.problems)
        encoders = encoders or Encoders()
        store = MemoryVectors()
        indexes = {lang: Index.build(known.passages(lang), encoders, store, embed=("use", "e5")) for lang in LANGS}
        answerer = Answerer(
            known, indexes, Router(**understood), encoders, SentenceLikeness(encoders, store), thresholds
        )  # type: ignore[arg-type]
        answer = answerer.answer(question, given)
        check_quotes(answer, known)
        return answer

    return made


def check_quotes(answer: Answer, known: Knowledge) -> None:
    """Every sentence stands verbatim at its offsets; every source it names is given."""
    assert len(answer.sentences) <= 6
    assert len(answer.text.split()) <= 120
    given = {s.id for s in answer.sources}
    for quote in answer.sentences:
        if quote.article.startswith("card:"):
            continue
        name = quote.article if quote.article.startswith("record:") else f"{quote.article}#{quote.section}"
        unit = (
            known.units.get(f"{name}@{answer.lang}") or known.units[f"{name}@{'en' if answer.lang == 'de' else 'de'}"]
        )
        assert unit.text[quote.start : quote.end] == quote.text
        assert set(quote.sources) <= given
    assert given == {i for q in answer.sentences for i in q.sources} or answer.card


# ---- from articles ----


def test_a_question_is_answered_with_quotes_sources_and_the_day(ask: Ask) -> None:
    answer = ask()
    assert answer.kind == "answer"
    assert "in Punkt 3" in answer.sentences[0].text
    assert [s.id for s in answer.sources] == ["iot-90/s1"]
    assert answer.valid_on == ON
    assert answer.articles == ("iot-90",)
    assert answer.text == " ".join(q.text for q in answer.sentences)
    assert answer.ms > 0


def test_an_english_question_is_answered_in_english(ask: Ask) -> None:
    answer = ask("What does the sound sensor hear?", given=Given(lang="en"))
    assert answer.lang == "en"
    assert "sound sensor" in answer.text


def test_levels_of_certainty_follow_the_thresholds(ask: Ask) -> None:
    assert ask(thresholds=Thresholds(0.0, 0.0)).confidence == "found"
    assert ask(thresholds=Thresholds(1.1, 0.0)).confidence == "related"
    unsure = ask(thresholds=Thresholds(1.1, 1.1))
    assert (unsure.confidence, unsure.sentences, unsure.sources) == ("none", (), ())


@pytest.mark.parametrize(
    "question", ["", " ", "?", "🙂" * 50, "x" * 20_000, "\x00\ud800", "<script>alert(1)</script>", "'; DROP TABLE"]
)
def test_odd_questions_never_raise(ask: Ask, question: str) -> None:
    answer = ask(question, thresholds=Thresholds())
    assert 0.0 <= answer.score <= 1.0


# ---- warnings ----


def test_an_article_past_its_review_date_answers_with_a_warning(ask: Ask) -> None:
    fresh = ask(on=date(2027, 5, 1))
    stale = ask(on=date(2027, 5, 2))
    assert not any("Zahnradprüfung" in w for w in fresh.warnings)
    assert any("Zahnradprüfung" in w and "1. Mai 2027" in w for w in stale.warnings)
    assert stale.sentences


def test_an_uncertain_sentence_brings_a_warning(ask: Ask) -> None:
    body = GERMAN_BODY.replace("als ein Mensch. [s1]", "als ein Mensch. [s1] [?]")
    assert any("belegt" in w for w in ask(local={"iot-90": german(body)}).warnings)
    assert not any("belegt" in w for w in ask().warnings)


def test_sources_that_contradict_each_other_are_both_quoted_with_a_warning(ask: Ask) -> None:
    answer = ask("Wie viele Unternehmen betrifft NIS2 in Deutschland?", records=True)
    assert "29.500" in answer.text and "30.000" in answer.text
    assert any("nicht sicher belegt" in w for w in answer.warnings)
    assert "nis2-count" in answer.records


def test_a_warning_is_given_once(ask: Ask) -> None:
    answer = ask("Wie viele Unternehmen betrifft NIS2 in Deutschland?", records=True)
    assert len(set(answer.warnings)) == len(answer.warnings)


def test_a_record_past_its_review_date_warns(ask: Ask) -> None:
    answer = ask("Wie viele Unternehmen betrifft NIS2 in Deutschland?", records=True, on=date(2030, 1, 1))
    assert any("fällig" in w for w in answer.warnings)


# ---- states ----


def test_what_holds_in_another_state_only_is_left_out(ask: Ask) -> None:
    local = {"iot-90": german(jurisdiction="SH")}
    assert ask(local=local, given=Given(lang="de", state=State.SH)).sentences
    assert ask(local=local, given=Given(lang="de")).sentences
    elsewhere = ask(local=local, given=Given(lang="de", state=State.HH))
    assert elsewhere.sentences == ()
    assert elsewhere.score == 0.0


def test_what_holds_everywhere_is_given_to_every_state(ask: Ask) -> None:
    assert ask(given=Given(lang="de", state=State.MV)).sentences


# ---- fixed cards ----


def cards_of(kind: str) -> list[str]:
    from nordlotse.answers.core.cards import load

    prefix = {"emergency": "emergency", "refer": "refer", "decline": "decline", "clarify": "clarify"}[kind]
    return sorted({name for name, _ in load() if name.startswith(prefix)})


@pytest.mark.parametrize(
    ("kind", "confidence"), [("emergency", "found"), ("clarify", "related"), ("refer", "none"), ("decline", "none")]
)
def test_each_kind_of_card_answers_with_its_own_text(ask: Ask, kind: str, confidence: str) -> None:
    names = cards_of(kind)
    assert names, kind
    for name in names:
        answer = ask(kind=kind, card=name, kind_p=0.9)
        made = card(name, "de")
        assert (answer.kind, answer.confidence, answer.card) == (kind, confidence, name)
        assert [q.text for q in answer.sentences] == list(made.sentences)
        assert answer.text[answer.sentences[-1].start : answer.sentences[-1].end] == answer.sentences[-1].text
        assert len(answer.ask_back) <= 3
        assert answer.ask_back == made.ask_back[:3]
        assert [d.name for d in answer.doors] == [d.name for d in made.doors]


def test_only_a_question_back_names_articles(ask: Ask) -> None:
    assert ask(kind="clarify", card=cards_of("clarify")[0]).articles == ("iot-90",)
    assert ask(kind="decline", card=cards_of("decline")[0]).articles == ()


# ---- a search that is not complete ----


def test_without_encoders_words_alone_answer_and_a_warning_says_so(ask: Ask) -> None:
    answer = ask()
    assert answer.mode == "lexical"
    assert any("einfachere" in w for w in answer.warnings)
    assert "in Punkt 3" in answer.text


def test_with_one_encoder_the_mode_says_so(ask: Ask) -> None:
    answer = ask(encoders=Encoders(use=HashEncoder()))
    assert answer.mode == "use"
    assert any("einfachere" in w for w in answer.warnings)


def test_with_both_encoders_there_is_no_warning(ask: Ask) -> None:
    answer = ask(encoders=stand_in_encoders())
    assert answer.mode == "e5"
    assert not any("einfachere" in w for w in answer.warnings)


def test_a_question_is_embedded_once_by_each_encoder(ask: Ask) -> None:
    asked: list[str] = []

    class Counting(HashEncoder):
        def query(self, text: str):  # type: ignore[no-untyped-def]
            asked.append(self.name)
            return super().query(text)

    ask(encoders=Encoders(Memo(Counting("e5-like")), Memo(Counting("use-like", dim=48))))
    assert sorted(set(asked)) == ["e5-like", "use-like"]
    assert len(asked) <= 4
