"""A sentence and a question, read once each: words, parts of words, and whether the one offers what the other asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nordlotse.answers.core.analysis import grams_of, surface_words
from nordlotse.answers.core.corpus import Corpus
from nordlotse.answers.core.cues import Cues, asked_kinds, cues_of
from nordlotse.answers.core.sentences import sentence_spans

__all__ = ["Question", "ReadSentence", "ReadText", "offers", "read_text"]


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


def offers(question: Question, sentence: ReadSentence) -> bool:
    """Tell whether a sentence offers the kind of thing the question asks for (true when no kind is recognised)."""
    if not question.kinds:
        return True
    new = [word for word in sentence.words if word not in question.known]
    return any(_kinds_offered(question, sentence.cues, new))


def _kinds_offered(question: Question, cues: Cues, new: Sequence[str]) -> Iterator[bool]:
    kinds = question.kinds
    yield "when" in kinds and (cues.month or any(year not in question.lowered for year in cues.years))
    yield "many" in kinds and (cues.number_words or any(c.isdigit() for word in new for c in word))
    yield "who" in kinds and any(not name <= question.said for name in cues.names)
    yield "where" in kinds and not cues.places <= question.said
    yield "why" in kinds and cues.reason
    yield "called" in kinds and cues.naming
    yield "how" in kinds and cues.means
