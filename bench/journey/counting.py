"""Counting over 1,000,000 services of two years and 20,000 companies, on SQLite and PostgreSQL.

`python -m bench.journey.counting [N]` prints a table and writes build/bench/journey_counting.json: seconds on the clock, and in brackets those of this process's own
work (a busy machine makes the first ones longer). Each row says what had been counted before: what a month was counted to is kept
packed, by closing it or by the worker, until something changes in it; what a process has put together it remembers.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

SERVICES = 1_000_000
COMPANIES = 20_000
TARGET_SECONDS = 1.0
MONTHS = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)]
COLUMNS = (
    "source", "kind", "format", "topic", "day", "participants", "minutes", "note", "company_key", "contact_key", "state",
    "district", "sector", "size", "event", "is_example", "created_at", "confirmed_at",
)  # fmt: skip
KINDS = ("answer", "consultation", "call", "visit", "workshop", "talk", "working_group", "demonstration", "funding")
TOPICS = ("digitalisation", "iot", "print3d", "industrie40", "business_models", "funding", "network", "events")


def rows(number: int) -> Any:
    """Yield services drawn with a fixed seed."""
    from nordlotse.foundation.districts import districts
    from nordlotse.foundation.sectors import divisions

    draw = random.Random(20260101)
    places, sectors = [(d.state.value, d.key) for d in districts()], list(divisions())
    firms = [
        (f"k{n:015d}", *draw.choice(places), draw.choice(sectors), draw.choice(("micro", "small", "medium", "large")))
        for n in range(COMPANIES)
    ]
    for n in range(number):
        key, state, district, sector, size = draw.choice(firms)
        month = MONTHS[n % len(MONTHS)]
        yield (
            f"bench:{n}", draw.choice(KINDS), draw.choice(("on_site", "online", "phone", "mail")), draw.choice(TOPICS),
            f"{month}-{1 + n % 28:02d}", 1 + n % 5, draw.choice((20, 45, 60, 120)), "", key, "", state, district, sector,
            size, "", False, "2025-12-31 12:00:00+00:00", "2025-12-31 12:00:00+00:00",
        )  # fmt: skip


def fill(number: int) -> None:
    """Write the services past the actions, which would take hours."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY journey_service ({', '.join(COLUMNS)}) FROM STDIN") as copy:
                for row in rows(number):
                    copy.write_row(row)
        else:
            marks = ", ".join(["?"] * len(COLUMNS))
            connection.connection.executemany(
                f"INSERT INTO journey_service ({', '.join(COLUMNS)}) VALUES ({marks})", rows(number)
            )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measure(number: int) -> dict[str, list[float]]:
    """Return seconds (clock, own work) by what was asked; every figure of two years each time."""
    from tests.journey.factories import company, person

    from nordlotse.journey.actions import entering, services
    from nordlotse.journey.actions import figures as closing
    from nordlotse.journey.actions.tallies import count_ahead
    from nordlotse.journey.core.periods import Period
    from nordlotse.journey.models import CountedMonth, KeptTally
    from nordlotse.journey.queries import figures

    fill(number)
    CountedMonth.objects.bulk_create(CountedMonth(month=m, stamp="bench") for m in MONTHS)
    period = Period("2024-01-01..2025-12-31", date(2024, 1, 1), date(2025, 12, 31))
    quarter = Period("2025-10-01..2025-12-31", date(2025, 10, 1), date(2025, 12, 31))
    days = Period("2024-01-20..2025-12-10", date(2024, 1, 20), date(2025, 12, 10))
    made: dict[str, list[float]] = {}

    def clock(name: str, work: Any) -> None:
        begun, own = time.perf_counter(), time.process_time()
        work()
        made[name] = [round(time.perf_counter() - begun, 3), round(time.process_time() - own, 3)]

    def change(month: str) -> None:
        entering.enter(person("coordinator"), "call", about=services.About(company()), minutes=20)
        CountedMonth.objects.filter(pk=month).update(stamp=f"changed {len(made)}")

    clock("two years, nothing closed, nothing counted ahead", lambda: figures.tally(period))
    clock("two years, nothing closed, again", lambda: figures.tally(period))
    clock("the worker counts 24 months ahead", count_ahead)
    figures.forget()
    clock("a quarter, nothing closed, first time in a process", lambda: figures.tally(quarter))
    clock("two years, nothing closed, first time in a process", lambda: figures.tally(period))
    change(MONTHS[3])
    clock("two years, nothing closed, one service later", lambda: figures.tally(period))
    clock("closing 23 months", lambda: [closing.close_month(person("coordinator"), m) for m in MONTHS[:-1]])
    figures.forget()
    clock("two years, 23 months closed, first time in a process", lambda: figures.tally(period))
    change(MONTHS[-1])
    clock("two years, 23 months closed, one service later", lambda: figures.tally(period))
    clock("two years, 23 months closed, again", lambda: figures.tally(period))
    change(MONTHS[-1])
    figures.forget()
    clock("the same, one service later and first time in a process", lambda: figures.tally(period))
    clock("from a day to a day, nearly two years", lambda: figures.tally(days))
    clock("closing the 24th month", lambda: closing.close_month(person("coordinator"), MONTHS[-1]))
    figures.forget()
    clock("a quarter, closed, first time in a process", lambda: figures.tally(quarter))
    clock("two years, closed, first time in a process", lambda: figures.tally(period))
    clock("two years, closed, again", lambda: figures.tally(period))
    KeptTally.objects.all().delete()
    figures.forget()
    clock("two years, closed, nothing kept packed: from the frozen JSON", lambda: figures.tally(period))
    assert figures.tally(period)[1].total.services == number
    return made


def _run_here(number: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "nordlotse.web.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    print(json.dumps(measure(number)))


def main() -> int:
    """Measure both databases, each in a process and a folder of its own; return 1 if a closed period takes too long."""
    if os.environ.get("NORDLOTSE_BENCH_COUNTING"):
        _run_here(int(sys.argv[1]))
        return 0
    from tests import postgres

    number = int(sys.argv[1]) if len(sys.argv) > 1 else SERVICES
    found: dict[str, dict[str, list[float]]] = {}

    def run(name: str, extra: dict[str, str]) -> None:
        with tempfile.TemporaryDirectory(prefix="nordlotse-bench-") as folder:
            environment = {**os.environ, "NORDLOTSE_DATA_DIR": folder, "NORDLOTSE_BENCH_COUNTING": "1", **extra}
            command = [sys.executable, "-m", "bench.journey.counting", str(number)]
            done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
            found[name] = json.loads(done.stdout.splitlines()[-1])

    run("sqlite", {})
    if postgres.binaries() is not None:
        with postgres.server() as url:
            run("postgresql", {"NORDLOTSE_DATABASE_URL": url})
    print(f"counting over {number:,} services of {COMPANIES:,} companies, seconds (target {TARGET_SECONDS})")
    for name in found["sqlite"]:
        told = (f"{vendor} {times[name][0]:7.3f} ({times[name][1]:.3f})" for vendor, times in found.items())
        print(f"  {name:62s}", *told)
    folder = Path("build/bench")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "journey_counting.json").write_text(json.dumps(found, indent=2), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
