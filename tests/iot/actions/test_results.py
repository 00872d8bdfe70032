"""Results of shifts: worked out from values and words, and worked out anew for exactly what changed."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from nordlotse.iot import results as chore
from nordlotse.iot.actions import results, states
from nordlotse.iot.core.oee.evaluate import evaluate
from nordlotse.iot.core.states.kept import given_read
from nordlotse.iot.models import Machine, ShiftResult
from tests.iot.worked import HOUR, MONDAY, SECOND, Filled

pytestmark = pytest.mark.django_db

NOW = MONDAY + 4 * 24 * HOUR


@pytest.fixture
def saw() -> Filled:
    made = Filled(cycle=Decimal("50"))
    made.work(days=3)
    states.find(made.machine, NOW)
    return made


def shifts(saw: Filled) -> list[ShiftResult]:
    return [row for row in saw.machine.results.order_by("begin") if row.shift["name"]]


def test_times_and_parts_of_a_shift_are_those_of_the_plan(saw: Filled) -> None:
    results.refresh(saw.machine, NOW)
    first = evaluate(given_read(shifts(saw)[0].given))
    # 40 minutes idle from 8:00, of which none lie in the break; 20 minutes at 11:40, 30 minutes off at the end
    assert float(first.elements["APT"]) == pytest.approx(390 * 60, rel=0.02)
    assert float(first.elements["PBT"]) == pytest.approx(480 * 60, rel=0.02)
    assert first.elements["PQ"] == 390
    assert first.elements["PRI"] == 50
    assert first.value("oee") == first.elements["PRI"] * first.elements["GQ"] / first.elements["PBT"]


def test_a_second_look_works_nothing_out_and_marks_nothing(saw: Filled) -> None:
    results.refresh(saw.machine, NOW)
    before = {row["begin"]: row for row in saw.machine.results.filter(settled=True).values()}
    results.refresh(saw.machine, NOW + 60 * SECOND)
    after = {row["begin"]: row for row in saw.machine.results.values()}
    assert before and all(after[begin] == row for begin, row in before.items())
    assert not saw.machine.results.filter(revision__gt=0).exists()


def test_late_values_change_exactly_the_shift_they_belong_to_and_it_is_marked(saw: Filled) -> None:
    results.refresh(saw.machine, NOW)
    tuesday = MONDAY + 24 * HOUR
    # the forty idle minutes of Tuesday were running after all
    late = range(tuesday + 2 * HOUR + SECOND, tuesday + 2 * HOUR + 2400 * SECOND, 2 * SECOND)
    saw.put("Strom", list(late), [8.0] * len(late))
    corrected = range(tuesday + 2 * HOUR, tuesday + 2 * HOUR + 2400 * SECOND, 5 * SECOND)
    saw.put("Strom", list(corrected), [8.0] * len(corrected))
    assert results.refresh(saw.machine, NOW + HOUR) >= 1
    assert [(row.revision, row.why) for row in shifts(saw)[:3]] == [(0, []), (1, ["values"]), (0, [])]
    whole = evaluate(given_read(shifts(saw)[1].given))
    assert float(whole.elements["APT"]) == pytest.approx(430 * 60, rel=0.02)


def test_a_reason_given_changes_its_shift_only_and_says_why(saw: Filled) -> None:
    results.refresh(saw.machine, NOW)
    begin = MONDAY + 2 * HOUR
    saw.machine.stops.create(begin=begin, end=begin + 2400 * SECOND, reason="setup", state="setup")
    results.refresh(saw.machine, NOW)
    first, second = shifts(saw)[:2]
    assert (first.revision, first.why, second.revision) == (1, ["stops"], 0)
    assert float(given_read(first.given).elements["AUST"]) == pytest.approx(2400, rel=0.02)


def test_results_worked_out_one_by_one_equal_those_worked_out_at_once(saw: Filled) -> None:
    for _ in range(40):
        results.refresh(saw.machine, NOW, seconds=0)
    piecewise = {row.begin: row.given for row in saw.machine.results.all()}
    saw.machine.results.all().delete()
    results.refresh(saw.machine, NOW)
    assert {row.begin: row.given for row in saw.machine.results.all()} == piecewise


def test_time_without_values_is_unknown_and_no_stop(saw: Filled) -> None:
    results.refresh(saw.machine, NOW)
    thursday = shifts(saw)[3]
    assert given_read(thursday.given).elements["POT"] == Fraction(0)
    assert "no_data" in {note[0] for note in thursday.given["notes"]}


def test_parts_noted_by_hand_count_over_the_shifts_of_their_order(saw: Filled) -> None:
    saw.machine.signals = {"Strom": saw.machine.signals["Strom"], "Teile": {"role": ""}}
    saw.machine.save()
    saw.machine.orders.create(
        name="A1",
        cycle=Decimal("55"),
        begin=MONDAY,
        end=MONDAY + 32 * HOUR,
        made=801,
        scrap=3,
        taps=[[MONDAY + HOUR, 2, "scrap"]],
    )
    results.refresh(saw.machine, NOW)
    first, second = (given_read(row.given).elements for row in shifts(saw)[:2])
    assert first["PQ"] + second["PQ"] == 801
    assert (first["SQ"], second["SQ"]) == (2, 1)
    assert first["PRI"] == 55


def test_what_a_person_says_while_the_worker_looks_for_states_counts(saw: Filled) -> None:
    stale = Machine.objects.get(pk=saw.machine.pk)
    stale.states = {}  # as the worker read it before anybody had said anything
    told = Machine.objects.get(pk=saw.machine.pk).states | {"said": "by a person"}
    Machine.objects.filter(pk=saw.machine.pk).update(states=told)
    states.find(stale, NOW)
    assert Machine.objects.get(pk=saw.machine.pk).states == told


def test_a_machine_deleted_while_others_have_their_turn_is_passed_over(
    saw: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Machine.objects.create(hall=saw.hall, name="presse")
    turned = []

    def find(machine: Machine, now: int) -> None:
        turned.append(machine.pk)
        Machine.objects.filter(pk=gone.pk).delete()

    monkeypatch.setattr("nordlotse.iot.results.states.find", find)
    chore.run(NOW)
    assert turned == [saw.machine.pk]


def counted(made: Filled, readings: list[tuple[int, float]]) -> set[str]:
    made.put("Teile", [at for at, _ in readings], [value for _, value in readings])
    states.find(made.machine, NOW)
    results.refresh(made.machine, NOW)
    return {note[0] for row in made.machine.results.all() for note in row.given["notes"]}


@pytest.mark.parametrize(("pause", "told"), [(10, False), (1200, True)])
def test_a_counter_that_begins_anew_is_told_only_where_parts_can_be_missing(pause: int, told: bool) -> None:
    made = Filled(cycle=Decimal("60"))
    made.work(days=1)
    begin = MONDAY + 24 * HOUR
    before = [(begin + k * 10 * SECOND, 1000.0 + k // 6) for k in range(360)]
    reset = before[-1][0] + pause * SECOND
    after = [(reset + k * 10 * SECOND, float(k // 6)) for k in range(360)]
    moments = range(begin, begin + 4 * HOUR, 5 * SECOND)
    made.put("Strom", list(moments), [8.0] * len(moments))
    assert ("reset" in counted(made, before + after)) is told


def test_no_part_noted_by_hand_falls_out_of_the_shifts_at_their_ends(saw: Filled) -> None:
    saw.machine.signals = {"Strom": saw.machine.signals["Strom"], "Teile": {"role": ""}}
    saw.machine.save()
    # begins within a minute, so that no minute ends with a shift
    saw.machine.orders.create(
        name="A1", cycle=Decimal("1"), begin=MONDAY + 59 * SECOND, end=MONDAY + 50 * HOUR, made=10_000
    )
    results.refresh(saw.machine, NOW)
    made = {bool(row.shift["name"]): 0 for row in saw.machine.results.all()}
    for row in saw.machine.results.all():
        made[bool(row.shift["name"])] += int(given_read(row.given).elements.get("PQ", 0))
    assert made == {True: 10_000, False: 0}


def test_a_meter_in_megawatt_hours_counts_a_thousand_times_as_much_as_one_in_kilowatt_hours(saw: Filled) -> None:
    saw.put("E", [MONDAY + k * 60 * SECOND for k in range(300)], [k * 0.01 for k in range(300)])
    told: list[float] = []
    for unit in ("kWh", "MWh", "kVA"):
        saw.machine.signals = {**saw.machine.signals, "E": {"unit": unit, "role": "energy"}}
        saw.machine.save()
        results.refresh(saw.machine, NOW)
        energy = shifts(saw)[0].energy
        told.append(sum(kwh for _, kwh in energy["states"].values()) if energy["from"] == "energy" else -1.0)
    assert told[1] == pytest.approx(1000 * told[0])
    assert told[2] == -1.0
