"""Comparison, changes over companies, and the check on the company's page: axe, 320 px, and the consent by keyboard alone."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from nordlotse.foundation.language import Lang
from nordlotse.readiness.actions import releases
from nordlotse.readiness.models import Check
from nordlotse.readiness.queries import comparison
from tests.browser import test_axe as axe
from tests.browser.conftest import Visitor
from tests.browser.test_layout import too_wide
from tests.readiness import made

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def published() -> str:
    """Publish a comparison and changes, and return the key of a check to look at them."""
    for key in made.many(6):
        made.again(key, 1.0)
    for key in made.many(5):
        made.days_ago(key, 500)
    releases.tend()
    return made.kept(0.25, sector="F")


def public(lang: Lang) -> list[str]:
    agreed, not_agreed = made.kept(0.25, agree=True, employees=300), published()
    return [
        reverse(f"{lang}:readiness_compare", args=[not_agreed]),
        reverse(f"{lang}:readiness_compare", args=[agreed]),
        reverse(f"{lang}:readiness_kept_result", args=[not_agreed]),
        reverse(f"{lang}:talk") + f"?check={not_agreed}",
    ]


def inside(lang: Lang) -> list[str]:
    key = published()
    return [
        reverse(f"{lang}:readiness_desk"),
        reverse(f"{lang}:readiness_effects"),
        reverse(f"{lang}:company_check", args=[key]),
    ]


@pytest.mark.parametrize("lang", ["de", "en"])
def test_axe_finds_nothing_on_the_comparison_and_no_page_is_too_wide(visit: Visitor, lang: Lang) -> None:
    addresses = public(lang)
    axe.check(visit, addresses, as_staff=False)
    assert visit(lambda page: too_wide(page, addresses), width=320) == []


@pytest.mark.parametrize("lang", ["de", "en"])
def test_axe_finds_nothing_on_desk_and_changes_and_no_page_is_too_wide(staff_visit: Visitor, lang: Lang) -> None:
    addresses = inside(lang)
    axe.check(staff_visit, addresses, as_staff=True)
    assert staff_visit(lambda page: too_wide(page, addresses), width=320, as_staff=True) == []


def test_the_consent_is_given_and_taken_back_by_keyboard(visit: Visitor) -> None:
    key = made.kept(0.25)

    def press(page: Page) -> None:
        for _ in range(2):
            page.goto(f"/check/{key}/vergleich/")
            page.locator("form.ask button[type=submit]").focus()
            with page.expect_navigation():
                page.keyboard.press("Enter")

    visit(press)
    assert not comparison.consent_of(key).given
    assert Check.objects.get(pk=key).comparing.withdrawn_at is not None
