"""What speaks for a sentence as the answer to a question, as plain numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nordlotse.answers.core.analysis import grams_of, surface_words
from nordlotse.answers.core.corpus import Corpus
from nordlotse.answers.core.cues import Cues, asked_kinds, cues_of
from nordlotse.answers.core.sentences import sentence_spans

__all__ = ["NAMES", "Candidate", "Question", "ReadSentence", "ReadText", "feature_table", "offers", "read_text"]

_LEAST_GAP = -6.0
_FREQUENCY_K1 = 0.9
_LENGTH_B = 0.3
_USUAL_TERMS = 18.0
"""Terms of an average sentence, for the length correction; a constant, so that scores do not depend on the pool."""

_RELATIVE = ("words", "grams", "use", "e5_titled", "e5_before")
NAMES: tuple[str, ...] = (
    "gap", "words", "grams", "frequency", "use", "e5_titled", "e5_before", "before", "after", "pointed_before",
    "title", "new", "length", "when_year", "when_month", "many_digits", "many_words", "who_name", "who_names",
    "where_place", "why_reason", "called_naming", "how_means", "other_name",
    *(f"{name}_relative" for name in _RELATIVE),
)  # fmt: skip
"""The columns of a feature table."""


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """One sentence, read once: its place in the text and everything that does not depend on the question."""

    start: int
    end: int
    words: tuple[str, ...]
    grams: frozenset[str]
    cues: Cues


@dataclass(frozen=True, slots=True)
class ReadText:
    """The sentences of one text in order and the surface words of its title."""

    sentences: tuple[ReadSentence, ...]
    title: frozenset[str]


def read_text(title: str, text: str) -> ReadText:
    """Split a text into sentences and read each."""
    sentences = []
    for start, end in sentence_spans(text):
        words = surface_words(text[start:end])
        grams = frozenset(gram for word in words for gram in grams_of(word))
        sentences.append(ReadSentence(start, end, tuple(words), grams, cues_of(text[start:end])))
    return ReadText(tuple(sentences), frozenset(surface_words(title)))


@dataclass(frozen=True, slots=True)
class _Word:
    surface: str
    stem: str
    idf: float
    grams: frozenset[str]


class Question:
    """A question read for sentences of one language: its words with their weight, and what it asks for."""

    def __init__(self, text: str, corpus: Corpus) -> None:
        surface = list(dict.fromkeys(surface_words(text)))
        self.analyzer = corpus.analyzer
        self.words = []
        for word in surface:
            stem = self.analyzer.stem(word)
            self.words.append(_Word(word, stem, corpus.words.idf_of(stem), frozenset(grams_of(word))))
        self.gram_idf = {gram: corpus.grams.idf_of(gram) for word in self.words for gram in word.grams}
        self.weight = sum(word.idf for word in self.words) or 1.0
        self.gram_weight = sum(self.gram_idf.values()) or 1.0
        self.known = frozenset(term for word in surface for term in self.analyzer.terms(word)) | frozenset(surface)
        self.lowered = text.lower()
        self.said = frozenset(surface_words(text)) | frozenset(self.lowered.replace("?", " ").split())
        self.kinds = asked_kinds(text)

    def matches(self, stems: frozenset[str], grams: frozenset[str]) -> list[float]:
        """Return for each word how far a sentence holds it: 1 by stem or part, else its share of 4-grams from half."""
        found = []
        for word in self.words:
            share = 1.0
            if word.stem not in stems:
                share = len(word.grams & grams) / len(word.grams)
                share = share if share >= 0.5 else 0.0
            found.append(share)
        return found

    def share(self, matches: Sequence[float]) -> float:
        """Return the idf-weighted share of the question's words that is matched, 0..1."""
        return sum(match * word.idf for match, word in zip(matches, self.words, strict=True)) / self.weight


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text whose sentences may answer: how far behind the first passage, and the likeness of each sentence.

    `use`, `e5_titled`, `e5_before`: dot products with the question, shape (sentences,), zeros where not available.
    """

    read: ReadText
    gap: float
    use: NDArray[np.float32]
    e5_titled: NDArray[np.float32]
    e5_before: NDArray[np.float32]


def feature_table(question_for: Callable[[int], Question], candidates: Sequence[Candidate]) -> NDArray[np.float64]:
    """Return the features of all sentences of all candidates, one after the other, shape (sentences, len(NAMES)).

    `question_for(i)`: the question as read for the language of candidate i.
    """
    rows: list[list[float]] = []
    for place, candidate in enumerate(candidates):
        rows.extend(_text_rows(question_for(place), candidate))
    table = np.array(rows, dtype=np.float64).reshape(len(rows), len(NAMES) - len(_RELATIVE))
    if not len(table):
        return np.zeros((0, len(NAMES)))
    columns = [NAMES.index(name) for name in _RELATIVE]
    return np.hstack([table, table[:, columns] - table[:, columns].max(axis=0)])


def _text_rows(question: Question, candidate: Candidate) -> list[list[float]]:
    sentences = candidate.read.sentences
    terms = [[t for word in s.words for t in question.analyzer.terms(word)] for s in sentences]
    matched = [question.matches(frozenset(t), s.grams) for t, s in zip(terms, sentences, strict=True)]
    titled = frozenset(term for word in candidate.read.title for term in question.analyzer.terms(word))
    rows = []
    for place, sentence in enumerate(sentences):
        here = matched[place]
        before = _more(question, here, matched[place - 1]) if place else 0.0
        after = _more(question, here, matched[place + 1]) if place + 1 < len(sentences) else 0.0
        title = _more(question, here, [float(word.stem in titled) for word in question.words])
        new = [w for w in sentence.words if w not in question.known and question.analyzer.stem(w) not in question.known]
        rows.append(
            [
                max(_LEAST_GAP, candidate.gap),
                question.share(here),
                sum(idf for gram, idf in question.gram_idf.items() if gram in sentence.grams) / question.gram_weight,
                _frequency(question, terms[place]),
                float(candidate.use[place]),
                10 * float(candidate.e5_titled[place]),
                10 * float(candidate.e5_before[place]),
                before,
                after,
                before if sentence.cues.refers_back else 0.0,
                title,
                math.log1p(len(new)),
                math.log1p(len(sentence.words)),
                *_kind_columns(question, sentence.cues, new),
            ]
        )
    return rows


def _more(question: Question, here: Sequence[float], there: Sequence[float]) -> float:
    """Share of the question that the neighbouring text holds beyond this sentence."""
    return question.share([max(0.0, far - near) for near, far in zip(here, there, strict=True)])


def _frequency(question: Question, terms: Sequence[str]) -> float:
    norm = _FREQUENCY_K1 * (1 - _LENGTH_B + _LENGTH_B * len(terms) / _USUAL_TERMS)
    total = 0.0
    for word in question.words:
        count = terms.count(word.stem)
        total += word.idf * (1 + _FREQUENCY_K1) * count / (count + norm)
    return total / question.weight


def offers(question: Question, sentence: ReadSentence) -> bool:
    """Tell whether a sentence offers the kind of thing the question asks for (true when no kind is recognised)."""
    if not question.kinds:
        return True
    new = [word for word in sentence.words if word not in question.known]
    return any(_kind_columns(question, sentence.cues, new))


def _kind_columns(question: Question, cues: Cues, new: Sequence[str]) -> list[float]:
    kinds = question.kinds
    digits = any(c.isdigit() for word in new for c in word)
    names = sum(not name <= question.said for name in cues.names)
    return [
        float("when" in kinds and any(year not in question.lowered for year in cues.years)),
        float("when" in kinds and cues.month),
        float("many" in kinds and digits),
        float("many" in kinds and cues.number_words and not digits),
        float("who" in kinds and names > 0),
        math.log1p(names) if "who" in kinds else 0.0,
        float("where" in kinds and not cues.places <= question.said),
        float("why" in kinds and cues.reason),
        float("called" in kinds and cues.naming),
        float("how" in kinds and cues.means),
        float(not kinds and names > 0),
    ]
