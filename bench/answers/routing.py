"""How well questions are understood: topic, kind, demonstrator; beside it the constant guess.

    python -m bench.answers.routing                    the fifth of the training questions that is never learned from
    python -m bench.answers.routing --folds            five folds of the learning part (for choosing settings)
    python -m bench.answers.routing --for-developers   the sample next to the repository (NORDLOTSE_SHARED, ../shared)
    … --near                                           as in the product: the passages found nearby vote, too

Prints tables and writes JSON with --json FILE.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nordlotse.answers.core.dense import Encoders, load_encoders
from nordlotse.answers.core.detect import language
from nordlotse.answers.core.knowledge import load_knowledge
from nordlotse.answers.core.ports import Vector
from nordlotse.answers.core.rank_files import default_store
from nordlotse.answers.core.ranking import Index
from nordlotse.answers.core.router import Router
from nordlotse.answers.core.training import Example, held_out, load_training
from nordlotse.answers.core.understand import Given, Neighbour, Understanding, tidy
from nordlotse.answers.core.vectors import FileVectors, MemoryVectors, VectorStore

PARTS = ("topic", "kind", "demonstrator")
KINDS = {"answer_with_caveat": "answer", "decline_and_redirect": "decline"}


NEAREST = 20

Near = Callable[[Example], Sequence[Neighbour]]


def neighbours(encoders: Encoders) -> Near:
    """Return a look-up of the labels of the best passages in the shipped knowledge; embeds what has no vector yet."""
    knowledge = load_knowledge(datetime.now(UTC).date())
    indexes = {lang: Index.build(knowledge.passages(lang), encoders, default_store()) for lang in ("de", "en")}

    def near(example: Example) -> Sequence[Neighbour]:
        lang = language(example.question)
        hits = indexes[lang].rank(tidy(example.question), NEAREST, lang).hits
        units = [(knowledge.units[h.passage.id.rpartition("|")[0]], h.score) for h in hits]
        return [Neighbour(unit.topic, unit.demonstrator, score) for unit, score in units]

    return near


def macro_f1(wanted: Sequence[str], got: Sequence[str]) -> float:
    """Return the mean F1 over the classes that are wanted at least once."""
    scores = []
    for label in set(wanted):
        hit = sum(w == g == label for w, g in zip(wanted, got, strict=True))
        scores.append(2 * hit / (wanted.count(label) + got.count(label)) if hit else 0.0)
    return statistics.fmean(scores)


def understood(
    router: Router, examples: Sequence[Example], encoders: Encoders, use: str, near: Near | None = None
) -> tuple[list[Understanding], list[float]]:
    results, times = [], []
    for example in examples:
        text = tidy(example.question)
        vectors: dict[str, Vector] = {}
        if use in ("e5", "both") and encoders.e5 is not None:
            vectors["e5"] = encoders.e5.query(text)
        if use in ("use", "both") and encoders.use is not None:
            vectors["use"] = encoders.use.query(text)
        found = near(example) if near else ()
        start = time.perf_counter()
        results.append(router.understand(example.question, given=Given(), near=found, **vectors))
        times.append((time.perf_counter() - start) * 1000)
    return results, times


def score(examples: Sequence[Example], results: Sequence[Understanding]) -> dict[str, dict[str, float]]:
    table = {}
    for part in PARTS:
        wanted = [getattr(e, part) for e in examples]
        got = [getattr(u, part) for u in results]
        constant = Counter(wanted).most_common(1)[0][0]
        table[part] = {
            "accuracy": sum(w == g for w, g in zip(wanted, got, strict=True)) / len(wanted),
            "macro_f1": macro_f1(wanted, got),
            "constant_accuracy": wanted.count(constant) / len(wanted),
            "constant_macro_f1": macro_f1(wanted, [constant] * len(wanted)),
        }
    return table


def show(title: str, table: dict[str, dict[str, float]], count: int, times: Sequence[float]) -> None:
    print(f"\n{title}: {count} questions")
    print(f"{'':14}{'accuracy':>9}{'macro F1':>10}{'constant':>10}{'its F1':>8}")
    for part, row in table.items():
        print(
            f"{part:14}{row['accuracy']:9.3f}{row['macro_f1']:10.3f}{row['constant_accuracy']:10.3f}{row['constant_macro_f1']:8.3f}"
        )
    ordered = sorted(times)
    if ordered:
        print(
            f"beside the embedding and search: p50 {ordered[len(ordered) // 2]:.2f} ms, p95 {ordered[int(len(ordered) * 0.95)]:.2f} ms"
        )


def mistakes(examples: Sequence[Example], results: Sequence[Understanding]) -> None:
    for e, u in zip(examples, results, strict=True):
        wrong = [f"{p}: {getattr(e, p)} → {getattr(u, p)}" for p in PARTS if getattr(e, p) != getattr(u, p)]
        if wrong:
            print(f"  {e.question[:90]!r} {'; '.join(wrong)} [{u.reason}]")


def folds(training: Sequence[Example]) -> list[tuple[list[Example], list[Example]]]:
    """Split the learning part into five folds, by subject group for answered questions."""
    learning = [e for e in training if not held_out(e)]

    def fold(e: Example) -> int:
        return zlib.crc32(("fold" + (e.group if e.kind == "answer" else e.question)).encode()) % 5

    return [([e for e in learning if fold(e) != i], [e for e in learning if fold(e) == i]) for i in range(5)]


def developer_sample() -> list[Example]:
    shared = Path(os.environ.get("NORDLOTSE_SHARED", str(Path(__file__).parents[3] / "shared")))
    rows: list[dict[str, Any]] = []
    for line in (shared / "data/questions/for_developers.jsonl").read_text(encoding="utf-8").splitlines():
        rows.append(json.loads(line))
    return [
        Example(
            r["question"],
            r["lang"],
            r["topic"],
            KINDS.get(r["expected_behaviour"], r["expected_behaviour"]),
            r["demonstrator"],
        )
        for r in rows
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", action="store_true")
    parser.add_argument("--for-developers", action="store_true")
    parser.add_argument("--near", action="store_true", help="let the passages found nearby vote")
    parser.add_argument("--mistakes", action="store_true", help="list what was wrong (never with --for-developers)")
    parser.add_argument("--vectors", type=Path, help="file that keeps the question vectors between runs")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    encoders = load_encoders()
    store: VectorStore = FileVectors(args.vectors) if args.vectors else MemoryVectors()
    near = neighbours(encoders) if args.near else None
    training = load_training()
    out: dict[str, Any] = {"missing": encoders.missing}

    def run(
        title: str, learn: Sequence[Example], test: Sequence[Example], note: Callable[..., None] | None = None
    ) -> None:
        start = time.perf_counter()
        router = Router.train(learn, encoders, store)
        print(f"\ntrained on {len(learn)} questions in {time.perf_counter() - start:.1f} s")
        for use in ("both", "e5") if near else ("both", "e5", "use", "none"):
            results, times = understood(router, test, encoders, use, near)
            table = score(test, results)
            show(f"{title}, {use}", table, len(test), times)
            right = sum(e.lang == u.lang for e, u in zip(test, results, strict=True)) / len(test)
            print(f"language {right:.3f}")
            out[f"{title}/{use}"] = table
            if note is not None and use == "both":
                note(test, results)

    if args.folds:
        pooled: list[tuple[Example, Understanding]] = []
        for learn, test in folds(training):
            router = Router.train(learn, encoders, store)
            results, _ = understood(router, test, encoders, "both", near)
            pooled += zip(test, results, strict=True)
        tests, found = [p[0] for p in pooled], [p[1] for p in pooled]
        show("five folds, both", score(tests, found), len(tests), [])
        if args.mistakes:
            mistakes(tests, found)
    elif args.for_developers:
        run("sample for developers", training, developer_sample())
    else:
        learn, test = [e for e in training if not held_out(e)], [e for e in training if held_out(e)]
        run("held-out fifth", learn, test, mistakes if args.mistakes else None)
    if args.json:
        args.json.write_text(json.dumps(out, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
