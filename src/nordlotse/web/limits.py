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
    # A part handed in keeps a core busy for seconds and lies on the disk; changing a figure beside it costs little.
    Rule(
        "part",
        frozenset({"POST"}),
        ("/druck/",),
        per_minute=20,
        burst=30,
        endings=(
            "/druck/",
            "/liste/",
            "/packen/",
            "/beispiel/",
            "/neu/",
            "/reparatur/",
            "/genau/",
            "/kalibrieren/",
            "/werkstatt/",
            "/teil/",
            "/weiter/",
        ),
    ),
    Rule("part-api", frozenset({"POST"}), ("/api/v1/print3d/",), per_minute=20, burst=30),
    Rule("part-change", frozenset({"POST"}), ("/druck/",), per_minute=240, burst=120),
    # A way turned by hand is reckoned and drawn while somebody looks at it; a slider asks with every move.
    Rule(
        "part-look",
        frozenset({"GET"}),
        ("/druck/",),
        per_minute=240,
        burst=120,
        endings=("/lage/", "/bild.png", "/kosten/"),
    ),
    Rule("part-report", frozenset({"GET"}), ("/druck/",), per_minute=30, burst=20, endings=("/bericht.pdf",)),
    # A hall begun takes room on the disk for a day; machines send all day, and what they send is counted in values besides.
    Rule(
        "machine-new",
        frozenset({"POST"}),
        ("/maschinen/",),
        per_minute=12,
        burst=30,
        endings=("/maschinen/halle/", "/maschinen/simulator/", "/datei/"),
    ),
    Rule("machine-change", frozenset({"POST"}), ("/maschinen/",), per_minute=120, burst=120),
    # Each sends a mail to an address that somebody typed.
    Rule("machine-mail", frozenset({"POST"}), ("/maschinen/",), per_minute=6, burst=10, endings=("/wen/",)),
    Rule("machine-report", frozenset({"GET"}), ("/maschinen/",), per_minute=30, burst=20, endings=("/bericht.pdf",)),
    # Weeks of values are read, or shifts worked out, while somebody waits for the page.
    Rule(
        "machine-page",
        frozenset({"GET"}),
        ("/maschinen/",),
        per_minute=600,
        burst=300,
        endings=(
            "/verlauf/",
            "/auslastung/",
            "/zustaende/",
            "/stopps/",
            "/energie/",
            "/bericht/",
            "/waechter/",
            "/mitnehmen/",
            "/zuordnung/",
        ),
    ),
    Rule(
        "machine-export",
        frozenset({"GET"}),
        ("/maschinen/",),
        per_minute=12,
        burst=12,
        endings=(".csv", ".parquet", ".zip"),
    ),
    # Dragging through a year asks for four charts many times a second; a stream is taken up again when a page is looked at.
    Rule(
        "machine-look",
        frozenset({"GET"}),
        ("/maschinen/",),
        per_minute=1200,
        burst=300,
        endings=("/verlauf.json", "/strom/", "/jetzt/"),
    ),
    Rule("machine-send", frozenset({"POST"}), ("/api/v1/iot/",), per_minute=1200, burst=600),
    Rule("machine-ask", frozenset({"GET"}), ("/api/v1/iot/",), per_minute=600, burst=300),
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
