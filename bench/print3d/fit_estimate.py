"""Fit the estimate's coefficients anew to parts of our own generator, sliced here: `python -m bench.print3d.fit_estimate [NUMBER]`.

Prints lines for data/coefficients.yaml and the errors on parts left out (five folds). Slices are kept in build/bench. Coefficients are
drawn towards 1, which a perfect model would have, and to the two times of a move that were read from G-code; few large errors pull little.
"""

from __future__ import annotations

import json
import sys

import numpy as np

from bench.print3d.made_parts import made
from bench.print3d.samples import ROOT, quantiles
from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core import slicer
from nordlotse.print3d.core.estimate import parts
from nordlotse.print3d.core.mesh import Floats
from nordlotse.print3d.core.profile import profile

PLA = profile("fdm-pla-0.2")
KEPT = ROOT / "build" / "bench" / "print3d_made_parts.json"
TIMES = ("outer", "inner", "sparse", "solid", "top", "bridge", "skirt", "moves", "travel")
VOLUMES = TIMES[:7]
#: What is believed before any measurement.
PRIOR = np.array([1.0] * 7 + [0.31, 0.07])
#: How strongly, as a share of the data.
WEIGHT = 0.02


def truth(number: int, kept: dict[str, list[float] | None]) -> list[float] | None:
    """Return seconds and grams the slicer says of a made part, None where it refuses it."""
    key = str(number)
    if key not in kept:
        try:
            exact = slicer.sliced(made(number), PLA).estimate
            kept[key] = [exact.time_s, exact.filament_g]
        except BadInput as problem:
            print(f"  part {number}: {problem}")
            kept[key] = None
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        KEPT.write_text(json.dumps(kept), encoding="utf-8")
    return kept[key]


def fitted(model: Floats, true: Floats, prior: Floats) -> Floats:
    """Return coefficients of least relative error (n, k) → (k,), drawn towards `prior`, large errors weighing less."""
    rows = model / true[:, None]
    pull = WEIGHT * len(true) * np.diag((rows**2).mean(axis=0) + 1e-4)
    weight, found = np.ones(len(true)), prior
    for _ in range(15):
        heavy = rows * weight[:, None]
        found = np.linalg.solve(heavy.T @ rows + pull, heavy.sum(axis=0) + pull @ prior)
        weight = 1.0 / np.maximum(np.abs(rows @ found - 1.0), 0.04)
        weight /= weight.mean()
    return found


def _judged(name: str, model: Floats, true: Floats, prior: Floats) -> Floats:
    errors = np.zeros(len(true))
    fold = np.arange(len(true)) % 5
    for n in range(5):
        errors[fold == n] = model[fold == n] @ fitted(model[fold != n], true[fold != n], prior) / true[fold == n] - 1
    print(f"# {name}, parts left out: {quantiles(errors)}")
    return fitted(model, true, prior)


def main() -> None:
    """Slice, fit, print."""
    if slicer.program() is None:
        print("no slicer on PATH: not fitted")
        return
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.is_file() else {}
    times, volumes, seconds, cubic = [], [], [], []
    for number in range(int(sys.argv[1]) if len(sys.argv) > 1 else 100):
        true = truth(number, kept)
        if true is None:
            continue
        found = parts(made(number), PLA)
        times.append([found.seconds[name] for name in TIMES])
        volumes.append([found.volume[name] for name in VOLUMES])
        seconds.append(true[0])
        cubic.append(true[1] * 1000.0 / PLA.values["density"])
    print(f"# {len(seconds)} parts")
    for name, value in zip(TIMES, _judged("time", np.array(times), np.array(seconds), PRIOR), strict=True):
        print(f"    time_{name}: {value:.3f}")
    for name, value in zip(VOLUMES, _judged("volume", np.array(volumes), np.array(cubic), np.ones(7)), strict=True):
        print(f"    volume_{name}: {value:.3f}")


if __name__ == "__main__":
    main()
