"""WZ 2008 and size classes."""

from __future__ import annotations

import pytest

from nordlotse.foundation.sectors import Size, choices, divisions, section_of, sections, size_of


def test_there_are_88_divisions_in_21_sections() -> None:
    assert len(divisions()) == 88
    assert len(sections()) == 21
    assert {d.section for d in divisions().values()} == set(sections())


@pytest.mark.parametrize(
    ("division", "section"), [("01", "A"), ("25", "C"), ("33", "C"), ("43", "F"), ("62", "J"), ("99", "U")]
)
def test_a_division_belongs_to_its_section(division: str, section: str) -> None:
    assert section_of(division) == section


def test_an_unknown_division_has_no_section() -> None:
    assert section_of("34") == ""


def test_a_form_offers_every_division_once() -> None:
    offered = [key for _, group in choices("en") for key, _ in group]
    assert sorted(offered) == sorted(divisions())


@pytest.mark.parametrize(
    ("employees", "size"),
    [
        (None, None),
        (0, Size.MICRO),
        (9, Size.MICRO),
        (10, Size.SMALL),
        (49, Size.SMALL),
        (50, Size.MEDIUM),
        (249, Size.MEDIUM),
        (250, Size.LARGE),
    ],
)
def test_size_classes_begin_where_the_eu_says(employees: int | None, size: Size | None) -> None:
    assert size_of(employees) == size
