"""Taking values to a spreadsheet: the page warns before, hours fit into a sheet, and what people said comes along."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from nordlotse.iot import memory
from nordlotse.iot.actions import results, states
from nordlotse.iot.core import spreadsheet, tail
from nordlotse.iot.models import Alarm, Hall, Machine, Order, Stop
from nordlotse.iot.queries.stops import unexplained
from tests.iot.worked import MONDAY, Filled
from tests.iot.written import Written

pytestmark = pytest.mark.django_db

HOUR = 3_600_000_000
#: 1 June 2026, 10:00 UTC, 12:00 in Berlin.
NOON = 1_780_308_000_000_000


@pytest.fixture
def hall() -> Hall:
    made = Hall.objects.create(name="Halle 2")
    Machine.objects.create(hall=made, name="=saw", title="=saw")
    written = Written(made.store)
    written.put("=saw", "Strom", [NOON, NOON + 60_000_000, NOON + HOUR], [-4.5, 5.5, 7.25])
    return made


def taken(hall: Hall, path: str, **query: str) -> bytes:
    answer: Any = Client().get(f"/maschinen/{hall.pk}/mitnehmen/{path}", query)
    assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    return b"".join(answer.streaming_content)


def test_a_german_sheet_has_a_row_an_hour_with_comma_semicolon_and_the_time_of_berlin(hall: Hall) -> None:
    lines = taken(hall, "stunden.csv").decode("utf-8-sig").splitlines()
    assert lines[0] == "Stunde;Maschine;Signal;Mittel;kleinster;größter;Werte"
    assert lines[1:] == [
        "01.06.2026 12:00:00;'=saw;Strom;0,5;-4,5;5,5;2",
        "01.06.2026 13:00:00;'=saw;Strom;7,25;7,25;7,25;1",
    ]


def test_a_mean_has_no_more_decimals_than_the_values_it_comes_from(hall: Hall) -> None:
    Written(hall.store).put("=saw", "Druck", [NOON, NOON + 1, NOON + 2], [1.25, 1.5, 2.0])
    rows = taken(hall, "stunden.csv").decode("utf-8-sig").splitlines()
    assert "01.06.2026 12:00:00;'=saw;Druck;1,58;1,25;2;3" in rows


def test_single_values_stand_in_local_time_with_the_zone_beside_it(hall: Hall) -> None:
    winter = 1_792_891_800_000_000  # 25 October 2026: 02:30 exists twice in Berlin
    Written(hall.store).put("=saw", "Ampel", [winter - HOUR, winter + 250_000], ["rot", "gelb"])
    rows = taken(hall, "einzelwerte.csv").decode("utf-8-sig").splitlines()
    assert rows[0] == "Zeit (Berlin);Zone;Maschine;Signal;Wert"
    ampel = [row for row in rows if "Ampel" in row]
    assert [row.split(";")[1] for row in ampel] == ["MESZ", "MEZ"]
    assert ampel[0].split(";")[0] == ampel[1].split(";")[0].split(",")[0] and ampel[1].split(";")[0].endswith(",250")


def test_a_full_sheet_of_single_values_says_so(hall: Hall) -> None:
    reader = tail.reader(memory.folder(), hall.store)
    reader.look()
    lines = b"".join(spreadsheet.singles(reader, "", most=4)).decode("utf-8-sig").splitlines()
    assert len(lines) == 4 and lines[-1] == spreadsheet.FULL


def test_a_sheet_that_is_full_says_so_in_its_last_row(hall: Hall) -> None:
    reader = tail.reader(memory.folder(), hall.store)
    reader.look()
    lines = b"".join(spreadsheet.hourly(reader, "", most=3)).decode("utf-8-sig").splitlines()
    assert len(lines) == 3 and lines[-1] == spreadsheet.FULL


def test_the_page_tells_rows_size_and_the_limit_of_excel_before(hall: Hall) -> None:
    page = Client().get(f"/maschinen/{hall.pk}/mitnehmen/").content.decode()
    assert "3 Zeilen, als CSV etwa 1 MB" in page and "1.048.576" in page


def test_reasons_orders_alarms_and_shifts_come_as_tables_without_names_of_persons(hall: Hall) -> None:
    saw = hall.machines.get()
    Stop.objects.create(machine=saw, begin=NOON, end=NOON + HOUR, reason="=1+1", state="fault", person="Erika Muster")
    Order.objects.create(machine=saw, name="A1", part="@Teil", cycle="12.5", begin=NOON)
    reason = {"sensor": "Strom", "share": 1.0, "seen": 5.5, "usual": 4.0}
    Alarm.objects.create(machine=saw, kind="above", begin=NOON, reasons=[reason], acknowledged_at=timezone.now())
    with zipfile.ZipFile(io.BytesIO(taken(hall, "gesagt.zip"))) as file:
        told = {name: file.read(name).decode("utf-8-sig") for name in file.namelist()}
    assert set(told) == {"stillstaende.csv", "auftraege.csv", "alarme.csv", "schichten.csv"}
    assert "'=1+1;Störung" in told["stillstaende.csv"] and "Muster" not in "".join(told.values())
    assert "A1;'@Teil;12,5;01.06.2026 12:00:00" in told["auftraege.csv"]
    assert "Strom;5,5;4;" in told["alarme.csv"]


def test_stops_without_a_reason_come_along_from_a_minute_on_in_their_order() -> None:
    made = Filled()
    made.work(days=2)
    states.find(made.machine, MONDAY + 48 * HOUR)
    results.refresh(made.machine, MONDAY + 48 * HOUR)
    Stop.objects.create(machine=made.machine, begin=MONDAY + 2 * HOUR, end=MONDAY + 2 * HOUR + HOUR // 3, reason="tool", state="fault")  # fmt: skip
    days = [line.split(";") for line in zipped(made.hall)["stillstaende.csv"].splitlines()[1:]]
    counted = unexplained(made.machine, MONDAY, MONDAY + 48 * HOUR)
    without = [row for row in days if not row[3]]
    assert len(without) == len(counted) > 2 and len(days) == len(counted) + 1
    assert all(row[4] for row in without)
    began = [f"{row[1][6:10]}{row[1][3:5]}{row[1][:2]}{row[1][11:]}" for row in days]
    assert began == sorted(began)
    second = zipped(made.hall, von="2026-11-17")["stillstaende.csv"].splitlines()[1:]
    assert second and len(second) < len(without) and all(";17.11.2026" in line for line in second)


def test_the_table_of_shifts_has_german_headings_with_the_abbreviation_behind(hall: Hall) -> None:
    heading = zipped(hall)["schichten.csv"].splitlines()[0]
    assert (
        "geplante Betriebszeit in Sekunden (POT)" in heading and "Gutmenge (GQ)" in heading and "POT (s)" not in heading
    )


def zipped(hall: Hall, **query: str) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(taken(hall, "gesagt.zip", **query))) as file:
        return {name: file.read(name).decode("utf-8-sig") for name in file.namelist()}


def test_tables_hold_only_what_began_on_the_days_chosen(hall: Hall) -> None:
    Stop.objects.create(machine=hall.machines.get(), begin=NOON, end=NOON + HOUR, reason="tool", state="fault")
    with zipfile.ZipFile(io.BytesIO(taken(hall, "gesagt.zip", bis="2026-05-31"))) as file:
        assert len(file.read("stillstaende.csv").splitlines()) == 1
