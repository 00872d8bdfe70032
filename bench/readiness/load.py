"""500 companies answer the check at once on the whole server, both databases: how long they wait, and whether what was kept is there.

Think time is exponential with a mean of 10 s, as somebody has who reads a question. Half of the companies keep their check at once and
answer behind its link (every page is saved); the others let their answers travel and keep them with the fourth page. All look at their
result at the end and begin anew. The load runs on the same machine, the rate limits are off. Targets: p95 at most 300 ms, no answer
of the 500s, every answer that a 302 acknowledged is in the database.
`python -m bench.readiness.load [COMPANIES [SECONDS]]` takes fewer companies, to try it out.
"""

from __future__ import annotations

import html
import json
import random
import re
import sys
import tempfile
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from tests import postgres
from tests.web.installation import Installation

from bench.journey.inside import python

COMPANIES, SECONDS, THINK = 500, 60.0, 10.0
#: Milliseconds within which nineteen of twenty pages shall be there.
TARGET = 300
TOKEN = "a" * 32
#: Pages after which a company whose answers travel asks to keep them.
KEEPS_AFTER = 4

_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
_BOX = re.compile(r'<input type="(radio|checkbox)" name="(q_\w+)" value="([^"]*)"')


@dataclass
class Seen:
    """What all companies saw: milliseconds by action, unwanted statuses, and by check the answers acknowledged last."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)


class Company(threading.Thread):
    """One company with a browser of its own; it reads every page as a browser does and sends its fields back."""

    def __init__(self, number: int, port: int, seen: Seen, end: float) -> None:
        super().__init__(daemon=True)
        self.number, self.port, self.seen, self.end = number, port, seen, end
        self.chance = random.Random(number)
        self.connection: HTTPConnection | None = None

    def run(self) -> None:
        while self.think():
            self.check(at_once=self.number % 2 == 0)

    def think(self) -> bool:
        """Wait as somebody who reads; tell whether there is time left."""
        time.sleep(min(self.chance.expovariate(1 / THINK), max(0.0, self.end - time.monotonic())))
        return time.monotonic() < self.end

    def check(self, *, at_once: bool) -> None:
        self.send("start", "GET", "/check/")
        key, place, pages = "", "/check/fragen/", 0
        if at_once:
            key = self.keep({"answers": "{}", "models": "own"})
            status, page, _ = self.send("look", "GET", f"/check/{key}/fragen/?frage=employees")
            place = f"/check/{key}/fragen/"
        else:
            status, page, _ = self.send("page", "POST", place, {"models": "own", "do": "begin"})
        while status == 200 and 'name="shown"' in page and self.think():
            pages += 1
            sent = self.filled(page)
            if not key and pages == KEEPS_AFTER:
                key = self.keep({name: sent[name] for name in ("answers", "models")})
                return
            status, page, leads = self.send("save" if key else "page", "POST", place, sent)
            if status == 302:
                self.acknowledge(key, sent)
                status, page, _ = self.send("result" if "ergebnis" in leads else "look", "GET", leads)
        if not key and status == 200 and self.think():
            self.send("result", "POST", "/check/ergebnis/", dict(_hidden(page)))

    def filled(self, page: str) -> dict[str, Any]:
        """Return the fields of a page with one choice for every question."""
        sent: dict[str, Any] = dict(_hidden(page)) | {"do": "next"}
        boxes: dict[str, list[str]] = defaultdict(list)
        for _, name, value in _BOX.findall(page):
            boxes[name].append(html.unescape(value))
        for name, values in boxes.items():
            sent[name] = self.chance.choice(values[:-2] or values)
        if 'name="q_employees"' in page:
            sent["q_employees"] = str(self.chance.randrange(1, 250))
        return sent

    def keep(self, answers: dict[str, str]) -> str:
        _, page, _ = self.send("keep", "POST", "/check/sichern/", answers)
        status, _, leads = self.send("keep", "POST", "/check/sichern/", {**dict(_hidden(page)), "do": "keep"})
        key = leads.split("/")[2] if status == 302 else ""
        if key:
            with self.seen.lock:
                self.seen.kept[key] = json.loads(answers["answers"])
        return key

    def acknowledge(self, key: str, sent: dict[str, Any]) -> None:
        """Note what a page said that the server has acknowledged; a question left out has no answer then."""
        shown = str(sent["shown"]).split(",")
        with self.seen.lock:
            known = self.seen.kept[key]
            for name in shown:
                known.pop(name, None)
                if f"q_{name}" in sent:
                    known[name] = sent[f"q_{name}"]

    def send(self, kind: str, method: str, path: str, form: dict[str, Any] | None = None) -> tuple[int, str, str]:
        """Send one request and return status, page and where it leads; status 0 where nobody answered."""
        headers = {"Host": "localhost", "Cookie": f"csrftoken={TOKEN}"}
        body = None
        if form is not None:
            body = urlencode({**form, "csrfmiddlewaretoken": TOKEN})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        begun = time.perf_counter()
        status, raw, leads = self._send(method, path, body, headers)
        with self.seen.lock:
            self.seen.ms[kind].append((time.perf_counter() - begun) * 1000)
            if status not in (200, 302):
                self.seen.wrong[f"{kind} {status}"] += 1
        return status, raw.decode(), leads

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, bytes, str]:
        for _ in range(2):  # a kept-alive connection may have been closed meanwhile; only before anything was sent
            fresh = self.connection is None
            connection = self.connection or HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                raw = answer.read()
            except (HTTPException, OSError):
                connection.close()
                self.connection = None
                if fresh:
                    return 0, b"", ""
                continue
            self.connection = None if answer.will_close else connection
            return answer.status, raw, answer.headers.get("Location", "")
        return 0, b"", ""


def _hidden(page: str) -> list[tuple[str, str]]:
    """Return the hidden fields of a page's main form."""
    begin = page.find('id="fragen"')
    form = page[begin : page.find("</form>", begin)] if begin >= 0 else page
    return [(n, html.unescape(v)) for n, v in _HIDDEN.findall(form) if n != "csrfmiddlewaretoken"]


def measure(name: str, companies: int, seconds: float, **environment: str) -> dict[str, Any]:
    """Run the load on one installation and return the figures."""
    with tempfile.TemporaryDirectory(prefix="nordlotse-load-") as place:
        one = Installation(Path(place) / "data", NORDLOTSE_RATE_LIMIT="off", **environment).set_up()
        one.start()
        try:
            one.wait_ready()
            time.sleep(20)  # the worker embeds what is new after a start; that is over then
            seen, end = Seen(), time.monotonic() + seconds
            people = [Company(n, one.port, seen, end) for n in range(companies)]
            for company in people:
                company.start()
            for company in people:
                company.join(seconds + 60)
        finally:
            one.stop()
        found = python(one, "bench.readiness.present", given=seen.kept)
    every = [ms for part in seen.ms.values() for ms in part]
    return {
        "database": name,
        "requests": len(every),
        "per_second": len(every) / seconds,
        "p50": float(np.percentile(every, 50)),
        "p95": float(np.percentile(every, 95)),
        "p95_by_action": {k: (len(v), float(np.percentile(v, 95))) for k, v in sorted(seen.ms.items())},
        "not_ok": dict(seen.wrong),
        **found,
    }


def main() -> list[dict[str, Any]]:
    """Measure on both databases and print a table."""
    companies = int(sys.argv[1]) if len(sys.argv) > 1 else COMPANIES
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    rows = [measure("SQLite", companies, seconds)]
    if postgres.binaries() is not None:
        with postgres.server() as url:
            rows.append(measure("PostgreSQL", companies, seconds, NORDLOTSE_DATABASE_URL=url))
    else:
        print("!!! SKIPPED LOUDLY: no PostgreSQL wheel for this platform")
    print(f"{companies} companies, think time {THINK:.0f} s, {seconds:.0f} s, load on the same machine\n")
    print(
        "| database | requests | per second | p50 ms | p95 ms | target p95 | not 200/302 | checks kept | answers acknowledged | missing or other |"
    )
    print("|---|---:|---:|---:|---:|---:|---|---:|---:|---:|")
    for row in rows:
        print(
            f"| {row['database']} | {row['requests']} | {row['per_second']:.0f} | {row['p50']:.0f} | {row['p95']:.0f} | {TARGET} | "
            f"{row['not_ok'] or 'none'} | {row['checks']} | {row['answers']} | {row['missing']} |"
        )
    for row in rows:
        told = ", ".join(f"{k} {p95:.0f} ({n})" for k, (n, p95) in row["p95_by_action"].items())
        print(f"\np95 by action in ms (number), {row['database']}: {told}")
    return rows


if __name__ == "__main__":
    main()
