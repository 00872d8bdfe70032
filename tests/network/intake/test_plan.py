"""What a table would do, line by line; doing it a second time changes nothing, whatever the table holds."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.foundation.problem import BadInput
from nordlotse.network.intake.columns import TABLES, key_of
from nordlotse.network.intake.plan import Line, State, Stock, kind_of, make, slug_of
from nordlotse.network.intake.sheets import Sheet
from nordlotse.network.labels import LANGUAGES, OFFER_KINDS, PARTNER_KINDS

TAGS = {"topic": {"sensorik": "sensors", "ki": "ai"}, "method": {"workshop": "ws"}, "sector": {"handwerk": "crafts"}}
CODES = {"partner_kind": PARTNER_KINDS, "offer_kind": OFFER_KINDS, "language": LANGUAGES}


class Words:
    """A tiny taxonomy."""

    def tag(self, kind: str, written: str) -> str | None:
        return TAGS[kind].get(written.lower())

    def near(self, kind: str, written: str) -> list[str]:
        return ["Sensorik"]

    def code(self, of: str, written: str) -> str | None:
        return next((c for c, name in CODES[of].items() if written.lower() in (c, name.de.lower())), None)

    def words(self, of: str) -> str:
        return ", ".join(name.de for name in CODES[of].values())


def sheet(*rows: str, name: str = "t") -> Sheet:
    """Return a table from lines with semicolons."""
    cells = [tuple(c.strip() for c in row.split(";")) for row in rows]
    return Sheet(name, cells[0], tuple(enumerate(cells[1:], 2)))


def plan(*sheets: Sheet, stock: Stock | None = None) -> tuple[list[Line], Stock]:
    """Return the lines and the stock afterwards."""
    known = stock or Stock()
    lines, refused = make(sheets, known, Words())
    assert refused == []
    return lines, known


def states(lines: list[Line]) -> list[str]:
    return [line.state.value for line in lines]


PARTNER = sheet("Partner;Land;Kreis", "Werft;SH;Husum", "Labor;;Altona")
PEOPLE = sheet("Partner;Name;Mail;Themen;Vertretung", "Werft;Ada;ada@example.org;Sensorik | KI;Bo", "Werft;Bo;;;Ada")
OFFERS = sheet("Partner;Titel;Art;Person", "Werft;Löten;Workshop;Ada")


def test_a_first_file_makes_partners_people_and_offers_that_point_to_each_other() -> None:
    lines, stock = plan(PARTNER, PEOPLE, OFFERS)
    assert states(lines) == ["new"] * 5
    by_name = {p["name"]: (i, p) for i, p in stock.people.items()}
    assert by_name["Ada"][1]["cover"] == by_name["Bo"][0]
    assert by_name["Bo"][1]["cover"] == by_name["Ada"][0]
    assert by_name["Ada"][1]["topics"] == ["ai", "sensors"]
    assert next(iter(stock.offers.values()))["person"] == by_name["Ada"][0]


def test_a_district_brings_its_state() -> None:
    _, stock = plan(PARTNER)
    assert [(p["state"], p["district"]) for p in stock.partners.values()] == [("SH", "01054"), ("HH", "02102")]


def test_the_same_file_a_second_time_changes_nothing() -> None:
    _, stock = plan(PARTNER, PEOPLE, OFFERS)
    assert set(states(plan(PARTNER, PEOPLE, OFFERS, stock=stock)[0])) == {"same"}


def test_an_empty_cell_keeps_and_a_dash_empties() -> None:
    _, stock = plan(sheet("Partner;Land;Website", "Werft;SH;example.org"))
    kept, _ = plan(sheet("Partner;Land;Website", "Werft;;"), stock=copy.deepcopy(stock))
    emptied, after = plan(sheet("Partner;Land;Website", "Werft;;-"), stock=stock)
    assert (states(kept), states(emptied)) == (["same"], ["changed"])
    assert next(iter(after.partners.values()))["website"] == ""


def test_a_wrong_line_says_column_and_remedy_and_holds_up_no_other() -> None:
    lines, stock = plan(sheet("Partner;Land;Mail", "Werft;XY;kein-at", ";SH;", "Labor;HH;"))
    assert states(lines) == ["wrong", "wrong", "new"]
    assert [p.where for p in lines[0].problems] == ["Land", "Mail"]
    assert all(p.remedy_de and p.remedy_en for p in lines[0].problems)
    assert lines[1].problems[0].code == "cell_missing"
    assert len(stock.partners) == 1


def test_a_second_line_about_the_same_thing_is_wrong_and_names_the_first() -> None:
    lines, _ = plan(sheet("Partner;Land", "Werft;SH", "werft;HH"))
    assert states(lines) == ["new", "wrong"]
    assert "Zeile 2" in lines[1].problems[0].message_de


def test_people_of_an_unknown_partner_are_wrong() -> None:
    lines, _ = plan(sheet("Partner;Name", "Nirgends;Ada"))
    assert lines[0].problems[0].code == "partner_unknown"


def test_an_unknown_term_is_left_out_with_a_note_and_the_line_goes_in() -> None:
    lines, stock = plan(PARTNER, sheet("Partner;Name;Themen", "Werft;Ada;Zauberei, Sensorik"))
    assert (lines[2].state, next(iter(stock.people.values()))["topics"]) == (State.NEW, ["sensors"])
    assert "Zauberei" in lines[2].notes[0].de
    assert "Sensorik" in lines[2].notes[0].de


def test_somebody_is_known_by_the_mail_address_even_under_another_name() -> None:
    _, stock = plan(PARTNER, PEOPLE)
    lines, after = plan(sheet("Partner;Name;Mail", "Werft;Ada Neu;ADA@example.org"), stock=stock)
    assert states(lines) == ["changed"]
    assert len(after.people) == 2


def test_two_of_one_name_need_the_mail_address() -> None:
    _, stock = plan(PARTNER, sheet("Partner;Name;Mail", "Werft;Ada;a@example.org"))
    stock.people[99] = {**next(iter(stock.people.values())), "mail": "b@example.org"}
    lines, _ = plan(sheet("Partner;Name;Telefon", "Werft;Ada;1"), stock=stock)
    assert lines[0].problems[0].code == "person_several"


def test_a_district_of_another_state_is_wrong() -> None:
    lines, _ = plan(sheet("Partner;Land;Kreis", "Werft;MV;Husum"))
    assert lines[0].problems[0].code == "district_state"


@pytest.mark.parametrize(
    ("day", "fits"),
    [
        ("03.12.2026 10:00-12:00", True),
        ("2026-12-03 10:00 - 12:00", True),
        ("3.12.2026 9:00 bis 10:30 Uhr", True),
        ("03.12.2026", False),
        ("31.02.2026 10:00-12:00", False),
        ("03.12.2026 12:00-10:00", False),
    ],
)
def test_a_visit_day_has_a_beginning_and_a_later_end(day: str, fits: bool) -> None:
    lines, _ = plan(PARTNER, sheet("Partner;Titel;Art;Besuchstage", f"Werft;Labor;Besuch vor Ort;{day}"))
    assert (lines[2].state == State.NEW) is fits


@pytest.mark.parametrize("table", TABLES)
def test_the_headings_of_each_template_are_understood_as_that_table(table: str) -> None:
    assert kind_of(Sheet("x", tuple(c.name for c in TABLES[table]), ())) == table


@pytest.mark.parametrize("table", TABLES)
def test_no_two_columns_of_a_table_share_a_heading(table: str) -> None:
    spelt = [key_of(c.name) for c in TABLES[table]]
    assert len(spelt) == len(set(spelt))


def test_a_sheet_that_is_none_of_the_tables_is_refused_with_its_headings() -> None:
    with pytest.raises(BadInput) as refused:
        kind_of(Sheet("Blatt", ("Farbe", "Größe"), ()))
    assert "Farbe" in refused.value.where


@pytest.mark.parametrize("reserved", ["person", "neu", "vorfuehrorte"])
def test_no_partner_takes_the_address_of_a_page(reserved: str) -> None:
    assert slug_of(reserved) != reserved


def test_an_address_that_is_taken_gets_a_number() -> None:
    assert slug_of("Übersee-Labor", ["uebersee-labor"]) == "uebersee-labor-2"


NAMES = ["Werft", "werft", "Labor", "Möwe & Co.", "", "-", "x" * 210]
CELLS: dict[str, Any] = {
    "Partner": st.sampled_from(NAMES),
    "Kürzel": st.sampled_from(["", "werft", "labor", "Über Uns", "-"]),
    "Name": st.sampled_from(["Ada", "ada", "Bo", "", "-", "Cy"]),
    "Mail": st.sampled_from(["", "-", "a@example.org", "b@example.org", "A@Example.org", "kaputt"]),
    "Land": st.sampled_from(["", "SH", "Hamburg", "-", "Mond"]),
    "Kreis": st.sampled_from(["", "Husum", "1054", "Rostock", "-", "Hamburg", "Mond"]),
    "Themen": st.sampled_from(["", "Sensorik", "KI | Sensorik", "Zauberei", "-"]),
    "Vertretung": st.sampled_from(["", "Ada", "Bo", "-", "b@example.org", "niemand"]),
    "Öffentlich": st.sampled_from(["", "ja", "nein", "vielleicht", "-"]),
    "Titel": st.sampled_from(["Löten", "löten", "Messen", "", "-"]),
    "Art": st.sampled_from(["Workshop", "Vortrag", "", "Quatsch", "-"]),
    "Person": st.sampled_from(["", "Ada", "Bo", "-", "a@example.org"]),
    "Standorte": st.sampled_from(["", "Husum | Rostock", "Dorf (13003)", "Dorf (Mond)", "-", "(13003)"]),
    "Besuchstage": st.sampled_from(["", "-", "03.12.2026 10:00-12:00", "morgen"]),
}
COLUMNS = {
    "partner": ("Partner", "Kürzel", "Land", "Kreis", "Standorte", "Öffentlich"),
    "personen": ("Partner", "Name", "Mail", "Themen", "Vertretung", "Kreis", "Land"),
    "angebote": ("Partner", "Titel", "Art", "Person", "Besuchstage", "Kreis"),
}


def _sheet_of(table: str) -> st.SearchStrategy[Sheet]:
    rows = st.lists(st.tuples(*(CELLS[c] for c in COLUMNS[table])), max_size=6)
    return rows.map(lambda made: Sheet(table, COLUMNS[table], tuple(enumerate(made, 2))))


@settings(max_examples=400, deadline=None)
@given(st.tuples(*(_sheet_of(t) for t in COLUMNS)), st.tuples(*(_sheet_of(t) for t in COLUMNS)))
def test_after_any_two_files_the_second_again_changes_nothing(
    first: tuple[Sheet, ...], second: tuple[Sheet, ...]
) -> None:
    stock = Stock()
    make(first, stock, Words())
    make(second, stock, Words())
    before = copy.deepcopy(stock)
    lines, _ = make(second, stock, Words())
    assert {line.state for line in lines} <= {State.SAME, State.WRONG}
    assert stock == before
    assert all(line.problems for line in lines if line.state == State.WRONG)
    keys = [(p["partner"], p["mail"]) for p in stock.people.values() if p["mail"]]
    assert len(keys) == len(set(keys))
    slugs = [p["slug"] for p in stock.partners.values()]
    assert len(slugs) == len(set(slugs))
