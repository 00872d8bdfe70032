"""The pages of a file: to which machine its values come is said before, and its report leads to exactly what came."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from nordlotse.iot.actions import halls, uploads
from nordlotse.iot.models import Hall, Upload
from tests.iot.process import Serve

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall() -> Hall:
    return halls.create(user=None, lang="de")


def rows(*moments: str, head: str = "Zeit;Strom [A]") -> bytes:
    return "\r\n".join([head, *(f"{moment};{place},5" for place, moment in enumerate(moments))]).encode()


def handed_in(hall: Hall, content: bytes, machine: str = "Säge") -> str:
    sent = {"machine": machine, "file": SimpleUploadedFile("werte.csv", content)}
    answer = Client().post(f"/maschinen/{hall.pk}/datei/", sent)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def seen(path: str) -> str:
    return Client().get(path).content.decode()


def fields(path: str, **changed: str) -> dict[str, str]:
    """What a browser sends of a file's page, with some fields filled otherwise."""
    shown = seen(path)
    found = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', shown))
    for name, inside in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', shown, re.DOTALL):
        chosen = re.search(r'value="([^"]+)" selected', inside)
        found[name] = chosen[1] if chosen else ""
    return {**found, "do": "take", **changed}


def taken_in(path: str, **changed: str) -> None:
    Client().post(path, fields(path, **changed))
    assert uploads.Lane().run_one()
    assert Upload.objects.get(pk=path.rstrip("/").split("/")[-1]).state == Upload.State.DONE


DAY = [f"20.11.2026 06:{minute:02d}:00" for minute in range(40)]


def test_the_report_leads_to_exactly_the_stretch_the_signal_and_the_machine_of_the_file(
    intake: Serve, hall: Hall
) -> None:
    taken_in(handed_in(hall, rows("22.11.2026 10:00:00", "22.11.2026 11:00:00", head="Zeit;Pegel [mm]")))
    path = handed_in(hall, rows(*DAY), "Presse")
    taken_in(path)
    machine = hall.machines.get(name="Presse")
    (way,) = re.findall(rf'href="(/maschinen/{hall.pk}/m/{machine.pk}/verlauf/[^"]*)"', seen(path))
    shown = seen(way.replace("&amp;", "&"))
    assert 'name="von" value="2026-11-20T06:00:00"' in shown or "20.11.2026, 06:00" in shown
    assert "40 Werte" in shown and "Strom" in shown and "Pegel" not in shown


def test_only_the_files_signals_of_a_machine_that_has_others_are_shown(intake: Serve, hall: Hall) -> None:
    taken_in(handed_in(hall, rows(*DAY, head="Zeit;Pegel [mm]")))
    path = handed_in(hall, rows(*DAY[:10]))
    taken_in(path)
    (way,) = re.findall(r'href="([^"]*verlauf/\?[^"]*)"', seen(path))
    assert "s=Strom" in way and "Pegel" not in way
    assert "10 Werte" in seen(way.replace("&amp;", "&"))


def test_before_reading_in_the_page_says_to_which_machine_and_how_many_values_it_has_then(
    intake: Serve, hall: Hall
) -> None:
    first = handed_in(hall, rows(*DAY))
    assert "Werte kommen zur Maschine" not in seen(first), "nobody has values of it yet"
    taken_in(first)
    second = seen(handed_in(hall, rows(*DAY[30:], "20.11.2026 07:30:00")))
    assert "Die Werte kommen zur Maschine „Säge“, von der hier schon Werte liegen." in second
    assert "Im Zeitraum der Datei, 20.11.2026 06:30 bis 20.11.2026 07:30, hat sie 10." in second
    later = seen(handed_in(hall, rows("21.11.2026 06:00:00", "21.11.2026 06:01:00")))
    assert "Im Zeitraum der Datei, 21.11.2026 06:00 bis 21.11.2026 06:01, hat sie noch keine." in later
    assert "Werte kommen zur Maschine" not in seen(handed_in(hall, rows(*DAY), "Drehbank"))


def test_a_name_changed_to_one_that_has_values_is_asked_back_before_anything_is_read(intake: Serve, hall: Hall) -> None:
    taken_in(handed_in(hall, rows(*DAY)))
    path = handed_in(hall, rows(*DAY), "Drehbank")
    answer = Client().post(path, fields(path, machine="Säge"))
    key = path.rstrip("/").split("/")[-1]
    assert Upload.objects.get(pk=key).state == Upload.State.LOOKED
    assert "nachfrage=1" in answer["Location"]
    shown = seen(answer["Location"].split("#")[0])
    assert "„Säge“" in shown and "hat sie 40." in shown and 'value="Drehbank"' not in shown
    Client().post(path, fields(path))
    assert Upload.objects.get(pk=key).state == Upload.State.WAITING


def test_machines_that_the_rows_name_are_told_too(intake: Serve, hall: Hall) -> None:
    taken_in(handed_in(hall, rows(*DAY)))
    long = "Zeit;Maschine;Signal;Wert\r\n" + "\r\n".join(
        f"{moment};{machine};Strom;1,5" for moment in DAY[:5] for machine in ("Säge", "Ofen")
    )
    shown = seen(handed_in(hall, long.encode(), "Halle"))
    assert "zur Maschine „Säge“" in shown and "hat sie 5." in shown and "„Ofen“" not in shown


def test_the_report_goes_with_a_trial_hall_and_is_not_said_to_stay_for_ninety_days(intake: Serve, hall: Hall) -> None:
    path = handed_in(hall, rows(*DAY))
    taken_in(path)
    shown = seen(path)
    assert "Diesen Bericht löschen wir mit der Halle und allen Werten am" in shown and "90 Tage" not in shown
    assert "with the hall and all its values on" in seen(f"/en{path}")
    Hall.objects.filter(pk=hall.pk).update(expires_at=None)
    assert "Diesen Bericht löschen wir 90 Tage nach dem Einlesen" in seen(path)
