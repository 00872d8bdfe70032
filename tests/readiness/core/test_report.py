"""The report: two pages whatever is written on them, readable by a screen reader, the same bytes for the same values."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from datetime import date

import pytest
from pypdf import PdfReader

from nordlotse.foundation.language import Lang
from nordlotse.readiness.core.planned import Planned, planned
from nordlotse.readiness.core.report import FONT, Report, report
from nordlotse.readiness.core.shown import Shown, shown
from tests.readiness.core import pictured

DAY = date(2026, 11, 23)


def _shown(letters: int = 0, lang: Lang = "de") -> Shown:
    return shown(
        pictured.model(letters), pictured.score(letters=letters), pictured.form(letters), lang, font=FONT, ground=True
    )


def _planned(steps: int = 2, letters: int = 0, lang: Lang = "de") -> Planned:
    return planned(
        pictured.plan(steps, letters),
        pictured.model(letters),
        pictured.score(letters=letters),
        pictured.score(((2, 2), (2, 2), (2, 3), (2, 2), (0, 2), (3, 3)), letters),
        pictured.form(letters),
        lang,
        font=FONT,
        ground=True,
    )


def _made(lang: Lang = "de", letters: int = 0, steps: int = 2, results: int = 1) -> bytes:
    told = Report(
        (_shown(letters, lang),) * results,
        _planned(steps, letters, lang),
        "Mittelstand 4.0-Kompetenzzentrum Nord",
        DAY,
        places={"m0": ("3D-Druck prüfen", "Digitalbonus")},
    )
    return report(told, lang)


def _pages(made: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(made)).pages]


def test_a_further_model_has_its_topics_level_text_and_limits() -> None:
    page = _pages(_made(results=2))[0]
    further = page.split("Weitere Modelle")[1]
    told = _shown()
    assert all(f"{line.label} {line.value}" in further for line in told.lines)
    assert told.text[:40] in further
    assert told.limits[:40] in further


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize(("letters", "steps", "results"), [(0, 2, 1), (0, 5, 3), (420, 5, 3), (3000, 5, 3)])
def test_the_report_has_two_pages_with_short_and_with_the_longest_texts(
    lang: Lang, letters: int, steps: int, results: int
) -> None:
    pages = _pages(_made(lang, letters, steps, results))
    assert len(pages) == 2
    # The last line of each page is on it: nothing has been pushed beyond the edge.
    assert ("Verlag, 2015" if letters == 0 else "…") in pages[0][-400:]
    assert ("Kosten sind Spannen" if lang == "de" else "Costs are ranges") in pages[1]


def _lowest(made: bytes) -> list[float]:
    """Return for each page how far above its lower edge the lowest letters stand, in points."""
    found = []
    for page in PdfReader(io.BytesIO(made)).pages:
        heights: list[float] = []

        def seen(text: str, cm: list[float], tm: list[float], *_: object, kept: list[float] = heights) -> None:
            if text.strip():
                kept.append(cm[5] + cm[3] * tm[5])

        page.extract_text(visitor_text=seen)
        found.append(min(heights))
    return found


@pytest.mark.parametrize(("letters", "steps", "results"), [(0, 2, 1), (3000, 5, 3)])
def test_no_letter_of_the_report_lies_below_the_edge_of_its_page(letters: int, steps: int, results: int) -> None:
    assert all(30 < y < 120 for y in _lowest(_made("de", letters, steps, results)))


def test_a_report_says_in_its_data_that_it_follows_pdf_ua_1() -> None:
    reader = PdfReader(io.BytesIO(_made()))
    metadata = reader.trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"] == "de"


def test_every_picture_of_the_report_says_what_it_shows() -> None:
    alts = []

    def walk(node: object) -> None:
        resolved = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(resolved, dict):
            if resolved.get("/S") == "/Figure":
                alts.append(str(resolved.get("/Alt", "")))
            walk(resolved.get("/K", []))
        elif isinstance(resolved, list):
            for child in resolved:
                walk(child)

    walk(PdfReader(io.BytesIO(_made())).trailer["/Root"]["/StructTreeRoot"])
    assert len(alts) == 3
    assert all(alts)


def test_page_one_holds_level_what_comes_first_and_source_page_two_each_step_with_its_cost() -> None:
    first, second = _pages(_made())
    for words in ("zwischen", "Das kommt zuerst", "Wie steht es um Produkte?", "n = 234–268", "Verlag, 2015"):
        assert words in first
    for words in (
        "Maßnahme 0",
        "Maßnahme 1",
        "0 bis 2.000 Euro, wahrscheinlich 500 Euro",
        "1 bis 4 Tage",
        "Digitalbonus",
    ):
        assert words in second


def test_what_a_centre_wrote_into_its_model_is_never_read_as_markup() -> None:
    told = Report((_shown(),), None, '#image("/etc/passwd") *fett* $x$ <a>', DAY)
    assert '#image("/etc/passwd") *fett* $x$ <a>' in _pages(report(told, "de"))[0]


def test_without_a_plan_page_two_says_so() -> None:
    pages = _pages(report(Report((_shown(),), None, "Zentrum", DAY), "de"))
    assert len(pages) == 2
    assert "noch keinen Plan" in pages[1]


def test_the_same_values_give_the_same_bytes() -> None:
    assert _made() == _made()


def test_pictures_of_the_report_are_well_formed() -> None:
    made = _shown(420)
    for svg in (made.bars, made.radar, _planned().bars, *(c.picture for c in made.compared)):
        assert ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - we drew it
