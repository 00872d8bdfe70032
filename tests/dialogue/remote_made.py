"""A remote system that answers what it is told to: recorded answers, errors, or silence."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Remote:
    """Answers by path (a JSON value, or bytes), what was asked, and the status given to everything while it is not 200."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    status: int = 200
    port: int = 0

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def running() -> Iterator[Remote]:
    """Run a remote system on a free port."""
    remote = Remote()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            remote.asked.append(self.path)
            remote.tokens.append(self.headers.get("Authorization", ""))
            found = remote.answers.get(urlsplit(self.path).path)
            status = remote.status if remote.status != 200 else 200 if found is not None else 404
            body = found if isinstance(found, bytes) else json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    remote.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield remote
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def pretix_event(slug: str, **values: Any) -> dict[str, Any]:
    """Return an event as pretix's interface gives it (fields as in its documentation, values ours)."""
    return {
        "name": {"de": f"Termin {slug}", "en": f"Event {slug}"},
        "slug": slug,
        "live": True,
        "testmode": False,
        "currency": "EUR",
        "date_from": "2026-12-01T10:00:00+01:00",
        "date_to": "2026-12-01T12:00:00+01:00",
        "date_admission": None,
        "is_public": True,
        "presale_start": None,
        "presale_end": None,
        "location": {"de": "Hafenstraße 1\nHamburg"},
        "has_subevents": False,
        "meta_data": {},
        "seating_plan": None,
        "plugins": [],
        **values,
    }


def pretix_date(number: int, **values: Any) -> dict[str, Any]:
    """Return one date of a series as pretix's interface gives it."""
    return {
        "id": number,
        "name": {"de": f"Sprechtag {number}"},
        "event": "sprechtag",
        "active": True,
        "is_public": True,
        "date_from": "2026-12-03T09:00:00+01:00",
        "date_to": None,
        "location": None,
        "frontpage_text": {"de": "Eine Stunde, **kostenlos**."},
        "last_modified": "2026-11-01T10:00:00+00:00",
        **values,
    }


def page(*rows: dict[str, Any], following: str | None = None) -> dict[str, Any]:
    """Return a page of pretix."""
    return {"count": len(rows), "next": following, "previous": None, "results": list(rows)}


def indico_event(number: int, **values: Any) -> dict[str, Any]:
    """Return an event as Indico's export gives it."""
    return {
        "_type": "Conference",
        "id": str(number),
        "title": f"Seminar {number}",
        "description": "<p>Mit <em>Übung</em></p>",
        "startDate": {"date": "2026-12-02", "time": "14:00:00", "tz": "Europe/Berlin"},
        "endDate": {"date": "2026-12-02", "time": "16:00:00", "tz": "Europe/Berlin"},
        "timezone": "Europe/Berlin",
        "url": f"https://indico.example/event/{number}/",
        "location": "TUHH",
        "roomFullname": "H-0.16",
        "address": "",
        "type": "meeting",
        "categoryId": 5,
        "category": "Transfer",
        **values,
    }


def indico(*rows: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of Indico's export."""
    return {"count": len(rows), "additionalInfo": {}, "_type": "HTTPAPIResult", "ts": 1793500000, "results": list(rows)}
