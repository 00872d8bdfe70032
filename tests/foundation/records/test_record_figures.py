"""Figures and days are written as each language writes them."""

from __future__ import annotations

from datetime import date

import pytest

from nordlotse.foundation.records.figures import amount, day, euros, month, number


@pytest.mark.parametrize(
    ("value", "de", "en"),
    [
        (250, "250 Euro", "250 euros"),
        (1750, "1.750 Euro", "1,750 euros"),
        (300_000, "300.000 Euro", "300,000 euros"),
        (7_500_000, "7,5 Millionen Euro", "7.5 million euros"),
        (25_000_000, "25 Millionen Euro", "25 million euros"),
        (1_300_000_000, "1,3 Milliarden Euro", "1.3 billion euros"),
    ],
)
def test_money_is_written_in_words(value: int, de: str, en: str) -> None:
    assert (euros(value, "de"), euros(value, "en")) == (de, en)


def test_days_are_written_out() -> None:
    value = date(2025, 3, 1)
    assert (day(value, "de"), day(value, "en")) == ("1. März 2025", "1 March 2025")
    assert (month(value, "de"), month(value, "en")) == ("März 2025", "March 2025")


def test_percent_keeps_its_decimals_and_a_year_has_no_separator() -> None:
    assert (amount(2.5, "percent", "de"), amount(2.5, "percent", "en")) == ("2,5 Prozent", "2.5 percent")
    assert amount(2030, "year", "de") == "2030"
    assert (number(29_500, "de"), number(29_500, "en")) == ("29.500", "29,500")
