"""`nordlotse iot anomalies FILE.csv --train-rows N`: unusual rows, alarms and the sensors that cause them."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any


def add_commands(commands: Any) -> None:
    """Add `anomalies` to the room's commands."""
    made = commands.add_parser("anomalies", help="unusual rows of a CSV of signals, learnt from its first good rows")
    made.add_argument("file", metavar="FILE.csv", help="a column per signal, names in the first line; - for stdin")
    made.add_argument("--train-rows", metavar="N", type=int, required=True, help="rows from the start that were good")
    made.add_argument("--time", metavar="COL", help="the column of times; found by itself where its name says so")
    made.add_argument("--json", action="store_true", help="print as JSON")
    made.add_argument("--lang", choices=("de", "en"), default="de", help="language of the sentences")
    made.set_defaults(run=run_anomalies)


def run_anomalies(called: argparse.Namespace) -> int:
    """Print rows, alarms, notices and the columns left out; 0 also where there are alarms.

    Raises:
        BadInput, TooLarge: the file cannot be used.
    """
    from nordlotse.iot.core.anomaly.answer import answer
    from nordlotse.iot.core.anomaly.table import MAX_BYTES, read_table

    found = answer(read_table(_bytes(called.file, MAX_BYTES), called.file, called.time), called.train_rows)
    for one in found["left_out"]:
        sys.stderr.write(f"left out: {one['column']} ({one['reason']})\n")
    if called.json:
        sys.stdout.write(json.dumps(found, ensure_ascii=False, allow_nan=False) + "\n")
        return 0
    _print(found, german=called.lang == "de")
    return 0


def _print(found: dict[str, Any], german: bool) -> None:
    alarms = found["alarms"]
    rows, learnt = len(found["rows"]), found["train_rows"]
    sys.stdout.write(
        f"{len(alarms)} Alarme in {rows - learnt} Zeilen, gelernt aus {learnt} Zeilen.\n"
        if german
        else f"{len(alarms)} alarms in {rows - learnt} rows, learnt from {learnt} rows.\n"
    )
    for alarm in alarms:
        begin, end = alarm["begin"] or alarm["first_row"], alarm["end"] or alarm["last_row"]
        causes = ", ".join(
            f"{reason['sensor']} {reason['seen']:g} ({'üblich' if german else 'usual'} {reason['usual']:g}, {reason['share']:.0%})"
            for reason in alarm["reasons"]
        )
        sys.stdout.write(f"  {begin} – {end}: {causes}\n")
    for notice in found["notices"]:
        sys.stdout.write(f"  {notice['kind']}: {notice['sensor']} {notice['time'] or notice['row']}\n")


def _bytes(name: str, most: int) -> bytes:
    """A file's bytes, at most one more than `most`, so that a huge file is refused without being read."""
    if name == "-":
        return sys.stdin.buffer.read(most + 1)
    with Path(name).open("rb") as file:
        return file.read(most + 1)
