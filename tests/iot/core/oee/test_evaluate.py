"""Laws of the key figures, what is derived, what is flagged, and how shifts become a sum."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given as holds
from hypothesis import settings
from hypothesis import strategies as st

from nordlotse.foundation.problem import BadInput
from nordlotse.iot.core.oee.catalogue import catalogue, read_catalogue
from nordlotse.iot.core.oee.evaluate import evaluate, total
from nordlotse.iot.core.oee.losses import most_valuable, stops_by_size, trend, waterfall
from nordlotse.iot.core.oee.values import Given, Stop

F = Fraction

seconds = st.fractions(0, 10**6, max_denominator=1000)
positive = st.fractions(F(1, 1000), 10**6, max_denominator=1000)
counts = st.integers(0, 10**6).map(F)
stops = st.lists(
    st.builds(Stop, seconds, st.sampled_from(["", "tool", "jam"]), st.sampled_from(["unplanned", "setup", "planned"]))
)
shifts = st.builds(
    lambda pbt, apt, pri, pq, gq, s: Given({"PBT": pbt, "APT": apt, "PRI": pri, "PQ": pq, "GQ": gq}, stops=tuple(s)),
    positive, positive, positive, st.integers(1, 10**6).map(F), counts, stops,
)  # fmt: skip


def codes(found: Given) -> set[str]:
    return {flag.code for flag in evaluate(found).flags}


@settings(max_examples=60)
@holds(shifts)
def test_the_product_of_the_factors_is_good_parts_times_planned_time_over_planned_busy_time(shift: Given) -> None:
    e = shift.elements
    assert evaluate(shift).value("oee") == e["PRI"] * e["GQ"] / e["PBT"]


@settings(max_examples=60)
@holds(shifts, seconds)
def test_the_steps_of_the_waterfall_add_up_to_the_planned_time(shift: Given, short: F) -> None:
    losses = waterfall(evaluate(shift), short)
    assert sum(loss.seconds for loss in losses) == shift.elements["PBT"]
    assert losses[-1].kind == "productive" and losses[-1].left == losses[-1].seconds


@settings(max_examples=40)
@holds(st.lists(shifts, min_size=1, max_size=5))
def test_the_identity_holds_for_a_sum_of_shifts_with_different_products(parts: list[Given]) -> None:
    found = evaluate(total(parts))
    e = found.elements
    assert found.value("oee") == e["PRI"] * e["GQ"] / e["PBT"]
    assert e["PRI"] * e["PQ"] == sum(p.elements["PRI"] * p.elements["PQ"] for p in parts)


@settings(max_examples=40)
@holds(st.lists(shifts, min_size=1, max_size=5), st.randoms())
def test_the_order_of_the_shifts_does_not_matter_for_their_sum(parts: list[Given], random: object) -> None:
    mixed = sorted(parts, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert evaluate(total(parts)).figures == evaluate(total(mixed)).figures


@settings(max_examples=40)
@holds(stops)
def test_the_groups_of_stops_hold_every_unplanned_stop_once(listed: list[Stop]) -> None:
    unplanned = [stop for stop in listed if stop.kind == "unplanned"]
    groups = stops_by_size(listed, F(60))
    assert sum(g.count for g in groups) == len(unplanned)
    assert sum(g.seconds for g in groups) == sum(s.seconds for s in unplanned)
    assert [g.seconds for g in groups] == sorted((g.seconds for g in groups), reverse=True)


def test_all_28_key_figures_are_data_with_formula_source_and_both_names() -> None:
    book = catalogue()
    assert len(book.figures) == 28
    assert book.source.url.startswith("https://") and book.licence == "MIT"
    for figure in book.figures.values():
        assert figure.name.de and figure.name.en and set(figure.elements) <= set(book.elements)


def test_each_key_figure_is_computed_when_its_elements_are_there() -> None:
    found = evaluate(Given({name: F(place + 2) for place, name in enumerate(catalogue().elements)}))
    assert not [c.id for c in found.figures.values() if c.value is None]


def test_the_net_index_counts_setup_as_no_loss() -> None:
    found = evaluate(
        Given({n: F(v) for n, v in {"PBT": 480, "APT": 360, "AUST": 60, "PRI": 1, "PQ": 360, "GQ": 342}.items()})
    )
    assert found.value("nee") == F(420, 480) * 1 * F(342, 360)
    assert found.value("setup_rate") == F(60, 420)


def test_a_formula_with_anything_but_arithmetic_is_refused_with_its_place() -> None:
    text = (
        "source: {id: a, title: a, publisher: a, year: 2019, url: a, licence: a, checked_on: 2026-01-01, review_on: 2027-01-01}\n"
        "elements: [{id: A, kind: time, name: a, about: a}]\n"
        "key_figures: [{id: x, name: x, formula: 'A.__class__', unit: number, direction: higher, lowest: 0}]\n"
    )
    with pytest.raises(BadInput, match="formula"):
        read_catalogue(text, "own.yaml")


def test_steps_show_the_numbers_put_in() -> None:
    found = evaluate(Given({n: F(v) for n, v in {"PBT": 900, "APT": 810, "PRI": 2, "PQ": 300, "GQ": 290}.items()}))
    assert [(s.term, s.inserted) for s in found.figures["effectiveness"].steps] == [
        ("PRI * PQ", "2 * 300"),
        ("PRI * PQ / APT", "600 / 810"),
    ]


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ({"PQ": 10, "GQ": 11}, "good_over_produced"),
        ({"PBT": -1}, "negative"),
        ({"PBT": 0, "APT": 0}, "division_by_zero"),
        ({"PQ": 10, "GQ": 8, "SQ": 3}, "counts_differ"),
        ({"PBT": 480, "POT": 480, "PDOT": 30}, "pbt_sum"),
        ({"APT": 100, "AUST": 10, "AUPT": 120}, "aupt_sum"),
        ({"APT": 100, "AUBT": 90}, "apt_over_aubt"),
        ({"APT": 0, "PQ": 5}, "parts_without_time"),
        ({"APT": 5, "PQ": 0}, "time_without_parts"),
        ({"PBT": 480, "APT": 460, "ADET": 40}, "stops_over_lost_time"),
        ({"PBT": 480, "APT": 400, "ADET": 40}, "lost_time_open"),
        ({"PQ": F(3, 2)}, "fractional_count"),
        ({"USL": 1, "LSL": 2}, "limits_reversed"),
        ({"IP": 1, "GP": 2}, "first_pass_over_inspected"),
        ({"PQ": 12, "EPC": 10}, "out_of_range"),
    ],
)
def test_input_that_contradicts_itself_gets_its_flag(elements: dict[str, int], code: str) -> None:
    assert code in codes(Given({name: F(value) for name, value in elements.items()}))


@pytest.mark.parametrize("rework", [0, 5])
def test_reworked_parts_may_be_counted_beside_or_among_the_good_ones(rework: int) -> None:
    assert "counts_differ" not in codes(
        Given({"PQ": F(100), "GQ": F(95 - rework), "SQ": F(5), "RQ": F(5) if rework else F(3)})
    )


def test_production_time_follows_from_planned_time_and_stops() -> None:
    found = evaluate(
        Given(
            {"POT": F(480), "PRI": F(1), "GQ": F(300), "SQ": F(6)},
            stops=(Stop(F(60), "break", "planned"), Stop(F(42), "jam")),
        )
    )
    assert (found.elements["PBT"], found.elements["APT"], found.elements["PQ"]) == (F(420), F(378), F(306))
    assert found.derived["APT"] == "PBT - ADET" and found.consistent


def test_a_sum_leaves_out_what_only_some_shifts_name_and_says_so() -> None:
    found = evaluate(total([Given({"PBT": F(10), "APT": F(5)}), Given({"PBT": F(10)})]))
    assert found.value("availability") is None
    assert "incomplete_total" in {flag.code for flag in found.flags}


def test_a_trend_compares_the_newer_half_with_the_older() -> None:
    parts = [
        evaluate(Given({"PBT": F(100), "APT": F(apt), "PRI": F(1), "PQ": F(apt), "GQ": F(apt)}))
        for apt in (50, 60, 70, 80)
    ]
    found = trend(parts)
    assert (found.before, found.after, found.change) == (F(55, 100), F(75, 100), F(20, 100))


def test_the_most_valuable_losses_count_every_second_once_and_name_reasons_first() -> None:
    elements = {n: F(v) for n, v in {"PBT": 28_800, "APT": 20_000, "PRI": 1, "PQ": 19_000, "GQ": 18_000}.items()}
    stops = (Stop(F(4000), "tool"), Stop(F(100), "tool"), Stop(F(2000)), Stop(F(50)))
    found = evaluate(Given(elements, stops=stops, cost_per_hour=F(36)))
    first, second, third = most_valuable(found)
    assert (first.reason, first.seconds, first.euros) == ("tool", F(4100), F(41))
    assert (second.kind, second.seconds) == ("unexplained", F(2650))
    assert (third.kind, third.seconds) == ("stops", F(2000))
    everything = most_valuable(found, 99)
    assert sum(one.seconds for one in everything) == F(28_800 - 18_000)
