"""Support at 45°: time and support filament against recorded slices."""

from __future__ import annotations

import time

import numpy as np

from bench.print3d.samples import missing, parts, quantiles, rows
from nordlotse.print3d.core.estimate import estimate
from nordlotse.print3d.core.profile import profile

PLA = profile("fdm-pla-0.2")
#: Support shorter than this, in mm of filament, says nothing as a ratio.
LITTLE = 20.0


def main() -> None:
    """Print the errors of time and support filament."""
    if missing():
        return
    truth = {row["file"]: row for row in rows("ground_truth_prusaslicer.csv") if row["mode"] == "support45"}
    grams_per_mm = np.pi / 4 * PLA.values["diameter"] ** 2 * PLA.values["density"] / 1000
    time_errors, support_errors, none, cpu = [], [], [], []
    for part in parts():
        row = truth[part.name]
        if row["status"] != "ok":
            continue
        started = time.process_time()
        found = estimate(part.mesh, PLA, support=True)
        cpu.append(time.process_time() - started)
        true = float(row["support_filament_mm"])
        time_errors.append(found.time_s / float(row["print_time_s"]) - 1)
        if true >= LITTLE:
            support_errors.append(found.support_g / (true * grams_per_mm) - 1)
        else:
            none.append(found.support_g / grams_per_mm)
    print(f"{len(time_errors)} parts")
    print(f"print time with support   {quantiles(np.array(time_errors))}   (target 15 %)")
    print(
        f"support filament          {quantiles(np.array(support_errors))}   (target 25 %), {len(support_errors)} parts"
    )
    print(
        f"{len(none)} parts need less than {LITTLE:.0f} mm: we say {np.median(none):.0f} mm in the median, "
        f"{np.max(none):.0f} mm at most"
    )
    print(f"CPU without reading: median {np.median(cpu) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
