"""200 users at once on the whole server, both databases: how long they wait, and whether every acknowledged write is there.

Think time is exponential with a mean of 4 s; of the actions 20 % ask (all different), 40 % look into the directory, 30 % read or
answer a case (half each), 10 % register for an event. The load runs on the same machine, the rate limits are off.
Targets: p95 at most 400 ms, no answer of the 500s, nothing acknowledged missing or there twice, the log's chain whole.
`python -m bench.journey.load [USERS]` takes fewer users, to try it out.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from tests import postgres
from tests.web.installation import Installation

from bench.answers.throughput import questions
from bench.journey.inside import python

USERS, SECONDS, THINK = 200, 60.0, 4.0
TOKEN = "a" * 32


@dataclass
class Seen:
    """What all users saw: milliseconds by action, statuses, and the marks of acknowledged writes."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    done: dict[str, list[str]] = field(default_factory=lambda: {"ask": [], "thread": [], "register": []})


class User(threading.Thread):
    """One person with a browser of one's own."""

    def __init__(
        self, number: int, port: int, world: dict[str, Any], asks: Iterator[Any], seen: Seen, end: float
    ) -> None:
        super().__init__(daemon=True)
        self.number, self.port, self.seen, self.end, self.asks = number, port, seen, end, asks
        self.me, self.events = world["users"][number], world["events"]
        self.chance = random.Random(number)
        self.connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        count = 0
        time.sleep(self.chance.expovariate(1 / THINK))
        while time.monotonic() < self.end:
            count += 1
            self.act(count)
            time.sleep(self.chance.expovariate(1 / THINK))

    def act(self, count: int) -> None:
        drawn, mark = self.chance.random(), f"{self.number}-{count}"
        if drawn < 0.2:
            with self.seen.lock:
                _, _, body = next(self.asks)
            status, raw = self.send("ask", "POST", "/api/v1/ask", body, json_body=True)
            if status == 200:
                self.keep("ask", json.loads(raw)["id"])
        elif drawn < 0.6:
            wanted = self.chance.choice(("", "?state=SH", "?state=HH", "?q=drucken", "?q=maschine&state=MV"))
            self.send("directory", "GET", f"/netz/{wanted}")
        elif drawn < 0.9:
            self.thread(mark)
        else:
            mail = f"marke{mark}@load.example"
            form = {"name": "Last", "mail": mail, "company_name": "", "form_token": f"marke-{mark}-{'x' * 10}"}
            status, _ = self.send(
                "register", "POST", f"/termine/{self.chance.choice(self.events)}/anmelden/", self.form(form)
            )
            if status == 302:
                self.keep("register", mail)

    def thread(self, mark: str) -> None:
        place = f"/betrieb/fall/{self.me['case']}/"
        if self.chance.random() < 0.5:
            self.send("thread", "GET", place)
            return
        text = f"Marke {mark}"
        status, _ = self.send("thread", "POST", place, self.form({"text": text, "once": f"once-{mark}", "do": "say"}))
        if status == 302:
            self.keep("thread", text)

    def form(self, values: dict[str, str]) -> bytes:
        return urlencode({**values, "csrfmiddlewaretoken": TOKEN}).encode()

    def keep(self, kind: str, mark: str) -> None:
        with self.seen.lock:
            self.seen.done[kind].append(mark)

    def send(
        self, kind: str, method: str, path: str, body: bytes | None = None, json_body: bool = False
    ) -> tuple[int, bytes]:
        headers = {"Host": "localhost", "Cookie": f"sessionid={self.me['session']}; csrftoken={TOKEN}"}
        if body is not None:
            headers["Content-Type"] = "application/json" if json_body else "application/x-www-form-urlencoded"
        begun = time.perf_counter()
        status, raw = self._send(method, path, body, headers)
        with self.seen.lock:
            self.seen.ms[kind].append((time.perf_counter() - begun) * 1000)
            if status not in (200, 302):
                self.seen.wrong[f"{kind} {status}"] += 1
        return status, raw

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        for _ in range(2):  # a kept-alive connection may have been closed meanwhile; only before anything was sent
            fresh = self.connection is None
            connection = self.connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                raw = answer.read()
            except (http.client.RemoteDisconnected, ConnectionError, OSError):
                connection.close()
                self.connection = None
                if fresh:
                    return 0, b""
                continue
            self.connection = None if answer.will_close else connection
            return answer.status, raw
        return 0, b""


def measure(name: str, users: int = USERS, **environment: str) -> dict[str, Any]:
    """Run the load on one installation and return the figures."""
    with tempfile.TemporaryDirectory(prefix="nordlotse-load-") as place:
        one = Installation(Path(place) / "data", NORDLOTSE_RATE_LIMIT="off", **environment).set_up()
        world = python(one, "bench.journey.seed", str(users))
        one.start()
        try:
            one.wait_ready()
            time.sleep(20)  # the worker embeds what is new after a start; that is over then
            seen, asks, end = Seen(), questions(), time.monotonic() + SECONDS
            people = [User(n, one.port, world, asks, seen, end) for n in range(users)]
            for user in people:
                user.start()
            for user in people:
                user.join(SECONDS + 60)
        finally:
            one.stop()
        found = python(one, "bench.journey.present", given=seen.done)
    every = [ms for part in seen.ms.values() for ms in part]
    return {
        "database": name,
        "requests": len(every),
        "per_second": len(every) / SECONDS,
        "p50": float(np.percentile(every, 50)),
        "p95": float(np.percentile(every, 95)),
        "p95_by_action": {k: float(np.percentile(v, 95)) for k, v in sorted(seen.ms.items())},
        "not_ok": dict(seen.wrong),
        "acknowledged": {k: len(v) for k, v in seen.done.items()},
        **found,
    }


def main() -> list[dict[str, Any]]:
    """Measure on both databases and print a table."""
    users = int(sys.argv[1]) if len(sys.argv) > 1 else USERS
    rows = [measure("SQLite", users)]
    if postgres.binaries() is not None:
        with postgres.server() as url:
            rows.append(measure("PostgreSQL", users, NORDLOTSE_DATABASE_URL=url))
    else:
        print("!!! SKIPPED LOUDLY: no PostgreSQL wheel for this platform")
    print(f"{users} users, think time {THINK:.0f} s, {SECONDS:.0f} s, load on the same machine\n")
    print(
        "| database | requests | per second | p50 ms | p95 ms | target p95 | not 200/302 | acknowledged writes | missing | twice | log |"
    )
    print("|---|---:|---:|---:|---:|---:|---|---:|---:|---:|---|")
    for row in rows:
        written, missing = sum(row["acknowledged"].values()), sum(row["missing"].values())
        chain = f"{row['log_entries']} entries, " + (
            "whole" if not row["log_broken_at"] else f"broken at {row['log_broken_at']}"
        )
        print(
            f"| {row['database']} | {row['requests']} | {row['per_second']:.0f} | {row['p50']:.0f} | {row['p95']:.0f} | 400 | "
            f"{row['not_ok'] or 'none'} | {written} | {missing} | {row['doubled']} | {chain} |"
        )
    print(
        "\np95 by action in ms: "
        + "; ".join(
            f"{row['database']} " + ", ".join(f"{k} {v:.0f}" for k, v in row["p95_by_action"].items()) for row in rows
        )
    )
    with contextlib.suppress(OSError):
        Path(tempfile.gettempdir(), "nordlotse-load.json").write_text(json.dumps(rows, indent=2))
    return rows


if __name__ == "__main__":
    main()
