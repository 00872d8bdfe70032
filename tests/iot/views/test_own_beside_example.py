"""Own values never come into an example hall: they get a hall of their own, with its own shifts and sums."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from nordlotse.iot.actions import halls
from nordlotse.iot.models import Hall, Simulation
from nordlotse.iot.queries import halls as queries
from tests.iot.worked import SHIFTS

pytestmark = pytest.mark.django_db
TABLE = "Zeit;Strom [A]\r\n01.03.2026 06:00:00;1,5\r\n01.03.2026 06:00:01;2,5\r\n".encode("cp1252")


@pytest.fixture
def example() -> Hall:
    made = halls.create(user=None, lang="de", name="Beispielhalle", is_example=True)
    made.shifts = SHIFTS
    made.save()
    machine = halls.add_machine(made, "CNC-Fräsmaschine")
    Simulation.objects.create(machine=machine, kind="cnc", until=datetime(2026, 12, 1, tzinfo=UTC), stopped=True)
    return made


def hand_in(client: Client, hall: Hall, content: bytes = TABLE) -> Hall:
    sent = {"machine": "Drehbank", "file": SimpleUploadedFile("werte.csv", content)}
    answer = client.post(f"/maschinen/{hall.pk}/datei/", sent)
    assert answer.status_code == 302, answer.content.decode()
    return Hall.objects.get(pk=answer["Location"].split("/")[2])


def test_a_file_handed_in_beside_an_example_comes_into_an_own_hall_without_its_shifts(
    client: Client, example: Hall
) -> None:
    own = hand_in(client, example)
    assert own.pk != example.pk
    assert (own.name, own.is_example, own.shifts) == ("Meine Maschinen", False, {})
    assert own.expires_at is not None and own.expires_at > timezone.now() + timedelta(hours=23)
    assert (own.uploads.count(), example.uploads.count(), example.machines.count()) == (1, 0, 1)


def test_the_second_file_comes_into_the_same_own_hall_and_the_example_leads_there(
    client: Client, example: Hall
) -> None:
    own = hand_in(client, example)
    assert hand_in(client, example) == own
    said = client.get(f"/maschinen/{example.pk}/datei/").content.decode()
    assert f"/maschinen/{own.pk}/" in said and "Diese Halle ist ein Beispiel" in said


def test_two_examples_have_two_own_halls_and_no_link_tells_the_other(example: Hall) -> None:
    other = halls.create(user=None, lang="de", is_example=True)
    keys = {queries.key_beside(example), queries.key_beside(other), example.pk, other.pk}
    assert len(keys) == 4 and all(len(key) == 24 and key.isalnum() for key in keys)


def test_a_file_that_cannot_be_read_leaves_no_empty_hall(client: Client, example: Hall) -> None:
    before = Hall.objects.count()
    sent = {"machine": "Drehbank", "file": SimpleUploadedFile("werte.csv", b"\x00")}
    assert client.post(f"/maschinen/{example.pk}/datei/", sent).status_code >= 400
    assert Hall.objects.count() == before


def test_an_own_hall_whose_day_ended_is_followed_by_a_new_one(client: Client, example: Hall) -> None:
    own = hand_in(client, example)
    Hall.objects.filter(pk=own.pk).update(expires_at=timezone.now() - timedelta(hours=1))
    assert hand_in(client, example).pk not in (own.pk, example.pk)


def test_the_machine_field_never_names_a_simulated_machine(client: Client, example: Hall) -> None:
    simulated = example.machines.get()
    for way in ("", f"?m={simulated.pk}"):
        shown = client.get(f"/maschinen/{example.pk}/datei/{way}").content.decode()
        assert "CNC-Fräsmaschine" not in shown.split("<form")[-1]


def test_only_who_comes_from_a_machines_page_finds_its_name_in_the_field_of_the_upload_page(client: Client) -> None:
    mine = halls.create(user=None, lang="de")
    machine = halls.add_machine(mine, "Drehbank")
    assert 'value="Drehbank"' not in client.get(f"/maschinen/{mine.pk}/datei/").content.decode()
    assert 'value="Drehbank"' in client.get(f"/maschinen/{mine.pk}/datei/?m={machine.pk}").content.decode()
    assert f'datei/?m={machine.pk}"' in client.get(f"/maschinen/{mine.pk}/m/{machine.pk}/").content.decode()


def test_connecting_beside_an_example_leads_to_an_own_hall(client: Client, example: Hall) -> None:
    answer = client.get(f"/maschinen/{example.pk}/verbinden/?weg=mqtt")
    assert answer.status_code == 302 and f"beispiel={example.pk}" in answer["Location"]
    shown = client.get(answer["Location"]).content.decode()
    assert f'name="beispiel" value="{example.pk}"' in shown and "eigene Halle, getrennt vom Beispiel" in shown
    sent = {"machine": "Drehbank", "weg": "mqtt", "beispiel": example.pk}
    made = client.post("/maschinen/halle/", sent)
    own = queries.key_beside(example)
    (machine,) = Hall.objects.get(pk=own).machines.all()
    assert made["Location"] == f"/maschinen/{own}/verbinden/?weg=mqtt&m={machine.pk}"
    assert client.get(f"/maschinen/{example.pk}/verbinden/")["Location"] == f"/maschinen/{own}/verbinden/"


@pytest.mark.parametrize("key", ["", "gibtesnicht", "\0", "../x"])
def test_a_made_up_example_is_no_fault(client: Client, key: str) -> None:
    sent = {"machine": "Drehbank", "weg": "mqtt", "beispiel": key}
    assert client.post("/maschinen/halle/", sent).status_code == 302


def test_an_example_has_no_pages_for_logins(client: Client, example: Hall) -> None:
    said = client.get(f"/maschinen/{example.pk}/datei/").content.decode()
    assert f"/maschinen/{example.pk}/zugaenge/" not in said
