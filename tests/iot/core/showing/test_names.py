"""Names of ours are said in the language of the page; anybody else's stay as they are."""

from __future__ import annotations

import pytest

from nordlotse.iot.actions.example import _RULES
from nordlotse.iot.core import simulator
from nordlotse.iot.core.naming import _SORTS
from nordlotse.iot.core.showing.names import named


@pytest.mark.parametrize("kind", ["cnc", "moulder", "oven"])
def test_every_signal_of_a_simulated_machine_has_an_english_name(kind: str) -> None:
    for one in simulator.signals(kind):
        english = named(one.name, "en")
        assert named(english, "de") == one.name
        assert english != one.name or one.name == "Vibration"


def test_every_rule_of_a_simulated_machine_reads_the_same_as_where_it_was_made() -> None:
    for rules in _RULES.values():
        for _signal, name, _limits in rules:
            assert named(name.de, "en") == name.en and named(name.en, "de") == name.de


def test_every_name_that_is_proposed_has_an_english_one() -> None:
    for sort in _SORTS:
        assert named(sort.name.de, "en") != sort.name.de


def test_a_name_of_somebody_else_stays() -> None:
    assert named("Lagertemperatur Ost", "en") == "Lagertemperatur Ost"
