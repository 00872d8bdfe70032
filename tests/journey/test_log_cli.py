"""`nordlotse journey`: the log is checked, and figures are printed as they are shown."""

from __future__ import annotations

import argparse
import json
from datetime import date

import pytest

from nordlotse import cli
from nordlotse.foundation.problem import BadInput
from nordlotse.journey.core.periods import parse
from nordlotse.journey.queries import sheets
from nordlotse.office import log
from tests.journey.factories import company, service

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> int:
    called: argparse.Namespace = cli.parser().parse_args(["journey", *arguments])
    return int(called.run(called))


def test_a_whole_log_is_told_as_whole(capsys: pytest.CaptureFixture[str]) -> None:
    service(date(2026, 7, 5), company=company())
    assert run("verify-log") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["whole"] is True
    assert said["entries"] >= 1


def test_a_broken_log_ends_with_an_error_and_names_the_entry(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "verify", lambda: log.Verdict(6, 7, "x" * 64))
    with pytest.raises(BadInput) as caught:
        run("verify-log")
    assert caught.value.exit_code == 3
    assert json.loads(capsys.readouterr().out)["broken_at"] == 7


def test_figures_on_the_terminal_are_those_of_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(6):
        service(date(2026, 7, 5), company=company())
    assert run("figures", "2026-Q3") == 0
    assert json.loads(capsys.readouterr().out) == sheets.as_dict(sheets.full(parse("2026-Q3"), "en"))
