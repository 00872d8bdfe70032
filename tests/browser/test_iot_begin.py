"""Beginning at machine data in a real browser: one click to a living machine, a login and the first value, a file; axe and narrow screens."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from nordlotse.foundation.language import Lang
from nordlotse.iot import tasks
from nordlotse.iot.actions import halls
from nordlotse.iot.actions.sending import send
from nordlotse.iot.actions.uploads import Lane
from nordlotse.iot.entrance import Guest
from nordlotse.iot.models import Hall
from tests.browser import test_axe as axe
from tests.browser.conftest import Visitor
from tests.browser.test_layout import too_wide
from tests.iot.intake import intake as running
from tests.iot.process import Serve

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = ("connect", "names", "mapping", "upload", "logins", "export", "retention", "keep", "share", "delete")


@pytest.fixture(scope="module")
def intake() -> Iterator[Serve]:
    """A running intake on the tests' data folder."""
    with running() as made:
        yield made


def filled(lang: Lang = "de") -> Hall:
    """Return a hall whose machine has sent a value."""
    hall = halls.create(user=None, lang=lang)
    halls.add_machine(hall, "Bandsäge in der Vorrichtungswerkstatt")
    send(
        Guest(hall, ""),
        '{"machine": "Bandsäge in der Vorrichtungswerkstatt", "values": {"Strom": 4.2}}'.encode(),
        "application/json",
    )
    return hall


@pytest.mark.parametrize("lang", ["de", "en"])
def test_axe_finds_nothing_and_no_page_is_too_wide(visit: Visitor, intake: Serve, lang: Lang) -> None:
    hall = filled(lang)
    addresses = [
        *(reverse(f"{lang}:iot") + f"?weg={way}" for way in ("clamp", "datei")),
        *(reverse(f"{lang}:iot_{name}", args=[hall.pk]) for name in PAGES),
        reverse(f"{lang}:iot_shared", args=[halls.share(hall, 1)]),
    ]
    axe.check(visit, addresses, as_staff=False)
    assert visit(lambda page: too_wide(page, addresses), width=320) == []


def test_one_click_and_values_move(visit: Visitor, intake: Serve) -> None:
    stop = threading.Event()
    worker = threading.Thread(target=tasks.simulate, args=(stop,), daemon=True)
    worker.start()

    def look(page: Page) -> float:
        page.goto(reverse("de:iot"))
        begun = time.monotonic()
        page.get_by_role("button", name="Simulator starten").click()
        page.locator("[data-figure]").first.wait_for()
        took = time.monotonic() - begun
        figure = page.locator("[data-value$='Vibration'] [data-figure]")
        first = figure.inner_text()
        expect(figure).not_to_have_text(first, timeout=20_000)
        return took

    try:
        took = visit(look, width=390, height=844)
    finally:
        stop.set()
        worker.join(10)
    assert took < 10


def test_a_page_waits_for_the_first_value_and_leads_to_names_and_the_live_page(visit: Visitor, intake: Serve) -> None:
    def connect(page: Page) -> str:
        page.goto(reverse("de:iot") + "?weg=clamp")
        page.get_by_label("Wie heißt die Maschine bei Ihnen?").fill("Säge")
        page.get_by_role("button", name="Weiter: verbinden").click()
        page.get_by_role("button", name="Zugang erzeugen").click()
        page.locator(".secret").first.wait_for()
        return page.url

    hall = Hall.objects.get(pk=re.search(r"maschinen/(\w{24})/", visit(connect))[1])  # type: ignore[index]

    def wait(page: Page) -> str:
        page.goto(reverse("de:iot_connect", args=[hall.pk]) + "?maschine=Säge")
        page.get_by_text("ist noch kein Wert da").wait_for()
        waiting.set()
        page.get_by_text(re.compile("Erster Wert da: Säge/Strom = 4,2")).wait_for()
        page.get_by_role("link", name="Weiter: Namen und Einheiten").click()
        page.get_by_role("button", name="So übernehmen").click()
        page.locator("h1", has_text="Säge").wait_for()
        return page.locator("main").inner_text()

    waiting = threading.Event()

    def machine() -> None:
        waiting.wait(30)
        send(Guest(hall, ""), '{"machine": "Säge", "values": {"Strom": 4.2}}'.encode(), "application/json")

    sender = threading.Thread(target=machine)
    sender.start()
    assert "Strom" in visit(wait)
    sender.join()


def test_a_file_of_wide_columns_fits_a_phone(visit: Visitor) -> None:
    hall = filled()
    rows = "\n".join(["Datum;Uhrzeit;Strom des Hauptantriebs links (A);Temperatur des Werkzeugkühlmittels (°C)", *(f"01.03.2026;06:00:{second:02d};20,{second};21,5" for second in range(30))])  # fmt: skip

    def look(page: Page) -> tuple[int, int]:
        page.goto(reverse("de:iot_upload", args=[hall.pk]))
        page.get_by_label("Datei mit Messwerten").set_input_files(
            {"name": "ofen.csv", "mimeType": "text/csv", "buffer": rows.encode()}
        )
        page.get_by_label("Von welcher Maschine?").fill("Ofen")
        page.get_by_role("button", name="Datei ansehen").click()
        page.get_by_role("heading", name="Das haben wir erkannt").wait_for()
        wide = page.evaluate("document.documentElement.scrollWidth")
        ends = page.locator("form.cards .pair").first.evaluate("one => Math.round(one.getBoundingClientRect().right)")
        return wide, ends

    wide, ends = visit(look, width=390, height=844)
    assert wide <= 390 and ends <= 390


def test_a_file_is_looked_at_taken_in_and_its_outcome_told(visit: Visitor, intake: Serve) -> None:
    hall = filled()
    rows = "\n".join(["Zeit;Temperatur", *(f"01.03.2026 06:00:{second:02d};20,{second}" for second in range(30))])

    def hand_in(page: Page) -> str:
        page.goto(reverse("de:iot_upload", args=[hall.pk]))
        page.get_by_label("Datei mit Messwerten").set_input_files(
            {"name": "ofen.csv", "mimeType": "text/csv", "buffer": rows.encode()}
        )
        page.get_by_label("Von welcher Maschine?").fill("Ofen")
        page.get_by_role("button", name="Datei ansehen").click()
        page.get_by_role("heading", name="Das haben wir erkannt").wait_for()
        page.get_by_role("button", name="So einlesen").click()
        page.get_by_role("heading", name="Die Datei wird eingelesen").wait_for()
        return page.url

    address = visit(hand_in)
    assert Lane().run_one()

    def see(page: Page) -> None:
        page.goto(address)
        page.get_by_role("heading", name="30 Werte eingelesen").wait_for()

    visit(see)
