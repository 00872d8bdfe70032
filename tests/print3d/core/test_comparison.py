"""Beside the process used today: break-even to the piece, and no cheapest where ranges overlap."""

from __future__ import annotations

from types import MappingProxyType, SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.comparison import (
    Today,
    _sentence,
    break_even,
    cheapest,
    compare,
    crossings,
    quantities,
    smooth_break_even,
)
from nordlotse.print3d.core.costs import PROCESSES, priced
from nordlotse.print3d.core.values import UnitCost
from tests.print3d.core.test_costs import PART


def _cost(process: str, low: float, likely: float, high: float, measured: bool = False) -> UnitCost:
    return UnitCost(process, 1, low, likely, high, measured, MappingProxyType({}))


def test_break_even_is_the_fixed_cost_over_the_gain_rounded_up() -> None:
    assert smooth_break_even(1000, 5, 2) == 334
    assert smooth_break_even(900, 5, 2) == 300
    # 0.3 − 0.1 is no round number in binary digits
    assert smooth_break_even(100, 0.3, 0.1) == 500


def test_there_is_no_break_even_if_printing_is_not_dearer_per_piece() -> None:
    assert smooth_break_even(1000, 2, 2) is None
    assert smooth_break_even(1000, 1, 2) is None


@given(
    fixed=st.integers(1, 50_000),
    printed=st.integers(2, 4_000),
    gain=st.integers(1, 1_000),
)
def test_counting_piece_by_piece_finds_what_the_formula_says(fixed: int, printed: int, gain: int) -> None:
    dear, cheap = (printed + gain) / 100, printed / 100
    expected = smooth_break_even(fixed / 100, dear, cheap)
    assert expected is not None
    spans, first, always = crossings(lambda n: n * dear, lambda n: fixed / 100 + n * cheap, 60_000)
    if expected == 1:
        assert (spans, always) == ((), 1)
    else:
        assert (spans, first, always) == (((1, expected - 1),), expected, expected)


def test_a_saw_that_crosses_several_times_is_told_with_all_its_spans() -> None:
    # ten to a build of 100 EUR, against 60 EUR once and 8 EUR each: the last parts of a build pay again
    spans, first, always = crossings(lambda n: np.ceil(n / 10) * 100.0, lambda n: 60.0 + 8.0 * n, 200)
    assert spans == ((6, 10), (18, 20))
    brute = [n for n in range(1, 201) if -(-n // 10) * 100 < 60 + 8 * n]
    assert [n for low, high in spans for n in range(low, high + 1)] == brute
    assert first == spans[0][1] + 1
    assert always == brute[-1] + 1


def test_the_break_even_of_a_priced_part_is_where_the_likely_totals_cross() -> None:
    ways = priced(PART).ways
    found = break_even(ways["sls"], ways["moulding"], 10_000)
    assert found.always is not None
    at = np.array([found.always - 1, found.always])
    printed, moulded = ways["sls"].total(at), ways["moulding"].total(at)
    assert printed[0] < moulded[0]
    assert printed[1] >= moulded[1]
    later = np.arange(found.always, 10_001)
    assert (ways["sls"].total(later) >= ways["moulding"].total(later)).all()
    assert found.low is not None
    assert found.low < found.always
    assert found.high is None or found.always < found.high
    assert f"{found.always:,}" in found.sentence.en


def test_a_sentence_names_the_gaps_in_which_printing_does_not_pay() -> None:
    name, other = Text("SLS", "SLS"), Text("Fräsen", "milling")
    whole = _sentence(name, other, ((1, 9),), 10, 10, 500)
    assert whole.de == "SLS kostet bis 9 Stück weniger als Fräsen, ab 10 Stück nicht mehr."
    gaps = _sentence(name, other, ((6, 10), (18, 20)), 11, 21, 500)
    assert gaps.de == (
        "SLS kostet von 6 bis 20 Stück weniger als Fräsen, ab 21 Stück nicht mehr."
        " Dazwischen gibt es Stückzahlen, bei denen es nicht günstiger ist, zuerst 11."
    )
    assert "In between" in _sentence(name, other, ((1, 5), (60, 500)), 6, None, 500).en
    assert "Dazwischen" not in _sentence(name, other, ((3, 500),), None, None, 500).de


def test_a_single_process_is_not_called_cheapest() -> None:
    found = compare(PART, 10, without={name: Text("Nein.", "No.") for name in PROCESSES if name != "lpbf"})
    assert [cost.process for cost in found.costs] == ["lpbf"]
    assert "Am günstigsten" not in found.sentence.de
    assert "nur dieses Verfahren" in found.sentence.de


def test_a_way_that_never_pays_says_so() -> None:
    found = break_even(priced(PART).ways["lpbf"], Today(1.0), 500)
    assert (found.pays, found.first, found.always) == ((), None, 1)
    assert "bei keiner Stückzahl bis 500" in found.sentence.de


def test_a_way_that_always_pays_says_so() -> None:
    found = break_even(priced(PART).ways["sls"], Today(500.0), 2_000)
    assert (found.pays, found.always) == (((1, 2_000),), None)
    assert "auch noch bei 2.000" in found.sentence.de


def test_the_process_used_today_stands_first_with_its_price_lead_time_and_least_order() -> None:
    found = compare(PART, 10, Today(12.5, (20, 30), 50, "Zinkdruckguss"))
    first = found.costs[0]
    assert (first.process, first.measured, first.lead_days, first.minimum) == ("today", True, (20, 30), 50)
    # fifty must be bought to have ten
    assert first.low == first.likely == first.high == 62.5
    assert {b.against for b in found.break_even} == {"today", "milling", "moulding"}
    assert found.curves[0].process == "today"


def test_without_todays_price_the_sentence_asks_for_it() -> None:
    found = compare(PART, 10)
    assert "today" not in [cost.process for cost in found.costs]
    assert "Ihr heutiger Preis fehlt" in found.sentence.de


def test_a_guide_value_with_an_overlapping_range_is_never_called_cheapest() -> None:
    assert cheapest([_cost("sls", 4, 5, 9), _cost("fdm", 8, 10, 12, measured=True)]) is None
    assert cheapest([_cost("sls", 4, 5, 7.9), _cost("fdm", 8, 10, 12, measured=True)]) == "sls"
    assert cheapest([_cost("sls", 4, 5, 9), _cost("today", 9, 9, 9, measured=True)]) is None
    assert cheapest([]) is None


@given(st.lists(st.tuples(st.floats(0.1, 50), st.floats(0, 30), st.booleans()), min_size=1, max_size=7))
def test_whatever_the_ranges_the_cheapest_lies_below_all_others(rows: list[tuple[float, float, bool]]) -> None:
    costs = [_cost(str(k), low, low + wide / 2, low + wide, known) for k, (low, wide, known) in enumerate(rows)]
    best = cheapest(costs)
    below = [c.process for c in costs if all(c.high < other.low for other in costs if other is not c)]
    assert below == ([best] if best is not None else [])


def test_overlapping_ranges_are_told_in_words_with_all_that_reach_down() -> None:
    found = compare(PART, 10, Today(200.0))
    assert found.cheapest is None
    assert "überschneiden sich" in found.sentence.de
    assert "Mit der ganzen Spanne unter dem heutigen Preis: FDM (Filament), SLA (Harz)" in found.sentence.de


def test_what_is_surely_cheaper_or_sooner_than_today_is_named_and_nothing_that_may_not_be() -> None:
    found = compare(PART, 10, Today(30.0, (10, 30)))
    by_name = {cost.process: cost for cost in found.costs}
    assert found.below_today == tuple(name for name, cost in by_name.items() if cost.high < 30.0)
    assert "sls" not in found.below_today
    assert by_name["sls"].likely < 30.0
    assert len(found.below_today) == 3
    assert found.sooner == ("fdm", "sla")
    assert compare(PART, 10, Today(20.0)).sooner == ()


def test_a_price_today_below_all_ranges_is_called_cheapest() -> None:
    found = compare(PART, 100, Today(0.5))
    assert found.cheapest == "today"
    assert "heutige Verfahren" in found.sentence.de


def test_the_curve_holds_small_quantities_one_by_one_and_agrees_with_the_cost() -> None:
    at = quantities(10_000)
    assert at[:12].tolist() == list(range(1, 13))
    assert at[-1] == 10_000
    found = compare(PART, 12)
    for curve, cost in zip(found.curves, found.costs, strict=True):
        place = curve.quantity.index(12)
        assert (curve.low[place], curve.likely[place], curve.high[place]) == pytest.approx(
            (cost.low, cost.likely, cost.high)
        )


@pytest.mark.parametrize(
    ("price", "least", "days"), [(0, 1, 0), (-2, 1, 0), (float("nan"), 1, 0), (1, 0, 0), (1, 1, -1)]
)
def test_figures_of_today_that_cannot_be_are_refused(price: float, least: int, days: int) -> None:
    with pytest.raises(BadInput):
        Today(price, (days, 5), least)


class _Falling:
    """A way whose likely price falls from 35 to 10 EUR, with a range of a third."""

    way = SimpleNamespace(id="fdm", name=Text("FDM", "FDM"))

    def _unit(self, quantity: Any) -> Any:
        return 10 + 25 / np.asarray(quantity, dtype=np.float64)

    def total(self, quantity: Any, figures: object = None) -> Any:
        return self._unit(quantity) * quantity

    def span(self, quantity: Any) -> Any:
        unit = self._unit(quantity)
        return unit / 1.5, unit, unit * 1.5


def test_where_ranges_overlap_at_few_pieces_the_certain_quantity_lies_above() -> None:
    found = break_even(cast(Any, _Falling()), Today(38.0), horizon=1000)
    assert found.always is None and found.pays[0][0] == 1 and found.low is None
    # 1.5 · (10 + 25 / 1) = 52.5 EUR is more than 38 EUR, 1.5 · (10 + 25 / 2) = 33.75 EUR is less
    assert found.sure == 2
    never = break_even(cast(Any, _Falling()), Today(12.0), horizon=1000)
    assert never.sure is None and never.low == 1
