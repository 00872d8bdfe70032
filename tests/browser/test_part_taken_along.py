"""A checked part on the company's way: axe and 320 px on the pages that take it along."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from playwright.sync_api import Page

from nordlotse.foundation.language import Lang
from nordlotse.journey.models import Case, Membership
from tests.browser import test_axe as axe
from tests.browser.conftest import Visitor
from tests.browser.test_layout import too_wide
from tests.journey import factories
from tests.print3d import made

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("lang", ["de", "en"])
def test_axe_finds_nothing_where_a_part_is_taken_along_and_no_page_is_too_wide(visit: Visitor, lang: Lang) -> None:
    addresses = [reverse(f"{lang}:talk") + f"?teil={made.kept(picture=True)}"]
    axe.check(visit, addresses, as_staff=False)
    assert visit(lambda page: too_wide(page, addresses), width=320) == []


@pytest.mark.parametrize("lang", ["de", "en"])
def test_axe_finds_nothing_on_the_company_s_pages_with_a_part(staff_visit: Visitor, lang: Lang) -> None:
    company = factories.company()
    Membership.objects.create(company=company, user=get_user_model().objects.get(is_superuser=True))
    made.kept(company=company.pk)
    addresses = [reverse(f"{lang}:company_part", args=[made.kept()]), reverse(f"{lang}:company")]
    axe.check(staff_visit, addresses, as_staff=True)


def test_somebody_takes_a_part_from_its_page_to_a_human(visit: Visitor) -> None:
    address = reverse("de:print3d_part", args=[made.kept(picture=True)])

    def ask(page: Page) -> str:
        page.goto(address)
        page.get_by_role("link", name="Mit dem Ergebnis jemanden fragen").click()
        page.get_by_label("Ihr Name").fill("Hinnerk")
        page.get_by_label("Telefon").first.fill("040 1234567")
        page.locator('input[name="share"][value="results"]').check()
        page.get_by_role("button", name="Bitte melden Sie sich bei mir").click()
        page.get_by_role("link", name="Zurück zu Ihrem Teil").wait_for()
        return page.locator("main").inner_text()

    said = visit(ask, width=390, height=844)
    assert "Druckprüfung: holder.stl" in said
    assert Case.objects.get().results[0]["kind"] == "print_check"
