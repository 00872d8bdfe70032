"""A CSV as a visitor brings it: sent to the page, looked at, confirmed at once, taken in by the worker, and its chart asked for until it is whole.

A part of `bench.iot.bulk`. A whole Nordlotse runs as an operator runs it; the visitor is a plain HTTP client that sends the forms as they stand.
"""

from __future__ import annotations

import http.client
import json
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from lxml import html  # type: ignore[import-untyped]
from tests.web.installation import Installation, free_port

_SEED = """
import django; django.setup()
from nordlotse.iot.models import Hall, Machine
hall = Hall.objects.create(store="local", name="Halle")
print(hall.pk, Machine.objects.create(hall=hall, name="Presse", title="Presse").pk)
"""
#: Points a chart on a wide screen asks for.
_STRETCHES = 2000
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Shown:
    """Seconds from the sending of the file until the page says what was detected, from the Yes until the chart holds every value, and of the page with it."""

    looked: float
    charted: float
    page: float


class _Visitor:
    """Sends forms as a browser without scripts does."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, str, bytes]:
        """Return status, where it leads to, and content."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()), "Host": "localhost"}
        if kind:
            headers |= {"Content-Type": kind, "Origin": "http://localhost"}
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for cookie in answer.msg.get_all("Set-Cookie") or []:
                name, _, value = cookie.partition(";")[0].partition("=")
                self._cookies[name] = value
            return answer.status, answer.msg.get("Location", ""), answer.read()
        finally:
            connection.close()

    def form(self, path: str, with_field: str) -> dict[str, str]:
        """Return what stands in the form of a page that has a field."""
        status, _, content = self.ask("GET", path)
        if status != 200:
            raise SystemExit(f"{path} answered {status}")
        form = next(one for one in html.fromstring(content).forms if with_field in one.fields)
        return {name: value for name, value in form.form_values() if isinstance(value, str)}


def uploaded(place: Path, path: Path, rows: int, signal: str) -> Shown:
    """Bring a CSV of so many rows to a Nordlotse of its own, and return how long it took."""
    site = Installation(place / "site", NORDLOTSE_IOT_MQTT=f"127.0.0.1:{free_port()}", NORDLOTSE_RATE_LIMIT="off")
    site.start()
    try:
        site.wait_ready()
        environment = {**site.environment, "DJANGO_SETTINGS_MODULE": "nordlotse.web.settings"}
        told = subprocess.run(
            [sys.executable, "-c", _SEED], check=True, capture_output=True, text=True, env=environment
        )
        hall, machine = told.stdout.split()[-2:]
        return _measured(_Visitor(site.port), f"/maschinen/{hall}/", machine, path, rows, signal)
    finally:
        site.stop()


def _measured(visitor: _Visitor, hall: str, machine: str, path: Path, rows: int, signal: str) -> Shown:
    fields = visitor.form(f"{hall}datei/", "csrfmiddlewaretoken") | {"machine": "Presse"}
    begun = time.perf_counter()
    status, file, content = visitor.ask("POST", f"{hall}datei/", *_multipart(fields, path))
    if status != 302:
        raise SystemExit(f"the file was answered with {status}: {content[-2000:].decode(errors='replace')}")
    fields = visitor.form(file, "decimal")
    looked = time.perf_counter() - begun
    begun = time.perf_counter()
    body = urlencode({**fields, "do": "take"}).encode()
    status, _, content = visitor.ask("POST", file, body, "application/x-www-form-urlencoded")
    if status != 302:
        raise SystemExit(f"the Yes was answered with {status}: {content[-2000:].decode(errors='replace')}")
    here = f"{hall}m/{machine}/"
    whole = urlencode({"from": 0, "to": time.time_ns() // 1000, "n": _STRETCHES, "signal": signal})
    while json.loads(visitor.ask("GET", f"{here}verlauf.json?{whole}")[2]).get("count", 0) < rows:
        if time.perf_counter() - begun > _PATIENCE:
            raise SystemExit("the values do not come")
        time.sleep(0.05)
    charted = time.perf_counter() - begun
    begun = time.perf_counter()
    status, _, content = visitor.ask("GET", f"{here}verlauf/")
    if status != 200 or signal.encode() not in content:
        raise SystemExit(f"the page of the chart answered {status}")
    return Shown(looked, charted, time.perf_counter() - begun)


def _multipart(fields: dict[str, str], path: Path) -> tuple[bytes, str]:
    border = secrets.token_hex(16)
    parts = [
        f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'Content-Disposition: form-data; name="file"; filename="{path.name}"\r\nContent-Type: text/csv\r\n\r\n'
    parts += [f"--{border}\r\n{head}".encode(), path.read_bytes(), f"\r\n--{border}--\r\n".encode()]
    return b"".join(parts), f"multipart/form-data; boundary={border}"
