"""Put an answer together from found units: verbatim sentences, at most six and 120 words, in readable order.

Which sentences: the lead of the best unit is the self-contained answer its author wrote; the rest of the room goes to the
sentences of the best few units that match the question most and say something new.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nordlotse.answers.core.article import Sentence
from nordlotse.answers.core.cues import cues_of
from nordlotse.answers.core.knowledge import Unit
from nordlotse.answers.core.ports import Matrix
from nordlotse.answers.core.ranking import Ranking

MAX_SENTENCES = 6
MAX_WORDS = 120

#: Share of the best wording in a unit's score; the rest is its best piece of text.
WORDING = 0.5

# A sentence that begins so leans on the one before it.
_LEANS = re.compile(
    r"(?:Das|Dies|Diese[rsmn]?|Dabei|Damit|Dazu|Dadurch|Dafür|Dann|Er|Es|Ihr|Ihre|Sonst|Danach|Darin|Davon|So|Beide[sr]?|Deshalb|Daher|Darum|Außerdem|Zudem|Dennoch|Trotzdem|Stattdessen|Dagegen|Dort"
    r"|It|They|This|That|These|Those|He|She|Then|Both|Otherwise|Such|Therefore|However|So|Also|Instead|There|Moreover)\b"
)
_DEMONSTRATOR = re.compile(
    r"[Dd]emonstrator|Gesch(?:ä|ae)fts(?:modell)?-?[Ss]imulation|[Dd]ruck-?[Cc]heck|Druckprüfung|(?:Reifegrad|Readiness)-Check"
    r"|business (?:model )?simulation|print check|readiness check",
)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each sign counts when sentences compete for the room left (chosen on the development questions)."""

    unit: float = 2.0
    words: float = 2.4
    meaning: float = 2.0
    lead: float = 1.4
    record: float = 0.5
    known: float = 1.2
    length: float = 0.8
    foreign: float = 2.0
    least: float = 0.5
    cue: float = 1.0
    opening: int = 2


@dataclass(frozen=True, slots=True)
class Found:
    """A unit and its score: the best fused score among its passages."""

    unit: Unit
    score: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sentence of the answer."""

    unit: Unit
    sentence: Sentence

    @property
    def text(self) -> str:
        """Return the sentence verbatim."""
        return self.unit.sentence_text(self.sentence)


# Vectors of sentences, shape (n, dim), and of the question, shape (dim,); None without a dense model.
Meaning = Callable[[Sequence[str]], Matrix | None]
WordWeights = Mapping[str, float]


def found_units(ranking: Ranking, units: Mapping[str, Unit]) -> list[Found]:
    """Return the units behind a ranking's passages, best first.

    A unit's score is the mean of its best wording and its best piece of text: a question that only sounds alike, or a text
    that only shares words, is not enough. What is not among the hits counts as the last hit does.
    """
    best: dict[str, dict[bool, float]] = {}
    for hit in ranking.hits:
        unit_id, _, part = hit.passage.id.rpartition("|")
        if unit_id in units:
            best.setdefault(unit_id, {}).setdefault(part.startswith("q"), hit.score)
    floor = ranking.hits[-1].score if ranking.hits else 0.0
    scores = {
        u: WORDING * found.get(True, floor) + (1 - WORDING) * found.get(False, floor) for u, found in best.items()
    }
    return [Found(units[u], score) for u, score in sorted(scores.items(), key=lambda item: -item[1])]


def word_count(text: str) -> int:
    """Return the number of words as a reader counts them: pieces between blanks."""
    return len(text.split())


def _may_stand_alone(unit: Unit, sentence: Sentence) -> bool:
    """Tell whether a sentence may be quoted apart from its section.

    A list of mistakes reads as advice when a single item is quoted: of such sections only the lead is. A sentence that sends
    the reader to one of our demonstrators is left to the next step, which knows whether that room is built.
    """
    if _DEMONSTRATOR.search(unit.sentence_text(sentence)):
        return False
    return unit.role != "pitfalls" or sentence.end <= unit.lead_end


class Composer:
    """Chooses the sentences of one answer."""

    def __init__(
        self,
        terms: Callable[[str], Sequence[str]],
        question_terms: WordWeights,
        likeness: Callable[[Sequence[str]], Sequence[float]],
        asked: frozenset[str] = frozenset(),
        weights: Weights = Weights(),
    ) -> None:
        """Take what depends on the question.

        Args:
            terms: word terms of a text (stemmed, folded, compounds split).
            question_terms: the question's terms with their weight.
            likeness: how close in meaning each text is to the question (dot product), empty without a dense model.
            asked: kinds of answer the question asks for (see `cues.asked_kinds`).
            weights: how signs are mixed.
        """
        self._analyse = terms
        self._known_terms: dict[str, frozenset[str]] = {}
        self._question = dict(question_terms)
        self._total = sum(self._question.values()) or 1.0
        self._likeness = likeness
        self._asked = asked
        self._weights = weights

    def _terms(self, text: str) -> frozenset[str]:
        """Return a sentence's terms; each sentence is analysed once an answer, however often it competes."""
        known = self._known_terms.get(text)
        if known is None:
            known = self._known_terms[text] = frozenset(self._analyse(text))
        return known

    def choose(
        self,
        found: Sequence[Found],
        *,
        units: int = 6,
        spread: float = 2.5,
        allowed: Callable[[Sentence], bool] = lambda sentence: True,
    ) -> list[Chosen]:
        """Return the sentences of the answer in reading order.

        Args:
            found: units, best first.
            units: at most so many of them take part.
            spread: a unit takes part if its score is at most so far below the best.
            allowed: sentences for which it is false are left out (what holds only in another state).
        """
        if not found:
            return []
        top = found[0].score
        near = [f for f in found[:units] if top - f.score <= spread]
        pool = [Chosen(f.unit, s) for f in near for s in f.unit.sentences if _may_stand_alone(f.unit, s) and allowed(s)]
        scores = self._scores(pool, {f.unit.id: 1 - (top - f.score) / spread for f in near})
        picked = self._opening(near[0].unit, scores, pool)
        self._fill(picked, pool, scores)
        return self._in_order(picked, near)

    def _scores(self, pool: Sequence[Chosen], unit_scores: Mapping[str, float]) -> list[float]:
        w = self._weights
        home = pool[0].unit.article if pool else ""
        texts = [c.text for c in pool]
        meaning = np.asarray(list(self._likeness(texts)), dtype=np.float32)
        if meaning.size:
            meaning = (meaning - meaning.mean()) / (meaning.std() + 1e-6) / 2
        scores = []
        for number, chosen in enumerate(pool):
            terms = self._terms(texts[number])
            covered = sum(weight for term, weight in self._question.items() if term in terms)
            score = w.unit * unit_scores[chosen.unit.id] + w.words * covered / self._total
            score += w.meaning * (float(meaning[number]) if meaning.size else 0.0)
            score -= w.foreign * (chosen.unit.article != home and chosen.unit.record is None)
            score += w.cue * self._offers(texts[number])
            score += w.lead * (chosen.sentence.end <= chosen.unit.lead_end)
            score += w.record * (chosen.unit.record is not None or bool(chosen.sentence.record))
            score += w.length * min(word_count(texts[number]), 24) / 24
            scores.append(score)
        return scores

    def _offers(self, text: str) -> bool:
        """Tell whether a sentence holds a date where one is asked for, or a figure."""
        cues = cues_of(text)
        when = "when" in self._asked and bool(cues.years or cues.month)
        return when or ("many" in self._asked and (cues.number_words or any(c.isdigit() for c in text)))

    def _opening(self, unit: Unit, scores: Sequence[float], pool: Sequence[Chosen]) -> list[Chosen]:
        """Begin with the first sentences of the best unit's lead; the rest competes."""
        lead = [c for c in pool if c.unit.id == unit.id and c.sentence.end <= unit.lead_end]
        if unit.record is not None:  # a record's conditions belong to its first sentence
            return self._within_words(lead)
        return self._within_words(lead[: self._weights.opening])

    def _within_words(self, chosen: Sequence[Chosen]) -> list[Chosen]:
        """Return the first sentences that fit and can stand; one that alone is too long is never shown."""
        kept: list[Chosen] = []
        words = 0
        for one in chosen:
            if self._misses_its_lead(one, kept):
                continue
            words += word_count(one.text)
            if words > MAX_WORDS or len(kept) == MAX_SENTENCES:
                break
            kept.append(one)
        return kept

    def _fill(self, picked: list[Chosen], pool: Sequence[Chosen], scores: Sequence[float]) -> None:
        words = sum(word_count(c.text) for c in picked)
        left = {n: scores[n] for n in range(len(pool)) if pool[n] not in picked and scores[n] >= self._weights.least}
        known = {t for c in picked for t in self._terms(c.text)}
        while left and len(picked) < MAX_SENTENCES:
            n = max(left, key=lambda i: left[i] - self._weights.known * self._repeats(pool[i].text, known))
            del left[n]
            one = pool[n]
            if words + word_count(one.text) > MAX_WORDS or self._leans_alone(one, picked):
                continue
            if any(one.text == other.text for other in picked) or self._repeats(one.text, known) > 0.8:
                continue
            picked.append(one)
            words += word_count(one.text)
            known |= self._terms(one.text)

    def _repeats(self, text: str, known: set[str]) -> float:
        terms = self._terms(text)
        return len(terms & known) / len(terms) if terms else 1.0

    @classmethod
    def _misses_its_lead(cls, one: Chosen, picked: Sequence[Chosen]) -> bool:
        """Tell whether a sentence leans on an earlier one of its unit that was left out."""
        first = one.sentence == one.unit.sentences[0]
        return not first and cls._leans_alone(one, picked)

    @staticmethod
    def _leans_alone(one: Chosen, picked: Sequence[Chosen]) -> bool:
        """Tell whether a sentence leans on a neighbour that is not in the answer."""
        if not _LEANS.match(one.text):
            return False
        before = [s for s in one.unit.sentences if s.end <= one.sentence.start]
        return not before or not any(c.unit.id == one.unit.id and c.sentence == before[-1] for c in picked)

    @staticmethod
    def _in_order(picked: Sequence[Chosen], near: Sequence[Found]) -> list[Chosen]:
        order = {f.unit.id: n for n, f in enumerate(near)}
        return sorted(picked, key=lambda c: (order[c.unit.id], c.sentence.start))
