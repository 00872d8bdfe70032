"""Pages ask no other server, keep to the content security policy, and set only the two necessary cookies."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from playwright.sync_api import Page

from nordlotse.foundation.language import Lang
from tests.browser import pages
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def open_all(addresses: list[str]) -> Callable[[Page], set[str]]:
    """Return a visit of all addresses that tells which cookies are there in the end."""

    def run(page: Page) -> set[str]:
        for address in addresses:
            page.goto(address)
        return {cookie["name"] for cookie in page.context.cookies()}

    return run


@pytest.mark.parametrize("lang", ["de", "en"])
def test_public_pages_stay_at_home_and_set_only_the_csrf_cookie(visit: Visitor, lang: Lang) -> None:
    addresses = [a for a in pages.public(lang) if not a.startswith("/konto/")]
    cookies = visit(open_all(addresses))
    assert cookies <= {settings.CSRF_COOKIE_NAME}
    assert visit.seen.foreign == []
    assert visit.seen.complaints == []


def test_staff_pages_stay_at_home_and_set_only_session_and_csrf_cookie(staff_visit: Visitor) -> None:
    cookies = staff_visit(open_all(pages.desk("de")), as_staff=True)
    assert cookies <= {settings.CSRF_COOKIE_NAME, settings.SESSION_COOKIE_NAME}
    assert staff_visit.seen.foreign == []
    assert staff_visit.seen.complaints == []


def test_the_watch_notices_a_foreign_request(visit: Visitor) -> None:
    def stray(page: Page) -> None:
        page.goto("/")
        page.evaluate("fetch('https://example.org/').catch(() => 0)")
        page.evaluate("new Promise(done => setTimeout(done, 100))")

    visit(stray)
    assert visit.seen.foreign or any("Content Security Policy" in c for c in visit.seen.complaints)
