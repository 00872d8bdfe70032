"""How alike the texts of needs and profiles are: by words (tf-idf over stems and n-grams) and by vectors."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from nordlotse.network.core.ports import Embed, Matrix
from nordlotse.network.core.words import claims, grams, sentences, stem, tokens

__all__ = ["Scores", "by_vectors", "by_words", "need_vectors", "profile_vectors", "shared_words"]

Scores = NDArray[np.float32]
"""Likeness of each need to each expert, shape (needs, experts), 0 to 1."""

GRAM_SHARE = 0.45
"""Share of the n-grams in the likeness by words, the stems have the rest. Chosen on our own development set."""

_SHRINK = 8.0
"""Profiles whose weight the common direction of all vectors is shrunk by: with few people little is common."""

_MOST_SENTENCES = 40


_Counts = Mapping[str, float]


@lru_cache(maxsize=4_000)
def _both_counts(text: str) -> tuple[_Counts, _Counts]:
    """The stems and the n-grams of a text with their damped counts, 1 + ln(n)."""
    words = tokens(text)
    found = Counter(map(stem, words)), Counter(chain.from_iterable(map(grams, words)))
    stems, pieces = ({t: 1.0 if n == 1 else 1.0 + math.log(n) for t, n in counts.items()} for counts in found)
    return stems, pieces


def _counts(text: str, as_grams: bool) -> _Counts:
    return _both_counts(text)[as_grams]


def _rows(texts: Sequence[str], idf: Mapping[str, tuple[int, float]], as_grams: bool) -> sparse.csr_matrix:
    """Texts as unit rows of damped counts times rarity; terms no profile has are left out after the norm is taken."""
    data: list[float] = []
    columns: list[int] = []
    ends = [0]
    unknown = (-1, max((weight for _, weight in idf.values()), default=1.0))
    for text in texts:
        squares = 0.0
        for term, damped in _counts(text, as_grams).items():
            column, weight = idf.get(term, unknown)
            squares += (damped * weight) ** 2
            if column >= 0:
                columns.append(column)
                data.append(damped * weight)
        norm = math.sqrt(squares) or 1.0
        data[ends[-1] :] = [value / norm for value in data[ends[-1] :]]
        ends.append(len(columns))
    return sparse.csr_matrix((np.array(data, dtype=np.float32), columns, ends), shape=(len(texts), max(1, len(idf))))


def _rarity(texts: Sequence[str], as_grams: bool) -> dict[str, tuple[int, float]]:
    """Column and rarity of every term of the profiles: ln((n + 1) / (df + 0.5)), as in BM25 (Robertson 2009)."""
    seen = Counter(term for text in texts for term in _counts(text, as_grams))
    n = len(texts)
    return {t: (column, math.log(1 + (n + 0.5) / (df + 0.5))) for column, (t, df) in enumerate(sorted(seen.items()))}


@lru_cache(maxsize=4)
def _profiles(own: tuple[str, ...], as_grams: bool) -> tuple[dict[str, tuple[int, float]], sparse.csr_matrix]:
    """Rarity over the profiles and their rows, kept while the same people are asked for."""
    rarity = _rarity(own, as_grams)
    return rarity, _rows(own, rarity, as_grams).T.tocsr()


def by_words(needs: Sequence[str], profiles: Sequence[str]) -> Scores:
    """Return the likeness by words: cosine of stems and of character 5-grams, which see into compounds.

    Profiles are read without what they deny (`words.claims`). Rarity is counted over the profiles alone, so that a score
    does not depend on which other needs are in the batch.
    """
    own = tuple(claims(profile) for profile in profiles)
    total = np.zeros((len(needs), len(profiles)), dtype=np.float32)
    for as_grams, share in ((False, 1 - GRAM_SHARE), (True, GRAM_SHARE)):
        rarity, columns = _profiles(own, as_grams)
        total += share * (_rows(needs, rarity, as_grams) @ columns).toarray()
    return np.clip(total, 0.0, 1.0)


@lru_cache(maxsize=4_000)
def _written(profile: str) -> tuple[tuple[str, str], ...]:
    """The words a profile claims, by stem, as they are written, longest first."""
    found: dict[str, str] = {}
    for written in claims(profile).split():
        word = written.strip(".,:;!?()[]„“\"'/»«")
        for token in tokens(word)[:1]:
            if len(token) > 3:
                found.setdefault(stem(token), word)
    return tuple(sorted(found.items(), key=lambda item: (-len(item[1]), item[1])))


def shared_words(need: str, profile: str, most: int = 3) -> tuple[str, ...]:
    """Return the words of a profile that a need has too (by stem), longest first, as the profile writes them."""
    wanted = _counts(need, False)
    return tuple(word for root, word in _written(profile) if root in wanted)[:most]


def _embedded(parts: Sequence[Sequence[str]], embed: Embed) -> list[Matrix]:
    flat = [text for part in parts for text in part]
    matrix = embed(flat)
    ends = np.cumsum([len(part) for part in parts])[:-1]
    return [np.asarray(m, dtype=np.float32) for m in np.split(matrix, ends)]


def _parts(text: str) -> list[str]:
    found = sentences(text)[:_MOST_SENTENCES]
    return [text, *found] if len(found) > 1 else [text]


def profile_vectors(profiles: Sequence[str], embed: Embed) -> list[Matrix]:
    """Return a matrix a profile: its claims as a whole, then sentence by sentence; one call of `embed`."""
    return _embedded([_parts(claims(profile)) for profile in profiles], embed)


def need_vectors(needs: Sequence[str], embed: Embed) -> list[Matrix]:
    """Return a matrix of one row a need, the whole text; one call of `embed`.

    Its sentences alone tell too little: on our own development set they lowered the score.
    """
    return _embedded([[need] for need in needs], embed)


def _unit(matrix: Matrix) -> Matrix:
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    unit: Matrix = (matrix / np.where(norms > 1e-6, norms, 1.0)).astype(np.float32)
    return unit


def by_vectors(needs: Sequence[Matrix | None], profiles: Sequence[Matrix | None]) -> Scores | None:
    """Return the likeness by vectors, or None where needs or profiles have none.

    Encoders give all texts a common direction that says nothing; the mean of the profiles, shrunk, is taken out first
    (after Mu and Viswanath, "All-but-the-Top", ICLR 2018). Half of the score is need against the whole profile, half need against its
    best sentence: who does much must not lose against who does one thing. Who has no vectors gets 0.
    """
    rows = [i for i, m in enumerate(needs) if m is not None and len(m)]
    columns = [j for j, m in enumerate(profiles) if m is not None and len(m)]
    if not rows or not columns:
        return None
    own = np.concatenate([profiles[j] for j in columns])
    starts = np.cumsum([0, *(len(profiles[j]) for j in columns[:-1])])  # type: ignore[arg-type]
    asked = np.stack([m[0] for m in needs if m is not None and len(m)])
    common = own[starts].sum(axis=0) / (len(columns) + _SHRINK)
    alike = _unit(asked - common) @ _unit(own - common).T
    best = np.maximum.reduceat(alike, starts, axis=1)
    found = np.zeros((len(needs), len(profiles)), dtype=np.float32)
    found[np.ix_(rows, columns)] = np.clip((alike[:, starts] + best) / 2, 0.0, 1.0)
    return found
