"""The golden vectors of the readiness facts through answers, their total against the printed one, the gain table, and the speed.

python -m bench.readiness.golden
"""

from __future__ import annotations

import statistics
import time
from fractions import Fraction
from typing import Any

from nordlotse.readiness.core import catalogue
from nordlotse.readiness.core.assess import assess, read_document
from nordlotse.readiness.core.scoring import steps

A = [4, 3, 5, 7, [1, 0, 5, 3, 2, 0, 1], 3, 4, 4, 3, [0, 1, 0, 2, 3], 3, [0, 1, 2, 0, 1]]
B = [2, 1, 2, 4, [0, 0, 5, 0, 0, 0, 0], 1, 2, 2, 2, [0, 0, 0, 0, 1], 1, [0, 0, 1, 0, 1]]
EMPTY = [0, 0, 0, 0, [0] * 7, 0, 0, 0, 0, [0] * 5, 0, [0] * 5]
FULL = [10, 10, 10, 10, [5] * 7, 7, 8, 8, 6, [5] * 5, 10, [2] * 5]
ONE = {"S": [1, 1, 2], "F": [1, 1, 2, 3], "O": [5, 5, 5, 1], "P": [0, 0], "D": [0, 0, 0], "M": [2, 3]}
TWO = {"S": [2, 2, 2], "F": [3, 2, 2, 2], "O": [2, 2, 2, 2], "P": [1, 1], "D": [0, 0, 0], "M": [3, 3]}

#: Case, model, short form, dimensions and total as printed, level.
CASES: list[tuple[str, str, Any, str, str, str]] = [
    ("DMA empty", "dma", EMPTY, "0.00 0.00 0.00 0.00 0.00 0.00", "0.00", "basic"),
    ("DMA full", "dma", FULL, "100.00 100.00 100.00 100.00 100.00 100.00", "100.00", "advanced"),
    ("DMA A", "dma", A, "40.00 52.14 46.43 50.00 24.00 35.00", "41.26", "average"),
    ("DMA B", "dma", B, "16.67 27.14 19.64 29.17 4.00 15.00", "18.60", "basic"),
    ("IMPULS 1", "impuls", ONE, "1.00 1.00 1.00 0.00 0.00 2.00", "0.85", "1"),
    ("IMPULS 2", "impuls", TWO, "2.00 2.00 2.00 1.00 0.00 3.00", "1.71", "2"),
]

#: Gain in the total of one more step (readiness facts, section 2).
GAINS = {
    "security": "1.389",
    "skill": "1.190",
    "staff": "1.042",
    "data": "1.042",
    "basic": "0.833",
    "green_uses": "0.833",
    "env_energy": "0.833",
    "vision": "0.667",
    "plan": "0.556",
    "vr": "0.238",
}
ROUNDS = 300
TARGET_MS = 5.0


def _printed(value: Fraction | None) -> str:
    return "open" if value is None else f"{float(value):.2f}"


def main() -> None:
    """Print the tables."""
    print(f"{'case':<10} {'dimensions':<44} {'total':>7} {'printed':>8} {'level':<10} exact")
    wrong = 0
    for name, model, short, dimensions, total, level in CASES:
        found = assess(read_document({model: short})).scores[model]
        values = " ".join(_printed(part.value) for part in found.dimensions)
        band = found.total.band.key if found.total.band else "open"
        same = (values, _printed(found.total.value), band) == (dimensions, total, level)
        wrong += not same
        print(
            f"{name:<10} {values:<44} {_printed(found.total.value):>7} {total:>8} {band:<10} {'yes' if same else 'NO'}"
        )
    print(f"\n{'one more step of':<18} {'gain':>7} {'printed':>8}")
    answers = assess(read_document({"dma": B})).filled.answers
    gains = {step.leaf.id: step.gain for step in steps(catalogue.shipped_models()["dma"], answers)}
    for item, printed in GAINS.items():
        found_gain = f"{float(gains[item]):.3f}"
        wrong += found_gain != printed
        print(f"{item:<18} {found_gain:>7} {printed:>8}")
    print(f"\nnot exact: {wrong} of {len(CASES) + len(GAINS)} (target: 0)")
    _speed()


def _speed() -> None:
    full = read_document({"dma": A})
    full |= {
        q.question: "2"
        for q in catalogue.shipped_models()["impuls"].leaves()
        if q.question not in full and not q.several
    }
    waited, worked = [], []
    for _ in range(ROUNDS):
        started, busy = time.perf_counter(), time.thread_time()
        assess(full)
        waited.append((time.perf_counter() - started) * 1000)
        worked.append((time.thread_time() - busy) * 1000)
    print(
        f"three models scored from one answer set, with blocking items and trace, {ROUNDS} rounds (target: {TARGET_MS:.0f} ms): "
        f"median {statistics.median(worked):.1f} ms of processor, {statistics.median(waited):.1f} ms by the clock, "
        f"fastest {min(waited):.1f} ms"
    )


if __name__ == "__main__":
    main()
