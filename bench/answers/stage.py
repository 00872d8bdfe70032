"""What all benchmarks of this room share: cached encoders, output, intervals."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.answers.sets import ROOT
from nordlotse.answers.core.dense import Encoders, load_encoders
from nordlotse.answers.core.ports import Encoder, Matrix, Vector
from nordlotse.answers.core.vectors import FileVectors, vector_key

DISCOUNTS = 1.0 / np.log2(np.arange(2, 12))
"""Gains of the ten places in DCG."""


def bench_store() -> FileVectors:
    """Vectors kept between benchmark runs: NORDLOTSE_BENCH_VECTORS, else build/bench/vectors.sqlite."""
    path = os.environ.get("NORDLOTSE_BENCH_VECTORS")
    return FileVectors(path or ROOT / "build" / "bench" / "vectors.sqlite")


class Remembering:
    """An encoder whose question vectors are stored too, so that a second run measures ranking, not embedding."""

    def __init__(self, encoder: Encoder, store: FileVectors) -> None:
        self._encoder, self._store = encoder, store
        self.name, self.version, self.dim = encoder.name, encoder.version, encoder.dim

    def query(self, text: str) -> Vector:
        key = vector_key("query", self, text)
        found = self._store.get([key]).get(key)
        if found is None:
            self._store.put({key: self._encoder.query(text)})
            found = self._store.get([key])[key]
        return found

    def passages(self, texts: Sequence[str]) -> Matrix:
        return self._encoder.passages(texts)


def remembering_encoders(store: FileVectors) -> Encoders:
    """All encoders of this machine, remembering; stops when one is missing, for then the figures mean nothing."""
    encoders = load_encoders()
    if encoders.e5 is None or encoders.use is None:
        raise SystemExit(f"encoders missing: {encoders.missing}")
    return Encoders(Remembering(encoders.e5, store), Remembering(encoders.use, store))


def gains(found: Sequence[str], gold: frozenset[str]) -> float:
    """nDCG@10 with binary gains; the ideal has min(10, number of gold passages) hits."""
    hits = np.array([name in gold for name in found[:10]], dtype=float)
    return float((hits * DISCOUNTS[: len(hits)]).sum() / DISCOUNTS[: min(10, len(gold))].sum())


def paired_interval(ours: NDArray[np.float64], theirs: NDArray[np.float64], rounds: int = 2000) -> tuple[float, float]:
    """95 % interval of the mean difference by paired bootstrap over questions (fixed seed)."""
    difference = ours - theirs
    generator = np.random.default_rng(20261123)
    picks = generator.integers(0, len(difference), size=(rounds, len(difference)))
    low, high = np.percentile(difference[picks].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def write_result(name: str, result: dict[str, Any]) -> Path:
    """Write a result to build/bench/NAME.json with date and commit."""
    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    stamped = {"benchmark": name, "date": time.strftime("%Y-%m-%d"), "commit": commit(), **result}
    path.write_text(json.dumps(stamped, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return path


def commit() -> str:
    """Short id of the checked-out commit, "unknown" outside a checkout."""
    call = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
