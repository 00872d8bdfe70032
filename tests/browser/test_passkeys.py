"""Passkeys in a real browser with a virtual key: set up, sign in by it alone, remove; as a second step too."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Page

from nordlotse.foundation.role import Role
from nordlotse.office.roles import set_roles
from nordlotse.web.staff import BY_INVITATION
from tests.browser.conftest import Visitor
from tests.browser.test_axe import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def rested() -> None:
    """Limits of the accounts package begin anew."""
    cache.clear()


def somebody(*roles: Role) -> Any:
    """Return an account, with roles if named."""
    user = get_user_model().objects.create_user("hinnerk", email="hinnerk@kahn.example")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if roles:
        set_roles(user, frozenset(roles))
    return user


def cookie_of(user: Any, **session: Any) -> str:
    """Return the session cookie of somebody who has just come in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    kept = client.session
    kept.update(session)
    kept.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def with_key(page: Page) -> None:
    """Plug a virtual key into the browser: resident keys, a finger that is always recognised."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def come_in(page: Page, origin: str, cookie: str) -> None:
    """Give the page somebody's session."""
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": origin}])


def add_passkey(page: Page) -> None:
    """Add a passkey as a person would."""
    page.goto("/meine-anmeldung/")
    page.get_by_role("link", name="Passkey hinzufügen").click()
    page.get_by_role("button", name="Passkey hinzufügen").click()
    page.wait_for_url("**/konto/2fa/recovery-codes/")


def sign_out(page: Page) -> None:
    """Sign out by the footer."""
    page.goto("/konto/logout/")
    page.get_by_role("main").get_by_role("button", name="Abmelden").click()
    page.wait_for_url("**/")


def at_localhost(visit: Visitor) -> Visitor:
    """Passkeys belong to a name, and a number is none: speak to the live server as `localhost`."""
    visit.origin = visit.origin.replace("127.0.0.1", "localhost")
    visit.seen.origin = visit.origin
    return visit


def test_a_passkey_is_added_signs_in_alone_and_is_removed(visit: Visitor) -> None:
    visit = at_localhost(visit)
    cookie = cookie_of(somebody())

    looked_at: list[str] = []

    def story(page: Page) -> tuple[str, str]:
        with_key(page)
        come_in(page, visit.origin, cookie)
        looked_at.extend(violations(page, "/konto/2fa/webauthn/add/"))
        add_passkey(page)
        sign_out(page)
        page.goto("/konto/login/code/")
        page.get_by_role("button", name="Mit Passkey anmelden").click()
        page.wait_for_url(lambda url: "/konto/" not in url)
        page.goto("/meine-anmeldung/")
        shown = page.get_by_role("main").inner_text()
        page.get_by_role("link", name="Passkeys und zweiter Schritt").click()
        page.get_by_role("link", name="Mein Passkey entfernen").click()
        page.get_by_role("main").locator("a[href*='/webauthn/reauthenticate/']").click()
        looked_at.extend(violations(page, page.url))
        page.get_by_role("button", name="Passkey nehmen").click()
        page.get_by_role("button", name="Entfernen").click()
        page.wait_for_url("**/konto/2fa/webauthn/")
        return shown, page.get_by_role("main").inner_text()

    inside, after = visit(story)
    assert "hinnerk@kahn.example" in inside
    assert "Noch kein Passkey." in after
    assert not Authenticator.objects.exists()
    assert looked_at == []
    assert visit.seen.complaints == []
    assert visit.seen.foreign == []


def test_an_invited_coordinator_reaches_the_desk_with_a_passkey_and_only_with_it(visit: Visitor) -> None:
    visit = at_localhost(visit)
    cookie = cookie_of(somebody(Role.COORDINATOR), **{BY_INVITATION: True})

    def story(page: Page) -> tuple[str, str]:
        with_key(page)
        come_in(page, visit.origin, cookie)
        page.goto("/desk/")
        before = page.url
        add_passkey(page)
        page.goto("/desk/")
        return before, page.url

    before, after = visit(story)
    assert before.endswith("/meine-anmeldung/")
    assert after.endswith("/desk/")


def test_after_a_password_the_passkey_is_the_second_step(visit: Visitor) -> None:
    visit = at_localhost(visit)
    user = somebody(Role.EDITOR)
    user.set_password("ein langer Satz für Tests")
    user.save()
    cookie = cookie_of(user, **{BY_INVITATION: True})
    looked_at: list[str] = []

    def story(page: Page) -> str:
        with_key(page)
        come_in(page, visit.origin, cookie)
        page.goto("/konto/2fa/webauthn/add/")
        if "reauthenticate" in page.url:
            page.get_by_label("Passwort").fill("ein langer Satz für Tests")
            page.get_by_role("main").get_by_role("button", name="Bestätigen").click()
            page.wait_for_url("**/konto/2fa/webauthn/add/")
        page.get_by_role("button", name="Passkey hinzufügen").click()
        page.wait_for_url("**/konto/2fa/recovery-codes/")
        sign_out(page)
        page.goto("/konto/login/")
        page.get_by_label("Benutzername oder E-Mail-Adresse").fill("hinnerk")
        page.get_by_label("Passwort").fill("ein langer Satz für Tests")
        page.get_by_role("main").get_by_role("button", name="Anmelden").click()
        page.wait_for_url("**/konto/2fa/authenticate/**")
        looked_at.extend(violations(page, "/konto/2fa/authenticate/"))
        page.get_by_role("button", name="Passkey nehmen").click()
        page.wait_for_url("**/desk/")
        return page.url

    assert visit(story).endswith("/desk/")
    assert looked_at == []
