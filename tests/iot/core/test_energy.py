"""Energy by state and part, base load, cost and CO₂."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given as holds
from hypothesis import settings
from hypothesis import strategies as st

from nordlotse.iot.core.energy import energy_of, factors, from_current, from_meter, from_power, tell_energy
from nordlotse.iot.core.states.rules import Signal
from nordlotse.iot.core.states.values import SECOND, Span, State

HOUR = 3600 * SECOND


def power(*watts: float, step: int = 60 * SECOND) -> Signal:
    return Signal(np.arange(len(watts), dtype=np.int64) * step, np.array(watts, float))


DAY = [Span(0, 2 * HOUR, State.PRODUCING), Span(2 * HOUR, 3 * HOUR, State.IDLE), Span(3 * HOUR, 4 * HOUR, State.OFF)]


def test_each_state_gets_its_energy_cost_and_co2() -> None:
    profile = from_power(power(*[5000] * 120, *[1000] * 60, *[100] * 60))
    found = energy_of(profile, DAY, 0, 4 * HOUR, parts=50, price=0.2, co2_grams=400)
    assert {s: round(v.kwh, 9) for s, v in found.by_state.items()} == {
        State.PRODUCING: 10,
        State.IDLE: 1,
        State.OFF: 0.1,
    }
    assert found.whole.euros == pytest.approx(11.1 * 0.2) and found.whole.co2_kg == pytest.approx(11.1 * 0.4)
    assert found.per_part_kwh == pytest.approx(11.1 / 50) and found.producing_per_part_kwh == pytest.approx(0.2)
    assert found.waste.kwh == pytest.approx(1.1) and found.base_watts == pytest.approx(100)
    assert not found.flags


@settings(max_examples=50)
@holds(st.lists(st.floats(0, 1e5), min_size=2, max_size=50), st.lists(st.integers(0, 3600), max_size=8))
def test_the_states_add_up_to_the_whole_and_windows_to_each_other(watts: list[float], cuts: list[int]) -> None:
    profile, end = from_power(power(*watts)), 3600 * SECOND
    edges = sorted({0, 3600, *cuts})
    states = list(State)
    spans = [Span(a * SECOND, b * SECOND, states[place % 4]) for place, (a, b) in enumerate(itertools.pairwise(edges))]
    found = energy_of(profile, spans[:-1], 0, end)
    assert sum(s.kwh for s in found.by_state.values()) == pytest.approx(found.whole.kwh)
    assert sum(profile.between(s.begin, s.end) for s in spans) == pytest.approx(found.whole.kwh)
    assert found.whole.kwh == pytest.approx(sum(energy * 60 for energy in watts[:-1]) / 3.6e6 + watts[-1] * 900 / 3.6e6)


def test_silence_is_not_filled_with_energy_and_told() -> None:
    found = energy_of(from_power(power(1000)), [Span(0, 4 * HOUR, State.OFF)], 0, 4 * HOUR)
    assert found.whole.kwh == pytest.approx(0.25) and found.whole.seconds == pytest.approx(900)
    assert [flag.code for flag in found.flags] == ["no_energy_data"]


def test_a_meter_that_is_reset_counts_on_and_says_so() -> None:
    meter = Signal(np.array([0, 1, 2, 3], np.int64) * HOUR, np.array([998.0, 999.5, 0.5, 2.0]))
    profile = from_meter(meter)
    assert profile.between(0, 3 * HOUR) == pytest.approx(1.5 + 0.5 + 1.5)
    assert [flag.code for flag in profile.flags] == ["meter_reset"]


def test_energy_from_a_current_is_marked_as_estimated() -> None:
    profile = from_current(power(10, 10))
    assert profile.between(0, 60 * SECOND) == pytest.approx(3**0.5 * 400 * 10 * 0.8 * 60 / 3.6e6)
    assert [flag.code for flag in profile.flags] == ["estimated_from_current"]


def test_without_own_figures_the_dated_ones_with_source_are_taken() -> None:
    found = energy_of(from_power(power(1000, 1000)), [], 0, 60 * SECOND)
    assert (found.co2_grams, found.price) == (factors()["co2_grid_de"].value, factors()["price_business_de"].value)
    for factor in factors().values():
        assert factor.url.startswith("https://") and factor.review_on > factor.checked_on and factor.year >= 2024


def test_nothing_measured_gives_no_base_load_and_no_error() -> None:
    found = energy_of(from_power(power()), DAY, 0, 4 * HOUR)
    assert found.whole.kwh == 0 and found.base_watts is None and found.per_part_kwh is None


def test_the_sentences_tell_what_stood_unplanned_apart_from_what_was_planned() -> None:
    profile = from_power(power(*[5000] * 120, *[1000] * 60, *[2000] * 60))
    spans = [
        Span(0, 2 * HOUR, State.PRODUCING),
        Span(2 * HOUR, 3 * HOUR, State.IDLE),
        Span(3 * HOUR, 4 * HOUR, State.SETUP),
    ]
    said = tell_energy(energy_of(profile, spans, 0, 4 * HOUR, parts=50, price=0.2, co2_grams=400))
    assert said[1].de == "Davon 1,0 kWh (etwa 0,20 €, 0,4 kg CO₂), während die Maschine ungeplant stand."
    assert said[2].de.startswith("Weitere 2,0 kWh") and "auch da entstand nichts" in said[2].de


def test_the_sentences_name_what_was_used_while_it_stood() -> None:
    profile = from_power(power(*[5000] * 120, *[1000] * 60, *[100] * 60))
    said = tell_energy(energy_of(profile, DAY, 0, 4 * HOUR, parts=50, price=0.2, co2_grams=400))
    assert said[1].de == "Davon 1,1 kWh (etwa 0,22 €, 0,4 kg CO₂), während die Maschine ungeplant stand."
    assert said[2].en == "0.222 kWh per part."
