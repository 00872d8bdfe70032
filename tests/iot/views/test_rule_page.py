"""A rule tried on the past: told in lengths people use, and where it swings with what would steady it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from nordlotse.iot.core.alarms import rehearsal
from nordlotse.iot.core.stores import micros
from nordlotse.iot.models import Hall, Machine
from nordlotse.iot.queries import rules
from tests.iot.written import Written

pytestmark = pytest.mark.django_db

SECOND, MINUTE, DAY = 1_000_000, 60_000_000, 86_400_000_000
OVER = {"kind": "above", "high": "54,15", "silence": "300", "delay": "0", "signal": "Öl"}


@pytest.fixture
def press(hall: Hall) -> Machine:
    return Machine.objects.create(hall=hall, name="presse", title="Presse", signals={"Öl": {"unit": "°C"}})


def swinging(press: Machine, end: int, step: int = SECOND, count: int = 57 * 60 + 1) -> None:
    """Show values that swing by a little about 54.15, and now and then fall clearly below it."""
    values = [(54.3 if k % 12 < 6 else 54.0) if k % 600 < 480 else 52.0 for k in range(count)]
    Written(press.hall.store).put("presse", "Öl", [end - (count - 1 - k) * step for k in range(count)], values)


def tried(press: Machine, lang: str = "", **more: str) -> str:
    answer = Client().post(f"{lang}/maschinen/{press.hall_id}/m/{press.pk}/regeln/", OVER | {"do": "try"} | more)
    assert answer.status_code == 200
    return answer.content.decode()


def plain(page: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def test_a_trial_is_told_in_minutes_not_in_parts_of_a_day(press: Machine) -> None:
    swinging(press, micros())
    assert re.search(r"„Öl über 54,15 °C“ hätte in den letzten 57 Minuten 2\d\d Alarme gegeben\.", plain(tried(press)))
    said = plain(tried(press, "/en", high="54.15"))
    assert re.search(r"“Öl above 54.15 °C” would have raised 2\d\d alarms in the last 57 minutes\.", said)


def test_one_alarm_is_one(press: Machine) -> None:
    end = micros()
    Written(press.hall.store).put("presse", "Öl", [end - 3 * DAY, end - DAY, end - MINUTE], [50.0, 55.0, 50.0])
    assert "in den letzten 3 Tagen 1 Alarm gegeben." in plain(tried(press))


def test_values_that_ended_long_ago_are_not_called_the_last_ones(press: Machine) -> None:
    swinging(press, micros() - 5 * DAY)
    assert re.search(
        r"hätte in den 57 Minuten bis \d\d\.\d\d\.\d{4}, \d\d:\d\d 2\d\d Alarme gegeben", plain(tried(press))
    )


def test_where_a_value_swings_a_hysteresis_is_proposed_and_does_what_was_said(press: Machine) -> None:
    swinging(press, micros())
    page = tried(press)
    assert "Der Wert pendelt um die Grenze." in plain(page)
    told = re.search(r"es wären (\d+ Alarme?) statt (2\d\d)\.", plain(page))
    typed = re.search(r'name="steady" value="([^"]+)"', page)
    assert told is not None and typed is not None
    after = tried(press, do="steady", steady=typed[1])
    assert f"in den letzten 57 Minuten {told[1]} gegeben." in plain(after)
    assert f'name="hysteresis" value="{typed[1]}"' in after


def test_a_rule_that_seldom_alarms_is_proposed_nothing(press: Machine) -> None:
    swinging(press, micros())
    assert "Der Wert pendelt" not in plain(tried(press, high="60"))


def test_where_a_value_crosses_its_limit_all_the_time_only_the_newest_values_are_tried_and_that_is_told(
    press: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    swinging(press, micros())
    assert "Geprüft sind nur" not in plain(tried(press))
    monkeypatch.setattr(rehearsal, "MOST_TURNS", 40)
    said = plain(tried(press))
    assert re.search(
        r"hätte in den letzten [45] Minuten 20 Alarme gegeben\. Geprüft sind nur die neuesten 2\d\d Werte", said
    )
    assert re.search(r"Only the newest 2\d\d values were checked", plain(tried(press, "/en", high="54.15")))


def test_of_a_signal_with_very_many_values_only_the_newest_hours_are_read_and_that_is_told(
    press: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    swinging(press, micros(), 20 * SECOND)  # 19 hours, 180 values each
    assert len(rules.past(press, "Öl")) == 57 * 60 + 1
    monkeypatch.setattr(rules, "MOST_VALUES", 1_000)
    assert 890 <= len(rules.past(press, "Öl")) <= 1_000
    assert re.search(
        r"in den letzten 5 Stunden \d\d Alarme gegeben\. Geprüft sind nur die neuesten 900 Werte", plain(tried(press))
    )
