"""Every address × every role: who gets in, who is sent to sign in, who is refused. A new address needs a row here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.web.conftest import ROLES, signed_in

SIGN_IN = 302

#: Address → for GET and POST the status for (visitor, editor, administrator). 302 of a desk page means: sign in first.
#: ID stands for a stored answer. 405: the method is not known there. German addresses; English ones must behave alike.
PAGES: dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    "": ((200, 200, 200), (405, 405, 405)),
    "fragen/": ((302, 302, 302), (422, 422, 422)),
    "antwort/ID/": ((200, 200, 200), (405, 405, 405)),
    "antwort/ID/blatt/": ((200, 200, 200), (405, 405, 405)),
    "rueckmeldung/ID/": ((405, 405, 405), (302, 302, 302)),
    "kontakt/": ((200, 200, 200), (405, 405, 405)),
    "foerderung/": ((200, 200, 200), (405, 405, 405)),
    "foerderung/hh-digital-check/": ((200, 200, 200), (405, 405, 405)),
    "thema/iot/": ((200, 200, 200), (405, 405, 405)),
    "wissen/": ((200, 200, 200), (405, 405, 405)),
    "wissen/iot-01/": ((200, 200, 200), (405, 405, 405)),
    "stand/einvoice-receive/": ((200, 200, 200), (405, 405, 405)),
    "suche/": ((200, 200, 200), (405, 405, 405)),
    "ueber/": ((200, 200, 200), (405, 405, 405)),
    "datenschutz/": ((200, 200, 200), (405, 405, 405)),
    "barrierefreiheit/": ((200, 200, 200), (405, 405, 405)),
    "leichte-sprache/": ((200, 200, 200), (405, 405, 405)),
    "gebaerdensprache/": ((200, 200, 200), (405, 405, 405)),
    "impressum/": ((200, 200, 200), (405, 405, 405)),
    "desk/": ((302, 200, 200), (302, 405, 405)),
    "desk/anmeldung/": ((302, 200, 200), (302, 405, 405)),
    "desk/betreiber/": ((302, 200, 200), (302, 403, 302)),
    "desk/frage/ID/": ((302, 405, 405), (302, 302, 302)),
    "desk/texte/": ((302, 200, 200), (302, 405, 405)),
    "desk/texte/neu/": ((302, 200, 200), (302, 200, 200)),
    "desk/texte/iot-01/de/": ((302, 200, 200), (302, 422, 422)),
    "desk/texte/iot-01/de/fassungen/": ((302, 200, 200), (302, 404, 404)),
    "desk/veraltet/": ((302, 200, 200), (302, 405, 405)),
    "desk/suchtest/": ((302, 200, 200), (302, 405, 405)),
    "desk/import/": ((302, 200, 200), (302, 200, 200)),
}

#: Addresses that exist once.
SINGLE: dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    "health/live": ((200, 200, 200), (405, 405, 405)),
    "health/ready": ((200, 200, 200), (405, 405, 405)),
    "metrics": ((200, 200, 200), (405, 405, 405)),
    "robots.txt": ((200, 200, 200), (405, 405, 405)),
    ".well-known/security.txt": ((404, 404, 404), (405, 405, 405)),
    "anmelden/unknown/": ((404, 404, 404), (404, 404, 404)),
    "api/v1/openapi.json": ((200, 200, 200), (200, 200, 200)),
    "api/v1/ask": ((405, 405, 405), (422, 422, 422)),
    "api/v1/answers/ID": ((200, 200, 200), (405, 405, 405)),
    "api/v1/articles": ((200, 200, 200), (405, 405, 405)),
    "api/v1/articles/iot-01": ((200, 200, 200), (405, 405, 405)),
    "api/v1/search": ((422, 422, 422), (405, 405, 405)),
    "api/v1/programmes": ((200, 200, 200), (405, 405, 405)),
    "api/v1/": ((404, 404, 404), (404, 404, 404)),
}

#: Account pages come from a library; what counts is that a visitor neither gets in nor makes an account.
ACCOUNTS = "konto/"

TESTED = list(PAGES.items()) + [(f"en/{p}", row) for p, row in PAGES.items()] + list(SINGLE.items())


def _patterns(resolver: URLResolver, start: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        route = start + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, route)
        elif isinstance(entry, URLPattern):
            yield route


def _matches(path: str, route: str) -> bool:
    parts, wanted = path.split("/"), route.split("/")
    return len(parts) == len(wanted) and all(
        p == w or (w.startswith("<") and p) for p, w in zip(parts, wanted, strict=True)
    )


def test_every_address_of_the_program_has_a_row_in_this_matrix() -> None:
    routes = [r for r in _patterns(get_resolver()) if not r.lstrip("^").startswith(ACCOUNTS)]
    missing = [r for r in routes if not any(_matches(path, r) for path, _ in TESTED)]
    assert missing == []
    assert len(routes) > 60


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("path", "row"), TESTED, ids=[p or "start" for p, _ in TESTED])
def test_an_address_lets_in_exactly_whom_it_should(
    path: str, row: tuple[tuple[int, ...], tuple[int, ...]], role: str, inquiry_id: str
) -> None:
    place = "/" + path.replace("ID", inquiry_id)
    for method, wanted in zip(("GET", "POST"), row, strict=True):
        client = signed_in(role)
        body = {"data": {"helpful": "yes"}} if method == "POST" else {}
        response = (
            client.generic(method, place)
            if place.startswith("/api/")
            else getattr(client, method.lower())(place, **body)
        )
        status = wanted[ROLES.index(role)]
        assert response.status_code == status, f"{method} {place} as {role}"
        if "/desk/" in place and role == "visitor":
            assert response["Location"].startswith("/konto/login/")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "route", [r for r in _patterns(get_resolver()) if r.lstrip("^").startswith(ACCOUNTS) and "(" not in r]
)
def test_no_account_page_fails_signs_a_visitor_in_or_makes_an_account(route: str) -> None:
    from django.contrib.auth import get_user_model

    client = Client()
    path = "/" + route.replace("<key>", "x").replace("<uidb36>-<key>", "1-x").replace("^", "").replace("$", "")
    for method in ("get", "post"):
        data = {"username": "intruder", "password1": "Wortreich-und-lang-77", "password2": "Wortreich-und-lang-77"}
        response = getattr(client, method)(path, data)
        assert response.status_code < 500
        assert "_auth_user_id" not in client.session
    assert get_user_model().objects.count() == 0


@pytest.mark.django_db
def test_an_account_that_is_not_of_the_staff_gets_no_desk() -> None:
    from django.contrib.auth import get_user_model

    client = Client()
    client.force_login(
        get_user_model().objects.create_user("guest"), backend="django.contrib.auth.backends.ModelBackend"
    )
    for path in PAGES:
        # Everybody may see how one's own account signs in; nothing of the desk is on that page.
        if path.startswith("desk/") and path != "desk/anmeldung/":
            for method in ("get", "post"):
                status = getattr(client, method)("/" + path.replace("ID", "x")).status_code
                assert status in (302, 403, 404, 405), path
                assert status != 200, path


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", [p for p, row in PAGES.items() if row[1][1] in (200, 302, 403, 404, 422)] + ["anmelden/unknown/"]
)
def test_every_form_refuses_a_request_without_its_token(path: str, inquiry_id: str) -> None:
    client = signed_in("administrator", enforce_csrf_checks=True)
    response = client.post("/" + path.replace("ID", inquiry_id), {"question": "Was ist OEE?"})
    assert response.status_code == 403
    assert b"<html" in response.content


@pytest.mark.django_db
def test_the_interface_needs_no_token_and_uses_no_session() -> None:
    client = signed_in("administrator", enforce_csrf_checks=True)
    response = client.post("/api/v1/ask", {"question": "Was ist OEE?"}, content_type="application/json")
    assert response.status_code == 200
    assert not response.cookies
