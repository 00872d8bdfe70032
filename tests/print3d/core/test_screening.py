"""Which of many parts would pay."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from nordlotse.foundation.problem import BadInput, NotFound, TooLarge
from nordlotse.print3d.core.figures import Figures, figures
from nordlotse.print3d.core.mesh import Mesh
from nordlotse.print3d.core.partlist import Item, PartList, read_list
from nordlotse.print3d.core.ranking import csv_bytes, table, xlsx_bytes
from nordlotse.print3d.core.rates import changed, rates
from nordlotse.print3d.core.screening import (
    Job,
    Ledger,
    Screening,
    in_child,
    jobs,
    jobs_in_folder,
    jobs_in_zip,
    measured,
    screen,
)
from tests.print3d.core.solids import box, bracket
from tests.print3d.core.test_costs import PART


def _stl(mesh: Mesh) -> bytes:
    rows = np.zeros(len(mesh.faces), dtype=[("n", "<f4", 3), ("v", "<f4", (3, 3)), ("a", "<u2")])
    rows["n"], rows["v"] = mesh.normals, mesh.corners
    return bytes(80) + np.uint32(len(rows)).tobytes() + rows.tobytes()


def _measure(data: bytes, name: str) -> Figures:
    if data == b"broken":
        raise BadInput("file_broken", de="Die Datei ist kaputt.", en="The file is broken.")
    return PART


def _job(name: str, **known: float) -> Job:
    return Job(Item(2, name, **known), f"{name}.stl", name.encode)  # type: ignore[arg-type]


def test_parts_come_in_order_of_what_they_save_in_a_year() -> None:
    found = screen(
        [_job("few", price=60, yearly=10), _job("many", price=60, yearly=80), _job("cheap", price=0.2, yearly=900)],
        _measure,
    )
    assert [row.item.part for row in found.rows] == ["many", "few", "cheap"]
    assert [row.sure for row in found.rows] == [True, True, False]
    assert found.rows[2].saving is not None
    assert found.rows[2].saving[2] < 0


def test_a_saving_is_pieces_times_gain_and_the_stock_not_held() -> None:
    row = screen([_job("a", price=60, yearly=80, stock=100)], _measure).rows[0]
    without = screen([_job("a", price=60, yearly=80)], _measure).rows[0]
    assert row.cost is not None
    assert row.saving is not None
    assert without.saving is not None
    assert row.lot == 20
    assert without.saving[1] == pytest.approx(80 * (60 - row.cost.likely))
    assert without.saving[0] == pytest.approx(80 * (60 - row.cost.high))
    assert row.saving[1] - without.saving[1] == pytest.approx(100 * 60 * 0.18 * 0.6)


def test_without_price_or_quantity_a_part_is_ranked_by_suitability_behind_those_with_figures() -> None:
    found = screen([_job("unknown"), _job("rare", yearly=20), _job("loss", price=0.1, yearly=5)], _measure)
    assert [row.item.part for row in found.rows] == ["loss", "rare", "unknown"]
    assert [row.saving is None for row in found.rows] == [False, True, True]
    assert found.rows[1].suitability.points > found.rows[2].suitability.points
    assert "höchstens 50 im Jahr" in [reason.de for reason in found.rows[1].suitability.reasons]


def test_a_broken_file_is_told_last_and_holds_nothing_up() -> None:
    work = [Job(Item(2, "b"), "b.stl", lambda: b"broken"), _job("a", price=9, yearly=9)]
    found = screen(work, _measure)
    assert [row.item.part for row in found.rows] == ["a", "b"]
    assert found.rows[1].problem.de == "Die Datei ist kaputt."


def test_a_metal_part_is_compared_with_metal_printing_only() -> None:
    job = _job("a", price=9, yearly=9)
    steel = replace(job, item=replace(job.item, material="Edelstahl 1.4301"))
    costs = [screen([one], _measure).rows[0].cost for one in (job, steel)]
    assert costs[0] is not None
    assert costs[1] is not None
    assert costs[0].process != "lpbf"
    assert costs[1].process == "lpbf"


def test_a_part_that_fits_nowhere_has_no_points_and_no_price() -> None:
    row = screen([_job("a", price=9, yearly=9)], lambda data, name: replace(PART, size=(900.0, 40.0, 30.0))).rows[0]
    assert (row.suitability.points, row.cost, row.saving) == (0, None, None)


def test_sizes_in_the_list_give_a_rough_price_that_is_marked() -> None:
    given = read_list(
        "Teil;Preis;Jahresmenge;Länge;Breite;Höhe\nKnauf;9,50;40;40;40;30\nOhne;3;5;;;\n".encode(), "t.csv"
    )
    found = screen(jobs({}, given), _measure)
    assert [row.item.part for row in found.rows] == ["Knauf", "Ohne"]
    assert found.rows[0].plain
    assert found.rows[0].cost is not None
    assert not found.rows[0].cost.measured
    assert "nicht bewertet" in found.rows[1].problem.de


def test_progress_is_told_after_each_part() -> None:
    told: list[tuple[int, int, str]] = []
    screen([_job("a"), _job("b")], _measure, progress=lambda done, of, name: told.append((done, of, name)))
    assert told == [(1, 2, "a"), (2, 2, "b")]


def test_a_run_broken_off_goes_on_where_it_stopped(tmp_path: Path) -> None:
    kept = tmp_path / "seen.jsonl"
    work = [_job(f"p{n}", price=20 + n, yearly=10) for n in range(6)]
    calls: list[str] = []

    def counted(data: bytes, name: str) -> Figures:
        calls.append(name)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return _measure(data, name)

    with pytest.raises(KeyboardInterrupt):
        screen(work, counted, ledger=Ledger(kept))
    # the machine went off in the middle of a line
    kept.write_bytes(kept.read_bytes() + b'{"key": "ab')
    again = screen(work, counted, ledger=Ledger(kept))
    assert (again.fresh, len(calls)) == (3, 7)
    assert again.rows == screen(work, _measure).rows
    assert screen(work, counted, ledger=Ledger(kept)).fresh == 0


def test_new_prices_and_rates_are_judged_without_measuring_again(tmp_path: Path) -> None:
    kept = tmp_path / "seen.jsonl"
    first = screen([_job("a", price=20, yearly=10)], _measure, ledger=Ledger(kept)).rows[0]
    dear = changed(rates(), {"shop.margin": 3.0})
    second = screen([_job("a", price=50, yearly=10)], _measure, dear, Ledger(kept))
    assert second.fresh == 0
    assert second.rows[0].cost is not None
    assert first.cost is not None
    assert second.rows[0].cost.likely > 2 * first.cost.likely


def test_rows_find_their_files_by_file_or_by_name_whatever_the_case_and_the_rest_stands_alone() -> None:
    files = {"sub/Halter.STL": lambda: b"1", "knauf.stl": lambda: b"2", "rest.stl": lambda: b"3"}
    given = PartList((Item(2, "A-1", "halter.stl"), Item(3, "Knauf"), Item(4, "weg", "weg.stl")), ())
    found = jobs(files, given)
    assert [(job.item.part, job.file) for job in found] == [
        ("A-1", "sub/Halter.STL"),
        ("Knauf", "knauf.stl"),
        ("weg", ""),
        ("rest", "rest.stl"),
    ]
    assert "weg.stl" in found[2].item.problem.de


def test_a_row_that_two_files_match_is_told_with_both_names_and_not_guessed() -> None:
    files = {"a/x.stl": lambda: b"1", "b/x.stl": lambda: b"2"}
    found = jobs(files, PartList((Item(2, "x"), Item(3, "left", "b/x.stl")), ()))
    assert "a/x.stl, b/x.stl" in found[0].item.problem.de
    assert [(job.item.part, job.file) for job in found[1:]] == [("left", "b/x.stl"), ("x", "a/x.stl")]


def test_a_row_whose_file_is_missing_is_judged_by_its_sizes_if_it_states_them() -> None:
    found = jobs({}, PartList((Item(2, "x", "x.stl", length=10, width=10, height=10),), ()))
    assert found[0].item.problem.de == ""


def test_more_than_ten_thousand_parts_are_refused() -> None:
    with pytest.raises(TooLarge):
        jobs({f"{n}.stl": lambda: b"" for n in range(10_001)})


def test_a_folder_gives_its_parts_but_no_links_and_nothing_hidden(tmp_path: Path) -> None:
    outside = tmp_path / "outside.stl"
    outside.write_bytes(b"secret")
    folder = tmp_path / "parts"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.stl").write_bytes(_stl(box(20, 10, 5)))
    (folder / ".hidden.stl").write_bytes(b"x")
    (folder / "note.txt").write_bytes(b"x")
    (folder / "link.stl").symlink_to(outside)
    assert [job.file for job in jobs_in_folder(folder)] == ["deep/a.stl"]
    with pytest.raises(NotFound):
        jobs_in_folder(tmp_path / "nowhere")


def test_a_zip_of_parts_is_measured_in_a_child_with_fdm_estimated() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        out.writestr("winkel.stl", _stl(bracket()))
        out.writestr("kaputt.stl", b"solid nothing\nfacet")
    with in_child() as measure:
        found = screen(jobs_in_zip(packed.getvalue(), "teile.zip"), measure)
    assert [row.item.part for row in found.rows] == ["winkel", "kaputt"]
    assert found.rows[1].problem.de
    assert found.rows[0].cost is not None
    known = figures(bracket())
    direct = measured(_stl(bracket()), "winkel.stl")
    assert direct.volume == pytest.approx(known.volume, rel=1e-4)
    assert direct.fdm is not None


def _ranked() -> Screening:
    return screen([_job("=cmd()", price=60, yearly=80), _job("b"), Job(Item(3, "c"))], _measure)


def test_the_csv_opens_in_german_with_decimal_commas_and_no_formula() -> None:
    rows = list(csv.reader(io.StringIO(csv_bytes(_ranked()).decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:4] == ["Rang", "Teil", "Datei", "Ersparnis im Jahr EUR"]
    assert rows[1][1] == "'=cmd()"
    assert "," in rows[1][3]
    assert [row[0] for row in rows[1:]] == ["1", "2", "3"]


def test_the_workbook_holds_the_same_rows_with_numbers_as_numbers() -> None:
    page = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(_ranked(), "en"))).active
    rows = list(page.iter_rows(values_only=True))
    assert [[cell if cell is not None else "" for cell in row] for row in rows] == list(table(_ranked(), "en"))
    assert isinstance(rows[1][3], float)


def test_a_guide_value_is_headed_so_in_the_list() -> None:
    found = screen([_job("a", price=60, yearly=80)], lambda data, name: replace(PART, fdm=None))
    assert "Richtwert, nicht gemessen" in list(table(found))[1]
