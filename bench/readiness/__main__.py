"""`make bench ROOM=readiness`: golden vectors, population, plan, questionnaire, load, words; written to docs/benchmarks.md.

`python -m bench.readiness PART …` runs only the named parts and writes only their sections anew.
"""

from __future__ import annotations

import sys

from bench import report

PARTS = {
    "golden": "Golden vectors of DMA and IMPULS",
    "population": "Synthetic population against the published distribution",
    "plan": "The plan against brute force",
    "questionnaire": "Answer sets a second",
    "load": "500 companies answering at once",
    "words": "Words, reading ease and time of the questions",
}

TOLD = (
    "Scores are exact fractions; figures are compared as printed in the readiness facts. The load comes from the same machine and takes "
    "its share of the cores."
)

if __name__ == "__main__":
    sys.exit(report.run("readiness", PARTS, TOLD, sys.argv[1:]))
