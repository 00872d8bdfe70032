"""Values over HTTP: with a login of a hall only, answered when they are safe, told by line what was wrong, within limits."""

from __future__ import annotations

import base64
import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from nordlotse.foundation.problem import TooMany
from nordlotse.iot import memory
from nordlotse.iot.actions import halls, logins
from nordlotse.iot.core import tail
from nordlotse.iot.core.values import Series
from nordlotse.iot.entrance import Entrance
from nordlotse.iot.models import Hall
from nordlotse.iot.queries import connecting, limits
from tests.iot.process import Serve
from tests.web.test_api import check_error

pytestmark = pytest.mark.django_db
VALUES = "/api/v1/iot/values"


class Machine:
    """A machine with a login of a hall."""

    def __init__(self, hall: Hall, name: str = "") -> None:
        self.user, self.password = logins.add(hall, name)

    @property
    def header(self) -> str:
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()

    def send(self, body: Any, content_type: str = "application/json") -> Any:
        data = body if isinstance(body, str) else json.dumps(body)
        return Client().post(VALUES, data, content_type=content_type, HTTP_AUTHORIZATION=self.header)

    def ask(self, path: str, **query: str) -> Any:
        return Client().get(f"/api/v1/iot/{path}", query, HTTP_AUTHORIZATION=self.header)


@pytest.fixture
def hall() -> Hall:
    return halls.create(user=None, lang="de")


def held(hall: Hall, machine: str, signal: str) -> list[Any]:
    reader = tail.reader(memory.folder(), hall.store, patience=0)
    reader.look()
    return reader.rows(Series(hall.store, machine, signal)).shown()


def test_what_is_answered_with_200_is_readable_at_once(intake: Serve, hall: Hall) -> None:
    told = Machine(hall).send(
        {"machine": "Säge", "values": {"Strom": 4.2, "läuft": True}, "time": "2026-11-23T06:00:00Z"}
    )
    assert told.status_code == 200
    assert told.json() == {"stored": 2, "wrong": []}
    assert (held(hall, "Säge", "Strom"), held(hall, "Säge", "läuft")) == ([4.2], [True])


def test_lines_do_the_same_and_a_wrong_one_is_told_while_the_others_are_taken(intake: Serve, hall: Hall) -> None:
    told = Machine(hall).send("Säge Strom=4.2 1795000000\nquatsch\nSäge Strom=4.3 1795000001", "text/plain").json()
    assert told["stored"] == 2
    assert [(one["line"], one["code"]) for one in told["wrong"]] == [(2, "syntax")]


def test_the_same_value_of_the_same_time_counts_once(intake: Serve, hall: Hall) -> None:
    machine = Machine(hall)
    for _ in range(2):
        machine.send({"machine": "Säge", "signal": "Strom", "value": 1, "time": 1_795_000_000_000})
    assert held(hall, "Säge", "Strom") == [1.0]


def test_nobody_gets_in_without_a_login_or_with_a_wrong_one(hall: Hall) -> None:
    told = Client().post(VALUES, "{}", content_type="application/json")
    check_error(told, 401, "iot_login")
    assert told["WWW-Authenticate"].startswith("Basic")
    machine = Machine(hall)
    machine.password = "falsch"
    check_error(machine.send({}), 401, "iot_login")


def test_a_login_that_was_removed_is_refused_at_once(intake: Serve, hall: Hall) -> None:
    machine = Machine(hall)
    assert machine.send({"machine": "Säge", "values": {"a": 1}}).status_code == 200
    logins.remove(hall, machine.user)
    check_error(machine.send({"machine": "Säge", "values": {"a": 1}}), 401, "iot_login")


def test_a_hall_that_has_ended_takes_nothing(hall: Hall) -> None:
    machine = Machine(hall)
    Hall.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    check_error(machine.send({"machine": "Säge", "values": {"a": 1}}), 401, "iot_login")


def test_a_machine_s_own_login_sends_and_reads_no_other(intake: Serve, hall: Hall) -> None:
    machine = Machine(hall, "Säge")
    assert machine.send({"values": {"a": 1}}).json()["stored"] == 1  # its own, without naming it
    check_error(machine.send({"machine": "Presse", "values": {"a": 1}}), 403, "iot_other_machine")
    check_error(machine.ask("latest", machine="Presse"), 403, "iot_other_machine")
    assert [one["machine"] for one in machine.ask("latest").json()] == ["Säge"]


def test_who_sends_for_another_machine_is_shown_among_the_logins_with_the_machine(intake: Serve, hall: Hall) -> None:
    machine = Machine(hall, "Säge")
    check_error(machine.send({"machine": "Presse", "values": {"a": 1}}), 403, "iot_other_machine")
    until = time.monotonic() + 60
    while time.monotonic() < until:
        (shown,) = connecting.logins(hall, "de")
        if shown.refused:
            break
        time.sleep(0.1)
    assert "darf nicht für „Presse“ senden" in shown.refused
    assert "may not send for “Presse”" in connecting.logins(hall, "en")[0].refused


def test_a_login_does_not_reach_another_hall(intake: Serve, hall: Hall) -> None:
    other = halls.create(user=None, lang="de")
    Machine(other).send({"machine": "Säge", "values": {"a": 1}})
    assert Machine(hall).ask("latest").json() == []


def test_wrong_passwords_are_soon_not_even_looked_at(hall: Hall) -> None:
    machine, door = Machine(hall), Entrance()
    wrong = "Basic " + base64.b64encode(f"{machine.user}:falsch".encode()).decode()
    for _ in range(5):
        with pytest.raises(Exception, match="iot_login"):
            door.let_in(wrong, "203.0.113.1")
    with pytest.raises(TooMany, match="iot_login_tries"):
        door.let_in(machine.header, "203.0.113.1")
    assert door.let_in(machine.header, "203.0.113.2").hall == hall


def test_a_sandbox_may_send_so_many_values_a_second_and_a_company_s_hall_more(hall: Hall) -> None:
    door = Entrance()
    door.take(hall, limits.VALUES_AT_ONCE, now=0.0)
    with pytest.raises(TooMany, match="iot_values_rate"):
        door.take(hall, 1, now=0.0)
    door.take(hall, limits.VALUES_PER_SECOND, now=1.0)
    hall.company = "betrieb"
    door.take(hall, 10**9, now=1.0)


def test_a_stretch_in_parts_and_the_values_themselves(intake: Serve, hall: Hall) -> None:
    machine = Machine(hall)
    machine.send("\n".join(f"Säge Strom={k} {1_795_000_000 + k}000000000" for k in range(10)), "text/plain")
    stretch = {"machine": "Säge", "signal": "Strom", "from": "1795000000000000", "to": "1795000010000000"}
    parts = machine.ask("query", **stretch, buckets="2").json()
    assert [(one["min"], one["max"], one["mean"], one["count"]) for one in parts] == [(0, 4, 2, 5), (5, 9, 7, 5)]
    assert [one["value"] for one in machine.ask("query", **stretch).json()] == list(range(10))
    check_error(machine.ask("query", **{**stretch, "to": "gestern"}), 422, "iot_time")
    check_error(machine.ask("query", **{**stretch, "to": stretch["from"]}), 422, "iot_stretch")


def test_without_an_intake_it_is_told_and_nothing_is_promised(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(memory, "folder", lambda: tmp_path)
    check_error(Machine(hall).send({"machine": "Säge", "values": {"a": 1}}), 503, "iot_not_running")


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "[1]", '{"machine": "a/b", "values": {"x": 1}}', '{"machine": "S", "values": {}}']
)
def test_a_body_without_a_value_is_refused(hall: Hall, body: str) -> None:
    check_error(Machine(hall).send(body), 422)


def test_a_body_beyond_five_megabytes_is_refused_and_one_below_is_read(intake: Serve, hall: Hall) -> None:
    machine = Machine(hall)
    check_error(machine.send("x" * (5 * 2**20 + 1), "text/plain"), 413, "body_too_large")
    body = "\n".join(f"Säge Strom={k} {1_795_000_000 + k}000000000" for k in range(20_000))
    assert len(body) > 256 * 1024
    assert machine.send(body, "text/plain").json()["stored"] == 20_000


def test_the_description_names_body_and_login() -> None:
    described = Client().get("/api/v1/openapi.json").json()
    operation = described["paths"]["/api/v1/iot/values"]["post"]
    assert set(operation["requestBody"]["content"]) == {"application/json", "text/plain"}
    assert operation["security"] == [{"machineLogin": []}]
    assert described["components"]["securitySchemes"]["machineLogin"]["scheme"] == "basic"
