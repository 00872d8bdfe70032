"""Logins of a hall's machines: made, and taken away."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from nordlotse.foundation.problem import NotFound, TooMany
from nordlotse.iot import memory
from nordlotse.iot.core import logins
from nordlotse.iot.models import Hall
from nordlotse.iot.queries.limits import check_room
from nordlotse.office import log

#: Logins of a visitor's hall.
MOST = 20


def add(hall: Hall, machine: str = "", user: Any = None) -> tuple[str, str]:
    """Make a login for a machine of a hall, "" for all of them; return its name and, this once, its password.

    Raises:
        BadInput: `iot_machine`, `iot_logins_many`.
        TooMany: `iot_logins_hall`, `iot_sandbox_full`.
    """
    check_room(hall)
    folder = memory.folder()
    if not hall.company and len(logins.listed(folder, hall.store)) >= MOST:
        raise TooMany(
            "iot_logins_hall",
            de=f"Eine Probehalle hat höchstens {MOST} Zugänge.",
            en=f"A trial hall has at most {MOST} logins.",
            where="login",
            remedy_de="Entfernen Sie einen, den Sie nicht mehr brauchen.",
            remedy_en="Remove one that you no longer need.",
        )
    made = logins.add(folder, hall.store, machine, slow=not hall.company)
    with transaction.atomic():
        log.record("login_added", "hall", hall.pk[:6], user)
    return made


def remove(hall: Hall, login: str, user: Any = None) -> None:
    """Take a login away; whoever is connected with it is sent away within seconds.

    Raises:
        NotFound: `iot_login`: the hall has none of this name.
    """
    folder = memory.folder()
    if login not in {one.user for one in logins.listed(folder, hall.store)}:
        raise NotFound(
            "iot_login",
            de="Diesen Zugang gibt es nicht (mehr).",
            en="There is no such login (any more).",
            where="login",
        )
    logins.remove(folder, login)
    with transaction.atomic():
        log.record("login_removed", "hall", hall.pk[:6], user)
