"""Time nothing is known of: one figure, the same on the page of use, in its notes and in the report; and what is said of values from a file."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from typing import Any

import numpy as np
import pytest
from django.test import Client

from nordlotse.iot.actions import results, states
from nordlotse.iot.core.states.values import State
from nordlotse.iot.core.values import Quality
from nordlotse.iot.models import ShiftResult, Simulation, Upload
from nordlotse.iot.queries import oee, report
from nordlotse.iot.queries import states as state_queries
from tests.iot.clocked import clocked
from tests.iot.worked import HOUR, MONDAY, SECOND, Filled

pytestmark = pytest.mark.django_db

#: Friday, 20 November 2026, 6:00: the file's three hours begin. The page is looked at on Monday evening after.
FRIDAY = MONDAY + 4 * 24 * HOUR
NOW = FRIDAY + 3 * 24 * HOUR + 14 * HOUR
OUTCOME = {
    "values": 9, "fresh": 9, "corrected": 0, "duplicates": 0, "rows": 9, "machines": ["saege"], "signals": 1, "first": FRIDAY, "last": FRIDAY + HOUR,
}  # fmt: skip
TWO: dict[str, Any] = {
    "shifts": [
        {"name": "Früh", "weekdays": [0, 1, 2, 3, 4], "begin": "06:00", "end": "14:00", "breaks": [["09:00", "09:30"]]},
        {"name": "Spät", "weekdays": [0, 1, 2, 3, 4], "begin": "14:00", "end": "22:00", "breaks": [["18:00", "18:30"]]},
    ],
    "zone": "Europe/Berlin",
    "state": None,
}


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    clocked(monkeypatch, lambda: NOW)


@pytest.fixture
def lathe() -> Filled:
    """A machine of which a file with three hours of Friday is all there is: it runs, and idles for half an hour."""
    made = Filled()
    times = np.arange(FRIDAY, FRIDAY + 3 * HOUR, 10 * SECOND)
    idle = (times >= FRIDAY + HOUR) & (times < FRIDAY + HOUR + HOUR // 2)
    level = np.where(idle, 2.0, 8.0) + np.random.default_rng(1).normal(0, 0.05, len(times))
    made.put("Strom", times, level)
    return made


def planned(lathe: Filled, shifts: dict[str, Any]) -> None:
    lathe.hall.shifts = shifts
    lathe.hall.save()
    lathe.machine.refresh_from_db()
    states.find(lathe.machine, NOW)
    results.refresh(lathe.machine, NOW)


def text(client: Client, lathe: Filled, page: str, lang: str = "") -> str:
    answer = client.get(f"{lang}/maschinen/{lathe.hall.pk}/{page}".format(m=lathe.machine.pk))
    assert answer.status_code == 200
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.mark.parametrize(
    ("shifts", "missing", "share"),
    [({}, 14 * 24 - 3, "99,1 %"), (TWO, 10 * 16 - 3, "98,1 %")],
    ids=["without a plan", "two shifts"],
)
def test_time_without_values_is_the_planned_time_less_what_was_measured_on_all_pages(
    client: Client, lathe: Filled, shifts: dict[str, Any], missing: int, share: str
) -> None:
    planned(lathe, shifts)
    page = text(client, lathe, "m/{m}/auslastung/?zeit=zweiwochen")
    breaks = " (mit Pausen)" if shifts else ""
    assert f"Von {missing} Stunden in den Schichten{breaks} fehlen Messwerte" in page
    assert re.findall(r"(\S+ \S+ ohne Daten.*?) zählen nicht mit", page) == [f"{missing} Stunden ohne Daten{breaks}"]
    assert f"fehlen bei {share} die Messwerte" in text(client, lathe, "bericht/")


def test_the_week_says_the_same_figure_in_the_sentence_and_in_the_notes(client: Client, lathe: Filled) -> None:
    planned(lathe, {})
    page = text(client, lathe, "m/{m}/auslastung/")
    assert "Von 165 Stunden in den Schichten" in page and "165 Stunden ohne Daten" in page


def test_a_shift_that_goes_on_counts_up_to_now_only(lathe: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    now = FRIDAY + 3 * HOUR
    clocked(monkeypatch, lambda: now)
    lathe.hall.shifts = TWO
    lathe.hall.save()
    lathe.machine.refresh_from_db()
    states.find(lathe.machine, now)
    results.refresh(lathe.machine, now)
    used = oee.use(lathe.machine, oee.chosen(lathe.machine, "tag", date(2026, 11, 20), now))
    assert used.planned == 3 * 3600 and used.unknown <= 60


def test_a_shift_that_ended_a_minute_ago_misses_nothing_its_result_has_not_come_to_yet(lathe: Filled) -> None:
    planned(lathe, TWO)
    row = ShiftResult.objects.get(begin=FRIDAY)
    row.spans = [span for span in row.spans if span[2] != State.UNKNOWN.value]
    assert oee.unknown_of(row, row.end + 60 * SECOND) == 0
    assert abs(oee.unknown_of(row, row.end + HOUR) - 5 * 3600) < 15  # the last value came at 8:59:50


def test_the_report_counts_missing_time_as_the_page_of_use_does(lathe: Filled) -> None:
    planned(lathe, TWO)
    used = oee.use(lathe.machine, oee.chosen(lathe.machine, "zweiwochen", None, NOW))
    found = report.report(lathe.hall, None, NOW, "de")
    assert found.unknown * used.planned == used.unknown and used.planned == 160 * 3600


def test_planned_time_with_gaps_is_called_what_it_is(client: Client, lathe: Filled) -> None:
    planned(lathe, TWO)
    page = text(client, lathe, "m/{m}/auslastung/")
    assert "von 3 Stunden geplanter Zeit mit Messwerten" in page
    assert "planned with readings" in text(client, lathe, "bericht/", "/en")


def test_the_share_it_ran_is_one_of_the_time_with_values_and_is_called_so(client: Client, lathe: Filled) -> None:
    planned(lathe, TWO)
    assert re.search(r"Sie liefen 83,\d % dieser Zeit\.", text(client, lathe, "bericht/"))
    assert re.search(r"They ran for 83\.\d % of this time\.", text(client, lathe, "bericht/", "/en"))


def test_values_from_a_file_are_not_missed_on_the_line(
    client: Client, lathe: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(lathe, TWO)
    assert "Prüfen Sie Netz und Zugang der Maschine" in text(client, lathe, "m/{m}/auslastung/")
    lathe.put("Strom", [FRIDAY + 3 * HOUR], [8.0], Quality.IMPORTED)
    page = text(client, lathe, "m/{m}/auslastung/")
    assert "Netz und Zugang" not in page and "kommen aus einer Datei" in page


def test_a_rate_somebody_entered_is_not_called_assumed(client: Client, lathe: Filled) -> None:
    lathe.machine.euros_per_hour = Decimal("78.50")
    lathe.machine.save()
    planned(lathe, TWO)
    for page in ("m/{m}/auslastung/", "bericht/"):
        said = text(client, lathe, page)
        assert "gerechnet mit 78,50 € je Stunde" in said and "angenommen" not in said
    until = datetime(2027, 1, 1, tzinfo=UTC)
    Simulation.objects.create(machine=lathe.machine, kind="cnc", until=until, stopped=True)
    assert "angenommen 78,50 € je Stunde" in text(client, lathe, "m/{m}/auslastung/")


def test_the_page_of_a_hall_with_one_machine_names_it(client: Client, lathe: Filled) -> None:
    lathe.machine.title = "Drehmaschine 1"
    lathe.machine.save()
    for page in ("", "jetzt/"):
        assert "Drehmaschine 1" in text(client, lathe, page)
    assert client.get(f"/maschinen/{lathe.hall.pk}/jetzt/?m={lathe.machine.pk}").content.count(b"<h2") == 0


def test_after_a_file_was_read_the_page_leads_to_what_stops_cost_too(client: Client, lathe: Filled) -> None:
    row = Upload.objects.create(
        hall=lathe.hall, machine="saege", name="a.csv", state=Upload.State.DONE, outcome=OUTCOME
    )
    page = client.get(f"/maschinen/{lathe.hall.pk}/datei/{row.pk}/").content.decode()
    assert f'href="/maschinen/{lathe.hall.pk}/m/{lathe.machine.pk}/auslastung/"' in page
    assert "Was Stillstände kosten" in page and "Verlauf ansehen" in page


def test_when_a_trial_hall_goes_is_told_in_few_letters(client: Client, lathe: Filled) -> None:
    lathe.hall.expires_at = datetime(2027, 11, 24, 18, 40, tzinfo=UTC)
    lathe.hall.save()
    assert "Probehalle, gelöscht am 24.11. um 19:40 Uhr" in text(client, lathe, "")
    assert "24 Nov" in text(client, lathe, "", "/en")


def test_the_day_of_a_file_has_no_data_before_and_behind_it(lathe: Filled) -> None:
    states.find(lathe.machine, NOW)
    friday, spans, begin, end = state_queries.day(lathe.machine, None, "Europe/Berlin", NOW)
    assert friday == date(2026, 11, 20)
    assert (spans[0].begin, spans[-1].end) == (begin, end)
    silent = sum(span.length for span in spans if span.state is State.UNKNOWN)
    assert silent / HOUR == pytest.approx(21, abs=0.02)
