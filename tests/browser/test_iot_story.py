"""The whole story of a visitor without a machine: simulator, live values, a fault and its alarm, use and stops, a year, an own file, export, deletion.

In German; what takes long is waited for once, and the English pages are walked over the same machine (`iot_in_english`).
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from playwright.sync_api import Page

from nordlotse.iot import alarming, memory, results, tasks
from nordlotse.iot.actions.turnstile import turnstile
from nordlotse.iot.core.stores import company_folder
from nordlotse.iot.models import Alarm, Hall, ShiftResult, Stop
from tests.browser import iot_in_english as english
from tests.browser.conftest import Visitor
from tests.iot.intake import intake

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

_log = logging.getLogger(__name__)

#: So long something may take that the worker does, in seconds; the machine that tests run on may be busy.
PATIENCE = 240


def _bring_up_to_date(stop: threading.Event) -> None:
    while not stop.wait(5.0):
        try:
            results.run()
        except Exception:  # as the worker does: told, and tried again
            _log.exception("event=chore_failed chore=results")
    connection.close()


@contextmanager
def worker() -> Iterator[None]:
    """Run what the background worker runs for this room."""
    stop = threading.Event()
    lanes: list[Callable[[threading.Event], None]] = [*tasks.LANES, *alarming.LANES, _bring_up_to_date]
    threads = [threading.Thread(target=lane, args=(stop,), name=lane.__name__) for lane in lanes]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)


def until(holds: Callable[[], bool]) -> bool:
    """Return whether something comes true in time."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.5)
    return False


def words(page: Page) -> str:
    return re.sub(r"\s+", " ", page.locator("main").inner_text())


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


OWN = "Zeit;Druck [bar]\n" + "".join(f"01.10.2026 06:{m:02d}:00;6,{m:02d}\n" for m in range(60))


def test_the_whole_story_of_a_visitor_without_a_machine(visit: Visitor, tmp_path: Path) -> None:
    turnstile.clear()
    narrow: list[bool] = []

    # 1. One click starts the simulator; without loading the page again the values move.
    def start(page: Page) -> tuple[str, str, str]:
        page.goto("/maschinen/")
        narrow.append(fits(page))
        assert "24 Stunden" in words(page)
        page.get_by_role("button", name="Simulator starten").click()
        page.wait_for_selector('[data-live][data-state="live"]')
        narrow.append(fits(page))
        figure = page.locator('[data-value$="/Strom"] [data-figure]')
        first = figure.inner_text()
        page.wait_for_function(
            """first => document.querySelector('[data-value$="/Strom"] [data-figure]').textContent.trim() !== first.trim()""",
            arg=first,
        )
        return re.sub(r"^https?://[^/]+", "", page.url), first, figure.inner_text()

    with intake(), worker():
        link, first, second = visit(start, width=390, height=844)
        assert first != second
        hall = Hall.objects.get()
        machine = hall.machines.get()
        assert link.split("#")[0] == f"/maschinen/{hall.pk}/m/{machine.pk}/"
        assert until(lambda: ShiftResult.objects.count() > 5)

        # 2. A fault is switched on; the alarm names the sensor that shows it first.
        def break_it(page: Page) -> None:
            page.goto(link)
            fault = page.locator("form", has_text="Lagerschaden der Spindel")
            fault.get_by_role("button").click()
            page.wait_for_url(f"**{link}*")
            assert "Lagerschaden" in words(page)

        visit(break_it)
        raised = Alarm.objects.filter(machine=machine, rule=None)
        assert until(raised.exists), "no alarm of the watch"
        alarm = raised.earliest("begin")
        assert alarm.reasons[0]["sensor"] in ("Vibration", "Spindeltemperatur")

        def look_at_it(page: Page) -> str:
            page.goto(f"/maschinen/{hall.pk}/alarme/")
            assert "Ungewöhnliches Verhalten" in words(page)
            page.goto(f"/maschinen/{hall.pk}/alarme/{alarm.pk}/")
            narrow.append(fits(page))
            return words(page)

        assert alarm.reasons[0]["sensor"] in visit(look_at_it, width=390, height=844)

        # 3. Use, stops with a reason by one tap, energy and the report.
        def look_at_use(page: Page) -> tuple[str, str]:
            page.goto(f"{link}auslastung/")
            # while numbers are being made none is shown; they come without loading the page again
            page.get_by_role("heading", name=re.compile(r"^OEE ")).wait_for(timeout=PATIENCE * 1000)
            use = words(page)
            waiting = page.get_by_role("button", name="Material fehlt").first
            for _ in range(PATIENCE // 10):  # the worker finds the stops of two weeks one shift after the other
                page.goto(f"{link}stopps/")
                if waiting.is_visible():
                    break
                page.wait_for_timeout(10_000)
            assert waiting.is_visible(), words(page)
            waiting.click()
            page.wait_for_load_state()
            return use, words(page)

        before = Stop.objects.count()
        use, _ = visit(look_at_use)
        assert re.search(r"OEE \d+(,\d+)? %", use)
        assert re.search(r"stand vom .* ungeplant", use)
        assert Stop.objects.count() == before + 1
        assert Stop.objects.latest("said_at").person == ""

        # 4. A year, then closer.
        assert until(lambda: _values(hall.store) > 300_000), "the past did not come"

        def zoom(page: Page) -> tuple[str, str]:
            page.goto(f"{link}verlauf/")
            page.wait_for_selector(".uplot canvas")
            with page.expect_response(lambda answer: "verlauf.json" in answer.url):
                page.get_by_role("link", name="Jahr", exact=True).click()
            year = _settled(page, lambda count: count > 300_000)
            for _ in range(4):
                with page.expect_response(lambda answer: "verlauf.json" in answer.url):
                    page.get_by_role("link", name="Näher").click()
            return year, _settled(page, lambda count: count < _count(year) / 4)

        year, closer = visit(zoom)
        assert _count(year) > 300_000
        assert 0 < _count(closer) < _count(year) / 4

        # In English: the same pages through their own links.
        said = visit(english.look_around(link, alarm.pk, PATIENCE), width=390, height=844)
        assert re.search(r"OEE \d+(\.\d+)? %", said) and re.search(r"stood .* unplanned", said)
        assert Stop.objects.count() == before + 2

        # 5. An own file: looked at, taken in, told.
        own = tmp_path / "presse.csv"
        own.write_text(OWN, "utf-8")

        def bring(page: Page) -> tuple[str, str]:
            page.goto(f"/maschinen/{hall.pk}/datei/")
            page.set_input_files("input[type=file]", str(own))
            page.fill("[name=machine]", "Presse")
            page.get_by_role("button", name="Datei ansehen").click()
            page.wait_for_load_state()
            found = words(page)
            page.get_by_role("button", name="So einlesen").click()
            page.get_by_text(re.compile(r"60\b.*Werte")).first.wait_for(timeout=PATIENCE * 1000)
            return found, words(page)

        found, told = visit(bring)
        own_hall = Hall.objects.exclude(pk=hall.pk).get()
        assert own_hall.machines.get().name == "Presse" and hall.machines.count() == 1
        assert "Das haben wir erkannt" in found and "bar" in found
        assert "60" in told

        # 6. All of it is theirs to take along.
        def take(page: Page) -> bytes:
            page.goto(f"/maschinen/{own_hall.pk}/mitnehmen/")
            page.select_option("#maschine", "Presse")
            with page.expect_download() as got:
                page.locator('a[href*="werte.csv"], button[formaction*="werte.csv"]').first.click()
            return Path(got.value.path()).read_bytes()

        brought = [line for line in visit(take).decode("utf-8-sig").splitlines() if "Presse" in line]
        assert len(brought) == 60

        # In English: more values of the same machine, which the page says before; taken along; deleted.
        again = "".join(f"{line}\n" for line in OWN.splitlines()[:1] + OWN.splitlines()[-10:])
        assert re.search(r"\b10 values", visit(english.bring(own_hall.pk, again, PATIENCE)))
        content, receipt = visit(english.take_and_delete(own_hall.pk))
        assert content.count(b"Presse") == 60
        assert "deleted" in receipt.lower() and not Hall.objects.filter(pk=own_hall.pk).exists()
        assert "deleted" in visit(english.start_and_delete, width=390, height=844).lower()
        assert Hall.objects.get() == hall

        # 7. Deleted is deleted: the link, the rows, the values.
        def delete(page: Page) -> tuple[str, int]:
            page.goto(f"/maschinen/{hall.pk}/loeschen/")
            page.check("#sure")
            page.get_by_role("button", name="Endgültig löschen").click()
            page.wait_for_load_state()
            receipt = words(page)
            answer = page.goto(link)
            return receipt, answer.status if answer else 0

        receipt, status = visit(delete)
        assert "gelöscht" in receipt.lower()
        assert status == 404
        assert not Hall.objects.exists()
        assert until(lambda: not company_folder(memory.folder(), hall.store).exists()), "the values are still there"
    assert all(narrow)
    assert visit.seen.foreign == []
    assert [one for one in visit.seen.complaints if "404" not in one] == []


def _values(store: str) -> int:
    with memory.looked(store) as reader:
        return max((reader.count(series) for series in reader.series()), default=0)


def _settled(page: Page, holds: Callable[[int], bool]) -> str:
    """Return what the page says once its words have followed the picture; after a while what they say then."""
    for _ in range(100):
        if holds(_count(words(page))):
            break
        page.wait_for_timeout(200)
    return words(page)


def _count(said: str) -> int:
    """Return the largest number of values a page of history names."""
    return max((int(found.replace(".", "")) for found in re.findall(r"([\d.]+) Werte", said)), default=0)
