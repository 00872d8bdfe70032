"""Passage search on pool D, us and the peers in one run: `python -m bench.answers.retrieval`.

Factors were fitted on the training part (OMoS train, half of XQuAD even); "rest" is what was not fitted on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.answers.peers import Search, all_peers
from bench.answers.sets import PoolD, QuestionSet, rows
from bench.answers.stage import bench_store, gains, paired_interval, remembering_encoders, write_result
from nordlotse.answers.core.analysis import surface_words
from nordlotse.answers.core.decompound import Decompounder, may_be_part
from nordlotse.answers.core.ranking import Index, Passage

TARGETS = {"XQuAD-de": 0.91, "XQuAD en->de": 0.87, "OMoS-de": 0.69, "OMoS en->de": 0.485}
SPELLINGS = ("typo", "ae", "noumlaut", "upper")


def _scored(search: Search, asked: QuestionSet) -> tuple[NDArray[np.float64], float]:
    """Return (nDCG@10 a question, median milliseconds a question)."""
    values, spent = [], []
    for question in asked.questions:
        start = time.perf_counter()
        found = search(question.text)
        spent.append((time.perf_counter() - start) * 1000)
        values.append(gains(found, question.gold))
    return np.array(values), float(np.median(spent))


def _ours(index: Index) -> Search:
    return lambda question: [hit.passage.id for hit in index.rank(question, 10).hits]


def compare() -> dict[str, Any]:
    """Score us and the peers on the four question sets; print the table as it grows."""
    store = bench_store()
    encoders = remembering_encoders(store)
    pool = PoolD()
    index = Index.build(pool.passages, encoders, store).embed_rest()
    if encoders.e5 is None:
        raise SystemExit("E5 is missing")
    engines = {"Nordlotse": _ours(index), **all_peers(pool.passages, encoders.e5, store)}
    result: dict[str, Any] = {}
    print(f"{'nDCG@10 on pool D':22}{'all':>8}{'fitted':>8}{'rest':>8}{'ratio':>8}   ours minus theirs (95 %)")
    for asked in pool.sets:
        training = np.array([question.training for question in asked.questions])
        for question in asked.questions:  # embed first, so that the times below are ranking alone
            index.rank(question.text, 1)
        ours = np.zeros(0)
        result[asked.name] = {"target": TARGETS[asked.name]}
        print(f"-- {asked.name}, {len(asked.questions)} questions, target {TARGETS[asked.name]}")
        for name, search in engines.items():
            values, spent = _scored(search, asked)
            ours = values if name == "Nordlotse" else ours
            row: dict[str, Any] = {
                "all": float(values.mean()),
                "fitted": float(values[training].mean()),
                "rest": float(values[~training].mean()),
                "ms_without_embedding": spent,
                "ratio": float(ours.mean() / values.mean()),
            }
            line = f"{name:22}{row['all']:8.3f}{row['fitted']:8.3f}{row['rest']:8.3f}{row['ratio']:8.2f}"
            if name != "Nordlotse":
                low, high = row["interval"] = paired_interval(ours, values)
                line += f"   {low:+.3f} … {high:+.3f}"
            print(line, flush=True)
            result[asked.name][name] = row
    return result


def _split_compounds(paragraphs: list[Passage]) -> Callable[[str], str]:
    """Return a function that takes the compounds of a question apart ("Wartungsvertrag" → "Wartungs vertrag")."""
    counts: dict[str, int] = {}
    for passage in paragraphs:
        for word in surface_words(passage.indexed):
            if may_be_part(word):
                counts[word] = counts.get(word, 0) + 1
    split = Decompounder(counts)

    def apart(question: str) -> str:
        words = []
        for word in question.split():
            bare = word.strip(".,;:!?\"'„“()")
            parts = split(bare.lower())
            if len(parts) > 1 and bare.lower().endswith(parts[-1]):
                head = bare[: len(bare) - len(parts[-1])]
                words.append(word.replace(bare, f"{head} {parts[-1]}"))
            else:
                words.append(word)
        return " ".join(words)

    return apart


def robustness() -> dict[str, dict[str, float]]:
    """Score spellings of 145 questions on the 120 paragraphs against the plain spelling of the same questions."""
    store = bench_store()
    encoders = remembering_encoders(store)
    paragraphs = [Passage(row["id"], row["title"], row["text"]) for row in rows("xquad_de.passages.jsonl")]
    search = _ours(Index.build(paragraphs, encoders, store).embed_rest())
    spelt: dict[str, list[dict[str, Any]]] = {}
    for row in rows("xquad_de.robustness.jsonl"):
        spelt.setdefault(row["kind"], []).append(row)
    apart = _split_compounds(paragraphs)
    changed = [row | {"q": apart(row["q"])} for row in spelt["orig"]]
    plain_text = {row["id"]: row["q"] for row in spelt["orig"]}
    spelt["compounds apart"] = [row for row in changed if row["q"] != plain_text[row["id"]]]
    plain = {row["id"]: gains(search(row["q"]), frozenset(row["gold"])) for row in spelt["orig"]}
    found = {}
    print(f"{'spelling':22}{'nDCG@10':>8}{'plain':>8}{'ratio':>8}{'questions':>11}")
    for kind in (*SPELLINGS, "compounds apart"):
        asked = [row for row in spelt[kind] if row["has_umlaut"] or kind not in ("ae", "noumlaut")]
        value = float(np.mean([gains(search(row["q"]), frozenset(row["gold"])) for row in asked]))
        base = float(np.mean([plain[row["id"]] for row in asked]))
        found[kind] = {"ndcg": value, "plain": base, "ratio": value / base, "questions": len(asked)}
        print(f"{kind:22}{value:8.3f}{base:8.3f}{value / base:8.3f}{len(asked):11}", flush=True)
    return found


def main() -> dict[str, Any]:
    """Run both parts and write build/bench/retrieval.json."""
    result = {"pool_d": compare(), "robustness": robustness()}
    print(write_result("retrieval", result))
    return result


if __name__ == "__main__":
    main()
