"""Pages of a hall as it is now: values, the stream and its bound, asking instead, faults to switch, and who sees what."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client
from django.utils import timezone

from nordlotse.iot import lookout
from nordlotse.iot.core.values import Quality
from nordlotse.iot.models import Hall, Machine, Simulation
from nordlotse.iot.queries import live
from tests.iot.written import Written

pytestmark = pytest.mark.django_db

SECOND = 1_000_000


@pytest.fixture
def saw() -> Machine:
    hall = Hall.objects.create(name="Halle 2")
    return Machine.objects.create(
        hall=hall, name="saege", title="Säge", signals={"Strom": {"title": "Strom L1", "unit": "A"}}
    )


@pytest.fixture
def written(saw: Machine) -> Written:
    made = Written(saw.hall.store)
    now = live.now()
    made.put("saege", "Strom", [now - 20 * SECOND, now - 10 * SECOND], [4.0, 4.5])
    made.put("saege", "Programm", [now], ["Welle"])
    return made


def where(saw: Machine, rest: str = "") -> str:
    return f"/maschinen/{saw.hall.pk}/{rest}"


def close(answer: Any) -> None:
    """Close an answer as the server does, but keep the test's own connection to the database."""
    request_finished.disconnect(close_old_connections)
    answer.close()
    request_finished.connect(close_old_connections)


def events(answer: Any) -> Iterator[dict[str, Any]]:
    for chunk in answer.streaming_content:
        if chunk.startswith(b"data: "):
            yield json.loads(chunk[6:])


def test_the_hall_shows_each_value_with_unit_and_age(client: Client, saw: Machine, written: Written) -> None:
    page = client.get(where(saw)).content.decode()
    assert "Strom L1" in page
    assert "<span data-figure>4,5</span>" in page
    assert '<span class="value__unit">A</span>' in page
    assert re.search(r"vor 1\d s", page)
    assert "Welle" in page


def test_the_machine_shows_it_in_english_too(client: Client, saw: Machine, written: Written) -> None:
    page = client.get("/en" + where(saw, f"m/{saw.pk}/")).content.decode()
    assert "<span data-figure>4.5</span>" in page
    assert re.search(r"1\d s ago", page)


def test_a_hall_without_machines_says_so_and_one_with_a_stranger_names_it(client: Client) -> None:
    hall = Hall.objects.create()
    Written(hall.store).put("fremd", "x", [SECOND], [1.0])
    page = client.get(f"/maschinen/{hall.pk}/").content.decode()
    assert "Hier ist noch keine Maschine." in page
    assert "„fremd“" in page


def test_a_value_from_a_wrong_clock_says_so(client: Client, saw: Machine, written: Written) -> None:
    written.put("saege", "Takt", [live.now() + 7200 * SECOND], [3.0], quality=Quality.CLOCK)
    page = client.get(where(saw, f"m/{saw.pk}/")).content.decode()
    assert "Uhr der Maschine geht falsch" in page
    assert "Uhr geht vor" in page


def test_without_a_script_the_page_reloads_only_for_those_who_asked_for_it(client: Client, saw: Machine) -> None:
    assert "http-equiv" not in client.get(where(saw)).content.decode()
    page = client.get(where(saw) + "?alle=10").content.decode()
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in page


def test_whoever_asks_gets_the_newest_values_as_json_or_as_the_part_of_the_page(
    client: Client, saw: Machine, written: Written
) -> None:
    told = client.get(where(saw, "jetzt/"), headers={"accept": "application/json"}).json()
    assert {(machine, signal): value for machine, signal, _, value, _ in told["values"]} == {
        (saw.pk, "Strom"): 4.5,
        (saw.pk, "Programm"): "Welle",
    }
    assert told["at"] == pytest.approx(time.time() * 1000, abs=5000)
    part = client.get(where(saw, f"jetzt/?m={saw.pk}")).content.decode()
    assert "<html" not in part
    assert "<span data-figure>4,5</span>" in part


def test_the_stream_tells_all_values_first_and_then_what_is_new(client: Client, saw: Machine, written: Written) -> None:
    answer: Any = client.get(where(saw, "strom/"))
    assert answer["Content-Type"] == "text/event-stream"
    assert answer["X-Accel-Buffering"] == "no"
    told = events(answer)
    assert {signal for _, signal, *_ in next(told)["values"]} == {"Strom", "Programm"}
    written.put("saege", "Strom", [live.now()], [6.0])
    assert [(signal, value) for _, signal, _, value, _ in next(told)["values"]] == [("Strom", 6.0)]
    close(answer)


def test_the_stream_of_a_machine_tells_nothing_of_another(client: Client, saw: Machine, written: Written) -> None:
    oven = Machine.objects.create(hall=saw.hall, name="ofen")
    written.put("ofen", "Grad", [live.now()], [200.0])
    answer: Any = client.get(where(saw, f"strom/?m={oven.pk}"))
    assert [one[:2] for one in next(events(answer))["values"]] == [[oven.pk, "Grad"]]
    close(answer)


def test_a_slow_browser_gets_the_newest_value_and_not_those_it_missed(
    client: Client, saw: Machine, written: Written
) -> None:
    answer: Any = client.get(where(saw, "strom/"))
    told = events(answer)
    next(told)
    for k in range(50):
        written.put("saege", "Strom", [live.now()], [float(k)])
    with lookout.watched(saw.hall.store) as looking:
        until = time.monotonic() + 60
        while looking.newest()["saege", "Strom"].value != 49.0 and time.monotonic() < until:
            time.sleep(0.02)
    assert [value for _, _, _, value, _ in next(told)["values"]] == [49.0]
    close(answer)


def test_the_seventeenth_stream_is_refused_and_a_closed_one_makes_room(client: Client, saw: Machine) -> None:
    held: list[Any] = [client.get(where(saw, "strom/")) for _ in range(lookout.STREAMS)]
    refused = client.get(where(saw, "strom/"))
    assert refused.status_code == 503
    assert int(refused["Retry-After"]) > 0
    assert client.get(where(saw, "jetzt/"), headers={"accept": "application/json"}).status_code == 200
    for one in held:  # nobody ever read from them
        close(one)
        close(one)
    again: Any = client.get(where(saw, "strom/"))
    assert again.status_code == 200
    close(again)


def test_a_stream_ends_after_its_time_and_says_so(
    client: Client, saw: Machine, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STREAM_SECONDS", 0.2)
    monkeypatch.setattr(live, "_THERE_SECONDS", 0.05)
    chunks = list(client.get(where(saw, "strom/")).streaming_content)  # type: ignore[attr-defined]
    assert chunks[-1] == b"event: over\ndata: {}\n\n"


def test_streams_end_when_the_server_is_about_to_end(
    client: Client, saw: Machine, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookout, "ending", [lambda: True])
    chunks = list(client.get(where(saw, "strom/")).streaming_content)  # type: ignore[attr-defined]
    assert chunks[-1].startswith(b"event: over")


def test_looking_at_the_head_of_a_stream_takes_no_place(client: Client, saw: Machine) -> None:
    for _ in range(lookout.STREAMS + 1):
        assert client.head(where(saw, "strom/")).status_code == 200


@pytest.mark.parametrize(
    "rest", ["", "strom/", "jetzt/", "m/PK/", "m/PK/verlauf/", "m/PK/verlauf.json?from=1&to=2000&n=2"]
)
def test_a_company_s_hall_and_one_that_is_over_are_nobody_s(client: Client, saw: Machine, rest: str) -> None:
    path = where(saw, rest.replace("PK", str(saw.pk)))
    saw.hall.company = "c1"
    saw.hall.save()
    assert client.get(path).status_code == 404
    saw.hall.company, saw.hall.expires_at = "", timezone.now() - timedelta(seconds=1)
    saw.hall.save()
    assert client.get(path).status_code == 404


def test_a_machine_is_found_in_its_own_hall_only(client: Client, saw: Machine) -> None:
    other = Hall.objects.create()
    for rest in (f"m/{saw.pk}/", f"m/{saw.pk}/verlauf/", f"jetzt/?m={saw.pk}", f"strom/?m={saw.pk}"):
        assert client.get(f"/maschinen/{other.pk}/{rest}").status_code == 404


def test_the_data_of_a_chart_are_not_sent_twice(client: Client, saw: Machine, written: Written) -> None:
    now = live.now()
    path = where(saw, f"m/{saw.pk}/verlauf.json?from={now - 60 * SECOND}&to={now}&n=100&signal=Strom")
    first = client.get(path)
    assert first.json()["value"] == [4.0, 4.5]
    assert "private" in first["Cache-Control"]
    again = client.get(path, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    written.put("saege", "Strom", [now - 5 * SECOND], [9.0])
    assert client.get(path, headers={"if-none-match": first["ETag"]}).json()["value"] == [4.0, 4.5, 9.0]


@pytest.mark.parametrize(
    "query", ["", "?from=1", "?from=x&to=y&n=10&signal=Strom", "?from=0&to=2000&n=9999&signal=Strom"]
)
def test_a_chart_that_cannot_be_is_refused(client: Client, saw: Machine, query: str) -> None:
    assert client.get(where(saw, f"m/{saw.pk}/verlauf.json{query}")).status_code == 422


def test_the_history_takes_moments_of_berlin_and_says_what_is_wrong_with_others(
    client: Client, saw: Machine, written: Written
) -> None:
    path = where(saw, f"m/{saw.pk}/verlauf/")
    page = client.get(path + "?von=2026-11-22T10:00&bis=2026-11-22T12:00").content.decode()
    assert "22.11.2026, 10:00:00 – 22.11.2026, 12:00:00" in page
    assert "In dieser Zeit gibt es keine Werte." in page
    wrong = client.get(path + "?von=gestern&bis=2026-11-22T12:00")
    assert wrong.status_code == 422
    assert "Diesen Zeitraum gibt es nicht." in wrong.content.decode()


def test_the_history_without_a_script_has_picture_table_and_ways_to_go(
    client: Client, saw: Machine, written: Written
) -> None:
    page = client.get(where(saw, f"m/{saw.pk}/verlauf/?s=Strom")).content.decode()
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="chart' in page
    assert "Zwischen 4 und 4,5 A" in page
    assert page.count("data-span=") == 5
    assert " style=" not in page


@pytest.fixture
def mill(saw: Machine) -> Machine:
    Simulation.objects.create(machine=saw, kind="cnc", until=timezone.now() + timedelta(hours=1))
    return saw


def test_a_fault_is_switched_on_and_off_and_the_page_says_since_when(client: Client, mill: Machine) -> None:
    page, switch = where(mill, f"m/{mill.pk}/"), where(mill, f"m/{mill.pk}/fehler/")
    assert "Lagerschaden der Spindel" in client.get(page).content.decode()
    assert client.post(switch, {"fault": "bearing", "on": "1"}).status_code == 302
    client.post(switch, {"fault": "bearing", "on": "1"})
    (kept,) = Simulation.objects.get().faults
    assert kept["name"] == "bearing"
    assert "An seit" in client.get(page).content.decode()
    client.post(switch, {"fault": "bearing", "on": "0"})
    (over,) = Simulation.objects.get().faults
    assert over["until"] >= over["since"]
    assert "An seit" not in client.get(page).content.decode()


def test_the_signals_that_show_a_fault_are_named_in_the_language_of_the_page(client: Client, mill: Machine) -> None:
    path = f"/maschinen/{mill.hall.pk}/m/{mill.pk}/"
    german, english = (client.get(before + path).content.decode() for before in ("", "/en"))
    assert "Vibration und Spindeltemperatur" in german
    assert "Vibration and Spindle temperature" in english and "Spindeltemperatur." not in english


def test_a_fault_nobody_knows_and_one_of_a_real_machine_are_refused(client: Client, saw: Machine) -> None:
    switch = where(saw, f"m/{saw.pk}/fehler/")
    assert client.post(switch, {"fault": "bearing", "on": "1"}).status_code == 404
    Simulation.objects.create(machine=saw, kind="cnc", until=timezone.now())
    assert client.post(switch, {"fault": "gremlins", "on": "1"}).status_code == 422
    assert client.get(switch).status_code == 405


def test_a_machine_that_sent_every_second_and_fell_silent_says_since_when(client: Client, saw: Machine) -> None:
    last = live.now() - 120 * SECOND
    Written(saw.hall.store).put("saege", "Strom", [last - n * SECOND for n in range(60, -1, -1)], [4.0] * 61)
    page = client.get(where(saw, f"m/{saw.pk}/")).content.decode()
    assert re.search(r"<strong>Keine Daten</strong> <span class=\"quiet\">seit ", page)
    assert 'data-overdue="30000"' in page


def test_a_machine_that_speaks_seldom_is_not_silent_between_two_values(client: Client, saw: Machine) -> None:
    last = live.now() - 120 * SECOND
    Written(saw.hall.store).put("saege", "Strom", [last - n * 60 * SECOND for n in range(9, -1, -1)], [4.0] * 10)
    assert "<strong>Keine Daten" not in client.get(where(saw, f"m/{saw.pk}/")).content.decode()


def test_a_machine_with_a_current_and_few_values_says_that_they_are_too_few(client: Client, saw: Machine) -> None:
    Machine.objects.filter(pk=saw.pk).update(signals={"Strom": {"title": "Strom", "unit": "A", "role": "current"}})
    now = live.now()
    Written(saw.hall.store).put(
        "saege", "Strom", [now - n * SECOND for n in range(120, 0, -1)], [6.4] * 60 + [0.0] * 60
    )
    client.get(where(saw, f"m/{saw.pk}/zustaende/"))
    page = client.get(where(saw, f"m/{saw.pk}/")).content.decode()
    assert "Noch zu wenig Werte, um Zustände zu erkennen" in page
    assert "Läuft" not in page
    assert (
        "Noch zu wenig Werte, um Zustände zu erkennen"
        in client.get(where(saw, f"m/{saw.pk}/zustaende/")).content.decode()
    )


def test_states_looked_for_anew_are_found_at_once_in_the_signal_that_is_the_current(
    client: Client, saw: Machine
) -> None:
    Machine.objects.filter(pk=saw.pk).update(signals={"Strom": {"title": "Strom", "unit": "A", "role": "current"}})
    now = live.now()
    Written(saw.hall.store).put(
        "saege", "Strom", [now - n * SECOND for n in range(900, 0, -1)], [6.4] * 450 + [0.05] * 450
    )
    assert "„Strom“" in client.get(where(saw, f"m/{saw.pk}/zustaende/")).content.decode()
    page = client.post(where(saw, f"m/{saw.pk}/zustaende/"), {"do": "forget"}, follow=True).content.decode()
    assert "Noch ist nicht klar" not in page and "„Strom“" in page


def test_a_machine_that_sends_only_changes_can_be_told_so(client: Client, saw: Machine) -> None:
    Machine.objects.filter(pk=saw.pk).update(signals={"Strom": {"title": "Strom", "unit": "A", "role": "current"}})
    last = live.now() - 120 * SECOND
    Written(saw.hall.store).put(
        "saege", "Strom", [last - n * SECOND for n in range(900, 0, -1)], [0.05] * 450 + [6.4] * 450
    )
    path = where(saw, f"m/{saw.pk}/zustaende/")
    client.get(path)
    assert "Keine Daten" in client.get(where(saw, f"m/{saw.pk}/")).content.decode()
    assert client.post(path, {"do": "keep", "signal": "Strom", "on_change": "on"}).status_code == 302
    page = client.get(where(saw, f"m/{saw.pk}/")).content.decode()
    assert "Läuft" in page and 'data-overdue="900000"' in page
