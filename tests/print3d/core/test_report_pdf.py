"""The report of a part says the same as the page, in both languages, whatever a file is called and however much was found."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest
from bench.print3d.planted import as_loaded
from manifold3d import Manifold
from pypdf import PdfReader

from nordlotse.foundation.language import LANGS, Lang, Text
from nordlotse.print3d.core import seeing
from nordlotse.print3d.core.comparison import Comparison, Today, compare
from nordlotse.print3d.core.report import report
from nordlotse.print3d.core.values import Finding, Severity
from nordlotse.print3d.core.whole import Examined, Wishes, begun, laid, reckoned
from tests.print3d.core.solids import box, mesh_of

_DAY = date(2026, 11, 23)
_TODAY = Today(14.5, (10, 15), 10, "Fräsen")


@cache
def checked_part() -> tuple[Examined, dict[str, bytes], Comparison]:
    """Return a plate with a thin rib and a shelf that hangs over, its views and its costs at 25."""
    solid = Manifold.cube((60, 40, 5)) + Manifold.cube((60, 4, 30)) + Manifold.cube((0.8, 20, 20)).translate((30, 4, 5))
    loaded = as_loaded(mesh_of(solid + Manifold.cube((60, 20, 3)).translate((0, 0, 27))))
    wishes = Wishes(process="fdm")
    checked, seen = seeing.look_at(loaded, "fdm")
    whole = replace(
        begun(loaded, checked, wishes), proposals=laid(loaded.mesh, wishes), reckoned=reckoned(loaded.mesh, wishes)
    )
    assert whole.reckoned is not None
    return (
        replace(whole, name="halter.stl"),
        seeing.views(seen, checked, "fdm"),
        compare(whole.reckoned.figures, 25, _TODAY),
    )


def made(lang: Lang = "de", examined: Examined | None = None, **changes: Any) -> PdfReader:
    """Return the report of the part, or of another as examined, read back."""
    own, views, costs = checked_part()
    given: dict[str, Any] = {
        "views": views,
        "comparison": costs,
        "today": _TODAY,
        "expires": date(2026, 11, 30),
    } | changes
    return PdfReader(io.BytesIO(report(examined or own, lang=lang, made_on=_DAY, **given)))


def text_of(pdf: PdfReader) -> str:
    """Return the whole text as one line, hyphens at line ends and breakable places taken out."""
    lines = "\n".join(page.extract_text() for page in pdf.pages)
    return " ".join(re.sub(r"[\u00ad\u200b]|(?<=\w)[-\u2010]\n(?=[a-zäöü])", "", lines).split())


@pytest.mark.parametrize("lang", LANGS)
def test_the_report_says_verdict_findings_figures_costs_and_what_was_not_checked(lang: Lang) -> None:
    examined, _, costs = checked_part()
    told = text_of(made(lang))
    for finding in examined.checked.findings:
        assert finding.text.get(lang).split(":")[0] in told
        assert finding.remedy.get(lang)[:30] in told
    assert examined.checked.unchecked.get(lang) in told
    assert examined.checked.rights.get(lang)[:60] in told
    assert all(one.reason.get(lang)[:40] in told for one in examined.proposals)
    assert costs.sentence.get(lang)[:60] in told
    said = {
        "de": ["Mit Änderungen druckbar: FDM.", "60 × 40 × 30 mm", "aus dem Dreiecksnetz", "0,8 mm", "1,2 mm", "geschätzt",
               "Richtwert, nicht gemessen", "14,50 €", "Kosten je Stück bei 25 Stück", "lohnt", "23. November 2026", "30. November 2026",
               "Grenzwerte FDM", "Seite 1 von"],
        "en": ["Printable with changes: FDM.", "60 × 40 × 30 mm", "from the mesh", "0.8 mm", "1.2 mm", "estimated",
               "Guide value, not measured", "14.50 €", "Cost per piece at 25 pieces", "pays", "23 November 2026", "30 November 2026",
               "Limits of FDM", "page 1 of"],
    }  # fmt: skip
    assert [one for one in said[lang] if one not in told] == []


@pytest.mark.parametrize("lang", LANGS)
def test_the_report_is_marked_as_readable_by_everybody_and_its_pictures_have_words(lang: Lang) -> None:
    pdf = made(lang)
    root: Any = pdf.trailer["/Root"]
    assert root["/Lang"] == lang
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert pdf.metadata is not None and pdf.metadata.title is not None and "halter.stl" in pdf.metadata.title
    alts = _alts(root["/StructTreeRoot"])
    views = [alt for alt in alts if "halter.stl" in alt]
    assert len(views) >= 7
    names = ("von vorn", "von hinten", "von links", "von rechts", "von oben", "von unten")
    english = ("from the front", "from the back", "from the left", "from the right", "from above", "from below")
    for name in names if lang == "de" else english:
        assert any(name in alt for alt in views)
    assert any(("Marke 1" if lang == "de" else "mark 1") in alt for alt in views)


def _alts(node: Any) -> list[str]:
    held = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(held, list):
        return [alt for one in held for alt in _alts(one)]
    if not isinstance(held, dict):
        return []
    own = [str(held["/Alt"])] if "/Alt" in held else []
    return own + (_alts(held["/K"]) if "/K" in held else [])


@pytest.mark.parametrize("lang", LANGS)
def test_the_same_values_give_the_same_bytes(lang: Lang) -> None:
    examined, views, costs = checked_part()
    assert report(examined, views, costs, lang, _DAY) == report(examined, views, costs, lang, _DAY)
    assert report(examined, views, costs, lang, _DAY) != report(examined, views, costs, lang, date(2026, 11, 24))


def test_the_report_has_two_to_four_pages() -> None:
    assert 2 <= len(made().pages) <= 4


def test_three_hundred_findings_of_a_kind_are_told_by_the_worst_and_a_count() -> None:
    examined, _, _ = checked_part()
    one = examined.checked.findings[0]
    many = tuple(replace(one, where=(float(n), 7.0, 0.0), value=0.9 - n / 1000) for n in range(300))
    pdf = made(examined=replace(examined, checked=replace(examined.checked, findings=many)))
    told = text_of(pdf)
    assert one.code == "thin_wall"
    assert "300 Befunde." in told and "300 Stellen" in told
    assert "299 / 7 / 0" in told and told.count("0,6 mm") >= 1
    assert len(pdf.pages) <= 4


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("W" * 300 + ".stl", "W" * 80),
        ("#pagebreak() *fett* $x$ _a_ <b> \\n.stl", "#pagebreak() *fett* $x$ _a_ <b> \\n.stl"),
        ("harmlos\u202elts.exe\x00\x07 a\tb.stl", "harmloslts.exe a b.stl"),
        ("قطعة غيار.stl", ".stl"),
        ("部品 🙂 деталь.stl", ".stl"),
        ("", "3D-Druck-Check:"),
    ],
)
def test_no_name_breaks_the_report_nor_is_read_as_markup(name: str, shown: str) -> None:
    examined, _, _ = checked_part()
    pdf = made(examined=replace(examined, name=name))
    assert shown.replace(" ", "") in text_of(pdf).replace(" ", "")
    assert 2 <= len(pdf.pages) <= 5


def test_long_texts_of_others_are_cut_and_stay_on_the_page() -> None:
    examined, _, _ = checked_part()
    note = Text("Hinweis " + "x" * 5_000, "hint")
    pdf = made(examined=replace(examined, notes=(note,) * 9, parts=tuple(f"Teil {n}" * 9 for n in range(500))))
    assert "Hinweis" in text_of(pdf)
    assert len(pdf.pages) <= 5


def test_a_part_without_findings_says_so_and_one_that_cannot_be_reckoned_says_why() -> None:
    loaded = as_loaded(box(30, 20, 10))
    checked, _ = seeing.look_at(loaded, "fdm")
    bare = replace(begun(loaded, checked, Wishes()), not_reckoned=Text("Das Netz ist leer.", "The mesh is empty."))
    told = text_of(made(examined=bare, views={}, comparison=None, expires=None))
    assert "Kein Befund." in told and "Druckbar: FDM." in told
    assert "Das Netz ist leer." in told
    assert "Richtwert" not in told and "gelöscht" not in told


def test_an_exact_volume_and_a_sliced_estimate_are_called_so() -> None:
    examined, _, _ = checked_part()
    assert examined.reckoned is not None
    facts = replace(examined.checked.facts, volume_from="b-rep")
    sliced = replace(examined.reckoned, estimate=replace(examined.reckoned.estimate, engine="sliced"))
    exact = replace(examined, checked=replace(examined.checked, facts=facts), reckoned=sliced)
    told = text_of(made(examined=exact))
    assert "genau, aus dem CAD-Modell" in told and "gesliced" in told and "geschätzt; die Spanne" not in told
    rough = replace(examined.checked.facts, volume_tolerance=0.05)
    told = text_of(made(examined=replace(examined, checked=replace(examined.checked, facts=rough))))
    assert "aus dem Dreiecksnetz, ± 0,05 mm" in told


def test_what_prevents_printing_comes_before_hints_on_the_first_page() -> None:
    examined, _, _ = checked_part()
    worst = Finding(
        "too_big", Severity.BLOCKS, (0.0, 0.0, 0.0), 900.0, 250.0, "mm",
        Text("Passt in keinen Bauraum.", "Fits no build volume."), Text("Teilen.", "Split it."), (), ("fdm",),
    )  # fmt: skip
    findings = (*examined.checked.findings, worst)
    pdf = made(examined=replace(examined, checked=replace(examined.checked, findings=findings)))
    first = " ".join(pdf.pages[0].extract_text().split())
    assert first.index("Passt in keinen Bauraum.") < first.index("Die Wand ist dünner")
