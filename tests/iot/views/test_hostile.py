"""Names and numbers somebody chose to do harm: in no page do they become markup, and none of them breaks one."""

from __future__ import annotations

import time

import pytest
from django.test import Client

from nordlotse.iot.models import Alarm, Hall, Machine, Order, Rule, Stop
from tests.iot.written import Written

pytestmark = pytest.mark.django_db
EVIL = "<img src=x onerror=1>\"'"
BIG = "99999999999999999999999"
PAGES = (
    "auslastung/", "energie/", "schichten/", "bericht/", "alarme/", "alarme/{a}/", "verbinden/", "verbinden/namen/", "mitnehmen/", "aufbewahren/",
    "loeschen/", "jetzt/", "m/{m}/", "m/{m}/zustaende/", "m/{m}/stopps/", "m/{m}/stopps/blatt/", "m/{m}/auftraege/", "m/{m}/waechter/",
    "m/{m}/regeln/?id={r}", "m/{m}/verlauf/?s=text",
)  # fmt: skip


@pytest.fixture
def press() -> Machine:
    hall = Hall.objects.create(name=EVIL)
    made = Machine.objects.create(hall=hall, name=EVIL, title=EVIL, signals={EVIL: {"title": EVIL, "unit": EVIL[:20]}})
    now = time.time_ns() // 1000
    written = Written(hall.store)
    written.put(EVIL, EVIL, [now - 60_000_000 + k * 1_000_000 for k in range(50)], [float(k % 7) for k in range(50)])
    written.put(EVIL, "text", [now - 1], [EVIL])
    Rule.objects.create(machine=made, signal=EVIL, rule={"name": EVIL, "kind": "above", "high": 1.0})
    reasons = [{"sensor": EVIL, "share": 0.7, "seen": EVIL, "usual": 1.0, "chart": "ewma"}]
    Alarm.objects.create(machine=made, kind="unusual", begin=now - 10_000_000, score=2.0, reasons=reasons, note=EVIL)
    Order.objects.create(machine=made, name=EVIL, part=EVIL, cycle=3, begin=now - 50_000_000)
    Stop.objects.create(
        machine=made, begin=now - 40_000_000, end=now - 20_000_000, reason=EVIL, state="idle", note=EVIL
    )
    return made


def at(press: Machine, page: str, lang: str = "") -> str:
    known = {"m": press.pk, "a": Alarm.objects.get().pk, "r": Rule.objects.get().pk}
    return f"{lang}/maschinen/{press.hall.pk}/{page.format(**known)}"


@pytest.mark.parametrize("lang", ["", "/en"])
def test_no_name_from_a_machine_or_a_person_becomes_markup(press: Machine, lang: str) -> None:
    told = 0
    for page in PAGES:
        answer = Client().get(at(press, page, lang))
        assert answer.status_code == 200, page
        assert b"<img src=x" not in answer.content, page
        told += b"&lt;img src=x" in answer.content
    assert told > 12  # they are shown, as what they are


@pytest.mark.parametrize(
    ("page", "given"),
    [
        ("m/{m}/stopps/", {"do": "back", "begin": BIG}),
        ("m/{m}/stopps/", {"begin": f"-{BIG[:19]}", "end": "0", "reason": "x"}),
        ("m/{m}/auftraege/", {"do": "remove", "order": "999999999999999"}),
        ("m/{m}/regeln/", {"do": "delete", "id": "99999999999999999"}),
        ("m/{m}/regeln/", {"do": "save", "signal": "x", "kind": "above", "name": "x", "high": "1e400"}),
        ("m/{m}/zustaende/", {"do": "keep", "signal": "none", "run": "nan", "off": "5"}),
        ("schichten/", {"do": "unplan", "machine": BIG, "begin": "1"}),
        ("alarme/{a}/", {"verdict": "real", "note": "a\0b"}),
        ("zuordnung/", {"do": "remove", "place": "99999"}),
        ("zugaenge/", {"remove": "../../logins"}),
        ("teilen/", {"days": "²"}),
        ("aufbewahren/", {"days": "-1"}),
    ],
)
def test_numbers_and_words_that_cannot_be_are_told_and_break_nothing(
    press: Machine, page: str, given: dict[str, str]
) -> None:
    assert Client(raise_request_exception=False).post(at(press, page), given).status_code < 500


def test_nothing_of_another_hall_is_reached_through_one_s_own(press: Machine) -> None:
    other = Machine.objects.create(hall=Hall.objects.create(), name="x")
    rule = Rule.objects.create(machine=other, signal="s", rule={"name": "n", "kind": "above", "high": 1.0})
    own = f"/maschinen/{press.hall.pk}/"
    alarm = Alarm.objects.create(machine=other, kind="unusual", begin=1)
    for path in (f"m/{other.pk}/", f"alarme/{alarm.pk}/", f"jetzt/?m={other.pk}", f"strom/?m={other.pk}", f"m/{BIG}/"):
        assert Client().get(own + path).status_code == 404, path
    assert Client().post(f"{own}alarme/{alarm.pk}/", {"do": "seen"}).status_code == 404
    assert Client().post(f"{own}loeschen/", {"maschine": other.pk, "sure": "yes"}).status_code == 404
    assert Client().post(f"{own}m/{press.pk}/regeln/", {"do": "delete", "id": rule.pk}).status_code == 404
    alarm.refresh_from_db()
    assert alarm.acknowledged_at is None and Rule.objects.filter(pk=rule.pk).exists()
