"""Talking to a human at night on a phone, and answering a request: without JavaScript, at 390 px, and axe finds nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Page

from nordlotse.foundation.result import Result
from nordlotse.foundation.role import Role
from nordlotse.journey import actions
from nordlotse.journey.actions import cases, proposals, thread
from nordlotse.journey.actions.cases import Reach
from nordlotse.journey.core.case import Actor
from nordlotse.journey.models import Case
from nordlotse.journey.queries.access import SYSTEM, Who
from nordlotse.network.models import Partner, Person
from nordlotse.office import links
from nordlotse.office.models import OutgoingMail
from nordlotse.office.roles import set_roles
from nordlotse.web.staff import BY_LINK
from tests.browser.conftest import Visitor
from tests.browser.test_axe import check
from tests.browser.test_layout import TOO_WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20" fill="#036"/></svg>'
WORDS = "Wir wollen den Stillstand an drei alten Pressen messen und wissen nicht, welcher Sensor passt. "


def person(name: str, **fields: Any) -> Person:
    partner, _ = Partner.objects.get_or_create(
        slug=name.lower(), name=f"Hafenlabor für vernetzte Maschinen {name}", state="SH"
    )
    return Person.objects.create(
        partner=partner,
        name=name,
        mail=f"{name.lower()}@partner.example",
        profile="Sensoren, Retrofit",
        languages=["de"],
        **fields,
    )


def cookie(user: Any) -> str:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[BY_LINK] = True
    session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def full_case() -> tuple[Case, str, str, Any]:
    """Make a case with everything a page of it can show; return it, its two mailed links and the expert's account."""
    result = Result("print", "de", "Halter aus PA12", WORDS, picture=PICTURE, picture_text="Ein Rechteck, 40 mal 20 mm")
    opened = cases.open_case(
        None, Reach("Hinnerk Kahn", "040 1234567", "hinnerk@kahn.example", "nach 17 Uhr"), text=WORDS * 8, tried=WORDS,
        wish="visit", company_name="Kahn und Deich Maschinenbaugesellschaft mbH", state="SH", employees=35,
        results=[result], share={"results", "later"},
    )  # fmt: skip
    user = get_user_model().objects.create_user("fachfrau", email="fachfrau@example.org")
    set_roles(user, frozenset({Role.EXPERT}))
    first, second = person("Fachfrau", user=user), person("Kollege")
    asked = proposals.ask_person(SYSTEM, opened.pk, first.pk)
    who = Who(Actor.EXPERT, user=user, person=first)
    proposals.answer(who, asked.pk, "accept")
    thread.say(who, opened.pk, WORDS)
    thread.say(who, opened.pk, "Nur für uns: " + WORDS, internal=True)
    other = proposals.ask_person(who, opened.pk, second.pk, joint=True)
    return opened, f"fall/{links.make('case', opened.pk)}/", f"anfrage/{links.make('assignment', other.pk)}/", user


def test_an_owner_asks_for_a_callback_on_a_phone_without_javascript(visit: Visitor) -> None:
    answer_id = actions.ask("Was kostet ein 3D-Druckteil?")[0]["id"]

    def way(page: Page) -> tuple[str, str]:
        page.goto(f"/antwort/{answer_id}/")
        page.get_by_role("link", name="Mit einem Menschen sprechen").first.click()
        page.get_by_label("Ihr Name").fill("Hinnerk")
        page.get_by_label("Telefon").fill("040 1234567")
        page.get_by_label("nach 17 Uhr").check()
        page.get_by_role("button", name="Bitte melden Sie sich bei mir").click()
        wide = page.evaluate(TOO_WIDE)
        return page.locator("main").inner_text(), wide

    told, wide = visit(way, width=390, height=844, script=False)
    made = Case.objects.get()
    assert f"Nummer {made.number}" in told
    assert wide == ""
    assert made.question == "Was kostet ein 3D-Druckteil?"
    assert made.contact is not None
    assert made.contact.hours == "nach 17 Uhr"


def test_an_expert_answers_the_mailed_request_on_a_phone_without_javascript(visit: Visitor) -> None:
    opened = cases.open_case(None, Reach("Hinnerk Kahn", mail="hinnerk@kahn.example"), text=WORDS)
    asked = proposals.ask_person(SYSTEM, opened.pk, person("Fachfrau").pk)
    mail = OutgoingMail.objects.get(key=f"journey:asked:{asked.pk}")
    found = re.search(r"https?://[^/\s]+(/\S+)", mail.text)
    assert found is not None

    def way(page: Page) -> tuple[str, str, str]:
        page.goto(found.group(1))
        before = page.locator("main").inner_text()
        page.get_by_role("button", name="Ja, ich kümmere mich").click()
        after = page.locator("main").inner_text()
        page.goto(found.group(1))
        return before, after, page.locator("main").inner_text()

    before, after, again = visit(way, width=390, height=844, script=False)
    assert "Hinnerk" not in before
    assert "Hinnerk Kahn" in after
    assert "gehört Ihnen" in again
    opened.refresh_from_db()
    assert opened.status == "accepted"


@pytest.mark.parametrize("prefix", ["/", "/en/"])
def test_axe_finds_nothing_on_the_pages_without_an_account(visit: Visitor, prefix: str) -> None:
    opened, case_link, request_link, _ = full_case()
    answer_id = actions.ask("Was kostet ein 3D-Druckteil?")[0]["id"]
    places = [
        f"gespraech/?antwort={answer_id}",
        "gespraech/?artikel=iot-01",
        f"gespraech/danke/{opened.pk}/",
        case_link,
        request_link,
    ]
    check(visit, [prefix + place for place in places], as_staff=False)


@pytest.mark.parametrize("prefix", ["/", "/en/"])
def test_axe_finds_nothing_on_the_pages_of_expert_and_coordinator(staff_visit: Visitor, prefix: str) -> None:
    opened, _, _, user = full_case()
    fresh = cases.open_case(None, Reach("Hinnerk", phone="040 1234567"), text=WORDS)
    staff = [
        f"{prefix}desk/faelle/?sicht=open",
        f"{prefix}desk/faelle/{opened.pk}/",
        f"{prefix}desk/faelle/{fresh.pk}/",
    ]
    check(staff_visit, staff, as_staff=True)
    staff_visit.staff = cookie(user)
    check(staff_visit, [f"{prefix}fachleute/", f"{prefix}fachleute/fall/{opened.pk}/"], as_staff=True)


def test_no_page_of_a_case_is_wider_than_a_phone(staff_visit: Visitor) -> None:
    opened, case_link, request_link, user = full_case()
    places = [
        "/gespraech/",
        f"/{case_link}",
        f"/{request_link}",
        "/desk/faelle/?sicht=open",
        f"/desk/faelle/{opened.pk}/",
    ]

    def wide(page: Page) -> list[str]:
        found = []
        for place in places:
            page.goto(place)
            if outside := page.evaluate(TOO_WIDE):
                found.append(f"{place}: {outside}")
        return found

    assert staff_visit(wide, width=320, as_staff=True) == []
    staff_visit.staff = cookie(user)
    places = ["/fachleute/", f"/fachleute/fall/{opened.pk}/"]
    assert staff_visit(wide, width=320, as_staff=True) == []
