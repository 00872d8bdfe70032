"""Live values to those who have subscribed, and the last retained value of each topic. Both are a comfort with bounds: storing never waits for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from nordlotse.iot.core.mqtt.answers import publish
from nordlotse.iot.core.mqtt.frames import Publications
from nordlotse.iot.core.mqtt.matching import matches
from nordlotse.iot.core.mqtt.ports import Login

_RETAIN = 1
#: Options of a subscription [MQTT 5, 3.8.3.1]: not my own publications; keep the retain flag as it was published.
_NO_LOCAL, _AS_PUBLISHED = 4, 8
#: Routes of topics kept; with more topics they are found anew.
_MOST_ROUTES = 50_000
#: Retained values of a company, and bytes of them; bytes of all.
_MOST_RETAINED, _RETAINED_BYTES, _RETAINED_ALL = 2_000, 4 * 1024 * 1024, 32 * 1024 * 1024
#: Filters of all clients of a company together.
MOST_FILTERS = 20_000


class Subscriber(Protocol):
    """A connection as this module sees it."""

    @property
    def login(self) -> Login:
        """Return who it is."""
        ...

    @property
    def version(self) -> int:
        """Return 4 for MQTT 3.1.1, 5 for 5."""
        ...

    @property
    def room(self) -> int:
        """Return how many bytes it may be sent now; not above 0 for one that is slow or gone."""
        ...

    @property
    def largest(self) -> int:
        """Return the largest packet it takes, in bytes."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes."""
        ...


class Live:
    """Who has subscribed to what. `budget`: how much may be sent a second, one for each value and each 256 bytes of it.

    A subscriber that is slow, and everybody once the budget is spent, misses values; `dropped` counts them.
    """

    def __init__(self, budget: int) -> None:
        """Begin without subscriptions."""
        self._filters: dict[str, dict[str, dict[Subscriber, int]]] = {}
        self._counts: dict[str, int] = {}
        self._routes: dict[str, dict[bytes, list[tuple[Subscriber, int]]]] = {}
        self._kept_routes = 0
        self._per_second = budget
        self._budget = float(budget)
        self.dropped = 0

    def tick(self, seconds: float) -> None:
        """Let the budget grow with the time that has passed."""
        self._budget = min(self._budget + self._per_second * seconds, self._per_second)

    def spend(self, cost: int) -> bool:
        """Take from the budget; False if it is spent."""
        if self._budget <= 0:
            return False
        self._budget -= cost
        return True

    def subscribe(self, who: Subscriber, pattern: str, options: int) -> bool:
        """Add or change a subscription; False where the company has too many."""
        company = who.login.company
        filters = self._filters.setdefault(company, {})
        subscribers = filters.get(pattern, {})
        if who not in subscribers:
            if self._counts.get(company, 0) >= MOST_FILTERS:
                return False
            self._counts[company] = self._counts.get(company, 0) + 1
        filters.setdefault(pattern, subscribers)[who] = options
        self._forget_routes(company)
        return True

    def unsubscribe(self, who: Subscriber, pattern: str) -> None:
        """Remove a subscription."""
        company = who.login.company
        filters = self._filters.get(company, {})
        if filters.get(pattern, {}).pop(who, None) is not None:
            self._counts[company] -= 1
            if not filters[pattern]:
                del filters[pattern]
            if not filters:
                del self._filters[company], self._counts[company]
            self._forget_routes(company)

    def _forget_routes(self, company: str) -> None:
        self._kept_routes -= len(self._routes.pop(company, ()))

    def wanted(self, company: str) -> bool:
        """Return whether anybody of a company has subscribed to anything."""
        return company in self._filters

    def hand_on(
        self, company: str, sender: Subscriber | None, found: Publications, texts: Mapping[bytes, str | None]
    ) -> None:
        """Send publications to those who have subscribed to them. `texts`: their topics as text."""
        out: dict[Subscriber, tuple[list[bytes], list[int]]] = {}
        for topic, payload, first in zip(found.topics, found.payloads, found.flags, strict=True):
            receivers = self._receivers(company, topic, texts)
            if not receivers:
                continue
            packets: dict[tuple[int, int], bytes] = {}
            for who, options in receivers:
                if who is sender and options & _NO_LOCAL:
                    continue
                kind = (who.version, first & _RETAIN if options & _AS_PUBLISHED else 0)
                packet = packets.get(kind)
                if packet is None:
                    packet = packets[kind] = publish(topic, payload, kind[0], bool(kind[1]))
                pieces, left = out.get(who) or out.setdefault(who, ([], [who.room]))
                size = len(packet)
                if left[0] <= 0 or size > who.largest or not self.spend(1 + size // 256):
                    self.dropped += 1
                    continue
                pieces.append(packet)
                left[0] -= size
        for who, (pieces, _) in out.items():
            if pieces:
                who.write(b"".join(pieces))

    def _receivers(self, company: str, topic: bytes, texts: Mapping[bytes, str | None]) -> list[tuple[Subscriber, int]]:
        """Return who gets a topic, each once, with its options."""
        routes = self._routes.setdefault(company, {})
        found = routes.get(topic)
        if found is None:
            filters = self._filters.get(company, {})
            if not self.spend(1 + len(filters) // 8):
                self.dropped += 1
                return []
            text = texts.get(topic) or topic.decode()
            options_of: dict[Subscriber, int] = {}
            for pattern, subscribers in filters.items():
                if matches(pattern, text):
                    for who, options in subscribers.items():
                        if who.login.may(text):
                            before = options_of.get(who, options)
                            # several filters of one client: one copy, and the options that keep most of it
                            options_of[who] = (before & options & _NO_LOCAL) | ((before | options) & _AS_PUBLISHED)
            if self._kept_routes >= _MOST_ROUTES:
                self._routes = {company: {}}
                self._kept_routes = 0
                routes = self._routes[company]
            found = routes[topic] = list(options_of.items())
            self._kept_routes += 1
        return found


class Retained:
    """The last retained value of each topic, in memory: gone when the process ends. What must last is asked of the store."""

    def __init__(self) -> None:
        """Begin without any."""
        self._of: dict[str, dict[str, bytes]] = {}
        self._bytes: dict[str, int] = {}

    def keep(self, company: str, topic: str, payload: bytes) -> None:
        """Keep a value; an empty one removes it [MQTT 5, 3.3.1.3]. Where the company has too many, nothing new is kept."""
        values = self._of.setdefault(company, {})
        before = values.get(topic)
        used = self._bytes.get(company, 0) - (len(topic) + len(before) if before is not None else 0)
        size = len(topic) + len(payload) if payload else 0
        fits = (
            (before is not None or len(values) < _MOST_RETAINED)
            and used + size <= _RETAINED_BYTES
            and sum(self._bytes.values()) + size <= _RETAINED_ALL
        )
        if payload and fits:
            values[topic] = payload
        else:  # one that no longer fits must not leave an older one standing as the last
            values.pop(topic, None)
            size = 0
        self._bytes[company] = used + size

    def found(self, login: Login, pattern: str) -> Iterator[tuple[str, bytes]]:
        """Go through what a login may see of a filter."""
        for topic, payload in list(self._of.get(login.company, {}).items()):
            if login.may(topic) and matches(pattern, topic):
                yield topic, payload

    def count(self, company: str) -> int:
        """Return how many values a company has."""
        return len(self._of.get(company, ()))

    def forget(self, company: str, going: Callable[[bytes], bool]) -> None:
        """Forget a company's values of some topics."""
        for topic in [topic for topic in self._of.get(company, ()) if going(topic.encode())]:
            self.keep(company, topic, b"")

    def drop(self, company: str) -> None:
        """Forget a company's values."""
        self._of.pop(company, None)
        self._bytes.pop(company, None)
