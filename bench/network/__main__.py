"""`make bench ROOM=network`: whether the right person is found, how fast a large batch is; written to docs/benchmarks.md."""

from __future__ import annotations

import sys

from bench import report

PARTS = {"matching": "Matching cases with people: the right one among the first three, and 1,000 cases at once"}

TOLD = (
    "The blind set was written and marked by others without sight of the taxonomy and of each other; weights were chosen on our own "
    "set alone. Targets: the right person among the first three in at least 85 % of the cases, printed beside random, topic-only and "
    "text-only matching; 1,000 cases with 500 people in less than 1 s."
)

if __name__ == "__main__":
    sys.exit(report.run("network", PARTS, TOLD, sys.argv[1:]))
