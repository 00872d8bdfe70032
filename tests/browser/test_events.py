"""Events in a real browser: the entrance through a dead spot, the whole way without JavaScript, axe on every template."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from nordlotse.dialogue.actions import entrance
from nordlotse.dialogue.models import Event, Feedback, ImportSource, Question, Registration
from nordlotse.dialogue.queries.registrations import token_of
from nordlotse.foundation.language import Lang
from tests.browser.conftest import Visitor
from tests.browser.test_axe import check
from tests.dialogue.made import begun, coordinator, event, link_in, mails, registered

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _begun_event(people: int) -> tuple[Event, list[Registration]]:
    made = event(title_de="Sensoren", quota=people)
    persons = [registered(made, n, company_name=f"Werft {n}") for n in range(1, people + 1)]
    begun(made)
    return made, persons


def test_check_ins_in_a_dead_spot_are_kept_survive_a_reload_and_arrive_when_the_net_is_back(
    staff_visit: Visitor,
) -> None:
    made, persons = _begun_event(3)
    path = f"/desk/termine/{made.pk}/einlass/"

    def work(page: Page) -> list[str]:
        told = []
        page.goto(path)
        line = page.locator("#netz")
        expect(line).to_have_attribute("data-kept", "1")  # the phone has put the page aside
        page.context.set_offline(True)
        page.click(f"#p{persons[0].pk} button[data-in]")
        page.click(f"#p{persons[1].pk} button[data-in]")
        expect(line).to_have_attribute("data-state", "waiting")
        told.append(page.inner_text("#drin"))
        page.reload()
        expect(page.locator("#drin")).to_have_text("2")  # the kept page is older than the taps
        page.click(f"#p{persons[1].pk} button[data-out]")
        told.append(page.inner_text("#drin"))
        # A scanned code opens the kept page with its person first.
        page.goto(f"/termine/einlass/{persons[2].code}/")
        expect(page.locator("#leute > li").first).to_have_id(f"p{persons[2].pk}")
        page.click(f"#p{persons[2].pk} button[data-in]")
        assert "2" in page.inner_text("#drin")
        page.context.set_offline(False)
        page.goto(path)
        expect(line).to_have_attribute("data-state", "online")
        expect(page.locator("#drin")).to_have_text("2")
        return told

    assert staff_visit(work, as_staff=True, width=390) == ["2", "1"]
    inside = dict(Registration.objects.values_list("pk", "checked_in_at"))
    assert [inside[p.pk] is not None for p in persons] == [True, False, True]


def test_a_tap_with_net_is_saved_at_once_and_searching_narrows_the_list(staff_visit: Visitor) -> None:
    made, persons = _begun_event(3)

    def work(page: Page) -> int:
        page.goto(f"/desk/termine/{made.pk}/einlass/")
        page.fill("#suche", "Werft 2")
        shown = page.locator("#leute > li:visible").count()
        page.click(f"#p{persons[1].pk} button[data-in]")
        expect(page.locator("#netz")).to_have_attribute("data-state", "online")
        return shown

    assert staff_visit(work, as_staff=True, width=390) == 1
    assert Registration.objects.get(checked_in_at__isnull=False).pk == persons[1].pk


def test_a_page_older_than_what_another_phone_noted_is_put_right_when_it_asks(staff_visit: Visitor) -> None:
    made, persons = _begun_event(3)

    def work(page: Page) -> str:
        path = f"/desk/termine/{made.pk}/einlass/"
        page.goto(path)
        expect(page.locator("#netz")).to_have_attribute("data-state", "online")
        other = page.context.new_page()
        other.goto(path)
        other.click(f"#p{persons[2].pk} button[data-in]")
        expect(other.locator("#netz")).to_have_attribute("data-state", "online")
        page.evaluate("() => window.dispatchEvent(new Event('online'))")
        expect(page.locator("#drin")).to_have_text("1")
        return page.locator(f"#p{persons[2].pk}").get_attribute("class") or ""

    assert "person--in" in staff_visit(work, as_staff=True, width=390)


def test_without_javascript_one_registers_sees_the_code_cancels_and_staff_check_in(staff_visit: Visitor) -> None:
    made = event(title_de="Sensoren", quota=5)
    must = Question.objects.create(event=made, text_de="Welche Maschine?", required=True)

    def register(page: Page) -> str:
        page.goto("/termine/")
        page.click("text=Sensoren")
        page.click("main a.kern-btn--primary")
        page.fill("[name=name]", "Gast 1")
        page.fill("[name=mail]", "gast1@example.org")
        page.fill("input[name^=question_]", "Fräse")
        page.click("main button[type=submit]")
        return page.inner_text("h1")

    assert staff_visit(register, script=False, width=390).startswith("Danke.")
    link = link_in(mails()[0])

    def cancel(page: Page) -> str:
        page.goto(link)
        expect(page.locator(".pass svg")).to_be_visible()
        page.click("button:has-text('Absagen')")
        return page.inner_text("main")

    assert "Sie haben abgesagt" in staff_visit(cancel, script=False, width=390)
    person = registered(made, 2, answers={str(must.pk): "Presse"})
    begun(made)

    def check_in(page: Page) -> str:
        page.goto(f"/desk/termine/{made.pk}/einlass/")
        page.click(f"#p{person.pk} button:has-text('Einchecken')")
        return page.inner_text("#drin")

    assert staff_visit(check_in, script=False, as_staff=True, width=390) == "1"


def _public(lang: Lang) -> list[str]:
    """Return every public template of events, with long words in them."""
    start = "" if lang == "de" else "/en"
    title = "Donaudampfschifffahrtsgesellschaftskapitänsmützen mit Zustandsüberwachung und Fernwartung"
    free = event(
        title_de=title,
        text_de="Eine Zeile.\n\nUnd noch eine.",
        organiser="Technische Hochschule",
        video_link="https://v.example/1",
    )
    full = event(slug="voll", quota=1, title_de=title)
    gone = event(slug="abgesagt", status="cancelled", cancel_reason="Sturmflut")
    Question.objects.create(
        event=free, text_de="Wie groß ist Ihr Betrieb?", kind="choice", options=["klein", "groß"], required=True
    )
    Question.objects.create(event=free, text_de="Fotos erlaubt?", kind="yes_no")
    waits = [registered(full, n) for n in (1, 2)]
    past = event(slug="vorbei")
    there, rated = registered(past, 3), registered(past, 4)
    begun(past, ended=True)
    for person in (there, rated):
        entrance.check_in(coordinator(), person.pk)
    Feedback.objects.create(event=past, registration=rated, rating=5)
    links = [f"{start}/termine/anmeldung/{token_of(p)}/" for p in (*waits, there, rated)]
    pages = [f"{start}/termine/{e.slug}/" for e in (free, full, gone, past)]
    return [
        f"{start}/termine/",
        f"{start}/termine/?past=1&state=HH",
        f"{start}/termine/liste/",
        *pages,
        f"{pages[0]}anmelden/",
        f"{pages[1]}anmelden/",
        f"{pages[3]}anmelden/",
        f"{pages[0]}danke/",
        *links,
        f"{start}/termine/einlass/{waits[0].code}/",
    ]


def _desk(lang: Lang) -> list[str]:
    """Return every staff template of events."""
    start = "" if lang == "de" else "/en"
    made, persons = _begun_event(3)
    entrance.check_in(coordinator(), persons[0].pk)
    Feedback.objects.create(event=made, registration=persons[0], rating=4, useful="Viel", missing="Kaffee")
    Event.objects.filter(pk=made.pk).update(source_note="zone", attended_elsewhere=7)
    draft = event(slug="entwurf", status="draft", series="abc")
    source = ImportSource.objects.create(
        kind="ics", name="Partner", url="https://partner.example/a.ics", health="down", error="import_later"
    )
    ImportSource.objects.create(kind="ics", name="ICS", url="", active=False)
    desk = f"{start}/desk/termine/"
    return [
        desk,
        f"{desk}neu/",
        f"{desk}quellen/",
        f"{desk}quellen/neu/",
        f"{desk}quellen/{source.pk}/",
        f"{desk}{made.pk}/",
        f"{desk}{draft.pk}/",
        f"{desk}{made.pk}/bearbeiten/",
        f"{desk}{made.pk}/drucken/",
        f"{desk}{made.pk}/einlass/",
        f"{desk}{made.pk}/einlass/?code={persons[1].code}",
        f"{desk}{made.pk}/einlass/?code=falsch",
    ]


@pytest.mark.parametrize("lang", ["de", "en"])
def test_axe_finds_nothing_on_any_public_template_of_events(visit: Visitor, lang: Lang) -> None:
    check(visit, _public(lang), as_staff=False)


@pytest.mark.parametrize("lang", ["de", "en"])
def test_axe_finds_nothing_on_any_staff_template_of_events(staff_visit: Visitor, lang: Lang) -> None:
    check(staff_visit, _desk(lang), as_staff=True)


@pytest.mark.parametrize("width", [390, 1200])
def test_no_page_of_events_is_wider_than_the_window(staff_visit: Visitor, width: int) -> None:
    addresses = [*_public("de"), *_desk("en")]

    def wide(page: Page) -> list[str]:
        found = []
        for address in addresses:
            page.goto(address)
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found.append(address)
        return found

    assert staff_visit(wide, as_staff=True, width=width) == []
