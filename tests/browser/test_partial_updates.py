"""With JavaScript only the part that changed is fetched: feedback, programmes, search, preview, import."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from nordlotse.journey.models import Inquiry
from tests.browser import pages
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MARK = "document.body.dataset.same = 'yes'"
SAME = "document.body.dataset.same === 'yes'"


def test_feedback_with_a_reason_replaces_only_the_form(visit: Visitor) -> None:
    answer_id = pages.asked("de")[0]

    def rate(page: Page) -> tuple[str, bool]:
        page.goto(f"/antwort/{answer_id}/")
        page.evaluate(MARK)
        page.locator("summary", has_text="Nein").click()
        page.check("input[value=outdated]")
        page.click("button[value=no]")
        return page.locator(".thanks").inner_text(), page.evaluate(SAME)

    text, same = visit(rate)
    assert text.startswith("Danke.")
    assert same
    rated = Inquiry.objects.get(pk=answer_id)
    assert (rated.helpful, rated.reason) == (False, "outdated")


def test_choosing_a_state_changes_programmes_and_address(visit: Visitor) -> None:
    def choose(page: Page) -> tuple[str, bool, str]:
        page.goto("/foerderung/")
        page.evaluate(MARK)
        page.select_option("#state", "MV")
        page.locator("#programme [role=status]").wait_for()
        return page.locator("#programme").inner_text(), page.evaluate(SAME), page.url

    text, same, address = visit(choose)
    assert same
    assert "state=MV" in address
    assert "DigiTrans" in text
    assert "Hamburg Digital" not in text


def test_search_shows_hits_while_typing(visit: Visitor) -> None:
    def search(page: Page) -> tuple[int, bool]:
        page.goto("/suche/")
        page.evaluate(MARK)
        page.locator("#q").press_sequentially("Sensor", delay=20)
        page.locator("#treffer .hits li").first.wait_for()
        return page.locator("#treffer .hits li").count(), page.evaluate(SAME)

    count, same = visit(search)
    assert count > 3
    assert same


def test_the_preview_follows_the_text_and_says_what_is_wrong(staff_visit: Visitor) -> None:
    slug = pages.longest_article("de")

    def write(page: Page) -> tuple[str, str]:
        page.goto(f"/desk/texte/{slug}/de/")
        raw = page.input_value("#raw")
        page.fill("#raw", raw + "\n\nHier steht ein Satz aus der Vorschau.\n")
        page.locator("#vorschau", has_text="Hier steht ein Satz aus der Vorschau.").wait_for()
        good = page.locator("#vorschau").inner_text()
        page.fill("#raw", "---\nkaputt")
        page.locator("#vorschau [role=alert]").wait_for()
        return good, page.locator("#vorschau [role=alert]").inner_text()

    good, bad = staff_visit(write, as_staff=True)
    assert "Hier steht ein Satz aus der Vorschau." in good
    assert "So lässt sich der Text nicht lesen" in bad


def test_an_import_shows_progress_and_names_each_file(staff_visit: Visitor, tmp_path: Path) -> None:
    good = tmp_path / "leitfaden.md"
    good.write_text(
        "# Kühlmittel messen\n\nEin Sensor misst die Temperatur des Kühlmittels. Er meldet jede Minute einen Wert.\n",
        encoding="utf-8",
    )
    bad = tmp_path / "bericht.pdf"
    bad.write_bytes(b"%PDF-1.4 broken")

    def upload(page: Page) -> tuple[str, str]:
        page.goto("/desk/import/")
        page.set_input_files("input[type=file]", [str(good), str(bad)])
        page.click("main form button[type=submit]")
        page.locator(".progress output", has_text="2/2").wait_for()
        return page.locator("#bericht").inner_text(), page.locator("progress").get_attribute("value") or ""

    report, done = staff_visit(upload, as_staff=True)
    assert "leitfaden.md" in report
    assert "bericht.pdf" in report
    assert "Nicht eingelesen" in report
    assert done == "2"
