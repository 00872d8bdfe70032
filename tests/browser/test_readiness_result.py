"""Result and plan on a phone and a computer: the slider moves the plan, without JavaScript a button does; axe, keyboard, 320 px, print."""

from __future__ import annotations

import io

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from nordlotse.foundation.language import Lang
from nordlotse.readiness.actions import answering as saving
from nordlotse.readiness.actions import checks
from nordlotse.readiness.queries.checks import kept
from tests.browser.conftest import Visitor
from tests.browser.readiness_carried import ALL, answers, carry
from tests.browser.test_axe import AXE, RULES, RUN
from tests.browser.test_layout import TOO_WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GIVEN = answers(ALL, stage=2, leave=("security", "it_systems"))
MARK = "document.body.dataset.same = 'yes'"
SAME = "document.body.dataset.same === 'yes'"


def _verdict(page: Page) -> str:
    return page.locator("#plan .answer strong").first.inner_text()


def test_moving_the_slider_moves_the_plan_the_number_and_the_choice_without_loading_the_page(visit: Visitor) -> None:
    def slide(page: Page) -> tuple[str, str, str, bool, str]:
        carry(page, "plan", GIVEN)
        page.evaluate(MARK)
        before = _verdict(page)
        page.locator("#regler").focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        page.locator("#plan .answer strong", has_text="6.500 Euro").wait_for()
        chosen = page.locator("#ziel-budget").is_checked()
        return (
            before,
            _verdict(page),
            page.input_value("#budget"),
            chosen and page.evaluate(SAME),
            page.locator("#kurz").inner_text(),
        )

    before, after, number, same, heard = visit(slide, width=390)
    assert before != after
    assert number == "6500"
    assert same
    assert heard == after


def test_typing_a_budget_moves_the_slider(visit: Visitor) -> None:
    def type_it(page: Page) -> tuple[str, str]:
        carry(page, "plan", GIVEN)
        page.fill("#budget", "3000")
        page.locator("#plan .answer strong", has_text="3.000 Euro").wait_for()
        return page.input_value("#regler"), _verdict(page)

    assert visit(type_it)[0] == "3000"


@pytest.mark.parametrize(("typed", "shown"), [("20.000", "20000"), ("20 000 Euro", "20000")])
def test_an_amount_typed_as_people_write_it_moves_the_slider(visit: Visitor, typed: str, shown: str) -> None:
    def type_it(page: Page) -> str:
        carry(page, "plan", GIVEN)
        page.fill("#budget", typed)
        page.locator("#plan .answer strong", has_text="20.000 Euro").wait_for()
        return page.input_value("#regler")

    assert visit(type_it) == shown


def test_without_javascript_the_button_calculates_and_the_slider_counts(visit: Visitor) -> None:
    def press(page: Page) -> tuple[str, str, bool]:
        carry(page, "plan", GIVEN)
        page.select_option("#stufe", "4")
        page.get_by_role("button", name="Plan rechnen").click()
        level = _verdict(page)
        page.locator("#regler").focus()
        page.keyboard.press("Home")
        page.get_by_role("button", name="Plan rechnen").click()
        return level, _verdict(page), page.locator("[data-print]").is_visible()

    level, budget, prints = visit(press, script=False)
    assert "nicht zu erreichen" in level
    assert "0 Euro" in budget
    assert not prints


def test_without_javascript_one_gets_from_result_to_plan_and_back_with_all_answers(visit: Visitor) -> None:
    def walk(page: Page) -> tuple[str, str, str]:
        carry(page, "ergebnis", GIVEN, ALL)
        first = page.locator("h1").inner_text()
        page.get_by_role("button", name="Plan in höchstens fünf Schritten").click()
        plan = page.locator("h1").inner_text()
        page.get_by_role("button", name="Zurück zum Ergebnis").click()
        return first, plan, page.locator("h1").inner_text()

    first, plan, again = visit(walk, script=False, width=390)
    assert plan == "Ihr Plan"
    assert first == again
    assert first.startswith("Ihr Stand")


def test_the_other_language_keeps_the_answers(visit: Visitor) -> None:
    def change(page: Page) -> tuple[str, str]:
        carry(page, "ergebnis", GIVEN, ALL)
        page.get_by_role("button", name="English").click()
        english = page.locator("h1").inner_text()
        page.get_by_role("button", name="Deutsch").click()
        return english, page.locator("h1").inner_text()

    english, german = visit(change)
    assert english.startswith("Where you stand: between")
    assert german.startswith("Ihr Stand: zwischen")


def test_a_missing_answer_is_asked_alone_from_the_result(visit: Visitor) -> None:
    def ask(page: Page) -> str:
        carry(page, "ergebnis", GIVEN)
        page.locator("summary", has_text="Welche Antworten fehlen?").click()
        page.get_by_role("button", name="antworten").first.click()
        return page.locator("main").inner_text()

    assert "Wie läuft ein Auftrag" in visit(ask, width=390)


def _twice(lang: Lang) -> list[str]:
    """Return the pages of a kept check with two rounds."""
    key = checks.keep(GIVEN, ALL, lang=lang)
    checks.finish(key)
    checks.repeat(key, empty=False, seen=0)
    lead = kept(key).newest.lead
    saving.save(lead.key, {"it_systems": "4", "skills": "0"}, version=lead.version, seen={"skills": GIVEN["skills"]})
    prefix = "/en" if lang == "en" else ""
    return [f"{prefix}/check/{key}/{page}" for page in ("ergebnis/", "ergebnis/?runde=0", "plan/", "veraenderung/")]


@pytest.mark.parametrize("lang", ["de", "en"])
def test_pages_of_a_kept_check_are_clean_and_fit_320_px(visit: Visitor, lang: Lang) -> None:
    addresses = _twice(lang)

    def look(page: Page) -> list[str]:
        found = []
        for address in addresses:
            page.goto(address)
            page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
            found.append(str(page.evaluate(TOO_WIDE)))
            if AXE.is_file():
                page.evaluate(AXE.read_text(encoding="utf-8"))
                found += [f"{address} {v}" for v in page.evaluate(RUN, RULES)]
        return [one for one in found if one]

    assert visit(look, width=320) == []
    assert visit(look, width=320, scheme="dark") == []


@pytest.mark.parametrize("lang", ["de", "en"])
def test_axe_finds_nothing_on_results_and_plans_in_light_and_dark(visit: Visitor, lang: Lang) -> None:
    if not AXE.is_file():
        pytest.skip("NO AXE-CORE: run npm ci; the accessibility tests did not run")
    prefix = "/en" if lang == "en" else ""

    def look(page: Page) -> list[str]:
        found = []
        for name in ("ergebnis", "plan"):
            carry(page, name, GIVEN, ALL, prefix=prefix)
            page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
            page.evaluate(AXE.read_text(encoding="utf-8"))
            for width in (390, 1200):
                page.set_viewport_size({"width": width, "height": 900})
                for scheme in ("light", "dark"):
                    page.emulate_media(color_scheme=scheme)
                    found += [f"{name} {width} {scheme} {v}" for v in page.evaluate(RUN, RULES)]
        return found

    assert visit(look) == []
    assert not visit.seen.complaints, visit.seen.complaints
    assert not visit.seen.foreign


@pytest.mark.parametrize("lang", ["de", "en"])
def test_nothing_is_wider_than_320_px_with_everything_open(visit: Visitor, lang: Lang) -> None:
    prefix = "/en" if lang == "en" else ""

    def measure(page: Page) -> list[str]:
        found = []
        for name in ("ergebnis", "plan"):
            carry(page, name, GIVEN, ALL, prefix=prefix)
            page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
            found.append(str(page.evaluate(TOO_WIDE)))
        return found

    assert visit(measure, width=320) == ["", ""]


def test_letters_in_the_pictures_can_be_read_on_a_phone(visit: Visitor) -> None:
    smallest = """() => Math.min(...[...document.querySelectorAll('.picture text')].filter(t => t.getClientRects().length).map(t => {
      const svg = t.ownerSVGElement; return parseFloat(t.getAttribute('font-size')) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    }))"""

    def measure(page: Page) -> float:
        carry(page, "ergebnis", GIVEN, ALL)
        return float(page.evaluate(smallest))

    assert visit(measure, width=390) >= 12


def test_no_two_texts_of_a_picture_meet_in_the_browser_s_own_font(visit: Visitor) -> None:
    meeting = """() => [...document.querySelectorAll('svg.picture')].flatMap(svg => {
      const boxes = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
      return boxes.flatMap(([a, p], i) => boxes.slice(i + 1).filter(([b, q]) =>
        p.left + 1 < q.right && q.left + 1 < p.right && p.top + 4 < q.bottom && q.top + 4 < p.bottom).map(([b]) => a + ' | ' + b));
    })"""

    def measure(page: Page) -> list[str]:
        found: list[str] = []
        for prefix in ("", "/en"):
            for name in ("ergebnis", "plan"):
                carry(page, name, GIVEN, ALL, prefix=prefix)
                found += page.evaluate(meeting)
        return found

    assert visit(measure, width=390) == []


def test_the_slider_and_every_button_of_the_plan_are_reached_by_keyboard_and_show_it(visit: Visitor) -> None:
    def tab(page: Page) -> tuple[set[str], list[str]]:
        carry(page, "plan", GIVEN, ALL)
        reached, unseen = set(), []
        page.locator("#model").focus()
        for _ in range(60):
            seen = page.evaluate("""() => { const e = document.activeElement, s = getComputedStyle(e);
              return [e.id || e.textContent.trim().slice(0, 30), s.outlineStyle !== 'none' || s.boxShadow !== 'none' || s.borderStyle !== 'none']; }""")
            reached.add(seen[0])
            if not seen[1] and not seen[0].startswith("Zum Inhalt"):  # that link comes into view instead
                unseen.append(seen[0])
            page.keyboard.press("Tab")
        return reached, unseen

    reached, unseen = visit(tab)
    assert {"model", "stufe", "budget", "regler", "employees", "Plan rechnen", "beginn"} <= reached
    assert not unseen


def test_the_plan_prints_without_its_form_and_with_every_step(visit: Visitor) -> None:
    def printed(page: Page) -> str:
        carry(page, "plan", GIVEN)
        return "".join(p.extract_text() for p in PdfReader(io.BytesIO(page.pdf())).pages)

    text = visit(printed)
    assert "1. " in text
    assert "Ausgaben" in text
    assert "Plan rechnen" not in text
    assert "Wissen" not in text.split("Ihr Plan")[0]


def test_the_kept_plan_s_address_follows_the_goal(visit: Visitor) -> None:
    key = checks.keep(GIVEN, ("own",), lang="de")

    def choose(page: Page) -> tuple[str, str, str]:
        page.goto(f"/check/{key}/plan/")
        page.fill("#budget", "2500")
        page.locator("#plan .answer strong", has_text="2.500 Euro").wait_for()
        page.wait_for_url("**budget=2500**")
        shown = _verdict(page)
        address = page.url
        page.goto(address)
        return address, shown, _verdict(page)

    _, shown, again = visit(choose)
    assert shown == again
