"""The worker's lane of alarms: rules and watches meet values as they come; a restart loses nothing and tells nothing twice."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.core import mail as box
from django.utils import timezone

from nordlotse.foundation import outgoing
from nordlotse.foundation.outgoing import Reply
from nordlotse.foundation.problem import NotAllowed, NotAvailable, NotFound, TooMany
from nordlotse.iot import alarming, alarming_rules, alarming_watch
from nordlotse.iot.actions import alarms as alarm_actions
from nordlotse.iot.actions import delivering, halls, receivers, rules, telling, watching
from nordlotse.iot.alarming import Lane
from nordlotse.iot.core.simulator import Fault, Simulation
from nordlotse.iot.core.simulator import Machine as Kind
from nordlotse.iot.models import Alarm, Delivery, Hall, Machine, Outbox, Rule, Score, Watch
from nordlotse.iot.queries import watching as watch_queries
from nordlotse.office import mail
from nordlotse.office.models import OutgoingMail
from tests.iot.written import Written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules_of_long_ago")]

SECOND, DAY = 1_000_000, 86_400_000_000
HOT = {"name": "Zu heiß", "kind": "above", "high": 80.0, "hysteresis": 2.0, "delay": 5.0}


@pytest.fixture
def oven(hall: Hall) -> Machine:
    return Machine.objects.create(hall=hall, name="ofen", title="Ofen", signals={"Temperatur": {"unit": "°C"}})


@pytest.fixture
def written(hall: Hall) -> Written:
    return Written(hall.store)


def put(written: Written, at: int, values: Sequence[Any], signal: str = "Temperatur", step: int = SECOND) -> None:
    """Show values that end just before `at`."""
    written.put("ofen", signal, [at - step * (len(values) - k) for k in range(len(values))], values)


def our(hall: Hall, *addresses: dict[str, Any]) -> Hall:
    """Make a hall a company's, with confirmed addresses."""
    hall.company, hall.expires_at = "c1", None
    hall.mail = [{"id": f"a{k}", "confirmed": "x", "after": 0, "hours": False} | one for k, one in enumerate(addresses)]
    hall.save()
    return hall


# ---- rules ----


def test_a_value_over_the_limit_for_long_enough_raises_one_alarm_and_ends_it(
    oven: Machine, written: Written, now: int
) -> None:
    rules.put(oven, "Temperatur", HOT)
    lane = Lane()
    put(written, now, [90.0] * 3)
    assert lane.turn(now) == 0
    put(written, now + 5 * SECOND, [90.0] * 5)
    assert lane.turn(now + 5 * SECOND) == 1
    put(written, now + 9 * SECOND, [90.0] * 4)
    assert lane.turn(now + 9 * SECOND) == 0
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.begin, alarm.end) == ("above", now - 3 * SECOND, None)
    assert alarm.reasons[0] == {"sensor": "Temperatur", "share": 1.0, "seen": 90.0, "usual": 80.0}
    put(written, now + 12 * SECOND, [20.0] * 3)
    lane.turn(now + 12 * SECOND)
    assert Alarm.objects.get().end is not None


def test_a_restart_in_every_second_raises_the_same_alarm_once(oven: Machine, written: Written, now: int) -> None:
    rules.put(oven, "Temperatur", HOT)
    raised = 0
    for second in range(30):
        put(written, now + second * SECOND, [90.0 if 5 <= second < 20 else 20.0])
        raised += Lane().turn(now + second * SECOND)  # a lane that knows nothing of the one before
    assert raised == Alarm.objects.count() == 1
    assert Alarm.objects.get().end is not None


def test_what_came_while_nobody_watched_is_made_up_for(oven: Machine, written: Written, now: int) -> None:
    rules.put(oven, "Temperatur", HOT)
    lane = Lane()
    put(written, now, [20.0] * 3)
    lane.turn(now)
    lane.keep()
    put(written, now + 60 * SECOND, [*[90.0] * 20, *[20.0] * 40])
    assert Lane().turn(now + 3600 * SECOND) == 1
    alarm = Alarm.objects.get()
    assert alarm.end is not None
    assert alarm.end - alarm.begin <= 21 * SECOND


def test_late_values_neither_raise_nor_clear(oven: Machine, written: Written, now: int) -> None:
    rules.put(oven, "Temperatur", HOT)
    lane = Lane()
    put(written, now, [20.0] * 3)
    lane.turn(now)
    put(written, now - 3600 * SECOND, [500.0] * 60)  # an hour late
    lane.turn(now + SECOND)
    assert not Alarm.objects.exists()


def test_a_stray_value_from_the_future_does_not_end_the_watching(oven: Machine, written: Written, now: int) -> None:
    rules.put(oven, "Temperatur", HOT)
    lane = Lane()
    written.put("ofen", "Temperatur", [now + 3650 * DAY], [20.0])
    put(written, now, [90.0] * 3)
    lane.turn(now)
    put(written, now + 6 * SECOND, [90.0] * 6)
    assert lane.turn(now + 6 * SECOND) == 1


def test_silence_is_told_even_of_a_machine_whose_clock_is_wrong(oven: Machine, written: Written, now: int) -> None:
    rules.put(oven, "Temperatur", {"name": "Still", "kind": "silent", "silence": 30.0})
    lane = Lane()
    put(written, now, [20.0] * 3)
    lane.turn(now)
    assert lane.turn(now + 20 * SECOND) == 0
    assert lane.turn(now + 40 * SECOND) == 1
    put(written, now + 41 * SECOND, [20.0])
    lane.turn(now + 41 * SECOND)
    assert Alarm.objects.get().end is not None


def test_a_changed_rule_begins_anew_and_ends_its_alarm(oven: Machine, written: Written, now: int) -> None:
    kept = rules.put(oven, "Temperatur", HOT | {"delay": 0.0})
    lane = Lane()
    put(written, now, [90.0])
    assert lane.turn(now) == 1
    rules.put(oven, "Temperatur", HOT | {"high": 100.0, "delay": 0.0}, kept.pk)
    assert Alarm.objects.get().end is not None
    put(written, now + 3 * SECOND, [90.0] * 3)
    assert lane.turn(now + 3 * SECOND) == 0


def test_one_broken_machine_holds_up_no_other(oven: Machine, written: Written, now: int) -> None:
    broken = rules.put(oven, "Temperatur", HOT)
    Rule.objects.filter(pk=broken.pk).update(rule={"kind": "nonsense"})
    rules.put(oven, "Temperatur", HOT | {"delay": 0.0})
    put(written, now, [90.0])
    assert Lane().turn(now) == 1


def test_a_sandbox_that_is_over_is_not_watched(oven: Machine, written: Written, now: int) -> None:
    rules.put(oven, "Temperatur", HOT | {"delay": 0.0})
    Hall.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    put(written, now, [90.0])
    assert Lane().turn(now) == 0


def test_fifty_machines_with_rules_cost_little(hall: Hall, written: Written, now: int) -> None:
    for number in range(50):
        machine = Machine.objects.create(hall=hall, name=f"m{number}")
        rules.put(machine, "Temperatur", HOT)
        written.put(f"m{number}", "Temperatur", [now - SECOND], [20.0])
    lane = Lane()
    lane.turn(now)
    for number in range(50):
        written.put(f"m{number}", "Temperatur", [now], [20.0])
    begun = time.perf_counter()
    lane.turn(now + SECOND)
    assert time.perf_counter() - begun < 0.5


# ---- the watch ----


def simulated(hall: Hall, written: Written, begin: int, end: int, step: int, faults: Sequence[Fault] = ()) -> Machine:
    """Show what a simulated milling machine sent."""
    machine, _ = Machine.objects.get_or_create(
        hall=hall, name="cnc", defaults={"signals": {"Strom": {"unit": "A", "role": "current"}}}
    )
    source = Simulation(Kind.CNC, 1, faults, company=hall.store, machine="cnc", around=True)
    for block in source.at(begin, end, step):
        values = block.value.tolist()
        written.put("cnc", block.series.signal, block.time, [bool(v) for v in values] if block.kind == 1 else values)
    return machine


def _awake() -> int:
    """Return a moment in the past from which the machine works for a while."""
    now = time.time_ns() // 1_000_000_000 * SECOND
    return Simulation(Kind.CNC, 1, around=True).awake(now - DAY)


@pytest.fixture
def watched(hall: Hall, written: Written, monkeypatch: pytest.MonkeyPatch) -> tuple[Machine, int]:
    """A milling machine whose watch has learnt from four days, and the moment it stands at."""
    now = _awake()
    machine = simulated(hall, written, now - 4 * DAY, now, 10 * SECOND)
    monkeypatch.setattr(watching, "micros", lambda: now)
    watching.ask(machine, now - 4 * DAY, now)
    assert watching.learn_asked() == 1
    return machine, now


def test_a_fault_raises_one_alarm_with_its_reasons_through_restarts(
    watched: tuple[Machine, int], hall: Hall, written: Written
) -> None:
    machine, now = watched
    fault = Fault("bearing", now + 120 * SECOND)
    simulated(hall, written, now, now + 400 * SECOND, SECOND, (fault,))
    # the lane sees the values second by second, and a new process every half minute
    lane = Lane()
    for second in range(1, 400, 3):
        at = now + second * SECOND
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(alarming_watch, "AHEAD", 0)
            lane = Lane() if second % 30 == 1 else lane
            lane.turn(at)
    alarm = Alarm.objects.get(kind="unusual")
    assert alarm.reasons[0]["sensor"] == "Vibration"
    assert 0 < (alarm.begin - fault.begin) / SECOND < 120
    assert alarm.end is None
    assert alarm.score is not None
    assert alarm.score > 1
    lane.keep()
    assert Score.objects.filter(machine=machine).exists()


def test_what_was_learnt_is_told_in_plain_values(watched: tuple[Machine, int]) -> None:
    machine, _ = watched
    watch = Watch.objects.get(machine=machine)
    learned = watch_queries.learnt(watch)
    assert learned is not None
    assert "Vibration" in learned.model.sensors
    assert "Teile" not in learned.model.sensors
    assert learned.at_work is not None
    assert learned.at_work.signal == "Strom"
    assert (watch.ask, watch.problem, watch.progress) == ({}, {}, 1.0)


def test_a_false_alarm_moves_the_limit_up_and_a_real_one_keeps_it(watched: tuple[Machine, int], now: int) -> None:
    machine, _ = watched
    reason = {"sensor": "Vibration", "share": 1.0, "seen": 2.0, "usual": 1.0}
    alarm = Alarm.objects.create(machine=machine, kind="unusual", begin=now, score=1.4, reasons=[reason])
    moved = alarm_actions.judge(alarm, "false", "war das Reinigen")
    assert moved is not None
    assert (moved.before, round(moved.after, 3)) == (1.0, 1.4)
    moved = alarm_actions.judge(alarm, "planned")
    assert moved is not None
    assert moved.after == 1.0
    assert Alarm.objects.get().acknowledged_at is not None


def test_too_little_to_learn_from_is_told_and_changes_nothing(oven: Machine, written: Written, now: int) -> None:
    put(written, now, np.random.default_rng(1).normal(20, 1, 300).tolist())
    watching.ask(oven, now - 700 * SECOND, now)
    watching.learn_asked()
    watch = Watch.objects.get()
    assert watch.learned_at is None
    assert watch.problem["code"] == "anomaly_too_few_rows"


# ---- telling ----


def _raise(machine: Machine, now: int, **more: Any) -> Alarm:
    reason = {"sensor": "Temperatur", "share": 1.0, "seen": 90.0, "usual": 80.0}
    return Alarm.objects.create(**{"machine": machine, "kind": "above", "begin": now, "reasons": [reason]} | more)


def test_an_alarm_goes_once_to_a_confirmed_address(hall: Hall, oven: Machine, written: Written, now: int) -> None:
    our(hall, {"mail": "halle@betrieb.example"}, {"mail": "neu@betrieb.example", "confirmed": ""})
    rules.put(oven, "Temperatur", HOT | {"delay": 0.0})
    put(written, now, [90.0])
    for second in range(5):
        Lane().turn(now + second * 2 * SECOND)
    sent = OutgoingMail.objects.get()
    assert sent.to == "halle@betrieb.example"
    assert "Zu heiß" in sent.subject
    assert "90 °C" in sent.text
    assert f"/maschinen/{hall.pk}/alarme/{Alarm.objects.get().pk}/" in sent.text
    assert sent.kind == receivers.KIND  # it can be ended


def test_a_trial_hall_tells_nobody(hall: Hall, oven: Machine, now: int) -> None:
    with pytest.raises(NotAllowed, match="iot_sandbox"):
        receivers.add_address(hall, "jemand@anderswo.example", lang="de")
    hall.mail = [{"id": "a", "mail": "x@y.example", "confirmed": "x", "after": 0, "hours": False}]
    hall.save()
    _raise(oven, now)
    assert telling.note_due(telling.fresh(), now / 1e6) == 0


def test_nobody_gets_alarms_before_the_link_in_their_mail_was_used(hall: Hall, oven: Machine, now: int) -> None:
    our(hall)
    receivers.add_address(hall, "Meister@Betrieb.example", after=300, lang="en")
    asked = OutgoingMail.objects.get()
    assert asked.to == "meister@betrieb.example"
    _raise(oven, now)
    assert telling.note_due(telling.fresh(), now / 1e6 + 4000) == 0
    token = asked.text.split("/maschinen/adresse/")[1].split("/")[0]
    assert receivers.asked(token)[1] == "meister@betrieb.example"
    receivers.confirm(token)
    assert telling.note_due(telling.fresh(), now / 1e6 + 4000) == 1
    assert not box.outbox


def test_the_second_step_is_told_only_while_nobody_has_acknowledged(hall: Hall, oven: Machine, now: int) -> None:
    our(hall, {"mail": "erst@b.example"}, {"mail": "dann@b.example", "after": 300})
    alarm = _raise(oven, now)
    at = alarm.raised_at.timestamp()
    assert telling.note_due(telling.fresh(), at + 1) == 1
    assert telling.note_due(telling.fresh(), at + 299) == 0
    alarm_actions.acknowledge(alarm)
    assert telling.note_due(telling.fresh(), at + 301) == 0
    Alarm.objects.update(acknowledged_at=None)
    assert telling.note_due(telling.fresh(), at + 301) == 1


def test_outside_of_the_shifts_the_note_waits_for_the_next(hall: Hall, oven: Machine, now: int) -> None:
    our(hall, {"mail": "schicht@b.example", "hours": True})
    day = time.gmtime(now / 1e6 + 43_200).tm_wday  # a shift half a day from now
    begin = time.strftime("%H:00", time.gmtime(now / 1e6 + 43_200))
    hall.shifts = {
        "shifts": [{"name": "F", "weekdays": [day], "begin": begin, "end": "23:59", "breaks": []}],
        "zone": "UTC",
        "state": None,
    }
    hall.save()
    alarm = _raise(oven, now)
    assert telling.note_due(telling.fresh(), alarm.raised_at.timestamp() + 1) == 0
    assert telling.note_due(telling.fresh(), now / 1e6 + 43_200 + 60) == 1


def test_a_storm_is_one_mail_and_nothing_is_lost(hall: Hall, oven: Machine, now: int) -> None:
    our(hall, {"mail": "halle@b.example"})
    at = time.time()
    for _ in range(30):
        _raise(oven, now)
    telling.note_due(telling.fresh(), at)
    telling.send_due(at)
    for _ in range(10):
        _raise(oven, now)
    telling.note_due(telling.fresh(), at + 2)
    telling.send_due(at + 2)
    mails = list(OutgoingMail.objects.order_by("pk"))
    assert len(mails) == 1
    assert "20 Alarme" in mails[0].subject
    assert "10 weitere" in mails[0].text
    telling.send_due(at + 100)
    assert OutgoingMail.objects.count() == 2


def test_a_crash_between_outbox_and_mail_loses_nothing(
    hall: Hall, oven: Machine, now: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    our(hall, {"mail": "halle@b.example"})
    _raise(oven, now)
    telling.note_due(telling.fresh(), now / 1e6)

    def killed(*args: Any, **named: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(mail, "enqueue", killed)
        with pytest.raises(SystemExit):
            telling.send_due(now / 1e6 + 1)
    assert not OutgoingMail.objects.exists()
    assert telling.send_due(now / 1e6 + 2) == 1
    assert telling.send_due(now / 1e6 + 3) == 0
    assert OutgoingMail.objects.count() == 1


def test_alarms_of_the_past_stand_in_the_list_but_are_not_told(hall: Hall, oven: Machine, now: int) -> None:
    our(hall, {"mail": "halle@b.example"})
    _raise(oven, now - 3 * DAY)
    assert telling.note_due(telling.fresh(), now / 1e6) == 0


def test_the_webhook_gets_signed_json_and_is_tried_again(
    hall: Hall, oven: Machine, now: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    our(hall)
    hall.webhook, hall.webhook_secret = "https://leit.example/alarm", "geheim"
    hall.save()
    _raise(oven, now)
    telling.note_due(telling.fresh(), now / 1e6)
    assert telling.send_due(now / 1e6 + 1) == 1
    got: list[dict[str, Any]] = []

    def failing(*args: Any, **named: Any) -> Reply:
        raise NotAvailable("outgoing_failed", de="x", en="x")

    def taken(method: str, url: str, **named: Any) -> Reply:
        got.append(named)
        return Reply(204, {}, b"")

    monkeypatch.setattr(outgoing, "request", failing)
    assert delivering.deliver() == 0
    row = Delivery.objects.get()
    assert (row.attempts, row.error) == (1, "outgoing_failed")
    assert row.due_at > timezone.now()
    Delivery.objects.update(due_at=timezone.now())
    monkeypatch.setattr(outgoing, "request", taken)
    assert delivering.deliver() == 1
    assert delivering.deliver() == 0
    body, headers = got[0]["body"], got[0]["headers"]
    made = hmac.new(b"geheim", f"{headers['X-Nordlotse-Time']}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["X-Nordlotse-Signature"] == f"sha256={made}"
    assert json.loads(body)["alarms"][0]["kind"] == "above"


def test_a_claimed_delivery_is_sent_again_only_after_its_claim(
    hall: Hall, oven: Machine, now: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    our(hall)
    Hall.objects.update(webhook="https://leit.example/alarm", webhook_secret="geheim")
    Delivery.objects.create(hall=hall, body="{}", claimed_at=timezone.now(), attempts=1)
    monkeypatch.setattr(outgoing, "request", lambda *a, **n: Reply(200, {}, b""))
    assert delivering.deliver() == 0  # whoever claimed it may still be sending
    Delivery.objects.update(claimed_at=timezone.now() - delivering.CLAIM * 2)
    assert delivering.deliver() == 1


def test_a_delivery_that_never_arrives_is_given_up(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    our(hall)
    Hall.objects.update(webhook="https://leit.example/alarm", webhook_secret="geheim")
    Delivery.objects.create(hall=hall, body="{}")
    monkeypatch.setattr(outgoing, "request", lambda *a, **n: Reply(500, {}, b""))
    for _ in range(20):
        Delivery.objects.update(due_at=timezone.now())
        delivering.deliver()
    row = Delivery.objects.get()
    assert row.failed_at is not None
    assert row.attempts == len(delivering.WAITS) + 1


def test_a_webhook_goes_only_to_a_listed_host(hall: Hall) -> None:
    our(hall)
    with pytest.raises(NotAllowed, match="outgoing_not_listed"):
        receivers.set_webhook(hall, "https://fremd.example/x")


def test_a_removed_address_gets_nothing_that_waited(hall: Hall, oven: Machine, now: int) -> None:
    our(hall, {"mail": "halle@b.example"})
    _raise(oven, now)
    telling.note_due(telling.fresh(), now / 1e6)
    receivers.remove_address(hall, "a0")
    assert not Outbox.objects.exists()
    assert telling.send_due(now / 1e6 + 1) == 0


def test_nobody_s_mailbox_is_filled_by_taking_an_address_out_and_naming_it_again(hall: Hall) -> None:
    our(hall)
    for _ in range(receivers.MOST_LINKS_TO):
        receivers.add_address(hall, "fremd@anderswo.example", lang="de")
        hall.refresh_from_db()
        receivers.remove_address(hall, hall.mail[0]["id"])
    with pytest.raises(TooMany, match="iot_links"):
        receivers.add_address(hall, "fremd@anderswo.example", lang="de")
    halls.delete(hall)
    other = our(Hall.objects.create(name="Halle 3"))
    with pytest.raises(TooMany, match="iot_links"):
        receivers.add_address(other, "fremd@anderswo.example", lang="de")
    receivers.add_address(other, "meister@betrieb.example", lang="de")


def test_a_hall_sends_so_many_links_a_day_whoever_they_go_to(hall: Hall) -> None:
    our(hall)
    for place in range(receivers.MOST_LINKS):
        receivers.add_address(hall, f"a{place}@anderswo.example", lang="de")
        hall.refresh_from_db()
        receivers.remove_address(hall, hall.mail[0]["id"])
    with pytest.raises(TooMany, match="iot_links"):
        receivers.add_address(hall, "noch@anderswo.example", lang="de")


def test_with_a_hall_go_the_words_and_addresses_of_its_mails_and_the_links(hall: Hall, oven: Machine, now: int) -> None:
    our(hall, {"mail": "halle@betrieb.example"})
    receivers.add_address(hall, "neu@betrieb.example", lang="de")
    token = OutgoingMail.objects.get().text.split("/maschinen/adresse/")[1].split("/")[0]
    _raise(oven, now)
    telling.note_due(telling.fresh(), now / 1e6)
    telling.send_due(now / 1e6)
    assert OutgoingMail.objects.count() == 2
    hall.refresh_from_db()
    halls.delete(hall)
    assert {(one.to, one.text, one.reference) for one in OutgoingMail.objects.all()} == {("", "", "")}
    with pytest.raises(NotFound):
        receivers.asked(token)


def test_a_value_that_flutters_about_its_limit_is_one_alarm(oven: Machine, written: Written, now: int) -> None:
    rules.put(oven, "Temperatur", {"name": "Zu heiß", "kind": "above", "high": 80.0})
    lane = Lane()
    for turn in range(20):
        put(written, now + turn * SECOND, [90.0, 70.0] * 5, step=SECOND // 10)
        lane.turn(now + turn * SECOND)
    assert Alarm.objects.count() == 1
    put(written, now + 200 * SECOND, [70.0])
    lane.turn(now + 200 * SECOND)
    put(written, now + 201 * SECOND, [90.0])
    lane.turn(now + 201 * SECOND)
    assert Alarm.objects.count() == 2, "what comes back after a while is another one"


def test_a_flood_of_values_is_met_turn_by_turn_and_none_is_passed_over(
    oven: Machine, written: Written, now: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarming_rules, "_AT_ONCE", 100)
    rules.put(oven, "Temperatur", {"name": "Zu heiß", "kind": "above", "high": 80.0})
    lane = Lane()
    lane.turn(now)
    values = [70.0] * 1_000
    values[650] = 90.0
    put(written, now + SECOND, values, step=900)
    raised = [lane.turn(now + SECOND) for _ in range(11)]
    assert sum(raised) == 1 and raised[6] == 1
    lane.turn(now + 2 * SECOND)
    assert Alarm.objects.get().end is not None


def test_a_hall_with_very_much_to_judge_takes_turns_with_itself(
    hall: Hall, written: Written, now: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarming, "_SHARE", 0.0)  # one rule a turn
    made = [Machine.objects.create(hall=hall, name=f"m{k}") for k in range(3)]
    for machine in made:
        rules.put(machine, "T", {"name": "Zu heiß", "kind": "above", "high": 80.0})
        written.put(machine.name, "T", [now - SECOND], [90.0])
    lane = Lane()
    assert [lane.turn(now + k * SECOND) for k in range(4)] == [1, 1, 1, 0]
