"""Signing up and in by mailed code in a real browser: phone, keyboard, no JavaScript, both languages; axe on every page of accounts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page

from nordlotse.foundation.language import Lang
from nordlotse.foundation.role import Role
from nordlotse.office import links
from nordlotse.office.models import OutgoingMail
from nordlotse.web import invitations, single_sign_on
from tests.browser.conftest import Visitor
from tests.browser.test_axe import AXE, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def rested() -> None:
    """Limits of the accounts package begin anew."""
    cache.clear()


def code_for(address: str) -> str:
    """Return the code of the newest mail to an address."""
    mail = OutgoingMail.objects.filter(to=address).latest("pk")
    found = re.search(r"^ {4}(\S+)$", mail.text, flags=re.MULTILINE)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("lang", ["de", "en"])
def test_on_a_phone_without_javascript_an_address_and_a_code_are_enough(visit: Visitor, lang: Lang) -> None:
    address = f"{lang}@kahn.example"
    words = {"de": ("Anmelden", "Konto anlegen", "Code schicken"), "en": ("Sign in", "Create one", "Send the code")}[
        lang
    ]

    kept: dict[str, str] = {}

    def ask(page: Page) -> None:
        page.goto("/" if lang == "de" else "/en/")
        page.get_by_role("navigation").first.get_by_role("link", name=words[0]).click()
        page.get_by_role("link", name=words[1]).click()
        page.locator("input[name=email]").fill(address)
        page.get_by_role("button", name=words[2]).click()
        page.wait_for_url("**/konto/confirm-email/")
        kept.update({c["name"]: c["value"] for c in page.context.cookies()})

    visit(ask, width=390, script=False)
    code = code_for(address)

    def type_it(page: Page) -> str:
        page.context.add_cookies([{"name": n, "value": v, "url": visit.origin} for n, v in kept.items()])
        page.goto("/konto/confirm-email/")
        page.locator("input[name=code]").fill(code)
        page.locator("main form.ask button[type=submit]").click()
        page.wait_for_url(lambda url: "/konto/" not in url)
        page.goto("/meine-anmeldung/" if lang == "de" else "/en/meine-anmeldung/")
        return str(page.get_by_role("main").inner_text())

    assert address in visit(type_it, width=390, script=False)
    assert EmailAddress.objects.get(email=address).verified


def filled(lang: Lang) -> list[str]:
    """Make what the pages of accounts can show at its longest; return their addresses for an administrator."""
    chief: Any = get_user_model().objects.get(is_superuser=True)
    mail = "eine.recht.lange.adresse.im.verbund@kompetenzzentrum-kueste.example"
    invitations.invite(chief, mail, frozenset(Role), lang)
    other = get_user_model().objects.create_user("meike-mit-einem-langen-namen", is_staff=True)
    kept = {"name": "Ein Schlüssel mit einem recht langen Namen am Bund", "credential": {}}
    key = Authenticator.objects.create(user=chief, type=Authenticator.Type.WEBAUTHN, data=kept)
    prefix = "" if lang == "de" else "/en"
    pages = ("mfa_index", "mfa_list_webauthn", "mfa_reauthenticate", "account_logout")
    forum, _ = single_sign_on.add_client("Forum der Betriebe an der Küste", ["https://forum.example/back"])
    asked = f"?response_type=code&client_id={forum}&redirect_uri=https://forum.example/back&scope=openid+email"
    return [
        f"{prefix}/meine-anmeldung/",
        f"{prefix}/desk/konten/",
        f"{prefix}/desk/konten/{other.pk}/",
        f"{prefix}/desk/konten/{chief.pk}/",
        *(f"{reverse(name)}?lang={lang}" for name in pages),
        f"{reverse('mfa_edit_webauthn', args=[key.pk])}?lang={lang}",
        f"/identity/o/authorize{asked}&lang={lang}",
        f"/identity/o/authorize?client_id=unknown&lang={lang}",
    ]


@pytest.mark.parametrize("lang", ["de", "en"])
def test_axe_finds_nothing_on_the_pages_of_accounts(staff_visit: Visitor, lang: Lang) -> None:
    if not AXE.is_file():
        pytest.skip("NO AXE-CORE: run npm ci; the accessibility tests did not run")
    inside = filled(lang)
    token = links.make("account", ",".join(sorted(Role)), mail="jemand@kahn.example")
    outside = [
        f"/konto/login/code/?lang={lang}",
        f"/konto/login/?lang={lang}",
        f"/konto/signup/?lang={lang}",
        f"/konto/3rdparty/login/error/?lang={lang}",
        f"{'' if lang == 'de' else '/en'}/einladung/konto/{token}/",
    ]
    found = staff_visit(lambda page: [v for a in inside for v in violations(page, a)], as_staff=True)

    def as_visitor(page: Page) -> list[str]:
        seen = [v for a in outside for v in violations(page, a)]
        page.goto(f"/konto/login/code/?lang={lang}")
        page.locator("input[name=email]").fill("niemand@kahn.example")
        page.locator("main form.ask button[type=submit]").click()
        return seen + violations(page, "/konto/login/code/confirm/")

    found += staff_visit(as_visitor)
    assert not found, "\n".join(found)
    assert not staff_visit.seen.complaints, staff_visit.seen.complaints


def test_no_page_of_accounts_scrolls_sideways_on_a_phone(staff_visit: Visitor) -> None:
    addresses = filled("de")

    def widths(page: Page) -> dict[str, int]:
        seen = {}
        for address in addresses:
            page.goto(address)
            seen[address] = int(page.evaluate("document.documentElement.scrollWidth"))
        return seen

    wide = {a: w for a, w in staff_visit(widths, width=390, as_staff=True).items() if w > 390}
    assert wide == {}


def test_the_keyboard_alone_signs_somebody_up(visit: Visitor) -> None:
    def way(page: Page) -> str:
        page.goto("/konto/signup/")
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.name") == "email":
                break
        page.keyboard.type("tasten@kahn.example")
        page.keyboard.press("Enter")
        page.wait_for_url("**/konto/confirm-email/")
        return page.url

    assert visit(way).endswith("/konto/confirm-email/")
    assert OutgoingMail.objects.filter(to="tasten@kahn.example").count() == 1
