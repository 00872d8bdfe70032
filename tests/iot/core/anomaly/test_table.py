"""CSV files: what is read, what is left out and said, what is refused with its place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.foundation.problem import BadInput, Problem, TooLarge
from nordlotse.iot.core.anomaly import answer, read_table
from nordlotse.iot.core.anomaly import table as room
from tests.iot.core.anomaly.made import SENSORS, machine


def _csv(rows: np.ndarray, header: str, mark: str = ",") -> bytes:  # type: ignore[type-arg]
    lines = [mark.join(f"{value:.6g}" for value in row) for row in rows]
    return "\n".join([header, *lines]).encode()


def test_times_signals_and_delimiter_are_found() -> None:
    table = read_table(b"datetime;a;b\n2026-01-01 00:00:00;1;2\n2026-01-01 00:00:01;3;\n", "x.csv")
    assert table.columns == ("a", "b")
    assert table.times is not None
    assert list(np.diff(table.times)) == [1.0]
    assert np.isnan(table.readings[1, 1])


def test_german_dates_and_decimal_comma_are_read() -> None:
    table = read_table(b"Zeit;Druck\n23.11.2026 08:15;1.234,5\n23.11.2026 08:16;2,5\n", "x.csv")
    assert list(table.readings[:, 0]) == [1234.5, 2.5]
    assert table.times is not None
    assert list(np.diff(table.times)) == [60.0]


def test_english_thousands_are_not_taken_for_decimals() -> None:
    assert list(read_table(b'a,b\n"1,234.5",2\n', "x.csv").readings[0]) == [1234.5, 2.0]


@pytest.mark.parametrize("name", ["anomaly", "Changepoint", "label", "is_anomaly", "anomaly_label", "outlier", "fault"])
def test_a_label_of_noughts_and_ones_is_left_out_and_said(name: str) -> None:
    table = read_table(f"a,{name}\n1.5,0\n2.5,1\n".encode(), "x.csv")
    assert table.columns == ("a",)
    assert [(one.column, one.reason) for one in table.left_out] == [(name, "label")]


def test_a_measured_column_with_a_labels_name_is_kept() -> None:
    assert read_table(b"a,label\n1,0.5\n2,3\n", "x.csv").columns == ("a", "label")


def test_a_label_changes_no_verdict() -> None:
    rows = machine(300)
    without = answer(read_table(_csv(rows, ",".join(SENSORS)), "x"), 200)
    for flags in (np.zeros(300), np.arange(300) > 250):
        labelled = np.column_stack([rows, flags])
        found = answer(read_table(_csv(labelled, ",".join((*SENSORS, "anomaly"))), "x"), 200)
        assert found["rows"] == without["rows"]
        assert found["left_out"] == [{"column": "anomaly", "reason": "label"}]


def test_a_temperature_called_t_is_no_time() -> None:
    assert read_table(b"t,p\n79.3,1\n79.4,2\n", "x.csv").columns == ("t", "p")


def test_times_that_run_backwards_are_told_and_keep_their_rows() -> None:
    lines = [f"2026-10-25 02:{n % 60:02}:00,{n % 7}" for n in range(120)]
    found = answer(read_table(("time,x\n" + "\n".join(lines)).encode(), "x"), 60)
    assert len(found["rows"]) == 120
    assert [one["row"] for one in found["notices"] if one["kind"] == "time_backwards"] == [60]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "anomaly_header"),
        (b"a,b\n", "anomaly_no_readings"),
        (b"1,2\n3,4\n", "anomaly_header"),
        (b"a,a\n1,2\n", "anomaly_header"),
        (b"a,\n1,2\n", "anomaly_header"),
        (b"a,b\n1,2\n1,2,3\n", "anomaly_row"),
        (b"a,b\n1\n", "anomaly_row"),
        (b"time,b\n2026-01-01,2\nnonsense,2\n", "anomaly_time"),
        (b"a,b\nx,y\n", "anomaly_no_readings"),
        (b"a,b\nnan,inf\n", "anomaly_no_readings"),
        (b"PK\x03\x04\0\0\0", "anomaly_not_csv"),
        (b'a,b\n"1,2\n', "anomaly_not_csv"),
        (b"a,b\n" + b"9" * 2000 + b",1\n", "anomaly_row"),
        (b",".join(b"c%d" % n for n in range(300)) + b"\n", "anomaly_too_large"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_code(data: bytes, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_table(data, "x.csv")
    assert caught.value.code == code
    assert caught.value.message_de
    assert caught.value.remedy_de


def test_the_wanted_time_column_must_be_there() -> None:
    with pytest.raises(BadInput, match="anomaly_time"):
        read_table(b"a,b\n1,2\n", "x.csv", "when")


def test_too_many_rows_and_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MAX_ROWS", 2)
    with pytest.raises(TooLarge):
        read_table(b"a\n1\n2\n3\n", "x.csv")
    monkeypatch.setattr(room, "MAX_BYTES", 5)
    with pytest.raises(TooLarge):
        read_table(b"a\n1\n2\n3\n", "x.csv")


@pytest.mark.parametrize("training", [-1, 0, 301])
def test_training_rows_must_fit_the_file(training: int) -> None:
    table = read_table(_csv(machine(300), ",".join(SENSORS)), "x")
    with pytest.raises(BadInput, match="anomaly_train_rows"):
        answer(table, training)


def test_numbers_that_overflow_count_as_missing() -> None:
    assert np.isnan(read_table(b"a,b\n1e999,1\n2,2\n", "x.csv").readings[0, 0])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300) | st.text(alphabet='a1,;\t"\n.-:Zt e\0', max_size=120).map(str.encode))
def test_any_bytes_give_a_table_or_a_problem(data: bytes) -> None:
    try:
        table = read_table(data, "x.csv")
    except Problem:
        return
    assert table.readings.shape == (len(table.readings), len(table.columns))
    assert not np.isinf(table.readings).any()
