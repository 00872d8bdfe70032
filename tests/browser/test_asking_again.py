"""The second question before what cannot be undone: axe, the keyboard, a narrow window, and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from nordlotse.dialogue.models import Group, Meeting
from nordlotse.journey.models import ClosedMonth, Membership
from tests.browser import company_pages, services_pages
from tests.browser.conftest import Visitor
from tests.browser.test_axe import AXE, RULES, RUN
from tests.browser.test_keyboard import FOCUSED
from tests.browser.test_layout import TOO_WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

YES = "button[name=sure]"


def _month() -> tuple[str, str]:
    services_pages.desk("de")
    return "/desk/monat/?monat=2026-04", "main form[method=post] .kern-btn--primary"


def _member() -> tuple[str, str]:
    company_pages.desk("de")
    return "/betrieb/", "form[action$='/entfernen/'] button"


def _minutes() -> tuple[str, str]:
    company_pages.desk("de")
    draft = Meeting.objects.create(
        group=Group.objects.get(), day=timezone.localdate(), title="Viertes Treffen", present=3
    )
    return f"/gruppen/maschinendaten/protokoll/{draft.pk}/", "form[action$='/veroeffentlichen/'] button"


WAYS = pytest.mark.parametrize("way", [_month, _member, _minutes])


def _asked(page: Page, address: str, button: str) -> None:
    page.goto(address)
    page.locator(button).last.click()
    page.locator(YES).wait_for()


@WAYS
def test_axe_finds_nothing_on_the_second_question(staff_visit: Visitor, way: Callable[[], tuple[str, str]]) -> None:
    address, button = way()

    def look(page: Page) -> list[str]:
        _asked(page, address, button)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = []
        for width in (390, 1200):
            page.set_viewport_size({"width": width, "height": 900})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                found += page.evaluate(RUN, RULES)
        page.set_viewport_size({"width": 320, "height": 900})
        return [*found, *filter(None, [page.evaluate(TOO_WIDE)])]

    assert staff_visit(look, as_staff=True) == []
    assert not staff_visit.seen.complaints


def test_the_second_question_is_answered_with_the_keyboard(staff_visit: Visitor) -> None:
    address, button = _month()

    def answer(page: Page) -> bool:
        _asked(page, address, button)
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.name") == "sure":
                seen = bool(page.evaluate(FOCUSED)["ring"])
                with page.expect_navigation():
                    page.keyboard.press("Enter")
                return seen
        raise AssertionError("the button was not reached")

    assert staff_visit(answer, as_staff=True)
    assert ClosedMonth.objects.filter(pk="2026-04").exists()


@WAYS
def test_without_javascript_a_no_changes_nothing_and_a_yes_acts(
    staff_visit: Visitor, way: Callable[[], tuple[str, str]]
) -> None:
    address, button = way()

    def state() -> tuple[int, int, int]:
        published = Meeting.objects.exclude(published_at=None).count()
        return ClosedMonth.objects.count(), Membership.objects.count(), published

    before = state()

    def refuse(page: Page) -> None:
        _asked(page, address, button)
        page.locator("main form a.kern-link").click()

    def agree(page: Page) -> None:
        _asked(page, address, button)
        page.locator(YES).click()
        page.wait_for_load_state()

    staff_visit(refuse, script=False, as_staff=True)
    assert state() == before
    staff_visit(agree, script=False, as_staff=True)
    assert sum(now != then for now, then in zip(state(), before, strict=True)) == 1
