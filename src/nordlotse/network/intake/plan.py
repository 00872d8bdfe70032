"""What a file would change: line by line new, changed, the same or wrong. Nothing here writes anything.

The plan works on a stock in memory and lays every good line over it, so that later lines may point to earlier ones. A second
run over the outcome of the first finds nothing to do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

from nordlotse.foundation import districts
from nordlotse.foundation.german import fold
from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import BadInput
from nordlotse.network.intake.cells import EMPTY, Note, Vocabulary
from nordlotse.network.intake.columns import TABLES, Column, key_of
from nordlotse.network.intake.refusals import double, missing_column, name_taken, no_partner, placed
from nordlotse.network.intake.sheets import Sheet

__all__ = ["Change", "Line", "State", "Stock", "kind_of", "make", "slug_of"]

#: Words an address of a partner must not be: pages of the directory stand there.
RESERVED = frozenset({"neu", "person", "partner", "vorfuehrorte", "karte", "besuchstage"})

# Every line is compared with every name: the same few thousand names are folded once.
_fold = lru_cache(maxsize=16384)(fold)
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "ae", "Ö": "oe", "Ü": "ue"}


class State(StrEnum):
    """What comes of a line."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that changes: the column's heading, what was there (None: nothing yet) and what will be."""

    column: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table. `row`: the id of what it is about, negative while it is new; `values` what is to be written."""

    table: str
    sheet: str
    number: int
    state: State
    label: str
    row: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    problems: tuple[BadInput, ...] = ()
    notes: tuple[Text, ...] = ()


@dataclass(slots=True)
class Stock:
    """What there is, by table and id; ids below zero are new ones. The values are those of the columns."""

    partners: dict[int, dict[str, Any]] = field(default_factory=dict)
    people: dict[int, dict[str, Any]] = field(default_factory=dict)
    offers: dict[int, dict[str, Any]] = field(default_factory=dict)

    def of(self, table: str) -> dict[int, dict[str, Any]]:
        """Return the rows of a table by the name of its template."""
        return {"partner": self.partners, "personen": self.people, "angebote": self.offers}[table]


def slug_of(name: str, taken: Iterable[str] = ()) -> str:
    """Return a name's address: small letters, digits and dashes, at most 60; a number is added where it is taken."""
    spelt = unicodedata.normalize("NFKD", "".join(_UMLAUTS.get(c, c) for c in unicodedata.normalize("NFC", name)))
    plain = spelt.encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-") or "partner"
    if made in RESERVED:
        made = f"{made}-im-netz"
    known, tried, count = set(taken), made, 2
    while tried in known:
        tried, count = f"{made}-{count}", count + 1
    return tried


def _columns(table: str, sheet: Sheet) -> dict[int, Column]:
    """Which column of the sheet is which of ours; a heading that stands twice counts once."""
    keys = {key_of(spelt): c for c in reversed(TABLES[table]) for spelt in (*reversed(c.other), c.name)}
    found: dict[int, Column] = {}
    for place, heading in enumerate(sheet.header):
        column = keys.get(key_of(heading))
        if column is not None and column not in found.values():
            found[place] = column
    return found


def kind_of(sheet: Sheet) -> str:
    """Return which of the three tables a sheet is, by its headings.

    Raises:
        BadInput: none of them; the message names what is missing.
    """
    fits = {}
    for table, columns in TABLES.items():
        found = {c.field for c in _columns(table, sheet).values()}
        if {c.field for c in columns if c.required} <= found:
            fits[table] = len(found)
    if not fits:
        raise BadInput(
            "table_unknown",
            de="Aus der ersten Zeile geht nicht hervor, welche Tabelle das ist.",
            en="The first line does not show which table this is.",
            where=f"{sheet.name}: {', '.join(h[:20] for h in sheet.header[:6])}",
            remedy_de="Bitte die Überschriften der Vorlage benutzen: „Partner“ allein, „Partner“ und „Name“, oder „Partner“, „Titel“ und „Art“.",
            remedy_en="Use the headings of the template: “Partner” alone, “Partner” and “Name”, or “Partner”, “Titel” and “Art”.",
        )
    # Offers and people have a partner too: of two that fit, the one with more columns of its own is meant.
    return max(fits, key=lambda t: (fits[t], {"angebote": 2, "personen": 1}.get(t, 0)))


def make(sheets: Iterable[Sheet], stock: Stock, words: Vocabulary) -> tuple[list[Line], list[BadInput]]:
    """Return every line with what it would do, and the sheets that cannot be used at all. Changes `stock`."""
    by_table: dict[str, list[Sheet]] = {}
    refused = []
    for sheet in sheets:
        try:
            by_table.setdefault(kind_of(sheet), []).append(sheet)
        except BadInput as problem:
            refused.append(problem)
    work = _Work(stock, words)
    lines = [
        work.line(table, sheet, columns, number, cells)
        for table in TABLES
        for sheet in by_table.get(table, ())
        for columns in [_columns(table, sheet)]
        for number, cells in sheet.rows
    ]
    return work.with_covers(lines), refused


class _Work:
    """Goes through the lines and keeps what the earlier ones have laid down."""

    def __init__(self, stock: Stock, words: Vocabulary) -> None:
        self._stock, self._words = stock, words
        self._next = min((0, *stock.partners, *stock.people, *stock.offers)) - 1
        self._told: dict[tuple[str, int], int] = {}
        self._failed: dict[tuple[str, Any, str], int] = {}
        self._covers: dict[int, str] = {}

    def line(
        self, table: str, sheet: Sheet, columns: Mapping[int, Column], number: int, cells: tuple[str, ...]
    ) -> Line:
        values, problems, notes = self._read(table, columns, cells)
        label = str(values.get("title_de") or values.get("name") or values.get("partner") or "")
        if not problems:
            row, problem = self._checked(table, values, notes, number)
            problems += [problem] if problem else []
        if problems:
            return Line(table, sheet.name, number, State.WRONG, label, problems=tuple(problems), notes=tuple(notes))
        return self._laid(table, sheet.name, number, label, row, values, notes)

    def _checked(
        self, table: str, values: dict[str, Any], notes: list[Text], number: int
    ) -> tuple[int, BadInput | None]:
        """What a readable line is about, and what stands against it.

        A line that failed here keeps its names: had a later line its way with them, the first would fit at the second run.
        """
        row, problem = self._target(table, values, notes)
        old = self._stock.of(table).get(row, {})
        owner = values["partner"] if table == "personen" else 0
        fields = () if table == "angebote" else ("name", "slug") if table == "partner" else ("name", "mail")
        said = (v for f in fields for v in (values.get(f), old.get(f)) if v)
        names = {(table, owner, _fold(str(v))) for v in said}
        earlier = self._told.get((table, row), 0) or max((self._failed.get(n, 0) for n in names), default=0)
        problem = double(earlier) if earlier else problem or _region(table, values, old)
        if problem:
            self._failed |= dict.fromkeys(names, number)
        return row, problem

    def _read(
        self, table: str, columns: Mapping[int, Column], cells: tuple[str, ...]
    ) -> tuple[dict[str, Any], list[BadInput], list[Text]]:
        values: dict[str, Any] = {}
        problems: list[BadInput] = []
        notes: list[Text] = []
        for place, column in columns.items():
            cell = cells[place].strip() if place < len(cells) else ""
            if not cell:
                continue
            try:
                emptied = cell == EMPTY and not column.required
                values[column.field] = column.empty if emptied else column.read(cell, self._words)
            except Note as note:
                values[column.field] = note.value
                notes.append(note.text)
            except BadInput as problem:
                problems.append(placed(problem, column))
        present = {c.field for c in columns.values()}
        told = {p.where for p in problems}
        required = [c for c in TABLES[table] if c.required and c.field in present and c.name not in told]
        return values, problems + [missing_column(c) for c in required if not values.get(c.field)], notes

    # ---- what a line is about ----

    def _target(self, table: str, values: dict[str, Any], notes: list[Text]) -> tuple[int, BadInput | None]:
        if table == "partner":
            row, name = self._partner(values), _fold(values["name"])
            others = (p["name"] for i, p in self._stock.partners.items() if i != row)
            return row, name_taken(values["name"]) if name in {_fold(n) for n in others} else None
        partner = self._partner({"name": values["partner"], "slug": values["partner"]})
        if not partner:
            return 0, no_partner(values["partner"])
        values["partner"] = partner
        if table == "personen":
            return self._person(partner, values)
        if "person" in values:
            values["person"] = self._named(partner, values["person"], notes, "Person") or None
        wanted = (values["kind"], _fold(values["title_de"]))
        mine = {i: o for i, o in self._stock.offers.items() if o["partner"] == partner and o["kind"] == wanted[0]}
        alike = [i for i, o in mine.items() if _fold(o["title_de"]) == wanted[1]]
        exact = [i for i in alike if mine[i]["title_de"] == values["title_de"]]
        return next(iter((*exact, *alike)), 0), None

    def _partner(self, values: Mapping[str, Any]) -> int:
        slug, name = str(values.get("slug") or ""), _fold(str(values.get("name") or ""))
        by_slug = (i for i, p in self._stock.partners.items() if slug and p["slug"] == slug)
        by_name = (i for i, p in self._stock.partners.items() if _fold(p["name"]) == name)
        return next(by_slug, 0) or next(by_name, 0)

    def _people_of(self, partner: int, who: str) -> list[int]:
        """The people of a partner with this mail address, else those with this name."""
        mine = {i: p for i, p in self._stock.people.items() if p["partner"] == partner}
        by_mail = [i for i, p in mine.items() if p["mail"] and p["mail"] == who.strip().lower()]
        return by_mail or [i for i, p in mine.items() if _fold(p["name"]) == _fold(who.strip())]

    def _person(self, partner: int, values: Mapping[str, Any]) -> tuple[int, BadInput | None]:
        found = self._people_of(partner, values["mail"]) if values.get("mail") else []
        found = found or self._people_of(partner, values["name"])
        if len(found) > 1 and values.get("mail"):
            return 0, None  # somebody else of that name: this address is new
        if len(found) > 1:
            return 0, BadInput(
                "person_several",
                de="Mehrere Menschen dieses Partners heißen so.",
                en="Several people of this partner have this name.",
                where="Mail",
                remedy_de="Bitte die Mailadresse dazuschreiben.",
                remedy_en="Add the mail address.",
            )
        return (found[0] if found else 0), None

    def _named(self, partner: int, who: str, notes: list[Text], column: str) -> int:
        found = self._people_of(partner, who) if who else []
        if who and len(found) != 1:
            notes.append(
                Text(
                    f"{column}: „{who[:40]}“ ist bei diesem Partner nicht eindeutig zu finden und wurde ausgelassen.",
                    f"{column}: “{who[:40]}” cannot be found for certain at this partner and was left out.",
                )
            )
        return found[0] if len(found) == 1 else 0

    # ---- laying a line over the stock ----

    def _laid(
        self, table: str, sheet: str, number: int, label: str, row: int, values: dict[str, Any], notes: list[Text]
    ) -> Line:
        rows = self._stock.of(table)
        cover = values.pop("cover", None)
        old = rows.get(row)
        if old is None:
            row, self._next = self._next, self._next - 1
            values = self._begun(table, values)
        elif table == "partner":
            values.pop("slug", None)  # an address that is known does not change by a table
        changes = tuple(
            Change(column.name, None if old is None else old.get(column.field), values[column.field])
            for column in TABLES[table]
            if column.field in values
            and not (column.field == "partner" and table != "partner")
            and (values[column.field] not in ("", []) if old is None else old.get(column.field) != values[column.field])
        )
        rows[row] = {**(old or {}), **values}
        self._told[table, row] = number
        if cover is not None:
            self._covers[row] = cover
        state = State.NEW if old is None else State.CHANGED if changes else State.SAME
        return Line(table, sheet, number, state, label, row, values, changes, notes=tuple(notes))

    def _begun(self, table: str, values: dict[str, Any]) -> dict[str, Any]:
        """A new row with every field, the given ones as they are."""
        empty = {c.field: (list(c.empty) if isinstance(c.empty, list) else c.empty) for c in TABLES[table]}
        made = {**empty, **values}
        if table == "partner":
            made["slug"] = slug_of(
                values.get("slug") or values["name"], (p["slug"] for p in self._stock.partners.values())
            )
        elif table == "personen":
            made["capacity"] = values.get("capacity", 2)
            made["languages"] = values.get("languages") or ["de"]
            made["cover"] = None
        else:
            made["person"] = values.get("person")
            made["languages"] = values.get("languages") or ["de"]
        return made

    def with_covers(self, lines: list[Line]) -> list[Line]:
        """Return the lines with those covers found that later lines brought."""
        made = []
        for line in lines:
            who = self._covers.get(line.row) if line.table == "personen" and line.state != State.WRONG else None
            made.append(line if who is None else self._covered(line, who))
        return made

    def _covered(self, line: Line, who: str) -> Line:
        person, notes = self._stock.people[line.row], list(line.notes)
        found = self._named(person["partner"], who, notes, "Vertretung") or None
        if found == line.row:
            found = None
        changed = person.get("cover") != found
        changes = (*line.changes, Change("Vertretung", person.get("cover"), found)) if changed else line.changes
        person["cover"] = found
        state = State.CHANGED if changed and line.state == State.SAME else line.state
        values = {**line.values, "cover": found}
        return Line(
            line.table,
            line.sheet,
            line.number,
            state,
            line.label,
            line.row,
            values,
            changes,
            line.problems,
            tuple(notes),
        )


def _region(table: str, values: dict[str, Any], old: Mapping[str, Any]) -> BadInput | None:
    """Make state and district agree: a district brings its state, a new state alone drops a district elsewhere."""
    if table == "angebote":
        return None
    state = values.get("state") or ""
    known = districts.by_key().get(values.get("district") or "")
    before = districts.by_key().get(old.get("district") or "")
    if known is not None and state and state != known.state.value:
        return BadInput(
            "district_state",
            de=f"{known.name} liegt nicht in {state}.",
            en=f"{known.name} is not in {state}.",
            where="Kreis",
            remedy_de="Bitte Land oder Kreis berichtigen.",
            remedy_en="Correct the state or the district.",
        )
    if known is not None:
        values["state"] = known.state.value
    elif before is not None and state and state != before.state.value:
        values["district"] = ""
    if table == "partner" and not (values.get("state") or (old.get("state") and "state" not in values)):
        return BadInput(
            "state_missing",
            de="Es fehlt, in welchem Land der Partner sitzt.",
            en="It is missing in which state the partner sits.",
            where="Land",
            remedy_de="Bitte Land oder Kreis angeben.",
            remedy_en="Give the state or the district.",
        )
    return None
