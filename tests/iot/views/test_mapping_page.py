"""All values of a payload are mapped from one page, before it is read; a topic that has rules gets further ones from its page."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from nordlotse.iot import memory
from nordlotse.iot.actions import halls
from nordlotse.iot.core import just_refused, quarantine
from nordlotse.iot.core.decoding import Refused
from nordlotse.iot.core.entries import parts_of
from nordlotse.iot.core.heard import Heard, tell
from nordlotse.iot.core.intake import Mapping, again
from nordlotse.iot.core.mqtt.frames import Publications
from nordlotse.iot.core.mqtt.ports import Taken
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import Log, numbers, path_of
from nordlotse.iot.core.store.manifest import load
from nordlotse.iot.core.values import Why
from nordlotse.iot.models import Hall
from nordlotse.iot.queries import mapping as queries
from tests.iot.written import Written

pytestmark = pytest.mark.django_db
TOPIC = "shelly/status/em1:0"


@pytest.fixture
def hall() -> Hall:
    hall = halls.create(user=None, lang="de")
    made = Written(hall.store)
    payloads = [{"strom": 4.5, "temp": 61.5, "druck": 2}, {"strom": 5.5, "temp": 62.5}]
    refused = [
        Refused(TOPIC.encode(), json.dumps(p).encode(), 10**15 + k, Why.NO_MAPPING) for k, p in enumerate(payloads)
    ]
    made.put("Säge", "x", [1_700_000_000_000_000], [1.0])
    made.writer.flush(made.place, aside=quarantine.add(made.folder, made.writer.manifest, refused, Disk()))
    return hall


def sent(do: str, *taken: tuple[str, str]) -> dict[str, str]:
    told = {"thema": TOPIC, "topic": TOPIC, "machine": "Säge", "time": "", "do": do}
    for place, (path, signal) in enumerate(taken):
        told |= {f"w{place}-path": json.dumps([path]), f"w{place}-signal": signal, f"w{place}-take": "on"}
        told |= {f"w{place}-unit": "", f"w{place}-scale": "10", f"w{place}-offset": "0"}
    return told


def test_several_values_are_tried_and_kept_together_also_those_only_an_older_message_has(hall: Hall) -> None:
    address = f"/maschinen/{hall.pk}/zuordnung/"
    shown = Client().get(address, {"thema": TOPIC}).content.decode()
    assert all(name in shown for name in ("strom: 5.5", "temp: 62.5", "druck: 2"))
    trial = Client().post(address, sent("try", ("strom", "Strom"), ("temp", "Temperatur")))
    assert (trial.context["trial"].read, trial.context["trial"].left) == (2, 0)
    assert {(signal, value) for _, signal, _, value in trial.context["trial"].values} == {
        ("Strom", "45"), ("Strom", "55"), ("Temperatur", "615"), ("Temperatur", "625"),
    }  # fmt: skip
    assert queries.rules(hall) == ()
    assert Client().post(address, sent("keep", ("strom", "Strom"), ("temp", "Temperatur"))).status_code == 302
    assert [(one.signal, one.path, one.scale) for one in queries.rules(hall)] == [
        ("Strom", ("strom",), 10.0),
        ("Temperatur", ("temp",), 10.0),
    ]


def test_a_value_that_is_not_taken_is_asked_nothing_and_none_at_all_is_refused(hall: Hall) -> None:
    address = f"/maschinen/{hall.pk}/zuordnung/"
    told = sent("keep", ("strom", "Strom"), ("temp", "a/b"))
    del told["w1-take"]
    assert Client().post(address, told).status_code == 302
    del told["w0-take"]
    refused = Client().post(address, told)
    assert refused.status_code == 422 and "mindestens einen Wert" in refused.content.decode()


def test_a_topic_that_has_rules_and_waits_no_more_gets_further_ones_from_its_page(hall: Hall) -> None:
    address = f"/maschinen/{hall.pk}/zuordnung/"
    Client().post(address, sent("keep", ("strom", "Strom")))
    empty = Written(hall.store)
    empty.writer.flush(
        empty.writer.manifest.worked, aside=quarantine.begun(empty.folder, empty.writer.manifest, Disk())
    )
    assert queries.waiting(hall) == []
    shown = Client().get(address, {"thema": TOPIC}).content.decode()
    assert "gilt für neue Nachrichten" in shown and "temp: 62.5" in shown
    assert Client().post(address, sent("keep", ("temp", "Temperatur"))).status_code == 302
    assert [one.signal for one in queries.rules(hall)] == ["Strom", "Temperatur"]


def test_any_listed_topic_can_be_thrown_away_up_to_the_newest_shown_and_what_comes_later_waits_again(
    hall: Hall,
) -> None:
    made = Written(hall.store)
    odd = [
        Refused(b"a//b", b"{kaputt", 2 * 10**15, Why.NOT_JSON),
        Refused(b"$SYS/x/y", b"1", 3 * 10**15, Why.NO_MAPPING),
    ]
    kept = quarantine.add(made.folder, made.writer.manifest, odd, Disk())
    made.put("Säge", "x", [1_700_000_100_000_000], [1.0])
    made.writer.flush(made.place, aside=kept)
    address = f"/maschinen/{hall.pk}/zuordnung/"
    shown = Client().get(address).content.decode()
    assert "a//b" in shown and "18.05.2033 05:33:20" in shown  # when the newest came
    Client().post(address, sent("keep", ("strom", "Strom")))
    assert Client().post(address, {"do": "discard", "thema": "a//b", "bis": str(2 * 10**15)}).status_code == 302
    assert [one.signal for one in queries.rules(hall)] == ["Strom"]
    routes = Mapping(made.folder).routes()
    assert routes is not None
    late = Refused(b"a//b", b"{kaputt", 2 * 10**15 + 1, Why.NOT_JSON)
    _, still = again(hall.store, [*quarantine.held(made.folder, load(made.folder)), late], routes, lambda s, at, n: at)
    assert [(one.topic, one.arrived) for one in sorted(still, key=lambda one: one.arrived)] == [
        (b"a//b", 2 * 10**15 + 1),
        (b"$SYS/x/y", 3 * 10**15),
    ]
    Client().post(address, {"do": "remove", "place": "0"})
    assert queries.discarded(hall) == {"a//b": 2 * 10**15}


def waits(hall: Hall, *told: tuple[str, bytes, Why]) -> Written:
    """Let further payloads wait, later than those of the hall."""
    made = Written(hall.store)
    odd = [Refused(topic.encode(), payload, 2 * 10**15 + k, why) for k, (topic, payload, why) in enumerate(told)]
    kept = quarantine.add(made.folder, made.writer.manifest, odd, Disk())
    made.writer.flush(made.writer.manifest.worked, aside=kept)
    return made


BROKEN = b'{"druck":{kaputt,,'
PAGE = "/maschinen/{}/zuordnung/"


def test_a_topic_stands_in_one_row_with_all_its_reasons_and_the_good_sample_comes_first(hall: Hall) -> None:
    waits(
        hall,
        ("Kompressor/werte", b'{"druck": {"ist": 7.2}, "oel": {"temp": 61}}', Why.NO_VALUE),
        ("Kompressor/werte", b'{"druck": {"ist": 7.3}, "oel": {"temp": 62}}', Why.NO_VALUE),
        ("Kompressor/werte", BROKEN, Why.NOT_JSON),
    )
    shown = Client().get(PAGE.format(hall.pk)).content.decode()
    assert shown.count("?thema=Kompressor%2Fwerte") == 1
    assert "Kein Wert darin, den wir erkennen (2), Kein gültiges JSON (1)" in shown
    topic = Client().get(PAGE.format(hall.pk), {"thema": "Kompressor/werte"}).content.decode()
    assert "3 Nachrichten" in topic and "Kein gültiges JSON: 1" in topic
    assert topic.index("7.3") < topic.index("kaputt")  # the reason of the good one is told first
    assert "druck › ist: 7.3" in topic and "der ganze Inhalt" not in topic


def test_a_broken_text_is_never_offered_as_a_value(hall: Hall) -> None:
    waits(hall, ("Presse/a/b", BROKEN, Why.NO_MAPPING), ("Presse/a/b", b"\xff\xfe", Why.NOT_UTF8))
    (found,) = [one for one in queries.waiting(hall) if one.topic == "Presse/a/b"]
    assert found.broken and found.count == 2
    shown = Client().get(PAGE.format(hall.pk), {"thema": "Presse/a/b"}).content.decode()
    assert "Keine Zuordnung kann sie lesen" in shown and "Diesen Wert nehmen" not in shown


def test_a_plain_text_is_offered_whole(hall: Hall) -> None:
    waits(hall, ("Presse/a/b", b"Automatik", Why.NO_MAPPING))
    shown = Client().get(PAGE.format(hall.pk), {"thema": "Presse/a/b"}).content.decode()
    assert "der ganze Inhalt: Automatik" in shown and 'value="b"' in shown


def test_names_from_nested_paths_say_what_they_are_and_differ(hall: Hall) -> None:
    payload = {"druck": {"ist": 1, "soll": 2}, "zone": [{"heizung": {"temp": 1}}, {"heizung": {"temp": 2}}], "a/b": 3}
    waits(hall, ("Ofen/werte", json.dumps(payload).encode(), Why.NO_VALUE))
    answer = Client().get(PAGE.format(hall.pk), {"thema": "Ofen/werte"})
    names = [line.initial["signal"] for line in answer.context["lines"]]
    assert names == ["druck ist", "druck soll", "0 heizung temp", "1 heizung temp", "a b"]
    units = [line.initial["unit"] for line in answer.context["lines"]]
    assert units[:4] == ["bar", "bar", "°C", "°C"]


def test_while_a_mapping_is_worked_in_the_row_says_so_and_the_page_looks_again(hall: Hall) -> None:
    tell(memory.folder(), Heard("on", "127.0.0.1:1883"))
    address = PAGE.format(hall.pk)
    Client().post(address, sent("keep", ("strom", "Strom"), ("temp", "Temperatur")))
    shown = Client().get(address, {"gemerkt": "1"})
    assert "Wird gerade gelesen" in shown.content.decode() and "every 1s" in shown.content.decode()
    mark = shown.context["stand"].mark
    polled = Client().get(address + "stand/", {"mark": mark}, headers={"HX-Request": "true"})
    assert polled.status_code == 204  # nothing has changed: nothing is put in its place
    made = Written(hall.store)
    aside = quarantine.begun(made.folder, made.writer.manifest, Disk())
    made.writer.flush(made.writer.manifest.worked, aside=aside, mapped=Mapping(made.folder).changed)
    done = Client().get(address + "stand/", {"mark": mark}, headers={"HX-Request": "true"})
    assert done.status_code == 200 and TOPIC not in done.content.decode() and "wartet nichts" in done.content.decode()
    assert "<main" not in done.content.decode()
    assert Client().get(address + "stand/").status_code == 302  # without a script the whole page


def test_where_no_intake_runs_the_row_says_when_it_will_be_read(hall: Hall) -> None:
    tell(memory.folder(), Heard("ended"))
    Client().post(PAGE.format(hall.pk), sent("keep", ("strom", "Strom")))
    assert "sobald die Aufnahme wieder läuft" in Client().get(PAGE.format(hall.pk)).content.decode()


def test_too_much_at_once_is_not_read_by_a_page_and_it_says_so(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    Client().post(PAGE.format(hall.pk), {"do": "discard", "thema": TOPIC, "bis": str(10**16)})
    empty = Written(hall.store)
    aside = quarantine.begun(empty.folder, empty.writer.manifest, Disk())
    empty.writer.flush(empty.writer.manifest.worked, aside=aside, mapped=Mapping(empty.folder).changed)
    log = Log(memory.folder() / "log", Disk(), after=empty.writer.manifest.worked)
    frames = b"\x30\x0a\x00\x05a/b/c{x}"
    taken = Taken(hall.store, "", 4, 3 * 10**15, frames, Publications())
    log.append([parts_of(taken)])
    log.close()
    assert [(one.topic, one.broken) for one in queries.waiting(hall)] == [("a/b/c", True)]
    queries._piles.clear()
    monkeypatch.setattr(just_refused, "MOST_BYTES", 10)
    shown = Client().get(PAGE.format(hall.pk)).content.decode()
    assert "Bis vor einer halben Minute" in shown and "wartet nichts" not in shown
    path_of(memory.folder() / "log", max(numbers(memory.folder() / "log"))).unlink()  # other tests share the folder
