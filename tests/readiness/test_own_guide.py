"""The guide stands on the site, and the template has every column it describes, with a comment and lists where values are few."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from nordlotse.foundation.language import LANGS, Lang
from nordlotse.foundation.questionnaire.tables import READ, SAID, meaning
from nordlotse.readiness.core.guide import columns, text
from nordlotse.readiness.core.own import compile_file, example_workbook
from nordlotse.readiness.core.template import COLUMNS, template_workbook
from tests.web.world import signed_in

ROOT = Path(__file__).resolve().parents[2]


def book(lang: Lang = "de") -> Any:
    return openpyxl.load_workbook(io.BytesIO(template_workbook(lang)))


@pytest.mark.parametrize("lang", LANGS)
def test_every_column_of_the_template_is_explained_in_a_comment(lang: Lang) -> None:
    made = book(lang)
    for sheet, headings in COLUMNS.items():
        assert [c.value for c in made[sheet][1]] == list(headings)
        for cell in made[sheet][1]:
            assert cell.comment is not None
            assert len(cell.comment.text) > 5, (sheet, cell.value)


@pytest.mark.parametrize("lang", LANGS)
def test_every_column_that_the_guide_describes_is_in_the_template(lang: Lang) -> None:
    for sheet, heading in columns(lang):
        assert any(h == heading or h.startswith(heading.removesuffix("…")) for h in COLUMNS[sheet]), (sheet, heading)


def test_every_column_that_is_read_is_in_the_template() -> None:
    there = {(sheet, meaning(sheet, h)) for sheet, headings in COLUMNS.items() for h in headings}
    known = {(sheet, name) for sheet in COLUMNS for name in (*READ[sheet], *SAID[sheet])}
    missing = known - {(sheet, found[0]) for sheet, found in there if found}
    assert missing == {("settings", "form_title"), ("settings", "default_language")}


def test_the_template_makes_the_same_check_as_the_example_without_a_finding() -> None:
    made, example = compile_file("v.xlsx", template_workbook("de")), compile_file("e.xlsx", example_workbook())
    assert made.findings == ()
    assert made.model is not None
    assert example.model is not None
    assert made.model.hash == example.model.hash


def test_the_template_has_drop_down_lists() -> None:
    made = book()
    lists = {(sheet, rule.formula1) for sheet in COLUMNS for rule in made[sheet].data_validations.dataValidation}
    assert ("dimensions", '"mean,weighted_mean,min,sum"') in lists
    assert ("survey", "dimensions!$A$2:$A$51") in lists
    assert ("choices", '"yes"') in lists


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "word"),
    [("/desk/check/anleitung/", "Das Blatt levels"), ("/en/desk/check/anleitung/", "The sheet levels")],
)
def test_the_guide_is_a_page_in_both_languages_and_reachable_from_the_own_checks(address: str, word: str) -> None:
    client = signed_in("coordinator")
    page = client.get(address).content.decode()
    assert word in page
    assert "<table" in page
    assert 'href="own-checks' not in page
    assert address in client.get(address.replace("anleitung", "modelle")).content.decode()


def test_the_wheel_contains_the_guide() -> None:
    packed = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]
    for name in ("own-checks.de.md", "own-checks.md"):
        assert packed["wheel"]["force-include"][f"docs/{name}"] == f"nordlotse/readiness/core/data/{name}"
        assert f"docs/{name}" in packed["sdist"]["include"]
        assert (ROOT / "docs" / name).is_file()


def test_the_guide_does_not_promise_an_hour() -> None:
    assert "halben Tag" in text("de")
    assert "half a day" in text("en")


@pytest.mark.django_db
def test_one_name_everywhere() -> None:
    page = signed_in("coordinator").get("/desk/check/").content.decode()
    assert "Eigene Checks" in page
    assert "Eigene Modelle" not in page
