"""Every address × every role × GET and POST: who gets in, who is sent to sign in, who is refused.

The rows stand in `tests/web/rows/`, one module per room; an address without a row fails.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.core.signals import request_finished
from django.db import close_old_connections, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.web.rows import Row
from tests.web.world import ROLES, World, build, rooms, signed_in

# The world's fixture opens the database itself; the mark is how the runner learns that there must be tables.
pytestmark = pytest.mark.django_db

#: Addresses with one of these beginnings need a sign-in: a visitor's 302 must lead to the sign-in page.
PRIVATE = ("/desk/", "/betrieb/", "/fachleute/", "/bericht/")

GERMAN: list[tuple[str, Row]] = [
    (path, row) for room in rooms() for path, row in {**room.PAGES, **getattr(room, "SINGLE", {})}.items()
]
ENGLISH: list[tuple[str, Row]] = [(f"en/{path}", row) for room in rooms() for path, row in room.PAGES.items()]
TESTED = GERMAN + ENGLISH

#: Addresses that programs post to, without a form; each room says why.
TOKENLESS = frozenset().union(*(getattr(room, "TOKENLESS", ()) for room in rooms()))


@dataclass(frozen=True)
class Visit:
    """The world and one browser per role."""

    world: World
    clients: dict[str, Client]

    def ask(self, method: str, place: str, role: str, data: dict[str, Any]) -> tuple[int, str]:
        """Send one request as a role; afterwards everything is as before. Return status and where it leads."""
        client = self.clients[role]
        cookies = client.cookies.output()
        with transaction.atomic():
            cache.clear()
            if place.startswith("/api/"):
                response = client.generic(method, place)
            else:
                response = getattr(client, method.lower())(place, data if method == "POST" else {})
            if response.streaming:
                _end(response)
            transaction.set_rollback(True)
        if client.cookies.output() != cookies:
            client.cookies.clear()
            client.cookies.load(cookies.replace("Set-Cookie: ", ""))
        return response.status_code, response.headers.get("Location", "")


def _end(response: Any) -> None:
    """End a download as a server does, for it holds its place until then; the world's connection stays."""
    request_finished.disconnect(close_old_connections)
    response.close()
    request_finished.connect(close_old_connections)


@pytest.fixture(scope="module")
def visit(django_db_setup: None, django_db_blocker: Any) -> Iterator[Visit]:
    """The world, made once for all rows and taken back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        try:
            made = Visit(build(), {role: signed_in(role) for role in ROLES})
        except Exception as error:
            # Told in one line: with its whole trace for each of five hundred rows it would take minutes.
            place = traceback.extract_tb(error.__traceback__)[-1]
            pytest.fail(f"the world cannot be made: {error!r} at {place.filename}:{place.lineno}", pytrace=False)
        yield made
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """A thousand refusals are wanted here; nobody needs to read them."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


def _patterns(resolver: URLResolver, start: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        route = start + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, route)
        elif isinstance(entry, URLPattern):
            yield route


def _matches(path: str, route: str) -> bool:
    if "^" in route:  # an address of the accounts package, written as a regular expression
        return re.fullmatch(route.replace("/^", "/").lstrip("^"), path) is not None
    parts, wanted = path.split("/"), route.split("/")
    return len(parts) == len(wanted) and all(
        p == w or (w.startswith("<") and p) for p, w in zip(parts, wanted, strict=True)
    )


def test_every_address_of_the_program_has_a_row_in_this_matrix() -> None:
    routes = list(_patterns(get_resolver()))
    missing = [r for r in routes if "(?:" not in r and not any(_matches(path, r) for path, _ in TESTED)]
    assert missing == []
    assert len(routes) > 150


def test_a_row_says_what_it_means_for_every_role_and_both_methods() -> None:
    for path, row in TESTED:
        for method in ("GET", "POST"):
            assert "visitor" in row[method], path
            assert not set(row[method]) - set(ROLES), path
        assert not set(row) - {"GET", "POST", "data"}, path


def _wanted(row: Row, method: str, role: str) -> int:
    return int(row[method].get(role, row[method]["visitor"]))


def _one_of_each(row: Row, method: str) -> list[str]:
    """Return a visitor and one role for each other status of a row."""
    first = {_wanted(row, method, role): role for role in reversed(ROLES)}
    return sorted({"visitor", *first.values()}, key=ROLES.index)


def _check(visit: Visit, path: str, row: Row, roles: dict[str, Sequence[str]]) -> None:
    place = visit.world.address(path)
    assert not [part for part in place.split("/") if part.isupper()], "nothing in the world has this name"
    wrong = []
    for method, chosen in roles.items():
        for role in chosen:
            wanted = _wanted(row, method, role)
            status, leads = visit.ask(method, place, role, row.get("data", {}))
            if role == "visitor" and status == 405 and row[method].get("administrator") == 405:
                continue  # which of the two a visitor hears first, the method or the sign-in, gives nothing away
            if status != wanted:
                wrong.append(f"{method} {place} as {role}: {status} instead of {wanted}")
            elif status == 302 and role == "visitor" and place.removeprefix("/en").startswith(PRIVATE):
                assert leads.startswith("/konto/login/")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("path", "row"), GERMAN, ids=[p or "start" for p, _ in GERMAN])
def test_an_address_lets_in_exactly_whom_it_should(path: str, row: Row, visit: Visit) -> None:
    _check(visit, path, row, {"GET": ROLES, "POST": ROLES})


@pytest.mark.parametrize(("path", "row"), ENGLISH, ids=[p or "start" for p, _ in ENGLISH])
def test_the_english_address_does_the_same_for_one_of_each_kind(path: str, row: Row, visit: Visit) -> None:
    _check(visit, path, row, {method: _one_of_each(row, method) for method in ("GET", "POST")})


@pytest.mark.long
@pytest.mark.parametrize(("path", "row"), ENGLISH, ids=[p or "start" for p, _ in ENGLISH])
def test_the_english_address_does_the_same_for_everybody(path: str, row: Row, visit: Visit) -> None:
    _check(visit, path, row, {"GET": ROLES, "POST": ROLES})


@pytest.mark.parametrize(
    ("path", "row"),
    [
        (p, r)
        for p, r in TESTED
        if not p.startswith(("api/", "en/", "identity/"))
        and r["POST"].get("administrator", r["POST"]["visitor"]) != 405
        and p not in TOKENLESS
    ],
)
def test_every_form_refuses_a_request_without_its_token(path: str, row: Row, visit: Visit) -> None:
    strict = signed_in("administrator", enforce_csrf_checks=True)
    response = strict.post(visit.world.address(path), {"question": "Was ist OEE?"})
    assert response.status_code == 403
    assert b"<html" in response.content


@pytest.mark.django_db
def test_the_interface_needs_no_token_and_uses_no_session() -> None:
    client = signed_in("administrator", enforce_csrf_checks=True)
    response = client.post("/api/v1/ask", {"question": "Was ist OEE?"}, content_type="application/json")
    assert response.status_code == 200
    assert not response.cookies
