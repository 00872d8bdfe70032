"""`make bench ROOM=answers`: every measurement of the room, us and the peers in one run, written to docs/benchmarks.md.

`python -m bench.answers PART …` runs only the named parts (retrieval, sentences, refusal, routing, shown, latency, throughput) and
writes only their sections anew.
"""

from __future__ import annotations

import sys

from bench import report

PARTS = {
    "retrieval": "Finding passages: us and the peers (nDCG@10, pool D)",
    "sentences": "The sentence that answers, end to end (as `ask` composes it)",
    "refusal": "Refusing what is not there, and calibration",
    "routing": "Understanding a question before retrieval (held-out fifth of the training questions)",
    "shown": "Answers as shown: facts, kind, topic, demonstrator; traps",
    "latency": "Time and memory of one question (ranking and composing; what `ask` takes under load is under requests per second)",
    "throughput": "Requests per second on two cores",
}

TOLD = (
    "The text and retrieval sets are licensed for use beside the product, not in it (XQuAD CC BY-SA 4.0, OMoS-QA CC BY 4.0); without "
    "them the parts that need them say so."
)

if __name__ == "__main__":
    sys.exit(report.run("answers", PARTS, TOLD, sys.argv[1:]))
