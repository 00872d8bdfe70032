"""Fit the sentence ranker and write `sentence_weights.json`: `python -m bench.answers.fit_sentences [--write]`.

A softmax over the sentences of the best five passages, on XQuAD even in German and English (each in its own language).
Judged by five folds over paragraphs: a question is always answered by weights that have not seen its paragraph.
The shipped weights are fitted on all of it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.answers.sets import ROOT, rows
from bench.answers.stage import bench_store, commit, remembering_encoders
from nordlotse.answers.core.dense import Encoders
from nordlotse.answers.core.ranking import Index, Passage
from nordlotse.answers.core.selection import Selector
from nordlotse.answers.core.sentence_features import NAMES
from nordlotse.answers.core.vectors import FileVectors
from nordlotse.foundation.language import Lang

FOLDS = 5
L2 = 0.02
ROUNDS = 400
RATE = 0.05
E5_COLUMNS = tuple(name for name in NAMES if name.startswith("e5_"))
VECTOR_COLUMNS = (*E5_COLUMNS, *(name for name in NAMES if name.startswith("use")))
LEFT_OUT = {"e5": (), "use": E5_COLUMNS, "lexical": VECTOR_COLUMNS}
WEIGHTS = ROOT / "src" / "nordlotse" / "answers" / "core" / "sentence_weights.json"


@dataclass(frozen=True, slots=True)
class Case:
    """One question: features of its candidate sentences and which of them hold the answer."""

    lang: str
    paragraph: str
    table: NDArray[np.float64]
    right: NDArray[np.bool_]


def paragraphs(lang: Lang) -> list[Passage]:
    """The 120 delivered XQuAD paragraphs of one language."""
    return [Passage(row["id"], row["title"], row["text"], lang) for row in rows(f"xquad_{lang}.passages.jsonl")]


def cases(lang: Lang, encoders: Encoders, store: FileVectors, mode: str) -> list[Case]:
    """Rank every question in its own language and read its candidates; `mode` "use" leaves E5 out altogether."""
    used = {"e5": encoders, "use": Encoders(use=encoders.use), "lexical": Encoders()}[mode]
    index = Index.build(paragraphs(lang), used, store).embed_rest()
    selector = Selector(used, store)
    selector.prepare(index.passages)
    found = []
    for row in rows(f"xquad_{lang}.queries.jsonl"):
        table, spans, _ = selector.table(index, index.rank(row["q"], 5, lang))
        right = [passage.id == row["gold"][0] and a <= row["ans_start"] < b for passage, a, b in spans]
        found.append(Case(lang, row["gold"][0], table, np.array(right, dtype=bool)))
    return found


def fold_of(paragraph: str) -> int:
    """Fold 0..4 of a paragraph; neighbouring paragraphs (one article) stay together."""
    return int(paragraph[3:]) // 10 % FOLDS


def fit(training: list[Case], left_out: tuple[str, ...]) -> NDArray[np.float64]:
    """Return one weight a feature (zero for those left out): softmax, L2, Adam; deterministic."""
    usable = [case for case in training if case.right.any()]
    spread = np.vstack([case.table for case in usable]).std(axis=0)
    spread[spread < 1e-9] = 1.0
    keep = np.array([name not in left_out for name in NAMES], dtype=float)
    longest = max(len(case.table) for case in usable)
    tables = np.zeros((len(usable), longest, len(NAMES)))
    masks = np.full((len(usable), longest), -1e9)
    targets = np.zeros((len(usable), longest))
    for place, case in enumerate(usable):
        size = len(case.table)
        tables[place, :size] = case.table / spread * keep
        masks[place, :size] = 0.0
        targets[place, :size] = case.right / case.right.sum()
    weights, first, second = np.zeros(len(NAMES)), np.zeros(len(NAMES)), np.zeros(len(NAMES))
    for step in range(1, ROUNDS + 1):
        scores = tables @ weights + masks
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        slope = np.einsum("qs,qsf->f", chances - targets, tables) / len(usable) + L2 * weights
        first = 0.9 * first + 0.1 * slope
        second = 0.99 * second + 0.01 * slope**2
        weights -= RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
    return np.asarray(weights / spread * keep)


def right_at(case: Case, weights: NDArray[np.float64]) -> tuple[bool, bool]:
    """Tell whether the best sentence, and whether one of the best two, holds the answer."""
    order = np.argsort(-(case.table @ weights), kind="stable")
    return bool(case.right[order[:1]].any()), bool(case.right[order[:2]].any())


def out_of_fold(all_cases: list[Case], left_out: tuple[str, ...], lang: str) -> NDArray[np.float64]:
    """Return (questions, 2): right with one and with two sentences, each question by weights of the other folds."""
    results = {}
    for fold in range(FOLDS):
        weights = fit([case for case in all_cases if fold_of(case.paragraph) != fold], left_out)
        for place, case in enumerate(all_cases):
            if case.lang == lang and fold_of(case.paragraph) == fold:
                results[place] = right_at(case, weights)
    return np.array([results[place] for place in sorted(results)], dtype=float)


def main() -> None:
    """Fit all modes, print the out-of-fold figures, write the weights with `--write`."""
    store = bench_store()
    encoders = remembering_encoders(store)
    models: dict[str, Any] = {}
    for mode, left_out in LEFT_OUT.items():
        both = cases("de", encoders, store, mode) + cases("en", encoders, store, mode)
        for lang in ("de", "en"):
            one, two = out_of_fold(both, left_out, lang).mean(axis=0)
            print(f"{mode:8} {lang}  one sentence {one:.3f}  two {two:.3f}")
        weights = fit(both, left_out)
        models[mode] = {name: round(float(w), 4) for name, w in zip(NAMES, weights, strict=True) if w}
    if "--write" in sys.argv:
        text = json.dumps(
            {
                "fitted_on": "2026-11-23",
                "data": "XQuAD even, 120 paragraphs, 593 German and 593 English questions (CC BY-SA 4.0)",
                "code": commit(),
                "method": f"softmax over candidate sentences, L2 {L2}, Adam {ROUNDS} rounds, rate {RATE}",
                "modes": models,
            },
            indent=1,
        )
        WEIGHTS.write_text(text + "\n", "utf-8")
        print(f"written: {WEIGHTS.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
