"""The whole story of a check: begun on a phone without an account, resumed on a computer by its link, a colleague adds, three models,
the one thing that blocks, the budget's slider, the plan in a case, and a year later what has changed.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from nordlotse.journey.models import Case, Service
from nordlotse.readiness.models import Check, Round
from nordlotse.readiness.queries import checks
from tests.browser.conftest import Visitor
from tests.browser.steps import onward

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}


def tick(page: Page, place: int) -> None:
    """Choose in every group of boxes on the page the choice at a place, never the last one, which is "don't know"."""
    for group in page.locator("fieldset.inquiry").all():
        boxes = group.locator("input")
        boxes.nth(min(place, boxes.count() - 2)).check()


def through(page: Page, place: int) -> int:
    """Answer every page from the one that is open to the end; return how many questions that were."""
    asked = 0
    while page.locator("button[value=next]").count():
        asked += page.locator("fieldset.inquiry").count()
        tick(page, place)
        onward(page)
        assert asked < 120, "the questions do not end"
    return asked


def words(page: Page) -> str:
    return page.locator("main").inner_text()


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_whole_story_of_a_check(visit: Visitor, lang: str) -> None:
    prefix = "/en" if lang == "en" else ""
    says = (lambda de, en: en) if lang == "en" else (lambda de, en: de)

    # 1. On a phone, with no account and no JavaScript: the first pages, kept under a link when asked for, not before.
    def on_the_phone(page: Page) -> str:
        page.goto(f"{prefix}/check/")
        page.locator("main form.ask button[value=begin]").click()
        page.fill("#q_employees", "40")
        onward(page)
        tick(page, 1)
        onward(page)
        assert page.locator("form#fragen input[name=answers]").count() == 1
        page.locator("form#fragen button[formaction$='/check/sichern/']").click()
        page.locator("button[value=keep]").click()
        assert page.locator("svg.qr").is_visible()
        return re.sub(r"^https?://[^/]+", "", page.locator("#link ~ .secret a").get_attribute("href") or "")

    link = visit(on_the_phone, script=False, **PHONE)
    key = link.strip("/").split("/")[-1]
    assert link == f"{prefix}/check/{key}/"
    begun = dict(checks.kept(key).newest.answers)
    assert begun["employees"] == 40
    assert 1 < len(begun) < 15

    # 2. On a computer, by the link: what was said stands there, and the rest is answered.
    def on_the_computer(page: Page) -> tuple[int, str]:
        page.goto(link)
        page.locator(f"a.kern-btn[href='{link}fragen/']").click()
        asked = through(page, 1)
        assert page.url.endswith(f"{link}ergebnis/")
        page.goto(link)
        page.click("#einladen > summary")
        page.fill("#who", says("Werkstatt", "Workshop"))
        page.click("button[value=invite]")
        return asked, page.locator("#kollegen ~ .cards .secret a").get_attribute("href") or ""

    asked, colleague = visit(on_the_computer)
    assert asked == 15 - (len(begun) - 1)
    assert Round.objects.get().finished_at is not None

    # 3. A colleague answers on a phone behind a link of their own; the lead takes one answer over.
    def as_colleague(page: Page) -> str:
        page.goto(colleague)
        assert key not in page.content()
        page.click("main a.kern-btn")
        assert page.locator("input:checked").count() == 0
        through(page, 3)
        assert key not in page.content()
        return words(page)

    assert says("Danke", "Thank") in visit(as_colleague, script=False, **PHONE)

    def differing(page: Page) -> str:
        page.goto(f"{link}unterschiede/")
        told = words(page)
        page.locator("ol.cards button").first.click()
        return told

    before = dict(checks.kept(key).newest.answers)
    assert says("Werkstatt", "Workshop") in visit(differing)
    after = dict(checks.kept(key).newest.answers)
    assert sum(before[name] != after[name] for name in before) == 1

    # 4. Three models from one set of answers: only further questions are asked, and what was said stays.
    def deepened(page: Page) -> int:
        asked = 0
        for _ in range(2):
            page.goto(link)
            page.locator("button[value=deepen]").first.click()
            asked += through(page, 0)
        return asked

    assert visit(deepened) == 43 - 15
    newest = checks.kept(key).newest
    assert set(newest.models) == {"own", "dma", "impuls"}
    assert {name: newest.answers[name] for name in after} == after

    # 5. The result names three models and the one thing that blocks the next level.
    def result(page: Page) -> tuple[str, list[str]]:
        page.goto(f"{link}ergebnis/")
        pictures = [str(p.get_attribute("aria-label") or p.text_content()) for p in page.locator("svg.picture").all()]
        return page.locator("section.next").inner_text(), pictures

    blocking, pictures = visit(result, **PHONE)
    assert says("Das kommt zuerst", "comes first") in blocking
    assert len([line for line in blocking.splitlines() if line.strip()]) >= 3
    assert len(pictures) >= 6

    # 6. The budget's slider moves the plan without loading the page; going back in the browser shows the whole page again.
    def slide(page: Page) -> tuple[str, str, str, list[str]]:
        page.goto(f"{link}plan/")
        verdict = page.locator("#plan .answer strong").first
        at_first = verdict.inner_text()
        page.evaluate("document.body.dataset.same = 'yes'")
        page.locator("#regler").focus()
        page.keyboard.press("Home")
        for _ in range(6):
            page.keyboard.press("ArrowRight")
        page.locator("#plan .answer strong", has_text=says("3.000", "3,000")).wait_for()
        assert page.evaluate("document.body.dataset.same") == "yes"
        page.wait_for_url("**budget=3000**")
        moved = verdict.inner_text()
        steps = [h.inner_text() for h in page.locator("li.plan__step h3").all()]
        talk = page.locator(".answer ~ section a[href*='/gespraech/']").get_attribute("href") or ""
        page.go_back()
        page.locator("h1").wait_for()
        assert page.locator("form#ziel").count() == 1
        return at_first, moved, talk, steps

    at_first, moved, talk, steps = visit(slide)
    assert at_first != moved
    assert 1 <= len(steps) <= 5

    # 7. Result and plan go into a case with one tick; the case holds the very steps that were on the page, and not the link.
    def ask(page: Page) -> None:
        page.goto(talk)
        page.fill("input[name=name]", "Inga Inhaberin")
        page.fill("input[name=phone]", "04841 5550123")
        page.check("input[name=share][value=results]")
        page.locator("form.ask button[type=submit]").click()
        page.wait_for_url(re.compile("/gespraech/danke/"))

    visit(ask, **PHONE)
    case = Case.objects.get()
    kinds = {r["kind"]: r for r in case.results}
    assert set(kinds) == {"readiness_check", "readiness_plan"}
    assert [f[0] for f in kinds["readiness_plan"]["figures"]] == steps
    assert key not in str(case.results)
    assert Service.objects.filter(kind="readiness").count() == 1

    # 8. A year later the same check again: what has changed stands there by area and answer, with its picture.
    Round.objects.update(started_at=timezone.now() - timedelta(days=365))

    def again(page: Page) -> tuple[str, list[str]]:
        page.goto(f"{link}wiederholen/")
        page.locator("main form.ask button").click()
        while page.locator("button[value=next]").count():
            tick(page, 3)
            onward(page)
        page.goto(f"{link}veraenderung/")
        return words(page), page.locator("main table").first.locator("thead th").all_inner_texts()

    told, columns = visit(again)
    assert columns[1:3] == [says("1. Durchgang", "round 1"), says("2. Durchgang", "round 2")]
    assert "+" in told
    assert says("Antworten, die jetzt anders sind", "Answers that") in told
    assert [r.label for r in checks.kept(key).rounds] == ["T0", "T1"]
    assert Check.objects.count() == 1
    assert not visit.seen.foreign
    assert not visit.seen.complaints
