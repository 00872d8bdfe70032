"""A question becomes a cited answer: understand → retrieve → compose."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from nordlotse.answers.core import certainty
from nordlotse.answers.core.analysis import calm, clean
from nordlotse.answers.core.answer import Answer, Confidence, Door, Quote, quote_of, used_sources
from nordlotse.answers.core.article import TOPICS
from nordlotse.answers.core.cards import Card, card
from nordlotse.answers.core.compose import Chosen, Composer
from nordlotse.answers.core.cues import asked_kinds
from nordlotse.answers.core.dense import Encoders
from nordlotse.answers.core.knowledge import Knowledge, Unit
from nordlotse.answers.core.likeness import Likeness
from nordlotse.answers.core.ports import Vector
from nordlotse.answers.core.ranking import Index, Passage, Ranking
from nordlotse.answers.core.router import Router
from nordlotse.answers.core.understand import Given, Neighbour, Understanding, tidy
from nordlotse.answers.core.units import Found, found_units
from nordlotse.answers.core.wording import MAX_ASK_BACK, ClarityTexts, clarity
from nordlotse.foundation import records as dated
from nordlotse.foundation.language import Lang
from nordlotse.foundation.region import State

__all__ = ["Answerer", "Thresholds"]

#: A question is answered from so many passages; several lead to one unit.
PASSAGES = 60

#: Coverage from which a question counts as standing word for word beside an article.
VERBATIM = 0.9

#: The card of what is none of our subjects: private questions, recipes, sport.
OFF_SUBJECT = "decline-private"

#: So many of the best passages vote on topic and demonstrator.
NEIGHBOURS = 20

#: What holds in the asker's own state counts so much more (in units of the fused score).
HOME = 1.5

#: A dated record of law counts so much more than an article on the same: it is what an article would quote.
DATED = 0.3

# Where a question asks who pays, only what is known about funding is searched.
_MONEY = re.compile(
    r"\b(?:wer (?:be)?zahlt|zusch(?:u|ü|ue)ss\w*|bezuschusst?|subvention\w*"
    r"|f(?:ö|o|oe)rder(?:ung(?:en)?|geld(?:er)?|mittel\w*|programm\w*|topf|t(?:ö|o|oe)pfe|quote|satz|antrag|kredit|f(?:ä|a|ae)hig)"
    r"|gef(?:ö|o|oe)rdert|f(?:ö|o|oe)rdert (?:das|die|der|ihr|uns|hamburg|mv|sh|der bund)"
    r"|who pays|grants? (?:for|to|from|programme)|a grant\b|grants\b(?! access)|funding|subsid(?:y|ies|ised|ized))\b"
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits of the calibrated score between the three levels of certainty.

    `found`: above it the first passage answers; `none`: below it we say that we do not know; `doubt`: a refusal or a
    question back of which the router is less sure than this gives way to a passage with a chance of at least `rescue`;
    `subject`: a passage this sure is on our subject, whatever the router guesses.
    """

    found: float = 0.75
    none: float = 0.4
    doubt: float = 0.65
    rescue: float = 0.45
    subject: float = 0.9


class Answerer:
    """Answers questions from one state of the knowledge. Threads may share it."""

    def __init__(
        self,
        knowledge: Knowledge,
        indexes: Mapping[Lang, Index],
        router: Router,
        encoders: Encoders,
        likeness: Likeness,
        thresholds: Thresholds = Thresholds(),
    ) -> None:
        """Take the knowledge, an index per question language, the router, the encoders and the sentence likeness."""
        self.knowledge = knowledge
        self.indexes = dict(indexes)
        self._router = router
        self._encoders = encoders
        self._likeness = likeness
        self._thresholds = thresholds

    def answer(self, question: str, given: Given) -> Answer:
        """Answer a question. Never raises for odd text."""
        start = time.perf_counter()
        e5, use = self._vectors(question)
        understood = self._read(question, e5, use, given, ())
        ranking = None
        if understood.kind in ("answer", "clarify") or self._guessed(understood):
            ranking = self._rank(understood)
            near = self._neighbours(ranking)
            understood = self._read(question, e5, use, given, near)
            if self._overruled(understood, ranking):
                topic = (
                    understood.topic if understood.topic in TOPICS else self._units(ranking, understood)[0].unit.topic
                )
                understood = replace(understood, kind="answer", card=None, topic=topic)
        if ranking is None or (understood.card and understood.kind != "answer"):
            made = self._from_card(question, understood, ranking)
        else:
            made = self._from_knowledge(question, understood, ranking)
        return replace(made, ms=round((time.perf_counter() - start) * 1000, 2))

    def _read(
        self, question: str, e5: Vector | None, use: Vector | None, given: Given, near: Sequence[Neighbour]
    ) -> Understanding:
        """Ask the router; a refusal, referral or question back that it merely guesses needs two witnesses.

        The second witness sees only the E5 vector. Most questions can be answered, so in doubt the question is answered.
        """
        understood = self._router.understand(question, e5=e5, use=use, given=given, near=near)
        if understood.kind == "answer" and self._about_money(understood):
            return replace(understood, topic="funding", demonstrator="none")
        if e5 is None or use is None or understood.kind == "answer" or not understood.reason.startswith("model:"):
            return understood
        second = self._router.understand(question, e5=e5, given=given, near=near)
        return second if second.kind == "answer" else understood

    @staticmethod
    def _about_money(understood: Understanding) -> bool:
        """Tell whether a question asks who pays; the words for it are few and plain."""
        return _MONEY.search(understood.cleaned.lower()) is not None

    @staticmethod
    def _guessed(understood: Understanding) -> bool:
        """Tell whether a refusal, referral or question back is the router's guess, not a fixed rule.

        A guess is made twice, the second time knowing what was found: that alone spares refusals of what an article answers.
        """
        return understood.kind in ("decline", "clarify", "refer") and understood.reason.startswith("model:")

    def _doubtful(self, understood: Understanding) -> bool:
        """Tell whether such a guess is so weak that a found passage may overrule it."""
        return self._guessed(understood) and understood.kind_p < self._thresholds.doubt

    def _overruled(self, understood: Understanding, ranking: Ranking) -> bool:
        """Tell whether what was found speaks against a refusal or question back that is only guessed.

        A question that stands (nearly) word for word beside an article is no vague one, however short it is, and what an
        article surely answers is not outside our subjects.
        """
        if not self._guessed(understood) or not ranking.hits:
            return False
        chance = self._chance(ranking, understood)
        limits = self._thresholds
        if understood.kind == "clarify" and ranking.hits[0].coverage >= VERBATIM and chance >= limits.found:
            return True
        if understood.card == OFF_SUBJECT and chance >= limits.subject:
            return True
        return self._doubtful(understood) and chance >= limits.rescue

    def _chance(self, ranking: Ranking, understood: Understanding) -> float:
        return certainty.chance(ranking, self._units(ranking, understood))

    def _neighbours(self, ranking: Ranking) -> list[Neighbour]:
        """Return the labels of the best passages, which vote on topic and demonstrator."""
        found = []
        for hit in ranking.hits[:NEIGHBOURS]:
            unit = self.knowledge.units.get(hit.passage.id.rpartition("|")[0])
            if unit is not None:
                found.append(Neighbour(unit.topic, unit.demonstrator, hit.score))
        return found

    def _vectors(self, question: str) -> tuple[Vector | None, Vector | None]:
        """Embed the question as retrieval will, so that it is embedded once."""
        text = calm(clean(tidy(question))).strip()
        e5 = self._encoders.e5.query(text) if self._encoders.e5 is not None and text else None
        use = self._encoders.use.query(text) if self._encoders.use is not None and text else None
        return e5, use

    # ---- fixed cards ----

    def _from_card(self, question: str, understood: Understanding, ranking: Ranking | None) -> Answer:
        found = card(understood.card or "", understood.lang)
        articles: tuple[str, ...] = ()
        if understood.kind == "clarify" and ranking is not None:
            articles = tuple(dict.fromkeys(f.unit.article for f in self._units(ranking, understood)[:3]))
        return Answer(
            question=question,
            lang=understood.lang,
            kind=understood.kind,
            topic=understood.topic,
            confidence="found"
            if understood.kind == "emergency"
            else "related"
            if understood.kind == "clarify"
            else "none",
            score=round(understood.kind_p if understood.kind == "emergency" else min(understood.kind_p, 0.5), 4),
            sentences=_card_quotes(found, understood.state),
            sources=tuple(found.sources),
            valid_on=self.knowledge.on,
            warnings=(),
            ask_back=tuple(q for q in found.ask_back if understood.state is None or not _ASKS_STATE.search(q))[
                :MAX_ASK_BACK
            ],
            demonstrator=understood.demonstrator,
            state=understood.state,
            employees=understood.employees,
            mode=ranking.mode if ranking else "card",
            ms=0.0,
            doors=tuple(Door(d.name, d.url, d.phone) for d in found.doors if _opens_in(d.name, understood.state)),
            card=found.id,
            articles=tuple(a for a in articles if not a.startswith("record:")),
        )

    # ---- from articles and records ----

    def _rank(self, understood: Understanding) -> Ranking:
        index = self.indexes[understood.lang]
        if understood.kind == "answer" and self._about_money(understood):
            return index.rank(understood.cleaned, PASSAGES, understood.lang, keep=self._is_funding)
        return index.rank(understood.cleaned, PASSAGES, understood.lang)

    def _is_funding(self, passage: Passage) -> bool:
        unit = self.knowledge.units.get(passage.group)
        return unit is not None and unit.topic == "funding"

    def _holds_in(self, state: State | None, record_id: str) -> bool:
        """Tell whether a record's sentence may be shown to somebody in `state`: not if it holds only in another one."""
        record = self.knowledge.records.get(record_id) if record_id else None
        return (
            state is None
            or record is None
            or record.jurisdiction not in State.__members__
            or record.jurisdiction == state
        )

    def _units(self, ranking: Ranking, understood: Understanding) -> list[Found]:
        """Return the found units; what holds only in another state is left out."""
        raised = [
            Found(
                f.unit,
                f.score
                + HOME * (understood.state is not None and f.unit.jurisdiction == understood.state)
                + DATED * (f.unit.record is not None and f.unit.record.kind == "law"),
            )
            for f in found_units(ranking, self.knowledge.units)
            if understood.state is None
            or f.unit.jurisdiction not in State.__members__
            or f.unit.jurisdiction == understood.state
        ]
        return sorted(raised, key=lambda f: -f.score)

    def _from_knowledge(self, question: str, understood: Understanding, ranking: Ranking) -> Answer:
        found = self._units(ranking, understood)
        score = certainty.chance(ranking, found)
        level = self._level(score)
        chosen = self._compose(understood, found) if level != "none" else []
        level = level if chosen else "none"
        used = list(dict.fromkeys(c.unit.id for c in chosen))
        units = [self.knowledge.units[u] for u in used]
        texts = clarity(understood.lang)
        return Answer(
            question=question,
            lang=understood.lang,
            kind="answer",
            topic=understood.topic,
            confidence=level,
            score=round(score, 4),
            sentences=tuple(quote_of(c) for c in chosen),
            sources=used_sources(chosen),
            valid_on=self.knowledge.on,
            warnings=tuple(self._warnings(units, chosen, understood, texts, ranking.mode)),
            ask_back=(),
            demonstrator=understood.demonstrator,
            state=understood.state,
            employees=understood.employees,
            mode=ranking.mode,
            ms=0.0,
            articles=tuple(dict.fromkeys(f.unit.article for f in found[:4] if f.unit.record is None)),
            records=tuple(dict.fromkeys(c.sentence.record for c in chosen if c.sentence.record)),
        )

    def _level(self, score: float) -> Confidence:
        if score >= self._thresholds.found:
            return "found"
        return "related" if score >= self._thresholds.none else "none"

    def _compose(self, understood: Understanding, found: Sequence[Found]) -> list[Chosen]:
        index = self.indexes[understood.lang]
        composer = Composer(
            terms=index.corpus(understood.lang).analyzer.words,
            question_terms=dict(index.words_in(understood.cleaned, understood.lang)),
            likeness=lambda texts: self._likeness.to_question(understood.cleaned, texts),
            asked=asked_kinds(understood.cleaned),
        )
        return composer.choose(found, allowed=lambda s: self._holds_in(understood.state, s.record))

    def _warnings(
        self, units: Iterable[Unit], chosen: Sequence[Chosen], understood: Understanding, texts: ClarityTexts, mode: str
    ) -> Iterable[str]:
        seen: set[str] = set()
        for record_id in dict.fromkeys(c.sentence.record for c in chosen if c.sentence.record):
            record = self.knowledge.records.get(record_id)
            for warning in dated.warnings(record, understood.lang, self.knowledge.on) if record else ():
                if warning not in seen:
                    yield warning
                seen.add(warning)
        for unit in units:
            if unit.record is None and unit.review_by < self.knowledge.on:
                yield texts.stale(unit.title, unit.review_by)
        if any(c.sentence.uncertain for c in chosen):
            yield texts.uncertain
        if mode != "e5":
            yield texts.mode(mode)


_ASKS_STATE = re.compile(r"\b(?:Bundes)?[Ll]and\b|\bstate\b")


def _opens_in(name: str, state: State | None) -> bool:
    """Tell whether a door is for somebody in `state`: one that names only another state is not."""
    named = [s for s in State if s.label.de in name or s.label.en in name]
    return state is None or not named or state in named


def _card_quotes(found: Card, state: State | None) -> tuple[Quote, ...]:
    """Return a card's sentences, those that speak of other states only left out; offsets point into the whole card."""
    quotes, position = [], 0
    for sentence in found.sentences:
        if _opens_in(sentence, state):
            quotes.append(Quote(sentence, f"card:{found.id}", "", position, position + len(sentence), ()))
        position += len(sentence) + 1
    return tuple(quotes)
