"""Steps fit the trade and the size: no factory step for a painter, evenings instead of days, and what protects data comes first."""

from __future__ import annotations

import pytest

from nordlotse.foundation.problem import BadInput
from nordlotse.readiness.core.catalogue import questions, shipped_models
from nordlotse.readiness.core.fitting import before_all, possible
from nordlotse.readiness.core.measure import Goal, Measure
from nordlotse.readiness.core.measures import read_measures, shipped_measures
from nordlotse.readiness.core.planned import days_words
from nordlotse.readiness.core.planning import plan
from nordlotse.readiness.core.prospect import Prospect

#: A master painter with five people: paper and telephone, heating and vehicles but no machines that make parts.
PAINTER = {
    "employees": 5,
    "sector": "F",
    "it_systems": "1",
    "security": (),
    "skills": "1",
    "iot_use": "0",
    "machine_data": "0",
    "machine_links": "0",
    "print3d_use": "0",
    "part_choice": "0",
    "part_files": "0",
    "twin_use": "0",
    "info_sharing": "0",
    "implementation": "0",
    "data_services": "0",
    "innovation": "0",
    "analytics": "0",
}
FACTORY = {"log_readings", "machine_ports", "first_machine", "link_machine", "machines_most", "machines_exchange"} | {
    m.id for m in shipped_measures() if m.raises[0].question in ("part_choice", "part_files", "print3d_use")
}


def offered(answers: dict[str, object], employees: int | None = None, model: str = "own") -> set[str]:
    prospect = Prospect(shipped_models()[model], answers, questions())
    return {m.id for m in possible(prospect, shipped_measures(), employees).measures}


def test_a_painter_is_offered_no_step_of_a_factory() -> None:
    for model in shipped_models():
        assert not offered(PAINTER, 5, model) & (
            FACTORY | {"cobot_cell", "camera_check", "parts_recorded", "work_tracked"}
        )


def test_a_metal_shop_is_offered_the_steps_of_a_factory() -> None:
    metal = PAINTER | {"sector": "C", "employees": 40}
    assert {"first_machine", "machine_ports", "part_list", "first_print"} <= offered(metal, 40)


def test_a_metal_shop_that_has_begun_is_offered_no_step_for_offices_and_vans() -> None:
    metal = PAINTER | {"sector": "C", "employees": 40, "machine_links": "2", "machine_data": "1", "iot_use": "1"}
    assert not {"device_by_phone", "values_monthly"} & offered(metal, 40)


def test_whoever_does_not_name_a_sector_is_offered_everything_that_fits_the_size() -> None:
    assert {"first_machine", "part_list"} <= offered({k: v for k, v in PAINTER.items() if k != "sector"}, 40)


def test_a_painter_who_already_prints_parts_is_offered_the_next_step() -> None:
    assert "prints_daily" in offered(PAINTER | {"print3d_use": "2", "part_choice": "3"}, 5)


@pytest.mark.parametrize("sector", ["A", "F", "G", "H", "I", "M", "Q", "S"])
def test_in_every_trade_each_topic_but_printing_has_a_step(sector: str) -> None:
    found = offered(PAINTER | {"sector": sector}, 5)
    raised = {r.question for m in shipped_measures() if m.id in found for r in m.raises}
    asked = set(shipped_models()["own"].questions) - {"print3d_use", "part_choice", "part_files"}
    assert asked <= raised


def test_a_step_may_take_half_a_day() -> None:
    (one,) = read_measures(_ONE, "m.yaml", questions())
    assert list(one.days) == [0.5, 1, 1.5]
    assert days_words(one.days, "de") == "0,5 bis 1,5 Tage, wahrscheinlich 1"


def test_half_a_day_is_said_in_words() -> None:
    assert days_words((0.5, 0.5, 0.5), "de") == "ein halber Tag"
    assert days_words((0.5, 0.5, 0.5), "en") == "half a day"


@pytest.mark.parametrize("days", ["[0.3, 1, 2]", "[-1, 1, 2]", "[true, 1, 2]", "[.nan, 1, 2]"])
def test_other_fractions_of_a_day_are_refused(days: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_measures(_ONE.replace("[0.5, 1, 1.5]", days), "m.yaml", questions())
    assert caught.value.where == "m.yaml:2 one days"


@pytest.mark.parametrize("sectors", ["[X]", "[01]", "[F, F]"])
def test_a_sector_that_is_no_section_is_refused(sectors: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_measures(_ONE + f"  sectors: {sectors}\n", "m.yaml", questions())
    assert caught.value.where == "m.yaml:2 one sectors"


def test_a_plan_of_half_days_takes_fewer_days_before_fewer_steps() -> None:
    text = _ONE + _ONE.replace("id: one", "id: two").replace("[0.5, 1, 1.5]", "[0.5, 0.5, 1]")
    found = plan(shipped_models()["own"], {"security": ()}, Goal(budget=0), read_measures(text, "m.yaml", questions()))
    assert [step.measure.id for step in found.steps] == ["two"]
    assert found.days == (0.5, 0.5, 1)


# ---- the own time as a limit ----


@pytest.mark.parametrize("days", [0, 0.5, 1, 2, 5])
def test_a_plan_keeps_within_the_days_somebody_has(days: float) -> None:
    found = plan(
        shipped_models()["own"],
        PAINTER,
        Goal(budget=5_000, days=days),
        shipped_measures(),
        employees=5,
        form=questions(),
    )
    assert found.days[1] <= days
    assert bool(found.steps) == (days > 0)


def test_a_level_is_sought_within_the_days_somebody_has() -> None:
    free = plan(shipped_models()["own"], PAINTER, Goal(target="1"), shipped_measures(), employees=5, form=questions())
    held = plan(
        shipped_models()["own"], PAINTER, Goal(target="1", days=1), shipped_measures(), employees=5, form=questions()
    )
    assert free.days[1] > 1 >= held.days[1]
    assert not held.reached


@pytest.mark.parametrize("days", [-1, 0.3])
def test_days_below_nothing_or_in_other_fractions_are_refused(days: float) -> None:
    with pytest.raises(BadInput) as caught:
        plan(shipped_models()["own"], {}, Goal(budget=1, days=days), ())
    assert caught.value.code == "days_wrong"


# ---- what comes first whatever it counts ----


def first(answers: dict[str, object], employees: int = 5) -> list[str]:
    steps: tuple[Measure, ...] = before_all(answers, shipped_measures(), employees=employees)
    return [m.id for m in steps]


def test_whoever_ticked_nothing_is_told_backup_and_passwords_first() -> None:
    assert first(PAINTER) == ["backup_sticks", "password_list"]


def test_a_larger_company_is_told_its_own_steps_first() -> None:
    assert first(PAINTER, 40) == ["backup_elsewhere", "password_rules"]


def test_whoever_has_a_backup_is_not_told_it_again() -> None:
    assert first(PAINTER | {"security": ("backup",)}) == ["password_list"]
    assert first(PAINTER | {"security": ("backup", "rules")}) == []


@pytest.mark.parametrize("given", [None, "dont_know"])
def test_whoever_has_not_said_is_told_nothing_first(given: str | None) -> None:
    assert first({"security": given} if given else {}) == []


def test_what_comes_first_costs_a_small_company_at_most_one_day_and_a_hundred_euros() -> None:
    known = {m.id: m for m in shipped_measures()}
    both = [known[name] for name in first(PAINTER)]
    assert sum(m.days[1] for m in both) <= 1
    assert sum(m.cost.likely for m in both) <= 100


# ---- the shipped list ----


def test_small_companies_have_steps_that_two_evenings_do() -> None:
    evenings = [m for m in shipped_measures() if m.days[1] <= 0.5 and (m.employees_from or 0) <= 5]
    assert len(evenings) >= 8


def test_the_plan_of_the_painter_begins_small() -> None:
    found = plan(
        shipped_models()["own"], PAINTER, Goal(budget=2_000), shipped_measures(), employees=5, form=questions()
    )
    assert found.days[1] <= 30
    assert not {s.measure.id for s in found.steps} & FACTORY


def test_no_step_of_a_plan_sends_somebody_to_another_check() -> None:
    assert not [
        m.id for m in shipped_measures() for p in m.pointers if p.key in ("digitalisation-02", "industrie40-04")
    ]


def test_a_step_for_every_trade_points_to_no_page_about_factories() -> None:
    factory = {"iot-12", "industrie40-12", "industrie40-14", "iot-09", "iot-06", "iot-07"}
    wrong = [
        (m.id, p.key)
        for m in shipped_measures()
        for p in m.pointers
        if p.key in factory and not m.sectors and (m.employees_from or 0) < 10
    ]
    assert wrong == []


_ONE = """
- id: one
  title: {de: Erst, en: First}
  text: {de: Tun Sie es., en: Do it.}
  raises: [{question: security, adds: [backup], why: {de: Darum., en: Because.}}]
  days: [0.5, 1, 1.5]
  cost: {low: 0, likely: 0, high: 9, source: {de: geschätzt, en: estimated}, decided: 2026-11-23}
"""
