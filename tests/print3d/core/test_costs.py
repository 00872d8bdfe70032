"""Cost per process: ranges, saws, levers; nothing here checks a market price, only what must hold for any."""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace

import numpy as np
import pytest

from nordlotse.foundation.problem import BadInput
from nordlotse.print3d.core.chart import chart
from nordlotse.print3d.core.comparison import Today, compare
from nordlotse.print3d.core.costs import PROCESSES, Priced, priced
from nordlotse.print3d.core.figures import Figures, figures
from nordlotse.print3d.core.limits_data import default_material, machines, material
from nordlotse.print3d.core.milling import milling_totals
from nordlotse.print3d.core.moulding import cooling
from nordlotse.print3d.core.nesting import grid, nest
from nordlotse.print3d.core.powder import nested_costs, powder_totals
from nordlotse.print3d.core.rates import GUIDE_VALUE, changed, rates, with_machine, with_material
from nordlotse.print3d.core.values import Estimate, Process
from tests.print3d.core.solids import box, bracket

ESTIMATE = Estimate("fdm-pla-0.2", 7200, 6600, 7800, 25, 24, 26, 0, 150, "estimated")
PART = Figures((60.0, 40.0, 30.0), 20_000.0, 45_000.0, 14_000.0, ESTIMATE)


def _alone(share: float, part: Figures = PART) -> Priced:
    return priced(part, changed(rates(), {"sls.alone": share})).ways["sls"]


def test_every_figure_has_a_range_in_order_a_unit_a_source_and_a_date() -> None:
    held = [rate for way in rates().ways.values() for rate in way.rates.values()] + list(rates().screening.values())
    assert len(held) > 80
    for rate in held:
        value = rate.value
        assert value.low <= value.likely <= value.high, rate.id
        assert value.unit, rate.id
        assert value.source.de, rate.id
        assert value.source.en, rate.id
        assert value.decided.year >= 2026, rate.id
        assert rate.name.de, rate.id
        assert rate.name.en, rate.id


def test_only_the_estimated_process_counts_as_measured_and_the_others_say_so() -> None:
    costs = [way.cost(20) for way in priced(PART).ways.values()]
    assert [cost.process for cost in costs] == list(PROCESSES)
    assert [cost.process for cost in costs if cost.measured] == ["fdm"]
    assert {cost.note for cost in costs if not cost.measured} == {GUIDE_VALUE}
    assert GUIDE_VALUE.de == "Richtwert, nicht gemessen"


@pytest.mark.parametrize("quantity", [1, 7, 250, 20_000])
def test_the_range_holds_the_likely_cost_and_its_parts_add_up(quantity: int) -> None:
    for way in priced(PART).ways.values():
        cost = way.cost(quantity)
        assert 0 < cost.low < cost.likely < cost.high
        assert sum(cost.parts.values()) == pytest.approx(cost.likely)


def test_a_wider_band_of_print_time_widens_the_range() -> None:
    wide = replace(PART, fdm=replace(ESTIMATE, time_low_s=2000, time_high_s=20_000))
    near, far = priced(PART).ways["fdm"].cost(5), priced(wide).ways["fdm"].cost(5)
    assert far.likely == pytest.approx(near.likely)
    assert far.low < near.low < near.high < far.high


def test_one_piece_below_the_least_order_is_paid_as_the_least_order() -> None:
    moulding = priced(PART).ways["moulding"]
    assert moulding.way.minimum == 100
    assert float(moulding.total(np.array([1]))[0]) == pytest.approx(float(moulding.total(np.array([100]))[0]))
    assert moulding.cost(1).likely == pytest.approx(100 * moulding.cost(100).likely)


def test_within_a_row_the_unit_cost_falls_and_a_new_row_costs_more_than_a_new_part() -> None:
    way = _alone(1.0)
    n = np.arange(1, 4 * way.packed.per_build)
    total, unit = way.total(n), way.unit(n)
    step, row = np.diff(total), way.packed.per_row
    new_row = n[1:] % row == 1
    assert row > 2
    assert (np.diff(unit)[~new_row] < 0).all()
    assert step[new_row].min() > step[~new_row].max() * 1.05


def test_a_new_layer_jumps_above_a_new_row_and_a_new_build_above_a_new_layer() -> None:
    way = _alone(1.0)
    n = np.arange(1, 3 * way.packed.per_build)
    step, per = np.diff(way.total(n)), way.packed
    at = n[:-1]
    build, layer, row = at % per.per_build == 0, at % per.per_layer == 0, at % per.per_row == 0
    assert per.rows > 1
    assert per.layers > 1
    assert step[build].min() > step[layer & ~build].max()
    assert step[layer & ~build].min() > step[row & ~layer].max()


def test_a_new_build_raises_even_the_unit_cost() -> None:
    way = _alone(1.0)
    full = way.packed.per_build
    before, after = way.unit(np.array([full, full + 1]))
    assert after > before


def test_where_others_fill_the_rest_only_a_new_build_jumps() -> None:
    way = _alone(0.0)
    step = np.diff(way.total(np.arange(1, 2 * way.packed.per_build)))
    jumps = np.flatnonzero(step > step.min() * 1.001) + 1
    assert jumps.tolist() == [way.packed.per_build]


@pytest.mark.parametrize("process", ["sla", "lpbf", "fdm"])
def test_on_a_plate_the_cost_jumps_with_each_plate_only(process: str) -> None:
    way = priced(PART).ways[process]
    step = np.diff(way.total(np.arange(1, 4 * way.packed.per_build)))
    jumps = np.flatnonzero(step > step.min() * 1.0001) + 1
    assert jumps.tolist() == [way.packed.per_build * k for k in (1, 2, 3)]


def test_a_resin_plate_takes_the_same_time_however_full_it_is() -> None:
    way = priced(PART).ways["sla"]
    one, full = way.totals(np.array([1, way.packed.per_build]))["machine"]
    assert one == pytest.approx(full)


def test_the_strongest_lever_comes_first_and_certain_figures_are_none() -> None:
    way = priced(PART, changed(rates(), {"lpbf.scan": 9000})).ways["lpbf"]
    levers = way.levers(10)
    widths = [lever.width for lever in levers]
    assert widths == sorted(widths, reverse=True)
    assert "lpbf.scan" not in {lever.rate.id for lever in levers}
    assert {lever.rate.id for lever in levers} >= {"lpbf.machine_rate", "shop.margin"}


def test_a_persons_figure_is_used_as_certain_and_named_as_theirs() -> None:
    held = changed(rates(), {"fdm.machine_rate": 10.0})
    rate = held.ways["fdm"].rates["machine_rate"].value
    assert (rate.low, rate.likely, rate.high, rate.source.de) == (10.0, 10.0, 10.0, "Ihre Angabe")
    dear, cheap = priced(PART, held).ways["fdm"].cost(10), priced(PART).ways["fdm"].cost(10)
    assert dear.parts["machine"] == pytest.approx(cheap.parts["machine"] * 4)


def test_one_rate_of_the_shop_changes_every_process() -> None:
    held = changed(rates(), {"shop.margin": 0.0})
    assert all(way.cost(5).parts["margin"] == 0 for way in priced(PART, held).ways.values())


@pytest.mark.parametrize(
    ("figures", "code"),
    [
        ({"fdm.colour": 1.0}, "rate_unknown"),
        ({"fdm.machine_rate": -1.0}, "rate_impossible"),
        ({"sla.layer": 0.0}, "rate_impossible"),
        ({"sls.alone": 1.5}, "rate_impossible"),
        ({"sls.machine_rate": 1e300}, "rate_impossible"),
        ({"sls.scrap": 1.0}, "rate_impossible"),
        ({"sls.scrap": float("nan")}, "rate_impossible"),
    ],
)
def test_a_figure_that_cannot_be_is_refused(figures: dict[str, float], code: str) -> None:
    with pytest.raises(BadInput) as told:
        changed(rates(), figures)
    assert told.value.code == code


def test_a_part_that_does_not_fit_leaves_the_process_out_with_the_reason() -> None:
    long = replace(PART, size=(330.0, 40.0, 30.0))
    costing = priced(long)
    assert set(costing.left_out) == {"lpbf"}
    assert "246 × 246 × 274 mm" in costing.left_out["lpbf"].de


def test_a_part_too_long_for_the_first_machine_is_priced_on_the_next_as_a_guide_value() -> None:
    long = priced(replace(PART, size=(330.0, 40.0, 30.0))).ways["fdm"]
    assert (long.way.machine, long.measured) == ("fdm-large", False)
    assert long.way.rates["machine_rate"].value == machines()["fdm-large"].rate
    assert priced(PART).ways["fdm"].way.machine == "fdm-desktop"


def test_price_density_hour_and_build_volume_are_those_of_the_first_material_and_machine() -> None:
    for process in Process:
        way, material = rates().ways[process], default_material(process)
        first = next(one for one in machines().values() if one.process is process)
        assert way.rates["material_price"].value == material.price
        assert way.rates["machine_rate"].value == first.rate
        assert (way.build, way.material) == (first.build, material.name)
        if "density" in way.rates:
            assert way.rates["density"].value.likely == material.density


def test_another_material_changes_its_own_process_only() -> None:
    held = with_material(rates(), material("alsi10mg"))
    steel, light = priced(PART).ways, priced(PART, held).ways
    assert light["lpbf"].cost(5).parts["material"] < steel["lpbf"].cost(5).parts["material"] / 2
    assert light["sls"].cost(5).likely == steel["sls"].cost(5).likely


def test_a_persons_price_goes_before_that_of_the_material_on_every_machine() -> None:
    held = changed(with_material(rates(), material("petg")), {"fdm.material_price": 99.0})
    found = [one.rates["material_price"].value.likely for one in (held.ways["fdm"], *held.ways["fdm"].larger)]
    assert found == [99.0, 99.0]


def test_a_shops_own_machine_stands_alone_for_its_process() -> None:
    own = replace(machines()["lpbf"], id="own", build=(400.0, 400.0, 400.0))
    way = priced(replace(PART, size=(330.0, 40.0, 30.0)), with_machine(rates(), own)).ways["lpbf"].way
    assert (way.machine, way.build, way.larger) == ("own", (400.0, 400.0, 400.0), ())


def test_without_an_estimate_fdm_is_left_out_not_guessed() -> None:
    costing = priced(replace(PART, fdm=None))
    assert set(costing.left_out) == {"fdm"}


def test_a_part_without_volume_has_no_price() -> None:
    with pytest.raises(BadInput) as told:
        priced(replace(PART, volume=0.0))
    assert told.value.code == "nothing_to_price"


@pytest.mark.parametrize("quantity", [0, -3, 1_000_001])
def test_a_quantity_that_is_none_is_refused(quantity: int) -> None:
    with pytest.raises(BadInput):
        priced(PART).ways["sls"].cost(quantity)


def test_milling_a_plain_block_removes_only_the_allowance() -> None:
    given = rates().ways["milling"].likely()
    block = Figures((50.0, 40.0, 30.0), 60_000.0, 60_000.0, 9_400.0)
    machine = float(milling_totals(block, given, np.array([1.0]))["machine"][0])
    removed = 55 * 45 * 35 - 60_000
    hours = (removed / given["removal"] + 9_400 / given["finish"]) * (1 + given["idle"]) + 2 * 1.5 / 60
    assert machine == pytest.approx(hours * given["machine_rate"])


def test_cooling_grows_with_the_square_of_the_wall() -> None:
    assert cooling(4, 0.09, 230, 40, 90) == pytest.approx(4 * cooling(2, 0.09, 230, 40, 90))
    # 2 mm of plastic cool in some ten seconds
    assert 4 < cooling(2, 0.09, 230, 40, 90) < 12


def test_the_figures_of_a_box_and_a_bracket_are_those_of_their_meshes() -> None:
    plain = figures(box(10, 20, 30))
    assert plain.size == pytest.approx((10, 20, 30))
    assert (plain.volume, plain.hull, plain.area) == pytest.approx((6000, 6000, 2200))
    angle = figures(bracket())
    assert angle.hull > angle.volume * 2
    assert 2 < angle.wall < 4.5
    assert figures(bracket(), exact_volume=9_000.0).volume == 9_000.0


def test_parts_that_share_a_build_pay_all_of_it_and_equal_ones_the_same() -> None:
    meshes = [box(30, 20, 10), box(30, 20, 10), bracket(), box(5, 5, 5)]
    parts = [figures(mesh) for mesh in meshes]
    way = rates().ways["sls"]
    given = way.likely()
    packed = nest(meshes, way.build, way.gap)
    costs = nested_costs(parts, packed, given, way.build)
    assert costs[0] == pytest.approx(costs[1])
    assert costs[3] < costs[0] < costs[2]
    volume, height = sum(part.volume for part in parts), packed.heights[0]
    hours = height / given["layer"] * given["recoat"] / 3600 + given["warm"] + volume / given["scan"]
    powder = volume * given["density"] + (height * 340 * 340 - volume) * given["bulk"] * given["refresh"]
    labour = (given["plate"] + 4 * given["finishing"]) * given["operator"] / 60
    assert sum(costs) == pytest.approx(hours * given["machine_rate"] + powder * 1e-6 * given["material_price"] + labour)


def test_a_full_grid_costs_what_its_chamber_layers_and_volume_say() -> None:
    given = {**rates().ways["sls"].likely(), "alone": 1.0}
    chamber = (100.0, 100.0, 100.0)
    packed = grid((20, 20, 20), chamber, 5, stacked=True)
    assert packed is not None
    assert packed.per_build == 64
    part = Figures((20, 20, 20), 8_000, 8_000, 2_400)
    spent = powder_totals(part, given, packed, chamber, np.array([64.0]))
    hours = 100 / given["layer"] * given["recoat"] / 3600 + 64 * 8_000 / given["scan"] + given["warm"]
    assert float(spent["machine"][0]) == pytest.approx(hours * given["machine_rate"])
    mass = 64 * 8_000 * given["density"] + (1e6 - 64 * 8_000) * given["bulk"] * given["refresh"]
    assert float(spent["material"][0]) == pytest.approx(mass * 1e-6 * given["material_price"])


@pytest.mark.parametrize("process", ["fdm", "sla", "sls", "mjf", "lpbf", "milling", "moulding"])
@pytest.mark.parametrize("figure", [0.0, 1e9])
def test_whatever_figures_somebody_gives_costs_and_their_picture_stay_numbers(process: str, figure: float) -> None:
    held = rates()
    for rate in rates().ways[process].rates.values():
        with contextlib.suppress(BadInput):
            held = changed(held, {rate.id: figure})
    for quantity in (1, 10_000):
        found = compare(PART, quantity, Today(0.0001), held)
        for cost in found.costs:
            assert 0 <= cost.low <= cost.likely <= cost.high < math.inf
        drawn = chart(found.curves, {}, quantity, "x", "de")
        assert "nan" not in drawn and "inf" not in drawn
