"""Whether a machine stands in the pauses of its cycle: asked on the page of states, told on all pages whose figures hang on it, answered and changed."""

from __future__ import annotations

import csv
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from django.test import Client

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.actions import results, states
from nordlotse.iot.core.measures import BRIEF, CYCLE, NO_REASON, by_name, in_cycle
from nordlotse.iot.core.oee.values import Stop
from nordlotse.iot.core.states import ways
from nordlotse.iot.core.states.rules import Signal
from nordlotse.iot.core.states.values import SECOND
from nordlotse.iot.models import Machine
from nordlotse.iot.queries import live, oee, standing
from nordlotse.iot.queries import states as queries
from nordlotse.iot.queries.observing import Observer
from nordlotse.iot.queries.stops import asked_about
from nordlotse.office.models import LogEntry
from tests.iot.worked import HOUR, MONDAY, Filled
from tests.iot.written import Written

pytestmark = pytest.mark.django_db

NOW = MONDAY + 4 * 24 * HOUR
#: 320 of 480 minutes; ten minutes of standing lie in the break of half an hour, in which it is planned.
STANDING = 320 / 470
OPEN = "in jedem Takt Stillstand sind, ist noch offen: Laufzeit mit Pausen 100 %, ohne 67 %"


@pytest.fixture
def press() -> Filled:
    """A press that runs for 100 s and pauses for 50 s on Monday from 6 to 14."""
    made = Filled()
    time = np.arange(MONDAY, MONDAY + 8 * HOUR, 2 * SECOND)
    made.put("Strom", time.tolist(), current((time - MONDAY) / SECOND))
    states.find(made.machine, NOW)
    results.refresh(made.machine, NOW)
    return made


def current(seconds: Any) -> Any:
    rng = np.random.default_rng(1)
    return np.where(seconds % 150 < 100, 17.0, 2.0) * rng.normal(1, 0.03, len(seconds))


def page(machine: Machine, name: str, prefix: str = "") -> str:
    return plain(Client().get(f"{prefix}/maschinen/{machine.hall.pk}/{name}", {"bis": "2026-11-16"}).content.decode())


def plain(text: str) -> str:
    return text.replace("\xa0", " ").replace("\u202f", " ")


def own(machine: Machine, name: str) -> str:
    return f"m/{machine.pk}/{name}/"


def post(machine: Machine, **said: str) -> str:
    where = f"/maschinen/{machine.hall.pk}/m/{machine.pk}/zustaende/"
    return plain(Client().post(where, said, follow=True).content.decode())


def ran(machine: Machine) -> float:
    """The availability on Monday as the page on use tells it."""
    results.refresh(machine, NOW)
    found = oee.use(machine, oee.chosen(machine, "tag", None, NOW)).found
    assert found is not None
    return float(found.value("availability") or 0)


def marks(machine: Machine) -> list[str]:
    """By what way each stretch is worked out."""
    observer = Observer(machine, NOW)
    return [observer.seen(stretch)["limits"] for stretch in observer.stretches()]


def test_the_page_of_states_asks_with_both_answers(press: Filled) -> None:
    shown = page(press.machine, own(press.machine, "zustaende"))
    assert "Diese Maschine schaltet etwa alle 150 s um: 100 s läuft sie, 50 s nicht." in shown
    assert "mit Pausen 100 %, ohne 67 %" in shown
    assert 'name="pauses" value="work"' in shown and 'name="pauses" value="stop"' in shown
    assert "nur einen Zustand" not in shown and "„Steht bereit“ war bisher nicht" not in shown
    assert "it runs for 100 s" in page(press.machine, own(press.machine, "zustaende"), "/en")


@pytest.mark.parametrize("name", ["auslastung", "stopps"])
def test_until_it_is_answered_the_pages_of_the_machine_say_so(press: Filled, name: str) -> None:
    where = own(press.machine, name)
    assert OPEN in page(press.machine, where) and "zustaende/#pausen" in page(press.machine, where)
    post(press.machine, do="answer", pauses="work")
    assert OPEN not in page(press.machine, where)


@pytest.mark.parametrize("name", ["auslastung/", "bericht/"])
def test_until_it_is_answered_the_pages_of_the_hall_say_so_by_name(press: Filled, name: str) -> None:
    assert f"Säge: Ob die Pausen von etwa 50 s {OPEN}" in page(press.machine, name)
    post(press.machine, do="answer", pauses="stop")
    assert OPEN not in page(press.machine, name)


@pytest.mark.parametrize("name", ["auslastung", "stopps"])
def test_until_it_is_answered_that_is_the_first_thing_the_pages_of_the_machine_tell(press: Filled, name: str) -> None:
    shown = page(press.machine, own(press.machine, name))
    assert shown.count(OPEN) == 1 and shown.index("<h1") < shown.index(OPEN) < shown.index('class="kern-body lead"')


@pytest.mark.parametrize(("name", "first"), [("auslastung/", 'class="kern-body lead"'), ("bericht/", "answer__text")])
def test_until_it_is_answered_that_is_the_first_thing_the_pages_of_the_hall_tell(
    press: Filled, name: str, first: str
) -> None:
    shown = page(press.machine, name)
    assert shown.count(OPEN) == 1 and shown.index("<h1") < shown.index(OPEN) < shown.index(first)


@pytest.mark.parametrize("hall", [True, False])
def test_until_it_is_answered_the_page_now_says_in_a_phrase_that_the_pauses_are_open(press: Filled, hall: bool) -> None:
    if hall:
        Machine.objects.create(hall=press.hall, name="fraese")
    where = "" if hall else f"m/{press.machine.pk}/"
    shown = page(press.machine, where)
    assert shown.count("Offen: Sind die Pausen Stillstand?") == 1 and "zustaende/#pausen" in shown
    assert "Open: are the pauses standstill?" in page(press.machine, where, "/en")
    post(press.machine, do="answer", pauses="work")
    assert "Offen: Sind die Pausen" not in page(press.machine, where)


def test_the_answer_that_it_stands_changes_the_past_and_can_be_changed_again(press: Filled) -> None:
    assert ran(press.machine) > 0.99
    assert "In den Pausen von etwa 50 s steht sie" in post(press.machine, do="answer", pauses="stop")
    press.machine.refresh_from_db()
    assert ran(press.machine) == pytest.approx(STANDING, abs=0.01)
    row = press.machine.results.exclude(shift__name="").order_by("begin").first()
    assert row is not None and (row.revision, row.why) == (1, ["limits"])
    assert "gehören zum Takt (Laufzeit" in post(press.machine, do="answer", pauses="work")
    press.machine.refresh_from_db()
    assert ran(press.machine) > 0.99


def test_the_answer_is_written_to_the_log(press: Filled) -> None:
    post(press.machine, do="answer", pauses="stop")
    assert LogEntry.objects.filter(verb="states_pauses_said", object_id=str(press.machine.pk)).count() == 1


def irregular(press: Filled, begin: int) -> int:
    """Three days and more without an even rhythm; return when they end."""
    rng = np.random.default_rng(2)
    time = np.arange(begin, begin + 74 * HOUR, 10 * SECOND)
    runs = np.repeat(rng.random(len(time) // 30 + 1) < 0.6, 30)[: len(time)]
    press.put("Strom", time.tolist(), (np.where(runs, 17.0, 2.0) * rng.normal(1, 0.03, len(time))).tolist())
    return int(time[-1]) + SECOND


def test_an_answer_is_read_where_the_rhythm_was_found_if_the_last_days_do_not_show_it(press: Filled) -> None:
    later = irregular(press, MONDAY + 24 * HOUR)
    states.answer(press.machine, "stop", later, None)
    way = ways.read(press.machine.states)
    assert way is not None and way.rhythm is not None and way.pauses == "stop"
    assert way.seen[1] < MONDAY + 8 * HOUR and way.levels is not None and way.levels.idle_level is not None


def test_an_answer_that_cannot_be_read_any_more_is_refused_in_words_and_changes_nothing(press: Filled) -> None:
    later = irregular(press, MONDAY + 24 * HOUR)
    press.machine.states = {**press.machine.states, "seen": [MONDAY - 48 * HOUR, MONDAY - 40 * HOUR]}
    press.machine.save()
    before = dict(press.machine.states)
    with pytest.raises(BadInput) as told:
        states.answer(press.machine, "stop", later, None)
    assert told.value.code == "iot_pauses_unseen"
    press.machine.refresh_from_db()
    assert press.machine.states == before


def limits_of_others(press: Filled) -> dict[str, Any]:
    """Keep limits for the machine as another request would, which this one does not know of."""
    other = Machine.objects.get(pk=press.machine.pk)
    way = ways.read(other.states)
    assert way is not None
    states.keep(other, ways.corrected(way, 8.0, 0.5), None)
    return dict(other.states)


def test_limits_that_somebody_sets_while_an_answer_is_worked_out_stay(
    press: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []
    read = queries.with_pauses

    def slow(*given: Any) -> ways.Way:
        found = read(*given)
        if not reads:
            limits_of_others(press)
        reads.append(1)
        return found

    monkeypatch.setattr(queries, "with_pauses", slow)
    states.answer(press.machine, "stop", NOW, None)
    press.machine.refresh_from_db()
    way = ways.read(press.machine.states)
    assert way is not None and way.pauses == "stop" and len(reads) == 2
    assert way.corrected and way.limits[0] is not None and way.limits[0].enter == 8.0


def test_what_somebody_set_since_a_change_was_worked_out_is_not_overwritten(press: Filled) -> None:
    mine = ways.read(press.machine.states)
    theirs = limits_of_others(press)
    assert mine is not None
    with pytest.raises(BadInput) as told:
        states.keep(press.machine, ways.corrected(mine, 5.0, None), None)
    assert told.value.code == "iot_states_changed"
    press.machine.refresh_from_db()
    assert press.machine.states == theirs


def test_a_page_shown_before_the_answer_does_not_take_it_back(press: Filled) -> None:
    post(press.machine, do="answer", pauses="stop")
    post(press.machine, do="keep", signal="Strom", pauses="", run="", off="", on_change="on")
    post(press.machine, do="keep", signal="Strom", run="", off="", on_change="on")
    press.machine.refresh_from_db()
    way = ways.read(press.machine.states)
    assert way is not None and way.pauses == "stop" and way.on_change


def test_what_is_answered_can_be_changed_in_the_form_and_not_left_open_again(press: Filled) -> None:
    assert "noch offen, zählen als Lauf" in page(press.machine, own(press.machine, "zustaende"))
    post(press.machine, do="answer", pauses="stop")
    assert "noch offen, zählen als Lauf" not in page(press.machine, own(press.machine, "zustaende"))


def test_an_answer_to_no_question_is_refused_in_words(press: Filled) -> None:
    assert "gibt es diese Frage nicht mehr" in post(press.machine, do="answer", pauses="perhaps")
    press.machine.refresh_from_db()
    way = ways.read(press.machine.states)
    assert way is not None and way.asks


def test_the_preview_honours_what_is_chosen_of_the_pauses(press: Filled) -> None:
    # only the answer differs from what counts now: the limits stay empty as they were found
    shown = post(press.machine, do="look", signal="Strom", pauses="stop", run="", off="")
    assert "mit der Änderung" in shown and 'name="pauses" value="stop"' in shown
    assert "5,3 Stunden" in shown or "5,4 Stunden" in shown
    press.machine.refresh_from_db()
    assert ran(press.machine) > 0.99
    post(press.machine, do="keep", signal="Strom", pauses="stop", run="", off="")
    press.machine.refresh_from_db()
    assert ran(press.machine) == pytest.approx(STANDING, abs=0.01)


def test_the_answer_stays_when_the_limits_are_looked_for_again(press: Filled) -> None:
    post(press.machine, do="answer", pauses="stop")
    press.machine.refresh_from_db()
    time = np.arange(MONDAY + 8 * HOUR, MONDAY + 14 * HOUR, 2 * SECOND)
    press.put("Strom", time.tolist(), current((time - MONDAY) / SECOND))
    before = ways.read(press.machine.states)
    states.find(press.machine, NOW)
    after = ways.read(press.machine.states)
    assert before is not None and after is not None and after.seen[1] > before.seen[1]
    assert after.pauses == "stop" and after.levels is not None and after.levels.idle_level is not None


def test_a_machine_kept_before_there_was_the_question_is_asked_about_and_nothing_is_worked_out_anew(
    press: Filled,
) -> None:
    kept = {name: value for name, value in press.machine.states.items() if name not in ("rhythm", "pauses", "heard")}
    press.machine.states = kept
    press.machine.save()
    before = marks(press.machine)
    states.find(press.machine, NOW)
    way = ways.read(press.machine.states)
    assert way is not None and way.asks and marks(press.machine) == before
    assert results.refresh(press.machine, NOW) == 0
    assert not press.machine.results.filter(revision__gt=0).exists()


# what to do about pauses that are standstill


@pytest.mark.parametrize("name", ["m/{}/auslastung/", "bericht/"])
def test_pauses_that_are_standstill_are_named_in_the_advice_and_no_fault_is_looked_for(
    press: Filled, name: str
) -> None:
    made = np.arange(MONDAY, MONDAY + 8 * HOUR, 150 * SECOND)
    press.put("Teile", made.tolist(), np.arange(len(made)).tolist())
    press.machine.cycle, press.machine.euros_per_hour = 95, 60
    press.machine.save()
    post(press.machine, do="answer", pauses="stop")
    press.machine.refresh_from_db()
    results.refresh(press.machine, NOW)
    shown = page(press.machine, name.format(press.machine.pk))
    assert "Pausen in gleichmäßigem Takt" in shown
    assert "sind keine Störungen, sondern etwa Einlegen, Entnehmen oder Warten" in shown
    assert "eigener Vorschlag, ohne Quelle" in shown
    assert "an der es klemmt" not in shown and "Am längsten:" not in shown
    assert "pauses in an even cycle" in page(press.machine, name.format(press.machine.pk), "/en")


def test_other_short_stops_of_such_a_machine_stay_short_stops(press: Filled) -> None:
    states.answer(press.machine, "stop", NOW, None)
    way, idle = ways.read(press.machine.states), "steht bereit"
    assert way is not None
    stops = [
        Stop(Fraction(seconds), reason)
        for seconds, reason in ((50, idle), (44, idle), (62, idle), (20, idle), (50, "jam"), (70, idle))
    ]
    assert [one.reason for one in by_name(in_cycle(stops, way))] == [CYCLE, CYCLE, CYCLE, BRIEF, "jam", NO_REASON]
    assert [asked_about(int(one.seconds), way) for one in stops] == [False, False, False, False, False, True]
    assert asked_about(62, replace(way, pauses="work")) and asked_about(62, None)
    for other in (None, replace(way, pauses="work"), replace(way, pauses=""), replace(way, rhythm=None)):
        assert in_cycle(stops, other) == tuple(stops)


def test_all_stretches_of_a_day_can_be_taken_away_beside_the_longest_that_are_shown(press: Filled) -> None:
    post(press.machine, do="answer", pauses="stop")
    where = f"/maschinen/{press.hall.pk}/{own(press.machine, 'zustaende')}"
    shown = plain(Client().get(where, {"tag": "2026-11-16"}).content.decode())
    answer = Client().get(f"{where}tag.csv", {"tag": "2026-11-16"})
    assert f'href="{where}tag.csv?tag=2026-11-16"' in shown
    assert 'filename="saege.zustaende-2026-11-16.csv"' in answer["Content-Disposition"]
    rows = list(csv.reader(answer.content.decode("utf-8-sig").splitlines(), delimiter=";"))[1:]
    assert f"Gezeigt sind die 40 längsten von {len(rows)} Abschnitten." in shown
    assert 380 < len(rows) < 390
    # without a gap, from midnight to midnight
    assert [row[0] for row in rows[1:]] == [row[2] for row in rows[:-1]]
    assert rows[0][0] == "16.11.2026 00:00:00" and rows[-1][2] == "17.11.2026 00:00:00"
    assert sum(float(row[6].replace(",", ".")) for row in rows) == 86_400
    ran = [float(row[6].replace(",", ".")) for row in rows if row[4] == "läuft"]
    assert sum(ran) == pytest.approx(8 * 3600 * 2 / 3, rel=0.01)


# in the first hour


def living(minutes: int, silent: int = 0, level: Any = current) -> tuple[Machine, Written, int]:
    """A machine that began to send so many minutes ago, with so many minutes of silence in the middle of them."""
    made = Filled()
    now, half = live.now(), minutes * 30
    seconds = np.arange(minutes * 60)
    heard = seconds[(seconds < half) | (seconds >= half + silent * 60)]
    writer = Written(made.hall.store)
    writer.put("saege", "Strom", now - (minutes * 60 - heard) * SECOND, level(heard).tolist())
    return made.machine, writer, now


def flat(seconds: Any) -> Any:
    return 6.4 + np.random.default_rng(1).normal(0, 0.02, len(seconds))


def test_a_state_once_told_does_not_vanish_in_the_first_hour() -> None:
    machine, writer, now = living(8)
    states.find(machine, now)
    first = standing.now(machine, now, "de")
    assert first is not None and first.kind in ("running", "idle")
    for minute in range(9, 66):
        seconds = np.arange(minute * 60 - 60, minute * 60)
        at = now + (minute - 8) * 60 * SECOND
        writer.put("saege", "Strom", at - (minute * 60 - seconds) * SECOND, current(seconds).tolist())
        states.find(machine, at)
        told = standing.now(machine, at, "de")
        assert told is not None and told.kind in ("running", "idle"), (minute, told)


def test_a_way_that_tells_states_is_not_given_up_for_one_that_cannot() -> None:
    machine, _, now = living(40, level=flat)
    before = ways.found_in("Strom", Signal(np.arange(600) * SECOND, current(np.arange(600))))
    assert not before.undecided
    machine.states = {**before.as_dict(), "seen": [now - 40 * 60 * SECOND, now - 30 * 60 * SECOND]}
    machine.save()
    found = states.find(machine, now)
    assert found is not None and not found.undecided and found.levels == before.levels


def test_minutes_of_silence_are_no_minutes_of_values() -> None:
    machine, _, now = living(30, silent=8, level=flat)
    states.find(machine, now)
    told = standing.now(machine, now, "de")
    assert told is not None and told.since_said in ("erst 21 von 60 Minuten", "erst 22 von 60 Minuten")
    assert "Bisher: 22 Minuten" in page(machine, own(machine, "zustaende"))


def test_when_there_is_enough_nobody_is_told_to_wait_for_as_much() -> None:
    machine, writer, now = living(50, level=flat)
    states.find(machine, now)
    more = now + 11 * 60 * SECOND
    writer.put("saege", "Strom", np.arange(now, more, SECOND), flat(np.arange(660)).tolist())
    told = standing.now(machine, more, "de")
    assert told is not None and told.since_said == "sie werden gerade gesucht"
