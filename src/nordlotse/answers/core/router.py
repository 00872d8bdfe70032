"""The router: a question is understood before anything is looked up.

Fixed rules decide what is sure and must not be missed; everything else a softmax regression over the question's embedding
and words, with one head each for topic, kind, demonstrator, topic and demonstrator together, and card. Impossible combinations are
left out.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nordlotse.answers.core import detect
from nordlotse.answers.core.dense import Encoders
from nordlotse.answers.core.features import Scaler, Vocabulary, pieces
from nordlotse.answers.core.lexicon import Lexicon
from nordlotse.answers.core.ports import Encoder, Matrix, Vector, VectorStore
from nordlotse.answers.core.rules import Rule, fitting, says_nothing
from nordlotse.answers.core.softmax import Head, fit, log_softmax, temperature
from nordlotse.answers.core.training import Example, held_out
from nordlotse.answers.core.understand import DEMONSTRATORS, KINDS, TOPICS, Given, Kind, Neighbour, Understanding, tidy
from nordlotse.answers.core.vectors import vector_key

__all__ = ["CODE_VERSION", "Router", "training_vectors"]

CODE_VERSION = "2026-11-23.3"
"""Changes whenever features or fitting change, so that a stored router is made anew."""

Progress = Callable[[int, int], None]

PENALTY = 5e-4
LEAST = {"w": 2, "g": 3, "t": 1, "s": 2}
SCALES = {"e5": 4.0, "use": 4.0, "w": 2.0, "g": 2.0, "t": 4.0, "s": 0.7}
"""Length of each block of features; fitted on the learning part by five folds."""

REAL_KINDS = {"answer": 0.76, "clarify": 0.05, "refer": 0.045, "decline": 0.135, "emergency": 0.01}
"""Shares expected in real use (own estimate in the research notes); the training file has more of the rare kinds."""

NEAR_TOPIC, NEAR_SHOWN = 0.6, 0.3
"""Weight of the neighbours' votes on topic and demonstrator; best of three on 480 own questions
(topic .846 without, .890 with them; demonstrator .890 and .915)."""

NEAR_SPREAD = 0.6
"""A neighbour this much below the best score counts 1/e of it (scores are z values plus 3 x coverage)."""

NEAR_FLOOR, NEAR_UNWRITTEN = 0.03, 0.15

_BATCH = 64
_MODELS: dict[str, tuple[str, ...]] = {"both": ("e5", "use"), "e5": ("e5",), "use": ("use",), "none": ()}
_NO_DEMONSTRATOR = {"funding", "network", "events", "out_of_scope"}
_OPEN_KINDS = ("answer", "clarify")


def _possible(topic: str, kind: str, demonstrator: str) -> bool:
    """Whether a combination makes sense: declined means out of scope, and only open questions get a demonstrator."""
    if (kind == "decline") != (topic == "out_of_scope"):
        return False
    if kind == "emergency" and topic != "digitalisation":
        return False
    if kind == "clarify" and topic in ("network", "events"):
        return False
    return demonstrator == "none" or (kind in _OPEN_KINDS and topic not in _NO_DEMONSTRATOR)


_COMBINATIONS = [c for c in product(range(len(TOPICS)), range(len(KINDS)), range(len(DEMONSTRATORS)))
                 if _possible(TOPICS[c[0]], KINDS[c[1]], DEMONSTRATORS[c[2]])]  # fmt: skip
_GRID = np.array(_COMBINATIONS).T
_PAIRS = sorted({(c[0], c[2]) for c in _COMBINATIONS})
_PAIR_OF = np.array([_PAIRS.index((c[0], c[2])) for c in _COMBINATIONS])
_SINGLE = 0.5
"""Share of the separate heads for topic and demonstrator against the head for both together; best of 0, 0.5 and 1."""


@dataclass(frozen=True, slots=True)
class _Model:
    """Weights for what may be at hand: both embeddings, one of them, or ("none") words alone."""

    weights: NDArray[np.float32]
    scalers: dict[str, Scaler]
    temperatures: tuple[float, ...]


def training_vectors(
    examples: Sequence[Example], encoder: Encoder, store: VectorStore, progress: Progress | None = None
) -> Matrix:
    """Return the question vectors of examples, shape (n, dim); missing ones are embedded and stored in batches."""
    texts = [tidy(e.question) for e in examples]
    keys = [vector_key("query", encoder, text) for text in texts]
    found: dict[str, Vector] = {}
    for start in range(0, len(keys), 500):
        found.update(store.get(keys[start : start + 500]))
    missing = list({key: text for key, text in zip(keys, texts, strict=True) if key not in found}.items())
    for start in range(0, len(missing), _BATCH):
        batch = {key: encoder.query(text) for key, text in missing[start : start + _BATCH]}
        store.put(batch)
        found.update(batch)
        if progress is not None:
            progress(min(start + _BATCH, len(missing)), len(missing))
    return np.stack([found[key] for key in keys]).astype(np.float32)


class Router:
    """Understands questions. Immutable after training; threads may share it.

    Best with both vectors of a question; with one, or none, it uses the model fitted for that.
    """

    def __init__(self, vocabulary: Vocabulary, models: Mapping[str, _Model], cards: Sequence[str], key: str) -> None:
        """Take learned parts; use `train` or `load`."""
        self._vocabulary = vocabulary
        self._models = dict(models)
        self._cards = tuple(cards)
        self._lexicon = Lexicon.load()
        self.key = key

    # ---- making, keeping ----

    @staticmethod
    def key_for(training: Sequence[Example], encoders: Encoders) -> str:
        """Return the key of the router these examples and encoders would give (40 hex digits)."""
        digest = hashlib.sha1(usedforsecurity=False)
        names = [f"{e.name}/{e.version}" for e in (encoders.e5, encoders.use) if e is not None]
        digest.update(
            json.dumps([CODE_VERSION, names, PENALTY, LEAST, SCALES, REAL_KINDS, Lexicon.load().terms]).encode()
        )
        for example in training:
            digest.update(json.dumps(astuple(example)).encode())
        return digest.hexdigest()

    @classmethod
    def train(
        cls, training: Sequence[Example], encoders: Encoders, store: VectorStore, progress: Progress | None = None
    ) -> Router:
        """Learn from examples: one model per encoder that runs, one for words alone. Under a minute on two cores.

        Temperatures come from a fit that leaves the held-out fifth away; the weights from all examples.
        """
        lexicon = Lexicon.load()
        found = [pieces(tidy(e.question), lexicon) for e in training]
        vocabulary = Vocabulary.learn(found, LEAST, SCALES)
        words = vocabulary.rows(found)
        cards = sorted({e.card for e in training if e.card})
        heads = _heads(training, cards)
        away = np.array([held_out(e) for e in training])
        running = {"e5": encoders.e5, "use": encoders.use}
        vectors = {slot: training_vectors(training, encoder, store, progress)
                   for slot, encoder in running.items() if encoder is not None}  # fmt: skip
        models = {
            name: _learn({slot: vectors[slot] for slot in slots}, words, heads, away)
            for name, slots in _MODELS.items()
            if all(slot in vectors for slot in slots)
        }
        return cls(vocabulary, models, cards, cls.key_for(training, encoders))

    def save(self, path: Path) -> None:
        """Write the router to a file (numpy archive without pickled objects), whole or not at all."""
        vocabulary = self._vocabulary
        meta: dict[str, Any] = {"key": self.key, "cards": self._cards, "columns": list(vocabulary.columns),
                                "scales": vocabulary.scales, "models": {}}  # fmt: skip
        arrays: dict[str, NDArray[Any]] = {"idf": vocabulary.idf}
        for name, model in self._models.items():
            meta["models"][name] = {"temperatures": model.temperatures, "slots": list(model.scalers)}
            arrays[f"{name}.weights"] = model.weights
            for slot, scaler in model.scalers.items():
                arrays[f"{name}.{slot}.mean"] = scaler.mean
                arrays[f"{name}.{slot}.spread"] = scaler.spread
        arrays["meta"] = np.frombuffer(json.dumps(meta).encode(), dtype=np.uint8)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{threading.get_ident()}.part")
        with partial.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        partial.replace(path)

    @classmethod
    def load(cls, path: Path, expect_key: str) -> Router | None:
        """Return the stored router, None if there is none, it is damaged, or it was made from something else."""
        try:
            with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                meta = json.loads(bytes(file["meta"]).decode())
                if meta["key"] != expect_key:
                    return None
                vocabulary = Vocabulary({c: i for i, c in enumerate(meta["columns"])}, file["idf"], meta["scales"])
                models = {}
                for name, told in meta["models"].items():
                    scalers = {
                        slot: Scaler(file[f"{name}.{slot}.mean"], file[f"{name}.{slot}.spread"], SCALES[slot])
                        for slot in told["slots"]
                    }
                    models[name] = _Model(file[f"{name}.weights"], scalers, tuple(told["temperatures"]))
        except (OSError, ValueError, KeyError, EOFError):
            return None
        except Exception as error:  # zipfile raises its own family for a damaged archive
            if type(error).__module__ != "zipfile":
                raise
            return None
        return cls(vocabulary, models, meta["cards"], expect_key)

    # ---- understanding ----

    def understand(
        self,
        question: str,
        *,
        e5: Vector | None = None,
        use: Vector | None = None,
        given: Given | None = None,
        near: Sequence[Neighbour] = (),
    ) -> Understanding:
        """Return what a question is about. Never raises for odd text; about a millisecond beside the embedding.

        `e5` and `use` are the question's vectors as retrieval uses them; without both, words alone decide. `near` are
        the labels of the best passages found for the question (about 20), where they are at hand: they vote on topic and
        demonstrator, not on the kind.
        """
        given = given or Given()
        cleaned = tidy(question)
        lang = given.lang or detect.language(cleaned)
        state = given.state or detect.state(cleaned)
        people = given.employees if given.employees is not None else detect.employees(cleaned)

        def made(topic: str, topic_p: float, kind: Kind, kind_p: float, shown: str, shown_p: float,
                 card: str | None, reason: str) -> Understanding:  # fmt: skip
            expansions = () if says_nothing(cleaned) else self._lexicon.expand(cleaned)
            return Understanding(
                lang, topic, topic_p, kind, kind_p, shown, shown_p, state, people, card, reason, cleaned, expansions
            )

        if says_nothing(cleaned):
            return made(
                "digitalisation", 1.0, "clarify", 1.0, "readiness_check", 1.0, "clarify-empty", "rule:says-nothing"
            )
        rule = fitting(cleaned)
        if rule is not None:
            return made(_rule_topic(rule), 1.0, rule.kind, 1.0, "none", 1.0, rule.card, f"rule:{rule.id}")
        return made(*self._decide(cleaned, e5, use, near))

    def _decide(
        self, cleaned: str, e5: Vector | None, use: Vector | None, near: Sequence[Neighbour]
    ) -> tuple[str, float, Kind, float, str, float, str | None, str]:
        name, logits = self._logits(cleaned, e5, use)
        temperatures = self._models[name].temperatures
        parts = _split(logits)
        topics, kinds, shows, pairs = (
            log_softmax((part / t).astype(np.float32)) for part, t in zip(parts[:4], temperatures, strict=True)
        )
        joint = kinds[_GRID[1]] + _SINGLE * (topics[_GRID[0]] + shows[_GRID[2]]) + (1 - _SINGLE) * pairs[_PAIR_OF]
        if near:
            joint = (
                joint
                + NEAR_TOPIC * _votes(near, "topic")[_GRID[0]]
                + NEAR_SHOWN * _votes(near, "demonstrator")[_GRID[2]]
            )
        best = int(np.argmax(joint))
        chances = np.exp(joint - joint[best])
        chances /= chances.sum()
        topic, kind, shown = (int(v) for v in _GRID[:, best])
        p = [float(chances[_GRID[axis] == value].sum()) for axis, value in enumerate((topic, kind, shown))]
        card = self._card(parts[4], KINDS[kind], TOPICS[topic])
        return TOPICS[topic], p[0], KINDS[kind], p[1], DEMONSTRATORS[shown], p[2], card, f"model:{name}"

    def _logits(self, cleaned: str, e5: Vector | None, use: Vector | None) -> tuple[str, NDArray[np.float32]]:
        vectors = {slot: vector for slot, vector in (("e5", e5), ("use", use)) if vector is not None}
        name = next(n for n, slots in _MODELS.items() if n in self._models and all(slot in vectors for slot in slots))
        model = self._models[name]
        row = self._vocabulary.row(pieces(cleaned, self._lexicon))
        at = np.flatnonzero(row)
        logits: NDArray[np.float32] = row[at] @ model.weights[:-1][at] + model.weights[-1]
        start = len(row)
        for slot, scaler in model.scalers.items():
            end = start + len(scaler.mean)
            logits = logits + scaler.apply(vectors[slot].astype(np.float32)) @ model.weights[start:end]
            start = end
        return name, logits

    def _card(self, logits: NDArray[np.float32], kind: str, topic: str) -> str | None:
        if kind == "answer":
            return None
        fits = [i for i, card in enumerate(self._cards) if _card_fits(card, kind, topic)]
        if not fits:
            return _PLAIN_CARD[kind]
        return self._cards[max(fits, key=lambda i: float(logits[i]))]


_PLAIN_CARD = {
    "clarify": "clarify-digital",
    "refer": "refer-contact",
    "decline": "decline-other",
    "emergency": "emergency",
}
_CLARIFY_TOPICS = {
    "clarify-sensors": "iot",
    "clarify-print": "print3d",
    "clarify-industrie40": "industrie40",
    "clarify-model": "business_models",
    "clarify-funding": "funding",
}


def _card_fits(card: str, kind: str, topic: str) -> bool:
    """Whether a card may be shown for a kind and topic; "events" is the card of referred event questions."""
    if kind == "refer":
        return card == "events" if topic == "events" else card.startswith("refer-")
    if kind == "clarify":
        return card.startswith("clarify-") and _CLARIFY_TOPICS.get(card, "digitalisation") == topic
    return card.startswith(kind)


def _votes(near: Sequence[Neighbour], part: str) -> NDArray[np.float32]:
    """Return the log shares of the neighbours' labels, the better placed counting more, none below a floor."""
    names = TOPICS if part == "topic" else DEMONSTRATORS
    scores = np.array([n.score for n in near], dtype=np.float32)
    weights = np.exp((scores - scores.max()) / NEAR_SPREAD)
    shares = np.full(len(names), NEAR_FLOOR, dtype=np.float32)
    for neighbour, weight in zip(near, weights / weights.sum(), strict=True):
        shares[names.index(getattr(neighbour, part))] += weight
    if part == "topic":
        # nothing is written about these, or little: their absence says nothing
        for name in ("out_of_scope", "network", "events"):
            shares[names.index(name)] = max(float(shares[names.index(name)]), NEAR_UNWRITTEN)
    logs: NDArray[np.float32] = np.log(shares)
    return logs


def _rule_topic(rule: Rule) -> str:
    return "digitalisation" if rule.kind == "emergency" else "out_of_scope"


def _split(logits: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    sizes = np.cumsum([len(TOPICS), len(KINDS), len(DEMONSTRATORS), len(_PAIRS)])
    return list(np.split(logits, sizes, axis=-1))


def _heads(training: Sequence[Example], cards: Sequence[str]) -> list[Head]:
    """Return the five heads; kinds are weighted so that their shares are those of real use."""
    weight = np.array([e.weight for e in training], dtype=np.float32)

    def labels(names: Sequence[str], values: Sequence[str]) -> NDArray[np.int64]:
        place = {name: i for i, name in enumerate(names)}
        return np.array([place.get(v, -1) for v in values], dtype=np.int64)

    kinds = labels(KINDS, [e.kind for e in training])
    kind_weight = weight.copy()
    for i, name in enumerate(KINDS):
        share = float(weight[kinds == i].sum() / max(weight[kinds >= 0].sum(), 1e-9))
        if share > 0:
            # the square root: a full correction would silence the rare kinds, none would cry wolf
            kind_weight[kinds == i] *= (REAL_KINDS[name] / share) ** 0.5
    place = {pair: i for i, pair in enumerate(_PAIRS)}
    both = [place.get((TOPICS.index(e.topic), DEMONSTRATORS.index(e.demonstrator)), -1) for e in training]
    return [
        Head(labels(TOPICS, [e.topic for e in training]), weight, len(TOPICS)),
        Head(kinds, kind_weight, len(KINDS)),
        Head(labels(DEMONSTRATORS, [e.demonstrator for e in training]), weight, len(DEMONSTRATORS)),
        Head(np.array(both, dtype=np.int64), weight, len(_PAIRS)),
        Head(labels(cards, [e.card for e in training]), weight, len(cards)),
    ]


def _learn(
    vectors: Mapping[str, Matrix], words: NDArray[np.float32], heads: Sequence[Head], away: NDArray[np.bool_]
) -> _Model:
    scalers = {slot: Scaler.learn(matrix, SCALES[slot]) for slot, matrix in vectors.items()}
    x = np.hstack([words, *(scalers[slot].apply(matrix) for slot, matrix in vectors.items())])
    inside = [Head(h.labels[~away], h.weights[~away], h.classes) for h in heads]
    trial = fit(x[~away], inside, PENALTY)
    parts = _split((x[away] @ trial[:-1] + trial[-1]).astype(np.float32))
    found = []
    for head, part in zip(heads[:4], parts, strict=False):
        known = head.labels[away] >= 0
        found.append(temperature(part[known], head.labels[away][known]) if known.any() else 1.0)
    return _Model(fit(x, heads, PENALTY), scalers, tuple(found))
