"""Cases for the confidence: questions whose answer is in the pool, and questions whose answer is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.answers.sets import Asked, PoolD, rows, unanswerable
from nordlotse.answers.core.dense import Encoders
from nordlotse.answers.core.ranking import Index, Passage
from nordlotse.answers.core.vectors import FileVectors
from nordlotse.foundation.language import Lang

ANSWERED = 0.9
"""Share of answerable questions that must stay answered where refusals are counted."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question against one pool: features of its first passage, and whether the pool holds the answer."""

    source: str
    group: str
    training: bool
    answerable: bool
    features: dict[str, float]


def all_cases(encoders: Encoders, store: FileVectors) -> list[Case]:
    """XQuAD with and without its paragraph (as paragraphs and as chunks, both languages) and OMoS as it is."""
    pool = PoolD()
    chunks = Index.build(pool.passages, encoders, store).embed_rest()
    whole = Index.build(_paragraphs(), encoders, store).embed_rest()
    german, english = pool.sets[0].questions, pool.sets[1].questions
    found = [
        *_with_and_without("paragraphs", whole, german, "de", lambda p, name: p.id == name),
        *_with_and_without("chunks", chunks, german, "de", lambda p, name: p.id.startswith(f"{name}.")),
        *_with_and_without("chunks en->de", chunks, english, "en", lambda p, name: p.id.startswith(f"{name}.")),
    ]
    for answerable, questions in ((True, pool.sets[2].questions), (False, unanswerable())):
        for asked in questions:
            features = dict(chunks.rank(asked.text, 10, "de").features)
            found.append(Case("OMoS", asked.group, asked.training, answerable, features))
    return found


def _paragraphs() -> list[Passage]:
    return [Passage(row["id"], row["title"], row["text"], "de") for row in rows("xquad_de.passages.jsonl")]


def _with_and_without(source, index, questions, lang: Lang, belongs) -> Iterator[Case]:  # type: ignore[no-untyped-def]
    """Ask every question as is, then with its paragraph really removed from the index."""
    by_paragraph: dict[str, list[Asked]] = {}
    for asked in questions:
        by_paragraph.setdefault(asked.group, []).append(asked)
    for paragraph, asked_here in by_paragraph.items():
        gone = [p.id for p in index.passages if belongs(p, paragraph)]
        without = index.updated([], gone)
        for asked in asked_here:
            for answerable, pool in ((True, index), (False, without)):
                features = dict(pool.rank(asked.text, 10, lang).features)
                yield Case(source, paragraph, asked.training, answerable, features)


def refused(chances: NDArray[np.float64], answerable: NDArray[np.bool_], answered: float = ANSWERED) -> float:
    """Return the share of unanswerable questions refused at the threshold that answers `answered` of the others."""
    threshold = np.quantile(chances[answerable], 1 - answered)
    return float((chances[~answerable] < threshold).mean())


def calibration_error(chances: NDArray[np.float64], answerable: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error over ten bins of equal width."""
    place = np.minimum((chances * bins).astype(int), bins - 1)
    error = 0.0
    for of in range(bins):
        here = place == of
        if here.any():
            error += float(here.mean()) * abs(float(chances[here].mean()) - float(answerable[here].mean()))
    return error


def auroc(chances: NDArray[np.float64], answerable: NDArray[np.bool_]) -> float:
    """Chance that an answerable question scores higher than an unanswerable one; ties count half."""
    yes, no = chances[answerable], chances[~answerable]
    return float((yes[:, None] > no).mean() + 0.5 * (yes[:, None] == no).mean())


def fold_of(case: Case, folds: int = 5) -> int:
    """Fold of a case: by paragraph (ten numbers, one article, together) or by municipal page."""
    number = int("".join(c for c in case.group if c.isdigit()))
    return number // 10 % folds if case.source != "OMoS" else number % folds


def columns(cases: Sequence[Case]) -> tuple[list[dict[str, float]], NDArray[np.bool_]]:
    """Split cases into features and labels."""
    return [case.features for case in cases], np.array([case.answerable for case in cases], dtype=bool)
