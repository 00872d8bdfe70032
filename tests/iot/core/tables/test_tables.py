"""Tables as companies export them: how they are written is found out, what is written comes back, what cannot be read is told."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.iot.core.tables import FileKind, Found, Role, Shape, TimeForm, Told, blocks, found_from, inspect, kept
from nordlotse.iot.core.tables import packed as packing
from nordlotse.iot.core.tables import values as limits
from nordlotse.iot.core.values import Kind, Quality, Series

BERLIN = ZoneInfo("Europe/Berlin")


def written(folder: Path, text: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def taken(path: Path, found: Found | None = None) -> tuple[dict[str, list[tuple[int, object]]], Told]:
    """Return what a table's signals hold: (time, value), by "signal" or "machine/signal"."""
    told = Told()
    made: dict[str, list[tuple[int, object]]] = {}
    for piece in blocks(path, found or inspect(path), "local", "M", told):
        for block in piece:
            name = block.series.signal if block.series.machine == "M" else "/".join(block.series[1:])
            values = [
                block.texts[int(v)] if block.kind is Kind.TEXT else bool(v) if block.kind is Kind.BOOLEAN else v
                for v in block.value.tolist()
            ]
            made.setdefault(name, []).extend(zip(block.time.tolist(), values, strict=True))
            assert (block.quality & Quality.IMPORTED).all()
    return made, told


def at(*parts: int, zone: ZoneInfo = BERLIN, fold: int = 0) -> int:
    return round(datetime(*parts, tzinfo=zone, fold=fold).timestamp() * 1_000_000)  # type: ignore[arg-type,misc]


# ---- ways of writing ----


def test_a_german_export_with_units_decimal_comma_and_points_for_thousands(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Zeitstempel;Temperatur [°C];Leistung (kW);Zähler in Wh\n"
        "01.03.2026 06:00:00;21,5;1.234,5;12\n"
        "01.03.2026 06:00:01;-0,25;1.234.567,0;13\n",
    )
    found = inspect(path)
    assert (found.separator, found.decimal, found.time_form, found.shape) == (";", ",", TimeForm.DMY, Shape.WIDE)
    assert [(c.signal, c.unit) for c in found.columns[1:]] == [
        ("Temperatur", "°C"),
        ("Leistung", "kW"),
        ("Zähler", "Wh"),
    ]
    made, told = taken(path)
    assert made["Temperatur"] == [(at(2026, 3, 1, 6), 21.5), (at(2026, 3, 1, 6, 0, 1), -0.25)]
    assert [v for _, v in made["Leistung"]] == [1234.5, 1234567.0]
    assert (told.rows, told.values, told.counts) == (2, 6, {})


@pytest.mark.parametrize(
    ("stamps", "form"),
    [
        (("2026-03-01T06:00:00Z", "2026-03-01T06:00:01Z"), TimeForm.YMD),
        (("2026-03-01T07:00:00+01:00", "2026-03-01T07:00:01+01:00"), TimeForm.YMD),
        (("2026-03-01 07:00:00", "2026-03-01 07:00:01"), TimeForm.YMD),
        (("20260301T070000", "20260301T070001"), TimeForm.YMD),
        (("2026/03/01 07:00:00.000", "2026/03/01 07:00:01.000"), TimeForm.YMD),
        (("01.03.2026 07:00:00", "01.03.2026 07:00:01"), TimeForm.DMY),
        (("1.3.2026 7:00:00", "1.3.26 7:00:01"), TimeForm.DMY),
        (("01-03-2026 07:00:00,000", "01-03-2026 07:00:01,000"), TimeForm.DMY),
        (("So, 01.03.2026 07:00:00 Uhr", "So, 01.03.2026 07:00:01 Uhr"), TimeForm.DMY),
        (("1. Mär 2026 07:00:00", "1. März 2026 07:00:01"), TimeForm.DMY),
        (("03/01/2026 7:00:00 AM", "03/01/2026 7:00:01 AM"), TimeForm.MDY),
        (("1772344800", "1772344801"), TimeForm.SECONDS),
        (("1772344800000", "1772344801000"), TimeForm.MILLIS),
        (("1772344800000000", "1772344801000000"), TimeForm.MICROS),
        (("46082.2916666667", "46082.2916782407"), TimeForm.SERIAL),
    ],
)
def test_ways_of_writing_a_time(tmp_path: Path, stamps: tuple[str, str], form: TimeForm) -> None:
    path = written(tmp_path, f'Zeit\tWert\n"{stamps[0]}"\t1\n"{stamps[1]}"\t2\n')
    found = inspect(path)
    if form is TimeForm.MDY:
        assert found.time_form is TimeForm.DMY  # day and month cannot be told apart here, which is said
        assert found.warnings
        found = replace(found, time_form=form)
    assert found.time_form is form
    made, told = taken(path, found)
    begin = at(2026, 3, 1, 7)
    assert [t for t, _ in made["Wert"]] == [begin, begin + 1_000_000]
    assert not told.counts


def test_date_and_time_in_two_columns(tmp_path: Path) -> None:
    path = written(tmp_path, "Datum;Uhrzeit;Druck\n24.12.2025;18:30:00;2,5\n24.12.2025;18:30:15;2,6\n")
    assert [c.role for c in inspect(path).columns] == [Role.DATE, Role.CLOCK, Role.SIGNAL]
    made, _ = taken(path)
    assert made["Druck"] == [(at(2025, 12, 24, 18, 30), 2.5), (at(2025, 12, 24, 18, 30, 15), 2.6)]


def test_lines_before_the_heading_and_units_in_a_line_of_their_own(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Export Steuerung 7\nErstellt von;Leitstand\n\nZeit;Strom;Druck;Zustand\n;A;bar;\n"
        "2026-03-01 06:00;1.5;2.5;läuft\n2026-03-01 06:01;1.6;2.4;steht\n",
    )
    found = inspect(path)
    assert found.skip == 5
    assert [(c.signal, c.unit, c.kind) for c in found.columns[1:]] == [
        ("Strom", "A", Kind.NUMBER),
        ("Druck", "bar", Kind.NUMBER),
        ("Zustand", "", Kind.TEXT),
    ]
    made, _ = taken(path)
    assert [v for _, v in made["Zustand"]] == ["läuft", "steht"]


def test_a_table_without_heading_says_so_and_keeps_its_first_row(tmp_path: Path) -> None:
    path = written(tmp_path, "2026-03-01 06:00,1.5,2\n2026-03-01 06:01,1.6,3\n")
    found = inspect(path)
    assert found.skip == 0
    assert any("Überschriften" in de for de, _ in found.warnings)
    assert len(taken(path)[0]["Spalte 2"]) == 2


def test_the_long_form_with_machines_numbers_yes_and_no_and_texts(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Maschine;Signal;Zeit;Wert;Einheit\n"
        "Säge;Strom;2026-03-01 06:00:00;1,5;A\n"
        "Säge;an;2026-03-01 06:00:00;ja;\n"
        "Presse;Strom;2026-03-01 06:00:00;2,5;A\n"
        "Presse;Meldung;2026-03-01 06:00:00;Öl prüfen;\n"
        "Säge;Strom;2026-03-01 06:00:01;1,75;A\n",
    )
    assert inspect(path).shape is Shape.LONG
    made, told = taken(path)
    assert [v for _, v in made["Säge/Strom"]] == [1.5, 1.75]
    assert [v for _, v in made["Säge/an"]] == [True]
    assert [v for _, v in made["Presse/Meldung"]] == ["Öl prüfen"]
    assert told.values == 5


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, ends: str) -> None:
    text = ends.join(
        ["Zeit;Kühlöl [°C];Meldung", "2026-03-01 06:00:00;20,5;grün", "2026-03-01 06:00:01;20,6;größer", ""]
    )
    path = written(tmp_path, text.encode(encoding))
    made, told = taken(path)
    assert [v for _, v in made["Kühlöl"]] == [20.5, 20.6]
    assert [v for _, v in made["Meldung"]] == ["grün", "größer"]
    assert (told.rows, told.counts) == (2, {})


def test_a_file_that_turns_out_not_to_be_utf8_far_behind_its_beginning_is_read_all_the_same(tmp_path: Path) -> None:
    rows = [f"2026-03-01 06:{n // 60 % 60:02d}:{n % 60:02d};ruhig" for n in range(40_000)]
    text = "Zeit;Meldung\n" + "\n".join(rows) + "\n2026-03-01 07:00:00;größer\n"
    made, _ = taken(written(tmp_path, text.encode("cp1252")))
    assert made["Meldung"][-1][1] == "größer"


def test_words_for_nothing_leave_a_gap_and_are_no_fault(tmp_path: Path) -> None:
    nothing = ["", "-", "NaN", "null", "#NV", "k.A."]
    rows = [f"2026-03-01 06:00:{n:02d};{word};1,5" for n, word in enumerate(nothing)]
    made, told = taken(written(tmp_path, "Zeit;A;B\n2026-03-01 05:00:00;7,5;0,5\n" + "\n".join(rows)))
    assert [v for _, v in made["A"]] == [7.5]
    assert len(made["B"]) == 7
    assert not told.counts


def test_what_cannot_be_read_is_told_with_line_column_and_remedy_and_the_rest_is_taken(tmp_path: Path) -> None:
    good = [f"01.03.2026 06:01:{n:02d};{n},5;{n}" for n in range(40)]
    bad = [
        "01.03.2026 06:00:00;kaputt;2",
        "31.02.2026 06:00:00;1,5;2",
        "01.03.2026 06:00:02;1,5",
        "01.03.1850 06:00:00;1,5;2",
        "01.03.2026 06:00:04;inf;2",
        "",
        "01.03.2026 06:00:06;1,5;2;3",
        "01.03.2026 06:00:07;8,5 °C;9",
    ]
    path = written(tmp_path, "\n".join(["Zeit;A;B", *good, *bad]))
    made, told = taken(path)
    assert {(f.code, f.line, f.column) for f in told.faults} == {
        ("number", 42, "A"),
        ("time", 43, "Zeit"),
        ("cells", 44, ""),
        ("time_range", 45, "Zeit"),
        ("not_finite", 46, "A"),
        ("cells", 48, ""),
    }
    assert all(fault.message("de") and fault.remedy("de") and fault.message("en") for fault in told.faults)
    assert made["A"][-1][1] == 8.5
    assert len(made["B"]) == 40 + 3
    assert told.lost == 6


def test_many_faults_are_counted_and_the_first_told(tmp_path: Path) -> None:
    rows = [f"2026-03-01 06:{n // 60:02d}:{n % 60:02d};{'x' if n > 300 and n % 2 else n}" for n in range(1000)]
    _, told = taken(written(tmp_path, "Zeit;A\n" + "\n".join(rows)))
    assert told.counts == {"number": 350}
    assert len(told.faults) == 20
    assert told.faults[0].line == 303


def test_a_time_that_stands_twice_is_counted(tmp_path: Path) -> None:
    path = written(tmp_path, "Zeit;A\n" + "2026-03-01 06:00:00;1\n" * 3 + "2026-03-01 06:00:01;1\n")
    _, told = taken(path)
    assert (told.values, told.twice) == (4, 2)


def test_rows_without_times_are_numbered_once_somebody_says_how(tmp_path: Path) -> None:
    path = written(tmp_path, "Temperatur;Druck\n20,5;1\n20,6;2\n")
    found = inspect(path)
    with pytest.raises(BadInput, match="table_no_time"):
        list(blocks(path, found, "local", "M"))
    made, _ = taken(path, replace(found, begin=1_000_000_000_000_000, step=500_000))
    assert [t for t, _ in made["Temperatur"]] == [1_000_000_000_000_000, 1_000_000_000_500_000]


# ---- the clock change ----


def test_the_hour_that_exists_twice_is_ordered_by_its_rows_and_told(tmp_path: Path) -> None:
    local = ["01:45", *[f"02:{m:02d}" for m in (0, 15, 30, 45)] * 2, "03:00"]
    path = written(tmp_path, "Zeit;A\n" + "\n".join(f"26.10.2025 {t};{n}" for n, t in enumerate(local)))
    made, told = taken(path)
    assert np.diff([t for t, _ in made["A"]]).tolist() == [900_000_000] * 9
    assert told.counts == {"double_hour": 8}
    assert told.lost == 0
    backwards = written(
        tmp_path, "Zeit;A\n" + "\n".join(f"26.10.2025 {t};{n}" for n, t in reversed(list(enumerate(local))))
    )
    assert inspect(backwards).newest_first
    assert sorted(taken(backwards)[0]["A"]) == made["A"]


def test_the_hour_that_exists_twice_is_ordered_for_each_signal_of_the_long_form(tmp_path: Path) -> None:
    local = ["02:00", "02:30", "02:00", "02:30"]
    rows = [f"26.10.2025 {t};{signal};{n}" for signal in ("A", "B") for n, t in enumerate(local)]
    made, _ = taken(written(tmp_path, "Zeit;Signal;Wert\n" + "\n".join(rows)))
    for signal in ("A", "B"):
        assert np.diff([t for t, _ in made[signal]]).tolist() == [1_800_000_000] * 3


def test_times_in_the_hour_that_does_not_exist_are_those_of_a_clock_without_summer_time(tmp_path: Path) -> None:
    path = written(tmp_path, "Zeit;A\n30.03.2025 01:30;1\n30.03.2025 02:30;2\n30.03.2025 03:30;3\n30.07.2025 12:00;4\n")
    found = inspect(path)
    assert found.zone == limits.STANDARD_TIME
    assert any("Sommerzeit" in de for de, _ in found.warnings)
    made, told = taken(path, found)
    assert not told.counts
    first = at(2025, 3, 30, 1, 30)
    assert [t for t, _ in made["A"]] == [first, first + 3_600_000_000, first + 7_200_000_000, at(2025, 7, 30, 13)]
    made, told = taken(path, replace(found, zone="Europe/Berlin"))  # somebody knows better
    assert told.counts == {"missing_hour": 1}
    assert told.faults[0].line == 3
    assert made["A"][2][0] == at(2025, 3, 30, 3, 30)


def test_a_zone_somebody_has_said_counts_and_its_clock_is_not_guessed_at(tmp_path: Path) -> None:
    path = written(tmp_path, "Zeit;A\n30.03.2025 01:30;1\n30.03.2025 02:30;2\n30.03.2025 03:30;3\n")
    found = inspect(path, zone="UTC")
    assert (found.zone, found.warnings) == ("UTC", ())
    made, told = taken(path, found)
    assert not told.counts
    assert made["A"][1][0] == at(2025, 3, 30, 2, 30, zone=ZoneInfo("UTC"))


@given(st.integers(0, 2**31), st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"]))
@settings(max_examples=60, deadline=None)
def test_local_times_are_those_of_the_zone(seed: int, zone: str) -> None:
    from nordlotse.iot.core.tables.clocks import LocalClock

    random = np.random.default_rng(seed)
    moments = np.sort(random.integers(0, 2_000_000_000, 50)) * 1_000_000
    local = []
    for moment in moments.tolist():
        told = datetime.fromtimestamp(moment / 1e6, ZoneInfo(zone))
        local.append(moment + round(told.utcoffset().total_seconds()) * 1_000_000)  # type: ignore[union-attr]
    made = LocalClock(zone).universal(np.array(local, np.int64))
    clear = ~made.double
    assert np.array_equal(made.micros[clear], moments[clear])
    assert not made.missing.any()


# ---- workbooks and Parquet ----


def workbook(folder: Path, rows: list[list[object]], empty_first: bool = False) -> Path:
    book = openpyxl.Workbook()
    page = book.active
    if empty_first:
        page = book.create_sheet("Daten")
    for row in rows:
        page.append(row)
    path = folder / "t.xlsx"
    book.save(path)
    return path


def test_a_workbook_with_dates_numbers_yes_and_no(tmp_path: Path) -> None:
    begin = datetime(2026, 3, 1, 6)  # noqa: DTZ001 - as programs write it
    rows: list[list[object]] = [["Zeit", "Druck [bar]", "an"]]
    rows += [[begin + timedelta(seconds=n), n * 0.5, n % 2 == 0] for n in range(5)]
    path = workbook(tmp_path, rows, empty_first=True)
    found = inspect(path)
    assert (found.file, found.sheet, found.rows) == (FileKind.XLSX, "Daten", 5)
    made, told = taken(path)
    assert made["Druck"] == [(at(2026, 3, 1, 6, 0, n), n * 0.5) for n in range(5)]
    assert [v for _, v in made["an"]] == [True, False, True, False, True]
    assert not told.counts
    with pytest.raises(BadInput, match="table_sheet"):
        inspect(path, "nirgends")


def test_a_workbook_that_unpacks_to_more_than_the_limit_or_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import zipfile

    bomb = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made,
        made.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(1100):
            part.write(bytes(1024 * 1024))
    assert bomb.stat().st_size < 2_000_000
    with pytest.raises(TooLarge, match="table_too_large"):
        inspect(bomb)
    none = written(tmp_path, b"PK\x03\x04 no workbook", "none.xlsx")
    with pytest.raises(BadInput, match="table_unreadable"):
        inspect(none)


def test_a_child_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "SECONDS", 0.05)
    path = workbook(tmp_path, [["Zeit", "A"], *([f"2026-03-01 06:00:{n % 60:02d}", n] for n in range(20_000))])
    with pytest.raises(TooLarge):
        inspect(path)


def test_parquet_with_times_of_a_zone_and_without(tmp_path: Path) -> None:
    begin = datetime(2026, 3, 1, 6)  # noqa: DTZ001 - as programs write it
    for zone in (None, "UTC"):
        table = pa.table(
            {
                "time": pa.array([begin + timedelta(seconds=n) for n in range(4)], pa.timestamp("ms", zone)),
                "Strom": pa.array([1.5, None, 2.5, 3.5]),
                "Modus": pa.array(["a\nz", "b", "a\nz", "b"]).dictionary_encode(),
                "nested": pa.array([[1]] * 4),
            }
        )
        path = tmp_path / "t.parquet"
        pyarrow.parquet.write_table(table, path)
        made, told = taken(path)
        first = at(2026, 3, 1, 6, zone=ZoneInfo(zone) if zone else BERLIN)
        assert made["Strom"] == [(first, 1.5), (first + 2_000_000, 2.5), (first + 3_000_000, 3.5)]
        assert [v for _, v in made["Modus"]] == ["a z", "b", "a z", "b"]
        assert not told.counts


# ---- what is no table, limits ----


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "table_empty"),
        (b"  \n \n", "table_empty"),
        (b"%PDF-1.7 ...", "table_kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "table_kind"),
        (b"\x00\x01\x02\x03" * 50, "table_kind"),
        (b"PAR1 no parquet PAR1", "table_unreadable"),
        (b"Zeit;Wert\n", "table_no_rows"),
        (b";".join([b"a"] * 1200) + b"\n", "table_columns"),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(BadInput, match=code) as told:
        inspect(written(tmp_path, content, "x"))
    assert told.value.remedy_de


def test_more_rows_than_the_limit_stop_with_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nordlotse.iot.core.tables import pieces

    monkeypatch.setattr(pieces, "MOST_ROWS", 10)
    path = written(tmp_path, "Zeit;A\n" + "".join(f"2026-03-01 06:00:{n:02d};1\n" for n in range(20)))
    with pytest.raises(TooLarge, match="table_rows"):
        list(blocks(path, inspect(path), "local", "M"))
    assert limits.MOST_ROWS > 1_000_000


def test_what_was_found_can_be_kept_and_comes_back(tmp_path: Path) -> None:
    found = inspect(written(tmp_path, "Zeit;A [bar]\n2026-03-01 06:00:00;1,5\n"))
    assert found_from(kept(found)) == found
    with pytest.raises(BadInput, match="table_settings"):
        found_from({**kept(found), "zone": "Nirgends/Wo"})


# ---- what was written comes back ----

NUMBERS = st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 3))


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, list[int], list[list[float | None]]]:
    comma = draw(st.booleans())
    separator = draw(st.sampled_from([";", "\t", "|"] if comma else [";", "\t", "|", ","]))
    form = draw(
        st.sampled_from(["%d.%m.%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%d.%m.%Y %H:%M:%S,%f"])
    )
    if separator == "," and form.endswith(",%f"):
        form = "%Y/%m/%d %H:%M:%S"
    width, count = draw(st.integers(1, 4)), draw(st.integers(3, 12))
    begin = draw(st.integers(946_684_800, 2_500_000_000))
    moments = [begin + 7 * n for n in range(count)]
    values = [[draw(st.one_of(NUMBERS, st.none()) if n else NUMBERS) for _ in range(width)] for n in range(count)]
    lines = [separator.join(["Zeit", *[f"S{k} [bar]" for k in range(width)]])]
    for moment, row in zip(moments, values, strict=True):
        cells = ["" if v is None else f"{v:.3f}" for v in row]
        stamp = datetime.fromtimestamp(moment, ZoneInfo("UTC")).strftime(form)
        lines.append(separator.join([stamp, *[c.replace(".", ",") if comma else c for c in cells]]))
    return "\n".join(lines), moments, values


@given(tables())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_written_comes_back(tmp_path: Path, made: tuple[str, list[int], list[list[float | None]]]) -> None:
    text, moments, values = made
    path = written(tmp_path, text)
    found = replace(inspect(path), zone="UTC")
    if any("1.234" in de for de, _ in found.warnings):  # nothing in it tells; a person decides
        found = replace(found, decimal="," if "," in text.splitlines()[1].split(found.separator)[1] else ".")
    read, told = taken(path, found)
    for k in range(len(values[0])):
        expected = [(m * 1_000_000, row[k]) for m, row in zip(moments, values, strict=True) if row[k] is not None]
        assert read.get(f"S{k}", []) == expected
    assert not told.counts


# ---- real files ----


def test_real_files_are_read_whole(shared: Path) -> None:
    folder = shared / "iot"
    if not folder.is_dir():
        pytest.skip("needs the shared machine data")
    for path in sorted(folder.glob("**/*.csv")):
        found = inspect(path)
        lines = sum(1 for line in path.read_bytes().splitlines() if line.strip()) - found.skip
        if "ai4i" in path.parts:
            assert not found.places(Role.TIME)
            found = replace(found, begin=0, step=1_000_000)
        told = Told()
        values = sum(len(block) for piece in blocks(path, found, "local", "M", told) for block in piece)
        assert told.rows == lines, path.name
        assert told.lost == 0, (path.name, told.faults[:3])
        assert values == told.values > 0
    energy = inspect(next(folder.glob("energy/*.csv")))
    assert (energy.time_form, energy.shape) == (TimeForm.DMY, Shape.WIDE)
    assert energy.columns[1].unit == "kWh"


def test_a_million_rows_take_less_than_two_seconds_of_the_processor(tmp_path: Path) -> None:
    stamps = np.datetime_as_string(np.datetime64("2026-03-01T00:00:00") + np.arange(1_000_000))
    values = np.random.default_rng(1).normal(20, 5, 1_000_000)
    lines = [
        f"{s.replace('T', ' ')};{v:.2f}".replace(".", ",")
        for s, v in zip(stamps.tolist(), values.tolist(), strict=True)
    ]
    path = written(tmp_path, "Zeit;Strom [A]\n" + "\n".join(lines) + "\n")
    begin = time.process_time()
    found = inspect(path)
    made = [block for piece in blocks(path, found, "local", "M") for block in piece]
    assert time.process_time() - begin < 2.0
    assert sum(map(len, made)) == 1_000_000
    assert abs(found.rows - 1_000_000) < 1000
    assert {block.series for block in made} == {Series("local", "M", "Strom")}
    assert np.allclose(np.concatenate([block.value for block in made]), np.round(values, 2))
