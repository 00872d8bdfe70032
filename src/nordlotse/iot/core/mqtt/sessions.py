"""What outlives a connection: subscriptions, and which publications of a client were taken already, so that a repetition is not taken twice."""

from __future__ import annotations

import time
import zlib
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nordlotse.iot.core.mqtt.remembered import REMEMBERED, Remembered

__all__ = ["REMEMBERED", "UNKNOWN", "Session", "Sessions", "mark", "name_of"]

#: Of all sessions together so many are remembered, about; with many clients fewer of each, but so many at least.
_REMEMBERED_ALL, _REMEMBERED_LEAST = 2_000_000, 100
#: A session nobody came back to is forgotten after this, in seconds, however long the client wished it to last.
MOST_SECONDS = 7 * 24 * 3600
#: Sessions kept for clients that are away, of all and of one company; the longest away are forgotten first.
MOST_SESSIONS, MOST_OF_COMPANY = 20_000, 12_000
#: Filters of lasting sessions, of all and of one company: they are kept in a file, also for clients that are away.
MOST_FILTERS, MOST_FILTERS_OF_COMPANY = 100_000, 20_000
#: Stands between login and client in the name of a session; no user holds it.
_BETWEEN = "\x1f"
#: The mark of a publication of which a file of an older version tells only the identifier.
UNKNOWN = -1
#: Packet identifiers of quality of service 2 that wait for their release, in all sessions together.
MOST_RECEIVED = 1_000_000


@dataclass(slots=True, eq=False)
class Session:
    """A client's session. `lasting`: it outlives the connection, for `expiry` seconds. `subscriptions`: filter → options.

    `taken`: publications with quality of service 1 that are safe. `received`: those with quality of service 2 that are safe and not released
    yet, packet identifier → mark. `client`: as `name_of` gives it. `left_at`: when the client went, seconds since 1970; 0 while it is connected.
    """

    company: str
    client: str
    lasting: bool = False
    expiry: float = 0.0
    subscriptions: dict[str, int] = field(default_factory=dict)
    taken: Remembered = field(default_factory=Remembered)
    received: dict[int, int] = field(default_factory=dict)
    left_at: float = 0.0

    def remember(self, packet_id: int, mark: int) -> None:
        """Remember a publication that is safe."""
        self.taken.add(packet_id, mark)

    def holds(self, packet_id: int, mark: int) -> bool:
        """Return whether a publication with quality of service 2 is safe and not released.

        Under the same identifier another content is another publication: a device that lost its memory begins its identifiers anew.
        """
        return self.received.get(packet_id) in (mark, UNKNOWN)


def name_of(user: str, client: str) -> str:
    """Return the name of a client's session: no login gets at the session of another one by naming its client."""
    return f"{user}{_BETWEEN}{client}" if user or _BETWEEN in client else client


def mark(topic: bytes, payload: bytes) -> int:
    """Return a checksum by which a repetition is recognised."""
    return zlib.crc32(payload, zlib.crc32(topic))


class Sessions:
    """All sessions, by company and client."""

    def __init__(self) -> None:
        """Begin without any."""
        self._all: dict[str, OrderedDict[str, Session]] = {}
        self._count = 0
        #: Grows with each change that does not stand in the log: subscriptions.
        self.changes = 0
        self._filters: Counter[str] = Counter()

    def note_filter(self, company: str) -> bool:
        """Count a new filter of a lasting session; False where too many are kept."""
        if self._filters[company] >= MOST_FILTERS_OF_COMPANY or self._filters.total() >= MOST_FILTERS:
            return False
        self._filters[company] += 1
        self.changes += 1
        return True

    def _of(self, company: str) -> OrderedDict[str, Session]:
        return self._all.get(company) or OrderedDict()

    def begin(self, company: str, client: str, clean: bool, lasting: bool, expiry: float) -> tuple[Session, bool]:
        """Return the session for a client that connects, and whether it was there before."""
        known = self._of(company).get(client)
        present = known is not None and not clean and known.lasting and not self._over(known)
        if known is not None and present:
            session = known
            session.lasting, session.expiry, session.left_at = lasting, min(expiry, MOST_SECONDS), 0.0
        else:
            session = Session(company, client, lasting, min(expiry, MOST_SECONDS))
        if known is not None:
            self.end(known)
        if lasting:
            self._keep(session)
        session.taken.most = max(_REMEMBERED_LEAST, min(REMEMBERED, _REMEMBERED_ALL // max(self._count, 1)))
        return session, present

    def _keep(self, session: Session) -> None:
        """Keep a session as the one used last; where there are too many, of its own company first, the longest away goes."""
        of_company = self._all.setdefault(session.company, OrderedDict())
        of_company[session.client] = session
        self._count += 1
        if len(of_company) > MOST_OF_COMPANY:
            self._forget_one(of_company)
        while self._count > MOST_SESSIONS:
            self._forget_one(max(self._all.values(), key=len))

    def _forget_one(self, of_company: OrderedDict[str, Session]) -> None:
        away = next((one for one in of_company.values() if one.left_at), None)
        self.end(away or next(iter(of_company.values())))

    def of(self, company: str, client: str) -> Session:
        """Return the lasting session of a client as the log tells of it, a new one where there is none."""
        known = self._of(company).get(client)
        if known is None:
            known = Session(company, client, True, MOST_SECONDS, left_at=time.time())
            self._keep(known)
        return known

    def end(self, session: Session) -> None:
        """Forget a session."""
        of_company = self._of(session.company)
        if of_company.get(session.client) is session:
            del of_company[session.client]
            self._count -= 1
            if not of_company:
                del self._all[session.company]

    def drop(self, company: str) -> None:
        """Forget all sessions of a company."""
        self._count -= len(self._all.pop(company, ()))

    def leave(self, session: Session) -> None:
        """Note that a client has gone."""
        session.left_at = time.time()
        if not session.lasting:
            self.end(session)

    def _over(self, session: Session) -> bool:
        return bool(session.left_at) and time.time() > session.left_at + session.expiry

    def __iter__(self) -> Iterator[Session]:
        """Go through all lasting sessions, company by company."""
        for of_company in self._all.values():
            yield from of_company.values()

    def sweep(self) -> None:
        """Forget sessions whose time is over, and those that never release what they sent, once these are too many."""
        for session in [one for one in self if self._over(one)]:
            self.end(session)
        self._filters.clear()
        for one in self:
            self._filters[one.company] += len(one.subscriptions)
        received = sum(len(one.received) for one in self)
        if received > MOST_RECEIVED:
            for session in sorted(self, key=lambda one: (not one.left_at, -len(one.received))):
                received -= len(session.received)
                self.end(session)
                if received <= MOST_RECEIVED:
                    break

    def as_dict(self) -> list[dict[str, Any]]:
        """Return all lasting sessions as plain values."""
        return [
            {
                "company": one.company,
                "client": one.client,
                "expiry": one.expiry,
                "subscriptions": dict(one.subscriptions),
                "taken": one.taken.as_text(),
                "received": sorted(one.received.items()),
                "left_at": one.left_at or time.time(),
            }
            for one in self
            if one.lasting
        ]

    def restore(self, kept: list[Mapping[str, Any]]) -> None:
        """Take sessions as `as_dict` gave them.

        Raises:
            KeyError, TypeError, ValueError: they are none.
        """
        for one in kept:
            session = self.of(one["company"], one["client"])
            session.expiry, session.left_at = float(one["expiry"]), float(one["left_at"])
            session.subscriptions = {str(name): int(options) for name, options in one["subscriptions"].items()}
            session.taken = Remembered.from_text(one["taken"])
            session.received = dict((pair, UNKNOWN) if isinstance(pair, int) else pair for pair in one["received"])
