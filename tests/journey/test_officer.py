"""What the funder's officer stumbled over: minutes and their definition, partners of events, linked tables, dead links, codes."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from nordlotse.dialogue.forms import EventForm
from nordlotse.foundation.districts import by_key, nuts_of
from nordlotse.journey.actions import figures as actions
from nordlotse.journey.core.counting import MEASURES
from nordlotse.journey.core.disclosure import told_together
from nordlotse.journey.core.periods import parse
from nordlotse.journey.models import Service
from nordlotse.journey.queries import blocks, reporting, sheets
from nordlotse.journey.receivers import organiser_of
from nordlotse.network.models import Partner
from tests.dialogue import made as events
from tests.journey.factories import company, person, service
from tests.web.conftest import signed_in

pytestmark = pytest.mark.django_db

QUARTER = parse("2026-Q3")
MINUTES = [m.key for m in MEASURES].index("minutes")


def a_quarter() -> list[Any]:
    """Calls and a workshop of 20 companies in two states; each came alone to the workshop and stayed three hours."""
    firms = []
    for n in range(20):
        state, district = [("HH", "02101"), ("SH", "01002")][n % 2]
        firm = company(f"F{n}", state=state, district=district, sector="25", employees=[3, 20][n % 2])
        firms.append(firm)
        service(date(2026, 7, 6), company=firm, kind="call", topic="iot", minutes=20)
        service(date(2026, 8, 6), company=firm, kind="workshop", topic="funding", minutes=180)
    for month in QUARTER.months:
        actions.close_month(person("coordinator"), month)
    return firms


def page(name: str = "report", **query: str) -> str:
    return str(unescape(signed_in("officer").get(reverse(f"de:{name}"), query).content.decode()))


def csv_rows() -> list[list[str]]:
    text = signed_in("officer").get(reverse("de:report_file", args=["2026-Q3", "csv"])).content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


# ---- minutes ----


def test_the_report_shows_minutes_of_events_apart_from_everything_else() -> None:
    a_quarter()
    block = next(b for b in blocks.blocks(reporting.outside(QUARTER), "de") if b.key == "teile")
    assert [[str(c) for c in row] for row in block.rows] == [
        ["Veranstaltungen und Schulungen", "20", "0", "20", "20", "3600"],
        ["Alles andere", "20", "0", "20", "20", "400"],
    ]
    assert "jede Person" in block.intro


def test_the_definition_of_a_minute_says_how_events_count() -> None:
    a_quarter()
    rules = {row[0]: str(row[1]) for row in blocks.rules("de").rows}
    assert "für jede Person, die da war" in rules["Minute"]
    assert "nicht mal Personen" not in rules["Minute"]


def test_halves_are_not_shown_where_the_attendance_is_not() -> None:
    for n in range(20):
        service(date(2026, 7, 6), company=company(f"F{n}"), kind="call", topic="iot")
    for n in range(2):
        service(date(2026, 8, 6), company=company(f"W{n}"), kind="workshop", topic="iot", minutes=180)
    for month in QUARTER.months:
        actions.close_month(person("coordinator"), month)
    assert "teile" not in {b.key for b in blocks.blocks(reporting.outside(QUARTER), "de")}


def test_outside_exact_minutes_stand_only_beside_the_total_and_the_types() -> None:
    """With the public calendar, exact sums of minutes by topic or partner are solved for single services."""
    a_quarter()
    board = sheets.outside(QUARTER, "de")
    for sheet in board.sheets:
        for line in sheet.lines:
            if line.figures is not None:
                assert (line.figures[MINUTES] is None) == (sheet.by != "kind"), sheet.by
    served = signed_in("officer").get("/api/v1/figures", {"period": "2026-Q3"}).json()
    topic = next(t for t in served["tables"] if t["by"] == "topic")
    assert {line["figures"]["minutes"] for line in topic["lines"] if line["figures"]} == {None}
    funding = next(row for row in csv_rows() if row[1:3] == ["Thema", "Förderung"])
    assert funding[-1] == sheets.DOT


def test_the_centre_itself_sees_all_minutes() -> None:
    a_quarter()
    board = sheets.full(QUARTER, "de")
    topic = next(s for s in board.sheets if s.by == "topic")
    assert {line.figures[MINUTES] for line in topic.lines if line.figures} == {400, 3600}


def test_the_promise_about_covered_rows_says_what_the_calendar_can_tell() -> None:
    rules = {row[0]: str(row[1]) for row in blocks.rules("de").rows}
    assert "Veranstaltungskalender" in rules[f"{sheets.DOT} (geschützt)"]


# ---- partners of events ----


@pytest.mark.parametrize(
    "written", ["Küstenlabor Husum", "küstenlabor husum", "Küstenlabor Husum e. V.", "Husum, Küstenlabor"]
)
def test_an_events_organiser_is_recognised_however_it_is_written(written: str) -> None:
    partner = Partner.objects.create(slug="husum", name="Küstenlabor Husum", state="SH")
    Partner.objects.create(slug="kiel", name="Labor Kiel", state="SH")
    assert organiser_of(written, "") == partner


def test_without_an_organiser_the_place_names_the_partner_if_only_one_is_named() -> None:
    partner = Partner.objects.create(slug="husum", name="Küstenlabor Husum", state="SH")
    other = Partner.objects.create(slug="kiel", name="Fachhochschule Fördeblick", state="SH")
    assert organiser_of("", "Küstenlabor Husum, Nordfriesland") == partner
    assert organiser_of("", "Küstenlabor Husum und Fachhochschule Fördeblick") is None
    assert organiser_of("", "Hafenstraße 1, Hamburg") is None
    assert organiser_of("Fachhochschule Fördeblick", "Küstenlabor Husum") == other


def test_a_check_in_counts_for_the_partner_at_whose_place_it_was() -> None:
    partner = Partner.objects.create(slug="husum", name="Küstenlabor Husum", state="SH")
    from nordlotse.dialogue.actions import entrance

    event = events.event(place="Küstenlabor Husum, Hafenstraße 1")
    registration = events.registered(event)
    events.begun(event)
    entrance.check_in(events.coordinator(), registration.pk)
    assert Service.objects.get().partner == partner


def test_the_event_form_offers_the_partners_as_organisers() -> None:
    Partner.objects.create(slug="husum", name="Küstenlabor Husum", state="SH")
    choices = [value for value, _ in EventForm(lang="de").fields["organiser"].choices]  # type: ignore[attr-defined]
    assert "Küstenlabor Husum" in choices
    begin = timezone.localtime() + timedelta(days=9)
    body = {
        "title_de": "Sprechtag", "kind": "workshop", "begin": f"{begin:%Y-%m-%dT%H:%M}",
        "end": f"{begin + timedelta(hours=2):%Y-%m-%dT%H:%M}", "place": "Husum", "language": "de", "audience": "all",
        "alarm_minutes": "60", "organiser": "Küstenlabor Husum",
    }  # fmt: skip
    form = EventForm(body, lang="de")
    form.is_valid()
    assert "organiser" not in form.errors
    assert form.cleaned_data["organiser"] == "Küstenlabor Husum"
    other = EventForm(body | {"organiser": "", "organiser_other": "Verein am Deich"}, lang="de")
    other.is_valid()
    assert other.cleaned_data["organiser"] == "Verein am Deich"


# ---- drill-down ----


def test_a_figure_is_a_link_only_where_its_records_can_be_shown() -> None:
    a_quarter()
    shown = page()
    for sheet in sheets.outside(QUARTER, "de").sheets:
        for line in sheet.lines:
            place = f"nach={sheet.by}&wert={line.value}"
            linked = f"?quartal=2026-Q3&{place}" in shown
            records = reporting.lines(QUARTER, sheet.by, line.value) if line.figures else []
            assert linked == bool(records), place


def test_the_page_of_records_says_that_the_figure_holds_though_its_services_are_protected() -> None:
    a_quarter()
    hidden = next(
        (s.by, x.value)
        for s in sheets.outside(QUARTER, "de").sheets
        for x in s.lines
        if x.figures and not reporting.lines(QUARTER, s.by, x.value)
    )
    shown = page("report_cases", quartal="2026-Q3", nach=hidden[0], wert=hidden[1])
    assert "Die Zahl gilt" in shown and "sind geschützt" in shown


def test_all_records_say_all_and_not_the_rest() -> None:
    a_quarter()
    shown = page("report_cases", quartal="2026-Q3")
    assert "Alle 40 Leistungen" in shown
    assert "bei den übrigen" not in shown


# ---- cumulative companies ----


def test_a_common_number_that_would_narrow_one_down_is_rounded_to_tens() -> None:
    assert told_together(253, safe=True) == (253, False)
    assert told_together(253, safe=False) == (250, True)
    assert told_together(255, safe=False) == (260, True)
    assert told_together(4, safe=False) == (None, False)


def test_the_report_writes_a_rounded_number_as_such() -> None:
    a_quarter()
    told = reporting.outside(QUARTER)
    assert blocks.written_number(250, rounded=True) == "≈ 250"
    assert blocks.written_number(None, rounded=False) == sheets.DOT
    assert told.compared[0].so_far == 20


# ---- codes ----


def test_every_district_of_a_state_has_its_nuts_code_and_boroughs_have_hamburgs() -> None:
    assert nuts_of("01054") == "DEF07" and nuts_of("13003") == "DE803" and nuts_of("02101") == "DE600"
    assert {nuts_of(key)[:3] for key in by_key()} == {"DE6", "DE8", "DEF"}
    assert nuts_of("HH") == "DE6" and nuts_of("SH") == "DEF" and nuts_of("MV") == "DE8"
    assert nuts_of("99999") == ""


def test_exports_carry_nuts_and_nace_codes_beside_the_names() -> None:
    a_quarter()
    rows = csv_rows()
    head = rows[0]
    at = head.index("Code (NUTS 2024, NACE Rev. 2)")
    codes = {(row[1], row[2]): row[at] for row in rows if len(row) > at}
    assert codes["Land", "Hamburg"] == "DE6"
    assert codes["Wirtschaftsabschnitt (WZ 2008)", "Verarbeitendes Gewerbe"] == "C"
    assert {code for (by, _), code in codes.items() if by == "Thema"} == {""}
    served = signed_in("officer").get("/api/v1/figures", {"period": "2026-Q3"}).json()
    state = next(t for t in served["tables"] if t["by"] == "state")
    assert {line["code"] for line in state["lines"]} == {"DE6", "DEF"}


# ---- what is not theirs ----


def test_a_refusal_says_who_may_see_the_page_and_whom_to_ask() -> None:
    shown = signed_in("officer").get("/desk/").content.decode()
    assert "Diese Seite sehen nur Menschen mit einer dieser Rollen:" in shown
    assert "Verwaltung des Zentrums" in shown
    assert "Sie ist für" not in shown and "Bitte melden Sie sich an" not in shown
