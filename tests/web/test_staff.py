"""Roles of the centre count in a session made by link or with a second factor; in nothing less."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client, RequestFactory

from nordlotse.foundation.role import NEEDS_SECOND_FACTOR, Role
from nordlotse.office.roles import roles_of
from nordlotse.web import accounts
from nordlotse.web.routes import pages
from nordlotse.web.staff import BY_LINK, SecondFactor
from tests.web.world import person_of

pytestmark = pytest.mark.django_db

PASSWORD = "ein langer Satz für Tests"
DESK = sorted({str(p.pattern) for p in pages if str(p.pattern).startswith("desk/")})


@pytest.fixture
def editor() -> object:
    return get_user_model().objects.create_user("redaktion", password=PASSWORD, is_staff=True)


def filled(pattern: str) -> str:
    """Return a route's address with something in each place."""
    known = pattern.replace("<slug:slug>", "iot-01").replace("<slug:lang>", "de")
    return "/" + re.sub(r"<\w+:\w+>", "abc", re.sub(r"<int:\w+>", "1", known))


def code_for(secret: str) -> str:
    """Return the code an authenticator app would show now."""
    counter = int(time.time()) // 30
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def test_there_are_desk_pages_to_guard() -> None:
    assert len(DESK) >= 10


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("pattern", DESK)
def test_a_password_alone_leads_to_the_page_that_sets_up_the_second_step(
    client: Client, editor: object, pattern: str, prefix: str
) -> None:
    client.force_login(editor)
    for method in (client.get, client.post):
        response = method(prefix + filled(pattern))
        assert (response.status_code, response.headers.get("Location")) == (302, f"{prefix}/meine-anmeldung/")


@pytest.mark.parametrize("pattern", DESK)
def test_nobody_gets_in_without_signing_in(client: Client, pattern: str) -> None:
    response = client.get(filled(pattern))
    assert response.status_code in (302, 405)
    if response.status_code == 302:
        assert response.headers["Location"].startswith("/konto/login/")


def test_the_link_alone_opens_the_desk(client: Client, editor: object) -> None:
    response = client.post(accounts.new_link(editor))
    assert response.headers["Location"] == "/desk/"
    assert client.get("/meine-anmeldung/").status_code == 200
    assert client.get("/desk/texte/neu/").status_code == 200


def test_the_set_up_page_says_what_is_missing(client: Client, editor: object) -> None:
    client.post("/konto/login/", {"login": "redaktion", "password": PASSWORD})
    assert "Bitte richten Sie zuerst den zweiten Schritt ein." in client.get("/meine-anmeldung/").content.decode()


def test_a_password_and_a_code_open_the_desk(client: Client, editor: object) -> None:
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(editor, secret)
    first = client.post("/konto/login/", {"login": "redaktion", "password": PASSWORD})
    assert first.headers["Location"].startswith("/konto/2fa/authenticate/")
    assert client.get("/desk/texte/neu/").status_code == 302
    second = client.post("/konto/2fa/authenticate/", {"code": code_for(secret)})
    assert second.headers["Location"] == "/desk/"
    assert client.get("/desk/texte/neu/").status_code == 200


def set_up_second_step(client: Client) -> str:
    """Walk through the set-up as a person would and return where it ends."""
    asked = client.get("/konto/2fa/totp/activate/")
    if asked.status_code == 302:
        assert asked.headers["Location"].startswith("/konto/reauthenticate/")
        client.post(asked.headers["Location"], {"password": PASSWORD})
        asked = client.get("/konto/2fa/totp/activate/")
    secret = asked.context["form"].secret
    assert secret in asked.content.decode()
    return str(client.post("/konto/2fa/totp/activate/", {"code": code_for(secret)}).headers["Location"])


@pytest.mark.django_db(transaction=True)
def test_after_a_password_the_second_step_is_set_up_and_gives_spare_codes(client: Client, editor: object) -> None:
    client.post("/konto/login/", {"login": "redaktion", "password": PASSWORD})
    assert set_up_second_step(client) == "/konto/2fa/recovery-codes/"
    assert Authenticator.objects.filter(user=editor).count() == 2
    assert client.get("/desk/texte/neu/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_after_the_link_a_person_sets_password_and_second_step(client: Client) -> None:
    person = get_user_model().objects.create_user("neu", is_staff=True)
    client.post(accounts.new_link(person))
    answer = client.post("/konto/password/set/", {"password1": PASSWORD, "password2": PASSWORD})
    assert answer.status_code == 302
    assert set_up_second_step(client) == "/konto/2fa/recovery-codes/"
    client.post("/konto/logout/")
    assert (
        client.post("/konto/login/", {"login": "neu", "password": PASSWORD})
        .headers["Location"]
        .startswith("/konto/2fa/authenticate/")
    )


def with_code(client: Client, editor: object) -> None:
    """Sign in with password and code."""
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(editor, secret)
    client.post("/konto/login/", {"login": "redaktion", "password": PASSWORD})
    client.post("/konto/2fa/authenticate/", {"code": code_for(secret)})


@pytest.mark.django_db(transaction=True)
def test_a_second_step_set_up_elsewhere_makes_no_session_strong(client: Client, editor: object) -> None:
    client.post("/konto/login/", {"login": "redaktion", "password": PASSWORD})
    other = Client()
    other.post("/konto/login/", {"login": "redaktion", "password": PASSWORD})
    set_up_second_step(other)
    assert other.get("/desk/").status_code == 200
    assert client.get("/desk/").headers["Location"] == "/meine-anmeldung/"


@pytest.mark.parametrize("role", sorted(NEEDS_SECOND_FACTOR))
@pytest.mark.parametrize("place", ["/desk/", "/bericht/", "/betrieb/", "/fachleute/", "/identity/o/authorize"])
def test_every_role_of_the_centre_is_led_to_the_second_step_wherever_roles_act(
    client: Client, role: Role, place: str
) -> None:
    client.force_login(person_of(role), backend="django.contrib.auth.backends.ModelBackend")
    found = client.get(place)
    if found.status_code != 404:  # a room that is not part of this installation
        assert found.headers["Location"] == "/meine-anmeldung/"


@pytest.mark.parametrize("role", sorted(Role))
def test_in_a_weak_session_the_roles_that_need_a_second_step_do_not_count_anywhere(client: Client, role: Role) -> None:
    seen: list[Any] = []

    def look(request: Any) -> HttpResponse:
        seen.append(roles_of(request.user))
        return HttpResponse()

    client.force_login(person_of(role), backend="django.contrib.auth.backends.ModelBackend")
    request = RequestFactory().get("/wissen/")
    request.session, request.user = client.session, get_user_model().objects.get(username=role)
    SecondFactor(look)(request)
    assert (Role(role) in seen[0]) is (role == Role.EXPERT)
    request.session[BY_LINK] = True
    request.user = get_user_model().objects.get(username=role)
    SecondFactor(look)(request)
    assert Role(role) in seen[1]


def test_an_expert_without_a_second_step_keeps_the_expert_s_role(client: Client) -> None:
    client.force_login(person_of("expert"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/meine-anmeldung/").context["must"] is False


def test_removing_the_second_step_closes_the_desk_again(client: Client, editor: object) -> None:
    with_code(client, editor)
    assert client.get("/desk/texte/neu/").status_code == 200
    Authenticator.objects.filter(user=editor).delete()
    assert client.get("/desk/texte/neu/").status_code == 302


def test_account_pages_follow_the_wanted_language(client: Client) -> None:
    place = "/konto/login/code/"
    assert '<h1 class="kern-heading-large">Anmelden</h1>' in client.get(place).content.decode()
    assert '<h1 class="kern-heading-large">Sign in</h1>' in client.get(f"{place}?lang=en").content.decode()
    assert '<h1 class="kern-heading-large">Sign in</h1>' in client.get(place).content.decode()
    assert '<h1 class="kern-heading-large">Anmelden</h1>' in client.get(f"{place}?next=/desk/").content.decode()


def test_signing_up_gives_neither_a_role_nor_a_password_nor_a_name_of_one_s_choice(client: Client) -> None:
    sent = {"email": "neu@example.org", "username": "neu", "password1": PASSWORD, "is_staff": "1", "roles": "editor"}
    client.post("/konto/signup/", sent)
    user = get_user_model().objects.get(email="neu@example.org")
    assert (user.username == "neu", user.has_usable_password(), roles_of(user)) == (False, False, frozenset())


@pytest.mark.parametrize("path", ["email/", "password/reset/", "password/reset/done/", "inactive/", "3rdparty/"])
def test_ways_of_the_accounts_package_that_nobody_needs_are_closed(client: Client, path: str) -> None:
    response = client.get(f"/konto/{path}")
    assert response.status_code == 404
    assert "Diesen Weg gibt es hier nicht" in response.content.decode()


def test_a_text_sent_after_the_session_ended_comes_back(client: Client) -> None:
    response = client.post("/desk/texte/iot-01/de/", {"raw": "ein langer Text", "draft": "1"})
    assert response.status_code == 403
    assert "ein langer Text" in response.content.decode()
    assert "Ihre Anmeldung ist abgelaufen." in response.content.decode()


def test_a_text_sent_with_an_expired_form_comes_back() -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/fragen/", {"question": "Was kostet ein Sensor?"})
    assert response.status_code == 403
    assert "Was kostet ein Sensor?" in response.content.decode()


def test_the_pages_of_passkeys_and_codes_show_what_there_is(client: Client, editor: Any) -> None:
    with_code(client, editor)
    kept = {"name": "Telefon", "credential": {"clientExtensionResults": {"credProps": {"rk": True}}}}
    key = Authenticator.objects.create(user=editor, type=Authenticator.Type.WEBAUTHN, data=kept)
    pages = ("", "webauthn/", f"webauthn/keys/{key.pk}/remove/", f"webauthn/keys/{key.pk}/edit/", "totp/deactivate/")
    for page in pages:
        answer = client.get(f"/konto/2fa/{page}")
        if answer.status_code == 302:  # asked to confirm first
            assert "Bitte bestätigen Sie" in client.get(answer.headers["Location"]).content.decode()
        else:
            assert "Telefon" in answer.content.decode()


def test_nobody_touches_a_passkey_of_somebody_else(client: Client, editor: Any) -> None:
    with_code(client, editor)
    kept = {"name": "fremd", "credential": {}}
    key = Authenticator.objects.create(user=person_of("member"), type=Authenticator.Type.WEBAUTHN, data=kept)
    client.post("/konto/2fa/reauthenticate/", {"code": ""})
    for page in ("remove", "edit"):
        assert client.get(f"/konto/2fa/webauthn/keys/{key.pk}/{page}/").status_code in (302, 404)
        client.post(f"/konto/2fa/webauthn/keys/{key.pk}/{page}/")
    assert Authenticator.objects.filter(pk=key.pk).exists()
