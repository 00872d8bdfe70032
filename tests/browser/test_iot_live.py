"""A hall in a real browser: values move by themselves, by asking where no stream is left, and charts go from a year to a minute."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, Route

from nordlotse.iot import lookout
from nordlotse.iot.models import Alarm, Hall, Machine
from nordlotse.iot.queries import live
from tests.browser.conftest import Visitor
from tests.browser.test_axe import AXE, RULES, RUN
from tests.iot.written import Written

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000


class Mill:
    """A machine with a year of one value a minute behind it."""

    def __init__(self) -> None:
        self.hall = Hall.objects.create(name="Halle 2")
        signals = {"Strom": {"title": "Strom", "unit": "A"}}
        self.machine = Machine.objects.create(hall=self.hall, name="cnc", title="Fräsmaschine", signals=signals)
        self.written = Written(self.hall.store)
        self.now = live.now()
        times = np.arange(self.now - 365 * DAY, self.now, 60 * SECOND)
        times = times[(times < self.now - 9 * DAY) | (times > self.now - 8 * DAY)]
        self.written.put("cnc", "Strom", times, 10 + np.sin(np.arange(len(times)) / 700))
        self.written.flush()
        self.put(4.25)
        Alarm.objects.create(
            machine=self.machine,
            kind="detector",
            begin=self.now - 2 * HOUR,
            end=self.now - HOUR,
            reasons=[{"signal": "Strom"}],
        )

    def put(self, value: float) -> None:
        self.written.put("cnc", "Strom", [live.now()], [value])

    def at(self, rest: str = "", lang: str = "") -> str:
        return f"{lang}/maschinen/{self.hall.pk}/{rest}"

    @property
    def page(self) -> str:
        return f"m/{self.machine.pk}/"

    @property
    def history(self) -> str:
        return f"m/{self.machine.pk}/verlauf/"


@pytest.fixture
def mill() -> Mill:
    return Mill()


def figure(page: Page, said: str, state: str) -> None:
    page.wait_for_selector(f'[data-live][data-state="{state}"]')
    page.wait_for_function("said => document.querySelector('[data-figure]').textContent === said", arg=said)


def test_values_move_by_themselves_with_age_and_line(visit: Visitor, mill: Mill) -> None:
    def seen(page: Page) -> tuple[str, str, int]:
        page.goto(mill.at(mill.page))
        figure(page, "4,25", "live")
        line = page.locator(".spark polyline").count()
        threading.Timer(0.3, mill.put, [1234.5]).start()
        figure(page, "1.235", "live")
        return page.locator("[data-age]").inner_text(), page.locator("[data-live-state]").inner_text(), line

    age, state, lines = visit(seen)
    assert age == "jetzt"
    assert state == "Werte laufen ein"
    assert lines >= 1
    assert visit.seen.complaints == []
    assert visit.seen.foreign == []


def test_a_new_signal_appears_without_loading_the_page(visit: Visitor, mill: Mill) -> None:
    def seen(page: Page) -> list[str]:
        page.goto(mill.at(mill.page))
        figure(page, "4,25", "live")
        mill.written.put("cnc", "Vibration", [live.now()], [1.5])
        page.wait_for_selector('[data-value$="/Vibration"]')
        mill.written.put("cnc", "Vibration", [live.now()], [1.75])
        page.wait_for_function(
            "() => document.querySelector('[data-value$=\"/Vibration\"] [data-figure]').textContent === '1,75'"
        )
        return page.locator(".value__name").all_inner_texts()

    assert visit(seen) == ["Strom", "Vibration"]


def test_where_no_stream_is_left_the_page_asks_every_two_seconds(
    visit: Visitor, mill: Mill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookout, "places", lookout.Places(0))

    def seen(page: Page) -> str:
        page.goto(mill.at(mill.page))
        figure(page, "4,25", "asking")
        mill.put(5.5)
        figure(page, "5,5", "asking")
        return page.locator("[data-live-state]").inner_text()

    assert visit(seen) == "Werte werden alle 2 Sekunden geholt"


def test_the_page_says_when_nothing_gets_through_and_recovers(visit: Visitor, mill: Mill) -> None:
    def seen(page: Page) -> None:
        closed = True

        def gate(route: Route) -> None:
            if closed:
                route.abort()
            else:
                route.continue_()

        page.route("**/strom/**", lambda route: route.abort())
        page.route("**/jetzt/**", gate)
        page.goto(mill.at(mill.page))
        page.wait_for_selector('[data-live][data-state="lost"]')
        closed = False
        mill.put(6.5)
        figure(page, "6,5", "asking")

    visit(seen)


def test_a_page_nobody_looks_at_and_a_paused_one_hold_no_stream(visit: Visitor, mill: Mill) -> None:
    hide = """hidden => {
      Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    streams = "() => performance.getEntriesByType('resource').filter((one) => one.name.includes('/strom/')).length"

    def seen(page: Page) -> list[Any]:
        page.goto(mill.at(mill.page))
        figure(page, "4,25", "live")
        before = page.evaluate(streams)  # an entry is made when a stream is over; a busy worker may have cut one
        page.evaluate(hide, True)
        mill.put(7.5)
        page.wait_for_timeout(500)
        hidden = page.locator("[data-figure]").inner_text()
        ended = page.evaluate(streams) - before
        page.evaluate(hide, False)
        figure(page, "7,5", "live")
        page.get_by_role("button", name="Pause").click()
        mill.put(8.5)
        page.wait_for_timeout(400)
        paused = page.locator("[data-figure]").inner_text()
        page.get_by_role("button", name="Pause").click()
        figure(page, "8,5", "live")
        return [hidden, ended, paused]

    hidden, ended, paused = visit(seen)
    assert hidden == "4,25"
    assert ended == 1
    assert paused == "7,5"


def test_without_a_script_the_page_shows_the_values_and_offers_to_load_again(visit: Visitor, mill: Mill) -> None:
    def seen(page: Page) -> tuple[str, bool, str]:
        page.goto(mill.at(mill.page))
        first = page.locator("[data-figure]").first.inner_text()
        mill.put(9.5)
        page.get_by_role("link", name="Neu laden", exact=True).click()
        return (
            first,
            page.get_by_role("link", name="Alle 10 Sekunden neu laden").is_visible(),
            page.locator("[data-figure]").first.inner_text(),
        )

    assert visit(seen, script=False) == ("4,25", True, "9,5")


def charted(page: Page) -> Callable[[str], str]:
    """Wait for the charts and return how to ask the first for what it holds."""
    page.wait_for_selector("[data-history][data-ready]")
    page.wait_for_selector("[data-chart][data-values]")
    return lambda name: page.locator("[data-chart]").first.get_attribute(f"data-{name}") or ""


def span(page: Page) -> float:
    """Return how long a stretch is shown, seconds."""
    held = page.locator("[data-chart]").first
    return (float(held.get_attribute("data-to") or 0) - float(held.get_attribute("data-from") or 0)) / 1000


def test_a_chart_goes_from_a_year_to_a_minute_and_back(visit: Visitor, mill: Mill) -> None:
    def seen(page: Page) -> dict[str, Any]:
        page.goto(mill.at(mill.history))
        held = charted(page)
        page.get_by_role("link", name="Jahr", exact=True).click()
        page.wait_for_function("() => Number(document.querySelector('[data-chart]').dataset.values) > 500000")
        found: dict[str, Any] = {"year": span(page), "count": int(held("values"))}
        page.locator("[data-chart]").first.focus()
        presses = 0
        while span(page) > 61 and presses < 40:
            page.keyboard.press("+")
            presses += 1
        page.wait_for_function("() => document.querySelector('[data-chart]').dataset.kind === 'values'")
        found |= {"minute": span(page), "presses": presses}
        page.wait_for_selector("[data-history][data-settled]")
        page.wait_for_timeout(600)
        found["address"] = page.url
        found["stretch"] = page.locator("[data-stretch]").inner_text()
        page.keyboard.press("0")
        found["home"] = span(page)
        return found

    found = visit(seen)
    assert found["year"] == pytest.approx(365 * 86400, rel=0.001)
    assert found["count"] > 500_000
    assert found["minute"] <= 61
    assert found["presses"] < 25
    assert "von=" in found["address"]
    assert "bis=" in found["address"]
    assert found["home"] == pytest.approx(86400, rel=0.001)
    assert visit.seen.complaints == []


def test_dragging_chooses_a_stretch_and_words_and_table_follow(visit: Visitor, mill: Mill) -> None:
    def seen(page: Page) -> tuple[float, str, str]:
        page.goto(mill.at(mill.history))
        charted(page)
        before = page.locator(".course__sentence").inner_text()
        box = page.locator(".u-over").first.bounding_box()
        assert box
        page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 60, steps=6)
        page.mouse.up()
        page.wait_for_function(
            "before => document.querySelector('.course__sentence').textContent.trim() !== before.trim()", arg=before
        )
        return span(page), before, page.locator(".course__sentence").inner_text()

    chosen, before, after = visit(seen)
    assert chosen == pytest.approx(6 * 3600, rel=0.05)
    assert "1.4" in before  # 1,440 values of a day
    assert any(f" {count} Werte." in after for count in range(355, 366))  # 360 of six hours


def test_the_wheel_scrolls_the_page_until_the_chart_was_clicked(visit: Visitor, mill: Mill) -> None:
    def seen(page: Page) -> tuple[float, float]:
        page.goto(mill.at(mill.history))
        charted(page)
        box = page.locator(".u-over").first.bounding_box()
        assert box
        page.mouse.move(box["x"] + 200, box["y"] + 60)
        page.mouse.wheel(0, 120)
        page.wait_for_timeout(150)
        before = span(page)
        page.locator(".u-over").first.click(position={"x": 200, "y": 60})
        page.mouse.wheel(0, -120)
        page.wait_for_timeout(150)
        return before, span(page)

    before, after = visit(seen)
    assert before == pytest.approx(86400, rel=0.001)
    assert after < before * 0.8


def test_outdated_requests_are_given_up(visit: Visitor, mill: Mill) -> None:
    def seen(page: Page) -> tuple[int, str]:
        page.goto(mill.at(mill.history))
        charted(page)
        failed: list[str] = []
        page.on("requestfailed", lambda request: failed.append(request.url))

        held: list[Route] = []

        def hold_the_first(route: Route) -> None:  # its answer never comes
            if held:
                route.continue_()
            else:
                held.append(route)

        page.route("**/verlauf.json**", hold_the_first)
        page.get_by_role("link", name="Woche", exact=True).click()
        while not held:
            page.wait_for_timeout(20)
        page.get_by_role("link", name="Jahr", exact=True).click()
        page.wait_for_function("() => Number(document.querySelector('[data-chart]').dataset.values) > 500000")
        return len([one for one in failed if "signal=" in one]), page.locator("[data-said]").inner_text()

    given_up, said = visit(seen)
    assert given_up >= 1
    assert said == ""


def test_without_a_script_the_history_is_a_picture_with_ways_to_go(visit: Visitor, mill: Mill) -> None:
    def seen(page: Page) -> list[Any]:
        page.goto(mill.at(mill.history))
        pictures = page.locator("svg.chart:visible").count()
        page.get_by_role("link", name="Woche", exact=True).click()
        week = page.locator(".course__sentence").inner_text()
        page.get_by_role("link", name="Früher").click()
        page.get_by_text("Als Tabelle").click()
        return [
            pictures,
            week,
            page.locator("table.plain tbody tr").count(),
            page.locator(".course__sentence").inner_text(),
        ]

    pictures, week, rows, earlier = visit(seen, script=False)
    assert pictures == 1
    assert "10.0" in week  # 10,080 values of a week
    assert rows == 12
    assert "Lücke" in earlier


@pytest.mark.parametrize("lang", ["", "/en"])
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1200, "light")])
@pytest.mark.parametrize("kind", ["hall", "machine", "history"])
def test_the_pages_are_accessible_and_never_wider_than_the_screen(
    visit: Visitor, mill: Mill, lang: str, width: int, scheme: str, kind: str
) -> None:
    if not AXE.exists():
        pytest.skip("NO AXE-CORE: run npm ci; the accessibility tests did not run")
    rest = {"hall": "", "machine": mill.page, "history": mill.history}[kind]

    def seen(page: Page) -> tuple[Any, float]:
        page.goto(mill.at(rest, lang))
        if kind == "history":
            charted(page)
        else:
            page.wait_for_selector('[data-live][data-state="live"]')
        page.evaluate(AXE.read_text(encoding="utf-8"))
        wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return page.evaluate(RUN, RULES), wide

    problems, wide = visit(seen, width=width, scheme=scheme)
    assert problems == []
    assert wide <= 0
