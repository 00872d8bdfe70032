"""Halls and machines by their keys, for those who may see them."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.crypto import salted_hmac

from nordlotse.foundation.problem import NotFound, Problem
from nordlotse.iot import elsewhere, memory
from nordlotse.iot.core.stores import micros
from nordlotse.iot.models import Hall, Machine

_LETTERS = string.ascii_letters + string.digits


def hall(key: str, user: Any) -> Hall:
    """Return a hall that a person may see and change: a sandbox is open to whoever holds its link, a company's hall to its members.

    Raises:
        NotFound: `iot_no_hall`: there is none, it is over, or this person may not see it (nobody learns which).
    """
    found = Hall.objects.filter(pk=key).first()
    if found is None or (found.expires_at is not None and found.expires_at <= timezone.now()):
        raise unknown()
    if found.company and not elsewhere.house().is_member(user, found.company):
        raise unknown()
    return found


def beside(example: Hall, user: Any) -> Hall | None:
    """Return the hall for own machines that was made beside an example hall; None where there is none that this person may see."""
    try:
        return hall(key_beside(example), user)
    except NotFound:
        return None


def key_beside(example: Hall) -> str:
    """Return the key of the hall for own machines beside an example hall: whoever holds the one link finds the other, nobody else can tell it."""
    digest = salted_hmac("nordlotse.iot.beside", example.pk, algorithm="sha256").digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:24])


def machine(hall: Hall, number: int) -> Machine:
    """Return a machine of a hall.

    Raises:
        NotFound: `iot_no_machine`.
    """
    found = hall.machines.filter(pk=number).first()
    if found is None:
        raise NotFound(
            "iot_no_machine",
            de="Diese Maschine gibt es hier nicht (mehr).",
            en="This machine is not here (any more).",
            where="machine",
            remedy_de="Gehen Sie zurück zur Halle und wählen Sie eine Maschine.",
            remedy_en="Go back to the hall and choose a machine.",
        )
    found.hall = hall
    return found


def unknown() -> NotFound:
    """Return the error for a hall that is not there."""
    return NotFound(
        "iot_no_hall",
        de="Diese Halle gibt es nicht (mehr). Eine Probehalle ist nach 24 Stunden gelöscht.",
        en="This hall does not exist (any more). A trial hall is deleted after 24 hours.",
        where="hall",
        remedy_de="Beginnen Sie neu, oder melden Sie sich an, wenn es die Halle Ihres Betriebs ist.",
        remedy_en="Begin anew, or sign in if it is your company's hall.",
    )


def shared(share: str) -> Hall:
    """Return the hall a shared link shows.

    Raises:
        NotFound: `iot_no_hall`.
    """
    now = timezone.now()
    found = Hall.objects.filter(share=share, share_until__gt=now).first()
    if found is None or (found.expires_at is not None and found.expires_at <= now):
        raise unknown()
    return found


def count_values(hall: Hall, machine: str = "") -> int:
    """Return how many values of a hall, or of one of its machines, count."""
    try:
        with memory.looked(hall.store) as reader:
            return sum(reader.count(one) for one in reader.series() if not machine or one.machine == machine)
    except (Problem, OSError, TimeoutError):  # what cannot be read can be deleted all the same
        return 0


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest value of a signal: `value` as people know it, `time` µs, `age` seconds since then."""

    machine: str
    signal: str
    value: float | bool | str
    time: int
    age: float


def newest(hall: Hall, most: int = 500) -> list[Newest]:
    """Return the newest value of each signal, by machine and signal.

    Raises:
        NotAvailable: `iot_damaged`.
    """
    now = micros()
    found = []
    with memory.looked(hall.store) as reader:
        for series in sorted(reader.series())[:most]:
            rows = reader.latest(series)
            if len(rows):
                time = int(rows.time[0])
                found.append(Newest(series.machine, series.signal, rows.shown()[0], time, (now - time) / 1e6))
    return found
