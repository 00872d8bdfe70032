"""Requests per second of the whole server: distinct questions (no answer cache helps) and list pages.

The server is started as an operator starts it, on its own data folder and port, with the rate limits off. The load comes from
threads of this process with kept-alive connections; it takes a share of the same cores, so a quiet machine with a second one for the
load would show more. Targets: questions at least 40/s with p95 of at most 400 ms, list pages at least 300/s.
"""

from __future__ import annotations

import http.client
import itertools
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from tests.web.installation import Installation

SECONDS = 8.0
CLIENTS = 8

_STEMS = (
    "Was kostet",
    "Wie funktioniert",
    "Lohnt sich",
    "Wer hilft bei",
    "Was bringt",
    "Welche Risiken hat",
    "Wie beginnen wir mit",
    "Wer fördert",
)
_SUBJECTS = ("Retrofit", "OPC UA", "3D-Druck aus Metall", "Pay-per-Use", "vorausschauender Wartung", "E-Rechnungen", "einem digitalen Zwilling",
             "MQTT-Sensoren", "einer Cloud-Lösung", "NIS2", "Ersatzteilen aus dem Drucker", "einem ERP-System", "OEE-Messung", "Datenräumen")  # fmt: skip
_COMPANIES = (
    "einer Tischlerei",
    "einer Werft",
    "einem Maschinenbauer",
    "einer Bäckerei",
    "einem Logistiker",
    "einem Metallbetrieb",
    "einem Hotel",
)

Request = tuple[str, str, bytes | None]


def questions() -> Iterator[Request]:
    """Yield questions of which no two are alike."""
    for number in itertools.count(3):
        for stem, subject, company in itertools.product(_STEMS, _SUBJECTS, _COMPANIES):
            text = f"{stem} {subject} in {company} mit {number} Leuten?"
            yield "POST", "/api/v1/ask", json.dumps({"question": text}).encode()


def pages(path: str) -> Callable[[], Iterator[Request]]:
    """Return what yields requests for one page."""
    return lambda: itertools.repeat(("GET", path, None))


def load(port: int, requests: Iterator[Request], seconds: float = SECONDS, clients: int = CLIENTS) -> dict[str, float]:
    """Send requests for some seconds and return requests per second, p50 and p95 in ms, and how many failed."""
    lock, times, failed = threading.Lock(), [], [0]
    end = time.perf_counter() + seconds

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.perf_counter() < end:
            with lock:
                method, path, body = next(requests)
            start = time.perf_counter()
            try:
                connection.request(method, path, body, {"Host": "localhost", "Content-Type": "application/json"})
                answer = connection.getresponse()
                answer.read()
                good = answer.status == 200
            except (OSError, http.client.HTTPException):
                connection.close()
                good = False
            with lock:
                times.append(time.perf_counter() - start)
                failed[0] += not good
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lasted = time.perf_counter() - begun
    p50, p95 = np.percentile(np.array(times) * 1000, [50, 95])
    return {
        "per_second": round(len(times) / lasted, 1),
        "p50_ms": round(float(p50), 1),
        "p95_ms": round(float(p95), 1),
        "failed": failed[0],
    }


WHAT: dict[str, Callable[[], Iterator[Request]]] = {
    "/api/v1/ask, distinct questions": questions,
    "/wissen/": pages("/wissen/"),
    "/thema/iot/": pages("/thema/iot/"),
    "/foerderung/": pages("/foerderung/"),
}


def main() -> dict[str, dict[str, float]]:
    """Start the server, measure everything, print a table, and return the figures."""
    with tempfile.TemporaryDirectory(prefix="nordlotse-bench-") as place:
        server = Installation(Path(place) / "data", NORDLOTSE_RATE_LIMIT="off")
        server.start()
        try:
            print(f"ready after {server.wait_ready():.1f} s (first start on this data folder)")
            server.stop()
            server.start()
            print(f"ready after {server.wait_ready():.1f} s (second start)")
            load(server.port, questions(), 2)  # every process has seen a question
            found = {name: load(server.port, make()) for name, make in WHAT.items()}
        finally:
            server.stop()
    print(f"{'what':34} {'req/s':>7} {'p50 ms':>7} {'p95 ms':>7} {'failed':>6}")
    for name, row in found.items():
        print(f"{name:34} {row['per_second']:7.1f} {row['p50_ms']:7.1f} {row['p95_ms']:7.1f} {row['failed']:6.0f}")
    return found


if __name__ == "__main__":
    main()
