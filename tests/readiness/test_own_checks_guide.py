"""The guide for a centre's own check says what the program does: its example, made from its tables alone, is taken."""

from __future__ import annotations

import re
from pathlib import Path

from nordlotse.foundation.questionnaire.rows import compiled
from nordlotse.foundation.questionnaire.tables import Table
from nordlotse.readiness.core.assess import assess
from nordlotse.readiness.core.from_form import model_of_form

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "own-checks.md"


def tables() -> list[Table]:
    """The tables of the guide, as somebody types them into sheets."""
    text = GUIDE.read_text("utf-8")
    example = text[text.index("## The example, complete") : text.index("## The columns")]
    found = []
    for name, lines in re.findall(r"Sheet \*\*(\w+)\*\*[^\n]*\n\n((?:\|[^\n]*\n)+)", example):
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines.strip().splitlines()]
        header = tuple(rows[0])
        cells = tuple((n, dict(zip(header, row, strict=True))) for n, row in enumerate(rows[2:], 2))
        found.append(Table(name, header, cells))
    return found


def test_the_example_typed_from_the_guide_is_taken_without_a_finding() -> None:
    sheets = tables()
    assert {t.name for t in sheets} == {"survey", "choices", "dimensions", "levels", "settings"}
    assert compiled(sheets).findings == ()


def test_the_guides_own_calculation_is_what_comes_out() -> None:
    form = compiled(tables()).usable("guide")
    answers = {"welds": "yes", "weld_robot": "3", "weld_power": "0", "weld_records": ["machine", "linked"]}
    found = assess(answers, {"w": model_of_form(form, "guide")}, form).scores["w"]
    assert [round(float(d.lower), 2) for d in found.dimensions] == [50.0, 83.33]
    assert round(float(found.total.lower), 2) == 63.33
    assert found.total.band is not None
    assert found.total.band.label.de == "Auf dem Weg"
