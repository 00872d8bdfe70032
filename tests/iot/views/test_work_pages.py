"""The pages on states, use, stops, orders, shifts, energy and the report, in both languages."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from nordlotse.iot import elsewhere
from nordlotse.iot.actions import results, states
from nordlotse.iot.elsewhere import House
from nordlotse.iot.models import ShiftResult, Simulation, Stop
from nordlotse.iot.queries import oee
from nordlotse.iot.queries import stops as queries_stops
from nordlotse.iot.queries.observing import HORIZON
from nordlotse.iot.queries.underway import underway
from tests.iot.clocked import clocked
from tests.iot.worked import HOUR, MONDAY, SECOND, Filled

pytestmark = pytest.mark.django_db

NOW = MONDAY + 4 * 24 * HOUR
PAGES = (
    "auslastung/", "energie/", "schichten/", "personen/", "bericht/",
    "m/{m}/auslastung/", "m/{m}/auslastung/?zeit=schicht", "m/{m}/auslastung/?zeit=tag", "m/{m}/auslastung/?zeit=zweiwochen",
    "m/{m}/zustaende/", "m/{m}/stopps/", "m/{m}/stopps/blatt/", "m/{m}/auftraege/", "m/{m}/energie/",
)  # fmt: skip


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The time the pages take for now; a test may set it."""
    at = [NOW]
    clocked(monkeypatch, lambda: at[0])
    return at


@pytest.fixture
def saw(clock: list[int]) -> Filled:
    made = Filled(cycle=Decimal("50"), euros_per_hour=Decimal("60"))
    made.work(days=3)
    states.find(made.machine, NOW)
    results.refresh(made.machine, NOW)
    return made


def text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return plain(answer.content)


def plain(content: bytes) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content.decode())))


def at(saw: Filled, page: str, lang: str = "") -> str:
    return f"{lang}/maschinen/{saw.hall.pk}/{page.format(m=saw.machine.pk)}"


def given(saw: Filled, elements: dict[str, str], day: int = 0) -> None:
    """A kept result as it would have come from values, with elements as they stand in an example."""
    begin = MONDAY + day * 24 * HOUR
    shift = {"name": "Früh", "day": f"2026-11-{16 + day:02d}", "begin": begin, "end": begin + 8 * HOUR, "breaks": []}
    kept = {"elements": elements, "machine": "Säge", "shift": "", "stops": [], "rate": None, "notes": []}
    ShiftResult.objects.create(
        machine=saw.machine, begin=begin, end=begin + 8 * HOUR, shift=shift, given=kept, computed=NOW, settled=True
    )


@pytest.mark.parametrize("lang", ["", "/en"])
def test_each_page_opens_with_values_and_without(client: Client, saw: Filled, lang: str) -> None:
    empty = Filled()
    for page in PAGES:
        for one in (saw, empty):
            said = text(client, at(one, page, lang))
            assert "None" not in said, page


@pytest.mark.parametrize(
    ("elements", "shown"),
    [
        (
            {"PBT": "25200", "APT": "22380", "PRI": "1", "PQ": "19271", "GQ": "18848"},
            ("74,8 %", "88,8 %", "86,1 %", "97,8 %"),
        ),
        (
            {"PBT": "54000", "APT": "48600", "PRI": "90", "PQ": "525", "GQ": "469"},
            ("78,2 %", "90 %", "97,2 %", "89,3 %"),
        ),
        ({"PBT": "25200", "APT": "22680", "PRI": "60", "PQ": "300", "GQ": "294"}, ("70 %", "90 %", "79,4 %", "98 %")),
        (
            {"PBT": "28800", "APT": "25200", "PRI": "60", "PQ": "400", "GQ": "380"},
            ("79,2 %", "87,5 %", "95,2 %", "95 %"),
        ),
    ],
)
def test_worked_examples_stand_on_the_page(
    client: Client, clock: list[int], elements: dict[str, str], shown: tuple[str, ...]
) -> None:
    saw = Filled(states={"kind": "found", "signal": "Strom"})
    given(saw, {**elements, "POT": elements["PBT"]})
    said = text(client, at(saw, "m/{m}/auslastung/?bis=2026-11-16"))
    assert f"OEE {shown[0]}" in said
    assert all(value in said for value in shown)


def test_numbers_that_contradict_each_other_are_shown_and_flagged_and_never_cut(
    client: Client, clock: list[int]
) -> None:
    saw = Filled(states={"kind": "found", "signal": "Strom"})
    given(saw, {"POT": "28800", "PBT": "28800", "APT": "25200", "PRI": "120", "PQ": "400", "GQ": "420"})
    said = text(client, at(saw, "m/{m}/auslastung/?bis=2026-11-16"))
    assert "190,5 %" in said and "105 %" in said
    assert "Widerspruch:" in said and "Die Zahlen passen nicht zusammen" in said


def test_hours_come_first_and_euros_only_with_a_rate(client: Client, saw: Filled) -> None:
    said = text(client, at(saw, "m/{m}/auslastung/"))
    assert "„Säge“ stand vom 14. bis 20. November 2026 4,5 Stunden ungeplant" in said
    assert "etwa 270 €" in said
    saw.machine.euros_per_hour = None
    saw.machine.save()
    said = text(client, at(saw, "m/{m}/auslastung/"))
    assert (
        "4,5 Stunden ungeplant" in said and "€" not in said.split("Was kostet eine Stunde")[0].split("Auslastung:")[1]
    )
    answer = client.post(at(saw, "m/{m}/auslastung/"), {"rate": "70,50"})
    assert answer.status_code == 302
    saw.machine.refresh_from_db()
    assert saw.machine.euros_per_hour == Decimal("70.50")


def test_a_revised_shift_is_marked_with_why(client: Client, saw: Filled) -> None:
    assert "nachgerechnet" not in text(client, at(saw, "m/{m}/auslastung/"))
    saw.machine.stops.create(
        begin=MONDAY + 2 * HOUR, end=MONDAY + 2 * HOUR + 2400 * SECOND, reason="setup", state="setup"
    )
    results.refresh(saw.machine, NOW)
    assert "nachgerechnet: Gründe von Stillständen" in text(client, at(saw, "m/{m}/auslastung/"))


def test_the_states_of_a_day_are_told_with_the_time_nothing_is_known_of(client: Client, saw: Filled) -> None:
    said = text(client, at(saw, "m/{m}/zustaende/?tag=2026-11-17"))
    assert "Ob die Maschine läuft, zeigt das Signal „Strom“" in said
    assert "läuft 6,5 Stunden" in said
    assert "gibt es keine Daten" in said


def test_a_correction_is_shown_before_it_counts(client: Client, saw: Filled) -> None:
    before = dict(saw.machine.states)
    answer = client.post(at(saw, "m/{m}/zustaende/"), {"do": "look", "signal": "Strom", "run": "1,5", "off": "0,5"})
    shown = plain(answer.content)
    # the newest value may be days old: what is shown are the 24 hours up to it
    assert "So sähen die 24 Stunden bis zum neuesten Wert aus" in shown
    assert "welcher Wert in den 24 Stunden bis zum neuesten Wert vorkam" in shown
    raw = answer.content.decode()
    assert "Die 24 Stunden bis zum neuesten Wert mit der Änderung" in raw and "letzten 24 Stunden" not in raw
    saw.machine.refresh_from_db()
    assert saw.machine.states == before
    client.post(at(saw, "m/{m}/zustaende/"), {"do": "keep", "signal": "Strom", "run": "1,5", "off": "0,5"})
    saw.machine.refresh_from_db()
    assert saw.machine.states["corrected"] is True
    results.refresh(saw.machine, NOW)
    # what stood ready at 2 A now counts as running
    first = saw.machine.results.get(begin=MONDAY)
    assert float(first.given["elements"]["APT"].split("/")[0]) > 26_000
    assert first.why == ["limits"]


def test_limits_that_cannot_be_are_told(client: Client, saw: Filled) -> None:
    answer = client.post(at(saw, "m/{m}/zustaende/"), {"do": "keep", "signal": "Strom", "run": "1", "off": "5"})
    assert answer.status_code == 422
    assert "muss unter einem kleineren Wert liegen" in plain(answer.content)


def test_a_tap_gives_a_stop_its_reason(client: Client, saw: Filled) -> None:
    begin = re.search(
        rb'name="begin" value="(\d+)"><input type="hidden" name="end" value="(\d+)"',
        client.get(at(saw, "m/{m}/stopps/")).content,
    )
    assert begin is not None
    client.post(at(saw, "m/{m}/stopps/"), {"begin": begin[1].decode(), "end": begin[2].decode(), "reason": "tool"})
    assert Stop.objects.get().reason == "tool"
    results.refresh(saw.machine, NOW)
    said = text(client, at(saw, "m/{m}/auslastung/"))
    assert "Werkzeug gebrochen oder stumpf" in said


FORM = rb'name="begin" value="(\d+)"><input type="hidden" name="end" value="(\d+)"><input type="hidden" name="had" value="([^"]*)"'


def first_form(client: Client, address: str) -> dict[str, str]:
    """What the first form of reasons on a page carries: which stop, and what reason it had."""
    found = re.search(FORM, client.get(address).content)
    assert found is not None
    return dict(zip(("begin", "end", "had"), (part.decode() for part in found.groups()), strict=True))


@pytest.mark.parametrize("phone", [False, True])
def test_a_tap_counts_at_once_is_named_and_the_next_stop_follows(
    client: Client, saw: Filled, clock: list[int], phone: bool
) -> None:
    clock[0] = MONDAY + 2 * 24 * HOUR + 8 * HOUR
    address = f"/maschinen/stopp/{saw.machine.stop_key}/" if phone else at(saw, "m/{m}/stopps/")
    ShiftResult.objects.filter(begin__gt=clock[0]).delete()
    taken = first_form(client, address)
    answer = client.post(address, {**taken, "reason": "setup"}, follow=True)
    said = plain(answer.content)
    assert "Gemerkt: Rüsten, Umstellen für den Stillstand" in said and "ändern" in said
    forms = re.findall(FORM, answer.content)
    assert (taken["begin"].encode(), taken["end"].encode(), b"setup") == forms[
        0
    ]  # the first form changes what was said
    waiting = [begin for begin, _end, had in forms if not had]
    assert waiting and taken["begin"].encode() not in waiting


def test_a_second_tap_from_an_old_page_takes_the_place_of_no_reason(client: Client, saw: Filled) -> None:
    address = at(saw, "m/{m}/stopps/")
    taken = first_form(client, address)
    assert client.post(address, {**taken, "reason": "setup"}).status_code == 302
    assert client.post(address, {**taken, "reason": "setup"}).status_code == 302  # the same word again is no other word
    answer = client.post(address, {**taken, "reason": "tool"})
    assert answer.status_code == 422 and "ist schon „Rüsten, Umstellen“ gemerkt" in plain(answer.content)
    assert Stop.objects.get().reason == "setup"
    assert client.post(address, {**taken, "had": "setup", "reason": "tool"}).status_code == 302
    assert Stop.objects.get().reason == "tool"


def test_a_reason_taken_back_is_asked_for_again_at_once(client: Client, saw: Filled) -> None:
    address = at(saw, "m/{m}/stopps/")
    taken = first_form(client, address)
    client.post(address, {**taken, "reason": "setup"})
    results.refresh(saw.machine, NOW)
    client.post(address, {"begin": taken["begin"], "do": "back"})
    assert first_form(client, address) == taken


def test_more_stops_wait_than_are_shown_and_all_are_counted(
    client: Client, saw: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = re.search(r"(\d+) Stillstände ab 1 Minute vom", text(client, at(saw, "m/{m}/stopps/")))
    assert whole is not None
    monkeypatch.setattr("nordlotse.iot.queries.stops.MOST", 1)
    said = text(client, at(saw, "m/{m}/stopps/"))
    assert f"{whole[1]} Stillstände ab 1 Minute vom" in said and "Gezeigt sind die 1 längsten" in said


def test_own_words_are_taken_at_the_machine_only_where_names_are_settled(
    client: Client, saw: Filled, clock: list[int]
) -> None:
    clock[0] = MONDAY + 2 * 24 * HOUR + 8 * HOUR
    address = f"/maschinen/stopp/{saw.machine.stop_key}/"
    ShiftResult.objects.filter(begin__gt=clock[0]).delete()
    assert 'name="own"' not in client.get(address).content.decode()
    sent = {**first_form(client, address), "reason": "own", "own": "Kollege krank"}
    assert client.post(address, sent).status_code == 422
    assert not Stop.objects.exists()
    assert "Keine Namen, keine Gesundheit" in text(client, at(saw, "m/{m}/stopps/"))
    saw.hall.persons = True
    saw.hall.save()
    assert client.post(address, {**sent, "own": "Kran besetzt"}).status_code == 302


def test_the_page_at_the_machine_shows_the_stop_going_on_and_takes_a_tap(
    client: Client, saw: Filled, clock: list[int]
) -> None:
    clock[0] = MONDAY + 2 * 24 * HOUR + 2 * HOUR + 1800 * SECOND  # Wednesday, within the forty idle minutes
    said = text(client, f"/maschinen/stopp/{saw.machine.stop_key}/")
    assert "Steht seit 8:00 Uhr" in said.replace("08:00", "8:00")
    assert saw.hall.pk not in client.get(f"/maschinen/stopp/{saw.machine.stop_key}/").content.decode()
    found = re.search(rb'name="begin" value="(\d+)"', client.get(f"/maschinen/stopp/{saw.machine.stop_key}/").content)
    assert found is not None
    client.post(
        f"/maschinen/stopp/{saw.machine.stop_key}/", {"begin": found[1].decode(), "end": "0", "reason": "material"}
    )
    assert "Grund: Material fehlt" in text(client, f"/maschinen/stopp/{saw.machine.stop_key}/")
    from nordlotse.iot.actions import stops

    assert stops.close(saw.machine, NOW) == 1
    assert Stop.objects.get().end == pytest.approx(MONDAY + 2 * 24 * HOUR + 2 * HOUR + 2400 * SECOND, abs=30 * SECOND)


def test_a_sheet_of_a_hall_that_is_over_leads_nowhere(client: Client, saw: Filled) -> None:
    saw.hall.expires_at = saw.hall.created_at
    saw.hall.save()
    text(client, f"/maschinen/stopp/{saw.machine.stop_key}/", 404)


def test_before_persons_are_recorded_the_page_names_the_law_and_offers_without(client: Client, saw: Filled) -> None:
    said = text(client, at(saw, "personen/"))
    assert "Verhalten oder die Leistung der Arbeitnehmer zu überwachen“ (§ 87 Abs. 1 Nr. 6 BetrVG)" in said
    assert "gilt der Datenschutz trotzdem" in said and "kein Name" in said
    assert client.post(at(saw, "personen/"), {"do": "on", "sure": "yes"}).status_code == 422
    saw.hall.refresh_from_db()
    assert not saw.hall.persons
    client.post(at(saw, "m/{m}/stopps/"), {"begin": MONDAY, "end": MONDAY + HOUR, "reason": "tool", "person": "Anna"})
    assert Stop.objects.get().person == ""


def test_persons_need_a_members_confirmed_step_and_go_when_it_is_taken_back(client: Client, saw: Filled) -> None:
    user = get_user_model().objects.create_user("member", email="member@example.org")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    saw.hall.company, saw.hall.expires_at = "company-1", None
    saw.hall.save()
    before = elsewhere.house()
    elsewhere.plug(House(lambda who, company: who == user, lambda who: None, lambda hall, lang: ()))
    try:
        assert client.post(at(saw, "personen/"), {"do": "on"}).status_code == 422
        assert client.post(at(saw, "personen/"), {"do": "on", "sure": "yes"}).status_code == 302
        client.post(
            at(saw, "m/{m}/stopps/"), {"begin": MONDAY, "end": MONDAY + HOUR, "reason": "tool", "person": "Anna"}
        )
        assert Stop.objects.get().person == "Anna"
        client.post(at(saw, "personen/"), {"do": "off"})
        assert Stop.objects.get().person == ""
        saw.hall.refresh_from_db()
        assert (saw.hall.persons, saw.hall.persons_by) == (False, "")
    finally:
        elsewhere.plug(before)


def test_a_usual_week_is_one_click_and_own_times_with_breaks_a_form(client: Client, saw: Filled) -> None:
    client.post(at(saw, "schichten/"), {"do": "pattern", "pattern": "two", "state": "SH"})
    saw.hall.refresh_from_db()
    assert [s["name"] for s in saw.hall.shifts["shifts"]] == ["Früh", "Spät"]
    assert saw.hall.shifts["state"] == "SH"
    own: dict[str, Any] = {
        "do": "save", "state": "BY", "closed": "24.12.2026–1.1.2027", "name-0": "Lang", "begin-0": "05:30", "end-0": "15:00", "days-0": ["0", "5"],
        "break-0-0-from": "09:00", "break-0-0-to": "09:20",
    }  # fmt: skip
    assert client.post(at(saw, "schichten/"), own).status_code == 302
    saw.hall.refresh_from_db()
    assert saw.hall.shifts["shifts"] == [
        {"name": "Lang", "weekdays": [0, 5], "begin": "05:30", "end": "15:00", "breaks": [["09:00", "09:20"]]}
    ]
    assert len(saw.hall.shifts["closed"]) == 9
    own |= {"begin-1": "14:00", "end-1": "22:00", "days-1": ["0"]}
    answer = client.post(at(saw, "schichten/"), own)
    assert answer.status_code == 422 and "überlappen" in plain(answer.content)


def test_a_planned_stop_is_no_loss(client: Client, saw: Filled) -> None:
    before = results_of(saw)["PBT"]
    planned = {
        "do": "plan",
        "machine": "",
        "reason": "maintenance",
        "begin": "2026-11-16T13:00",
        "end": "2026-11-16T14:00",
    }
    assert client.post(at(saw, "schichten/"), planned).status_code == 302
    results.refresh(saw.machine, NOW)
    assert before - results_of(saw)["PBT"] == pytest.approx(1800, abs=20)


def results_of(saw: Filled) -> dict[str, float]:
    from fractions import Fraction

    return {
        name: float(Fraction(value)) for name, value in saw.machine.results.get(begin=MONDAY).given["elements"].items()
    }


def test_orders_are_begun_and_ended_and_rejects_noted_by_a_tap(client: Client, saw: Filled) -> None:
    address = at(saw, "m/{m}/auftraege/")
    client.post(address, {"do": "begin", "name": "A1", "cycle": "55,5", "at": "2026-11-16T06:00"})
    order = saw.machine.orders.get()
    assert (order.cycle, order.begin) == (Decimal("55.500"), MONDAY)
    for kind in ("scrap", "scrap", "rework"):
        client.post(address, {"do": "tap", "order": order.pk, "kind": kind})
    client.post(address, {"do": "tap", "order": order.pk, "kind": "scrap", "back": "1"})
    order.refresh_from_db()
    assert (order.scrap, order.rework) == (1, 1)
    assert client.post(address, {"do": "end", "order": order.pk, "at": "2026-11-15T06:00"}).status_code == 422
    client.post(address, {"do": "end", "order": order.pk, "at": "2026-11-17T06:00"})
    order.refresh_from_db()
    assert order.end == MONDAY + 24 * HOUR


def test_energy_is_told_with_a_sourced_price_or_the_companys_own(client: Client, saw: Filled) -> None:
    said = text(client, at(saw, "m/{m}/energie/"))
    assert "Umweltbundesamt" in said and "VEA" in said and "Aus dem Strom geschätzt" in said
    client.post(at(saw, "m/{m}/energie/"), {"price": "0,31"})
    said = text(client, at(saw, "m/{m}/energie/"))
    assert "0,31 € je kWh (Ihre Angabe)" in said and "VEA" not in said


@pytest.mark.parametrize("lang", ["", "/en"])
def test_the_report_says_the_same_on_page_and_pdf_and_fits_on_one_page(client: Client, saw: Filled, lang: str) -> None:
    import io

    from pypdf import PdfReader

    said = text(client, at(saw, "bericht/", lang))
    made = PdfReader(io.BytesIO(client.get(at(saw, "bericht.pdf", lang)).content))
    assert len(made.pages) == 1
    whole = re.sub(r"[\s\u00ad-]+", "", "".join(page.extract_text() for page in made.pages))
    for sentence in ["zusammen 4,5 Stunden ungeplant"] if not lang else ["unplanned for 4.5 hours in all"]:
        assert sentence in said
        assert re.sub(r"[\s-]+", "", sentence) in whole


def test_a_machine_without_a_rate_hides_no_euros_and_is_named(client: Client, saw: Filled) -> None:
    other = Filled()
    other.machine.hall = saw.hall
    other.machine.name = "presse"
    other.machine.save()
    ShiftResult.objects.create(
        machine=other.machine, begin=MONDAY, end=MONDAY + 8 * HOUR, computed=NOW, settled=True,
        shift={"name": "Früh", "day": "2026-11-16", "begin": MONDAY, "end": MONDAY + 8 * HOUR, "breaks": []},
        given={"elements": {"POT": "28800", "PBT": "28800", "APT": "21600", "ADET": "7200"}, "machine": "Presse", "shift": "", "stops": [], "rate": None, "notes": []},
    )  # fmt: skip
    said = text(client, at(saw, "bericht/"))
    assert "etwa 270 € (gerechnet mit 60 € je Stunde)" in said
    assert "Für 1 Maschine fehlt der Stundensatz" in said


def test_shifts_without_a_result_are_missing_too(client: Client, saw: Filled) -> None:
    ShiftResult.objects.filter(begin__gte=MONDAY + 24 * HOUR).delete()
    for row in ShiftResult.objects.all():
        ShiftResult.objects.filter(pk=row.pk).update(computed=NOW)
    found = oee.use(saw.machine, oee.chosen(saw.machine, "woche", date(2026, 11, 20), NOW))
    assert found.planned == 4 * 8 * 3600  # Monday to Thursday
    assert found.unknown >= 3 * 8 * 3600


def test_words_typed_freely_stay_out_of_the_report(client: Client, saw: Filled) -> None:
    saw.machine.stops.create(
        begin=MONDAY + 2 * HOUR, end=MONDAY + 8 * HOUR, reason="Kollege Hansen krank", state="idle"
    )
    results.refresh(saw.machine, NOW)
    said = text(client, at(saw, "bericht/"))
    assert "Hansen" not in said and "ein Grund in eigenen Worten" in said


def test_no_quality_is_made_up_where_nothing_tells_of_scrap(client: Client, saw: Filled) -> None:
    said = text(client, at(saw, "m/{m}/auslastung/"))
    assert "OEE höchstens" in said and "Ausschuss ist nicht erfasst" in said
    assert "Qualität 100 %" not in said
    assert "höchstens" in text(client, at(saw, "bericht/"))
    saw.machine.orders.create(name="A1", cycle=Decimal("50"), begin=MONDAY, end=MONDAY + HOUR, scrap=2)
    assert "OEE höchstens" not in text(client, at(saw, "m/{m}/auslastung/"))


@pytest.mark.parametrize("page", ["auslastung/", "m/{m}/auslastung/", "bericht/"])
def test_half_finished_numbers_are_not_shown_but_how_far_they_are(
    client: Client, saw: Filled, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nordlotse.iot.actions.results.refresh", lambda *_: 0)  # the worker has not come round yet
    assert "sind gerechnet" not in text(client, at(saw, page))
    saw.machine.results.filter(begin=MONDAY).delete()
    said = text(client, at(saw, page))
    assert "75 % sind gerechnet" in said and "Unfertige Zahlen trotzdem ansehen" in said
    main = said.split("sind gerechnet")[1].split("Was eine Stunde Stillstand kostet")[0]
    assert not re.search(r"\d ?€|ungeplant|Stunden|Tagen davor", main)
    assert "ungeplant" in text(client, at(saw, page) + "?stand=vorlaeufig")


def test_a_waiting_page_is_told_how_long_it_takes_and_then_to_load_anew(
    client: Client, saw: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    kept = results.refresh
    monkeypatch.setattr("nordlotse.iot.actions.results.refresh", lambda *_: 0)
    saw.machine.results.filter(begin=MONDAY).delete()
    again = f"{at(saw, 'm/{m}/auslastung/')}?seit={time.time() - 20:.1f}&da=1"
    part = client.get(again, headers={"HX-Request": "true"})
    assert "Noch 10 s: 75 % sind gerechnet." in plain(part.content) and b"<h1" not in part.content
    monkeypatch.setattr("nordlotse.iot.actions.results.refresh", kept)
    over = client.get(again, headers={"HX-Request": "true"})
    assert (over.status_code, over["HX-Refresh"]) == (204, "true")


def test_no_pdf_is_made_of_half_finished_numbers(client: Client, saw: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nordlotse.iot.actions.results.refresh", lambda *_: 0)
    saw.machine.results.filter(begin=MONDAY).delete()
    answer = client.get(at(saw, "bericht.pdf"))
    assert answer.status_code == 302 and answer["Location"].endswith("/bericht/")


def test_a_word_said_after_the_working_out_makes_numbers_unfinished(saw: Filled) -> None:
    wanted = oee.chosen(saw.machine, "woche", date(2026, 11, 20), NOW)
    assert not underway([saw.machine], wanted, NOW).waiting
    saw.machine.stops.create(
        begin=MONDAY + 2 * HOUR, end=MONDAY + 3 * HOUR, reason="tool", state="fault",
        said_at=datetime.fromtimestamp(NOW / SECOND + 60, UTC),
    )  # fmt: skip
    assert underway([saw.machine], wanted, NOW).waiting


def test_a_simulated_past_that_is_still_being_made_makes_numbers_unfinished(saw: Filled) -> None:
    wanted = oee.chosen(saw.machine, "woche", date(2026, 11, 20), NOW)
    made = Simulation.objects.create(
        machine=saw.machine, kind="cnc", until=datetime(2026, 12, 1, tzinfo=UTC), history_from=MONDAY + 24 * HOUR
    )
    found = underway([saw.machine], wanted, NOW)
    assert (found.done, found.whole) == (3, 4)
    made.history_from = MONDAY - 100 * 24 * HOUR
    made.save()
    assert not underway([saw.machine], wanted, NOW).waiting


def test_as_many_stops_without_a_reason_are_counted_on_every_page(client: Client, saw: Filled) -> None:
    found = oee.use(saw.machine, oee.chosen(saw.machine, "zweiwochen", None, NOW))
    asked = queries_stops.unexplained(saw.machine, found.period.begin, found.period.end)
    assert found.open_stops == len(asked) > 0
    said = text(client, at(saw, "m/{m}/auslastung/?zeit=zweiwochen"))
    assert f"{len(asked)} Stillstände ab 1 Minute ohne Grund" in said
    assert f"{len(asked)} Stillstände ab 1 Minute vom " in text(client, at(saw, "m/{m}/stopps/"))


def test_sentence_and_table_name_the_same_largest_loss_and_sums(client: Client, saw: Filled) -> None:
    saw.machine.stops.create(
        begin=MONDAY + 2 * HOUR, end=MONDAY + 2 * HOUR + 2400 * SECOND, reason="setup", state="setup"
    )
    results.refresh(saw.machine, NOW)
    found = oee.use(saw.machine, oee.chosen(saw.machine, "zweiwochen", None, NOW)).account
    assert found is not None and found.good is not None
    assert found.planned == found.lost + found.good == sum(x.loss.seconds for x in found.lines) + found.good
    said = text(client, at(saw, "m/{m}/auslastung/?zeit=zweiwochen"))
    rows = said.split("Verlust wie oft Zeit Anteil etwa ")[1]
    largest = re.search(r"Am meisten kostet: (.+?) \(([\d,]+ \w+), etwa ([^)]+)\)", said)
    assert largest is not None
    name, long, cost = largest.groups()
    assert rows.lower().startswith(name.lower()) and long in rows[:120] and cost in rows[:120]
    assert "Rüsten" in rows.split("Stillstand zusammen")[0]
    head = re.search(r"„Säge“ stand .*? zusammen ([\d,]+ Stunden) .*?etwa ([\d.]+ €)", said)
    assert head is not None
    assert re.search(rf"Stillstand zusammen – {head[1]} [\d,]+ % {head[2]}", rows)


def test_the_report_names_the_longest_stops_of_a_loss(client: Client, saw: Filled) -> None:
    saw.machine.stops.create(
        begin=MONDAY + 2 * HOUR, end=MONDAY + 2 * HOUR + 2400 * SECOND, reason="breakdown", state="fault"
    )
    results.refresh(saw.machine, NOW)
    said = text(client, at(saw, "bericht/"))
    assert re.search(
        r"Säge: Maschine defekt, \d+ Minuten, etwa \d+ € Am längsten: [^()]*16\.[^()]*8[:.]00[^()]* \(\d+ Minuten\)",
        said,
    )


def test_a_simulated_machine_beside_an_own_one_is_shown_and_not_counted(client: Client, saw: Filled) -> None:
    before = text(client, at(saw, "bericht/")).split("Das sind etwa")[0]
    other = Filled().machine
    other.hall, other.name, other.title = saw.hall, "fraese", "Fräse"
    other.save()
    Simulation.objects.create(machine=other, kind="cnc", until=datetime(2026, 12, 1, tzinfo=UTC), stopped=True)
    ShiftResult.objects.create(
        machine=other, begin=MONDAY, end=MONDAY + 8 * HOUR, computed=NOW, settled=True,
        shift={"name": "Früh", "day": "2026-11-16", "begin": MONDAY, "end": MONDAY + 8 * HOUR, "breaks": []},
        given={"elements": {"POT": "28800", "PBT": "28800", "APT": "21600", "ADET": "7200"}, "machine": "Fräse", "shift": "", "stops": [], "rate": None, "notes": []},
    )  # fmt: skip
    after = text(client, at(saw, "bericht/"))
    assert "Nicht mitgezählt, weil simuliert: Fräse." in after and "Fräse (simuliert)" in after
    assert re.search(r"Ihre Maschinen standen .*? geplanter Zeit", before)[0] in after  # type: ignore[index]


def test_strangers_see_no_page_of_a_companys_hall(client: Client, saw: Filled) -> None:
    saw.hall.company, saw.hall.expires_at = "company-1", None
    saw.hall.save()
    for page in PAGES:
        assert client.get(at(saw, page)).status_code == 404


def test_two_weeks_of_values_each_second_answer_within_a_second(client: Client, clock: list[int]) -> None:
    import time

    saw = Filled(cycle=Decimal("50"))
    saw.work(days=12, step=1)
    clock[0] = MONDAY + 12 * 24 * HOUR
    states.find(saw.machine, clock[0])
    results.refresh(saw.machine, clock[0])
    client.get(at(saw, "m/{m}/auslastung/?zeit=zweiwochen"))
    begun = time.process_time()
    text(client, at(saw, "m/{m}/auslastung/?zeit=zweiwochen"))
    assert time.process_time() - begun < 1.0


def test_a_week_whose_shifts_are_still_worked_out_has_no_number_in_the_list(
    client: Client, saw: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nordlotse.iot.actions.results.refresh", lambda *_: 0)  # the worker has not come round yet
    given(saw, {"POT": "28800", "PBT": "28800", "APT": "21600", "ADET": "7200"}, day=-7)
    page = at(saw, "m/{m}/auslastung/?zeit=tag&bis=2026-11-17")
    assert "75 %" in text(client, page).split("Wochen")[-1] and "wird noch gerechnet" not in text(client, page)
    saw.machine.results.filter(begin=MONDAY).delete()
    listed = re.findall(r"Woche ab.*?</table>", client.get(page).content.decode(), re.DOTALL)[0]
    of = {plain(row.encode()).split()[0]: plain(row.encode()) for row in listed.split("<tr>")[1:]}
    assert len(of) == 2 and sum("wird noch gerechnet – –" in row for row in of.values()) == 1
    assert sum("75 %" in row for row in of.values()) == 1


def test_the_shift_in_which_the_horizon_lies_makes_numbers_unfinished_too(saw: Filled) -> None:
    now = MONDAY + HORIZON + 4 * HOUR  # in the middle of Monday's shift
    saw.put("Strom", [now - SECOND * n for n in range(600, 0, -1)], [8.0] * 600)
    saw.machine.results.all().delete()
    results.refresh(saw.machine, now)
    wanted = oee.chosen(saw.machine, "tag", date(2026, 11, 16), now)
    assert not underway([saw.machine], wanted, now).waiting
    saw.machine.results.filter(begin=MONDAY).delete()
    assert underway([saw.machine], wanted, now).waiting


def test_a_past_that_is_still_being_made_leaves_no_half_result_behind_that_stays(saw: Filled) -> None:
    now = MONDAY + HORIZON + 4 * HOUR
    saw.put("Strom", [now - SECOND * n for n in range(600, 0, -1)], [8.0] * 600)
    saw.machine.results.all().delete()
    made = Simulation.objects.create(
        machine=saw.machine, kind="cnc", until=datetime(2027, 12, 1, tzinfo=UTC), history_from=MONDAY + HOUR
    )
    results.refresh(saw.machine, now)
    assert not saw.machine.results.filter(begin=MONDAY).exists()
    made.history_from = MONDAY - HOUR
    made.save()
    results.refresh(saw.machine, now)
    assert saw.machine.results.filter(begin=MONDAY).exists()
