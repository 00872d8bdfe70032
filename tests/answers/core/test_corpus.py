"""The lexical side is analysed once per passage and stays equal to a rebuild from scratch."""

from __future__ import annotations

import threading

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.answers.core.corpus import Corpus
from nordlotse.answers.core.fusion import coverage, lexical_score

TEXTS = {
    "a": "Die Digitalisierung braucht eine Strategie.",
    "b": "Eine Digitalisierungsstrategie hilft dem Betrieb.",
    "c": "Sensoren messen Schwingungen an der Spindel.",
    "d": "",
}
QUESTION = "Welche Digitalisierungsstrategie passt zum Betrieb?"


def _same(one: Corpus, other: Corpus, question: str) -> None:
    assert one.ids == other.ids
    ours, theirs = one.scores(question), other.scores(question)
    np.testing.assert_allclose(ours.words, theirs.words, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(ours.grams, theirs.grams, rtol=1e-5, atol=1e-6)


def test_a_compound_finds_its_parts_and_the_other_way_round() -> None:
    corpus = Corpus("de", TEXTS)
    assert corpus.scores("Digitalisierungsstrategie").words[0] > 0
    assert corpus.scores("Strategie").words[1] > 0


def test_the_old_corpus_is_not_disturbed_by_an_update() -> None:
    corpus = Corpus("de", TEXTS)
    before = corpus.scores(QUESTION).words.copy()
    corpus.updated({"a": "Ganz anderer Text", "z": "Neu"}, ["c"])
    np.testing.assert_array_equal(corpus.scores(QUESTION).words, before)
    assert corpus.ids == list(TEXTS)


def test_new_vocabulary_changes_the_splits_of_old_words() -> None:
    corpus = Corpus("de", {"a": "Der Wartungsvertrag läuft.", "b": "Ein Vertrag."})
    assert corpus.scores("Wartung").words[0] == 0
    grown = corpus.updated({"c": "Die Wartung der Anlage."}, [])
    assert grown.scores("Wartung").words[0] > 0


_WORDS = st.sampled_from(
    [
        *("digitalisierung", "strategie", "digitalisierungsstrategie", "sensor", "daten"),
        *("sensordaten", "maschine", "maschinendaten", "betrieb"),
    ]
)
_TEXT = st.lists(_WORDS, max_size=6).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abcdef"), _TEXT, max_size=5),
    st.lists(
        st.tuples(st.dictionaries(st.sampled_from("abcdefg"), _TEXT, max_size=3), st.sets(st.sampled_from("abcdefg")))
    ),
    _TEXT,
)
def test_updates_lead_where_a_rebuild_leads(texts: dict[str, str], steps: list, question: str) -> None:  # type: ignore[type-arg]
    corpus = Corpus("de", texts)
    now = dict(texts)
    for changed, removed in steps:
        gone = [name for name in removed if name not in changed]
        corpus = corpus.updated(changed, gone)
        now = {name: text for name, text in now.items() if name not in gone} | changed
    _same(corpus, Corpus("de", {name: now[name] for name in corpus.ids}), question)
    assert set(corpus.ids) == set(now)


@given(st.text(max_size=80))
def test_coverage_and_lexical_score_stay_between_nought_and_one(question: str) -> None:
    scores = Corpus("de", TEXTS).scores(question)
    for values in (coverage(scores), lexical_score(scores)):
        assert values.shape == (len(TEXTS),)
        assert ((values >= 0) & (values <= 1)).all()


def test_threads_may_update_and_ask_at_once() -> None:
    corpus = Corpus("de", TEXTS)
    heirs: list[Corpus] = []

    def work(number: int) -> None:
        heirs.append(corpus.updated({f"n{number}": f"Neuer Text {number} über Fräsmaschinen{number}"}, []))
        corpus.scores(QUESTION)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heirs) == 6
    for heir in heirs:
        assert heir.scores("Fräsmaschinen").grams[-1] > 0
