"""What an alarm of a limit tells: the value that raised it, the highest since, the limit; none contradicts another."""

from __future__ import annotations

import pytest

from nordlotse.iot.actions import rules
from nordlotse.iot.alarming import Lane
from nordlotse.iot.core.showing.words import moment
from nordlotse.iot.models import Alarm, Hall, Machine
from nordlotse.iot.queries import alarm_page, alarm_words
from tests.iot.written import Written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules_of_long_ago")]

SECOND = 1_000_000
SHAKES = {"name": "Zu rau", "kind": "above", "high": 4.0, "hysteresis": 1.0, "delay": 5.0}


@pytest.fixture
def mill() -> Machine:
    hall = Hall.objects.create(name="Halle 2")
    return Machine.objects.create(hall=hall, name="fraese", title="Fräse", signals={"Vibration": {"unit": "mm/s"}})


def raised(mill: Machine, now: int, values: list[float]) -> Alarm:
    """Return the alarm that values of the last seconds raise."""
    rules.put(mill, "Vibration", SHAKES)
    lane, written = Lane(), Written(mill.hall.store)
    written.put("fraese", "Vibration", [now - (len(values) - k) * SECOND for k in range(len(values))], values)
    assert lane.turn(now) == 1
    return Alarm.objects.select_related("machine__hall", "rule").get()


def test_an_alarm_keeps_the_value_that_broke_the_limit_and_not_one_within_the_hysteresis(
    mill: Machine, now: int
) -> None:
    alarm = raised(mill, now, [4.6, 5.2, 3.8, 3.8, 3.8, 3.8, 3.8])
    assert alarm.reasons[0]["seen"] == 4.6


def test_the_page_tells_what_raised_it_the_limit_and_the_highest_since(mill: Machine, now: int) -> None:
    said = alarm_page.shown(raised(mill, now, [4.6, 5.2, 3.8, 3.8, 3.8, 3.8, 3.8]), "de").sentence
    when = f"{moment(now - 6 * SECOND):%H:%M:%S}"
    assert (
        said
        == f"Vibration: Alarm bei 4,6 mm/s, erlaubt sind höchstens 4 mm/s. Höchster Wert seitdem: 5,2 mm/s um {when}."
    )


def test_an_old_alarm_whose_kept_value_lies_within_its_limit_does_not_tell_it_as_the_cause(
    mill: Machine, now: int
) -> None:
    reason = {"sensor": "Vibration", "share": 1.0, "seen": 3.8, "usual": 4.0}
    alarm = Alarm.objects.create(machine=mill, kind="above", begin=now - 60 * SECOND, end=now, reasons=[reason])
    assert alarm_words.sentence(alarm, "de") == "Vibration lag über 4 mm/s."
