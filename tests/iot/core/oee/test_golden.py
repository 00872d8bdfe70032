"""Worked examples of others: published numbers must come out, and a published contradiction must be found."""

from __future__ import annotations

from fractions import Fraction

import pytest

from nordlotse.iot.core.oee.evaluate import evaluate
from nordlotse.iot.core.oee.values import Claim, Given
from nordlotse.iot.core.oee.written import rounded

F = Fraction

# (PBT s, APT s, PRI s, PQ, GQ) → A, P, Q, OEE in percent as printed by the source, with OEE from exact fractions
PUBLISHED = {
    "vendor example (landscape-bydesign)": ((25_200, 22_380, 1, 19_271, 18_848), ("88.81", "86.11", "97.80", "74.79")),
    "people.utm.my": ((54_000, 48_600, 90, 525, 469), ("90.00", "97.22", "89.33", "78.17")),
    "cncoptimization guide": ((25_200, 22_680, 60, 300, 294), ("90.00", "79.37", "98.00", "70.00")),
    "waycalculator": ((28_800, 25_200, 60, 400, 380), ("87.50", "95.24", "95.00", "79.17")),
}


def given(pbt: int, apt: int, pri: int, pq: int, gq: int, **claimed: Claim) -> Given:
    elements = {"PBT": F(pbt), "APT": F(apt), "PRI": F(pri), "PQ": F(pq), "GQ": F(gq)}
    return Given(elements, claimed=claimed)


def claim(text: str) -> Claim:
    digits = len(text.partition(".")[2])
    return Claim(F(text) / 100, F(1, 200 * 10**digits))


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_example_comes_out_to_the_printed_digit(name: str) -> None:
    numbers, printed = PUBLISHED[name]
    found = evaluate(given(*numbers))
    shown = [rounded((found.value(f) or F()) * 100, 2) for f in ("availability", "effectiveness", "quality", "oee")]
    assert shown == [F(p) for p in printed]
    assert found.value("oee") == F(numbers[2] * numbers[4], numbers[0])
    assert found.consistent and not found.flags


def test_the_two_factors_of_the_tpm_book_come_out_alone_and_what_is_missing_is_named() -> None:
    availability = evaluate(Given({"APT": F(783), "PBT": F(910)}))
    assert rounded((availability.value("availability") or F()) * 100, 1) == F("86.0")
    effectiveness = evaluate(Given({"PRI": F(1), "PQ": F(203), "APT": F(261)}))
    assert rounded((effectiveness.value("effectiveness") or F()) * 100, 1) == F("77.8")
    assert availability.value("oee") is None and availability.figures["oee"].missing == ("PRI", "PQ", "GQ")
    assert [flag.code for flag in availability.flags] == ["missing"]


@pytest.mark.parametrize("run_time", [1140, 1080])
def test_the_celver_example_is_flagged_whichever_of_its_two_run_times_is_taken(run_time: int) -> None:
    stated = {"availability": "95", "effectiveness": "92.6", "quality": "97", "oee": "85.3"}
    found = evaluate(given(1200, run_time, 1, 1000, 970, **{name: claim(text) for name, text in stated.items()}))
    assert rounded((found.value("oee") or F()) * 100, 1) == F("80.8")
    assert not found.consistent
    wrong = {flag.where for flag in found.flags if flag.code == "claim_differs"}
    assert wrong == {"oee", "effectiveness" if run_time == 1140 else "availability"}


def test_a_run_time_longer_than_the_planned_time_is_flagged_and_not_clipped() -> None:
    found = evaluate(given(1080, 1140, 1, 1000, 970))
    assert found.value("availability") == F(1140, 1080)
    assert "apt_over_pbt" in {flag.code for flag in found.flags} and not found.consistent


def test_a_stated_oee_from_rounded_factors_is_named_as_such_and_is_no_contradiction() -> None:
    stated = {"availability": "87.5", "effectiveness": "95.2", "quality": "95", "oee": "79.1"}
    found = evaluate(given(28_800, 25_200, 60, 400, 380, **{name: claim(text) for name, text in stated.items()}))
    assert [flag.code for flag in found.flags] == ["claim_rounded"] and found.consistent


def test_a_stated_oee_that_its_own_factors_do_not_give_is_flagged_without_any_times() -> None:
    stated = {"availability": "90", "effectiveness": "90", "quality": "90", "oee": "85"}
    found = evaluate(Given({}, claimed={name: claim(text) for name, text in stated.items()}))
    assert "claim_product" in {flag.code for flag in found.flags} and not found.consistent


def test_an_effectiveness_over_100_percent_is_shown_and_flagged() -> None:
    found = evaluate(given(480, 400, 2, 250, 250))
    assert found.value("effectiveness") == F(5, 4)
    assert "effectiveness_over_100" in {flag.code for flag in found.flags}
