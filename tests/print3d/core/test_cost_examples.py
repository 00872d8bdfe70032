"""Worked examples of other people's pages, books and papers, to the digits printed there."""

from __future__ import annotations

import pytest

from nordlotse.print3d.core.comparison import smooth_break_even
from nordlotse.print3d.core.moulding import base_cost, customisation, mould_cost, part_cost
from nordlotse.print3d.core.plates import metal_quote
from nordlotse.print3d.core.powder import wrapped_price
from nordlotse.print3d.core.rates import Platform, machine_rate, per_quantity, shop_rate


def test_3yourmind_machine_rate() -> None:
    rate = machine_rate(
        price=200_000, maintenance=40_000, life=7, power=10_000, room=4_000 * 10, spare=2_000, gas=0, hours=3_500
    )
    assert round(rate, 3) == 24.653


def test_my_shop_metrics_shop_rate() -> None:
    assert shop_rate(150_000, 2_000, 0.8) == 93.75


def test_a_phasio_metal_bracket() -> None:
    quote = metal_quote(10_000, 13_000, share=0.40, density=7.9, price=100, rate=5_000, hourly=130, setup=150)
    assert (quote.support, quote.melted, quote.hours) == pytest.approx((1_200, 11_200, 2.24))
    assert (quote.machine, quote.mass_g, quote.material) == pytest.approx((291.20, 79, 7.90))
    assert round(quote.total, 2) == 449.10


@pytest.mark.parametrize(("quantity", "price"), [(5, 53.80), (50, 35.46)])
def test_b_phasio_powder_bed(quantity: int, price: float) -> None:
    assert round(wrapped_price(210_000, 0.18, 80, quantity, [(50, 0.10)]), 2) == price


def test_c_machinecalcs_milled_part() -> None:
    once = {"setup": 90.0, "tooling": 80.0}
    each = {"machine": 7.08, "material": 12.60, "secondary": 1.83}
    assert (once["setup"] / 25, once["tooling"] / 25) == (3.60, 3.20)
    assert round(per_quantity(25, once, each), 2) == 28.31
    # the page adds its 20 % to unrounded inputs, 28.32 as it prints
    assert round(per_quantity(1, {}, {"page": 28.32}, margin=0.20), 2) == 33.98
    assert per_quantity(25, once, each, margin=0.20) == pytest.approx(33.98, abs=0.01)


_BASE = [2, 0.4, 0.2, 0.2, 0.2]


def test_d_kazmer_bezel_with_the_printed_factors() -> None:
    cavity = [0.4, 0.15, 0.2, 0.3, 0.1]
    assert round(customisation(28_100, 5_250, cavity, _BASE)) == 48_065
    assert round(mould_cost(28_100, 5_250, cavity, _BASE)) == 81_415


def test_d_kazmer_bezel_with_the_structural_factor_behind_the_books_total() -> None:
    cavity = [0.4, 0.15, 0.2, 0.1, 0.1]
    # the book prints 42,500 and 75,900
    assert round(customisation(28_100, 5_250, cavity, _BASE)) == 42_445
    assert round(mould_cost(28_100, 5_250, cavity, _BASE)) == 75_795


def test_d2_kazmer_part_cost() -> None:
    assert round(part_cost(0.152, 0.082, 0.347, 0.98), 3) == 0.593


def test_d3_kazmer_mould_base() -> None:
    assert base_cost(830, 538, 5.25) == 3_654.5


# E: every ratio was recomputed, but the figures were not compared with the paper itself
_SL = Platform(190, 26.8, 130_000 + 89_000, 5.30, 33 + 49, 1.29)
_FDM = Platform(75, 67.27, 12_660 + 10_560, 5.30, 10 + 60, 1.75)
_LS = Platform(1056, 59.78, 42_500 + 30_450, 5.30, 120 + 360, 1.64)


@pytest.mark.parametrize(
    ("platform", "per_hour", "per_year", "machine", "labour", "total"),
    [
        (_SL, 7.09, 55_894, 3.92, 0.04, 5.25),
        (_FDM, 1.11, 8_790, 2.64, 0.08, 4.47),
        (_LS, 17.66, 139_269, 0.52, 0.04, 2.20),
    ],
    ids=["sl", "fdm", "ls"],
)
def test_e_hopkinson_dickens_lever_unchecked_against_the_paper(
    platform: Platform, per_hour: float, per_year: int, machine: float, labour: float, total: float
) -> None:
    assert round(platform.per_hour, 2) == per_hour
    assert round(platform.per_year) == per_year
    assert round(platform.machine_cost, 2) == machine
    assert round(platform.labour_cost, 2) == labour
    assert round(platform.total, 2) == total


@pytest.mark.parametrize(
    ("platform", "price", "maintenance"),
    [(_SL, 1_040_000, 89_000), (_FDM, 101_280, 10_560), (_LS, 340_000, 30_450)],
    ids=["sl", "fdm", "ls"],
)
def test_e_eight_years_of_depreciation_unchecked_against_the_paper(
    platform: Platform, price: int, maintenance: int
) -> None:
    assert platform.yearly == price / 8 + maintenance


@pytest.mark.parametrize(("platform", "labour"), [(_SL, 7.24), (_FDM, 6.18), (_LS, 42.40)], ids=["sl", "fdm", "ls"])
def test_e_labour_per_build_unchecked_against_the_paper(platform: Platform, labour: float) -> None:
    assert round(platform.labour_cost * platform.parts, 2) == labour


@pytest.mark.parametrize(("unit", "pieces"), [(5.25, 5_451), (4.47, 6_453), (2.20, 13_889)], ids=["sl", "fdm", "ls"])
def test_e_break_even_against_moulding_unchecked_against_the_paper(unit: float, pieces: int) -> None:
    assert smooth_break_even(27_360, unit, 0.23) == pieces
