"""The figures behind a price in words."""

from __future__ import annotations

import pytest

from nordlotse.print3d.core.rates_told import said


@pytest.mark.parametrize(
    ("values", "unit", "told"),
    [
        ((3885.7464700280466,), "s", "1 h 5 min"),
        ((4.0, 6.0, 12.0), "s", "4 – 6 – 12 Sekunden"),
        ((9.244391117801149,), "g", "9,2 g"),
        ((0.05, 0.15, 0.3), "share", "5 – 15 – 30 %"),
        ((12.75,), "EUR/h", "12,75 € je Stunde"),
        ((150_000.0, 350_000.0), "mm3/h", "150.000 – 350.000 mm³ je Stunde"),
    ],
)
def test_a_figure_is_said_with_its_unit_and_few_digits(values: tuple[float, ...], unit: str, told: str) -> None:
    assert said(values, unit, "de") == told
