"""Alarms in a real browser: one with its reasons on a phone, acknowledged with one press; a rule tried on the past; no page wider than the phone."""

from __future__ import annotations

import time

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from nordlotse.foundation.language import Lang
from nordlotse.iot.actions import rules
from nordlotse.iot.models import Alarm, Hall, Machine
from tests.browser import test_axe as axe
from tests.browser.conftest import Visitor
from tests.browser.test_layout import too_wide
from tests.iot.written import Written

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SECOND = 1_000_000


def _hall() -> tuple[Hall, Machine, Alarm]:
    hall = Hall.objects.create(name="Halle 2")
    signals = {"Vibration": {"unit": "mm/s"}, "Temperatur": {"unit": "°C"}}
    machine = Machine.objects.create(hall=hall, name="Fräse", signals=signals)
    now = time.time_ns() // 1000
    written = Written(hall.store)
    written.put(
        "Fräse", "Vibration", [now - k * SECOND for k in range(1200, 0, -1)], [1.5 + (k % 7) / 10 for k in range(1200)]
    )
    reasons = [
        {"sensor": "Vibration", "share": 0.8, "seen": 5.2, "usual": 1.7},
        {"sensor": "Temperatur", "share": 0.2, "seen": 61.0, "usual": 42.0},
    ]
    alarm = Alarm.objects.create(machine=machine, kind="unusual", begin=now - 60 * SECOND, score=2.4, reasons=reasons)
    return hall, machine, alarm


def test_an_alarm_is_read_and_acknowledged_on_a_phone_and_a_rule_is_tried(visit: Visitor) -> None:
    hall, machine, alarm = _hall()

    def see(page: Page) -> None:
        page.goto(f"/maschinen/{hall.pk}/alarme/")
        page.get_by_role("link", name="Ungewöhnliches Verhalten").click()
        assert "Vibration" in page.locator(".lead").inner_text()
        assert page.locator("svg:visible").count() >= 2
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_role("button", name="Ich kümmere mich").click()
        page.get_by_text("Stimmte: Da war etwas").click()
        page.get_by_label("Notiz").fill("Lager läuft rau")
        page.get_by_role("button", name="Merken").click()
        page.goto(f"/maschinen/{hall.pk}/m/{machine.pk}/regeln/?s=Vibration")
        page.get_by_role("button", name="An den letzten zwei Wochen prüfen").click()
        assert "0 Alarme" in page.locator("[role=status]").first.inner_text()
        page.get_by_role("button", name="Speichern").click()
        assert "Vibration" in page.locator(".card").first.inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390

    visit(see, width=390, height=844)
    alarm.refresh_from_db()
    assert (alarm.verdict, alarm.note) == ("real", "Lager läuft rau")
    assert machine.rules.count() == 1


@pytest.mark.parametrize("lang", ["de", "en"])
def test_axe_finds_nothing_on_the_pages_of_alarms_and_none_is_too_wide(visit: Visitor, lang: Lang) -> None:
    hall, machine, alarm = _hall()
    rules.put(machine, "Vibration", {"name": "Zu stark", "kind": "above", "high": 4.0, "delay": 5.0})
    addresses = [
        reverse(f"{lang}:{name}", args=[hall.pk, *args])
        for name, args in (
            ("iot_alarms", ()),
            ("iot_alarm", (alarm.pk,)),
            ("iot_watch", (machine.pk,)),
            ("iot_rules", (machine.pk,)),
            ("iot_tell", ()),
        )
    ]
    axe.check(visit, addresses, as_staff=False)
    assert visit(lambda page: too_wide(page, addresses), width=320) == []
