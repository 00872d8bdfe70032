"""Sentences are quoted unchanged, and the right one comes first."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.answers.core.dense import Encoders
from nordlotse.answers.core.ranking import Index, Passage
from nordlotse.answers.core.selection import Selector, load_weights
from nordlotse.answers.core.sentence_features import NAMES
from nordlotse.answers.core.vectors import MemoryVectors
from tests.answers.core.stand_ins import HashEncoder, stand_in_encoders

TEXT = (
    "Die Prüfung beginnt mit der Wandstärke. Ein Bauteil aus PA12 kostet etwa 40 Euro je Stück.\n"
    "Das gilt z. B. für kleine Serien. Im Jahr 2023 stiegen die Preise um 8 Prozent."
)
PASSAGES = [
    Passage("druck", "3D-Druck", TEXT, "de"),
    Passage("netz", "Netz", "Ein Gateway verbindet die Maschine. Es spricht MQTT.", "de"),
    Passage("leer", "", "", "de"),
]


def _pair(encoders: Encoders | None = None) -> tuple[Index, Selector]:
    used = encoders if encoders is not None else stand_in_encoders()
    store = MemoryVectors()
    index = Index.build(PASSAGES, used, store, embed=("e5", "use"))
    return index, Selector(used, store)


def test_the_sentence_with_the_answer_comes_first_byte_for_byte() -> None:
    index, selector = _pair()
    best = selector.best(index, index.rank("Was kostet ein Bauteil aus PA12?"), 2)
    assert best[0].text == "Ein Bauteil aus PA12 kostet etwa 40 Euro je Stück."
    assert TEXT[best[0].start : best[0].end] == best[0].text


def test_a_question_for_a_year_prefers_the_sentence_with_a_year() -> None:
    index, selector = _pair(Encoders())
    best = selector.best(index, index.rank("Wann stiegen die Preise im 3D-Druck?"), 1)
    assert "2023" in best[0].text


def test_abbreviations_do_not_end_a_sentence() -> None:
    index, selector = _pair()
    texts = [quote.text for quote in selector.scored(index, index.rank("kleine Serien"))]
    assert "Das gilt z. B. für kleine Serien." in texts


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200), st.text(max_size=60))
def test_every_quote_slices_exactly_out_of_its_passage(text: str, question: str) -> None:
    store, encoders = MemoryVectors(), Encoders(use=HashEncoder())
    index = Index.build([Passage("a", "", text, "de"), *PASSAGES], encoders, store)
    for quote in Selector(encoders, store).scored(index, index.rank(question)):
        assert quote.passage.text[quote.start : quote.end] == quote.text
        assert quote.text.strip() == quote.text != ""


def test_the_view_without_vectors_and_the_one_without_e5_are_used_when_needed() -> None:
    for encoders, mode in (
        (stand_in_encoders(), "use"),
        (Encoders(use=HashEncoder()), "use"),
        (Encoders(), "lexical"),
    ):
        index, selector = _pair(encoders)
        assert selector.table(index, index.rank("Was kostet ein Bauteil?"))[2] == mode
    index, selector = _pair()
    assert selector.prepare(index.passages) > 0
    assert selector.table(index, index.rank("Was kostet ein Bauteil?"))[2] == "e5"


def test_preparing_twice_embeds_nothing_again_and_may_be_cancelled() -> None:
    index, selector = _pair()
    assert selector.prepare(index.passages, cancelled=lambda: True) == 0
    assert selector.prepare(index.passages, e5=False) == 6
    assert selector.prepare(index.passages) > 0
    assert selector.prepare(index.passages) == 0


def test_a_passage_deleted_meanwhile_is_still_quoted_from_what_was_ranked() -> None:
    index, selector = _pair()
    ranking = index.rank("Was kostet ein Bauteil aus PA12?")
    gone = index.updated([], ["druck"])
    assert selector.best(gone, ranking, 1)[0].passage.text == TEXT


def test_no_hits_give_no_quotes() -> None:
    index, selector = _pair()
    ranking = index.rank("Was kostet ein Bauteil?", keep=lambda passage: False)
    assert selector.best(index, ranking) == []
    assert selector.best(index, replace(ranking, hits=()), 5) == []


def test_a_passage_without_text_lends_no_sentence() -> None:
    index, selector = _pair()
    ranking = index.rank("Was kostet ein Bauteil?", keep=lambda passage: passage.id == "leer")
    assert selector.best(index, ranking) == []


def test_the_shipped_weights_name_known_features_only() -> None:
    models = load_weights()
    assert set(models) == {"e5", "use", "lexical"}
    for mode, model in models.items():
        assert set(model.names) <= set(NAMES)
        assert mode == "e5" or not any(name.startswith("e5") for name in model.names)
        assert mode != "lexical" or not any(name.startswith("use") for name in model.names)


@pytest.mark.parametrize(("lang", "one", "two"), [("de", 0.72, 0.85), ("en", 0.74, 0.86)])
def test_answer_sentences_of_public_questions_are_found_without_vectors(
    shared: Path, lang: str, one: float, two: float
) -> None:
    """A floor under sentences on public questions; the full figures are the benchmark's."""
    folder = shared / "retrieval"
    rows = [json.loads(line) for line in (folder / f"xquad_{lang}.passages.jsonl").read_text("utf-8").splitlines()]
    asked = [json.loads(line) for line in (folder / f"xquad_{lang}.queries.jsonl").read_text("utf-8").splitlines()]
    passages = [Passage(r["id"], r["title"], r["text"], "en" if lang == "en" else "de") for r in rows]
    index = Index.build(passages, Encoders(), MemoryVectors())
    selector = Selector(Encoders(), MemoryVectors())
    right = []
    for row in asked:
        best = selector.best(index, index.rank(row["q"], 5), 2)
        right.append([q.passage.id == row["gold"][0] and q.start <= row["ans_start"] < q.end for q in best])
    assert sum(hits[0] for hits in right) / len(right) > one
    assert sum(any(hits) for hits in right) / len(right) > two
