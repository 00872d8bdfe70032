"""What the sheet at a machine opens, and what it does not: its link hangs where everybody passes."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from urllib.parse import quote

import pytest
from django.test import Client

from nordlotse.iot.actions import results, states, stops
from nordlotse.iot.models import ShiftResult, Stop
from tests.iot.clocked import clocked
from tests.iot.worked import HOUR, MONDAY, SECOND, Filled

pytestmark = pytest.mark.django_db

NOW = MONDAY + 2 * 24 * HOUR + 8 * HOUR
OLD = MONDAY - 300 * 24 * HOUR
FORM = rb'name="begin" value="(\d+)"><input type="hidden" name="end" value="([1-9]\d*)"><input type="hidden" name="had" value="([^"]*)"'


@pytest.fixture
def saw(monkeypatch: pytest.MonkeyPatch) -> Filled:
    clocked(monkeypatch, lambda: NOW)
    made = Filled(cycle=Decimal("50"))
    made.work(days=3)
    states.find(made.machine, NOW)
    results.refresh(made.machine, NOW)
    ShiftResult.objects.filter(begin__gt=NOW).delete()
    return made


def address(saw: Filled) -> str:
    saw.machine.refresh_from_db()
    return f"/maschinen/stopp/{saw.machine.stop_key}/"


def first(client: Client, saw: Filled) -> dict[str, str]:
    """What the first form of a stop that is over carries."""
    found = re.search(FORM, client.get(address(saw)).content)
    assert found is not None
    return dict(zip(("begin", "end", "had"), (part.decode() for part in found.groups()), strict=True))


def refused(client: Client, saw: Filled, **sent: object) -> str:
    answer = client.post(address(saw), sent)
    assert answer.status_code == 422
    return unescape(answer.content.decode())


def test_no_entry_is_shown_by_its_moment(client: Client, saw: Filled) -> None:
    stops.explain(saw.machine, OLD, OLD + HOUR, "Rücken von Frau Meier")
    for mark in (str(OLD), str(OLD + 5), f"{OLD}:1abc:x"):
        assert "Gemerkt:" not in client.get(address(saw), {"gemerkt": mark}).content.decode()


def test_only_the_stops_it_shows_take_a_reason(client: Client, saw: Filled) -> None:
    refused(client, saw, begin=OLD, end=OLD + HOUR, reason="tool", had="")
    refused(client, saw, begin=MONDAY, end=MONDAY + 10 * 24 * HOUR, reason="maintenance", had="")
    taken = first(client, saw)
    refused(client, saw, begin=taken["begin"], end=int(taken["end"]) + HOUR, reason="maintenance", had="")
    refused(client, saw, begin=OLD, end=0, reason="tool", had="")
    refused(client, saw, begin="x", end="y", reason="tool")
    assert not Stop.objects.exists()
    assert client.post(address(saw), {**taken, "reason": "tool"}).status_code == 302
    assert Stop.objects.get().end == int(taken["end"])


def test_a_note_is_not_taken(client: Client, saw: Filled) -> None:
    client.post(address(saw), {**first(client, saw), "reason": "tool", "note": "Herr Müller war krank"})
    assert Stop.objects.get().note == ""


def test_what_was_just_said_can_be_changed_and_taken_back_there(client: Client, saw: Filled) -> None:
    taken = first(client, saw)
    shown = client.post(address(saw), {**taken, "reason": "setup"}, follow=True).content.decode()
    mark = re.search(r'name="mark" value="([^"]+)"', shown)
    assert mark is not None
    own = {"begin": taken["begin"], "end": taken["end"], "mark": unescape(mark[1])}
    assert client.post(address(saw), {**own, "had": "setup", "reason": "tool"}).status_code == 302
    assert Stop.objects.get().reason == "tool"
    assert client.post(address(saw), {**own, "do": "back"}).status_code == 302
    assert not Stop.objects.exists()


def test_what_others_said_is_neither_changed_nor_taken_back_nor_told(client: Client, saw: Filled) -> None:
    taken = first(client, saw)
    stops.explain(saw.machine, int(taken["begin"]), int(taken["end"]), "Kran besetzt")
    Stop.objects.update(said_at="2026-11-16T06:00:00Z")
    planned = stops.plan(saw.machine, NOW + HOUR, NOW + 2 * HOUR, "meeting")
    assert "Kran besetzt“ gemerkt" not in refused(client, saw, **{**taken, "had": "Kran besetzt", "reason": "tool"})
    refused(client, saw, begin=taken["begin"], do="back")
    refused(client, saw, begin=planned.begin, do="back")
    assert {one.reason for one in Stop.objects.all()} == {"Kran besetzt", "meeting"}
    # whoever guesses the reason gets no right to change it by that
    answer = client.post(address(saw), {**taken, "reason": "Kran besetzt"})
    assert "gemerkt" not in answer.headers.get("Location", "gemerkt")


def test_a_mark_of_another_sheet_counts_nothing(client: Client, saw: Filled) -> None:
    taken = first(client, saw)
    shown = client.post(address(saw), {**taken, "reason": "setup"})
    mark = shown.headers["Location"].partition("gemerkt=")[2]
    saw.machine.refresh_from_db()
    stops.renew_sheet(saw.machine)
    assert "Gemerkt:" not in client.get(f"{address(saw)}?gemerkt={mark}").content.decode()
    assert mark == quote(mark, safe="%")


def test_a_change_takes_no_other_entry_away(saw: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stops, "_MOST", 2)
    for begin in (OLD, MONDAY):
        stops.explain(saw.machine, begin, begin + SECOND, "tool")
    stops.explain(saw.machine, MONDAY, MONDAY + SECOND, "setup")
    assert [one.begin for one in saw.machine.stops.order_by("begin")] == [OLD, MONDAY]


def test_a_new_sheet_ends_the_old_one(client: Client, saw: Filled) -> None:
    before, page = address(saw), f"/maschinen/{saw.hall.pk}/m/{saw.machine.pk}/stopps/blatt/"
    assert before in client.get(page).content.decode()
    shown = client.post(page, follow=True).content.decode()
    assert "Das alte gilt nicht mehr" in shown
    assert address(saw) != before and address(saw) in shown
    assert client.get(before).status_code == 404
    assert client.get(address(saw)).status_code == 200


def test_a_stop_going_on_has_one_entry_whatever_moment_of_it_is_sent(client: Client, saw: Filled) -> None:
    going = re.search(
        rb'name="begin" value="(\d+)"><input type="hidden" name="end" value="0"', client.get(address(saw)).content
    )
    assert going is not None
    begin = int(going[1])
    for later, had, reason in ((0, "", "tool"), (5, "tool", "setup"), (60 * SECOND, "setup", "material")):
        sent = {"begin": begin + later, "end": 0, "had": had, "reason": reason}
        assert client.post(address(saw), sent).status_code == 302
    assert [(one.begin, one.end, one.reason) for one in Stop.objects.all()] == [(begin, 0, "material")]


def test_a_stop_that_ended_while_its_page_was_open_gets_its_reason_once(client: Client, saw: Filled) -> None:
    taken = first(client, saw)
    middle = (int(taken["begin"]) + int(taken["end"])) // 2
    assert client.post(address(saw), {"begin": middle, "end": 0, "had": "", "reason": "tool"}).status_code == 302
    assert [(str(one.begin), str(one.end)) for one in Stop.objects.all()] == [(taken["begin"], taken["end"])]
    refused(client, saw, begin=middle + 1, end=0, had="", reason="setup")
