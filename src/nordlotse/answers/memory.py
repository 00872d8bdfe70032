"""This process's copy of the published knowledge and its index, kept fresh without a restart.

Each question looks (at most every half second) at one counter in the database. If an editor has published something
or the day has changed, the texts are read again and only the changed passages are indexed anew.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.utils import timezone

from nordlotse.answers.core.answerer import Answerer
from nordlotse.answers.core.dense import Encoders, load_encoders
from nordlotse.answers.core.knowledge import Key, Knowledge, load_knowledge
from nordlotse.answers.core.likeness import SentenceLikeness
from nordlotse.answers.core.memo import Memo
from nordlotse.answers.core.rank_files import default_store
from nordlotse.answers.core.ranking import Index
from nordlotse.answers.core.router import Router
from nordlotse.answers.core.training import load_training
from nordlotse.answers.core.vectors import FileVectors, embed_missing
from nordlotse.answers.models import KnowledgeState, Revision
from nordlotse.foundation.language import LANGS, Lang

_log = logging.getLogger("nordlotse.answers")
CHECK_SECONDS = 0.5
RETRY_SECONDS = 10.0

#: So many missing vectors are made while the first question waits (about a second).
AT_ONCE = 32

Progress = Callable[[str, int, int], None]


def build_folder() -> Path:
    """Return where the trained router lies: the user's cache, shared by all installations of this person."""
    base = os.environ.get("XDG_CACHE_HOME")
    folder = (Path(base) if base else Path.home() / ".cache") / "nordlotse"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@lru_cache(maxsize=1)
def vectors() -> FileVectors:
    """Return the store of all vectors, keyed by model and text hash: a build product, shared like the router."""
    return default_store()


_loading = threading.Lock()


def encoders() -> Encoders:
    """Load the encoders of this process; a question is embedded once even if several parts need its vector.

    Who asks while another thread loads waits for it: the models never lie in memory twice.
    """
    with _loading:
        return _encoders()


@lru_cache(maxsize=1)
def _encoders() -> Encoders:
    loaded = load_encoders()
    return Encoders(
        Memo(loaded.e5) if loaded.e5 is not None else None,
        Memo(loaded.use) if loaded.use is not None else None,
        loaded.missing,
    )


@lru_cache(maxsize=1)
def router() -> Router:
    """Load the trained router, training it first if this build of it does not exist yet."""
    training = load_training()
    key = Router.key_for(training, encoders())
    path = build_folder() / f"router-{key[:16]}.npz"
    known = Router.load(path, key)
    if known is None:
        known = Router.train(training, encoders(), vectors())
        known.save(path)
    return known


def published_texts() -> dict[Key, str]:
    """Return the raw text of every local published revision."""
    rows = Revision.objects.filter(state=Revision.State.PUBLISHED).values_list("slug", "lang", "raw")
    return {(slug, "en" if lang == "en" else "de"): raw for slug, lang, raw in rows}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state of the knowledge, ready to answer."""

    version: int
    day: date
    knowledge: Knowledge
    answerer: Answerer


class Memory:
    """Holds the current snapshot; one per process, shared by its threads."""

    def __init__(self) -> None:
        """Start empty; the first use builds."""
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._checked = 0.0

    def current(self) -> Snapshot:
        """Return the newest snapshot, building or refreshing it if something has changed."""
        snapshot = self._snapshot
        if snapshot is not None and time.monotonic() - self._checked < CHECK_SECONDS:
            return snapshot
        with self._lock:
            snapshot = self._snapshot
            if snapshot is not None and time.monotonic() - self._checked < CHECK_SECONDS:
                return snapshot
            try:
                version, today = KnowledgeState.current(), timezone.localdate()
                if snapshot is None or (snapshot.version, snapshot.day) != (version, today):
                    snapshot = self._build(version, today, snapshot)
                    self._snapshot = snapshot
                self._checked = time.monotonic()
            except Exception:
                if snapshot is None:
                    raise
                # What is in memory still answers; the next look comes a little later.
                _log.exception("event=knowledge_refresh_failed")
                self._checked = time.monotonic() + RETRY_SECONDS
            return snapshot

    @property
    def loaded(self) -> bool:
        """Tell whether questions can be answered at once."""
        return self._snapshot is not None

    def forget(self) -> None:
        """Drop the snapshot, so that the next use builds anew."""
        with self._lock:
            self._snapshot = None
            self._checked = 0.0

    @staticmethod
    def _build(version: int, today: date, previous: Snapshot | None) -> Snapshot:
        start = time.perf_counter()
        knowledge = load_knowledge(
            today, published_texts(), previous=previous.knowledge if previous is not None else None
        )
        for problem in knowledge.problems:
            _log.warning("event=knowledge_problem code=%s where=%s", problem.code, problem.where)
        indexes = {lang: _index(knowledge, lang, previous) for lang in LANGS}
        likeness = SentenceLikeness(encoders(), vectors())
        answerer = Answerer(knowledge, indexes, router(), encoders(), likeness)
        _log.info(
            "event=knowledge_ready version=%s units=%s seconds=%.2f",
            version,
            len(knowledge.units),
            time.perf_counter() - start,
        )
        return Snapshot(version, today, knowledge, answerer)


def _index(knowledge: Knowledge, lang: Lang, previous: Snapshot | None) -> Index:
    """Return the index of a language: only what changed since the previous snapshot is indexed anew."""
    passages = knowledge.passages(lang)
    if previous is None:
        index = Index.build(passages, encoders(), vectors(), embed=("use",))
        # A few missing vectors (an edited article, dated sentences of a new day) are made at once; many are the worker's job.
        return index.embed_rest() if 0 < len(index.missing("e5")) <= AT_ONCE else index
    old = previous.answerer.indexes[lang]
    before = {p.id: p for p in old.passages}
    now = {p.id: p for p in passages}
    changed = [p for p in passages if before.get(p.id) != p]
    removed = [name for name in before if name not in now]
    index = old.updated(changed, removed) if changed or removed else old
    return index.refreshed() if index.mode != "e5" else index


memory = Memory()


def embed_all(progress: Progress | None = None, texts: Mapping[Key, str] | None = None) -> dict[str, int]:
    """Embed everything published that has no vector yet; return how many were made by encoder.

    Resumable: what is stored stays. Also trains the router. `progress` gets (what, done, of).
    """
    knowledge = load_knowledge(timezone.localdate(), texts if texts is not None else published_texts())
    made: dict[str, int] = {}
    pool = [p.indexed for lang in LANGS for p in knowledge.passages(lang)]
    sentences = [u.sentence_text(s) for u in knowledge.units.values() for s in u.sentences]
    loaded = encoders()
    for name, encoder, wanted in (("use", loaded.use, [*pool, *sentences]), ("e5", loaded.e5, pool)):
        if encoder is not None:
            made[name] = embed_missing(wanted, encoder, vectors(), progress=_named(progress, name))
    router()
    return made


def _named(progress: Progress | None, name: str) -> Callable[[int, int], None] | None:
    if progress is None:
        return None

    def report(done: int, of: int) -> None:
        progress(name, done, of)

    return report


def missing_vectors() -> int:
    """Return how many passages still wait for their E5 vector in this process's index."""
    snapshot = memory.current()
    return sum(len(index.missing("e5")) for index in snapshot.answerer.indexes.values())
