"""What a technician is told before it is certain: how long finding the states takes, and that a rule fires by the present value."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from nordlotse.iot.actions import halls, rules
from nordlotse.iot.core.states.values import SECOND
from nordlotse.iot.models import Machine, Rule
from nordlotse.iot.queries import live
from nordlotse.iot.queries.already import already
from tests.iot.written import Written

pytestmark = pytest.mark.django_db


@pytest.fixture
def saw() -> Machine:
    hall = halls.create(user=None, lang="de")
    machine = halls.add_machine(hall, "saege")
    machine.signals = {"Strom": {"title": "Strom", "unit": "A", "role": "current"}}
    machine.save()
    return machine


def put(saw: Machine, values: list[float], signal: str = "Strom") -> None:
    now = live.now()
    Written(saw.hall.store).put("saege", signal, [now - n * SECOND for n in range(len(values), 0, -1)], values)


def page(saw: Machine, name: str, prefix: str = "", **query: Any) -> str:
    return Client().get(f"{prefix}/maschinen/{saw.hall.pk}/m/{saw.pk}/{name}", query).content.decode()


def test_in_the_first_minutes_the_page_says_how_much_there_is_and_how_long_it_takes(saw: Machine) -> None:
    put(saw, [6.4, 0.0] * 60)
    shown = page(saw, "zustaende/")
    assert "Bisher: 2 Minuten, 120 Werte." in shown
    assert "Nach 5 Minuten erkennen wir Zustände" in shown and "dauert es 60 Minuten" in shown
    assert "erst 2 von 5 Minuten" in page(saw, "")
    assert "2 of 5 minutes so far" in page(saw, "", "/en")


def test_a_signal_that_shows_one_state_for_twenty_minutes_is_told_what_is_missing(saw: Machine) -> None:
    put(saw, [6.4, 6.41] * 600)
    shown = page(saw, "zustaende/")
    assert (
        "Bisher: 20 Minuten, 1.200 Werte." in shown and "Gemittelt zeigt das Signal bisher nur einen Zustand" in shown
    )
    assert "von 60 Minuten" in page(saw, "")


COUNT = {"kind": "above", "high": "38", "delay": "30", "silence": "300", "name": ""}


@pytest.mark.parametrize(
    ("told", "value", "said"),
    [
        ({"kind": "above", "high": 38.0}, 70083.0, "darüber: 70.083 A."),
        ({"kind": "below", "low": 5.0}, 4.5, "darunter: 4,5 A."),
        ({"kind": "outside", "low": 5.0, "high": 9.0}, 4.5, "außerhalb: 4,5 A."),
        ({"kind": "above", "high": 38.0}, 37.0, ""),
        ({"kind": "silent", "silence": 0.5}, 1.0, "Der letzte kam jetzt."),
        ({"kind": "silent", "silence": 3600.0}, 1.0, ""),
    ],
)
def test_a_rule_knows_whether_the_present_value_fulfils_it(
    saw: Machine, told: dict[str, Any], value: float, said: str
) -> None:
    put(saw, [value])
    found = already(rules.put(saw, "Strom", {"name": "", **told}), "de")
    assert found.endswith(said) if said else found == ""


def test_a_rule_that_rests_or_has_no_value_yet_says_nothing(saw: Machine) -> None:
    made = rules.put(saw, "Strom", {"name": "", "kind": "above", "high": 1.0})
    assert already(made, "de") == ""
    put(saw, [5.0])
    assert "above it already: 5 A" in already(made, "en")
    rules.switch(saw, made.pk, False)
    assert already(Rule.objects.get(), "de") == ""


def test_a_senseless_rule_is_saved_and_told_with_the_trial_at_hand(saw: Machine) -> None:
    put(saw, [70083.0])
    where = f"/maschinen/{saw.hall.pk}/m/{saw.pk}/regeln/"
    answer = Client().post(where, {"do": "save", "signal": "Strom", **COUNT}, follow=True)
    shown = answer.content.decode()
    assert Rule.objects.count() == 1 and "Regel gespeichert" in shown
    assert "Der Wert liegt schon jetzt darüber: 70.083 A." in shown
    assert 'form="regelform" name="do" value="try"' in shown and 'id="regelform"' in shown
    tried = Client().post(where, {"do": "try", "id": Rule.objects.get().pk, "signal": "Strom", **COUNT})
    assert "hätte bisher " in tried.content.decode()


def test_a_rule_that_does_not_fire_is_saved_without_more_words(saw: Machine) -> None:
    put(saw, [5.0])
    where = f"/maschinen/{saw.hall.pk}/m/{saw.pk}/regeln/"
    shown = Client().post(where, {"do": "save", "signal": "Strom", **COUNT}, follow=True).content.decode()
    assert "Regel gespeichert" in shown and "schon jetzt" not in shown and "regelform" in shown
