"""What nobody could read waits with its reason, is mapped from a sample, and read again; nothing is lost."""

from __future__ import annotations

import json
import time
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.iot import memory
from nordlotse.iot.actions import halls, logins, mapping
from nordlotse.iot.core import tail
from nordlotse.iot.core.mapping import Rule
from nordlotse.iot.core.values import Series
from nordlotse.iot.models import Hall
from nordlotse.iot.queries import mapping as queries
from tests.iot.process import Serve

pytestmark = pytest.mark.django_db
TOPIC = "shelly/status/em1:0"


@pytest.fixture
def hall() -> Hall:
    return halls.create(user=None, lang="de")


def rule(path: str = '["current"]', **given: Any) -> Rule:
    told = {"topic": TOPIC, "machine": "Säge", "signal": "Strom", "time": "", "unit": "A", "scale": 1.0, "offset": 0.0}
    return mapping.rule(path=path, **{**told, **given})


def test_a_sample_s_values_stand_with_their_paths() -> None:
    found = queries.leaves('{"id": 0, "em": [{"current": 4.2}, {"current": null}], "s": "an"}')
    assert [(leaf.path, leaf.words, leaf.value, leaf.usable) for leaf in found] == [
        ('["id"]', "id", "0", True),
        ('["em", 0, "current"]', "em › 0 › current", "4.2", True),
        ('["em", 1, "current"]', "em › 1 › current", "null", False),
        ('["s"]', "s", '"an"', True),
    ]


def test_a_payload_waits_is_tried_mapped_and_read_again_and_new_ones_come_at_once(intake: Serve, hall: Hall) -> None:
    user, password = logins.add(hall)
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=user, clean_session=False)
    client.username_pw_set(user, password)
    client.connect("127.0.0.1", intake.port)
    client.loop_start()
    for value in (4.0, 5.0):
        client.publish(TOPIC, json.dumps({"id": 0, "current": value}), qos=1).wait_for_publish(10)
    # at once: what the intake has acknowledged is read from the end of its log
    assert queries.count_waiting(hall) == 2
    (waiting,) = queries.waiting(hall)
    assert (waiting.topic, waiting.count) == (TOPIC, 2)
    assert [(one.why.de, one.count) for one in waiting.reasons] == [("Keine Zuordnung für dieses Thema", 2)]
    trial = queries.tried(hall, [rule(scale=1000.0, unit="mA")])
    assert (trial.read, trial.left) == (2, 0)
    assert [value for _, _, _, value in trial.values] == ["4000", "5000"]
    assert queries.count_waiting(hall) == 2, "trying changes nothing"
    mapping.add(hall, [rule()])
    _until(lambda: not queries.stand(hall).reading, 20)
    assert queries.count_waiting(hall) == 0
    client.publish(TOPIC, json.dumps({"id": 0, "current": 6.0}), qos=1).wait_for_publish(10)
    client.loop_stop()
    client.disconnect()
    reader = tail.reader(memory.folder(), hall.store, patience=0)
    reader.look()
    assert reader.rows(Series(hall.store, "Säge", "Strom")).shown() == [4.0, 5.0, 6.0]
    assert hall.machines.get().signals["Strom"]["unit"] == "A"


def test_a_rule_replaces_the_older_one_for_the_same_signal_and_can_be_taken_away(hall: Hall) -> None:
    mapping.add(hall, [rule()])
    mapping.add(hall, [rule('["other"]')])
    mapping.add(hall, [rule(signal="Spannung")])
    assert [(one.signal, one.path) for one in queries.rules(hall)] == [
        ("Strom", ("other",)),
        ("Spannung", ("current",)),
    ]
    mapping.remove(hall, 0)
    assert [one.signal for one in queries.rules(hall)] == ["Spannung"]
    with pytest.raises(NotFound, match="iot_rule"):
        mapping.remove(hall, 5)


def test_all_values_of_a_payload_become_signals_at_once_and_two_of_one_name_are_refused(hall: Hall) -> None:
    made = [rule('["a"]', signal="A", unit="°C"), rule('["b"]', signal="B", unit="bar")]
    mapping.add(hall, made)
    assert [one.signal for one in queries.rules(hall)] == ["A", "B"]
    assert {name: told["unit"] for name, told in hall.machines.get().signals.items()} == {"A": "°C", "B": "bar"}
    with pytest.raises(BadInput, match="iot_rule_twice"):
        mapping.add(hall, [rule('["a"]'), rule('["b"]')])


@pytest.mark.parametrize(
    "given", [{"topic": "a/#/b"}, {"path": "no json"}, {"path": '{"a": 1}'}, {"path": "[1.5]"}, {"machine": "a/b"}]
)
def test_a_rule_that_cannot_be_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        rule(**given)


def _until(condition: Any, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.2)
