"""What the page of states says it is not sure of."""

from __future__ import annotations

from dataclasses import replace

from nordlotse.iot.core.states.levels import Levels
from nordlotse.iot.core.states.pausing import Rhythm
from nordlotse.iot.core.states.values import SECOND
from nordlotse.iot.core.states.ways import Way
from nordlotse.iot.views.states import _doubts

FLAGS = ("too_short", "no_off", "no_idle", "one_level")
LEVELS = Levels(150 * SECOND, 150 * SECOND, SECOND, 20.0, 0, None, None, None, None, 15.0, FLAGS)


def doubts(way: Way) -> str:
    return " ".join(one.get("de") for one in _doubts(way))


def test_what_could_not_be_told_from_the_signal_is_said() -> None:
    said = doubts(Way("found", "Strom", levels=LEVELS))
    assert (
        "nur einen Zustand" in said and "„Steht bereit“ war bisher nicht" in said and "weniger als einer Stunde" in said
    )


def test_of_a_signal_whose_pauses_are_asked_about_nobody_says_that_it_showed_one_state() -> None:
    way = replace(Way("found", "Strom", levels=LEVELS), rhythm=Rhythm(100 * SECOND, 50 * SECOND, 1.0, 0.67))
    said = doubts(way)
    assert "nur einen Zustand" not in said and "„Steht bereit“" not in said and "„Aus“ war bisher nicht" in said
