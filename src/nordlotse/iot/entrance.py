"""Who may send and read over HTTP: the logins of machines, proved once in a process and then recognised; how many values a sandbox may send."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from functools import partial

from nordlotse.foundation.problem import NotAllowed, Problem, TooMany
from nordlotse.iot import memory
from nordlotse.iot.core import logins
from nordlotse.iot.core.contacts import PASSWORD, RIGHTS, Contacts
from nordlotse.iot.core.logins import Failures, Kept
from nordlotse.iot.models import Hall
from nordlotse.iot.queries.limits import VALUES_AT_ONCE, VALUES_PER_SECOND

_REMEMBERED = 10_000


class NotKnown(Problem):
    """Nobody has said who they are, or not rightly."""

    exit_code = 3
    http_status = 401


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is at the door: the hall, the machine the login speaks for ("" for all of the hall's), the login and the address it comes from."""

    hall: Hall
    machine: str
    user: str = ""
    address: str = ""

    def check(self, machine: str) -> None:
        """Refuse another machine than the login's own.

        Raises:
            NotAllowed: `iot_other_machine`.
        """
        if self.machine and machine != self.machine:
            raise NotAllowed(
                "iot_other_machine",
                de="Dieser Zugang gilt nur für eine andere Maschine.",
                en="This login is for another machine only.",
                where=machine[:64],
                remedy_de="Bitte den Zugang dieser Maschine nehmen, oder einen für alle.",
                remedy_en="Use this machine's login, or one for all.",
            )


class Entrance:
    """Lets logins in; holds in memory which were proved, who failed, and how much a sandbox has sent."""

    def __init__(self) -> None:
        """Begin without knowing anybody."""
        self._key = secrets.token_bytes(32)
        self._proved: OrderedDict[str, bytes] = OrderedDict()
        self._failures = Failures()
        self._contacts = Contacts()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def let_in(self, header: str, address: str) -> Guest:
        """Return who sends an `Authorization` header (Basic).

        Raises:
            NotKnown: `iot_login`.
            TooMany: `iot_login_tries`.
        """
        user, password = _told(header)
        with self._lock:
            if self._failures.too_many(address, user):
                raise TooMany(
                    "iot_login_tries",
                    de="Zu viele falsche Anmeldungen.",
                    en="Too many wrong logins.",
                    where="Authorization",
                    remedy_de="Bitte in einer Minute noch einmal.",
                    remedy_en="Try again in a minute.",
                )
        kept = logins.find(memory.folder(), user) if user else None
        if kept is None or not self._right(kept, password):
            with self._lock:
                self._failures.add(address, user[:64])
            if kept is not None:
                self._contacts.refused(kept.user, PASSWORD, address)
                self._note()
            raise _unknown()
        hall = Hall.objects.filter(store=kept.company).first()
        if hall is None or (hall.expires_at is not None and hall.expires_at.timestamp() <= time.time()):
            raise _unknown()
        self._contacts.came(kept.user)
        self._note()
        return Guest(hall, kept.machine, kept.user, address)

    def check_sender(self, guest: Guest, machine: str) -> None:
        """Refuse values for another machine than the login's own, and note that for the page of logins.

        Raises:
            NotAllowed: `iot_other_machine`.
        """
        try:
            guest.check(machine)
        except NotAllowed:
            if guest.user:
                self._contacts.refused(guest.user, RIGHTS, guest.address, machine)
                self._note()
            raise

    def take(self, hall: Hall, values: int, now: float | None = None) -> None:
        """Count values a sandbox sends.

        Raises:
            TooMany: `iot_values_rate`.
        """
        if hall.company:
            return
        now = time.monotonic() if now is None else now
        with self._lock:
            left, last = self._buckets.pop(hall.pk, (float(VALUES_AT_ONCE), now))
            left = min(float(VALUES_AT_ONCE), left + (now - last) * VALUES_PER_SECOND)
            allowed = left >= values
            self._buckets[hall.pk] = (left - values if allowed else left, now)
            while len(self._buckets) > _REMEMBERED:
                self._buckets.popitem(last=False)
        if not allowed:
            raise TooMany(
                "iot_values_rate",
                de=f"Eine Probehalle nimmt auf Dauer {VALUES_PER_SECOND} Werte je Sekunde an.",
                en=f"A trial hall takes {VALUES_PER_SECOND} values a second in the long run.",
                where="values",
                remedy_de="Bitte langsamer senden, oder die Halle für Ihren Betrieb behalten.",
                remedy_en="Send more slowly, or keep the hall for your company.",
            )

    def _note(self) -> None:
        """See to it that who came and who was refused is written for the page of logins, soon and not each time."""
        folder = memory.folder()
        self._contacts.keep_in_time(folder, partial(logins.users, folder))

    def _right(self, kept: Kept, password: str) -> bool:
        quick = hmac.digest(self._key, f"{kept.salt}{password}".encode(), "sha256")
        with self._lock:
            known = self._proved.get(kept.user)
        if known is not None and hmac.compare_digest(known, quick):
            return True
        if not password or not logins.proved(kept, password):
            return False
        with self._lock:
            self._proved[kept.user] = quick
            while len(self._proved) > _REMEMBERED:
                self._proved.popitem(last=False)
        return True


entrance = Entrance()


def _told(header: str) -> tuple[str, str]:
    kind, _, content = header.partition(" ")
    if kind.lower() != "basic":
        raise _unknown()
    try:
        user, _, password = base64.b64decode(content.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise _unknown() from None
    return user, password


def _unknown() -> NotKnown:
    return NotKnown(
        "iot_login",
        de="Benutzer und Passwort fehlen oder stimmen nicht.",
        en="User and password are missing or wrong.",
        where="Authorization",
        remedy_de="Auf der Seite „Zugänge“ der Halle erzeugen; senden mit HTTP Basic.",
        remedy_en="Make one on the hall's page “Logins”; send it with HTTP Basic.",
    )
