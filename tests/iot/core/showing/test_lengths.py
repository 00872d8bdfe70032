"""Lengths of time in words: whole numbers of a unit that is there at least twice."""

from __future__ import annotations

import pytest

from nordlotse.iot.core.showing.lengths import length


@pytest.mark.parametrize(
    ("seconds", "de", "en"),
    [
        (0, "0 Sekunden", "0 seconds"),
        (1, "1 Sekunde", "1 second"),
        (119, "119 Sekunden", "119 seconds"),
        (120, "2 Minuten", "2 minutes"),
        (0.0394 * 86_400, "57 Minuten", "57 minutes"),
        (3 * 3600, "3 Stunden", "3 hours"),
        (47.6 * 3600, "48 Stunden", "48 hours"),
        (12.2 * 86_400, "12 Tagen", "12 days"),
    ],
)
def test_a_length_is_said_in_a_unit_people_use(seconds: float, de: str, en: str) -> None:
    assert (length(seconds, "de"), length(seconds, "en")) == (de, en)
