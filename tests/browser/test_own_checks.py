"""A check of the centre's own: from the template over the draft to its own start page, on a phone; taken back, its result stays. Axe on the way."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from nordlotse.foundation.language import Lang
from nordlotse.readiness.actions import checks, own_models
from nordlotse.readiness.core.own import example_workbook
from nordlotse.readiness.core.template import template_workbook
from nordlotse.readiness.models import OwnModel
from tests.browser import test_axe as axe
from tests.browser.conftest import Visitor
from tests.browser.test_layout import TOO_WIDE
from tests.readiness.test_own_models import cell_of, changed
from tests.web.world import person_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ANSWERS = {"welds": "yes", "weld_robot": "3", "weld_power": "0", "weld_records": ["machine"]}


def published(data: bytes) -> OwnModel:
    someone: Any = person_of("coordinator")
    handed = own_models.hand_in(someone, "check.xlsx", data)
    assert handed.draft is not None
    own_models.publish(someone, handed.draft)
    return OwnModel.objects.get(pk=handed.draft)


def test_a_coordinator_hands_in_the_template_tries_it_out_and_publishes_it(staff_visit: Visitor) -> None:
    file = {"name": "check.xlsx", "mimeType": "application/octet-stream", "buffer": template_workbook("de")}

    def at_the_desk(page: Page) -> str:
        page.goto("/desk/check/modelle/")
        page.click("main >> text=Anleitung")
        assert "ohne Programmieren" in page.locator("h1").inner_text()
        page.go_back()
        page.set_input_files("input[type=file]", file)  # type: ignore[arg-type]
        page.click("text=Tabelle prüfen")
        assert "Seite: Ihre Schweißerei" in page.locator("main").inner_text()
        draft = page.url
        page.click("text=Ausprobieren")
        assert "Entwurf" in page.locator("main").inner_text()
        page.goto(draft)
        page.click("button[value=publish]")
        assert page.locator("svg.qr").is_visible()
        return str(page.locator(".secret a").get_attribute("href"))

    address = staff_visit(at_the_desk, as_staff=True)

    def on_a_phone(page: Page) -> None:
        page.goto("/check/" + address.partition("/check/")[2])
        assert page.locator("h1").inner_text() == "Schweiß-Check"
        assert page.evaluate(TOO_WIDE) == ""
        page.click("main form.ask button")
        assert "Schweißen Sie" in page.locator("main").inner_text() or "Vorab" in page.locator("main").inner_text()

    staff_visit(on_a_phone, width=390)


@pytest.mark.parametrize("lang", ["de", "en"])
def test_axe_finds_nothing_on_the_pages_of_own_checks(staff_visit: Visitor, lang: Lang) -> None:
    first = published(example_workbook())
    unfinished = checks.keep({"welds": "yes"}, ("welding_check",), lang=lang)
    finished = checks.keep(ANSWERS, ("welding_check",), lang=lang)
    published(changed(**{cell_of("settings", "version", 2): "2"}))
    someone: Any = person_of("coordinator")
    draft = own_models.hand_in(someone, "c.xlsx", changed(**{cell_of("settings", "version", 2): "3"})).draft
    prefix = "/en" if lang == "en" else ""
    on_offer = OwnModel.objects.get(version="2").pk
    axe.check(
        staff_visit,
        [
            f"{prefix}/check/?modell=welding_check",
            f"{prefix}/check/?models=welding_check",
            f"{prefix}/check/?modell=nothing",
            f"{prefix}/check/{unfinished}/",
            f"{prefix}/check/{unfinished}/fragen/?frage=weld_robot",
            f"{prefix}/check/{finished}/ergebnis/",
            f"{prefix}/check/{finished}/plan/",
        ],
        as_staff=False,
    )
    axe.check(
        staff_visit,
        [
            f"{prefix}/desk/check/anleitung/",
            *(f"{prefix}/desk/check/modelle/{pk}/" for pk in (first.pk, on_offer, draft)),
        ],
        as_staff=True,
    )


def test_own_checks_fit_a_phone(staff_visit: Visitor) -> None:
    row = published(example_workbook())
    finished = checks.keep(ANSWERS, ("welding_check", "own"), lang="de")

    def look(page: Page, addresses: list[str]) -> list[str]:
        found = []
        for address in addresses:
            page.goto(address)
            page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
            found.append(str(page.evaluate(TOO_WIDE)))
        return [one for one in found if one]

    public = ["/check/?modell=welding_check", f"/check/{finished}/ergebnis/", f"/check/{finished}/plan/"]
    assert staff_visit(lambda page: look(page, public), width=390) == []
    staff = ["/desk/check/anleitung/", f"/desk/check/modelle/{row.pk}/"]
    assert staff_visit(lambda page: look(page, staff), width=390, as_staff=True) == []


def test_the_levels_follow_the_model_chosen(staff_visit: Visitor) -> None:
    published(example_workbook())
    key = checks.keep({**ANSWERS, "it_systems": "1"}, ("own", "welding_check"), lang="de")

    def look(page: Page) -> str:
        page.goto(f"/check/{key}/plan/", timeout=120_000)  # the first plan of a process loads the solver
        assert "Weit vorn" not in page.locator("#stufe").inner_text()
        page.select_option("#model", "welding_check")
        page.locator("#stufe", has_text="Weit vorn").wait_for()
        assert page.locator("#stufe").count() == 1
        return str(page.locator("#stufe").inner_text())

    assert "Gut verbunden" not in staff_visit(look)

    def without(page: Page) -> str:
        page.goto(f"/check/{key}/plan/")
        page.select_option("#model", "welding_check")
        page.click("text=Plan rechnen")
        return str(page.locator("#stufe").inner_text())

    assert "Weit vorn" in staff_visit(without, script=False)
