"""A part's check as a result of the house: what it says, in both languages, with sources and a drawing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from nordlotse.foundation.problem import NotAllowed, NotFound
from nordlotse.foundation.result import Result, from_dict
from nordlotse.print3d import elsewhere
from nordlotse.print3d.actions import belonging
from nordlotse.print3d.core.whole import from_text, to_text
from nordlotse.print3d.models import Part, PartList
from nordlotse.print3d.queries import parts
from nordlotse.print3d.queries.result import as_result, grouped
from tests.print3d import made

pytestmark = pytest.mark.django_db


def result(key: str, lang: str = "de") -> Result:
    """Return a part's result."""
    found = as_result(parts.by_key(key), lang)  # type: ignore[arg-type]
    assert found is not None
    return found


def figure(found: Result, begin: str) -> str:
    """Return the value of the first figure whose label begins so."""
    return next(f.value for f in found.figures if f.label.startswith(begin))


@pytest.mark.parametrize(
    ("lang", "title"),
    [
        ("de", "Druckprüfung: holder.stl: druckbar (SLA, MJF, LPBF), mit Änderungen (FDM, SLS)"),
        ("en", "Print check: holder.stl: printable (SLA, MJF, LPBF), with changes (FDM, SLS)"),
    ],
)
def test_the_title_names_the_part_and_the_verdict(lang: str, title: str) -> None:
    assert result(made.kept(), lang).title == title


def test_the_summary_tells_what_weighs_and_what_was_not_checked() -> None:
    said = result(made.kept()).summary
    assert "Die Wand ist dünner" in said
    assert "Die Fläche hängt über" not in said  # a hint stays in the figures while there is a risk
    assert "je Stück bei 10 Stück" in said
    assert "Nicht geprüft: Festigkeit, Ermüdung und Zulassung" in said


def test_the_planted_wall_is_told_with_its_measure_limit_and_place() -> None:
    told = figure(result(made.kept()), "Befund 1")
    assert "Gemessen: 0,6 mm, Grenze: 1,2 mm" in told
    assert "Ort (x, y, z): 44,3 / 15 / 15 mm" in told


def test_the_first_four_figures_are_size_time_material_and_cost_of_one_process() -> None:
    labels = [f.label for f in result(made.kept("bracket")).figures[:4]]
    assert labels == [
        "Maße",
        "Druckzeit, FDM (Filament)",
        "Material, FDM (Filament)",
        "Kosten je Stück bei 10, FDM (Filament)",
    ]


def test_a_price_of_today_stands_beside_the_others() -> None:
    found = result(made.kept(today={"quantity": 50, "price": 14.5, "minimum": 25}))
    assert figure(found, "Kosten je Stück bei 50, heute") == "14,50 €"


def test_every_price_says_whether_it_was_measured() -> None:
    said = [found.source for found in result(made.kept()).figures if found.label.startswith("Kosten")]
    measured = "Zeit und Material gemessen, Kostenwerte eigene Schätzung"
    assert said.count(measured) == 1  # FDM alone has an error somebody measured
    assert len(said) > 3
    assert set(said) == {measured, "Richtwert, nicht gemessen"}


def test_limits_and_cost_figures_name_source_and_day() -> None:
    sources = result(made.kept()).sources
    assert any(s.startswith("Grenzwerte FDM (23. November 2026): ") for s in sources)
    assert any(s.startswith("Kostenwerte (23. November 2026): ") for s in sources)
    assert len(sources) == len(set(sources))


def test_the_drawing_bears_the_numbers_of_the_findings() -> None:
    key = made.kept(picture=True)
    found = result(key)
    examined = parts.by_key(key).examined
    assert examined is not None
    drawn = ElementTree.fromstring(found.picture)  # noqa: S314 - our own
    numbers = [t.text for t in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert numbers == [str(one.number) for one in grouped(examined)]


def test_without_the_picture_s_data_there_is_no_drawing() -> None:
    assert result(made.kept()).picture == ""


def test_findings_of_one_kind_are_told_once_with_their_number() -> None:
    assert "An 2 Stellen" in figure(result(made.kept("bracket")), "Befund 1")


def test_a_part_without_findings_has_no_finding_among_its_figures() -> None:
    assert not [f for f in result(made.kept("flange")).figures if f.label.startswith("Befund")]


def test_a_part_that_could_not_be_reckoned_has_a_result_without_prices() -> None:
    whole = from_text(made.examined("holder")[0])
    found = result(made.kept(found=to_text(replace(whole, reckoned=None))))
    assert "Befund 1" in [f.label for f in found.figures]
    assert not [f for f in found.figures if f.label.startswith("Kosten")]


def test_while_nothing_was_found_out_there_is_no_result() -> None:
    assert as_result(parts.by_key(made.kept(done=False)), "de") is None


def test_a_result_can_be_kept_and_read_again() -> None:
    found = result(made.kept(picture=True))
    assert from_dict(found.as_dict()) == found


def test_the_key_is_nowhere_in_the_result() -> None:
    key = made.kept(picture=True)
    assert key not in str(result(key).as_dict())


# ---- belonging ----


def test_a_part_belongs_to_the_first_company_that_takes_it() -> None:
    key = made.kept(done=False)
    belonging.attach(key, "one")
    with pytest.raises(NotAllowed, match="part_of_another_company"):
        belonging.attach(key, "two")
    belonging.attach(key, "")
    belonging.attach(key, "two")
    assert Part.objects.get(pk=key).company == "two"


def test_an_expired_part_belongs_to_nobody_new() -> None:
    key = made.kept(done=False, expires_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(NotFound, match="no_such_part"):
        belonging.attach(key, "one")


def test_parts_and_lists_move_with_their_company() -> None:
    made.kept(done=False, company="one")
    PartList.objects.create(name="Teile", company="one")
    assert belonging.move("one", "two") == 2
    assert Part.objects.get().company == PartList.objects.get().company == "two"


# ---- elsewhere ----


def test_without_a_plugged_query_nothing_comes_after_a_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elsewhere, "_plugged", [])
    monkeypatch.setattr(elsewhere, "_cases", [])
    key = made.kept(done=False)
    assert list(elsewhere.found(parts.by_key(key), "de")) == []
    assert list(elsewhere.cases_with(key)) == []
