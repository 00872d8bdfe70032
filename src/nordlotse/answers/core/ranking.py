"""The passage index: one question in, the best passages out, with how sure we are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from nordlotse.answers.core import confidence, fusion
from nordlotse.answers.core.analysis import calm, clean
from nordlotse.answers.core.corpus import Corpus
from nordlotse.answers.core.dense import Encoders
from nordlotse.answers.core.fusion import Mode
from nordlotse.answers.core.neighbours import Neighbours, group_of
from nordlotse.answers.core.passage_language import guess_lang
from nordlotse.answers.core.ports import Encoder, Matrix, Vector, VectorStore
from nordlotse.answers.core.sentence_reading import read_text
from nordlotse.answers.core.vectors import Progress, embed_missing, stored_vectors
from nordlotse.foundation.language import LANGS, Lang

__all__ = ["Hit", "Index", "Passage", "Ranking", "indexed_text"]

QUESTION_CHARACTERS = 4_000
"""A question is read up to here."""

OTHER_SHARE = 0.5
"""Without E5: what a lexical match in the other language counts; shared letters there are mostly chance."""

AT_ONCE = 16
"""So many changed passages are embedded while the editor waits; more are left to the background job."""


def indexed_text(title: str, text: str) -> str:
    """Return the text to index: title, newline, text, unless there is no title or the text starts with it."""
    return text if not title or text.startswith(title) else f"{title}\n{text}"


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage to be found.

    `lang` is guessed from the text when it is not given. `group` names the page or article whose passages stand
    beside each other in the order given; without it a numbered id ("page.3") tells the page.
    """

    id: str
    title: str
    text: str
    lang: Lang | None = None
    group: str = ""

    @property
    def indexed(self) -> str:
        """The text that is analysed and embedded."""
        return indexed_text(self.title, self.text)


@dataclass(frozen=True, slots=True)
class Hit:
    """One found passage: fused score, z of its main vector score (0 without vectors), lexical coverage 0..1."""

    passage: Passage
    score: float
    z: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best passages of one question, best first.

    `confidence` 0..1 is the calibrated chance that the first passage answers; `abstain` is true below the threshold
    at which 90 % of answerable development questions are answered. `features` are what the confidence is made of,
    `vectors` the question's own vectors by encoder ("e5", "use"), so that nobody embeds it again.
    """

    question: str
    lang: Lang
    hits: tuple[Hit, ...]
    features: Mapping[str, float]
    confidence: float
    abstain: bool
    mode: Mode
    vectors: Mapping[str, Vector] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class _Views:
    """Score arrays of one question over the whole pool, in the order of the index."""

    fused: NDArray[np.float32]
    coverage: NDArray[np.float32]
    words: NDArray[np.float32]
    z: NDArray[np.float32]
    mode: Mode
    e5: NDArray[np.float32] | None = None
    use: NDArray[np.float32] | None = None


class Index:
    """Passages with everything needed to rank them. A value: `updated` and `refreshed` return a new index.

    Several threads may ask one index. Scores of different models are never mixed: E5 takes part only when every
    passage has its E5 vector, likewise USE; `mode` says which views are complete.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        corpora: Mapping[Lang, Corpus],
        vectors: Mapping[str, tuple[Matrix, NDArray[np.bool_]]],
        encoders: Encoders,
        store: VectorStore,
    ) -> None:
        """Put the parts together; callers use `build`."""
        self._encoders = encoders
        self._store = store
        self._corpora = dict(corpora)
        self._vectors = dict(vectors)
        by_id = {passage.id: passage for passage in passages}
        self.passages: tuple[Passage, ...] = tuple(by_id.values())
        self._row = {name: row for row, name in enumerate(by_id)}
        self._rows = {
            lang: np.array([self._row[name] for name in corpus.ids], dtype=np.int64)
            for lang, corpus in self._corpora.items()
        }
        self._neighbours = Neighbours([passage.group or group_of(passage.id) for passage in self.passages])
        self._place = np.zeros(len(self.passages), dtype=np.int64)
        for rows in self._rows.values():
            self._place[rows] = np.arange(len(rows))
        self._lang_of = np.array([passage.lang == "en" for passage in self.passages], dtype=bool)

    @classmethod
    def build(
        cls,
        passages: Iterable[Passage],
        encoders: Encoders,
        store: VectorStore,
        *,
        embed: Collection[str] = ("use",),
        progress: Progress | None = None,
    ) -> Index:
        """Analyse and index passages; a later passage with the same id replaces the earlier one.

        `embed` names the encoders ("use", "e5") whose missing vectors are made now; the others take part only as far
        as their vectors are in the store. The default is quick; E5 vectors are filled in by `embed_rest`.
        """
        known = {passage.id: _with_lang(passage) for passage in passages}
        texts: dict[Lang, dict[str, str]] = {lang: {} for lang in LANGS}
        for passage in known.values():
            texts[passage.lang or "de"][passage.id] = passage.indexed
        corpora = {lang: Corpus(lang, texts[lang]) for lang in LANGS}
        ordered = list(known.values())
        vectors = {}
        for slot, encoder in _slots(encoders):
            pool = [passage.indexed for passage in ordered]
            if slot in embed:
                embed_missing(pool, encoder, store, progress=progress)
            vectors[slot] = stored_vectors(pool, encoder, store)
        return cls(ordered, corpora, vectors, encoders, store)

    def updated(self, changed: Iterable[Passage], removed: Collection[str] = ()) -> Index:
        """Return the index with passages added or replaced and others removed, without touching the rest.

        Changed passages are embedded at once when there are at most 16; well under a second at 5,000 passages.
        """
        news = {passage.id: _with_lang(passage) for passage in changed}
        kept = {p.id: p for p in self.passages if p.id not in removed or p.id in news}
        merged = list({**kept, **news}.values())
        corpora = {}
        for lang, corpus in self._corpora.items():
            here = {p.id: p.indexed for p in news.values() if p.lang == lang}
            gone = [name for name in corpus.ids if name not in here and (name in removed or name in news)]
            corpora[lang] = corpus.updated(here, gone) if here or gone else corpus
        vectors = {}
        for slot, encoder in _slots(self._encoders):
            fresh = [passage.indexed for passage in news.values()]
            if len(fresh) <= AT_ONCE:
                embed_missing(fresh, encoder, self._store)
            matrix, known = stored_vectors(fresh, encoder, self._store)
            old_matrix, old_known = self._vectors[slot]
            place = {name: row for row, name in enumerate(news)}
            rows = np.array([self._row.get(p.id, 0) for p in merged], dtype=np.int64)
            joined = old_matrix[rows] if len(old_matrix) else np.zeros((len(merged), encoder.dim), dtype=np.float32)
            flags = old_known[rows] if len(old_known) else np.zeros(len(merged), dtype=bool)
            for row, passage in enumerate(merged):
                if passage.id in place:
                    joined[row] = matrix[place[passage.id]]
                    flags[row] = known[place[passage.id]]
            vectors[slot] = (joined, flags)
        return Index(merged, corpora, vectors, self._encoders, self._store)

    def refreshed(self) -> Index:
        """Return the index with the vectors that other jobs have stored meanwhile."""
        pool = [passage.indexed for passage in self.passages]
        vectors = {slot: stored_vectors(pool, encoder, self._store) for slot, encoder in _slots(self._encoders)}
        return Index(self.passages, self._corpora, vectors, self._encoders, self._store)

    def missing(self, slot: str) -> list[str]:
        """Return the indexed texts whose vectors of encoder `slot` ("e5", "use") are not there yet."""
        if slot not in self._vectors:
            return []
        known = self._vectors[slot][1]
        return [passage.indexed for passage, there in zip(self.passages, known, strict=True) if not there]

    def embed_rest(self, progress: Progress | None = None, cancelled: Callable[[], bool] | None = None) -> Index:
        """Embed what is missing (resumable, in batches of 16) and return the refreshed index."""
        for slot, encoder in _slots(self._encoders):
            embed_missing(self.missing(slot), encoder, self._store, progress=progress, cancelled=cancelled)
        return self.refreshed()

    @property
    def mode(self) -> Mode:
        """The views that are complete for all passages."""
        return "e5" if self._complete("e5") else "use" if self._complete("use") else "lexical"

    def _complete(self, slot: str) -> bool:
        return slot in self._vectors and bool(self._vectors[slot][1].all())

    def rank(
        self,
        question: str,
        k: int = 10,
        lang: Lang | None = None,
        *,
        keep: Callable[[Passage], bool] | None = None,
    ) -> Ranking:
        """Return the best `k` passages for a question. Never raises for odd text.

        `lang`: the question's language, guessed when not given. `keep`: only passages for which it is true are
        returned; mean and deviation stay those of the whole pool.
        """
        asked = calm(clean(question[:QUESTION_CHARACTERS])).strip()
        lang = lang or guess_lang(asked)
        vectors = self._question_vectors(asked)
        views = self._views(asked, lang, vectors)
        allowed = np.arange(len(self.passages))
        if keep is not None:
            allowed = np.array([row for row, p in enumerate(self.passages) if keep(p)], dtype=np.int64)
        order = allowed[_best(views.fused[allowed], max(k, 2))]
        hits = tuple(
            Hit(self.passages[row], float(views.fused[row]), float(views.z[row]), float(views.coverage[row]))
            for row in order[:k]
        )
        features = self._features(asked, lang, views, order, self._rivals(order, allowed))
        chance = confidence.chance(features, views.mode)
        abstain = confidence.abstains(chance, views.mode)
        return Ranking(asked, lang, hits, features, chance, abstain, views.mode, vectors)

    def _rivals(self, order: NDArray[np.int64], allowed: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows the first hit competes with: passages of its own named group do not count against it."""
        group = self.passages[int(order[0])].group if len(order) else ""
        if not group:
            return allowed
        kin = [row for row in order if self.passages[int(row)].group == group and row != order[0]]
        return np.setdiff1d(allowed, np.array(kin, dtype=np.int64), assume_unique=True)

    def words_in(self, question: str, lang: Lang) -> list[tuple[str, float]]:
        """Return the question's word terms with their weight (idf) in the passages of `lang`."""
        corpus = self._corpora[lang]
        return [(term, corpus.words.idf_of(term)) for term in corpus.analyzer.words(question)]

    def corpus(self, lang: Lang) -> Corpus:
        """The lexical side of the passages in `lang`."""
        return self._corpora[lang]

    def _question_vectors(self, question: str) -> dict[str, Vector]:
        """Embed the question once by every encoder that has something to compare it with."""
        if not question or not self.passages:
            return {}
        mode = self.mode
        return {
            slot: encoder.query(question)
            for slot, encoder in _slots(self._encoders)
            if self._complete(slot) and (slot == "use" or mode == "e5")
        }

    def _views(self, question: str, lang: Lang, vectors: Mapping[str, Vector]) -> _Views:
        size = len(self.passages)
        supported = self._neighbours.supported
        lexical = {of: corpus.scores(question) for of, corpus in self._corpora.items()}
        covered = np.zeros(size, dtype=np.float32)
        words = np.zeros(size, dtype=np.float32)
        alone = np.zeros(size, dtype=np.float32)
        for of, scores in lexical.items():
            covered[self._rows[of]] = fusion.coverage(scores)
            words[self._rows[of]] = scores.words
            alone[self._rows[of]] = fusion.lexical_score(scores) * np.float32(1.0 if of == lang else OTHER_SHARE)
        cosines = {slot: self._vectors[slot][0] @ vector for slot, vector in vectors.items()}
        e5, use = cosines.get("e5"), cosines.get("use")
        if e5 is None:
            if use is None:
                return _Views(supported(alone), covered, words, np.zeros_like(alone), "lexical")
            z = fusion.standard_scores(use)
            both = (0.5 * fusion.standard_scores(alone) + 0.5 * z).astype(np.float32)
            return _Views(supported(both), covered, words, z, "use", None, use)
        z = fusion.standard_scores(e5)
        other = self._lang_of != (lang == "en")
        same_weights, other_weights = fusion.weights_for(True), fusion.weights_for(False)
        factor = np.where(other, np.float32(other_weights.coverage), np.float32(same_weights.coverage))
        fused: NDArray[np.float32] = (z + factor * covered).astype(np.float32)
        if use is not None:
            share = np.where(other, np.float32(other_weights.use), np.float32(same_weights.use))
            fused = (fused + share * fusion.standard_scores(use)).astype(np.float32)
        return _Views(supported(fused), covered, words, z, "e5", e5, use)

    def _features(
        self, question: str, lang: Lang, views: _Views, order: NDArray[np.int64], allowed: NDArray[np.int64]
    ) -> dict[str, float]:
        if not len(order) or not question:
            return {}
        top = int(order[0])
        of: Lang = "en" if self._lang_of[top] else "de"
        views_by_name = {"fused": views.fused, "words": views.words}
        views_by_name |= {} if views.e5 is None else {"e5": views.e5}
        views_by_name |= {} if views.use is None else {"use": views.use}
        passage = self.passages[top]
        return confidence.features(
            question,
            confidence.Found(
                corpus=self._corpora[of],
                place=int(self._place[top]),
                read=read_text(passage.title, passage.text),
                views=views_by_name,
                top=top,
                allowed=allowed,
                others=self._neighbours.elsewhere(top, allowed),
                same_language=of == lang,
            ),
        )


def _with_lang(passage: Passage) -> Passage:
    if passage.lang is not None:
        return passage
    return replace(passage, lang=guess_lang(passage.indexed))


def _slots(encoders: Encoders) -> list[tuple[str, Encoder]]:
    return [(slot, enc) for slot, enc in (("e5", encoders.e5), ("use", encoders.use)) if enc is not None]


def _best(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Return the places of the `k` highest scores, best first, ties in their order."""
    if k >= len(scores):
        return np.argsort(-scores, kind="stable")
    floor = np.partition(scores, len(scores) - k)[len(scores) - k]
    candidates = np.flatnonzero(scores >= floor)
    order: NDArray[np.int64] = candidates[np.argsort(-scores[candidates], kind="stable")][:k]
    return order
