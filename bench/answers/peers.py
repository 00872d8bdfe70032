"""The other ways to search the same passages: lexical engines and a plain vector store."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

import bm25s
import numpy as np
import Stemmer

from nordlotse.answers.core.analysis import Analyzer
from nordlotse.answers.core.lexical import Postings, counts_of
from nordlotse.answers.core.ports import Encoder
from nordlotse.answers.core.ranking import Passage
from nordlotse.answers.core.stopwords import GERMAN
from nordlotse.answers.core.vectors import FileVectors, stored_vectors

Search = Callable[[str], list[str]]
"""A question in, ids of at most ten passages out, best first."""


def all_peers(passages: Sequence[Passage], e5: Encoder, store: FileVectors) -> dict[str, Search]:
    """Build every peer on the same passages."""
    return {
        "bm25s": bm25s_search(passages),
        "SQLite FTS5": fts5_search(passages),
        "GermanAnalyzer-like": german_analyzer_search(passages),
        "e5 alone": e5_search(passages, e5, store),
    }


def bm25s_search(passages: Sequence[Passage]) -> Search:
    """bm25s with its German stop words and the Snowball stemmer."""
    stemmer = Stemmer.Stemmer("german")
    options = {"stopwords": "de", "stemmer": stemmer, "show_progress": False}
    index = bm25s.BM25()
    index.index(bm25s.tokenize([p.indexed for p in passages], **options), show_progress=False)

    def search(question: str) -> list[str]:
        tokens = bm25s.tokenize([question], **options)
        if not tokens.vocab:
            return []
        found, _ = index.retrieve(tokens, k=min(10, len(passages)), show_progress=False)
        return [passages[int(row)].id for row in found[0]]

    return search


def fts5_search(passages: Sequence[Passage]) -> Search:
    """SQLite FTS5, porter over unicode61, words joined by OR, stop words left out of the question."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE texts USING fts5(id UNINDEXED, text, tokenize='porter unicode61')")
    database.executemany("INSERT INTO texts VALUES (?, ?)", [(p.id, p.indexed) for p in passages])

    def search(question: str) -> list[str]:
        words = [w for w in "".join(c if c.isalnum() else " " for c in question.lower()).split() if w not in GERMAN]
        if not words:
            return []
        query = " OR ".join(f'"{word}"' for word in words)
        rows = database.execute("SELECT id FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT 10", [query])
        return [row[0] for row in rows]

    return search


def german_analyzer_search(passages: Sequence[Passage]) -> Search:
    """What `german` does in Lucene-based engines: stop words, normalised umlauts, stemming, BM25 k1 1.2, b 0.75."""
    analyzer = Analyzer("de")
    ids: dict[str, int] = {}
    index = Postings(ids, counts_of((analyzer.words(p.indexed) for p in passages), ids), k1=1.2, b=0.75)

    def search(question: str) -> list[str]:
        scores, _ = index.scores(analyzer.words(question))
        return [passages[int(row)].id for row in np.argsort(-scores, kind="stable")[:10] if scores[row] > 0]

    return search


def e5_search(passages: Sequence[Passage], encoder: Encoder, store: FileVectors) -> Search:
    """The usual vector store: highest cosine of multilingual-e5-small."""
    matrix, there = stored_vectors([p.indexed for p in passages], encoder, store)
    if not there.all():
        raise SystemExit("E5 vectors are missing")

    def search(question: str) -> list[str]:
        scores = matrix @ encoder.query(question)
        return [passages[int(row)].id for row in np.argsort(-scores, kind="stable")[:10]]

    return search
