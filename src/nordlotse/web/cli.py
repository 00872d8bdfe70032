"""`nordlotse start | worker | backup | restore | admin`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def add_commands(commands: Any) -> None:
    """Add the commands of the outer wall."""
    start = commands.add_parser("start", help="start everything and print the address")
    start.set_defaults(run=_start, needs="django")
    worker = commands.add_parser("worker", help="run the background worker alone")
    worker.set_defaults(run=_worker, needs="database")
    backup = commands.add_parser("backup", help="write a backup, also while running")
    backup.add_argument("file", nargs="?", help="where to (data folder if not given)")
    backup.set_defaults(run=_backup, needs="installation")
    restore = commands.add_parser("restore", help="put a backup in place; what was there is kept beside it")
    restore.add_argument("file")
    restore.set_defaults(run=_restore, needs="folder")
    admin = commands.add_parser("admin", help="accounts of staff").add_subparsers(metavar="COMMAND", required=True)
    link = admin.add_parser("link", help="print a fresh one-time sign-in link")
    link.add_argument("user", nargs="?", help="user name (the administrator if not given)")
    link.set_defaults(run=_link, needs="installation")
    factor = admin.add_parser("reset-factor", help="remove a person's second factors and password, end all sessions")
    factor.add_argument("user")
    factor.set_defaults(run=_reset_factor, needs="installation")
    editor = admin.add_parser("add", help="add a member of staff and print a sign-in link")
    editor.add_argument("user")
    editor.add_argument("--administrator", action="store_true", help="may also change who runs the centre")
    editor.set_defaults(run=_add, needs="installation")


def _start(called: argparse.Namespace) -> int:
    from nordlotse.web.start import start

    return start(_say)


def _worker(called: argparse.Namespace) -> int:
    from nordlotse.web.worker import main

    return main()


def _backup(called: argparse.Namespace) -> int:
    from nordlotse.web.backup import backup

    sys.stdout.write(f"{backup(Path(called.file) if called.file else None)}\n")
    return 0


def _restore(called: argparse.Namespace) -> int:
    from django.conf import settings

    from nordlotse.web import accounts, database
    from nordlotse.web.backup import restore
    from nordlotse.web.start import lock

    with lock(settings.CONFIGURATION.data_dir):
        manifest = restore(Path(called.file))
        accounts.end_everything()
        database.migrate()
    _say(f"restored into {settings.CONFIGURATION.data_dir}; what was there is kept in its folder `replaced`")
    _say(f"restored: backup of {manifest['made_at']}, {sum(manifest['rows'].values())} rows; everybody signs in anew")
    return 0


def _link(called: argparse.Namespace) -> int:
    from django.conf import settings

    from nordlotse.web import accounts

    user = accounts.person(called.user) if called.user else accounts.administrator()
    sys.stdout.write(f"{settings.CONFIGURATION.public_url}{accounts.new_link(user)}\n")
    return 0


def _add(called: argparse.Namespace) -> int:
    from django.conf import settings

    from nordlotse.web import accounts

    user = accounts.add_staff(called.user, administrator=called.administrator)
    sys.stdout.write(f"{settings.CONFIGURATION.public_url}{accounts.new_link(user)}\n")
    return 0


def _reset_factor(called: argparse.Namespace) -> int:
    from nordlotse.web import accounts

    _say(f"{accounts.reset_factor(called.user)} second factors removed, the password too, all sessions ended")
    _say(f"the only way in is now a new link: nordlotse admin link {called.user}")
    return 0
