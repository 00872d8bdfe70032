"""`nordlotse programmes`: who pays for this?"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from typing import Any, cast

from nordlotse.foundation import records as dated
from nordlotse.funding import core


def add_commands(commands: Any) -> None:
    """Add this room's commands."""
    programmes = commands.add_parser("programmes", help="funding programmes with their state today")
    programmes.add_argument("--state", help="HH, SH or MV")
    programmes.add_argument("--employees", type=int, help="number of employees")
    programmes.add_argument("--sector", help="industry, craft, trade, services, logistics, tourism …")
    programmes.add_argument("--purpose", help="advice, investment, research, training, loan, support")
    programmes.add_argument("--started", choices=("yes", "no"), help="has the project begun?")
    programmes.add_argument("--lang", choices=("de", "en"), default="de")
    programmes.add_argument("--json", action="store_true", help="print as JSON")
    programmes.set_defaults(run=_programmes)


def _programmes(called: argparse.Namespace) -> int:
    applicant = core.parse_applicant(
        state=called.state,
        employees=called.employees,
        sector=called.sector,
        purpose=called.purpose,
        already_started={"yes": True, "no": False}.get(called.started or ""),
    )
    found = core.as_dict(core.find(applicant, date.today(), dated.read_records().records), called.lang)
    if called.json:
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
        return 0
    for group in ("open", "unknown", "ended"):
        rows = cast("list[dict[str, Any]]", found[group])
        sys.stdout.write(f"\n== {group}\n")
        for row in rows:
            sys.stdout.write(f"\n{row['name']}  [{row['eligible']}]\n")
            sys.stdout.writelines(f"  {sentence}\n" for sentence in row["sentences"])
            sys.stdout.write(f"  {row['office']['name']} {row['office']['url']} ({row['checked_on']})\n")
    return 0
