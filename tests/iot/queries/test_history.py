"""Signals over any stretch of time: exact stretches or single values, bounds, words, marks behind them."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.values import EARLIEST, LATEST, Quality
from nordlotse.iot.models import Alarm, Hall, Machine
from nordlotse.iot.queries import history, live, standing
from tests.iot.written import Written

pytestmark = pytest.mark.django_db

SECOND, HOUR = 1_000_000, 3_600_000_000
BEGIN = 1_795_430_000 * SECOND


@pytest.fixture
def hall() -> Hall:
    return Hall.objects.create(name="Halle 2")


@pytest.fixture
def saw(hall: Hall) -> Machine:
    return Machine.objects.create(hall=hall, name="saege", title="Säge", signals={"Strom": {"unit": "A"}})


@pytest.fixture
def written(hall: Hall) -> Written:
    return Written(hall.store)


def chart(machine: Machine, signal: str, begin: int, end: int, count: int) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(history.chart(machine, signal, begin, end, count))
    return found


def test_many_values_come_as_stretches_with_their_exact_least_mean_and_most(saw: Machine, written: Written) -> None:
    values = np.random.default_rng(1).normal(10, 2, 3600)
    written.put("saege", "Strom", BEGIN + np.arange(3600) * SECOND, values)
    found = chart(saw, "Strom", BEGIN, BEGIN + HOUR, 60)
    whole = values.reshape(60, 60)
    assert found["kind"] == "stretches"
    assert found["count"] == 3600
    assert found["least"] == pytest.approx(whole.min(axis=1), rel=1e-6)
    assert found["most"] == pytest.approx(whole.max(axis=1), rel=1e-6)
    assert found["mean"] == pytest.approx(whole.mean(axis=1), rel=1e-6)
    assert found["mean_of_all"] == pytest.approx(values.mean())
    assert found["gaps"] == []


def test_few_values_come_one_by_one_with_what_is_known_of_them(saw: Machine, written: Written) -> None:
    written.put("saege", "Strom", [BEGIN + k * SECOND for k in range(5)], [1.0, 2, 3, 4, 5], quality=Quality.IMPORTED)
    found = chart(saw, "Strom", BEGIN, BEGIN + 10 * SECOND, 100)
    assert found["kind"] == "number"
    assert found["time"] == [0, 1000, 2000, 3000, 4000]
    assert found["value"] == [1, 2, 3, 4, 5]
    assert found["quality"] == [16] * 5


def test_switches_and_texts_are_told_apart(saw: Machine, written: Written) -> None:
    written.put("saege", "Tür", [BEGIN, BEGIN + SECOND], [True, False])
    written.put("saege", "Programm", [BEGIN, BEGIN + SECOND], ["A", "B"])
    assert chart(saw, "Tür", BEGIN, BEGIN + HOUR, 100)["kind"] == "boolean"
    assert chart(saw, "Programm", BEGIN, BEGIN + HOUR, 100)["value"] == ["A", "B"]


def test_a_signal_nobody_knows_is_empty(saw: Machine) -> None:
    assert chart(saw, "nichts", BEGIN, BEGIN + HOUR, 100)["count"] == 0


@pytest.mark.parametrize(
    ("begin", "end", "count"),
    [(BEGIN, BEGIN, 100), (BEGIN + 1, BEGIN, 100), (BEGIN, BEGIN + HOUR, 1), (BEGIN, BEGIN + HOUR, 4001), (EARLIEST - 1, BEGIN, 100), (BEGIN, LATEST + 1, 100)],
)  # fmt: skip
def test_stretches_that_no_chart_can_ask_for_are_refused(saw: Machine, begin: int, end: int, count: int) -> None:
    with pytest.raises(BadInput) as refused:
        history.chart(saw, "Strom", begin, end, count)
    assert refused.value.code == "iot_stretch"


def test_the_sentence_names_least_most_mean_and_number_and_the_notes_name_gap_and_marks(
    saw: Machine, written: Written
) -> None:
    first = BEGIN + np.arange(1200) * SECOND
    written.put(
        "saege", "Strom", [*first, *(first + 2400 * SECOND)], [*[2.0] * 1200, *[4.5] * 1200], quality=Quality.CLOCK
    )
    (one,) = history.shown(saw, ["Strom"], BEGIN, BEGIN + HOUR, "de")
    assert one.sentence == "Zwischen 2 und 4,5 A, im Mittel 3,25 A. 2.400 Werte."
    assert one.notes == ("Eine Lücke von etwa 20 min.", "Alle Werte: Uhr der Maschine geht falsch.")
    (english,) = history.shown(saw, ["Strom"], BEGIN, BEGIN + HOUR, "en")
    assert english.sentence == "Between 2 and 4.5 A, 3.25 A on average. 2,400 values."


def test_the_table_sums_up_to_the_sentence(saw: Machine, written: Written) -> None:
    written.put("saege", "Strom", BEGIN + np.arange(3600) * SECOND, np.arange(3600.0))
    (one,) = history.shown(saw, ["Strom"], BEGIN, BEGIN + HOUR, "de")
    assert [row.count for row in one.rows] == [300] * 12
    assert (one.rows[0].least, one.rows[0].most, one.rows[-1].most) == ("0", "299", "3.599")
    assert one.rows[0].end == one.rows[1].begin


def test_the_first_stretch_is_a_day_up_to_now_or_up_to_the_newest_value(saw: Machine, written: Written) -> None:
    now = live.now()
    assert history.start(saw, ["Strom"])[1] == pytest.approx(now, abs=60 * SECOND)
    written.put("saege", "Strom", [BEGIN - 30 * 24 * HOUR, BEGIN], [1.0, 2.0])
    begin, end = history.start(saw, ["Strom"])
    if now - BEGIN > 24 * HOUR or now < BEGIN:
        assert (begin, end) == (BEGIN + 1 - 24 * HOUR, BEGIN + 1)
    written.put("saege", "Strom", [now - SECOND], [3.0])
    assert history.start(saw, ["Strom"])[1] == pytest.approx(now, abs=60 * SECOND)


def test_texts_are_not_among_the_signals_shown_first(saw: Machine, written: Written) -> None:
    written.put("saege", "A-Programm", [BEGIN], ["x"])
    written.put("saege", "Strom", [BEGIN], [1.0])
    known = history.names(saw)
    assert [name for name, _ in known] == ["Strom", "A-Programm"]
    assert history.usual(saw, known) == ["Strom"]


def test_alarms_of_the_stretch_and_of_this_machine_alone_lie_behind_the_chart(saw: Machine) -> None:
    other = Machine.objects.create(hall=saw.hall, name="ofen")
    for machine, begin, end in ((saw, 0, 1), (saw, 2, None), (saw, 9, 10), (other, 2, 3)):
        Alarm.objects.create(
            machine=machine,
            kind="detector",
            begin=BEGIN + begin * HOUR,
            end=end and BEGIN + end * HOUR,
            reasons=[{"signal": "Vibration"}],
        )
    found = history.marks(saw, BEGIN + HOUR, BEGIN + 4 * HOUR, "de")
    assert [(mark.begin, mark.words) for mark in found] == [(BEGIN + 2 * HOUR, "Alarm: Vibration")]


@pytest.mark.parametrize(
    ("name", "signal", "said"),
    [
        ("Spindel zu heiß", "Temperatur", "Alarm: Spindel zu heiß (Temperatur)"),
        ("Temperatur über 60", "Temperatur", "Alarm: Temperatur über 60"),
        ("", "Temperatur", "Alarm: Temperatur"),
        ("  ", "Temperatur", "Alarm: Temperatur"),
    ],
)
def test_an_alarm_is_called_by_its_rules_name_where_it_has_one(saw: Machine, name: str, signal: str, said: str) -> None:
    rule = saw.rules.create(signal=signal, rule={"kind": "above", "name": name})
    alarm = Alarm.objects.create(machine=saw, rule=rule, kind="above", begin=BEGIN, reasons=[{"sensor": signal}])
    assert standing.called(alarm, "de") == said
    assert history.marks(saw, BEGIN, BEGIN + HOUR, "de")[0].words == said
    assert standing.alarms(saw, BEGIN + HOUR, "de")[0].words == said
