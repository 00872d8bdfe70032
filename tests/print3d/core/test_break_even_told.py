"""Up to which quantity printing costs less, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nordlotse.foundation.language import Lang, Text
from nordlotse.print3d.core.break_even_told import break_sentence
from nordlotse.print3d.core.comparison import BreakEven


def _limit(low: int | None, high: int | None, always: int | None = 40) -> BreakEven:
    pays = ((1, 39),) if always else ((1, 10_000),)
    return BreakEven("fdm", "today", pays, always, always, low, high, 10_000, Text("", ""))


@pytest.mark.parametrize("lang", ["de", "en"])
def test_a_limit_that_may_lie_nearly_anywhere_is_called_that_and_not_given_as_two_numbers(lang: Lang) -> None:
    vague = Text("ist mit unseren Werten alles möglich", "is possible").get(lang)
    two = Text("kann die Grenze", "the limit may lie").get(lang)
    names = {"fdm": "FDM", "today": "heute"}
    said = break_sentence(_limit(5, None), names, lang)
    assert vague in said and two not in said
    said = break_sentence(_limit(20, 80), names, lang)
    assert two in said and vague not in said


@pytest.mark.parametrize("lang", ["de", "en"])
def test_cheaper_at_every_quantity_says_from_which_that_is_certain_and_what_is_assumed_of_today(lang: Lang) -> None:
    names = {"fdm": "FDM", "today": "heute"}
    one = replace(_limit(None, None, always=None), sure=60)
    said = break_sentence(one, names, lang)
    assert Text("Sicher ist das erst ab etwa 60 Stück", "certain only from about 60 pieces").get(lang) in said
    assert Text("für jede Stückzahl gleich angenommen", "the same for every quantity").get(lang) in said
    assert "60" not in break_sentence(replace(one, sure=1), names, lang)
