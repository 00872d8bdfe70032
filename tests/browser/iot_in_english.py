"""The story of a visitor without a machine once more, in English: over the pages the German one has filled, and through their links."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

#: A word that no English page of the room may show: they are on each German one.
_GERMAN = re.compile(
    r"\b(Auslastung|Zeitverlauf|Stillstände|Bericht|Stunden|Werte|gelöscht|Maschine|Spindeltemperatur|und|oder|nicht)\b"
)


def words(page: Page) -> str:
    """Return what the page says, after looking whether it is English and fits; names that somebody gave stay as they are."""
    said = re.sub(r"\s+", " ", page.locator("main").inner_text())
    for name in ("Meine Maschinen", "Beispielhalle", "CNC-Fräsmaschine", "Presse"):
        said = said.replace(name, "")
    for title in page.locator("main [lang=de]").all_inner_texts():
        said = said.replace(re.sub(r"\s+", " ", title), "")
    assert page.locator("html").get_attribute("lang") == "en"
    found = _GERMAN.search(said)
    assert found is None, f"{page.url}: {said[max(found.start() - 80, 0) : found.end() + 80]}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    return said


def way(page: Page, name: str) -> None:
    """Go on by a link of the pages' own navigation."""
    page.locator("nav.ways, nav.ways + *, main").get_by_role("link", name=re.compile(rf"^{name}(\s|$)")).first.click()
    page.wait_for_load_state()


def look_around(link: str, alarm: int, patience: float) -> Callable[[Page], str]:
    """Return what walks over live page, alarm, use, stops, history, energy and report; it returns what use says."""

    def walk(page: Page) -> str:
        page.goto(f"/en{link}")
        page.wait_for_selector('[data-live][data-state="live"]')
        assert "Spindle temperature" in words(page) and "Spindle bearing wears" in words(page)
        way(page, "Alarms")
        assert "Unusual behaviour" in words(page)
        page.locator(f'a[href$="/alarme/{alarm}/"]').first.click()
        page.wait_for_load_state()
        assert "Unusual behaviour" in words(page)
        page.goto(f"/en{link}")
        way(page, "Utilisation")
        page.get_by_role("heading", name=re.compile(r"^OEE \d")).wait_for(timeout=patience * 1000)
        use = words(page)
        way(page, "Stops")
        words(page)
        page.get_by_role("button", name="no material").first.click()
        page.wait_for_load_state()
        words(page)
        way(page, "History")
        page.wait_for_selector(".uplot canvas")
        for name in ("Year", "Zoom in"):
            with page.expect_response(lambda answer: "verlauf.json" in answer.url):
                page.get_by_role("link", name=name, exact=True).click()
        assert re.search(r"[\d,]+ values", words(page))
        way(page, "Energy")
        assert "kWh" in words(page)
        way(page, "Report")
        assert "Two weeks at the machines" in words(page)
        return use

    return walk


def bring(hall: str, content: str, patience: float) -> Callable[[Page], str]:
    """Return what hands in a file for a machine that has values already, and leads to its history; it returns what that says."""

    def walk(page: Page) -> str:
        page.goto(f"/en/maschinen/{hall}/")
        page.get_by_text("More", exact=True).click()
        way(page, "Import a file")
        words(page)
        page.set_input_files(
            "input[type=file]", {"name": "press.csv", "mimeType": "text/csv", "buffer": content.encode()}
        )
        page.fill("[name=machine]", "Presse")
        page.get_by_role("button", name="Check the file").click()
        page.get_by_role("heading", name="What we detected").wait_for()
        assert "which already has values here" in words(page)
        page.get_by_role("button", name="Import it like this").click()
        page.get_by_role("link", name="View the history").wait_for(timeout=patience * 1000)
        words(page)
        page.get_by_role("link", name="View the history").click()
        page.wait_for_selector(".uplot canvas")
        return words(page)

    return walk


def take_and_delete(hall: str) -> Callable[[Page], tuple[bytes, str]]:
    """Return what takes the values of a hall along and deletes it; it returns the file and the receipt."""

    def walk(page: Page) -> tuple[bytes, str]:
        page.goto(f"/en/maschinen/{hall}/")
        page.get_by_text("More", exact=True).click()
        way(page, "Download your data")
        words(page)
        page.select_option("#maschine", "Presse")
        with page.expect_download() as got:
            page.locator('a[href*="werte.csv"], button[formaction*="werte.csv"]').first.click()
        content = Path(got.value.path()).read_bytes()
        page.goto(f"/en/maschinen/{hall}/loeschen/")
        words(page)
        page.check("#sure")
        page.get_by_role("button", name="Delete for good").click()
        page.wait_for_load_state()
        return content, words(page)

    return walk


def start_and_delete(page: Page) -> str:
    """Start a simulator with one click, wait until a value moves, and delete its hall; return the receipt."""
    page.goto("/en/maschinen/")
    assert "24 hours" in words(page)
    page.get_by_role("button", name="Start the simulator").click()
    page.wait_for_selector('[data-live][data-state="live"]')
    figure = page.locator('[data-value$="/Strom"] [data-figure]')
    page.wait_for_function(
        """first => document.querySelector('[data-value$="/Strom"] [data-figure]').textContent.trim() !== first.trim()""",
        arg=figure.inner_text(),
    )
    words(page)
    hall = re.findall(r"/maschinen/(\w{24})/", page.url)[0]
    page.goto(f"/en/maschinen/{hall}/loeschen/")
    page.check("#sure")
    page.get_by_role("button", name="Delete for good").click()
    page.wait_for_load_state()
    return words(page)
