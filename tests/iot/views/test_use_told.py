"""What an owner reads of a machine's use: missing time with its breaks, a comparison that is the same everywhere, stops nobody gave a reason for."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from html import unescape

import numpy as np
import pytest
from django.test import Client
from django.utils.translation import override

from nordlotse.iot.actions import results, states
from nordlotse.iot.core.periods import period
from nordlotse.iot.models import ShiftResult
from nordlotse.iot.queries import oee, report
from nordlotse.iot.queries.report_words import compared
from tests.iot.clocked import clocked
from tests.iot.worked import HOUR, MONDAY, SECOND, Filled

pytestmark = pytest.mark.django_db

NOW = MONDAY + 4 * 24 * HOUR
DAY = 24 * HOUR


@pytest.fixture
def saw(monkeypatch: pytest.MonkeyPatch) -> Filled:
    """A machine that worked Monday to Wednesday; now it is Friday morning."""
    clocked(monkeypatch, lambda: NOW)
    made = Filled(cycle=Decimal("50"), euros_per_hour=Decimal("60"))
    made.work(days=3)
    states.find(made.machine, NOW)
    results.refresh(made.machine, NOW)
    return made


def text(client: Client, saw: Filled, page: str, lang: str = "") -> str:
    answer = client.get(f"{lang}/maschinen/{saw.hall.pk}/{page}".format(m=saw.machine.pk))
    assert answer.status_code == 200
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def earlier(saw: Filled, weeks: int, parts: int) -> None:
    """A kept shift of a Monday before, with so many good parts at 50 s in 8 hours."""
    begin = MONDAY - weeks * 7 * DAY
    day = {1: "2026-11-09", 2: "2026-11-02"}[weeks]
    elements = {"POT": "28800", "PBT": "28800", "APT": "28800", "ADET": "0", "PRI": "50", "PQ": str(parts), "GQ": str(parts)}  # fmt: skip
    ShiftResult.objects.create(
        machine=saw.machine, begin=begin, end=begin + 8 * HOUR, computed=NOW, settled=True,
        shift={"name": "Früh", "day": day, "begin": begin, "end": begin + 8 * HOUR, "breaks": []},
        given={"elements": elements, "machine": "Säge", "shift": "", "stops": [], "rate": None, "notes": []},
    )  # fmt: skip


def test_missing_time_is_told_with_its_breaks_where_the_plan_has_some(client: Client, saw: Filled) -> None:
    page = text(client, saw, "m/{m}/auslastung/")
    assert re.search(r"Von 8 Stunden in den Schichten \(mit Pausen\) fehlen Messwerte", page)
    assert "8 Stunden ohne Daten (mit Pausen) zählen nicht mit" in page
    assert "Schichtzeit (mit Pausen) aller Maschinen" in text(client, saw, "bericht/")
    english = text(client, saw, "m/{m}/auslastung/", "/en")
    assert "8 hours of the shifts (with breaks)" in english and "8 hours without data (with breaks)" in english
    assert "shift time (with breaks)" in text(client, saw, "bericht/", "/en")


def test_missing_time_of_a_plan_without_breaks_speaks_of_none(client: Client, saw: Filled) -> None:
    saw.hall.shifts = {**saw.hall.shifts, "shifts": [{**saw.hall.shifts["shifts"][0], "breaks": []}]}
    saw.hall.save()
    saw.machine.refresh_from_db()
    results.refresh(saw.machine, NOW)
    for page in ("m/{m}/auslastung/", "bericht/"):
        assert "mit Pausen" not in text(client, saw, page)


def test_page_and_report_compare_the_same_two_weeks_with_the_same_before(client: Client, saw: Filled) -> None:
    earlier(saw, 2, 400)
    found = report.report(saw.hall, None, NOW, "de").rows[0]
    assert found.before is not None and found.use.oee is not None
    said = compared("OEE", found.use.oee - found.before, found.use.period, "de")
    assert re.search(r"Punkte? (mehr|weniger) als in den 14 Tagen davor", said)
    words = said.split(": ", 1)[1]
    assert words in text(client, saw, "m/{m}/auslastung/?zeit=zweiwochen")
    assert words in text(client, saw, "bericht/")


def test_seven_days_are_compared_with_the_seven_days_before(client: Client, saw: Filled) -> None:
    page = text(client, saw, "m/{m}/auslastung/")
    assert not re.search("Punkte? (mehr|weniger)|unverändert|Hälfte", page)
    earlier(saw, 1, 400)
    wanted = oee.chosen(saw.machine, "woche", None, NOW)
    before = oee.value(saw.machine, period("woche", wanted.before, "Europe/Berlin"))
    assert before == Fraction(400 * 50, 28_800)
    page = text(client, saw, "m/{m}/auslastung/")
    assert re.search(r"Punkte? (mehr|weniger) als in den 7 Tagen davor\.", page) and "Hälfte" not in page
    assert re.search(r"points? (more|less) than in the 7 days before\.", text(client, saw, "m/{m}/auslastung/", "/en"))


def test_one_point_is_no_points_and_nothing_is_unchanged() -> None:
    wanted = period("woche", date(2026, 11, 19), "Europe/Berlin")
    assert compared("OEE", Fraction(1, 100), wanted, "de") == "OEE: 1 Punkt mehr als in den 7 Tagen davor."
    with override("en"):
        assert "1 point less than in the 7 days" in compared("OEE", Fraction(-1, 100), wanted, "en")
    assert "0,9 Punkte weniger" in compared("OEE", Fraction(-9, 1000), wanted, "de")
    assert compared("OEE", Fraction(1, 100_000), wanted, "de") == "OEE: unverändert gegenüber den 7 Tagen davor."


def test_the_advice_names_the_second_largest_loss_where_it_has_no_reason(client: Client, saw: Filled) -> None:
    saw.machine.cycle = Decimal("60")
    saw.machine.save()
    for day in range(3):
        for first, last in ((120, 160), (450, 480)):
            begin = MONDAY + day * DAY + first * HOUR // 60
            saw.machine.stops.create(
                begin=begin, end=begin + (last - first) * HOUR // 60, reason="breakdown", state="fault"
            )
    results.refresh(saw.machine, NOW)
    assert oee.use(saw.machine, oee.chosen(saw.machine, "woche", None, NOW)).next == "loss"
    page = text(client, saw, "m/{m}/auslastung/")
    advice = page.split("Was Sie als Nächstes tun")[1].split("OEE")[0]
    assert "Maschine defekt" in advice
    assert re.search(r"Der zweitgrößte Verlust ist ohne genannten Grund: (1 Stunde|5\d Minuten|60 Minuten)", advice)
    assert "Gründe angeben" in advice
    assert "The second-largest loss has no reason given" in text(client, saw, "m/{m}/auslastung/", "/en")


def test_a_stop_that_a_shifts_end_cuts_in_two_says_so_at_both_parts(client: Client, saw: Filled) -> None:
    late = {"name": "Spät", "weekdays": [0, 1, 2, 3, 4], "begin": "14:00", "end": "22:00", "breaks": []}
    saw.hall.shifts = {**saw.hall.shifts, "shifts": [*saw.hall.shifts["shifts"], late]}
    saw.hall.save()
    saw.machine.refresh_from_db()
    end = MONDAY + 2 * DAY + 8 * HOUR
    times = np.arange(end, end + 2 * HOUR, 5 * SECOND)
    saw.put("Strom", times, np.where(times < end + 44 * HOUR // 60, 0.05, 8.0))
    results.refresh(saw.machine, NOW)
    page = text(client, saw, "m/{m}/stopps/")
    assert page.count("Er geht nach 14:00 Uhr weiter und steht dort als eigener Teil") == 1
    assert page.count("Er begann schon vor 14:00 Uhr und steht dort als eigener Teil") == 1
    assert "It goes on after 14:00" in text(client, saw, "m/{m}/stopps/", "/en")


def test_a_machine_that_no_signal_counts_the_parts_of_is_not_told_to_wait_for_a_counter(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    clocked(monkeypatch, lambda: NOW)
    made = Filled(euros_per_hour=Decimal("60"), signals={"Strom": {"unit": "A", "role": "current"}})
    time = np.arange(MONDAY, MONDAY + 8 * HOUR, 5 * SECOND)
    stands = (time > MONDAY + 5 * HOUR) & (time < MONDAY + 5 * HOUR + 1800 * SECOND)
    made.put("Strom", time.tolist(), np.where(stands, 2.0, 8.0).tolist())
    stop = made.machine.stops.create(
        begin=MONDAY + 5 * HOUR, end=MONDAY + 5 * HOUR + 1800 * SECOND, reason="material", state="idle"
    )
    states.find(made.machine, NOW)
    results.refresh(made.machine, NOW)
    page = text(client, made, "m/{m}/auslastung/")
    assert stop.pk and "Kein Signal zählt Teile, und Stückzahlen sind nicht eingetragen" in page
    assert "Kein Signal zählt Teile: Wie viele gut waren, ist unbekannt." in page
    assert "Laufzeit und Stillstände gelten auch so" in page
    assert "Es fehlen Teile" not in page and "woher die Teile gezählt werden" not in page
    assert "no quantities are entered" in text(client, made, "m/{m}/auslastung/", "/en")


def test_where_a_signal_counts_parts_nobody_says_that_none_does(client: Client, saw: Filled) -> None:
    assert "Kein Signal zählt" not in text(client, saw, "m/{m}/auslastung/")
