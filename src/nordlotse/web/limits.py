"""Rate limits by client address: a token bucket per rule, kept in this process's memory only."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from nordlotse.web import metrics


@dataclass(frozen=True, slots=True)
class Rule:
    """At most `burst` requests at once and `per_minute` in the long run, for one kind of request.

    `endings` narrow it to addresses that end so; without any, how an address ends does not matter.
    """

    name: str
    methods: frozenset[str]
    prefixes: tuple[str, ...]
    per_minute: float
    burst: int
    endings: tuple[str, ...] = ("",)

    def applies(self, method: str, path: str) -> bool:
        """Tell whether a request falls under this rule; the English address counts as the German one, HEAD as GET."""
        method = "GET" if method == "HEAD" else method
        plain = path.removeprefix("/en") if path.startswith("/en/") else path
        return method in self.methods and plain.startswith(self.prefixes) and plain.endswith(self.endings)


#: What the public may do; staff pages fall under the sign-in limit only.
LIMITS = (
    Rule("ask", frozenset({"POST"}), ("/fragen/", "/api/v1/ask"), per_minute=30, burst=20),
    Rule("talk", frozenset({"POST"}), ("/gespraech/", "/anfrage/", "/fall/", "/meine-daten/"), per_minute=20, burst=15),
    Rule("register", frozenset({"POST"}), ("/termine/",), per_minute=30, burst=20),
    # A workshop of thirty may sit behind one address: answering is cheap, keeping writes a row, mailing reaches a stranger, and a plan
    # or a report keeps a processor busy for up to half a second, behind a link also by looking at it.
    Rule("check", frozenset({"POST"}), ("/check/",), per_minute=300, burst=150),
    Rule("check-keep", frozenset({"POST"}), ("/check/sichern/",), per_minute=30, burst=60),
    Rule("check-mail", frozenset({"POST"}), ("/check/",), per_minute=3, burst=30, endings=("/mail/",)),
    Rule(
        "check-plan",
        frozenset({"GET", "POST"}),
        ("/check/",),
        per_minute=120,
        burst=90,
        endings=("/plan/", "/plan.ics", "/bericht.pdf"),
    ),
    Rule("rate", frozenset({"POST"}), ("/antwort/", "/rueckmeldung/"), per_minute=20, burst=10),
    Rule(
        "search",
        frozenset({"GET"}),
        (
            "/suche/",
            "/foerderung/",
            "/netz/",
            "/api/v1/programmes",
            "/api/v1/search",
            "/api/v1/partners",
            "/api/v1/people",
        ),
        per_minute=120,
        burst=60,
    ),
    Rule(
        "sign-in",
        frozenset({"POST", "GET"}),
        ("/konto/", "/anmelden/", "/einladung/", "/identity/o/authorize"),
        per_minute=30,
        burst=30,
    ),
)


class Limiter:
    """Token buckets by (rule, address); the oldest are dropped beyond `capacity`."""

    def __init__(self, capacity: int = 50_000) -> None:
        """Start with full buckets for everybody."""
        self._capacity = capacity
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_seconds(self, rule: Rule, address: str, now: float | None = None) -> float:
        """Take one token; return 0 if there was one, else the seconds until there is one."""
        now = time.monotonic() if now is None else now
        rate = rule.per_minute / 60
        with self._lock:
            tokens, last = self._buckets.pop((rule.name, address), (float(rule.burst), now))
            tokens = min(float(rule.burst), tokens + (now - last) * rate)
            allowed = tokens >= 1
            self._buckets[rule.name, address] = (tokens - 1 if allowed else tokens, now)
            while len(self._buckets) > self._capacity:
                self._buckets.popitem(last=False)
        if allowed:
            return 0.0
        metrics.REFUSED.labels(rule.name).inc()
        return (1 - tokens) / rate

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._buckets.clear()


limiter = Limiter()
