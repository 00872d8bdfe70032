"""When a login was heard of last, and when it was refused last and why: kept in a small file by whoever lets logins in, for the page of logins.

Little of it is personal: of an address only its network is kept (IPv4 without the last number, IPv6 the first three groups), of what was sent
for another machine only that machine's name, of a login that was removed nothing, of a refusal nothing after `MONTH`. Who names no login there is stands nowhere: nobody could tell whose it was.
"""

from __future__ import annotations

import atexit
import fcntl
import ipaddress
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from nordlotse.foundation.problem import Problem

_log = logging.getLogger("nordlotse.iot")

_FILE = "contacts.json"
#: Seconds a refusal is kept.
MONTH = 30 * 86_400.0
#: Why a login was refused: a wrong password, so many wrong ones that it was not looked at, or a machine it may not send for.
PASSWORD, OFTEN, RIGHTS = "password", "often", "rights"
#: So many characters of a machine's name are kept.
_NAME = 64
#: Contacts are written at most so often, seconds: what the page of logins shows is at most ten seconds old.
EVERY = 8.0


@dataclass(frozen=True, slots=True)
class Contact:
    """`heard`: of the login last; `refused` last, `why`, from which network, `count` times since `since`; `machine`: which it may not send for. Seconds since 1970, 0 never."""

    heard: float = 0.0
    refused: float = 0.0
    why: str = ""
    network: str = ""
    count: int = 0
    since: float = 0.0
    machine: str = ""


def network_of(address: str) -> str:
    """Return what is kept of an address: 192.0.2.x, 2001:db8:1::; "" where it is none."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return str(ipaddress.ip_network((int(found) >> 80 << 80, 48)).network_address)
        found = found.ipv4_mapped
    return f"{str(found).rpartition('.')[0]}.x"


class Contacts:
    """What a process has seen of logins and not written yet. Threads may share it."""

    def __init__(self) -> None:
        """Begin without any."""
        self._lock = threading.Lock()
        self._new: dict[str, Contact] = {}
        self._kept = 0.0
        self._later: threading.Timer | None = None

    def came(self, user: str, at: float | None = None) -> None:
        """Note that a login was heard of, now or at a moment (s since 1970)."""
        moment = time.time() if at is None else at
        with self._lock:
            told = self._new.get(user, Contact())
            self._new[user] = replace(told, heard=max(told.heard, moment))

    def refused(self, user: str, why: str, address: str, machine: str = "", count: int = 1) -> None:
        """Note that somebody who named a login that there is was refused, `count` times at once; `machine`: it may not send for it."""
        now = time.time()
        with self._lock:
            told = self._new.get(user, Contact())
            self._new[user] = replace(
                told,
                refused=now,
                why=why,
                network=network_of(address),
                count=told.count + count,
                since=told.since or now,
                machine="".join(one if one.isprintable() else " " for one in machine[:_NAME]),
            )

    def keep_in_time(self, folder: Path, known: Callable[[], Iterable[str]]) -> None:
        """Put what was seen into the file: now if that was not done just now, else as soon as it is due, though nobody comes any more."""
        with self._lock:
            wait = EVERY - (time.monotonic() - self._kept)
            if not self._new or self._later is not None:
                return
            if wait > 0:
                self._later = threading.Timer(wait, self._keep_late, (folder, known))
                self._later.daemon = True
                self._later.start()
                atexit.register(self._keep_late, folder, known)
                return
        self.keep(folder, known())

    def _keep_late(self, folder: Path, known: Callable[[], Iterable[str]]) -> None:
        atexit.unregister(self._keep_late)
        with self._lock:
            self._later = None
        try:
            if self._new and folder.is_dir():
                self.keep(folder, known())
        except Problem as error:  # it comes with the next word on any login
            _log.error("event=iot_contacts_unwritten error=%s", error.code)

    def keep(self, folder: Path, known: Iterable[str]) -> None:
        """Put what was seen into the file, and out of it what is over: logins that are not `known`, old refusals. A disk that fails loses it."""
        with self._lock:
            new, self._new = self._new, {}
            self._kept = time.monotonic()
        if not new:
            return
        users = set(known)
        try:
            with (folder / "contacts.lock").open("ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                held = contacts(folder)
                for user, told in new.items():
                    held[user] = _joined(held.get(user, Contact()), told)
                _write(folder, {user: one for user, one in held.items() if user in users})
        except OSError as error:
            _log.error("event=iot_contacts_unwritten error=%s", error.strerror)


def contacts(folder: Path) -> dict[str, Contact]:
    """Return what is known of each login that was heard of or refused; nothing where the file cannot be read."""
    try:
        kept = json.loads((folder / _FILE).read_bytes())
        found = {str(user): Contact(**told) for user, told in kept.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
    old = time.time() - MONTH
    return {user: one if one.refused > old else Contact(one.heard) for user, one in found.items()}


def forget(folder: Path, users: Iterable[str]) -> None:
    """Take out of the file what it holds of logins that were removed.

    Raises:
        OSError: it stays until the file is written next.
    """
    gone = set(users)
    if not (folder / _FILE).exists():
        return
    with (folder / "contacts.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _write(folder, {user: one for user, one in contacts(folder).items() if user not in gone})


def _joined(old: Contact, new: Contact) -> Contact:
    heard = max(old.heard, new.heard)
    if not new.count:
        return replace(old, heard=heard)
    return replace(new, heard=heard, count=old.count + new.count, since=old.since or new.since)


def _write(folder: Path, told: Mapping[str, Contact]) -> None:
    """Put the file in its place in one step. It is not synced: a power cut may take the last word of it."""
    partial = folder / f".{_FILE}-{os.getpid()}"
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(json.dumps({user: asdict(one) for user, one in told.items()}).encode())
    partial.replace(folder / _FILE)
