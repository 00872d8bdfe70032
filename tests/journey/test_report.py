"""The report of a closed quarter as the funder's officer uses it: page, files and interface, truth and protection."""

from __future__ import annotations

import csv
import io
import re
import time
from datetime import date, datetime
from html import unescape
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from nordlotse.journey.actions import figures as actions
from nordlotse.journey.actions import services
from nordlotse.journey.core.disclosure import THRESHOLD
from nordlotse.journey.core.periods import parse
from nordlotse.journey.models import Case, Effect, LaterChange
from nordlotse.journey.queries import blocks, figures, reporting
from tests.journey.factories import company, person, service
from tests.web.conftest import signed_in

pytestmark = pytest.mark.django_db

QUARTER = parse("2026-Q3")


def a_quarter(count: int = 30) -> list[Any]:
    """Companies of two states with calls, written answers and workshops, and first replies to seven cases."""
    made = []
    for n in range(count):
        state, district = [("HH", "02101"), ("SH", "01001"), ("SH", "01002")][n % 3]
        firm = company(f"F{n}", state=state, district=district, employees=[3, 20, 120, 400][n % 4])
        made.append(service(date(2026, 7 + n % 3, 5), company=firm, kind="call", topic="iot"))
        if n % 2:
            service(date(2026, 8, 6), company=firm, kind="workshop", topic="print3d", minutes=180)
    return made


def answered(number: int, helped: str, done: str) -> None:
    """One case closed and its effect answered in the quarter."""
    at = datetime(2026, 8, 3 + number % 20, 10, tzinfo=timezone.get_current_timezone())
    firm = company(f"E{number}")
    case = Case.objects.create(
        number=number, title="x", company=firm, opened_at=at, first_reply_at=at, promised_on=at.date(), state="HH"
    )
    Effect.objects.create(case=case, moment="closing", helped=helped, done=done, asked_at=at, answered_at=at)


def close() -> None:
    for month in QUARTER.months:
        actions.close_month(person("coordinator"), month)


def page(role: str = "officer", lang: str = "de", **query: str) -> str:
    return str(unescape(signed_in(role).get(reverse(f"{lang}:report"), query).content.decode()))


def block(told: reporting.Outside, key: str) -> blocks.Block:
    return next(b for b in blocks.blocks(told, "de") if b.key == key)


def cells(block: blocks.Block) -> list[list[str]]:
    return [[str(c) for c in row] for row in block.rows]


@pytest.mark.parametrize("lang", ["de", "en"])
def test_page_workbook_csv_and_interface_hold_every_block(lang: str) -> None:
    a_quarter()
    for n in range(12):
        answered(n + 1, "yes" if n < 10 else "no", "started")
    close()
    who = person("coordinator")
    actions.set_target(
        who, figure="attendance", begin=date(2026, 7, 1), end=date(2026, 9, 30), value=30, source="Bescheid"
    )
    told = blocks.blocks(reporting.outside(QUARTER), "en" if lang == "en" else "de")
    html = page(lang=lang).replace(".", "").replace(",", "")
    client = signed_in("officer")
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(reverse(f"{lang}:report_file", args=["2026-Q3", "xlsx"])).content)
    )
    text = client.get(reverse(f"{lang}:report_file", args=["2026-Q3", "csv"])).content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text), delimiter=";"))
    served = client.get("/api/v1/figures", {"period": "2026-Q3", "lang": lang}).json()["blocks"]
    assert [b["key"] for b in served] == [b.key for b in told]
    for one, sent in zip(told, served, strict=True):
        rows = [[str(c) for c in row] for row in one.rows]
        assert [[str(c) for c in row] for row in sent["rows"]] == rows
        sheet = [["" if c is None else str(c) for c in row] for row in book[one.title[:31]].iter_rows(values_only=True)]
        assert all([*row, *[""] * (len(sheet[0]) - len(row))] in sheet for row in rows)
        assert all(row in lines for row in rows)
        assert all(c.replace(".", "").replace(",", "") in html for row in rows for c in row)


def test_a_workbook_of_a_closed_quarter_is_the_same_to_the_byte_whenever_it_is_made() -> None:
    made = a_quarter()
    close()
    client = signed_in("officer")

    def files() -> list[bytes]:
        return [client.get(reverse("de:report_file", args=["2026-Q3", kind])).content for kind in ("xlsx", "csv")]

    first = files()
    services.refuse(person("coordinator"), [made[0].pk], "Doppelt notiert")
    figures.forget()
    time.sleep(2.1)  # times in a ZIP archive are told in steps of two seconds
    assert files() == first


def test_the_english_file_has_a_name_of_its_own() -> None:
    a_quarter()
    close()
    names = {
        lang: signed_in("officer").get(reverse(f"{lang}:report_file", args=["2026-Q3", "csv"]))["Content-Disposition"]
        for lang in ("de", "en")
    }
    assert names["de"] != names["en"]


def test_attendance_is_that_of_events_alone() -> None:
    a_quarter()
    close()
    told = reporting.outside(QUARTER)
    assert told.total is not None
    assert (told.attendance, told.total.participants) == (15, 45)
    assert "Workshop, Vortrag, Arbeitskreis" in page()


def test_no_answer_about_the_effect_is_shown_for_fewer_than_five_companies() -> None:
    a_quarter()
    for n in range(20):
        answered(n + 1, "yes" if n < 10 else "partly" if n < 18 else "no", "started" if n < 17 else "nothing")
    close()
    rows = cells(block(reporting.outside(QUARTER), "wirkung"))
    shown = [int(row[2]) for row in rows if row[2] != "•"]
    assert all(n == 0 or n >= THRESHOLD for n in shown)
    helped = [row[2] for row in rows if row[0] == "Hat es geholfen?"]
    assert helped.count("•") == 2, "the two of 'no' and one larger answer"


def test_four_answers_are_too_few_to_be_told() -> None:
    a_quarter()
    for n in range(4):
        answered(n + 1, "yes", "started")
    close()
    told = block(reporting.outside(QUARTER), "wirkung")
    assert told.rows == ()
    assert "geantwortet: •" in told.intro


def test_first_replies_stand_beside_their_number_and_median() -> None:
    a_quarter()
    for n in range(6):
        answered(n + 1, "yes", "started")
    Case.objects.filter(number=1).update(
        promised_on=date(2026, 7, 1), opened_at=datetime(2026, 7, 27, tzinfo=timezone.get_current_timezone())
    )
    close()
    rows = dict(cells(block(reporting.outside(QUARTER), "antworten")))
    assert rows["Erste Antworten innerhalb von zwei Arbeitstagen"] == "5 von 6 (83 %)"
    assert rows["Erste Antwort nach Arbeitstagen (Median)"] == "0"


def test_a_quarter_without_targets_says_so() -> None:
    a_quarter()
    close()
    assert "Für dieses Quartal sind keine Zielwerte hinterlegt." in page()


def test_targets_stand_beside_the_quarter_and_the_whole_period() -> None:
    a_quarter()
    actions.set_target(
        person("coordinator"), figure="services", begin=date(2026, 7, 1), end=date(2026, 12, 31), value=90, source="Bescheid"
    )  # fmt: skip
    close()
    (row,) = cells(block(reporting.outside(QUARTER), "soll"))
    assert row[2:6] == ["90", "45", "45", "50 %"]


def test_changes_after_closing_are_listed_without_whom_they_are_about() -> None:
    made = a_quarter()
    close()
    assert "Seit dem Abschluss wurde nichts geändert (Stand" in page()
    services.change(person("coordinator"), made[0].pk, {"minutes": 137}, "Dauer falsch, sagt Herr Klabautermann")
    text = page()
    part = text.split('id="seitdem"')[2 if text.count('id="seitdem"') > 2 else 1].split("</section>")[0]
    assert "16 bis 30" in part and "mehr als 120" in part and "geändert: Dauer" in part and "Koordination" in part
    assert "137" not in part
    assert "Klabautermann" not in text
    assert LaterChange.objects.count() == 1


def test_rows_that_stand_for_a_whole_state_say_so() -> None:
    for n in range(20):
        service(date(2026, 7, 5), company=company(f"H{n}", district="02101" if n else "02102"), topic="iot")
        service(date(2026, 7, 5), company=company(f"S{n}", state="SH", district="01001"), topic="iot")
    close()
    told = reporting.outside(QUARTER)
    assert told.tables["district"].open["HH/"] == told.tables["state"].open["HH"]
    assert "Hamburg (alle Bezirke zusammengefasst)" in page()


def test_sizes_stand_from_small_to_large() -> None:
    a_quarter(60)
    close()
    text = page().split('id="nach-size"')[1].split("</section>")[0]
    found = re.findall(r'<th scope="row">([^<]+)', text)
    assert found == [
        "unter 10 Beschäftigte",
        "10 bis 49 Beschäftigte",
        "50 bis 249 Beschäftigte",
        "ab 250 Beschäftigte",
    ]


def test_a_period_that_is_no_closed_quarter_is_named() -> None:
    a_quarter()
    close()
    response = signed_in("officer").get(reverse("de:report"), {"quartal": "2026"})
    assert response.status_code == 404
    assert "„2026“ ist kein abgeschlossenes Quartal." in unescape(response.content.decode())


def test_thousands_are_marked_in_the_pages_language() -> None:
    a_quarter()
    service(date(2026, 7, 5), company=company(), kind="visit", minutes=3000, topic="iot")
    close()
    minutes = figures.tally(QUARTER)[1].total.minutes
    assert f"{minutes:,}".replace(",", ".") in page()
    assert f"{minutes:,}" in page(lang="en")


def test_the_records_page_says_what_is_true_of_it() -> None:
    a_quarter()
    close()
    text = unescape(signed_in("officer").get(reverse("de:report_cases"), {"quartal": "2026-Q3"}).content.decode())
    rows = [tuple(re.findall(r"<td>(.*?)</td>", row)) for row in re.findall(r"<tr>(<td>.*?)</tr>", text, re.DOTALL)]
    assert len(rows) == 45
    assert all(rows.count(row) >= THRESHOLD for row in rows)
    assert "mindestens 5 Betriebe" in text


def test_an_officer_is_told_what_the_access_covers() -> None:
    text = unescape(signed_in("officer").get(reverse("de:figures")).content.decode())
    assert "Ihr Zugang umfasst nur den Bericht." in text
    assert "melden Sie sich an" not in text
    assert "role_missing" not in text


@pytest.mark.parametrize("role", ["officer", "researcher", "coordinator", "editor"])
def test_roles_of_the_centre_and_the_funder_make_no_company(role: str) -> None:
    client = signed_in(role)
    assert client.get(reverse("de:company")).status_code == 403
    assert client.post(reverse("de:company_new"), {"name": "Kahn"}).status_code == 403


def test_the_report_needs_few_queries(django_assert_max_num_queries: Any) -> None:
    a_quarter()
    close()
    reporting.outside(QUARTER)
    with django_assert_max_num_queries(8):
        reporting.outside(QUARTER)
