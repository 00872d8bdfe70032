"""Figures, ages and moments in words."""

from __future__ import annotations

import pytest

from nordlotse.iot.core.showing import words
from nordlotse.iot.core.values import Quality

#: 25 October 2026, 02:30 in Berlin for the first and for the second time; 23 November 2026, 14:05:12.
FIRST, SECOND_TIME, NOVEMBER = 1_792_888_200_000_000, 1_792_891_800_000_000, 1_795_439_112_000_000


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (12.5, "12,5"), (12.3456, "12,35"), (123.456, "123,5"), (1234.56, "1.235"), (0.012345, "0,0123"), (-0.001, "-0,001"), (-0.0, "0")],
)  # fmt: skip
def test_a_figure_has_the_digits_its_size_asks_for(value: float, said: str) -> None:
    assert words.figure(value, "de") == said


def test_english_figures_have_their_own_marks() -> None:
    assert words.figure(1234.56, "en") == "1,235"
    assert words.figure(12.5, "en") == "12.5"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.5, "jetzt"), (12.9, "vor 12 s"), (61, "vor 1 min"), (7300, "vor 2 h"), (-30, "jetzt"), (-90, "Uhr geht vor")],
)
def test_an_age_is_told_in_its_largest_unit(seconds: float, said: str) -> None:
    assert words.age(seconds, NOVEMBER, "de") == said


def test_an_age_beyond_two_days_is_a_day() -> None:
    assert words.age(49 * 3600, NOVEMBER, "en") == "23 Nov 2026, 14:05"


def test_moments_are_told_in_the_time_of_berlin_also_in_the_hour_that_comes_twice() -> None:
    assert words.clock(FIRST, "de") == words.clock(SECOND_TIME, "de") == "25.10.2026, 02:30:00"
    assert words.clock(NOVEMBER, "de") == "23.11.2026, 14:05:12"


def test_a_moment_without_a_zone_is_one_of_berlin() -> None:
    assert words.micros(words.moment(NOVEMBER).replace(tzinfo=None)) == NOVEMBER


def test_the_gravest_mark_comes_first_and_a_missing_time_only_where_asked_for() -> None:
    both = int(Quality.CLOCK | Quality.NO_TIME)
    assert words.marks(both, "de") == ["Uhr der Maschine geht falsch", "ohne Zeit der Maschine"]
    assert words.marks(both, "en", Quality.IMPORTED) == ["the machine's clock is wrong"]
