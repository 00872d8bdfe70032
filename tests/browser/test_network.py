"""The network in a browser: no rule of axe is broken, the map works by keyboard, a profile is completed without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Page

from nordlotse.foundation.role import Role
from nordlotse.network.models import Person
from nordlotse.office import links
from nordlotse.office.roles import set_roles
from tests.browser import network_pages
from tests.browser.conftest import Visitor
from tests.browser.test_axe import check
from tests.browser.test_layout import too_wide

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("lang", ["de", "en"])
def test_axe_finds_nothing_in_the_network(staff_visit: Visitor, lang: Any) -> None:
    check(staff_visit, network_pages.public(lang), as_staff=False)
    check(staff_visit, network_pages.desk(lang), as_staff=True)


def test_no_page_of_the_network_scrolls_sideways_at_320_px(staff_visit: Visitor) -> None:
    public, desk = network_pages.public("de"), network_pages.desk("de")
    assert staff_visit(lambda page: too_wide(page, public), width=320) == []
    assert staff_visit(lambda page: too_wide(page, desk), width=320, as_staff=True) == []


def test_an_expert_sees_the_own_profile_without_an_axe_finding(visit: Visitor) -> None:
    _, person, _ = network_pages.fill()
    user = get_user_model().objects.create_user("fachfrau", password=None)
    set_roles(user, frozenset({Role.EXPERT}))
    Person.objects.filter(pk=person.pk).update(user=user)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    visit.staff = client.cookies[settings.SESSION_COOKIE_NAME].value
    check(visit, ["/fachleute/profil/"], as_staff=True)


def test_a_tile_is_reached_by_keyboard_and_filters(visit: Visitor) -> None:
    network_pages.fill()

    def way(page: Page) -> tuple[str, str]:
        page.goto("/netz/")
        page.locator(".map__tile[aria-label*='Nordfriesland']").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**district=01054**")
        return page.url, page.locator(".map__tile--chosen").get_attribute("aria-label") or ""

    url, chosen = visit(way, script=False)
    assert "district=01054" in url
    assert "Nordfriesland, ausgewählt" in chosen


def test_somebody_completes_the_profile_from_the_mail_without_javascript(visit: Visitor) -> None:
    _, person, _ = network_pages.fill()
    Person.objects.filter(pk=person.pk).update(visible=False)
    token = links.make("person", person.pk, mail=person.mail)

    def way(page: Page) -> str:
        page.goto(f"/einladung/person/{token}/")
        page.fill("#id_profile", "Wir scannen Bauteile und drucken Ersatzteile mit Laserschmelzen.")
        page.click("button[value=suggest]")
        page.check("#s_printing-metal")
        page.fill("#id_capacity", "4")
        page.check("#id_visible")
        page.click("button[value=save]")
        return page.locator("h1").inner_text()

    assert visit(way, script=False) == "Danke, Ihr Profil ist gespeichert."
    person.refresh_from_db()
    assert (person.capacity, person.visible) == (4, True)
    assert person.competences.filter(tag="printing-metal").exists()
