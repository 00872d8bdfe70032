"""Put an answer together from found units: verbatim sentences, at most six and 120 words, in readable order.

Which sentences: the lead of the best unit is the self-contained answer its author wrote; the rest of the room goes to the
sentences of the best few units that match the question most and say something new.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nordlotse.answers.core.cues import cues_of
from nordlotse.answers.core.knowledge import Unit
from nordlotse.answers.core.section import Sentence
from nordlotse.answers.core.units import Found

MAX_SENTENCES = 6
MAX_WORDS = 120

# A sentence that begins so leans on the one before it.
_LEANS = re.compile(
    r"(?:Das|Dies|Diese[rsmn]?|Dabei|Damit|Dazu|Dadurch|Dafür|Dann|Er|Es|Ihr|Ihre|Sonst|Danach|Darin|Davon|So|Beide[sr]?|Deshalb|Daher|Darum|Außerdem|Zudem|Dennoch|Trotzdem|Stattdessen|Dagegen|Dort|Der Entwurf"
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
    meaning: float = 1.0
    cue: float = 1.0
    lead: float = 1.4
    record: float = 0.5
    known: float = 1.2
    length: float = 0.8
    foreign: float = 2.0
    least: float = 0.5
    opening: int = 2


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sentence of the answer."""

    unit: Unit
    sentence: Sentence

    @property
    def text(self) -> str:
        """Return the sentence verbatim."""
        return self.unit.sentence_text(self.sentence)


WordWeights = Mapping[str, float]


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


def _same_subject(unit: Unit, home: Unit) -> bool:
    """Tell whether a unit belongs beside the one that opens the answer: the same article, or a record that article names."""
    if unit.article == home.article:
        return True
    if unit.record is not None and home.record is not None:
        return False
    return (unit.record is not None and unit.record.id in home.records) or (
        home.record is not None and home.record.id in unit.records
    )


def _key(chosen: Chosen) -> tuple[str, int]:
    return chosen.unit.id, chosen.sentence.start


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
        most: int = MAX_SENTENCES,
        allowed: Callable[[Sentence], bool] = lambda sentence: True,
    ) -> list[Chosen]:
        """Return the sentences of the answer in reading order.

        Args:
            found: units, best first.
            units: at most so many of them take part.
            spread: a unit takes part if its score is at most so far below the best.
            most: at most so many sentences.
            allowed: sentences for which it is false are left out (what holds only in another state).
        """
        pool, scores = self._pool(found[:units], spread, allowed)
        if not pool:
            return []
        picked = self._opening(found[0].unit, pool, most)
        self._fill(picked, pool, scores, most)
        order = {f.unit.id: n for n, f in enumerate(found)}
        return sorted(picked, key=lambda c: (order[c.unit.id], c.sentence.start))

    def ranked(self, found: Sequence[Found], *, units: int = 6, spread: float = 2.5) -> list[Chosen]:
        """Return every sentence that competes, the one that matches the question most first, whatever it leans on."""
        pool, scores = self._pool(found[:units], spread, lambda sentence: True)
        return [pool[n] for n in np.argsort(-np.array(scores), kind="stable")]

    def _pool(
        self, found: Sequence[Found], spread: float, allowed: Callable[[Sentence], bool]
    ) -> tuple[list[Chosen], list[float]]:
        """Return the sentences that compete, in the order of their units, with their scores."""
        pool: list[Chosen] = []
        scores: list[float] = []
        if not found:
            return pool, scores
        top = found[0].score
        near = [f for f in found if top - f.score <= spread]
        pool = [Chosen(f.unit, s) for f in near for s in f.unit.sentences if _may_stand_alone(f.unit, s) and allowed(s)]
        nearness = {f.unit.id: 1 - (top - f.score) / spread for f in near}
        matches = self._matches([c.text for c in pool])
        return pool, [
            m + self._place(c, found[0].unit, nearness[c.unit.id]) for m, c in zip(matches, pool, strict=True)
        ]

    def _matches(self, texts: Sequence[str]) -> list[float]:
        """Return how far each sentence itself answers: shared words, likeness in meaning, the kind of thing asked for."""
        w = self._weights
        meaning = np.asarray(list(self._likeness(texts)), dtype=np.float32)
        if meaning.size:
            meaning = (meaning - meaning.mean()) / (meaning.std() + 1e-6)
        matches = []
        for number, text in enumerate(texts):
            terms = self._terms(text)
            covered = sum(weight for term, weight in self._question.items() if term in terms)
            match = w.words * covered / self._total + w.cue * self._offers(text)
            match += w.meaning * (float(meaning[number]) if meaning.size else 0.0)
            matches.append(match + w.length * min(word_count(text), 24) / 24)
        return matches

    def _offers(self, text: str) -> bool:
        """Tell whether a sentence holds a date where one is asked for, or a figure."""
        cues = cues_of(text)
        when = "when" in self._asked and bool(cues.years or cues.month)
        return when or ("many" in self._asked and (cues.number_words or any(c.isdigit() for c in text)))

    def _place(self, one: Chosen, home: Unit, nearness: float) -> float:
        """Return what speaks for a sentence because of where it stands."""
        w = self._weights
        score = w.unit * nearness - w.foreign * (not _same_subject(one.unit, home))
        score += w.lead * (one.sentence.end <= one.unit.lead_end)
        return score + w.record * (one.unit.record is not None or bool(one.sentence.record))

    def _opening(self, unit: Unit, pool: Sequence[Chosen], most: int) -> list[Chosen]:
        """Begin with the first sentences of the best unit's lead; the rest competes."""
        lead = [c for c in pool if c.unit.id == unit.id and c.sentence.end <= unit.lead_end]
        if unit.record is not None:  # a record's conditions belong to its first sentence
            return self._within_words(lead, most)
        return self._within_words(lead[: self._weights.opening], most)

    def _within_words(self, chosen: Sequence[Chosen], most: int) -> list[Chosen]:
        """Return the first sentences that fit and can stand; one that alone is too long is never shown."""
        kept: list[Chosen] = []
        words = 0
        for one in chosen:
            if self._misses_its_lead(one, kept):
                continue
            words += word_count(one.text)
            if words > MAX_WORDS or len(kept) == most:
                break
            kept.append(one)
        return kept

    def _fill(self, picked: list[Chosen], pool: Sequence[Chosen], scores: Sequence[float], most: int) -> None:
        """Add the sentences that match the question most and say something new, as long as there is room.

        A sentence brings along what it leans on; they count as one, with the mean of their scores.
        """
        place = {_key(c): n for n, c in enumerate(pool)}
        there = {place[_key(c)] for c in picked}
        left = [n for n in range(len(pool)) if n not in there and scores[n] >= self._weights.least]
        words = sum(word_count(c.text) for c in picked)
        known = {t for c in picked for t in self._terms(c.text)}

        def worth(group: Sequence[int]) -> float:
            new = [scores[n] - self._weights.known * self._repeats(pool[n].text, known) for n in group]
            return sum(new) / len(new)

        while left and len(picked) < most:
            groups = {n: group for n in left if (group := self._with_context(n, there, pool, place))}
            if not groups:
                break
            best = max(groups, key=lambda n: worth(groups[n]))
            left.remove(best)
            more = [pool[n] for n in groups[best]]
            length = sum(word_count(c.text) for c in more)
            if len(picked) + len(more) > most or words + length > MAX_WORDS:
                continue
            if self._repeats(pool[best].text, known) > 0.8 or any(c.text == o.text for c in more for o in picked):
                continue
            picked.extend(more)
            there.update(groups[best])
            left = [n for n in left if n not in there]
            words += length
            known |= {t for c in more for t in self._terms(c.text)}

    @staticmethod
    def _with_context(
        number: int, there: Collection[int], pool: Sequence[Chosen], place: Mapping[tuple[str, int], int]
    ) -> list[int]:
        """Return a sentence with what must stand before it, in reading order; empty if that may not be shown.

        A sentence that leans needs its neighbour; of a record or another article the first sentence comes first, for it
        says what the others are about.
        """
        unit, sentence = pool[number].unit, pool[number].sentence
        wanted = [sentence]
        if unit.article != pool[0].unit.article and unit.lead_end:
            wanted.append(unit.sentences[0])
        for one in wanted:  # grows while it is read: what a sentence leans on may itself lean
            before = [s for s in unit.sentences if s.end <= one.start]
            if before and before[-1] not in wanted and _LEANS.match(unit.sentence_text(one)):
                wanted.append(before[-1])
        wanted = sorted(set(wanted), key=lambda s: s.start)
        group = [place.get((unit.id, s.start), -1) for s in wanted]
        return [] if -1 in group else [n for n in group if n not in there]

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
