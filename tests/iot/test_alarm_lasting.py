"""Since when an alarm is, whether it lasts, and what came beside it: nothing is told that nobody can know."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from nordlotse.iot.actions import rules
from nordlotse.iot.alarming import Lane
from nordlotse.iot.core.showing.words import moment
from nordlotse.iot.core.stores import micros
from nordlotse.iot.models import Alarm, Hall, Machine, Rule
from nordlotse.iot.queries import alarm_page, alarm_words, alarms, together
from tests.iot.written import Written

pytestmark = pytest.mark.django_db

SECOND, MINUTE, HOUR = 1_000_000, 60_000_000, 3_600_000_000
WARM = {"name": "Öl zu warm", "kind": "above", "high": 54.15}


@pytest.fixture
def press(hall: Hall) -> Machine:
    return Machine.objects.create(hall=hall, name="presse", title="Presse", signals={"Öl": {"unit": "°C"}})


@pytest.fixture
def written(hall: Hall) -> Written:
    return Written(hall.store)


def put(written: Written, end: int, values: list[Any], signal: str = "Öl") -> None:
    """Show a value each second, the last at `end`."""
    written.put("presse", signal, [end - (len(values) - 1 - k) * SECOND for k in range(len(values))], values)


def alarm(press: Machine, begin: int, end: int | None, rule: Rule | None = None, **more: Any) -> Alarm:
    reason = {"sensor": "Öl", "share": 1.0, "seen": 55.0, "usual": 54.15}
    return Alarm.objects.create(machine=press, rule=rule, kind="above", begin=begin, end=end, reasons=[reason], **more)


def page(press: Machine, path: str, lang: str = "") -> str:
    answer = Client().get(f"{lang}/maschinen/{press.hall_id}/{path}")
    assert answer.status_code == 200
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))).replace(" ,", ",")


# ---- since when ----


def test_an_alarm_begins_no_earlier_than_its_rule_and_says_that_it_was_so_before(
    press: Machine, written: Written
) -> None:
    put(written, micros(), [55.0] * 8)
    rule = rules.put(press, "Öl", WARM)
    assert Lane().turn(micros()) == 1
    made = Alarm.objects.select_related("machine__hall").get()
    assert made.begin == rules.began(rule)
    assert "Das war schon so, als die Regel begann." in alarm_words.sentence(made, "de")


def test_what_goes_beyond_the_limit_after_the_rule_was_put_begins_then_and_says_nothing_of_before(
    press: Machine, written: Written
) -> None:
    rules.put(press, "Öl", WARM)
    at = micros()
    put(written, at, [55.0])
    assert Lane().turn(at + SECOND) == 1
    made = Alarm.objects.get()
    assert made.begin == at and "schon so" not in alarm_words.sentence(made, "de")


def test_where_a_rule_stands_keeps_since_when_it_holds(press: Machine, written: Written) -> None:
    rule = rules.put(press, "Öl", WARM)
    put(written, micros(), [50.0])
    lane = Lane()
    lane.turn(micros())
    lane.keep()
    assert rules.began(Rule.objects.get()) == rules.began(rule) is not None
    rules.switch(press, rule.pk, True)
    assert (rules.began(Rule.objects.get()) or 0) > (rules.began(rule) or 0)


# ---- whether it lasts ----


def test_an_alarm_without_data_since_says_when_it_was_seen_last_and_not_that_it_lasts(
    press: Machine, written: Written, now: int
) -> None:
    rule = rules.put(press, "Öl", WARM)
    put(written, now - 10 * MINUTE, [55.0] * 60)
    made = alarm(press, now - 11 * MINUTE, None, rule)
    for path in (f"alarme/{made.pk}/", "alarme/", f"m/{press.pk}/regeln/"):
        text = page(press, path)
        assert "gesehen, seitdem keine Daten" in text and "dauert an" not in text
    if moment(now - 10 * MINUTE).date() == moment(micros()).date():
        assert f"zuletzt um {moment(now - 10 * MINUTE):%H:%M:%S} gesehen" in page(press, "alarme/")
    assert "no data since" in page(press, "alarme/", "/en")


def test_an_alarm_whose_values_come_lasts(press: Machine, written: Written, now: int) -> None:
    put(written, now, [55.0] * 60)
    alarm(press, now - MINUTE, None)
    assert "dauert an" in page(press, "alarme/") and "keine Daten" not in page(press, "alarme/")


def test_an_alarm_on_values_that_do_not_come_lasts_while_they_do_not(
    press: Machine, written: Written, now: int
) -> None:
    put(written, now - HOUR, [55.0] * 60)
    Alarm.objects.create(machine=press, kind="silent", begin=now - 50 * MINUTE, reasons=[{"sensor": "Öl"}])
    assert "dauert an" in page(press, "alarme/")


def test_a_state_lasts_while_anything_comes_from_its_machine(press: Machine, written: Written, now: int) -> None:
    put(written, now - HOUR, ["Störung"], "Zustand")
    put(written, now, [50.0] * 60)
    Alarm.objects.create(
        machine=press, kind="state", begin=now - HOUR, reasons=[{"sensor": "Zustand", "seen": "Störung"}]
    )
    assert "dauert an" in page(press, "alarme/")


@pytest.mark.parametrize(
    ("pause", "ends_where_seen_last"), [(20 * SECOND, False), (2 * MINUTE, True), (2 * HOUR, True)]
)
def test_what_comes_back_in_order_after_long_without_data_ended_where_it_was_seen_last(
    press: Machine, written: Written, now: int, pause: int, ends_where_seen_last: bool, rules_of_long_ago: None
) -> None:
    rules.put(press, "Öl", WARM)
    lane, last = Lane(), now - pause
    put(written, last, [55.0] * 5)
    assert lane.turn(last) == 1
    put(written, now, [50.0])
    lane.turn(now)
    assert Alarm.objects.get().end == (last if ends_where_seen_last else now)


# ---- what came beside it ----


def test_an_alarm_that_came_several_times_never_stands_beside_itself(press: Machine, now: int) -> None:
    rule, other = rules.put(press, "Öl", WARM), rules.put(press, "Öl", WARM | {"name": "Sinnlos", "high": 10.0})
    first = alarm(press, now - 30 * MINUTE, now - 20 * MINUTE, rule)
    middle, last = alarm(press, now - 12 * MINUTE, now - 9 * MINUTE, rule), alarm(press, now - 5 * MINUTE, None, rule)
    beside = alarm(press, now - 28 * MINUTE, None, other)
    for one in (first, middle, last):
        shown = alarm_page.shown(alarms.alarm(press.hall, one.pk), "de")
        assert [each.alarm.pk for each in shown.beside] == [beside.pk]
        assert {each.alarm.pk for each in shown.again} == {first.pk, middle.pk, last.pk} - {one.pk}
    (matter,) = alarms.matters(alarms.listed(press.hall, "de", waiting=True).rows)
    assert [one.alarm.pk for one in matter.beside] == [beside.pk] and matter.times == 3
    assert set(matter.numbers) == {one.pk for one in (first, middle, last, beside)}, "one tap still reaches all"
    assert "Kam 3-mal." in page(press, "alarme/")
    assert f"/alarme/{middle.pk}/" in Client().get(f"/maschinen/{press.hall_id}/alarme/{last.pk}/").content.decode()


def test_of_several_rules_each_says_whether_it_is_still_true(press: Machine, written: Written, now: int) -> None:
    put(written, now, [50.0] * 60)
    rule, other = rules.put(press, "Öl", WARM), rules.put(press, "Öl", WARM | {"name": "Sinnlos", "high": 10.0})
    over = alarm(press, now - 30 * MINUTE, now - 20 * MINUTE, rule)
    alarm(press, now - 29 * MINUTE, None, other)
    said = page(press, f"alarme/{over.pk}/")
    assert "dauerte 10 min" in said
    assert re.search(r"Sinnlos \(Öl über 54,15 °C\) Seit [^)]*, dauert an", said)
    assert re.search(r"Sinnlos \(Öl über 54,15 °C\)\s*, dauert an", page(press, "alarme/"))


def test_the_page_of_now_does_not_name_one_sensor_twice(press: Machine, now: int) -> None:
    from nordlotse.iot.queries import standing

    alarm(press, now - 2 * MINUTE, None), alarm(press, now - MINUTE, None)
    (one,) = standing.alarms(press, now, "de")
    assert one.others == ()


# ---- what was seen ----


def test_an_alarm_of_a_range_tells_both_limits(
    press: Machine, written: Written, now: int, rules_of_long_ago: None
) -> None:
    rules.put(press, "Öl", {"name": "Bereich", "kind": "outside", "low": 20.0, "high": 50.0})
    put(written, now, [55.0, 12.0, 56.0])
    assert Lane().turn(now) == 1
    shown = alarm_page.shown(Alarm.objects.select_related("machine__hall", "rule").get(), "de")
    assert shown.sentence.startswith("Öl: Alarm bei 55 °C, erlaubt sind 20 bis 50 °C. Seitdem zwischen 12 °C (um ")
    assert shown.reasons[0].usual == "20 bis 50 °C" and shown.listed.limit == "außerhalb 20 bis 50 °C"


@pytest.mark.parametrize("place", [0, 7, 31_000, 39_999])
def test_the_highest_value_is_found_with_its_moment_among_very_many(
    press: Machine, written: Written, now: int, place: int
) -> None:
    values = [55.0 + k % 3 / 10 for k in range(40_000)]
    values[place] = 60.5
    begin = now - 40_000 * SECOND
    written.put("presse", "Öl", [begin + k * SECOND for k in range(40_000)], values)
    written.flush()
    said = alarm_words.extreme(alarm(press, begin, now), "de")
    assert "60,5 °C" in said and f"{moment(begin + place * SECOND):%H:%M:%S}" in said


def test_alarms_of_one_rule_and_of_one_sensor_of_the_watch_are_of_one_source(press: Machine, now: int) -> None:
    rule = rules.put(press, "Öl", WARM)
    one, two = alarm(press, now - HOUR, now, rule), alarm(press, now, None, rule)
    assert together.source(one) == together.source(two) != together.source(alarm(press, now, None))
