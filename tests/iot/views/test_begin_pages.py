"""The pages one begins at: without a script, in both languages, honest about where values can be sent, with errors that say what to do."""

from __future__ import annotations

import io
import re
import time
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from nordlotse.iot import memory
from nordlotse.iot.actions import halls, uploads
from nordlotse.iot.core import gate, retention
from nordlotse.iot.core.heard import Heard, tell
from nordlotse.iot.core.logins import listed
from nordlotse.iot.core.stores import company_folder
from nordlotse.iot.core.values import Block, Kind, Series
from nordlotse.iot.core.ways import Way, ways
from nordlotse.iot.lookout import Places
from nordlotse.iot.models import Hall, Simulation
from nordlotse.iot.queries import connecting
from nordlotse.iot.views import export
from nordlotse.iot.views.export import _Taken
from tests.iot.process import Serve

pytestmark = pytest.mark.django_db


def sent(hall: Hall, machine: str, *values: float) -> None:
    """Hand values of the last seconds in, as a machine's are, and wait until every reader sees them."""
    now = time.time_ns() // 1000
    at = now - np.arange(len(values), 0, -1, dtype=np.int64) * 1_000_000
    series = Series(hall.store, machine, "Strom")
    gate.hand_in(
        memory.folder(), [Block(series, Kind.NUMBER, at, np.array(values), np.zeros(len(values), np.uint8), at)]
    )
    for _ in range(300):
        with memory.looked(hall.store) as reader:
            if reader.count(series) == len(values):
                return
        time.sleep(0.05)
    raise TimeoutError("nobody sees the values")


@pytest.fixture
def hall(intake: Serve) -> Hall:
    """A hall whose saw has just sent two values; the intake is the one that writes."""
    made = halls.create(user=None, lang="de")
    halls.add_machine(made, "Säge")
    sent(made, "Säge", 4.1, 4.2)
    return made


def page(path: str, **query: str) -> str:
    answer = Client().get(path, query)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_one_click_leads_to_a_machine_that_lives(intake: Serve) -> None:
    assert "Simulator starten" in page("/maschinen/") and "24 Stunden" in page("/maschinen/")
    answer = Client().post("/maschinen/simulator/", {"kind": "cnc"})
    machine = Simulation.objects.get().machine
    assert answer.status_code == 302
    assert answer["Location"] == f"/maschinen/{machine.hall.pk}/m/{machine.pk}/"
    assert "Spindeltemperatur" in page(answer["Location"])


def test_without_an_intake_the_start_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(memory, "folder", lambda: tmp_path)
    answer = Client().post("/maschinen/simulator/", {"kind": "cnc"})
    assert answer.status_code == 503
    assert "Aufnahme" in answer.content.decode() and not Hall.objects.exists()


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_every_way_shows_its_parts_and_leads_on(prefix: str) -> None:
    for way in ways().ways:
        shown = page(f"{prefix}/maschinen/", weg=way.id)
        assert 'name="machine"' in shown
        assert ("Euro je Maschine" in shown or "euros per machine" in shown) == bool(way.parts)


def test_prices_are_marked_as_our_own_estimate_with_a_day_and_a_day_of_review() -> None:
    shown = page("/maschinen/", weg="clamp")
    assert "Eigene Schätzung vom 23. November 2026" in shown and "Elektrofachkraft" in shown
    assert ways().review_on > ways().decided


def test_a_hall_is_made_only_when_a_machine_has_a_name_that_can_be() -> None:
    refused = Client().post("/maschinen/halle/", {"weg": "clamp", "machine": "a/b"})
    assert refused.status_code == 422 and not Hall.objects.exists()
    made = Client().post("/maschinen/halle/", {"weg": "clamp", "machine": "Säge"})
    machine = Hall.objects.get().machines.get()
    assert made["Location"].endswith(f"/verbinden/?weg=clamp&m={machine.pk}")
    assert 'name="maschine" value="Säge"' in page(made["Location"]), "who has just named it need not name it again"
    assert [one.name for one in Hall.objects.get().machines.all()] == ["Säge"]


def test_the_password_stands_in_the_texts_once_and_never_again(hall: Hall) -> None:
    path = f"/maschinen/{hall.pk}/verbinden/"
    shown = Client().post(path, {"do": "login", "weg": "python", "maschine": "Säge"}).content.decode()
    user, password = re.findall(r'<dd class="secret">([^<]+)</dd>', shown)
    assert shown.count(password) >= 3
    assert [one.user for one in listed(memory.folder(), hall.store)] == [user]
    again = page(path, weg="python")
    assert password not in again and "PASSWORT" in again


def test_a_login_made_on_a_machines_page_is_for_that_machine_alone_and_the_page_says_so(hall: Hall) -> None:
    path = f"/maschinen/{hall.pk}/verbinden/"
    shown = Client().post(path, {"do": "login", "weg": "tasmota", "maschine": "Kompressor"}).content.decode()
    assert [one.machine for one in listed(memory.folder(), hall.store)] == ["Kompressor"]
    assert "nur für <strong>Kompressor</strong>" in shown and "Kompressor/Strom" in shown
    assert "nur für <strong>Kompressor</strong>" in page(path, weg="mqtt", maschine="Kompressor")
    assert f"/maschinen/{hall.pk}/zugaenge/#neu" in shown, "the way to one for all machines stands beside"
    Client().post(path, {"do": "login", "weg": "mqtt", "maschine": "a/b"})
    assert len(listed(memory.folder(), hall.store)) == 1, "no login for a name that can be none"


def test_only_who_comes_from_a_machines_page_finds_its_name_in_the_field_of_the_connect_page(hall: Hall) -> None:
    path, machine = f"/maschinen/{hall.pk}/verbinden/", hall.machines.get()
    empty = page(path, weg="mqtt")
    assert 'name="maschine" value=""' in empty and "Zugang erzeugen" not in empty
    assert "Nennen Sie oben zuerst die Maschine" in empty
    assert 'name="maschine" value="Säge"' in page(path, weg="mqtt", m=str(machine.pk))
    assert f'verbinden/?m={machine.pk}"' in page(f"/maschinen/{hall.pk}/m/{machine.pk}/verlauf/")
    assert Client().post(path, {"do": "login", "weg": "mqtt"}).status_code == 200
    assert not listed(memory.folder(), hall.store), "no login for a machine nobody named"


@pytest.mark.parametrize("way", ways().ways, ids=lambda way: way.id)
def test_what_a_machines_page_gives_to_paste_sends_for_that_machine_only(hall: Hall, way: Way) -> None:
    for text in connecting.snippets(way, connecting.connection("Kompressor")):
        named = re.findall(
            r'(?:-t \'|"topic": "|Publish |FullTopic |publish\("|"topic_prefix": "|"machine": "|machine = ")([^"/\' ]+)',
            text.text,
        )
        assert set(named) <= {"Kompressor"}, text.text


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("off", "ausgeschaltet"),
        ("taken", "belegt"),
        ("ended", "läuft gerade nicht"),
        ("on", "nur auf dem eigenen Rechner"),
    ],
)
def test_where_machines_cannot_send_over_mqtt_the_page_says_so_and_offers_http_first(
    hall: Hall, state: str, said: str
) -> None:
    tell(memory.folder(), Heard(state, "127.0.0.1:1883"))
    shown = page(f"/maschinen/{hall.pk}/verbinden/", weg="mqtt")
    assert said in shown
    assert shown.index("HTTP mit JSON") < shown.index("mosquitto_pub")


def test_the_first_value_is_seen_and_its_name_and_unit_proposed_and_kept(hall: Hall) -> None:
    assert "Säge/Strom = 4,2 A vor" in page(f"/maschinen/{hall.pk}/verbinden/")
    shown = page(f"/maschinen/{hall.pk}/verbinden/namen/")
    name = re.search(r'name="(s[0-9a-f]{8})-title"', shown)
    assert name is not None and 'value="A"' in shown
    given = {f"{name[1]}-title": "Hauptantrieb", f"{name[1]}-unit": "A", f"{name[1]}-role": "current"}
    assert Client().post(f"/maschinen/{hall.pk}/verbinden/namen/", given).status_code == 302
    assert hall.machines.get().signals["Strom"] == {"title": "Hauptantrieb", "unit": "A", "role": "current"}


def test_who_names_the_signals_of_a_second_machine_comes_back_to_that_machine(hall: Hall) -> None:
    second = halls.add_machine(hall, "Zange")
    sent(hall, "Zange", 1.0, 2.0)
    path = f"/maschinen/{hall.pk}/verbinden/namen/"
    given = {
        f"{name}-{field}": value
        for name in set(re.findall(r'name="(s[0-9a-f]{8})-title"', page(path)))
        for field, value in (("title", "Strom"), ("unit", "A"), ("role", "current"))
    }
    assert len(given) == 6
    answer = Client().post(f"{path}?m={second.pk}", given)
    assert answer["Location"].startswith(f"/maschinen/{hall.pk}/m/{second.pk}/")


def test_a_file_goes_from_choosing_to_its_outcome_without_a_script(intake: Serve, hall: Hall) -> None:
    lines = [f"01.03.2026 06:00:{second:02d};20,{second}" for second in range(30)]
    rows = "\r\n".join(["Zeit;Temperatur", *lines, "morgen;20,7"]).encode()
    made = Client().post(f"/maschinen/{hall.pk}/datei/", {"machine": "Säge", "file": SimpleUploadedFile("t.csv", rows)})
    detected = page(made["Location"])
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', detected))
    for name, inside in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', detected, re.DOTALL):
        chosen = re.search(r'value="([^"]+)" selected', inside)
        fields[name] = chosen[1] if chosen else ""
    fields.pop("csrfmiddlewaretoken", None)
    assert Client().post(made["Location"], {**fields, "do": "take"}).status_code == 302
    assert "wird eingelesen" in page(made["Location"])
    uploads.Lane().run_one()
    done = page(made["Location"])
    assert "30 Werte eingelesen" in done and "morgen" in done


def test_values_are_taken_along_as_parquet_and_csv(hall: Hall) -> None:
    def taken(path: str, **query: str) -> bytes:
        answer: Any = Client().get(f"/maschinen/{hall.pk}/mitnehmen/{path}", query)
        assert "attachment" in answer["Content-Disposition"]
        return b"".join(answer.streaming_content)

    whole = pq.read_table(io.BytesIO(taken("werte.parquet")))
    assert whole.column("value").to_pylist() == [4.1, 4.2]
    assert taken("werte.csv", maschine="Säge").count(b"\r\n") == 3
    assert taken("werte.csv", bis="2020-01-01").count(b"\r\n") == 1
    assert Client().get(f"/maschinen/{hall.pk}/mitnehmen/werte.csv", {"von": "gestern"}).status_code == 422
    assert Client().get(f"/maschinen/{hall.pk}/mitnehmen/werte.csv", {"maschine": "Ofen"}).status_code == 404


def test_periods_are_kept_for_all_and_for_one_signal(hall: Hall) -> None:
    path = f"/maschinen/{hall.pk}/aufbewahren/"
    Client().post(path, {"days": "365", "s0": "30", "n0": "Säge/Strom"})
    kept = retention.periods(company_folder(memory.folder(), hall.store))
    assert kept is not None and (kept.days, kept.signals) == (365, {"Säge/Strom": 30})
    assert '<option value="30" selected>' in page(path)


def test_a_shared_page_shows_values_and_leads_to_nothing_of_the_hall(hall: Hall) -> None:
    share = halls.share(hall, 1)
    shown = page(f"/maschinen/geteilt/{share}/")
    assert "<td>4,2" in shown
    assert hall.pk not in shown and 'method="post"' not in shown.split("<main")[1].split("</main>")[0]
    assert Client().get(f"/maschinen/{share}/").status_code == 404


def test_deleting_asks_first_and_shows_what_is_gone(hall: Hall) -> None:
    path = f"/maschinen/{hall.pk}/loeschen/"
    assert "mit 2 Werten" in page(path)
    assert Client().post(path, {}).status_code == 422
    assert "1 Maschine, Werte: 2" in Client().post(path, {"sure": "yes"}).content.decode()
    assert Client().get(path).status_code == 404


@pytest.mark.parametrize("path", ["verbinden/", "zuordnung/", "datei/", "zugaenge/", "mitnehmen/", "aufbewahren/", "behalten/", "teilen/", "loeschen/"])  # fmt: skip
def test_a_page_behind_a_link_is_found_by_no_search_engine_and_told_to_no_other_site(hall: Hall, path: str) -> None:
    answer = Client().get(f"/maschinen/{hall.pk}/{path}")
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "same-origin"


def test_so_many_files_are_handed_out_at_once_and_the_place_is_given_back(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "places", Places(2))  # whatever files other tests have left unread
    path = f"/maschinen/{hall.pk}/mitnehmen/werte.csv"
    held = [Client().get(path) for _ in range(2)]
    busy = Client().get(path)
    assert busy.status_code == 503 and "in einer Minute" in busy.content.decode()
    assert Client().head(path).status_code == 200
    assert all(read(one) for one in held)
    assert read(Client().get(path))


def read(answer: Any) -> bool:
    """Take a file to its end."""
    return b"4.2" in b"".join(answer.streaming_content)


def test_a_file_nobody_reads_gives_its_place_back_once(monkeypatch: pytest.MonkeyPatch) -> None:
    places = Places(2)
    monkeypatch.setattr(export, "places", places)
    assert places.take() and places.take() and not places.take()
    taken = _Taken(iter((b"x",)))
    taken.close()
    taken.close()
    assert places.take() and not places.take()
    places.give_back()
    places.give_back()


def test_a_second_machine_has_a_field_for_its_name_and_only_its_own_first_value(hall: Hall) -> None:
    shown = page(f"/maschinen/{hall.pk}/verbinden/", weg="mqtt", maschine="Trockner")
    assert 'name="maschine"' in shown and "Trockner/Strom" in shown
    assert "Erster Wert da" not in shown and "Von „Trockner“ ist noch kein Wert da." in shown
    sent(hall, "Trockner", 6.300000000000001)
    shown = page(f"/maschinen/{hall.pk}/verbinden/", weg="mqtt", maschine="Trockner")
    assert "Erster Wert da: Trockner/Strom = 6,3 A" in shown


def test_a_machine_nobody_named_leads_to_the_page_of_names(hall: Hall) -> None:
    sent(hall, "trockner", 6.3)
    for path in ("", "verbinden/"):
        shown = page(f"/maschinen/{hall.pk}/{path}")
        assert "„trockner“" in shown and "Benennen und aufnehmen" in shown
        assert f"/maschinen/{hall.pk}/verbinden/namen/" in shown


def test_a_name_no_machine_can_have_is_told_at_its_field(hall: Hall) -> None:
    shown = page(f"/maschinen/{hall.pk}/verbinden/", weg="mqtt", maschine="a/b")
    assert "ohne / \\ + #" in shown and "a/b/Strom" not in shown


@pytest.mark.parametrize("way", ["opcua", "modbus"])
def test_whoever_needs_the_agent_reads_how_to_get_it(hall: Hall, way: str) -> None:
    shown = page(f"/maschinen/{hall.pk}/verbinden/", weg=way)
    assert "nordlotse_agent-*.whl" in shown and "/maschinen/agent/laden/" in shown and "Anleitung zum Agenten" in shown
    assert "Den Agenten einrichten" not in page(f"/maschinen/{hall.pk}/verbinden/", weg="mqtt")
