"""The ways within a hall: few at a time, in groups, and back to the machine somebody came from."""

from __future__ import annotations

import re

import pytest
from django.test import Client, RequestFactory

from nordlotse.iot.models import Hall, Machine
from nordlotse.iot.views.page import go

pytestmark = pytest.mark.django_db


@pytest.fixture
def lathe() -> Machine:
    hall = Hall.objects.create(name="Halle 2")
    Machine.objects.create(hall=hall, name="fraese")
    return Machine.objects.create(hall=hall, name="drehbank")


def ways(client: Client, address: str) -> str:
    return client.get(address).content.decode().split('<nav class="ways')[1].split("</nav>")[0]


def test_a_page_under_more_leads_back_to_the_machine_one_came_from(client: Client, lathe: Machine) -> None:
    begun = ways(client, f"/maschinen/{lathe.hall_id}/m/{lathe.pk}/")
    there = re.search(r'href="([^"]*/mitnehmen/[^"]*)"', begun)
    assert there is not None
    for address in (there[1], f"/maschinen/{lathe.hall_id}/alarme/?m={lathe.pk}"):
        assert f"/m/{lathe.pk}/auslastung/" in ways(client, address)


def test_a_machine_of_another_hall_is_not_led_to(client: Client, lathe: Machine) -> None:
    strange = Machine.objects.create(hall=Hall.objects.create(name="Fremd"), name="ofen")
    assert f"/m/{strange.pk}/" not in ways(client, f"/maschinen/{lathe.hall_id}/mitnehmen/?m={strange.pk}")


def test_the_pages_under_more_are_closed_and_in_groups_and_the_one_shown_is_named(
    client: Client, lathe: Machine
) -> None:
    said = ways(client, f"/maschinen/{lathe.hall_id}/mitnehmen/")
    assert "<details open" not in said and 'class="ways__more">' in said
    assert said.count("ways__title") == 3 and "Mehr: Daten mitnehmen" in said


def test_after_saving_one_still_comes_from_the_same_machine(lathe: Machine) -> None:
    request = RequestFactory().post(f"/maschinen/{lathe.hall_id}/schichten/?m={lathe.pk}")
    assert go(request, "iot_shifts", lathe.hall_id)["Location"].endswith(f"/schichten/?m={lathe.pk}")
    odd = RequestFactory().post("/maschinen/x/schichten/?m=1%0d%0aX")
    assert "?" not in go(odd, "iot_shifts", lathe.hall_id)["Location"]
