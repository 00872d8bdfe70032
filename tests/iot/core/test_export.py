"""Values taken away: whole, and never more of them in memory than fits."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from nordlotse.iot import memory
from nordlotse.iot.core import export, tail
from nordlotse.iot.core.store.reader import Reader
from nordlotse.iot.core.values import Rows, Series
from tests.iot.written import Written


def test_a_fast_signal_is_read_in_stretches_that_fit_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_HELD", 1_000)
    begin = 1_790_000_000_000_000
    time = begin + np.arange(50_000) * 10_000  # 100 a second: all of it lies in one of the first stretches
    made = Written()
    made.put("Säge", "Schwingung", time, np.arange(50_000).astype(float).tolist())
    reader = tail.reader(memory.folder(), made.store)
    reader.look()
    most = 0
    whole = Reader.rows

    def noted(self: Reader, series: Series, *stretch: int) -> Rows:
        nonlocal most
        rows = whole(self, series, *stretch)
        most = max(most, len(rows))
        return rows

    monkeypatch.setattr(Reader, "rows", noted)
    content = b"".join(export.written(reader, "csv", "")).decode()
    found = [float(row["value"]) for row in csv.DictReader(io.StringIO(content))]
    assert found == list(range(50_000))
    assert most <= 1_000


def test_texts_that_a_spreadsheet_would_run_are_written_as_texts() -> None:
    made = Written()
    made.put('=HYPERLINK("http://x")', "@SUM(A1)", [1_790_000_000_000_000], ["=cmd|'/c calc'!A1"])
    reader = tail.reader(memory.folder(), made.store)
    reader.look()
    row = next(csv.DictReader(io.StringIO(b"".join(export.written(reader, "csv", "")).decode())))
    assert [row["machine"][0], row["signal"][0], row["text"][0]] == ["'", "'", "'"]
