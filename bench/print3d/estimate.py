"""Time, material and error band of the estimate against recorded slices, and CPU beside the slicer run in the same minute.

The coefficients were fitted to parts of our own generator (see `fit_estimate`); none of the parts here was among them, so every
part is left out, STL and STEP alike.
"""

from __future__ import annotations

import time

import numpy as np

from bench.print3d.samples import Part, missing, parts, quantiles, rows
from nordlotse.print3d.core import slicer
from nordlotse.print3d.core.estimate import estimate
from nordlotse.print3d.core.profile import profile
from nordlotse.print3d.core.reading import read
from nordlotse.print3d.core.values import Estimate

PLA = profile("fdm-pla-0.2")
#: Every n-th part is sliced here and now to compare CPU under the same load.
EVERY = 4


def warm_cpu(part: Part) -> float:
    """Return the CPU seconds of reading and estimating a part, the least of three runs."""
    least = np.inf
    for _ in range(3):
        started = time.process_time()
        estimate(read(part.data, part.name, unit="mm", scale=part.scale).mesh, PLA)
        least = min(least, time.process_time() - started)
    return float(least)


def main() -> None:
    """Print the errors, the band's hold and the ratio of CPU."""
    if missing():
        return
    truth = {row["file"]: row for row in rows("ground_truth_prusaslicer.csv") if row["mode"] == "no_support"}
    found: list[tuple[Part, Estimate, float]] = []
    for part in parts():
        try:
            found.append((part, estimate(part.mesh, PLA), warm_cpu(part)))
        except Exception as problem:
            print(f"  FAILED {part.name}: {problem!r}")
    judged = [(part, e, cpu, truth[part.name]) for part, e, cpu in found if truth[part.name]["status"] == "ok"]
    seconds = np.array([float(t["print_time_s"]) for *_, t in judged])
    grams = np.array([float(t["filament_g"]) for *_, t in judged])
    guess, mass = np.array([e.time_s for _, e, *_ in judged]), np.array([e.filament_g for _, e, *_ in judged])
    print(f"{len(judged)} parts with a recorded slice of {len(found)} read")
    print(f"print time   {quantiles(guess / seconds - 1)}   (target 8 %, 25 %)")
    print(f"material     {quantiles(mass / grams - 1)}   (target 4 %, 12 %)")
    bands = (
        ("time", seconds, guess, [(e.time_low_s, e.time_high_s) for _, e, *_ in judged]),
        ("material", grams, mass, [(e.filament_low_g, e.filament_high_g) for _, e, *_ in judged]),
    )
    for name, true, value, ends in bands:
        low, high = np.array(ends).T
        width = np.median((high - low) / value)
        held = np.mean((low <= true) & (true <= high))
        print(f"band, {name}: holds {held:.0%} of parts (target 85-95 %), median full width {width:.0%} (target 50 %)")
    ratio = np.array([float(t["slicer_cpu_s"]) / cpu for _, _, cpu, t in judged])
    print(
        f"CPU with reading, warm: median {np.median([c for *_, c, _ in judged]) * 1000:.0f} ms; the slicer's recorded CPU is "
        f"{np.median(ratio):.0f} times that (median of ratios)"
    )
    _side_by_side(judged[::EVERY])
    worst = np.argsort(-np.abs(guess / seconds - 1))[:6]
    print(
        "largest errors in time: " + ", ".join(f"{judged[n][0].name} {guess[n] / seconds[n] - 1:+.0%}" for n in worst)
    )


def _side_by_side(judged: list[tuple[Part, Estimate, float, dict[str, str]]]) -> None:
    if slicer.program() is None:
        print("no slicer on PATH: CPU side by side not measured")
        return
    ratios = []
    for part, *_ in judged:
        exact = slicer.sliced(part.mesh, PLA).estimate
        ratios.append(exact.cpu_s / warm_cpu(part))
    print(
        f"side by side on {len(ratios)} parts: the slicer takes {np.median(ratios):.0f} times the CPU (median; "
        f"10th percentile {np.percentile(ratios, 10):.0f}, target 50)"
    )


if __name__ == "__main__":
    main()
