"""The key figures and their elements as `key_figures.yaml` holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, cast

from nordlotse.foundation.language import Text
from nordlotse.foundation.records.fields import Fields, read_yaml
from nordlotse.foundation.source import Source
from nordlotse.iot.core.oee.formula import Formula, read_formula

Kind = Literal["time", "time_per_unit", "count", "quantity", "number"]
FigureUnit = Literal["percent", "per_hour", "number"]
Direction = Literal["higher", "lower"]

#: The figures every answer names, even where they cannot be computed.
MAIN = ("availability", "effectiveness", "quality", "oee")


@dataclass(frozen=True, slots=True)
class Element:
    """What goes into a key figure: `id` is the acronym, `kind` tells its unit (times in s, times per unit in s, counts in pieces)."""

    id: str
    kind: Kind
    name: Text
    about: Text
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One key figure: its formula over elements and other figures, what is better, and the range its source gives (None: open)."""

    id: str
    name: Text
    formula: Formula
    unit: FigureUnit
    direction: Direction
    lowest: Fraction
    highest: Fraction | None
    elements: tuple[str, ...]

    @property
    def scale(self) -> int:
        """Return what the exact value is multiplied with to be shown in `unit` (elements count in seconds)."""
        return {"percent": 100, "per_hour": 3600, "number": 1}[self.unit]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All elements and key figures by id, where they come from (`publisher`: by its name in either language), and when somebody has to look again."""

    elements: Mapping[str, Element]
    figures: Mapping[str, KeyFigure]
    names: Mapping[str, str]
    source: Source
    publisher: Text
    licence: str
    review_on: date


@cache
def catalogue() -> Catalogue:
    """Return the shipped key figures; read once."""
    place = "key_figures.yaml"
    return read_catalogue((files(__package__) / place).read_text("utf-8"), place)


def read_catalogue(text: str, place: str) -> Catalogue:
    """Return the key figures written in a YAML text; `place` names the file.

    Raises:
        BadInput: `record_broken`, with file, place and remedy.
    """
    fields = read_yaml(text, place)
    source, publisher, licence, review_on = _source(Fields(fields.mapping("source"), fields.where("source")))
    elements = {row.string("id", needed=True): _element(row) for row in fields.mappings("elements")}
    figures: dict[str, KeyFigure] = {}
    for row in fields.mappings("key_figures"):
        made = _figure(row, elements, figures)
        figures[made.id] = made
    fields.done()
    names = {name.casefold(): e.id for e in elements.values() for name in (e.id, *e.aliases)}
    return Catalogue(
        MappingProxyType(elements),
        MappingProxyType(figures),
        MappingProxyType(names),
        source,
        publisher,
        licence,
        review_on,
    )


def _source(row: Fields) -> tuple[Source, Text, str, date]:
    publisher = row.text("publisher", needed=True)
    source = Source(
        id=row.string("id", needed=True),
        title=row.string("title", needed=True),
        publisher=publisher.de,
        year=row.whole("year"),
        url=row.string("url", needed=True),
        checked_on=row.needed_day("checked_on"),
        basis="read",
    )
    licence, review_on = row.string("licence", needed=True), row.needed_day("review_on")
    row.done()
    return source, publisher, licence, review_on


def _element(row: Fields) -> Element:
    made = Element(
        id=row.string("id", needed=True),
        kind=cast(Kind, row.choice("kind", ("time", "time_per_unit", "count", "quantity", "number"))),
        name=row.text("name", needed=True),
        about=row.text("about", needed=True),
        aliases=row.strings("aliases"),
    )
    row.done()
    return made


def _figure(row: Fields, elements: Mapping[str, Element], figures: Mapping[str, KeyFigure]) -> KeyFigure:
    written = row.string("formula", needed=True)
    try:
        formula = read_formula(written)
    except (SyntaxError, ValueError) as error:
        raise row.wrong("formula", f"ist nicht lesbar: {error}", f"cannot be read: {error}") from error
    needed: list[str] = []
    for name in formula.names:
        if name not in elements and name not in figures:
            raise row.wrong("formula", f"„{name}“ ist nicht bekannt.", f"“{name}” is not known.")
        needed.extend(figures[name].elements if name in figures else (name,))
    lowest, highest = row.whole("lowest"), row.whole("highest")
    made = KeyFigure(
        id=row.string("id", needed=True),
        name=row.text("name", needed=True),
        formula=formula,
        unit=cast(FigureUnit, row.choice("unit", ("percent", "per_hour", "number"))),
        direction=cast(Direction, row.choice("direction", ("higher", "lower"))),
        lowest=Fraction(lowest or 0),
        highest=None if highest is None else Fraction(highest),
        elements=tuple(dict.fromkeys(needed)),
    )
    row.done()
    return made
