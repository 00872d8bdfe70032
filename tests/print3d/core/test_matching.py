"""The files of many parts and the rows of a list find each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from nordlotse.foundation.problem import NotFound, TooLarge
from nordlotse.print3d.core.matching import jobs, jobs_in_folder
from nordlotse.print3d.core.partlist import Item, PartList


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
    (folder / "deep" / "a.stl").write_bytes(b"x")
    (folder / ".hidden.stl").write_bytes(b"x")
    (folder / "note.txt").write_bytes(b"x")
    (folder / "link.stl").symlink_to(outside)
    assert [job.file for job in jobs_in_folder(folder)] == ["deep/a.stl"]
    with pytest.raises(NotFound):
        jobs_in_folder(tmp_path / "nowhere")


def test_a_file_is_found_by_the_part_number_its_name_begins_with() -> None:
    files = {"4711-20_Halter_B.stl": lambda: b"1", "4712 Winkel.step": lambda: b"2", "4713.stl": lambda: b"3"}
    rows = (Item(2, "Halter", number="4711-20"), Item(3, "Winkel", number="4712"), Item(4, "Knauf", number="4713"))
    assert [job.file for job in jobs(files, PartList(rows, ()))] == [
        "4711-20_Halter_B.stl",
        "4712 Winkel.step",
        "4713.stl",
    ]
