"""Files of values: nothing is taken in before somebody says so; what came of it is told; the same file twice counts once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from nordlotse.foundation.problem import BadInput, NotFound, TooLarge, TooMany
from nordlotse.iot import memory
from nordlotse.iot.actions import halls, uploads
from nordlotse.iot.core import tables, tail
from nordlotse.iot.core.orders import Order
from nordlotse.iot.core.values import Series
from nordlotse.iot.models import Hall, Upload
from nordlotse.iot.queries import limits
from nordlotse.iot.queries import uploads as queries
from nordlotse.office import files
from tests.iot.process import Serve

pytestmark = pytest.mark.django_db
HEAD = "Zeit;Strom [A];Temperatur"


def table(*rows: str) -> bytes:
    return "\r\n".join([HEAD, *rows]).encode("cp1252")


ROWS = [f"01.03.2026 06:00:{second:02d};{second},5;20,1" for second in range(20)]


@pytest.fixture
def hall() -> Hall:
    return halls.create(user=None, lang="de")


def brought(hall: Hall, content: bytes, name: str = "werte.csv") -> Upload:
    return queries.upload(hall, uploads.take(hall, "Säge", SimpleUploadedFile(name, content)))


def taken_in(hall: Hall, content: bytes) -> queries.Shown:
    row = brought(hall, content)
    uploads.ask(row)
    assert uploads.Lane().run_one()
    row.refresh_from_db()
    assert row.state == Upload.State.DONE, row.problem
    shown = queries.outcome(row)
    assert shown is not None
    return shown


def values(hall: Hall, signal: str) -> list[Any]:
    reader = tail.reader(memory.folder(), hall.store, patience=0)
    reader.look()
    return reader.rows(Series(hall.store, "Säge", signal)).shown()


def test_it_is_looked_at_and_nothing_is_taken_in_before_somebody_says_so(hall: Hall) -> None:
    row = brought(hall, table(*ROWS))
    found = tables.found_from(row.found)
    assert [column.role.value for column in found.columns] == ["time", "signal", "signal"]
    assert (found.decimal, found.time_form.value, found.zone) == (",", "dmy", "Europe/Berlin")
    assert found.columns[1].unit == "A"
    assert row.state == Upload.State.LOOKED
    assert not uploads.Lane().run_one()


def test_values_and_what_could_not_be_read_are_told_with_row_and_reason(intake: Serve, hall: Hall) -> None:
    shown = taken_in(hall, table(*ROWS, "01.03.2026 06:01:00;viel;20,1", "gestern;1,0;20,1"))
    assert (shown.values, shown.fresh, shown.duplicates, shown.corrected) == (41, 41, 0, 0)
    assert {(one.line, one.code, one.content) for one in shown.told} == {
        (22, "number", "viel"),
        (23, "time", "gestern"),
    }
    assert shown.unread == 2
    assert values(hall, "Strom")[:2] == [0.5, 1.5]
    machine = hall.machines.get()
    assert machine.signals["Strom"] == {"title": "Strom", "unit": "A", "role": "current"}


def test_the_same_file_twice_counts_once_and_says_so(intake: Serve, hall: Hall) -> None:
    taken_in(hall, table(*ROWS))
    again = taken_in(hall, table(*ROWS))
    assert (again.fresh, again.duplicates, again.corrected) == (0, 40, 0)
    assert len(values(hall, "Strom")) == 20


def test_another_value_at_the_same_time_corrects_and_is_counted(intake: Serve, hall: Hall) -> None:
    taken_in(hall, table(*ROWS))
    other = [ROWS[0].replace("0,5", "99,5"), *ROWS[1:], "01.03.2026 07:00:00;1,0;20,1"]
    shown = taken_in(hall, table(*other))
    assert (shown.fresh, shown.corrected, shown.duplicates) == (2, 1, 39)
    assert values(hall, "Strom")[0] == 99.5


def test_what_somebody_changes_counts(intake: Serve, hall: Hall) -> None:
    row = brought(hall, table(*ROWS))
    columns = [dict(one) for one in row.found["columns"]]
    columns[1] |= {"signal": "Hauptantrieb", "unit": "mA"}
    columns[2] |= {"role": "ignored"}
    uploads.change(row, {"columns": columns, "zone": "UTC"}, "Säge")
    uploads.ask(row)
    uploads.Lane().run_one()
    assert values(hall, "Hauptantrieb")[0] == 0.5
    assert values(hall, "Temperatur") == []
    reader = tail.reader(memory.folder(), hall.store, patience=0)
    reader.look()
    assert int(reader.rows(Series(hall.store, "Säge", "Hauptantrieb")).time[0]) == 1_772_344_800_000_000  # 06:00 UTC


def test_its_bytes_are_thrown_away_when_it_is_taken_in(intake: Serve, hall: Hall) -> None:
    row = brought(hall, table(*ROWS))
    place = queries.file_of(row)
    uploads.ask(row)
    uploads.Lane().run_one()
    assert files.of("iot", row.pk) == []
    with pytest.raises(NotFound):
        queries.file_of(row)
    assert place.name  # the bytes go with the transaction that says so


def test_a_file_that_is_cancelled_is_not_taken_in_and_can_be_asked_for_again(intake: Serve, hall: Hall) -> None:
    row = brought(hall, table(*ROWS))
    uploads.ask(row)
    uploads.cancel(row)
    assert not uploads.Lane().run_one()
    row.refresh_from_db()
    assert row.state == Upload.State.CANCELLED
    uploads.ask(row)
    assert uploads.Lane().run_one()
    assert len(values(hall, "Strom")) == 20


def test_cancelling_in_the_middle_stops_it(intake: Serve, hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    row = brought(hall, table(*ROWS))
    uploads.ask(row)
    monkeypatch.setattr(uploads, "_NOTED", -1.0)
    blocks = tables.blocks

    def slow(*given: Any) -> Any:
        for piece in blocks(*given):
            uploads.cancel(row)
            yield piece

    monkeypatch.setattr(tables, "blocks", slow)
    assert uploads.Lane().run_one()
    row.refresh_from_db()
    assert (row.state, row.outcome) == (Upload.State.CANCELLED, {})


def test_a_run_whose_worker_died_is_done_again(intake: Serve, hall: Hall) -> None:
    row = brought(hall, table(*ROWS))
    dead = timezone.now() - timedelta(seconds=uploads.DEAD_SECONDS + 1)
    Upload.objects.filter(pk=row.pk).update(state=Upload.State.RUNNING, taken_at=dead)
    assert uploads.Lane().run_one()
    row.refresh_from_db()
    assert row.state == Upload.State.DONE


def test_without_an_intake_it_fails_with_a_reason_and_can_be_tried_again(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(memory, "folder", lambda: tmp_path)
    row = brought(hall, table(*ROWS))
    uploads.ask(row)
    uploads.Lane().run_one()
    row.refresh_from_db()
    problem = queries.problem(row)
    assert row.state == Upload.State.FAILED
    assert problem is not None and problem.code == "iot_not_running" and problem.remedy_de
    uploads.ask(row)
    row.refresh_from_db()
    assert row.state == Upload.State.WAITING


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "file_empty"), (b"\x00\x01\x02" * 50, "table"), (b"nur ein Satz", "table")]
)
def test_what_is_no_table_is_refused_by_its_own_name(hall: Hall, content: bytes, code: str) -> None:
    with pytest.raises(BadInput, match=code) as told:
        brought(hall, content, "brief.csv")
    assert "brief.csv" in told.value.where
    assert not Upload.objects.exists()


def test_a_file_that_is_too_large_is_refused(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "UPLOAD_BYTES", 10)
    with pytest.raises(TooLarge, match="file_too_large"):
        brought(hall, table(*ROWS))


def test_a_full_sandbox_takes_no_file(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SANDBOX_BYTES", -1)
    with pytest.raises(TooMany, match="iot_sandbox_full"):
        brought(hall, table(*ROWS))


def test_files_nobody_took_in_are_thrown_away_after_a_day(hall: Hall) -> None:
    row = brought(hall, table(*ROWS))
    assert uploads.forget_old() == 0
    Upload.objects.update(asked_at=timezone.now() - timedelta(hours=25))
    assert uploads.forget_old() == 1
    assert files.of("iot", row.pk) == []


def test_so_many_files_lie_in_a_hall_before_one_is_taken_in_or_removed(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FILES", 2)
    first = brought(hall, table(*ROWS))
    brought(hall, table(*ROWS))
    with pytest.raises(TooMany, match="iot_files_held"):
        brought(hall, table(*ROWS))
    uploads.remove(first)
    brought(hall, table(*ROWS))


def test_a_file_taken_in_while_its_hall_was_deleted_leaves_no_values(
    intake: Serve, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = brought(hall, table(*ROWS))
    uploads.ask(row)
    blocks = tables.blocks

    def meanwhile(*given: Any) -> Any:
        Hall.objects.all().delete()  # and its order was carried out before what follows came
        yield from blocks(*given)

    asked: list[Order] = []
    monkeypatch.setattr("nordlotse.iot.leaving.orders.ask", lambda folder, order: asked.append(order))
    monkeypatch.setattr(tables, "blocks", meanwhile)
    assert uploads.Lane().run_one()
    assert asked == [Order("leave", hall.store)]


def test_a_machine_deleted_while_its_file_is_taken_in_does_not_come_back(
    intake: Serve, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    saw = halls.add_machine(hall, "Säge")
    row = brought(hall, table(*ROWS))
    uploads.ask(row)
    blocks = tables.blocks

    def deleted_meanwhile(*given: Any) -> Any:
        yield from blocks(*given)
        halls.delete_machine(saw)

    monkeypatch.setattr(tables, "blocks", deleted_meanwhile)
    asked: list[Order] = []
    monkeypatch.setattr("nordlotse.iot.leaving.orders.ask", lambda folder, order: asked.append(order))
    assert uploads.Lane().run_one()
    assert not hall.machines.exists() and not hall.uploads.exists()
    assert asked[-1:] == [Order("drop", hall.store, "Säge")]


def test_a_file_that_names_several_machines_brings_none_back_that_was_deleted_meanwhile(
    intake: Serve, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    saw = halls.add_machine(hall, "Säge")
    row = brought(hall, table(*ROWS))
    Upload.objects.filter(pk=row.pk).update(machine="Presse")  # as if the rows named their machine
    uploads.ask(row)
    blocks = tables.blocks

    def deleted_meanwhile(path: Any, found: Any, store: str, machine: str, told: Any) -> Any:
        yield from blocks(path, found, store, "Säge", told)
        halls.delete_machine(saw)

    monkeypatch.setattr(tables, "blocks", deleted_meanwhile)
    assert uploads.Lane().run_one()
    row.refresh_from_db()
    assert row.state == Upload.State.DONE and not hall.machines.exists()


def test_the_first_rows_are_forgotten_when_it_is_taken_in(intake: Serve, hall: Hall) -> None:
    row = brought(hall, table(*ROWS))
    assert row.found["first"]
    uploads.ask(row)
    assert uploads.Lane().run_one()
    row.refresh_from_db()
    assert row.found["first"] == [] and tables.found_from(row.found).first == ()


@pytest.mark.parametrize("taken", [True, False])
def test_what_came_of_a_file_is_forgotten_after_its_days(hall: Hall, taken: bool) -> None:
    def done(days: int) -> Upload:
        at = timezone.now() - timedelta(days=days)
        return Upload.objects.create(
            hall=hall, machine="m", name="a.csv", state="done", asked_at=at, taken_at=at if taken else None
        )

    stays, goes = done(89), done(91)
    assert uploads.forget_old() == 1
    assert [one.pk for one in hall.uploads.all()] == [stays.pk] and goes.pk != stays.pk


def test_a_report_can_be_deleted_and_all_files_are_listed_page_by_page(hall: Hall) -> None:
    rows = [Upload.objects.create(hall=hall, machine="m", name=f"f{k:02d}.csv", state="done") for k in range(45)]
    pages, client = f"/maschinen/{hall.pk}/datei/", Client()
    seen, address = set(), pages
    for _ in range(3):
        shown = client.get(address).content.decode()
        seen |= set(re.findall(r"f\d\d\.csv", shown))
        after = re.search(r'href="(\?ab=\d+)"', shown)
        address = f"{pages}{after[1]}" if after else ""
    assert len(seen) == 45 and not address
    assert client.get(pages, {"ab": "99999999"}).status_code == 200
    assert 'value="remove"' in client.get(f"{pages}{rows[0].pk}/").content.decode()
    assert client.post(f"{pages}{rows[0].pk}/", {"do": "remove"}).status_code == 302
    assert not Upload.objects.filter(pk=rows[0].pk).exists()
