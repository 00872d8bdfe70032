"""Fills the tables with 100,000 cases and 1,000,000 services, past the actions, which would take days; drawn with a fixed seed.

Of the cases every eighth is open, in all states an open case can have; of the services 2,000 wait for a tap, the rest lies in the
24 months before this one, which are closed, and in this one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

CASES, SERVICES, COMPANIES, INQUIRIES = 100_000, 1_000_000, 20_000, 100_000
WAITING = 2_000
OPEN_EVERY = 8
DAYS = 730
KINDS = ("answer", "consultation", "call", "visit", "workshop", "talk", "working_group", "demonstration", "funding")
FORMATS = ("on_site", "online", "phone", "mail")
TOPICS = ("digitalisation", "iot", "print3d", "industrie40", "business_models", "funding", "network", "events")
SIZES = ("micro", "small", "medium", "large")
#: Names as registers hold them: surname, trade, legal form.
NAMES = (
    "Petersen",
    "Klüver",
    "Behrens",
    "Ahlers",
    "Wulff",
    "Ehlers",
    "Bruhn",
    "Jürgensen",
    "Matthiesen",
    "Thomsen",
    "Lorenzen",
    "Voß",
)
TRADES = (
    "Metallbau",
    "Tischlerei",
    "Werft",
    "Bäckerei",
    "Druckerei",
    "Elektrotechnik",
    "Spedition",
    "Gartenbau",
    "Maschinenbau",
)
FORMS = ("GmbH", "GmbH & Co. KG", "e. K.", "KG", "GbR")


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of everything."""

    cases: int = CASES
    services: int = SERVICES
    companies: int = COMPANIES
    inquiries: int = INQUIRIES


def moment(at: datetime) -> str:
    """Return a moment as both databases take it in, in UTC: SQLite keeps the words, PostgreSQL reads them."""
    from django.db import connection

    return at.strftime("%Y-%m-%d %H:%M:%S") + ("+00" if connection.vendor == "postgresql" else "")


def insert(model: Any, rows: Iterable[dict[str, Any]], **always: Any) -> None:
    """Write rows with values as the database takes them in; `always` and the model's own defaults stand in every row."""
    from django.db import connection

    first = dict(next(rows := iter(rows)))
    fields = [f for f in model._meta.concrete_fields if not f.generated and (not f.primary_key or f.attname in first)]
    constant = {f.attname: f.get_db_prep_save(f.get_default(), connection) for f in fields if f.has_default()}
    constant |= {f.attname: "" for f in fields if f.attname not in constant and f.empty_strings_allowed and not f.null}
    constant |= always
    names = [f.attname for f in fields]
    columns = ", ".join(f'"{f.column}"' for f in fields)

    def values() -> Iterator[list[Any]]:
        yield [first.get(n, constant.get(n)) for n in names]
        for row in rows:
            yield [row[n] if n in row else constant.get(n) for n in names]

    with connection.cursor() as cursor:
        table = model._meta.db_table
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
                for value in values():
                    copy.write_row(value)
        else:
            marks = ", ".join(["?"] * len(names))
            connection.connection.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', values())


def _wide(kilobytes: int) -> None:
    """Give SQLite so much memory for its pages; with its usual 2 MB this writing would take ten times as long."""
    from django.db import connection

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = -{kilobytes:d}")


class Crowd:
    """What is drawn belongs together: companies have places, cases companies, services companies and cases."""

    def __init__(self, size: Size) -> None:
        from django.utils import timezone

        from nordlotse.foundation.districts import districts
        from nordlotse.foundation.sectors import divisions
        from nordlotse.network.models import Person

        self.size, self.draw = size, random.Random(20261123)
        self.now = timezone.now()
        self.today: date = timezone.localdate()
        self.places = [(d.state.value, d.key) for d in districts()]
        self.sectors = list(divisions())
        self.people = list(Person.objects.order_by("pk").values_list("pk", "partner_id"))
        self.firms = [
            (f"b{n:015d}", *self.draw.choice(self.places), self.draw.choice(self.sectors), self.draw.choice(SIZES))
            for n in range(size.companies)
        ]

    def fill(self) -> None:
        """Write everything and let the database take stock."""
        from django.db import connection, transaction

        from nordlotse.journey.models import Assignment, Case, Company, Contact, Inquiry, Service

        steps: Sequence[tuple[Any, Callable[[], Iterator[dict[str, Any]]], dict[str, Any]]] = (
            (Company, self._companies, {"created_at": moment(self.now)}),
            (Contact, self._contacts, {"created_at": moment(self.now)}),
            (Inquiry, self._inquiries, {"answer": "{}"}),
            (Case, self._cases, {"results": "[]"}),
            (Assignment, self._assignments, {}),
            (Service, self._services, {}),
        )
        _wide(800_000)
        with transaction.atomic():
            for model, rows, always in steps:
                insert(model, rows(), **always)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        _wide(2_000)  # as it was

    def _companies(self) -> Iterator[dict[str, Any]]:
        for n, (key, state, district, sector, _) in enumerate(self.firms):
            name = f"{NAMES[n % 12]} {TRADES[n // 12 % 9]} {n // 108} {FORMS[n % 5]}"
            yield {
                "id": key, "name": name, "state": state, "district": district, "place": "Kiel", "sector": sector,
                "employees": n % 300, "count_key": key,
            }  # fmt: skip

    def _contacts(self) -> Iterator[dict[str, Any]]:
        for n, firm in enumerate(self.firms):
            yield {
                "id": f"p{n:015d}", "name": f"Kontakt {n}", "mail": f"k{n}@betrieb{n}.example", "company_id": firm[0],
                "count_key": f"p{n:015d}",
            }  # fmt: skip

    def _inquiries(self) -> Iterator[dict[str, Any]]:
        for n in range(self.size.inquiries):
            nothing = n % 50 == 0
            yield {
                "id": f"q{n:020d}", "question": f"Frage {n}?", "lang": "de", "channel": "page", "kind": "answer",
                "topic": TOPICS[n % 8], "confidence": "none" if nothing else "high",
                "helpful": False if n % 70 == 0 else None, "asked_at": moment(self.now - timedelta(minutes=n * 10)),
                "handled_at": moment(self.now) if n > 20_000 else None,
            }  # fmt: skip

    def _states(self) -> Iterator[tuple[int, str]]:
        """Yield number and state of every case."""
        alive = ("new", "proposed", "proposed", "accepted", "in_work", "in_work", "in_work", "waiting")
        for n in range(self.size.cases):
            yield n, alive[n // OPEN_EVERY % len(alive)] if n % OPEN_EVERY == 0 else "closed"

    def _cases(self) -> Iterator[dict[str, Any]]:
        from nordlotse.journey.models import Case

        last = Case.objects.order_by("-number").values_list("number", flat=True).first() or 0
        step = timedelta(days=DAYS) / self.size.cases
        for n, status in self._states():
            key, state, district, sector, _ = self.firms[n % len(self.firms)]
            closed = status == "closed"
            opened = self.now - timedelta(days=DAYS) + n * step
            yield {
                "id": f"f{n:015d}", "number": last + n + 1, "company_id": key,
                "contact_id": f"p{n % len(self.firms):015d}", "lang": "de", "title": f"Fall {n} über eine Maschine",
                "question": "Was tun?", "topic": TOPICS[n % 8], "state": state, "district": district, "sector": sector,
                "status": status, "open": not closed, "attention": "stale" if n % (OPEN_EVERY * 10) == 0 else "",
                "opened_at": moment(opened), "touched_at": moment(opened),
                "promised_on": (opened.date() + timedelta(days=2)).isoformat(),
                "first_reply_at": moment(opened + timedelta(days=1)) if n % 17 else None,
                "closed_at": moment(min(self.now, opened + timedelta(days=9))) if closed else None,
                "outcome": "solved" if closed else "",
            }  # fmt: skip

    def _assignments(self) -> Iterator[dict[str, Any]]:
        for n, status in self._states():
            if status == "new":
                continue
            found = {"proposed": "proposed", "closed": "ended"}.get(status, "accepted")
            at = moment(self.now - timedelta(minutes=n))
            yield {
                "case_id": f"f{n:015d}", "person_id": self.people[n % len(self.people)][0], "status": found,
                "proposed_at": at, "answered_at": at,
            }  # fmt: skip

    def _services(self) -> Iterator[dict[str, Any]]:
        noted = moment(self.now)
        for n in range(self.size.services):
            number = self.draw.randrange(len(self.firms))
            key, state, district, sector, size = self.firms[number]
            person, partner = self.people[n % len(self.people)]
            waits = n < WAITING
            # As in life: what happened later was written later.
            day = self.today - timedelta(days=n % 28 if waits else DAYS - n * DAYS // self.size.services)
            yield {
                "source": f"bench:{n}", "kind": KINDS[n % 9], "format": FORMATS[n % 4], "topic": TOPICS[n // 9 % 8],
                "day": day.isoformat(), "participants": 1 + n % 5, "minutes": (20, 45, 60, 120)[n % 4],
                "company_id": key, "contact_id": f"p{number:015d}", "company_key": key, "contact_key": "",
                "state": state, "district": district, "sector": sector, "size": size, "person_id": person,
                "partner_id": partner, "case_id": f"f{n % self.size.cases:015d}" if n % 3 else None,
                "created_at": noted,
                # Each with a moment of its own, the latest last.
                "confirmed_at": None if waits else moment(self.now - timedelta(seconds=5 * (self.size.services - n))),
            }  # fmt: skip
