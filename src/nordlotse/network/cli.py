"""`nordlotse network import`: partners, people and offers from a table."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any


def add_commands(commands: Any) -> None:
    """Add this room's commands."""
    network = commands.add_parser("network", help="partners, people and offers").add_subparsers(
        metavar="COMMAND", required=True
    )
    bring = network.add_parser("import", help="take over partners, people or offers from a CSV or XLSX table")
    bring.add_argument("file")
    bring.add_argument("--dry-run", action="store_true", help="tell what would change and change nothing")
    bring.add_argument("--lang", choices=("de", "en"), default="de")
    bring.add_argument("--json", action="store_true", help="print the report as JSON")
    bring.set_defaults(run=_import, needs="database")


def _import(called: argparse.Namespace) -> int:
    from nordlotse.network.actions.importing import import_file
    from nordlotse.network.intake.plan import State
    from nordlotse.network.intake.sheets import MAX_BYTES

    path = Path(called.file)
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    report = import_file(path.name, data, save=not called.dry_run)
    if called.json:
        sys.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False, indent=2) + "\n")
    else:
        for line in report.lines:
            if line.state != State.SAME:
                sys.stderr.write(f"{line.sheet}, {line.number}: {line.state.value} {line.label}\n")
            for problem in line.problems:
                where = f"{problem.where}: " if problem.where else ""
                sys.stderr.write(f"  {where}{problem.message(called.lang)} {problem.remedy_in(called.lang)}\n")
            for note in line.notes:
                sys.stderr.write(f"  {note.get(called.lang)}\n")
        for problem in report.refused:
            sys.stderr.write(f"{problem.where}: {problem.message(called.lang)} {problem.remedy_in(called.lang)}\n")
        counts = ", ".join(f"{state} {count}" for state, count in report.counts.items())
        sys.stderr.write(f"{counts}; {'saved' if report.saved else 'nothing saved'}\n")
    return 3 if report.refused or report.count(State.WRONG) else 0
