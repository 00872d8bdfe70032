"""Figures for the operator's monitoring (docs/operate.md lists them).

Several web processes count into one folder (`PROMETHEUS_MULTIPROC_DIR`, set by `web/server.py`), so that every scrape
gives the sum over all of them whichever process answers it.
"""

from __future__ import annotations

import os

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

REQUESTS = Counter("nordlotse_requests_total", "Requests answered", ["route", "method", "status"])
SECONDS = Histogram(
    "nordlotse_request_seconds",
    "Time to answer a request",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
ANSWERS = Counter("nordlotse_answers_total", "Questions answered", ["kind", "confidence"])
ANSWER_SECONDS = Histogram(
    "nordlotse_answer_seconds",
    "Time from question to answer",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
PASSAGES = Gauge("nordlotse_passages", "Passages in the index", multiprocess_mode="livemax")
REFUSED = Counter("nordlotse_refused_total", "Requests refused by a limit", ["limit"])
OPEN_QUESTIONS = Gauge(
    "nordlotse_open_questions", "Questions on the desk that nobody has handled", multiprocess_mode="livemostrecent"
)
WORKER_AGE = Gauge(
    "nordlotse_worker_age_seconds",
    "Seconds since the background worker last reported",
    multiprocess_mode="livemostrecent",
)
MAILS = Gauge(
    "nordlotse_mails",
    "Mails in the outbox that wait or have failed",
    ["state"],
    multiprocess_mode="livemostrecent",
)

#: Every metric by its name without unit suffixes of the text format, for the test that compares with the docs.
ALL = (REQUESTS, SECONDS, ANSWERS, ANSWER_SECONDS, PASSAGES, REFUSED, OPEN_QUESTIONS, WORKER_AGE, MAILS)


def method(name: str | None) -> str:
    """Return the method as a label; invented ones count as "other", so that nobody can grow the table."""
    return name if name in _METHODS else "other"


def exposition() -> bytes:
    """Return all figures in Prometheus' text format, over all web processes where there are several."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # the library leaves it untyped
    return generate_latest(registry)
