"""Logins of machines: who may connect to the listener, and for which company and machine it speaks.

They lie in `logins.json` in the data folder, readable by its owner only. `add` and `remove` may be called by any process; the listener sees
the change within a second. A password is made here, shown once, and kept as its scrypt hash (RFC 7914).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
import re
import secrets
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from nordlotse.foundation.problem import BadInput, NotAvailable, NotFound
from nordlotse.iot.core.contacts import EVERY, OFTEN, PASSWORD, RIGHTS, Contacts, forget
from nordlotse.iot.core.mqtt.ports import Login
from nordlotse.iot.core.store.disk import Disk, publish
from nordlotse.iot.core.values import COMPANY

_log = logging.getLogger("nordlotse.iot")

_FILE = "logins.json"
#: Logins of one company at most.
MOST = 1000
#: Letters and digits nobody mixes up, and none that a shell or an address would read: 31 of them, 4.95 bits each.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
#: A password has 26 of them, 128 random bits, so nobody finds it by trying however quick the hash is; a slow one would only keep a thousand
#: machines waiting that come back at once. Cost of scrypt: 1 MB, about 3 ms.
_PASSWORD_LETTERS, _SCRYPT = 26, {"n": 1024, "r": 8, "p": 1}
_MACHINE = re.compile(r"[^\x00-\x1f\x7f/+#\\]{1,64}\Z")
#: Failed logins a minute after which more of the same kind are not even looked at: of one user from one address, of one address.
_FAILED_USER, _FAILED_ADDRESS, _MINUTE = 5, 100, 60.0
#: Logins that may wait for being checked; who comes later is sent away and comes again.
_MOST_WAITING = 5000
_MOST_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A login as it is kept. `machine`: "" speaks for all of the company's. `salt`, `hash`: hexadecimal. `created`: seconds since 1970.

    `slow`: what it sends over MQTT is bounded (`mqtt.allowance`): a visitor's.
    """

    user: str
    company: str
    machine: str
    salt: str
    hash: str
    created: float
    slow: bool = False


def add(folder: Path, company: str, machine: str = "", slow: bool = False) -> tuple[str, str]:
    """Make a login and return user and password; the password is kept nowhere. `slow`: what it may send is bounded.

    Raises:
        BadInput: `iot_company`, `iot_machine`, `iot_logins_many`.
        NotAvailable: `iot_logins_unreadable`.
    """
    if not COMPANY.match(company):
        raise BadInput(
            "iot_company",
            de="Das kann keine Kennung eines Unternehmens sein.",
            en="This cannot be a company's id.",
            where=company[:80],
        )
    if machine and not _MACHINE.match(machine):
        raise BadInput(
            "iot_machine",
            de="Der Name einer Maschine hat 1 bis 64 Zeichen, keine davon /, +, # oder \\.",
            en="The name of a machine has 1 to 64 characters, none of them /, +, # or \\.",
            where=machine[:80],
        )
    password = "".join(secrets.choice(_LETTERS) for _ in range(_PASSWORD_LETTERS))
    salt = secrets.token_bytes(16)
    with _changing(folder) as known:
        if sum(one.company == company for one in known.values()) >= MOST:
            raise BadInput(
                "iot_logins_many",
                de=f"Ein Unternehmen kann {MOST} Anmeldungen haben.",
                en=f"A company can have {MOST} logins.",
                where=company,
                remedy_de="Bitte eine entfernen, die nicht mehr gebraucht wird.",
                remedy_en="Remove one that is no longer needed.",
            )
        user = ""
        while not user or user in known:
            user = "m-" + "".join(secrets.choice(_LETTERS) for _ in range(8))
        hashed = _hashed(password.encode(), salt)
        known[user] = Kept(user, company, machine, salt.hex(), hashed.hex(), time.time(), slow)
    return user, password


def remove(folder: Path, user: str) -> None:
    """Remove a login; whoever is connected with it is sent away within seconds.

    Raises:
        NotFound: `iot_login`.
        NotAvailable: `iot_logins_unreadable`.
    """
    with _changing(folder) as known:
        if known.pop(user, None) is None:
            raise NotFound(
                "iot_login", de="Diese Anmeldung gibt es nicht.", en="There is no such login.", where=user[:80]
            )
    _forget(folder, [user])


def lift(folder: Path, company: str) -> None:
    """Bound no longer what a company's logins may send; whoever is connected with one has to come again.

    Raises:
        NotAvailable: `iot_logins_unreadable`.
    """
    if not any(one.slow for one in listed(folder, company)):
        return
    with _changing(folder) as known:
        for user, one in list(known.items()):
            if one.company == company:
                known[user] = replace(one, slow=False)


def remove_all(folder: Path, company: str) -> int:
    """Remove all logins of a company, before it is deleted, and return how many there were.

    Raises:
        NotAvailable: `iot_logins_unreadable`.
    """
    if not (folder / _FILE).exists():
        return 0
    with _changing(folder) as known:
        gone = [user for user, one in known.items() if one.company == company]
        for user in gone:
            del known[user]
    _forget(folder, gone)
    return len(gone)


def listed(folder: Path, company: str) -> list[Kept]:
    """Return a company's logins, the oldest first.

    Raises:
        NotAvailable: `iot_logins_unreadable`.
    """
    return sorted((one for one in _read(folder).values() if one.company == company), key=lambda one: one.created)


def find(folder: Path, user: str) -> Kept | None:
    """Return a login by its user, None where there is none.

    Raises:
        NotAvailable: `iot_logins_unreadable`.
    """
    return _read(folder).get(user)


def users(folder: Path) -> list[str]:
    """Return the users of all logins.

    Raises:
        NotAvailable: `iot_logins_unreadable`.
    """
    return list(_read(folder))


def proved(kept: Kept, password: str) -> bool:
    """Return whether this is the password of a login; takes about 3 ms."""
    return hmac.compare_digest(_hashed(password.encode(), bytes.fromhex(kept.salt)), bytes.fromhex(kept.hash))


def _forget(folder: Path, users: list[str]) -> None:
    with contextlib.suppress(OSError):  # it goes with the next word on any login
        forget(folder, users)


@contextlib.contextmanager
def _changing(folder: Path) -> Iterator[dict[str, Kept]]:
    """Give the logins to change, and put the file in its place in one step; one process after the other."""
    Disk().make_folder(folder)
    with (folder / "logins.lock").open("ab") as lock:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        known = _read(folder)
        yield known
        content = {"logins": [asdict(one) for one in known.values()]}
        publish(Disk(), folder / _FILE, json.dumps(content, ensure_ascii=False).encode())


def _read(folder: Path) -> dict[str, Kept]:
    try:
        content = json.loads((folder / _FILE).read_bytes())
        return {one["user"]: Kept(**one) for one in content["logins"]}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotAvailable(
            "iot_logins_unreadable",
            de="Die Datei mit den Anmeldungen ist nicht lesbar.",
            en="The file of logins cannot be read.",
            where=str(folder / _FILE),
            remedy_de="Bitte aus der letzten Sicherung zurückholen oder löschen und neue Anmeldungen anlegen.",
            remedy_en="Restore it from the last backup, or delete it and make new logins.",
        ) from error


def _hashed(password: bytes, salt: bytes) -> bytes:
    return hashlib.scrypt(password, salt=salt, **_SCRYPT)


class Failures:
    """Counts failed logins for a minute each. Bounded: the oldest counts go first."""

    def __init__(self) -> None:
        """Begin without any."""
        self._counts: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    def add(self, address: str, user: str) -> None:
        """Count a failed login."""
        now = time.monotonic()
        for key in ((address, ""), (address, user)):
            since, count = self._counts.pop(key, (now, 0))
            self._counts[key] = (now, 1) if now - since > _MINUTE else (since, count + 1)
        while len(self._counts) > _MOST_REMEMBERED:
            self._counts.popitem(last=False)

    def too_many(self, address: str, user: str) -> bool:
        """Return whether the next one is not even looked at."""
        return self._count(address, "") >= _FAILED_ADDRESS or self._count(address, user) >= _FAILED_USER

    def _count(self, address: str, user: str) -> int:
        since, count = self._counts.get((address, user), (0.0, 0))
        return count if time.monotonic() - since <= _MINUTE else 0


class FileLogins:
    """Who may connect, as the file says. Fits `mqtt.ports.Logins`; belongs to the listener's event loop.

    A password is hashed in a thread of its own, and once it was right it is recognised by a quick keyed hash: a flood of logins costs the event
    loop nothing, and machines that come back wait for nobody.
    """

    def __init__(self, folder: Path, required: bool) -> None:
        """Take the data folder and whether a login is required; without, who names none belongs to the company `local`.

        Raises:
            NotAvailable: `iot_logins_unreadable`.
        """
        self._folder = folder
        self._required = required
        self._seen = self._state()
        self._known: Mapping[str, Kept] = _read(folder)
        self._key = secrets.token_bytes(32)
        self._proved: dict[str, bytes] = {}
        self._failures = Failures()
        self._thread = ThreadPoolExecutor(1, "logins")
        self._waiting = 0
        self._contacts = Contacts()
        self._noted = 0.0

    def login(
        self, user: str | None, password: bytes | None, address: str
    ) -> Login | asyncio.Future[Login | None] | None:
        """Return who this is, None if nobody that may connect; a future where the password has to be hashed first."""
        if not user:
            return None if self._required else Login("local")
        counted = _alike(address)
        kept = self._known.get(user)
        if kept is not None and password and self._recognised(kept, password):
            self._contacts.came(user)
            return _login(kept)
        if self._failures.too_many(counted, user) or self._waiting >= _MOST_WAITING:
            if kept is not None:
                self._contacts.refused(user, OFTEN, address)
            return None
        if kept is None and self._state() != self._seen:  # made a moment ago
            self.refresh()
            kept = self._known.get(user)
        if kept is None or not password:
            # No hash to hide that the user is unknown: users are random and no secret.
            self._failures.add(counted, user[:64])
            if kept is not None:
                self._contacts.refused(user, PASSWORD, address)
            return None
        self._waiting += 1
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Login | None] = loop.create_future()
        hashing = loop.run_in_executor(self._thread, _hashed, password, bytes.fromhex(kept.salt))
        hashing.add_done_callback(partial(self._hashed, kept, password, address, done))
        return done

    def may_not(self, login: Login, machine: str, address: str, count: int = 1) -> None:
        """Note for the page of logins that a login sent for a machine it may not send for."""
        if login.user:
            self._contacts.refused(login.user, RIGHTS, address, machine, count)

    def _hashed(
        self,
        kept: Kept,
        password: bytes,
        address: str,
        done: asyncio.Future[Login | None],
        hashing: asyncio.Future[bytes],
    ) -> None:
        self._waiting -= 1
        right = not hashing.cancelled() and not hashing.exception()
        right = right and hmac.compare_digest(hashing.result(), bytes.fromhex(kept.hash))
        right = right and self._known.get(kept.user) == kept  # it may have been removed meanwhile
        if right:
            self._proved[kept.user] = self._quick(kept, password)
            self._contacts.came(kept.user)
        else:
            self._failures.add(_alike(address), kept.user)
            self._contacts.refused(kept.user, PASSWORD, address)
        if not done.done():
            done.set_result(_login(kept) if right else None)

    def _quick(self, kept: Kept, password: bytes) -> bytes:
        return hmac.digest(self._key, bytes.fromhex(kept.salt) + password, "sha256")

    def _recognised(self, kept: Kept, password: bytes) -> bool:
        proved = self._proved.get(kept.user)
        return proved is not None and hmac.compare_digest(proved, self._quick(kept, password))

    def refresh(self) -> set[str]:
        """Read the file again if it has changed; return the users that were removed or changed since. While it cannot be read the last one counts."""
        state = self._state()
        if state == self._seen:
            return set()
        try:
            known = _read(self._folder)
        except NotAvailable:
            _log.error("event=iot_logins_unreadable")
            return set()
        finally:
            self._seen = state
        gone = {user for user, kept in self._known.items() if known.get(user) != kept}
        for user in gone:
            self._proved.pop(user, None)
        self._known = known
        return gone

    def note(self, heard: Callable[[], Iterable[tuple[str, float]]]) -> None:
        """Keep when each login was heard of and refused, for the page of logins; does nothing until that is due again.

        `heard`: asked then for the users that are connected or left since, each with when it was heard of (s since 1970).
        """
        if time.monotonic() - self._noted < EVERY:
            return
        self._noted = time.monotonic()
        self._take(heard())
        self._thread.submit(self._contacts.keep, self._folder, list(self._known))

    def note_last(self, heard: Iterable[tuple[str, float]]) -> None:
        """Keep the same once more before the end, and return when it is done."""
        self._take(heard)
        self._contacts.keep(self._folder, list(self._known))

    def _take(self, heard: Iterable[tuple[str, float]]) -> None:
        for user, at in heard:
            if user:
                self._contacts.came(user, at)

    def _state(self) -> tuple[int, int, int]:
        try:
            told = (self._folder / _FILE).stat()
        except OSError:
            return 0, 0, 0
        return told.st_ino, told.st_mtime_ns, told.st_size

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _login(kept: Kept) -> Login:
    return Login(kept.company, kept.machine, kept.user, kept.slow)


def _alike(address: str) -> str:
    """Return what stands for an address when failures are counted: of IPv6 the network, for anybody has 2⁶⁴ of those."""
    return ":".join(address.split(":")[:4]) if address.count(":") > 1 and "." not in address else address
