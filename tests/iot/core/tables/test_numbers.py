"""A column of numbers is read at once; each cell is what it would be if it were read alone."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.iot.core.tables import numbers

_CELLS = [
    "0", "1", "-1.5", "-1,5", "+7", ".5", ",5", "5.", "5,", "1e3", "-2,5E-2", "1.234,5", "1,234.5", "1.234", "1,234", "1.234.567", "12.34.567",
    "1'000", "1’000,25", "2 000", "2\u202f000,5", "3\u00a0000.5", "1,2,3", "", "-", "--", "NaN", "n/a", "k.A.", "#NV", "inf", "-Infinity", "1e999",
    "5 bar", "5,5 °C", "80%", "RUN", "12:30", ".", ",", "e5", "+", "0x10", "1 2", "٣", "1_000",
]  # fmt: skip


@given(st.lists(st.sampled_from(_CELLS), max_size=12), st.sampled_from(".,"), st.integers(0, 3))
def test_a_column_reads_as_its_cells_do(cells: list[str], decimal: str, begin: int) -> None:
    column = pa.array(["x", "1", "1,5", *cells], pa.string())[3 - begin if begin else 3 :]
    cells = column.to_pylist()
    value, missing, wrong = numbers.floats(column, decimal)
    for place, cell in enumerate(cells):
        assert missing[place] == numbers.is_nothing(cell), cell
        try:
            expected = numbers.number(cell, decimal)
        except ValueError:
            expected = math.nan
        assert wrong[place] == (not math.isfinite(expected) and not missing[place]), cell
        if not wrong[place] and not missing[place]:
            assert value[place] == expected, cell


@pytest.mark.parametrize(
    ("decimal", "cells"),
    [
        (".", ["1", "", "-", "2.5"]),
        (",", ["1.234,5", "n/a", "7"]),
        (".", ["1,234", "-5"]),
        (",", ["1,5", "-2e3"]),
        (".", []),
    ],
)
def test_numbers_in_groups_and_cells_that_say_nothing_are_read_without_looking_at_each_cell(
    decimal: str, cells: list[str]
) -> None:
    assert numbers.plainly(pa.array(cells, pa.string()), decimal) is not None


@pytest.mark.parametrize("cell", ["5 bar", "RUN", "inf", "1,2,3", "1e999", "."])
def test_a_column_with_anything_else_is_read_cell_by_cell(cell: str) -> None:
    assert numbers.plainly(pa.array(["1", cell]), ".") is None
