"""`nordlotse iot login`: logins of machines, made, listed and removed, also while `serve` runs."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from typing import Any


def add_commands(commands: Any) -> None:
    """Add `login` to the room's commands."""
    login = commands.add_parser("login", help="logins of machines: make, list, remove")
    made = login.add_subparsers(metavar="WHAT", required=True)
    add = made.add_parser("add", help="make a login; the password is shown once")
    add.add_argument("--machine", default="", help="the only machine it may send and see (all of the company's)")
    add.set_defaults(run=_add)
    show = made.add_parser("list", help="the logins of a company")
    show.set_defaults(run=_list)
    remove = made.add_parser("remove", help="remove a login; who is connected with it is sent away")
    remove.add_argument("user", metavar="USER")
    remove.set_defaults(run=_remove)
    for command in (add, show, remove):
        command.add_argument("--company", default="local", help="whose machines (local)")
        command.add_argument("--data", metavar="DIR", help="data folder ($NORDLOTSE_DATA_DIR/iot)")
        command.add_argument("--json", action="store_true", help="print as JSON")


def _told(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def _add(called: argparse.Namespace) -> int:
    from nordlotse.iot.cli import data_folder
    from nordlotse.iot.core import logins

    user, password = logins.add(data_folder(called.data), called.company, called.machine)
    if called.json:
        _told({"user": user, "password": password, "company": called.company, "machine": called.machine})
    else:
        sys.stdout.write(f"user {user}\npassword {password}\n")
        sys.stderr.write("Nordlotse does not keep the password: note it now.\n")
    return 0


def _list(called: argparse.Namespace) -> int:
    from nordlotse.iot.cli import data_folder
    from nordlotse.iot.core import logins

    found = logins.listed(data_folder(called.data), called.company)
    rows = [
        {
            "user": one.user,
            "machine": one.machine,
            "created": datetime.fromtimestamp(one.created, UTC).isoformat(timespec="seconds"),
        }
        for one in found
    ]
    if called.json:
        _told(rows)
    else:
        for row in rows:
            sys.stdout.write(f"{row['user']}\t{row['machine'] or '(all machines)'}\t{row['created']}\n")
    return 0


def _remove(called: argparse.Namespace) -> int:
    from nordlotse.iot.cli import data_folder
    from nordlotse.iot.core import logins

    logins.remove(data_folder(called.data), called.user)
    if called.json:
        _told({"removed": called.user})
    return 0
