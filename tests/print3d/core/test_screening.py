"""Which of many parts would pay."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from nordlotse.foundation.language import Text
from nordlotse.print3d.core.figures import Figures, figures
from nordlotse.print3d.core.judging import Judged
from nordlotse.print3d.core.ledger import Ledger
from nordlotse.print3d.core.matching import Job, jobs, jobs_in_zip
from nordlotse.print3d.core.measuring import in_child, measured
from nordlotse.print3d.core.own_material import nearest, weighed
from nordlotse.print3d.core.partlist import Item, PartList, read_list
from nordlotse.print3d.core.rates import changed, rates
from nordlotse.print3d.core.repair import as_stl
from nordlotse.print3d.core.screening import screen
from tests.print3d.core.judged_parts import job, measure
from tests.print3d.core.solids import bracket
from tests.print3d.core.test_costs import PART


def test_parts_come_in_order_of_what_they_save_in_a_year() -> None:
    found = screen(
        [job("few", price=60, yearly=10), job("many", price=60, yearly=80), job("cheap", price=0.2, yearly=900)],
        measure,
    )
    assert [row.item.part for row in found.rows] == ["many", "few", "cheap"]
    assert [row.sure for row in found.rows] == [True, True, False]
    assert found.rows[2].saving is not None
    assert found.rows[2].saving[2] < 0


def test_a_saving_is_pieces_times_gain_whatever_lies_in_stock() -> None:
    row = screen([job("a", price=60, yearly=80, stock=70)], measure).rows[0]
    without = screen([job("a", price=60, yearly=80)], measure).rows[0]
    assert row.cost is not None
    assert row.saving == without.saving
    assert row.saving is not None
    assert row.lot == 20
    assert row.saving[1] == pytest.approx(80 * (60 - row.cost.likely))
    assert row.saving[0] == pytest.approx(80 * (60 - row.cost.high))
    assert row.spent == pytest.approx(80 * 60)
    assert row.saving[2] < row.spent


@pytest.mark.parametrize(("price", "yearly", "stock"), [(138.0, 2, 34), (9.0, 900, 0), (2000.0, 1, 500)])
def test_no_saving_is_ever_more_than_the_part_costs_in_a_year(price: float, yearly: float, stock: float) -> None:
    row = screen([job("a", price=price, yearly=yearly, stock=stock)], measure).rows[0]
    assert row.saving is not None
    assert row.saving[2] <= price * yearly


def test_stock_for_seventeen_years_counts_against_printing_and_says_so() -> None:
    row = screen([job("a", price=138, yearly=2, stock=34)], measure).rows[0]
    assert (row.verdict, row.years) == ("no", 17)
    assert "Sie haben Bestand für 17 Jahre: jetzt nichts drucken" in [reason.de for reason in row.suitability.reasons]
    fresh = screen([job("a", price=138, yearly=2)], measure).rows[0]
    assert row.suitability.points < fresh.suitability.points
    assert fresh.verdict == "worth"


def test_what_the_stock_above_one_years_need_costs_to_hold_stands_apart() -> None:
    row = screen([job("a", price=10, yearly=20, stock=50)], measure).rows[0]
    assert row.bound == 500
    assert row.holding == pytest.approx((300 * 0.10, 300 * 0.18, 300 * 0.28))
    assert screen([job("a", price=10, yearly=20, stock=15)], measure).rows[0].holding == (0, 0, 0)


def test_what_nobody_needs_in_a_year_is_not_worth_printing_and_says_so() -> None:
    row = screen([job("a", price=60, yearly=0)], measure).rows[0]
    assert row.verdict == "no"
    assert [reason.de for reason in row.suitability.reasons] == ["Sie brauchen davon nichts im Jahr"]
    assert screen([job("a", yearly=0)], measure).rows[0].verdict == "no"


def _of(material: str, *, fine: bool = False) -> Judged:
    one = job("a", price=900, yearly=80)
    one = replace(one, item=replace(one.item, material=material))
    return screen([one], measure, other_fine=fine).rows[0]


@pytest.mark.parametrize(
    ("own", "with_material", "verdict"),
    [
        ("POM", "PA 12", "maybe"),
        ("PA6", "P", "maybe"),
        ("PA 12", "PA 12", "worth"),
        ("ABS schwarz", "ABS", "worth"),
        ("PP", "PA 12", "maybe"),
        ("Stahl", "1.4404", "maybe"),
        ("Aluminium", "AlSi10Mg", "worth"),
        ("Edelstahl 1.4404", "1.4404", "worth"),
        ("XY-77", "", "maybe"),
    ],
)
def test_a_part_is_reckoned_with_its_own_material_or_the_nearest_and_another_one_is_maybe_at_best(
    own: str, with_material: str, verdict: str
) -> None:
    row = _of(own)
    assert with_material in row.material.de
    assert "PLA" not in row.material.de or own == "XY-77"
    assert row.verdict == verdict
    if verdict == "maybe":
        assert any(own in doubt.de for doubt in row.doubts)


def test_another_material_is_fine_where_the_person_says_so() -> None:
    assert (_of("POM").verdict, _of("POM", fine=True).verdict) == ("maybe", "worth")
    assert "POM lässt sich nicht sinnvoll drucken" in _of("POM", fine=True).note.de


def test_an_unknown_or_missing_material_is_said() -> None:
    assert "kennen wir nicht" in _of("XY-77").note.de
    assert "nennt keinen Werkstoff" in _of("").note.de


def test_filament_is_weighed_as_the_lists_own_plastic() -> None:
    abs_part, pla = weighed(PART, nearest("ABS")), weighed(PART, nearest("PLA"))
    assert PART.fdm is not None
    assert abs_part.fdm is not None
    assert pla == PART
    assert abs_part.fdm.filament_g == pytest.approx(PART.fdm.filament_g * 1.04 / 1.24)


def test_without_a_price_metal_is_not_put_forward() -> None:
    one = job("a")
    steel = replace(one, item=replace(one.item, material="Stahl"))
    assert screen([steel], measure).rows[0].verdict == "no"


def test_without_price_or_quantity_a_part_is_ranked_by_suitability_behind_those_with_figures() -> None:
    found = screen([job("unknown"), job("rare", yearly=20), job("loss", price=0.1, yearly=5)], measure)
    assert [row.item.part for row in found.rows] == ["loss", "rare", "unknown"]
    assert [row.saving is None for row in found.rows] == [False, True, True]
    assert found.rows[1].suitability.points > found.rows[2].suitability.points
    assert "wenig Bedarf: höchstens 50 im Jahr" in [reason.de for reason in found.rows[1].suitability.reasons]


def test_a_broken_file_is_told_last_and_holds_nothing_up() -> None:
    work = [Job(Item(2, "b"), "b.stl", lambda: b"broken"), job("a", price=9, yearly=9)]
    found = screen(work, measure)
    assert [row.item.part for row in found.rows] == ["a", "b"]
    assert found.rows[1].problem.de == "Die Datei ist kaputt."


def test_a_metal_part_is_compared_with_metal_printing_only() -> None:
    one = job("a", price=9, yearly=9)
    steel = replace(one, item=replace(one.item, material="Edelstahl 1.4301"))
    costs = [screen([each], measure).rows[0].cost for each in (one, steel)]
    assert costs[0] is not None
    assert costs[1] is not None
    assert costs[0].process != "lpbf"
    assert costs[1].process == "lpbf"


def test_a_part_that_fits_nowhere_has_no_points_and_no_price() -> None:
    row = screen([job("a", price=9, yearly=9)], lambda data, name: replace(PART, size=(900.0, 40.0, 30.0))).rows[0]
    assert (row.suitability.points, row.cost, row.saving) == (0, None, None)


def test_sizes_in_the_list_give_a_rough_price_that_is_marked() -> None:
    given = read_list(
        "Teil;Preis;Jahresmenge;Länge;Breite;Höhe\nKnauf;9,50;40;40;40;30\nOhne;3;5;;;\n".encode(), "t.csv"
    )
    found = screen(jobs({}, given), measure)
    assert [row.item.part for row in found.rows] == ["Knauf", "Ohne"]
    assert found.rows[0].plain
    assert found.rows[0].cost is not None
    assert not found.rows[0].cost.measured
    assert "nicht bewertet" in found.rows[1].problem.de


def test_progress_is_told_after_each_part() -> None:
    told: list[tuple[int, int, str]] = []
    screen([job("a"), job("b")], measure, progress=lambda done, of, name: told.append((done, of, name)))
    assert told == [(1, 2, "a"), (2, 2, "b")]


def test_a_run_broken_off_goes_on_where_it_stopped(tmp_path: Path) -> None:
    kept = tmp_path / "seen.jsonl"
    work = [job(f"p{n}", price=20 + n, yearly=10) for n in range(6)]
    calls: list[str] = []

    def counted(data: bytes, name: str) -> Figures:
        calls.append(name)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return measure(data, name)

    with pytest.raises(KeyboardInterrupt):
        screen(work, counted, ledger=Ledger(kept))
    # the machine went off in the middle of a line
    kept.write_bytes(kept.read_bytes() + b'{"key": "ab')
    again = screen(work, counted, ledger=Ledger(kept))
    assert (again.fresh, len(calls)) == (3, 7)
    assert again.rows == screen(work, measure).rows
    assert screen(work, counted, ledger=Ledger(kept)).fresh == 0


def test_new_prices_and_rates_are_judged_without_measuring_again(tmp_path: Path) -> None:
    kept = tmp_path / "seen.jsonl"
    first = screen([job("a", price=20, yearly=10)], measure, ledger=Ledger(kept)).rows[0]
    dear = changed(rates(), {"shop.margin": 3.0})
    second = screen([job("a", price=50, yearly=10)], measure, dear, Ledger(kept))
    assert second.fresh == 0
    assert second.rows[0].cost is not None
    assert first.cost is not None
    assert second.rows[0].cost.likely > 2 * first.cost.likely


def test_a_zip_of_parts_is_measured_in_a_child_with_fdm_estimated() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        out.writestr("winkel.stl", as_stl(bracket()))
        out.writestr("kaputt.stl", b"solid nothing\nfacet")
    with in_child() as measure:
        found = screen(jobs_in_zip(packed.getvalue(), "teile.zip"), measure)
    assert [row.item.part for row in found.rows] == ["winkel", "kaputt"]
    assert found.rows[1].problem.de
    assert found.rows[0].cost is not None
    known = figures(bracket())
    direct = measured(as_stl(bracket()), "winkel.stl")
    assert direct.volume == pytest.approx(known.volume, rel=1e-4)
    assert direct.fdm is not None
    assert {name: v for name, v, _ in direct.verdicts}.keys() == {"fdm", "sla", "sls", "mjf", "lpbf"}


def _told(**verdicts: str) -> Figures:
    return replace(PART, verdicts=tuple((name, v, Text(f"Grund {name}", "")) for name, v in verdicts.items()))


def test_a_part_no_process_can_make_is_not_priced_and_says_the_checks_reason() -> None:
    every = dict.fromkeys(("fdm", "sla", "sls", "mjf"), "no")
    row = screen([job("a", price=60, yearly=80)], lambda data, name: _told(**every)).rows[0]
    assert (row.verdict, row.cost, row.suitability.points) == ("no", None, 0)
    assert row.suitability.reasons[0].de == "Grund fdm"


def test_a_process_that_needs_no_changes_goes_before_a_cheaper_one_that_does() -> None:
    one = job("a", price=60, yearly=80)
    cheapest = screen([one], measure).rows[0].cost
    assert cheapest is not None
    told = {**dict.fromkeys(("fdm", "sla", "sls", "mjf"), "yes"), cheapest.process: "with_changes"}
    row = screen([one], lambda data, name: _told(**told)).rows[0]
    assert row.cost is not None
    assert row.cost.process != cheapest.process
    assert row.changes.de == ""


def test_a_part_that_needs_changes_everywhere_is_never_called_worth_printing() -> None:
    every = dict.fromkeys(("fdm", "sla", "sls", "mjf"), "with_changes")
    row = screen([job("a", price=60, yearly=80)], lambda data, name: _told(**every)).rows[0]
    assert (row.sure, row.verdict) == (True, "maybe")
    assert row.changes.de == f"Grund {row.cost.process if row.cost else ''}"


def test_a_part_known_by_its_sizes_only_is_never_called_worth_printing() -> None:
    item = Item(2, "a", price=900, yearly=80, length=40, width=40, height=30)
    row = screen(jobs({}, PartList((item,), ())), measure).rows[0]
    assert row.saving is not None
    assert row.saving[0] > 0
    assert (row.sure, row.verdict) == (False, "maybe")


def test_the_verdict_follows_the_saving_then_the_price_then_the_suitability() -> None:
    found = screen(
        [
            job("worth", price=60, yearly=80),
            job("no", price=0.1, yearly=80),
            job("dear", price=60),
            job("cheap", price=0.1),
            job("rare", yearly=3),
            job("mass", yearly=90_000),
        ],
        measure,
    )
    assert {row.item.part: row.verdict for row in found.rows} == {
        "worth": "worth",
        "no": "no",
        "dear": "maybe",
        "cheap": "no",
        "rare": "maybe",
        "mass": "no",
    }
