"""Formulas in the words of a language with all numbers put in, and flags with what to do."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from nordlotse.iot.core.oee.advice import advice
from nordlotse.iot.core.oee.catalogue import catalogue
from nordlotse.iot.core.oee.evaluate import evaluate
from nordlotse.iot.core.oee.spelling import inserted, spelled
from nordlotse.iot.core.oee.values import Evaluated, Flag, Given

LETTERS = re.compile(r"\b(?:PRI|APT|PBT|ADET|AUPT|AUST|POT|PDOT|PQ|GQ|SQ)\b")


def worked(**changed: int) -> Evaluated:
    elements = {"PBT": 365_248, "POT": 365_248, "APT": 267_248, "PRI": 60, "PQ": 4000, "GQ": 3900, **changed}
    return evaluate(Given({name: Fraction(value) for name, value in elements.items()}))


def test_a_formula_stands_in_the_words_of_the_page() -> None:
    figure = catalogue().figures["availability"]
    assert spelled(figure, "de") == "Produktionszeit / geplante Belegungszeit"
    assert spelled(figure, "en") == "actual production time / planned busy time"
    assert inserted(figure, worked(), "de") == "267.248 s / 365.248 s"
    assert inserted(figure, worked(), "en") == "267,248 s / 365,248 s"


def test_every_factor_of_the_oee_is_put_in() -> None:
    figure = catalogue().figures["oee"]
    assert spelled(figure, "de") == "Verfügbarkeit · Leistungsgrad · Qualitätsgrad"
    assert inserted(figure, worked(), "de").count("%") == 3


@pytest.mark.parametrize("lang", ["de", "en"])
def test_no_formula_shows_letters_only_experts_know(lang: str) -> None:
    for figure in catalogue().figures.values():
        assert not LETTERS.search(spelled(figure, lang)), figure.id


def test_brackets_stay_where_they_are_needed() -> None:
    for figure in catalogue().figures.values():
        values = {name: Fraction(place + 2) for place, name in enumerate(figure.formula.names)}
        told = figure.formula.source
        from nordlotse.iot.core.oee.formula import evaluate as run
        from nordlotse.iot.core.oee.formula import read_formula
        from nordlotse.iot.core.oee.spelling import _written

        again = _written(figure.formula.tree, str).replace("·", "*").replace("−", "-")
        assert run(read_formula(again), values)[0] == run(figure.formula, values)[0], told


@pytest.mark.parametrize(
    "elements",
    [{"PRI": 90}, {"APT": 400_000}, {"GQ": 5000}, {"PQ": 0, "GQ": 0}, {"SQ": 9000}, {"ADET": 200_000}, {"ADET": 10}],
)
def test_each_flag_is_plain_and_says_what_to_do_or_that_nothing_is(elements: dict[str, int]) -> None:
    flags = worked(**elements).flags
    assert flags
    for flag in flags:
        told = advice(flag)
        assert not LETTERS.search(told.seen.de + told.seen.en + told.do.de + told.do.en), flag.code
        assert bool(told.do.de) == bool(told.do.en)
        assert flag.severity != "error" or told.do.de, flag.code


def test_a_flag_nobody_has_written_advice_for_keeps_its_own_words() -> None:
    from nordlotse.foundation.language import Text

    own = Text("Etwas ist seltsam.", "Something is odd.")
    assert advice(Flag("new_one", "info", own)).seen == own and advice(Flag("new_one", "info", own)).quiet
