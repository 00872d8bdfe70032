"""Matching of cases with people: is the right person among the first three, and how fast is a large batch.

    python -m bench.network.matching               both sets, all methods, speed
    python -m bench.network.matching --own         only our own development set (for choosing weights)
    python -m bench.network.matching --misses      also names the cases that were missed (never used on the blind set to tune)

The blind set (bench/data/network/{people,cases,marks}.jsonl) was written by others without sight of the taxonomy and of each
other; suitable people were marked blind as well. Weights were chosen on own_*.jsonl alone.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nordlotse.answers.core.dense import Encoder, load_encoders
from nordlotse.foundation.districts import districts, find
from nordlotse.network.core import Embed, Expert, Need, assign, need_vectors, profile_vectors
from nordlotse.network.core.limits import FREE, barred
from nordlotse.network.core.ports import Matrix
from nordlotse.network.core.scoring import WEIGHTS, Weights, compare
from nordlotse.network.core.taxonomy import taxonomy

DATA = Path(__file__).parent.parent / "data" / "network"
FIRST = 3
ROUNDS = 2000


@dataclass(frozen=True, slots=True)
class Marked:
    """A set of needs and people with the people marked as suitable for each need."""

    name: str
    experts: list[Expert]
    needs: list[Need]
    suitable: dict[str, frozenset[str]]
    best: dict[str, str]


def _rows(name: str) -> list[dict[str, object]]:
    path = DATA / name
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()] if path.exists() else []


def _district(row: dict[str, object]) -> str:
    found = find(str(row.get("place", "")))
    return found.key if found else ""


def _expert(row: dict[str, object]) -> Expert:
    languages = row.get("languages", ["de", "en"])
    assert isinstance(languages, list)
    return Expert(
        id=str(row["id"]),
        partner=str(row.get("organisation", "")),
        state=str(row.get("state", "")),
        district=_district(row),
        place=str(row.get("place", "")),
        languages=frozenset(str(lang)[:2].lower() for lang in languages),
        text=str(row.get("profile", row.get("text", ""))),
    )


def _need(row: dict[str, object]) -> Need:
    return Need(
        id=str(row["id"]),
        state=str(row.get("state", "")),
        district=_district(row),
        language=str(row.get("language", "de"))[:2].lower(),
        text=" ".join(str(row[key]) for key in ("text", "sector") if row.get(key)),
    )


def read(own: bool) -> Marked | None:
    """Read the development set or the blind set; None when the blind one is not there.

    A case for which nobody was marked as suitable cannot be judged and is left out.
    """
    people, cases = (_rows(f"own_{n}.jsonl" if own else f"{n}.jsonl") for n in ("people", "cases"))
    marks = cases if own else _rows("marks.jsonl")
    if not marks:
        return None
    key = "id" if own else "case"
    return Marked(
        f"{'own' if own else 'blind'} ({len(people)} people, {len(marks)} cases)",
        [_expert(row) for row in people],
        [_need(row) for row in cases],
        {str(row[key]): frozenset(row["suitable"]) for row in marks if row["suitable"]},  # type: ignore[arg-type, call-overload]
        {str(row[key]): str(row["best"]) for row in marks if row["suitable"]},
    )


def plug(*encoders: Encoder) -> Embed:
    """Put one or several encoders behind the port of the network: their vectors side by side, each an equal share."""

    def embed(texts: Sequence[str]) -> Matrix:
        own = [np.stack([e.query(text) for text in texts]) for e in encoders]
        return np.concatenate(own, axis=1) / np.float32(len(own) ** 0.5)

    return embed


def with_vectors(marked: Marked, embed: Embed) -> Marked:
    """Return the set with vectors for every need and profile."""
    people = profile_vectors([e.text for e in marked.experts], embed)
    asked = need_vectors([n.text for n in marked.needs], embed)
    return replace(
        marked,
        experts=[replace(e, vectors=v) for e, v in zip(marked.experts, people, strict=True)],
        needs=[replace(n, vectors=v) for n, v in zip(marked.needs, asked, strict=True)],
    )


@dataclass(frozen=True, slots=True)
class Found:
    """Shares of needs: somebody suitable among the first three, the best among them, the best at the top."""

    suitable: float
    best: float
    top: float
    missed: tuple[str, ...] = ()


def judged(marked: Marked, scores: np.ndarray) -> Found:
    """Rank by score within the hard limits, which hold for every method alike."""
    bars = barred(marked.needs, marked.experts)
    ids = [e.id for e in marked.experts]
    hits: list[tuple[bool, bool, bool]] = []
    missed = []
    for i, need in enumerate(marked.needs):
        if need.id not in marked.suitable:
            continue
        allowed = [j for j in range(len(ids)) if bars[i, j] == FREE]
        first = [ids[j] for j in sorted(allowed, key=lambda j: (-scores[i, j], ids[j]))[:FIRST]]
        right = marked.suitable[need.id] | {marked.best[need.id]}
        hits.append((bool(right & set(first)), marked.best[need.id] in first, first[:1] == [marked.best[need.id]]))
        if not hits[-1][0]:
            missed.append(f"{need.id}: {' '.join(first)} instead of {' '.join(sorted(right))}")
    columns = [statistics.fmean(column) for column in zip(*hits, strict=True)]
    return Found(columns[0], columns[1], columns[2], tuple(missed))


def by_chance(marked: Marked) -> Found:
    """Mean of many random rankings."""
    rng = np.random.default_rng(4)
    shape = (len(marked.needs), len(marked.experts))
    rounds = [judged(marked, rng.random(shape)) for _ in range(ROUNDS // 20)]
    return Found(*(statistics.fmean(getattr(r, part) for r in rounds) for part in ("suitable", "best", "top")))


def table(marked: Marked, weights: Weights = WEIGHTS, misses: bool = False) -> None:
    """Print every method beside ours."""
    plain = compare(marked.needs, marked.experts, weights)
    encoders = load_encoders()
    methods: list[tuple[str, Callable[[], Found]]] = [
        ("random", lambda: by_chance(marked)),
        ("topic only (tags found in the text)", lambda: judged(marked, plain.parts["tags"])),
        ("text only, words", lambda: judged(marked, plain.parts["words"])),
        ("ours without an encoder", lambda: judged(marked, plain.score)),
    ]
    loaded = [e for e in (encoders.e5, encoders.use) if e is not None]
    for group in [[e] for e in loaded] + ([loaded] if len(loaded) > 1 else []):
        full = with_vectors(marked, plug(*group))
        compared = compare(full.needs, full.experts, weights)
        name = " + ".join(e.name.split("-")[0] + "-" + e.name.split("-")[1] for e in group)
        methods.append((f"text only, vectors ({name})", lambda c=compared: judged(marked, c.parts["vectors"])))  # type: ignore[misc]
        methods.append((f"ours with {name}", lambda c=compared: judged(marked, c.score)))  # type: ignore[misc]
    print(f"\n{marked.name}: share of cases\n{'':58}{'suitable':>10}{'best':>10}{'best':>10}{'  × random':>11}")
    print(f"{'':58}{'in first 3':>10}{'in first 3':>10}{'first':>10}")
    base = 0.0
    for name, run in methods:
        found = run()
        base = base or found.suitable
        print(f"{name:58}{found.suitable:10.3f}{found.best:10.3f}{found.top:10.3f}{found.suitable / base:11.1f}")
        if misses and name.startswith("ours"):
            print("\n".join(f"    {line}" for line in found.missed))


def invented(needs: int, experts: int, dim: int = 384) -> tuple[list[Need], list[Expert]]:
    """Needs and people of random taxonomy words with three and five sentences' vectors, for the clock only."""
    rng, noise = random.Random(7), np.random.default_rng(7)
    words = [word.strip("*") for tag in taxonomy() for word in tag.words]
    keys = [(d.state.value, d.key) for d in districts()]

    def text(sentences: int) -> str:
        return " ".join(" ".join(rng.choices(words, k=9)).capitalize() + "." for _ in range(sentences))

    def vectors(rows: int) -> Matrix:
        drawn = noise.standard_normal((rows, dim)).astype(np.float32)
        unit: Matrix = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
        return unit

    people = []
    for i in range(experts):
        state, key = rng.choice(keys)
        bound = frozenset({state}) if i % 4 == 0 else frozenset()
        people.append(
            Expert(
                f"p{i}",
                f"q{i % 21}",
                state,
                key,
                states=bound,
                capacity=4,
                capacity_left=rng.randrange(0, 5),
                on_leave=i % 11 == 0,
                neutral=i % 3 > 0,
                text=text(5),
                vectors=vectors(6),
            )
        )
    asked = []
    for i in range(needs):
        state, key = rng.choice(keys)
        asked.append(
            Need(
                f"c{i}",
                state,
                key,
                needs_neutral=i % 5 == 0,
                company=f"k{i}",
                excluded=frozenset({f"p{i % experts}"}),
                text=text(3),
                vectors=vectors(1),
            )
        )
    return asked, people


def clock(needs: int = 1000, experts: int = 500) -> None:
    """Print seconds of one batch: first with texts the process has never seen, then again."""
    asked, people = invented(needs, experts)
    print(f"\n{needs} cases x {experts} people, with vectors (384 numbers, 1 row a case, 6 a person):")
    for label in ("first time, all texts new", "again, texts known", "again, texts known"):
        started, worked = time.perf_counter(), time.process_time()
        plan = assign(asked, people)
        seconds, cpu = time.perf_counter() - started, time.process_time() - worked
        print(
            f"  {label:28}{seconds:6.2f} s ({cpu:.2f} s of processor)   assigned {len(plan.proposals)}, referred {len(plan.unassigned)}"
        )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--own", action="store_true")
    parser.add_argument("--misses", action="store_true")
    called = parser.parse_args()
    for own in (True,) if called.own else (True, False):
        marked = read(own)
        if marked is None:
            print("\nthe blind set is not there")
            continue
        table(marked, misses=called.misses and own)
    clock()


if __name__ == "__main__":
    main()
