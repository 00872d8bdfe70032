"""The runner behind `make test` is green only if every suite ran to its end and passed, and leaves no test out."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests import chromium
from tests.run import Suite, run, suites, verdict


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


def test_every_test_file_belongs_to_exactly_one_suite() -> None:
    first, rest, *others = suites(["-x"])
    apart = [first, *others]
    folders = [Path(suite.arguments[-1]) for suite in apart]
    assert all(folder.is_dir() for folder in folders)
    assert [*rest.arguments] == ["-x", *(f"--ignore={folder.as_posix()}" for folder in folders)]
    assert all(one not in other.parents for one in folders for other in folders)


def test_who_names_tests_gets_one_suite_of_them() -> None:
    assert suites(["tests/docs", "-x"]) == [Suite("sqlite", ("tests/docs", "-x"))]


def test_a_browser_that_playwright_fetched_serves_where_the_system_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chromium.shutil, "which", lambda name: None)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    assert chromium.chromium() is None
    asked: list[list[str]] = []

    def install(command: list[str], **_: object) -> None:
        asked.append(command[1:])
        with sync_playwright() as playwright:
            path = Path(playwright.chromium.executable_path)
        path.parent.mkdir(parents=True)
        path.write_bytes(b"")

    monkeypatch.setattr(chromium.subprocess, "run", install)
    assert chromium.fetch()
    assert asked == [["-m", "playwright", "install", "chromium"]]
    assert str(tmp_path) in str(chromium.chromium())


def test_suites_side_by_side_give_their_codes_in_order_and_their_output_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "test_good.py", tmp_path / "test_bad.py"
    good.write_text("def test_it():\n    assert True\n", encoding="ascii")
    bad.write_text("def test_it():\n    assert not 'a broken thing'\n", encoding="ascii")
    alone = ("-p", "no:cacheprovider", "-c", str(tmp_path / "none.ini"), "--rootdir", str(tmp_path))
    (tmp_path / "none.ini").write_text("[pytest]\n", encoding="ascii")
    reports = tmp_path / "reports"
    reports.mkdir()
    codes = run([Suite("bad", (*alone, str(bad))), Suite("good", (*alone, str(good)))], reports, 2)
    said = capsys.readouterr().out
    assert codes == [1, 0]
    assert "a broken thing" in said
    assert "1 passed" in said
    assert verdict(codes, reports) == 1
