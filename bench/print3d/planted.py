"""Flaws planted at known places: is each found, under its code, within 1 mm, and is nothing else claimed?"""

from __future__ import annotations

import sys

import numpy as np

from bench.print3d.flaws import PLANTS, distance, planted, sound
from nordlotse.print3d.core.findings import topology_findings
from nordlotse.print3d.core.topology import topology

#: Parts for each code.
PARTS = 20


def main() -> int:
    """Print recall and precision per code."""
    claimed: dict[str, int] = dict.fromkeys(PLANTS, 0)
    right: dict[str, int] = dict.fromkeys(PLANTS, 0)
    far: dict[str, list[float]] = {code: [] for code in PLANTS}
    others: list[str] = []
    for code in PLANTS:
        for part in range(PARTS):
            flaw = planted(code, part)
            found = topology_findings(topology(flaw.mesh))
            for finding in found:
                claimed[finding.code] = claimed.get(finding.code, 0) + 1
                if finding.code != code:
                    others.append(f"{code} in part {part}: also {finding.code} at {np.round(finding.where, 1)}")
            near = [distance(flaw, f.where) for f in found if f.code == code]
            far[code].append(min(near, default=np.inf))
            right[code] += bool(near) and min(near) <= 1.0
    alarms = sum(bool(topology_findings(topology(sound(part)))) for part in range(PARTS))
    print(f"{'code':20s} {'recall':>7s} {'precision':>9s} {'farthest mm':>12s}   ({PARTS} parts each)")
    for code in PLANTS:
        print(
            f"{code:20s} {right[code] / PARTS:7.2f} {right[code] / max(claimed[code], 1):9.2f} {max(far[code]):12.3f}"
        )
    print(f"sound parts with any finding: {alarms} of {PARTS}")
    for line in others[:20]:
        print("  ", line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
