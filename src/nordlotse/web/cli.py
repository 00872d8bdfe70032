"""`nordlotse start | worker | backup | restore | admin`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from nordlotse.foundation.role import Role


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
    admin = commands.add_parser("admin", help="accounts, roles, forums").add_subparsers(
        metavar="COMMAND", required=True
    )
    link = admin.add_parser("link", help="print a fresh one-time sign-in link")
    link.add_argument("user", nargs="?", help="user name (the administrator if not given)")
    link.set_defaults(run=_link, needs="installation")
    factor = admin.add_parser("reset-factor", help="remove a person's second factors and password, end all sessions")
    factor.add_argument("user")
    factor.set_defaults(run=_reset_factor, needs="installation")
    editor = admin.add_parser(
        "add", help="add somebody with a role (an editor if none is named) and print a sign-in link"
    )
    editor.add_argument("user")
    editor.add_argument(
        "--role", action="append", default=[], help=f"one of {', '.join(Role)}; may be given several times"
    )
    editor.add_argument("--mail", default="", help="mail address, for codes by mail")
    editor.add_argument("--administrator", action="store_true", help="the same as --role administrator")
    editor.set_defaults(run=_add, needs="installation")
    roles = admin.add_parser("roles", help="show somebody's roles, or give exactly these")
    roles.add_argument("user")
    roles.add_argument("roles", nargs="*", help=f"any of {', '.join(Role)}; the word none takes all away")
    roles.set_defaults(run=_roles, needs="installation")
    client = admin.add_parser("client", help="let a forum sign people in, and print its id and secret")
    client.add_argument("name", help="the forum's name")
    client.add_argument("address", nargs="+", help="where it wants people back, https://…")
    client.set_defaults(run=_client, needs="installation")
    clients = admin.add_parser("clients", help="list the forums that may sign people in, or remove one")
    clients.add_argument("--remove", metavar="ID", default="", help="the id of the one to remove")
    clients.set_defaults(run=_clients, needs="installation")


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

    from nordlotse.office import sending
    from nordlotse.web import accounts, database
    from nordlotse.web.backup import restore
    from nordlotse.web.start import lock

    with lock(settings.CONFIGURATION.data_dir):
        manifest = restore(Path(called.file))
        accounts.end_everything()
        database.migrate()
        held = sending.hold_back()
    _say(f"restored into {settings.CONFIGURATION.data_dir}; what was there is kept in its folder `replaced`")
    _say(f"restored: backup of {manifest['made_at']}, {sum(manifest['rows'].values())} rows; everybody signs in anew")
    if held:
        _say(f"{held} mails that waited in the backup are held back: they may have been sent since; see the outbox")
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

    wanted = frozenset(accounts.role_of(word) for word in called.role)
    user = accounts.add_staff(called.user, administrator=called.administrator, roles=wanted, mail=called.mail)
    sys.stdout.write(f"{settings.CONFIGURATION.public_url}{accounts.new_link(user)}\n")
    return 0


def _roles(called: argparse.Namespace) -> int:
    from nordlotse.office.roles import held_roles, set_roles
    from nordlotse.web import accounts

    user = accounts.person(called.user)
    if called.roles:
        wanted = frozenset(accounts.role_of(word) for word in called.roles if word != "none")
        accounts.check_not_last(user, wanted)
        set_roles(user, wanted)
    sys.stdout.write(f"{called.user}: {', '.join(sorted(held_roles(user))) or 'no role'}\n")
    return 0


def _client(called: argparse.Namespace) -> int:
    from django.conf import settings

    from nordlotse.web import single_sign_on

    client_id, secret = single_sign_on.add_client(called.name, called.address)
    sys.stdout.write(f"issuer {settings.CONFIGURATION.public_url}\nclient {client_id}\nsecret {secret}\n")
    return 0


def _clients(called: argparse.Namespace) -> int:
    from nordlotse.web import single_sign_on

    if called.remove:
        single_sign_on.remove_client(called.remove)
    for client_id, name, addresses in single_sign_on.clients():
        sys.stdout.write(f"{client_id} {name} {addresses}\n")
    return 0


def _reset_factor(called: argparse.Namespace) -> int:
    from nordlotse.web import accounts

    _say(f"{accounts.reset_factor(called.user)} second factors removed, the password too, all sessions ended")
    _say(f"the only way in is now a new link: nordlotse admin link {called.user}")
    return 0
