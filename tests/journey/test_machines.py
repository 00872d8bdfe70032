"""Machine data on the company's way: who sees a hall, what is counted, what a case brings along, merging, leaving, the way from an answer."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from nordlotse.foundation.problem import NotFound
from nordlotse.foundation.result import Result
from nordlotse.iot.actions import halls
from nordlotse.iot.core import orders
from nordlotse.iot.models import Alarm, Hall, Machine
from nordlotse.iot.queries.halls import hall as seen_by
from nordlotse.journey.actions import companies, example_machines
from nordlotse.journey.models import Case, Company, Membership, Service
from nordlotse.journey.next_step import NOT_BUILT, demonstrator
from nordlotse.journey.queries import machines, talk
from nordlotse.office.roles import Role, set_roles

pytestmark = pytest.mark.django_db


def person(name: str, *roles: Role) -> Any:
    user = get_user_model().objects.create_user(name, email=f"{name}@betrieb.example")
    if roles:
        set_roles(user, frozenset(roles))
    return user


def company(name: str, *members: Any) -> Company:
    made = Company.objects.create(name=name, state="SH")
    for one in members:
        Membership.objects.create(company=made, user=one)
    return made


def own_hall(of: Company) -> Hall:
    return Hall.objects.create(name="Halle 1", company=of.pk, expires_at=None)


def test_a_companys_hall_opens_to_its_members_alone() -> None:
    member, other, desk = person("m"), person("o"), person("d", Role.COORDINATOR)
    hall = own_hall(company("Werft", member))
    company("Fremd", other)
    assert seen_by(hall.pk, member).pk == hall.pk
    for stranger in (other, desk, AnonymousUser()):
        with pytest.raises(NotFound):
            seen_by(hall.pk, stranger)


def test_who_has_left_sees_nothing_any_more() -> None:
    member = person("m")
    firm = company("Werft", member, person("n"))
    hall = own_hall(firm)
    Membership.objects.filter(user=member).delete()
    with pytest.raises(NotFound):
        seen_by(hall.pk, member)


def test_a_members_hall_is_counted_once_however_many_machines_it_gets() -> None:
    firm = company("Werft", person("m"))
    hall = own_hall(firm)
    halls.add_machine(hall, "Säge")
    halls.add_machine(hall, "Presse")
    service = Service.objects.get()
    assert (service.kind, service.topic, service.company_id) == ("demonstration", "iot", firm.pk)
    assert hall.pk not in service.source


def test_a_sandbox_counts_when_it_is_kept() -> None:
    member = person("m")
    firm = company("Werft", member)
    sandbox = Hall.objects.create(name="Probe")
    halls.add_machine(sandbox, "Säge")
    assert not Service.objects.exists()
    halls.keep(sandbox, member)
    assert Service.objects.get().company_id == firm.pk


def test_merged_companies_have_their_halls_together() -> None:
    desk = person("d", Role.COORDINATOR)
    double, into = company("Werft", person("a")), company("Werft GmbH", person("b"))
    hall = own_hall(double)
    companies.merge(desk, double, into)
    hall.refresh_from_db()
    assert hall.company == into.pk


def test_a_result_comes_along_only_for_who_may_see_the_hall(monkeypatch: pytest.MonkeyPatch) -> None:
    member, other = person("m"), person("o")
    hall = own_hall(company("Werft", member))
    made = Result("machine_report", "de", "Maschinen", "Standen 11 Stunden.")
    monkeypatch.setattr(machines.results, "as_result", lambda hall, lang: made)
    found = talk.about({"halle": hall.pk}, "de", member)
    assert (found.results, found.hall, found.topic) == ((made,), hall.pk, "iot")
    assert made.reference == ""  # the link is not in it
    assert talk.about({"halle": hall.pk}, "de", other).results == ()
    assert talk.about({"halle": hall.pk}, "de").results == ()


def test_a_talk_with_a_halls_result_is_a_case_and_a_service(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    hall = Hall.objects.create(name="Probe")
    made = Result("machine_report", "de", "Maschinen, zwei Wochen", "Standen 11 Stunden.")
    monkeypatch.setattr(machines.results, "as_result", lambda hall, lang: made)
    assert "Maschinen, zwei Wochen" in client.get(f"/gespraech/?halle={hall.pk}").content.decode()
    form = {
        "halle": hall.pk,
        "name": "Kim",
        "phone": "040 12345",
        "share": ["results"],
        "text": "Was tun?",
        "once": "a" * 32,
    }
    assert client.post("/gespraech/", form).status_code == 302
    case = Case.objects.get()
    assert case.results[0]["kind"] == "machine_report"
    assert case.topic == "iot"
    assert hall.pk not in str(case.results)
    assert Service.objects.get().source == machines.source_of(hall.pk)


def test_the_companys_page_lists_its_halls_and_alarms(client: Client) -> None:
    member = person("m")
    hall = own_hall(company("Werft", member))
    machine = Machine.objects.create(hall=hall, name="Säge")
    Alarm.objects.create(machine=machine, kind="unusual", begin=1)
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/betrieb/").content.decode()
    assert f'href="/maschinen/{hall.pk}/"' in page
    assert "1 Alarm wartet" in page


def test_an_answer_on_machine_data_leads_to_the_demonstrator() -> None:
    found = demonstrator("iot", "en")
    assert found is not None
    assert found.target == "/en/maschinen/"
    assert "iot" not in NOT_BUILT


def test_the_topic_page_leads_to_the_demonstrator(client: Client) -> None:
    assert 'href="/maschinen/"' in client.get("/thema/iot/").content.decode()


def test_example_halls_go_with_their_values_and_visitors_stay(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    firm = Company.objects.create(name="Beispiel", state="HH", is_example=True)
    hall = own_hall(firm)
    visitor = Hall.objects.create(name="Beispielhalle", is_example=True)
    asked: list[orders.Order] = []
    monkeypatch.setattr(orders, "ask", lambda folder, order: asked.append(order))
    with django_capture_on_commit_callbacks(execute=True):
        assert example_machines.remove()["iot.Hall"] == 1
    assert [one.company for one in asked] == [hall.store]
    assert Hall.objects.filter(pk=visitor.pk).exists()
