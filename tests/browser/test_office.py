"""The office's pages: outbox, inbox and the way out of mails, for everybody and without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from nordlotse.foundation.language import Lang, Text
from nordlotse.office import incoming, mail
from nordlotse.office.models import HeldMail, IncomingMail, OutgoingMail, ReplyAddress
from tests.browser import test_axe, test_keyboard
from tests.browser.conftest import Visitor
from tests.browser.test_layout import too_wide

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "Betriebsanleitungssammelbestellung" * 2


def fill() -> OutgoingMail:
    """Put mails of every state into the outbox and one aside; return one that failed."""
    text = "Guten Tag,\n\n" + "ein langer Satz mit vielen Wörtern. " * 30 + "\n\nhttps://lotse.example/" + "x" * 200
    for n in range(60):
        mail.write(f"m:{n}", f"{'langername' * 4}{n}@b.example", lang="de", subject=f"{LONG} {n}", text=text)
    for n, state in enumerate(OutgoingMail.State.values):
        OutgoingMail.objects.filter(key=f"m:{n}").update(state=state, error="SMTPRecipientsRefused 550")
    address = ReplyAddress.objects.create(token="t", purpose="case", reference="1", person="p", mail="a@b.example")
    HeldMail.objects.create(
        message_hash="h", reason="sender", address=address, sender="c@d.example", subject=LONG, text=text, attachments=2
    )
    for n, outcome in enumerate(("taken", "automatic", "unknown")):
        IncomingMail.objects.create(message_hash=str(n), outcome=outcome)
    return OutgoingMail.objects.get(state="failed")


def staff_pages(lang: Lang, failed: OutgoingMail) -> list[str]:
    start = "/en" if lang == "en" else ""
    places = ("postausgang/", "postausgang/?stand=failed&seite=2", f"postausgang/{failed.pk}/", "posteingang/")
    return [f"{start}/desk/{p}" for p in places]


def way_out(lang: Lang = "de") -> str:
    from django.conf import settings

    mail.describe_kind("test", Text("Neues aus der Gruppe", "news of the group"))
    return mail.unsubscribe_address("a@b.example", "test", lang).removeprefix(settings.CONFIGURATION.public_url)


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds of mail and handlers made here are forgotten."""
    monkeypatch.setattr(mail, "_kinds", dict(mail._kinds))
    monkeypatch.setattr(incoming, "_handlers", dict(incoming._handlers))


@pytest.mark.parametrize("lang", ["de", "en"])
def test_axe_finds_nothing(staff_visit: Visitor, lang: Lang) -> None:
    test_axe.check(staff_visit, staff_pages(lang, fill()), as_staff=True)
    test_axe.check(staff_visit, [way_out(lang)], as_staff=False)


def test_nothing_scrolls_sideways_at_320_px(staff_visit: Visitor) -> None:
    addresses = [*staff_pages("de", fill()), way_out()]
    assert staff_visit(lambda page: too_wide(page, addresses), width=320, as_staff=True) == []


def test_everything_is_reached_with_the_keyboard(staff_visit: Visitor) -> None:
    for address in staff_pages("de", fill())[1:]:
        stops = staff_visit(lambda page, a=address: test_keyboard.walk(page, a), as_staff=True)
        test_keyboard.check(stops, address)


def test_staff_send_a_failed_mail_again_and_take_in_one_kept_aside_without_javascript(staff_visit: Visitor) -> None:
    failed = fill()
    taken: list[Any] = []
    incoming.handle("case", lambda *reply: taken.append(reply))

    def way(page: Page) -> None:
        page.goto(f"/desk/postausgang/{failed.pk}/")
        page.get_by_role("button", name="Noch einmal senden").click()
        page.goto("/desk/posteingang/")
        page.get_by_role("button", name="Übernehmen").click()
        page.get_by_text("Nichts offen.").wait_for()

    staff_visit(way, script=False, as_staff=True)
    assert OutgoingMail.objects.get(pk=failed.pk).state == "queued"
    assert taken[0][:2] == ("1", "p")


def test_the_way_out_takes_one_button_without_javascript(visit: Visitor) -> None:
    address = way_out()

    def way(page: Page) -> str:
        page.goto(address)
        page.get_by_role("button", name="Abbestellen").click()
        return page.locator("h1").inner_text()

    assert visit(way, script=False) == "Abbestellt"
    assert mail.refuses("a@b.example", "test")
