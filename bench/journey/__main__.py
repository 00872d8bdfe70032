"""`make bench ROOM=journey`: 200 users, 1,000 registrations, 200 kills, long lists, counting; written to docs/benchmarks.md.

`python -m bench.journey PART …` runs only the named parts (load, event, kills, lists, counting) and writes only their sections anew.
"""

from __future__ import annotations

import sys

from bench import report

PARTS = {
    "load": "200 users at once",
    "event": "1,000 registrations at once for 100 places",
    "kills": "200 times kill -9 while people write",
    "lists": "List pages with 100,000 cases and 1,000,000 services",
    "counting": "Counting over 1,000,000 services",
}

TOLD = (
    "Every part runs on SQLite and on PostgreSQL, each in a folder of its own, against the server as an operator starts it (lists and "
    "counting: in one process, without it). The load comes from the same machine and takes its share of the cores."
)

if __name__ == "__main__":
    sys.exit(report.run("journey", PARTS, TOLD, sys.argv[1:]))
