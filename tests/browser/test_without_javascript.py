"""The whole way works without JavaScript: ask → answer → feedback → programmes → search → edit."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page

from nordlotse.answers import queries as answers
from nordlotse.answers.models import KnowledgeState, Revision
from nordlotse.journey.models import Inquiry
from tests.browser import pages
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Seconds after which a published text is there at the latest: two, and the time a busy machine needs to index it.
PATIENCE = 20


def test_a_visitor_asks_rates_looks_for_money_and_searches(visit: Visitor) -> None:
    def way(page: Page) -> dict[str, str]:
        seen = {}
        page.goto("/")
        page.fill("#question", "Was kostet ein 3D-Druckteil?")
        page.click("main form.ask button[type=submit]")
        seen["answer"] = page.locator(".answer").inner_text()
        page.locator("summary", has_text="Nein").click()
        page.check("input[value=too_general]")
        page.fill("#comment", "bitte mit Zahlen")
        page.click("button[value=no]")
        seen["thanks"] = page.locator(".thanks").inner_text()
        page.goto("/foerderung/")
        page.select_option("#state", "SH")
        page.fill("#employees", "40")
        page.click("main form.ask button[type=submit]")
        seen["programmes"] = page.locator("#programme").inner_text()
        page.goto("/suche/")
        page.fill("#q", "Sensor")
        page.click("main form.ask button[type=submit]")
        seen["hits"] = page.locator("#treffer").inner_text()
        return seen

    seen = visit(way, script=False)
    assert "Euro" in seen["answer"]
    assert seen["thanks"].startswith("Danke.")
    assert "Heute offen" in seen["programmes"]
    assert "Treffer" in seen["hits"]
    rated = Inquiry.objects.get(helpful=False)
    assert (rated.reason, rated.comment) == ("too_general", "bitte mit Zahlen")


def test_an_editor_previews_saves_and_publishes(staff_visit: Visitor) -> None:
    # A number no other test has used: the process tells states of the knowledge apart by it.
    KnowledgeState.objects.update_or_create(pk=1, defaults={"version": time.time_ns() // 1_000_000})
    slug = pages.longest_article("de")
    title = answers.article(slug, "de").title

    def work(page: Page) -> tuple[str, str, str]:
        page.goto(f"/desk/texte/{slug}/de/")
        raw = page.input_value("#raw")
        page.fill("#raw", raw.replace(title, "Ein neuer Titel zum Prüfen?"))
        page.click("button[name=preview]")
        preview = page.locator("#vorschau").inner_text()
        page.click("button[name=publish]")
        published = title
        until = time.monotonic() + PATIENCE
        while published == title and time.monotonic() < until:
            page.goto(f"/wissen/{slug}/")
            published = page.locator("h1").inner_text()
        page.goto(f"/desk/texte/{slug}/de/")
        page.fill("#raw", "kein Kopf, kein Artikel")
        page.click("button[name=publish]")
        kept = page.input_value("#raw")
        page.locator("#vorschau [role=alert]").wait_for()
        return preview, published, kept

    preview, published, kept = staff_visit(work, script=False, as_staff=True)
    assert "Ein neuer Titel zum Prüfen?" in preview
    assert published == "Ein neuer Titel zum Prüfen?"
    assert kept == "kein Kopf, kein Artikel"
    # The broken text is kept as a draft; what visitors see stays the one that was published.
    states = Revision.objects.filter(slug=slug).order_by("number").values_list("state", flat=True)
    assert list(states) == [Revision.State.PUBLISHED, Revision.State.DRAFT]


def test_controls_that_need_javascript_are_hidden_without_it(visit: Visitor) -> None:
    answer_id = pages.asked("de")[0]

    def shown(page: Page) -> bool:
        page.goto(f"/antwort/{answer_id}/blatt/")
        return page.locator("[data-print]").is_visible()

    assert not visit(shown, script=False)
    assert visit(shown)
