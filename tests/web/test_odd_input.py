"""No page breaks over what somebody types: every form and every filter is given nonsense, and says so or takes it calmly."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from tests.web.rows import Row
from tests.web.world import World, build, rooms, signed_in

pytestmark = pytest.mark.django_db

#: Rooms whose pages are asked; the answers' and the accounts' forms have tests of their own.
ROOMS = ("dialogue", "dialogue_groups", "journey_companies", "office")
ROWS: list[tuple[str, Row]] = [
    (path, row) for room in rooms() if room.__name__.rpartition(".")[2] in ROOMS for path, row in room.PAGES.items()
]
#: Names of filters and choices in addresses.
FILTERS = ("q", "page", "seite", "state", "topic", "kind", "past", "code", "alarm", "stand", "doppelt")
#: A character PostgreSQL refuses, a number no column holds, a negative one, letters beyond the first plane, a formula with marks
#: that turn the direction of writing.
ODD = ("\x00a@b.example", "9" * 40, "-1", "💥" * 3000, "=1+1\u202e<b>")
_NAME = re.compile(r'name="([A-Za-z0-9_-]+)"')
_ROLES = ("coordinator", "member", "visitor")


@dataclass(frozen=True)
class Visit:
    """The world and one browser per role that fills in forms."""

    world: World
    clients: dict[str, Client]


@pytest.fixture(scope="module")
def visit(django_db_setup: None, django_db_blocker: Any) -> Iterator[Visit]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield Visit(build(), {role: signed_in(role) for role in _ROLES})
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def _send(client: Client, method: str, place: str, data: dict[str, Any]) -> tuple[int, str]:
    """Send one request; afterwards everything is as before. Return its status and the page."""
    cookies = client.cookies.output()
    with transaction.atomic():
        cache.clear()
        response = getattr(client, method)(place, data)
        page = "" if response.streaming else response.content.decode(errors="replace")
        transaction.set_rollback(True)
    if client.cookies.output() != cookies:
        client.cookies.clear()
        client.cookies.load(cookies.replace("Set-Cookie: ", ""))
    return response.status_code, page


@pytest.mark.parametrize("path", [path for path, _ in ROWS])
def test_no_filter_breaks_a_page(visit: Visit, path: str) -> None:
    place = visit.world.address(path)
    for value in ODD:
        status, _ = _send(visit.clients["coordinator"], "get", place, dict.fromkeys(FILTERS, value[:3000]))
        assert status < 500, value[:40]


@pytest.mark.long
@pytest.mark.parametrize(("path", "row"), ROWS, ids=[path for path, _ in ROWS])
def test_no_form_breaks_over_nonsense(visit: Visit, path: str, row: Row) -> None:
    place = visit.world.address(path)
    for role, client in visit.clients.items():
        status, page = _send(client, "get", place, {})
        if status not in (200, 405):
            continue
        fields = {*_NAME.findall(page), *row["data"]} - {"csrfmiddlewaretoken"} or {"name"}
        for name in fields:
            for value in ODD:
                status, _ = _send(client, "post", place, {**dict.fromkeys(fields, "1"), **row["data"], name: value})
                assert status < 500, (role, name, value[:40])


@pytest.mark.long
@pytest.mark.parametrize("path", [path for path, _ in ROWS if re.search(r"[A-Z]{2}|\d{3}", path)])
def test_no_invented_address_breaks_a_page(visit: Visit, path: str) -> None:
    for odd in ("0", "9" * 30, "%00", "x"):
        place = "/" + "/".join(odd if part.isupper() or part.isdigit() else part for part in path.split("/"))
        for method in ("get", "post"):
            assert _send(visit.clients["coordinator"], method, place, {})[0] < 500, odd
