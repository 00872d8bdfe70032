"""The whole story in one go, in both languages: from a question at night to a closed month, and to nothing left of it.

Everybody acts through pages and mails as they would; the database is only looked at. Time moves by a patched clock.
"""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from nordlotse.dialogue.models import Event, Registration
from nordlotse.foundation.role import Role
from nordlotse.journey.models import Case, ClosedMonth, Company, Effect, Message, Service
from nordlotse.network.models import Competence, Partner, Person
from nordlotse.office import log, receiving
from nordlotse.office.models import OutgoingMail
from nordlotse.office.roles import set_roles
from nordlotse.web.staff import BY_LINK
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BERLIN = ZoneInfo("Europe/Berlin")
OWNER = "inhaberin@deichmetall.example"
EXPERT = "fachfrau@kuestenlabor.example"


class Clock:
    """The time everybody sees; it can be moved. Columns that default to now see it too."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shift = timedelta(0)
        clock = self

        class Moved(datetime):
            """The module's own `datetime`, so that every reference to `timezone.now` follows."""

            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                """Return the moved moment."""
                return datetime.now(tz) + clock.shift

        monkeypatch.setattr(timezone, "datetime", Moved)

    def move_to(self, moment: datetime) -> None:
        """Make it this moment now."""
        self.shift = moment - datetime.now(UTC)


def links_in(text: str, part: str) -> list[str]:
    """Return the paths of the addresses in a mail that hold `part`."""
    return [re.sub(r"^https?://[^/]+", "", a) for a in re.findall(r"https?://\S+", text) if part in a]


def newest_mail(to: str, having: str = "") -> OutgoingMail:
    """Return the newest mail to an address whose words hold `having`."""
    return OutgoingMail.objects.filter(to=to, text__contains=having).latest("pk")


@pytest.fixture
def story(visit: Visitor, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A centre with one expert, a coordinator and an officer; a mailbox to receive replies at."""
    configuration = replace(settings.CONFIGURATION, imap_url="imaps://reader:secret@127.0.0.1:993/INBOX")
    monkeypatch.setattr(settings, "CONFIGURATION", configuration)
    partner = Partner.objects.create(
        slug="kuestenlabor", name="Küstenlabor", state="SH", district="01054", visible=True
    )
    person = Person.objects.create(
        partner=partner,
        name="Femke Fachfrau",
        mail=EXPERT,
        languages=["de", "en"],
        profile="Ich rüste alte Maschinen mit Sensoren nach und bringe Maschinendaten auf einen Bildschirm (OPC UA, MQTT).",
        state="SH",
        district="01054",
        capacity=5,
        visible=True,
    )
    Competence.objects.create(person=person, kind="topic", tag="retrofit")
    return visit


def staff_cookies(role: Role) -> str:
    """Return the session of a person of the centre or its funder, signed in by link."""
    users = get_user_model().objects
    user = users.filter(username=role.value).first() or users.create_user(
        role.value, email=f"{role.value}@zentrum.example"
    )
    set_roles(user, frozenset({role}))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[BY_LINK] = True
    session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def signed_in(page: Page, origin: str, session: str) -> None:
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": origin}])


def session_of(page: Page) -> str:
    return next(c["value"] for c in page.context.cookies() if c["name"] == settings.SESSION_COOKIE_NAME)


def counted() -> dict[str, Any]:
    """Return the coordinator's figures of the month that runs now."""
    return figures_of(timezone.localdate())


def figures_of(day: date) -> dict[str, Any]:
    rows = Service.objects.filter(
        day__year=day.year, day__month=day.month, confirmed_at__isnull=False, is_example=False
    )
    keys = set(rows.exclude(company_key="").values_list("company_key", flat=True))
    contacts = set(rows.exclude(contact_key="").values_list("contact_key", flat=True))
    return {
        "companies": len(keys),
        "contacts": len(contacts),
        "services": rows.count(),
        "workshops": rows.filter(kind="workshop").count(),
    }


@pytest.mark.parametrize("prefix", ["", "/en"], ids=["de", "en"])
def test_from_a_question_to_a_closed_month_and_to_nothing_left(
    story: Visitor, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    # A Tuesday in the middle of a month, so that two working days later it is still the same month.
    start = datetime(2026, 9, 15, 21, 40, tzinfo=BERLIN)
    clock.move_to(start)
    visit = story
    question = (
        "How do we get data out of an old lathe?" if prefix else "Wie kommen wir an Daten aus einer alten Drehbank?"
    )

    def as_(session: str, do: Callable[[Page], Any], **options: Any) -> Any:
        def run(page: Page) -> Any:
            signed_in(page, visit.origin, session)
            return do(page)

        return visit(run, **options)

    # 1. A visitor asks at night on a phone and leaves a number; nobody has to sign in.
    def ask(page: Page) -> str:
        page.goto(f"{prefix}/")
        page.fill("textarea[name=question], input[name=question]", question)
        page.locator("form.ask button[type=submit]").first.click()
        page.wait_for_url(re.compile("/antwort/"))
        page.locator("a[href*='/gespraech/']").first.click()
        page.fill("input[name=name]", "Hinnerk Nachtarbeiter")
        page.fill("input[name=phone]", "04841 5550123")
        page.locator("form.ask button[type=submit]").first.click()
        page.wait_for_url(re.compile("/gespraech/danke/"))
        return page.locator("main").inner_text()

    thanks = visit(ask, width=390, height=844)
    callback = Case.objects.get()
    assert str(callback.number) in thanks
    assert callback.company is None
    assert callback.contact is not None and callback.contact.phone == "04841 5550123"

    # 2. Another one signs in by a mailed code, names the company, and opens a case of it.
    def begin(page: Page) -> str:
        page.goto(f"/konto/signup/?lang={'en' if prefix else 'de'}")
        page.fill("input[name=email]", OWNER)
        page.locator("form.ask button[type=submit]").first.click()
        page.wait_for_selector("input[name=code]")
        return session_of(page)

    pending = visit(begin)
    code = re.search(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", newest_mail(OWNER).text, flags=re.MULTILINE)
    assert code, "the mail holds no code"

    def finish(page: Page) -> None:
        signed_in(page, visit.origin, pending)
        page.goto("/konto/confirm-email/")
        page.fill("input[name=code]", code[1])
        page.locator("form.ask button[type=submit]").first.click()
        page.wait_for_url(re.compile("/betrieb/"))
        page.goto(f"{prefix}/betrieb/")
        page.fill("input[name=name]", "Deichmetall")
        page.fill("input[name=place]", "Husum")
        page.fill("input[name=employees]", "40")
        page.select_option("select[name=sector]", "25")
        page.locator("form.ask button[type=submit]").first.click()
        page.wait_for_selector("h1:has-text('Deichmetall')")
        page.goto(f"{prefix}/gespraech/")
        page.fill("input[name=name]", "Inga Inhaberin")
        page.fill("textarea[name=text]", question)
        page.locator("form.ask button[type=submit]").first.click()
        page.wait_for_url(re.compile("/gespraech/danke/"))

    visit(finish)
    company = Company.objects.get()
    case = Case.objects.get(company=company)
    assert (company.state, company.district) == ("SH", "01054")

    # 3. The coordinator asks the expert; the expert accepts from the mail. Opening the link changes nothing.
    clock.move_to(start + timedelta(hours=12))
    coordinator = staff_cookies(Role.COORDINATOR)

    def propose(page: Page) -> None:
        page.goto(f"{prefix}/desk/")
        page.goto(f"{prefix}/desk/faelle/{case.pk}/")
        page.locator("button[name=do][value=ask]").first.click()
        page.wait_for_load_state()

    as_(coordinator, propose)
    request = links_in(newest_mail(EXPERT, "/anfrage/").text, "/anfrage/")[0]
    guest = Client()
    for _ in range(2):
        assert guest.get(request).status_code == 200
        assert guest.head(request).status_code == 200
    case.refresh_from_db()
    assert case.status == "proposed"

    def accept(page: Page) -> None:
        page.goto(request)
        page.locator("button[name=choice][value=accept]").click()
        page.wait_for_load_state()

    visit(accept, width=390, height=844)
    case.refresh_from_db()
    assert case.status in ("accepted", "in_work")
    said = guest.post(request, {"choice": "decline"})
    case.refresh_from_db()
    assert (said.status_code, case.status) in {(200, "accepted"), (200, "in_work")}, (
        "a used link tells, and changes nothing"
    )

    # 4. The expert replies by mail; the company reads it on its page.
    yours = OutgoingMail.objects.filter(to=EXPERT).exclude(reply_to="").latest("pk")
    reply = EmailMessage()
    reply["From"], reply["To"] = EXPERT, yours.reply_to
    reply["Subject"], reply["Message-ID"] = f"Re: {yours.subject}", "<reply-1@kuestenlabor.example>"
    reply["In-Reply-To"] = yours.message_id
    reply.set_content("Moin, fangen Sie mit zwei Messwerten an.\n\n> Am Dienstag schrieb Nordlotse:\n> alles andere\n")
    for _ in range(2):  # the mailbox gives it twice: it is taken in once
        receiving.take_in(reply.as_bytes())
    message = Message.objects.get(case=case, author="expert")
    assert message.text.strip() == "Moin, fangen Sie mit zwei Messwerten an."

    def read(page: Page) -> str:
        page.goto(f"{prefix}/betrieb/fall/{case.pk}/")
        return page.locator("main").inner_text()

    owner = session_for(OWNER)
    assert "zwei Messwerten" in as_(owner, read)
    assert links_in(newest_mail(OWNER, "zwei Messwerten").text, "/fall/")

    # 5. The company books the workshop, is checked in by QR, and gets its certificate.
    begin_at = start + timedelta(days=1, hours=14)
    event = Event.objects.create(
        slug="alte-maschinen", title_de="Alte Maschinen", title_en="Old machines", kind="workshop", topic="iot", state="SH",
        begin=begin_at, end=begin_at + timedelta(hours=3), place="Küstenlabor, Husum", quota=20, status="published",
    )  # fmt: skip

    def book(page: Page) -> None:
        page.goto(f"{prefix}/termine/{event.slug}/anmelden/")
        page.fill("input[name=name]", "Inga Inhaberin")
        page.fill("input[name=mail]", OWNER)
        page.fill("input[name=company_name]", "Deichmetall")
        page.locator("form.ask button[type=submit]").first.click()
        page.wait_for_url(re.compile("/danke/"))

    as_(owner, book)
    registration = Registration.objects.get()
    own = links_in(newest_mail(OWNER, "/termine/anmeldung/").text, "/termine/anmeldung/")[0]
    clock.move_to(begin_at + timedelta(minutes=5))
    coordinator = staff_cookies(Role.COORDINATOR)

    def check_in(page: Page) -> None:
        page.goto(f"/termine/einlass/{registration.code}/")
        page.locator("section.scanned button[type=submit]").click()
        page.wait_for_function("document.querySelector('#drin').textContent.trim() === '1'")

    as_(coordinator, check_in, width=390, height=844)
    for _ in range(100):  # the page shows it at once and tells the server meanwhile
        registration.refresh_from_db()
        if registration.checked_in_at is not None:
            break
        time.sleep(0.1)
    assert registration.checked_in_at is not None
    clock.move_to(begin_at + timedelta(hours=4))
    certificate = guest.get(f"{own}bestaetigung.pdf")
    assert certificate.status_code == 200
    assert b"".join(certificate.streaming_content if certificate.streaming else [certificate.content]).startswith(
        b"%PDF"
    )

    # 6. The case is closed; the effect mail is answered.
    coordinator = staff_cookies(Role.COORDINATOR)

    def close(page: Page) -> None:
        page.goto(f"{prefix}/desk/faelle/{case.pk}/")
        form = page.locator("form:has(button[value=close])")
        page.locator("details:has(button[value=close]) > summary").click()
        form.locator("select[name=outcome]").select_option("solved")
        form.locator("button[value=close]").click()
        page.wait_for_load_state()

    as_(coordinator, close)
    case.refresh_from_db()
    assert case.status == "closed"
    asked = links_in(newest_mail(OWNER, "/wirkung/").text, "/wirkung/")[0]
    assert guest.get(asked).status_code == 200

    def answer(page: Page) -> None:
        page.goto(asked)
        page.locator("input[name=helped][value=yes]").check()
        page.locator("input[name=done][value=started]").check()
        page.locator("form.ask button[type=submit]").click()
        page.wait_for_load_state()

    visit(answer)
    assert Effect.objects.get(case=case).helped == "yes"

    # 7. Services wait for a tap; with it the coordinator's figures move by exactly one each.
    before = counted()
    assert before["services"] == 0

    def confirm(page: Page) -> str:
        page.goto(f"{prefix}/desk/leistungen/")
        shown = page.locator("main").inner_text()
        page.locator("button[name=confirm]").click()
        page.wait_for_load_state()
        return str(shown)

    as_(coordinator, confirm)
    after = counted()
    assert after == {"companies": 1, "contacts": after["contacts"], "services": 2, "workshops": 1}
    assert Service.objects.filter(kind="answer", confirmed_at__isnull=False).count() == 1

    # 8. The month is closed when it has ended.
    clock.move_to(datetime(2026, 10, 2, 9, 0, tzinfo=BERLIN))
    coordinator = staff_cookies(Role.COORDINATOR)

    def close_month(page: Page) -> str:
        page.goto(f"{prefix}/desk/monat/?monat=2026-09")
        page.locator("form:has(input[name=monat]) button[type=submit]").click()
        page.locator("button[name=sure]").click()
        page.wait_for_load_state()
        return str(page.locator("main").inner_text())

    assert re.search(r"[0-9a-f]{64}", as_(coordinator, close_month))
    assert ClosedMonth.objects.get().pk == "2026-09"

    # 9. The officer sees the aggregate and nothing else.
    officer = staff_cookies(Role.OFFICER)

    def look(page: Page) -> dict[str, Any]:
        page.goto(f"{prefix}/bericht/")
        shown = page.locator("main").inner_text()
        page.goto(f"{prefix}/bericht/faelle/")
        shown += page.locator("main").inner_text()
        refused = {}
        for place in (
            "/desk/",
            f"/desk/faelle/{case.pk}/",
            f"/betrieb/fall/{case.pk}/",
            "/desk/betriebe/",
            "/desk/leistungen/",
        ):
            refused[place] = page.goto(f"{prefix}{place}").status  # type: ignore[union-attr]
        return {"shown": shown, "refused": refused}

    seen = as_(officer, look)
    for word in ("Deichmetall", "Inga", "Inhaberin", "Hinnerk", "Husum", OWNER, case.title):
        assert word not in seen["shown"]
    assert set(seen["refused"].values()) <= {403, 404}

    # 10. The company takes its data along and deletes it; nothing of it is left, the log is whole, the month says the same.
    sha = ClosedMonth.objects.get().sha256
    owner = session_for(OWNER)

    def leave(page: Page) -> bytes:
        page.goto(f"{prefix}/betrieb/daten/")
        with page.expect_download() as download:
            page.locator("a[href$='archiv.zip']").click()
        path = download.value.path()
        page.fill("input[name=name]", "Deichmetall")
        page.locator("form.ask button[type=submit]").click()
        page.wait_for_load_state()
        return path.read_bytes()

    archive = zipfile.ZipFile(io.BytesIO(as_(owner, leave)))
    assert question in archive.read("data.json").decode()
    OutgoingMail.objects.filter(key__startswith="journey:deleted").delete()  # sent, and then forgotten by the sender
    assert traces(("Deichmetall", "Inga Inhaberin", OWNER, "zwei Messwerten")) == []
    assert log.verify().broken_at == 0
    assert ClosedMonth.objects.get().sha256 == sha
    assert Service.objects.filter(confirmed_at__isnull=False).count() == 2
    assert visit.seen.foreign == []


def session_for(mail: str) -> str:
    """Return a fresh session of the person with this address: the night has passed since the last sign-in."""
    client = Client()
    client.force_login(get_user_model().objects.get(email=mail), backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def traces(words: tuple[str, ...]) -> list[str]:
    """Return every table and field in which one of the words stands."""
    found = []
    for model in apps.get_models():
        for row in model._default_manager.values():
            found += [f"{model._meta.label}.{k}" for k, v in row.items() if any(word in str(v) for word in words)]
    return found
