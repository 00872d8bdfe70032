"""Time and memory of one question: `python -m bench.answers.latency`.

5,000 real passages (pool D and distractors) with real vectors, end to end in the core: analysis, both encoders,
ranking, confidence, composing the answer as `ask` does. Then 100,000 synthetic passages with synthetic vectors in a process of its
own, so that its memory can be read.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from typing import Any

import numpy as np

from bench.answers.sentences import unit
from bench.answers.sets import PoolD, rows
from bench.answers.stage import bench_store, write_result
from nordlotse.answers.core.compose import Composer
from nordlotse.answers.core.cues import asked_kinds
from nordlotse.answers.core.dense import Encoders, load_encoders
from nordlotse.answers.core.likeness import SentenceLikeness
from nordlotse.answers.core.ports import Matrix, Vector
from nordlotse.answers.core.ranking import Index, Passage
from nordlotse.answers.core.units import Found
from nordlotse.answers.core.vectors import MemoryVectors

TARGETS = {"5,000 p50 ms": 40, "5,000 p95 ms": 80, "100,000 p95 ms": 250, "100,000 MB": 1500, "update s": 1.0}
SYNTHETIC = 100_000
ASKED = 300


def _percentiles(spent: list[float]) -> dict[str, float]:
    p50, p95 = np.percentile(spent, [50, 95])
    return {"p50_ms": float(p50), "p95_ms": float(p95)}


def five_thousand() -> dict[str, Any]:
    """One question end to end at 5,000 passages, embedding included, and one edited passage."""
    store = bench_store()
    encoders = load_encoders()
    spare = [row for row in rows("distract.passages.jsonl") if len(row["text"]) < 1_500]
    passages = PoolD().passages + [Passage(row["id"], "", row["text"]) for row in spare]
    passages = passages[:5_000]
    start = time.perf_counter()
    index = Index.build(passages, encoders, store).embed_rest()
    built = time.perf_counter() - start
    likeness = SentenceLikeness(encoders, store)

    def ask(question: str) -> None:
        hits = index.rank(question, 10, "de").hits
        composer = Composer(
            terms=index.corpus("de").analyzer.words,
            question_terms=dict(index.words_in(question, "de")),
            likeness=lambda texts: likeness.to_question(question, texts),
            asked=asked_kinds(question),
        )
        composer.choose([Found(unit(hit.passage), hit.score) for hit in hits])

    questions = [row["q"] for row in rows("xquad_de.queries.jsonl") + rows("omos_de.queries.jsonl")][::4][:ASKED]
    for question in questions[:20]:
        ask(question)
    spent, busy = [], []
    for question in questions[20:]:
        start, worked = time.perf_counter(), time.process_time()
        ask(question)
        spent.append((time.perf_counter() - start) * 1000)
        busy.append((time.process_time() - worked) * 1000)
    start = time.perf_counter()
    index.updated([Passage(passages[7].id, "Neu", f"Der Prüfstand misst Drehmomente. {time.time()}")])
    updated = time.perf_counter() - start
    return {
        **_percentiles(spent),
        "cpu_p50_ms": float(np.median(busy)),
        "update_s": updated,
        "build_s": built,
        "mode": index.mode,
        "passages": len(passages),
    }


class _Synthetic:
    """Random unit vectors in place of a model."""

    version = "1"

    def __init__(self, name: str, dim: int) -> None:
        self.name, self.dim = name, dim
        self._generator = np.random.default_rng(dim)

    def query(self, text: str) -> Vector:
        return self.passages([text])[0]

    def passages(self, texts: Any) -> Matrix:
        matrix = self._generator.normal(size=(len(texts), self.dim)).astype(np.float32)
        matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
        return matrix


class _Blind(MemoryVectors):
    """Hands out random vectors without keeping them: what is measured is the index, not the store."""

    dim = 448
    """Both encoders get the mean of 384 and 512, so that the memory is that of the real pair."""

    def __init__(self) -> None:
        super().__init__()
        self._generator = np.random.default_rng(1)

    def get(self, keys: Any) -> dict[str, Vector]:
        return {key: self._generator.normal(size=self.dim).astype(np.float32) for key in keys}


def hundred_thousand() -> dict[str, Any]:
    """Build and ask 100,000 synthetic passages of about 60 words; Zipf-like words, some of them compounds."""
    generator = np.random.default_rng(7)
    parts = ["".join(generator.choice(list("abcdefghilmnoprstuwz"), size=n)) for n in generator.integers(4, 9, 4_000)]
    words = parts + [parts[a] + parts[b] for a, b in generator.integers(0, len(parts), (36_000, 2))]
    chances = 1 / (np.arange(len(words)) + 20.0)
    picks = generator.choice(len(words), size=(SYNTHETIC, 60), p=chances / chances.sum())
    passages = [Passage(f"s{row}", "", " ".join(words[i] for i in pick), "de") for row, pick in enumerate(picks)]
    questions = [" ".join(words[i] for i in pick[:8]) for pick in picks[:: SYNTHETIC // ASKED]]
    del picks
    real = load_encoders()  # their memory counts
    encoder = _Synthetic("e5-like", _Blind.dim)
    start = time.perf_counter()
    index = Index.build(passages, Encoders(e5=encoder, use=_Synthetic("use-like", _Blind.dim)), _Blind())
    built = time.perf_counter() - start
    spent = []
    for question in questions:
        start = time.perf_counter()
        index.rank(question, 10, "de")
        spent.append((time.perf_counter() - start) * 1000)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        **_percentiles(spent[10:]),
        "build_s": built,
        "peak_mb": peak,
        "mode": index.mode,
        "missing": real.missing,
        "passages": SYNTHETIC,
    }


def main() -> dict[str, Any]:
    """Print both and write build/bench/latency.json."""
    small = five_thousand()
    call = [sys.executable, "-m", "bench.answers.latency", "--synthetic"]
    large = json.loads(subprocess.run(call, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    result = {"targets": TARGETS, "5,000": small, "100,000": large}
    print(
        f"5,000 passages, embedding included: p50 {small['p50_ms']:.1f} ms, p95 {small['p95_ms']:.1f} ms "
        f"(processor {small['cpu_p50_ms']:.1f} ms), one edit {small['update_s']:.2f} s"
    )
    print(
        f"100,000 synthetic passages: p50 {large['p50_ms']:.1f} ms, p95 {large['p95_ms']:.1f} ms, "
        f"peak {large['peak_mb']:.0f} MB, built in {large['build_s']:.0f} s"
    )
    print(write_result("latency", result))
    return result


if __name__ == "__main__":
    if "--synthetic" in sys.argv:
        print(json.dumps(hundred_thousand()))
    else:
        main()
