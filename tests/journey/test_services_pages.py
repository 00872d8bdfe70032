"""The pages of services: found by month, refused one by one and brought back, entered by hand with what is known in sight."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from nordlotse.journey.actions import figures
from nordlotse.journey.models import Case, Service
from tests.journey.factories import company, contact, person, service, today
from tests.web.conftest import signed_in

pytestmark = pytest.mark.django_db

PLACE = "/desk/leistungen/"


def test_one_service_is_refused_by_its_line_and_brought_back() -> None:
    first, second = (service(today(), company=company(), confirmed=False) for _ in range(2))
    client = signed_in("coordinator")
    page = client.post(PLACE, {"refuse_one": first.pk}, follow=True).content.decode()
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.refused_at is not None
    assert second.refused_at is None
    assert f'name="restore" value="{first.pk}"' in page
    client.post(PLACE, {"restore": first.pk})
    first.refresh_from_db()
    assert (first.refused_at, first.confirmed_at) == (None, None)


def test_enter_in_the_reason_can_only_confirm() -> None:
    service(today(), company=company(), confirmed=False)
    page = signed_in("coordinator").get(PLACE).content.decode()
    form = page.split('<fieldset class="kern-fieldset">')[1].split("</form>")[0]
    buttons = [b.split(">")[0] for b in form.split("<button")[1:]]
    assert [b for b in buttons if 'form="' not in b] == [b for b in buttons if 'name="confirm"' in b] != []


def test_a_months_services_are_found_by_company_and_state() -> None:
    wanted = service("2026-10-05", company=company("Kahn & Söhne"), text="Sensor am Kran")
    service("2026-10-06", company=company("Deich"))
    service("2026-11-05", company=company("Kahn & Söhne"))
    client = signed_in("coordinator")
    page = client.get(f"{PLACE}alle/?monat=2026-10&q=kahn").content.decode()
    assert "1 Leistung gefunden." in page
    assert f"{PLACE}{wanted.pk}/" in page
    assert "Sensor am Kran" in page
    assert "0 Leistungen gefunden." in client.get(f"{PLACE}alle/?monat=2026-10&stand=refused").content.decode()


def test_the_list_of_a_month_takes_few_queries_however_long_it_is(django_assert_max_num_queries: object) -> None:
    for _ in range(30):
        service("2026-10-05", company=company())
    client = signed_in("coordinator")
    client.get(f"{PLACE}alle/?monat=2026-10")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        client.get(f"{PLACE}alle/?monat=2026-10")


def test_what_was_confirmed_last_says_for_whom() -> None:
    made = Case.objects.create(number=237, title="Sensor", company=company("Kahn & Söhne"))
    service(today(), case=made)
    page = signed_in("coordinator").get(PLACE).content.decode().split("Zuletzt bestätigt")[1]
    assert "Kahn &amp; Söhne" in page
    assert "237" in page


def test_a_call_entered_into_a_closed_month_says_that_the_month_stays() -> None:
    firm, client = company(), signed_in("coordinator")
    last = today().replace(day=1)
    day = date(last.year if last.month > 1 else last.year - 1, last.month - 1 or 12, 3)
    figures.close_month(person("coordinator"), f"{day:%Y-%m}")
    sent = {"betrieb": firm.pk, "minutes": "20", "day": day.isoformat(), "reason": "Nachgetragen aus dem Kalender"}
    page = client.post(f"{PLACE}neu/", sent, follow=True).content.decode()
    assert f"{day:%m/%Y} ist abgeschlossen und bleibt unverändert" in page
    assert "Das zählt ab jetzt" not in page
    sent = {"betrieb": firm.pk, "minutes": "20", "text": "Fräse steht"}
    assert "Das zählt ab jetzt" in client.post(f"{PLACE}neu/", sent, follow=True).content.decode()
    assert Service.objects.filter(note="Fräse steht").exists()


def test_a_call_is_never_hung_on_a_closed_case() -> None:
    firm, client = company(), signed_in("coordinator")
    Case.objects.create(number=5, title="Alt", company=firm, status="closed", open=False, topic="iot")
    assert "Gehört zu Fall" not in client.get(f"{PLACE}neu/?betrieb={firm.pk}").content.decode()
    client.post(f"{PLACE}neu/", {"betrieb": firm.pk, "minutes": "20"})
    assert Service.objects.get().case is None
    assert Service.objects.get().topic == ""


def test_the_open_case_of_a_call_is_shown_and_can_be_denied() -> None:
    who, client = contact(), signed_in("coordinator")
    made = Case.objects.create(number=6, title="Neu", contact=who, topic="iot")
    assert "Gehört zu Fall 6" in client.get(f"{PLACE}neu/?kontakt={who.pk}").content.decode()
    client.post(f"{PLACE}neu/", {"kontakt": who.pk, "minutes": "20", "topic": "iot"})
    client.post(f"{PLACE}neu/", {"kontakt": who.pk, "minutes": "10", "topic": "", "other_matter": "1"})
    assert [s.case for s in Service.objects.order_by("-minutes")] == [made, None]


def test_a_call_with_nobody_named_leads_to_the_search_of_companies() -> None:
    answer = signed_in("coordinator").get(f"{PLACE}neu/")
    assert (answer.status_code, answer["Location"]) == (302, reverse("de:desk_companies"))
