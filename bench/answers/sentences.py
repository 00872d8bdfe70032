"""The right answer sentence, end to end on 120 paragraphs: `python -m bench.answers.sentences`.

What `ask` does is measured: the composer's order of sentences over the best five paragraphs, and what it shows of them, where a
sentence brings along what it leans on. Nothing is fitted on these questions. Beside it stands the prototype of our research notes:
the best passage by z(e5) + 3 coverage, its sentences by z(words/max + 4-grams/max) + z(USE).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.answers.sets import rows
from bench.answers.stage import bench_store, paired_interval, remembering_encoders, write_result
from nordlotse.answers.core.compose import Chosen, Composer
from nordlotse.answers.core.corpus import Corpus
from nordlotse.answers.core.cues import asked_kinds
from nordlotse.answers.core.dense import Encoders
from nordlotse.answers.core.fusion import coverage, standard_scores
from nordlotse.answers.core.knowledge import Unit
from nordlotse.answers.core.lexical import B_SENTENCE, Postings, counts_of
from nordlotse.answers.core.likeness import SentenceLikeness
from nordlotse.answers.core.ranking import Index, Passage
from nordlotse.answers.core.section import Sentence
from nordlotse.answers.core.sentences import sentence_spans
from nordlotse.answers.core.units import Found
from nordlotse.answers.core.vectors import FileVectors, embed_missing, stored_vectors
from nordlotse.foundation.language import Lang

TARGETS = (0.80, 0.90)
PARAGRAPHS = 5
"""So many of the best paragraphs lend their sentences."""


def prototype(lang: Lang, encoders: Encoders, store: FileVectors) -> NDArray[np.float64]:
    """Return (questions, 2): right with one and two sentences by the prototype."""
    if encoders.e5 is None or encoders.use is None:
        raise SystemExit("encoders are missing")
    pool = paragraphs(lang)
    corpus = Corpus(lang, {p.id: p.text for p in pool})
    embed_missing([p.text for p in pool], encoders.e5, store)
    passages, _ = stored_vectors([p.text for p in pool], encoders.e5, store)
    spans = [(p.id, p.text, a, b) for p in pool for a, b in sentence_spans(p.text)]
    texts = [text[a:b] for _, text, a, b in spans]
    embed_missing(texts, encoders.use, store, kind="sentence")
    vectors, _ = stored_vectors(texts, encoders.use, store, "sentence")
    word_ids: dict[str, int] = {}
    gram_ids: dict[str, int] = {}
    analyzer = corpus.analyzer
    words = Postings(word_ids, counts_of((analyzer.words(t) for t in texts), word_ids), k1=1.2, b=B_SENTENCE)
    grams = Postings(gram_ids, counts_of((analyzer.grams(t) for t in texts), gram_ids), k1=1.2, b=B_SENTENCE)
    right = []
    for row in rows(f"xquad_{lang}.queries.jsonl"):
        fused = standard_scores(passages @ encoders.e5.query(row["q"])) + 3 * coverage(corpus.scores(row["q"]))
        best = pool[int(np.argmax(fused))].id
        by_words, by_grams = words.scores(analyzer.words(row["q"]))[0], grams.scores(analyzer.grams(row["q"]))[0]
        lexical = by_words / max(float(by_words.max()), 1e-9) + by_grams / max(float(by_grams.max()), 1e-9)
        scores = standard_scores(lexical) + standard_scores(vectors @ encoders.use.query(row["q"]))
        scores[[name != best for name, *_ in spans]] = -np.inf
        hits = []
        for place in np.argsort(-scores, kind="stable")[:2]:
            name, _, start, end = spans[int(place)]
            hits.append(np.isfinite(scores[place]) and name == row["gold"][0] and start <= row["ans_start"] < end)
        right.append((hits[0], any(hits)))
    return np.array(right, dtype=float)


def paragraphs(lang: Lang) -> list[Passage]:
    """The 120 delivered XQuAD paragraphs of one language."""
    return [Passage(row["id"], row["title"], row["text"], lang) for row in rows(f"xquad_{lang}.passages.jsonl")]


def unit(paragraph: Passage) -> Unit:
    """A paragraph as a unit of knowledge: its sentences, without a lead, a role or sources."""
    day = date(2026, 11, 23)
    return Unit(
        id=paragraph.id,
        lang=paragraph.lang or "de",
        topic="iot",
        article=paragraph.id,
        anchor="",
        title=paragraph.title,
        heading="",
        role="answer",
        text=paragraph.text,
        sentences=tuple(Sentence(start, end) for start, end in sentence_spans(paragraph.text)),
        lead_end=0,
        questions=(),
        demonstrator="none",
        jurisdiction="none",
        checked_on=day,
        review_by=day,
        sources=(),
    )


class Asking:
    """The paragraphs of one language, ranked and composed from as `ask` does with sections."""

    def __init__(self, lang: Lang, encoders: Encoders, store: FileVectors) -> None:
        """Index the paragraphs with what encoders there are."""
        found = paragraphs(lang)
        self._lang = lang
        self._index = Index.build(found, encoders, store).embed_rest()
        self._units = {p.id: unit(p) for p in found}
        self._likeness = SentenceLikeness(encoders, store)

    def found(self, question: str) -> list[Found]:
        """Return the best five paragraphs with their fused scores."""
        hits = self._index.rank(question, PARAGRAPHS, self._lang).hits
        return [Found(self._units[hit.passage.id], hit.score) for hit in hits]

    def composer(self, question: str) -> Composer:
        """Return the composer of one answer."""
        return Composer(
            terms=self._index.corpus(self._lang).analyzer.words,
            question_terms=dict(self._index.words_in(question, self._lang)),
            likeness=lambda texts: self._likeness.to_question(question, texts),
            asked=asked_kinds(question),
        )


def right(chosen: Sequence[Chosen], row: dict[str, Any]) -> bool:
    """Tell whether one of the sentences holds the answer."""
    return any(c.unit.id == row["gold"][0] and c.sentence.start <= row["ans_start"] < c.sentence.end for c in chosen)


def ours(asking: Asking, lang: Lang) -> tuple[NDArray[np.float64], float]:
    """Return (questions, 4) and the median milliseconds of ranking and composing an answer.

    Columns: the answer is in the best sentence, in the best two, in what is shown of two, in what is shown of six.
    """
    table, spent = [], []
    for row in rows(f"xquad_{lang}.queries.jsonl"):
        question = row["q"]
        start = time.perf_counter()
        found = asking.found(question)
        shown = asking.composer(question).choose(found)
        spent.append((time.perf_counter() - start) * 1000)
        ranked = asking.composer(question).ranked(found)
        two = asking.composer(question).choose(found, most=2)
        table.append([right(part, row) for part in (ranked[:1], ranked[:2], two, shown)])
    return np.array(table, dtype=float), float(np.median(spent))


def main() -> dict[str, Any]:
    """Print and write our figures, with and without vectors, beside the prototype."""
    store = bench_store()
    encoders = remembering_encoders(store)
    result: dict[str, Any] = {"targets": TARGETS}
    langs: tuple[Lang, ...] = ("de", "en")
    print(
        f"{'answer sentence right':26}{'one':>8}{'two':>8}{'shown 2':>9}{'shown 6':>9}   ours minus prototype (95 %), one / two"
    )
    proto = {lang: prototype(lang, encoders, store) for lang in langs}
    for lang, values in proto.items():
        one, two = values.mean(axis=0)
        result[f"prototype {lang}"] = {"one": float(one), "two": float(two)}
        print(f"{'prototype ' + lang:26}{one:8.3f}{two:8.3f}")
    for name, used in (("use", encoders), ("lexical", Encoders())):
        for lang in langs:
            table, ms = ours(Asking(lang, used, store), lang)
            one, two, shown_two, shown_six = (float(v) for v in table.mean(axis=0))
            gaps = [paired_interval(table[:, n], proto[lang][:, n]) for n in (0, 1)]
            result[f"{name} {lang}"] = {
                "one": one,
                "two": two,
                "shown_two": shown_two,
                "shown_six": shown_six,
                "minus_prototype": gaps,
                "ms": ms,
            }
            between = " / ".join(f"{low:+.3f} … {high:+.3f}" for low, high in gaps)
            print(f"{f'Nordlotse ({name}) {lang}':26}{one:8.3f}{two:8.3f}{shown_two:9.3f}{shown_six:9.3f}   {between}")
    print(f"ranking and composing one answer takes {result['use de']['ms']:.1f} ms (median, embedding not included)")
    print(write_result("sentences", result))
    return result


if __name__ == "__main__":
    main()
