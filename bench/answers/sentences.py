"""The right answer sentence, end to end on 120 paragraphs: `python -m bench.answers.sentences`.

Beside our ranker stands the prototype of our research notes: the best passage by z(e5) + 3 coverage, its sentences by
z(words/max + 4-grams/max) + z(USE). Our figures are out of fold: no question is answered by weights that have seen its
paragraph.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.answers.fit_sentences import LEFT_OUT, Case, cases, out_of_fold, paragraphs
from bench.answers.sets import rows
from bench.answers.stage import bench_store, paired_interval, remembering_encoders, write_result
from nordlotse.answers.core.corpus import Corpus
from nordlotse.answers.core.dense import Encoders
from nordlotse.answers.core.fusion import coverage, standard_scores
from nordlotse.answers.core.lexical import B_SENTENCE, Postings, counts_of
from nordlotse.answers.core.ranking import Index
from nordlotse.answers.core.selection import Selector
from nordlotse.answers.core.sentences import sentence_spans
from nordlotse.answers.core.vectors import FileVectors, embed_missing, stored_vectors
from nordlotse.foundation.language import Lang

TARGETS = (0.80, 0.90)


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


def milliseconds(encoders: Encoders, store: FileVectors) -> float:
    """Median time of choosing the sentences of one question, after ranking, vectors prepared."""
    index = Index.build(paragraphs("de"), encoders, store).embed_rest()
    selector = Selector(encoders, store)
    selector.prepare(index.passages)
    spent = []
    for row in rows("xquad_de.queries.jsonl"):
        ranking = index.rank(row["q"], 5, "de")
        start = time.perf_counter()
        selector.best(index, ranking, 2)
        spent.append((time.perf_counter() - start) * 1000)
    return float(np.median(spent))


def main() -> dict[str, Any]:
    """Print and write the figures of all modes beside the prototype."""
    store = bench_store()
    encoders = remembering_encoders(store)
    result: dict[str, Any] = {"targets": TARGETS, "ms": milliseconds(encoders, store)}
    proto = {lang: prototype(lang, encoders, store) for lang in ("de", "en")}  # type: ignore[arg-type]
    print(f"{'answer sentence right':26}{'one':>8}{'two':>8}   ours minus prototype (95 %), one / two")
    for lang, values in proto.items():
        one, two = values.mean(axis=0)
        result[f"prototype {lang}"] = {"one": float(one), "two": float(two)}
        print(f"{'prototype ' + lang:26}{one:8.3f}{two:8.3f}")
    for mode, left_out in LEFT_OUT.items():
        both: list[Case] = cases("de", encoders, store, mode) + cases("en", encoders, store, mode)
        for lang in ("de", "en"):
            ours = out_of_fold(both, left_out, lang)
            one, two = ours.mean(axis=0)
            gaps = [paired_interval(ours[:, n], proto[lang][:, n]) for n in (0, 1)]
            result[f"{mode} {lang}"] = {"one": float(one), "two": float(two), "minus_prototype": gaps}
            shown = " / ".join(f"{low:+.3f} … {high:+.3f}" for low, high in gaps)
            print(f"{f'Nordlotse ({mode}) {lang}':26}{one:8.3f}{two:8.3f}   {shown}", flush=True)
    print(f"choosing the sentences takes {result['ms']:.1f} ms (median)")
    print(write_result("sentences", result))
    return result


if __name__ == "__main__":
    main()
