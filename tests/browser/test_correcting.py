"""In a browser: what stands alone takes the other ticks away, one answer is corrected on a phone, small pictures give way to bars."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visitor
from tests.browser.readiness_carried import answers, carry
from tests.browser.steps import onward

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _ticked(page: Page) -> list[str]:
    return [box.get_attribute("value") or "" for box in page.locator("[name=q_security]:checked").all()]


def test_none_of_these_takes_the_other_ticks_away_and_the_other_way_round(visit: Visitor) -> None:
    def ticks(page: Page) -> tuple[list[str], list[str]]:
        carry(page, "fragen", {}, frage="security", einzeln="1")
        page.check("[name=q_security][value=backup]")
        page.check("[name=q_security][value=rules]")
        page.check("[name=q_security][value=none]")
        alone = _ticked(page)
        page.check("[name=q_security][value=backup]")
        return alone, _ticked(page)

    assert visit(ticks) == (["none"], ["backup"])


def test_an_answer_is_corrected_on_a_phone_and_the_result_says_so(visit: Visitor) -> None:
    def correct(page: Page) -> tuple[str, bool, bool]:
        carry(page, "ergebnis", answers())
        page.click("#antworten > summary")
        page.click("#antworten button[value=it_systems]")
        page.check("[name=q_it_systems][value='4']")
        onward(page)
        told = page.locator(".finding").first.inner_text()
        radar, bars = page.locator(".picture--radar").first, page.locator(".picture--bars").first
        return told, radar.is_visible(), bars.is_visible()

    told, radar, bars = visit(correct, width=390)
    assert told.startswith("Geändert:") and "Unsere Programme geben Daten von selbst weiter" in told
    assert bars and not radar


def test_a_mistake_leads_to_its_question(visit: Visitor) -> None:
    def err(page: Page) -> bool:
        carry(page, "fragen", {})
        page.fill("#q_employees", "viele")
        onward(page)
        page.click("[role=alert] a[href='#q_employees']")
        return bool(page.evaluate("document.activeElement.id === 'q_employees'"))

    assert visit(err, width=390)
