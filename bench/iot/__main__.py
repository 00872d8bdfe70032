"""`make bench ROOM=iot`: taking in, charting, keeping and judging machine values, beside their peers; written to docs/benchmarks.md.

`python -m bench.iot PART …` runs only the named parts and writes only their sections anew. Each part can be run alone, shorter:
`python -m bench.iot.PART --help`; in the whole run by NORDLOTSE_BENCH_SECONDS, _MINUTES, _DAYS, _MB, _ROWS. NORDLOTSE_BENCH_DIR says on which
disk.
"""

from __future__ import annotations

import sys

from bench import report

PARTS = {
    "throughput": "Publications of one value, kept safe, beside mosquitto → paho → SQLite",
    "bulk": "Files taken in at once",
    "year": "A year at 1 Hz: chart and bytes, beside DuckDB and PostgreSQL",
    "live": "From a publication to the newest value on the screen",
    "recovery": "A start with 1 GB of log to work in",
    "memory": "Memory of the ingest at full load",
    "anomalies": "Anomalies on SKAB and NAB",
    "states": "Machine states against a simulator",
}

TOLD = (
    "Load, server and peers share the machine's cores. Only ratios within one run count; each part names the file system and what syncing "
    "costs on it. SKAB and NAB come from a folder beside the checkout."
)

if __name__ == "__main__":
    sys.exit(report.run("iot", PARTS, TOLD, sys.argv[1:]))
