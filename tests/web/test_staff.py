"""The desk opens for a session made by link, or for a password with a second factor; for nothing less."""

from __future__ import annotations

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth import get_user_model
from django.test import Client

from nordlotse.web import accounts
from nordlotse.web.routes import pages

pytestmark = pytest.mark.django_db

PASSWORD = "ein langer Satz für Tests"
DESK = sorted({str(p.pattern) for p in pages if str(p.pattern).startswith("desk/") and p.name != "security"})


@pytest.fixture
def editor() -> object:
    return get_user_model().objects.create_user("redaktion", password=PASSWORD, is_staff=True)


def filled(pattern: str) -> str:
    """Return a route's address with something in each place."""
    return "/" + pattern.replace("<slug:inquiry_id>", "abc").replace("<slug:slug>", "iot-01").replace(
        "<slug:lang>", "de"
    )


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
        assert (response.status_code, response.headers.get("Location")) == (302, f"{prefix}/desk/anmeldung/")


@pytest.mark.parametrize("pattern", DESK)
def test_nobody_gets_in_without_signing_in(client: Client, pattern: str) -> None:
    response = client.get(filled(pattern))
    assert response.status_code in (302, 405)
    if response.status_code == 302:
        assert response.headers["Location"].startswith("/konto/login/")


def test_the_link_alone_opens_the_desk(client: Client, editor: object) -> None:
    response = client.post(accounts.new_link(editor))
    assert response.headers["Location"] == "/desk/"
    assert client.get("/desk/anmeldung/").status_code == 200
    assert client.get("/desk/texte/neu/").status_code == 200


def test_the_set_up_page_says_what_is_missing(client: Client, editor: object) -> None:
    client.force_login(editor)
    assert "Bitte richten Sie zuerst den zweiten Schritt ein." in client.get("/desk/anmeldung/").content.decode()


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


def test_after_a_password_the_second_step_is_set_up_and_gives_spare_codes(client: Client, editor: object) -> None:
    client.post("/konto/login/", {"login": "redaktion", "password": PASSWORD})
    assert set_up_second_step(client) == "/konto/2fa/recovery-codes/"
    assert Authenticator.objects.filter(user=editor).count() == 2
    assert client.get("/desk/texte/neu/").status_code == 200


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


def test_removing_the_second_step_closes_the_desk_again(client: Client, editor: object) -> None:
    client.force_login(editor)
    totp.TOTP.activate(editor, totp.generate_totp_secret())
    assert client.get("/desk/texte/neu/").status_code == 200
    Authenticator.objects.filter(user=editor).delete()
    assert client.get("/desk/texte/neu/").status_code == 302


def test_account_pages_follow_the_wanted_language(client: Client) -> None:
    assert '<h1 class="kern-heading-large">Anmelden</h1>' in client.get("/konto/login/").content.decode()
    assert '<h1 class="kern-heading-large">Sign in</h1>' in client.get("/konto/login/?lang=en").content.decode()
    assert '<h1 class="kern-heading-large">Sign in</h1>' in client.get("/konto/login/").content.decode()
    assert '<h1 class="kern-heading-large">Anmelden</h1>' in client.get("/konto/login/?next=/desk/").content.decode()


def test_nobody_can_sign_up(client: Client) -> None:
    assert "Hier kann sich niemand selbst anmelden" in client.get("/konto/signup/").content.decode()
    client.post("/konto/signup/", {"username": "neu", "password1": PASSWORD, "password2": PASSWORD})
    assert not get_user_model().objects.filter(username="neu").exists()


@pytest.mark.parametrize(
    "path", ["signup/", "email/", "password/reset/", "password/reset/done/", "confirm-email/", "inactive/"]
)
def test_ways_of_the_accounts_package_that_need_mail_are_closed(client: Client, path: str) -> None:
    response = client.get(f"/konto/{path}")
    assert response.status_code == 404
    assert "Die Verwaltung legt sie an." in response.content.decode()


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
