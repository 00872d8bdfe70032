"""Figures for the operator's monitoring (docs/operate.md lists them)."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("nordlotse_requests_total", "Requests answered", ["route", "method", "status"])
SECONDS = Histogram(
    "nordlotse_request_seconds", "Time to answer a request", ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
ANSWERS = Counter("nordlotse_answers_total", "Questions answered", ["kind", "confidence"])
ANSWER_SECONDS = Histogram(
    "nordlotse_answer_seconds", "Time from question to answer",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
PASSAGES = Gauge("nordlotse_passages", "Passages in this process's index")
REFUSED = Counter("nordlotse_refused_total", "Requests refused by a limit", ["limit"])
OPEN_QUESTIONS = Gauge("nordlotse_open_questions", "Questions on the desk that nobody has handled")
WORKER_AGE = Gauge("nordlotse_worker_age_seconds", "Seconds since the background worker last reported")
