"""The runner behind `make test` is green only if every suite ran to its end and passed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.run import verdict


def _reports(folder: Path, count: int) -> Path:
    for n in range(count):
        (folder / f"{n}.xml").write_text("<testsuites/>", encoding="ascii")
    return folder


@pytest.mark.parametrize(
    ("codes", "told"),
    [([0, 0], 0), ([0, 5], 0), ([5, 5], 5), ([1, 0], 1), ([0, 2], 1), ([0, -11], 1), ([-9, 5], 1), ([-15, 0], 1)],
)
def test_one_suite_that_failed_or_was_killed_makes_the_whole_run_fail(
    tmp_path: Path, codes: list[int], told: int
) -> None:
    assert verdict(codes, _reports(tmp_path, 2)) == told


def test_a_suite_without_its_report_makes_the_run_fail(tmp_path: Path) -> None:
    assert verdict([0, 0], _reports(tmp_path, 1)) == 1
