"""The same figure everywhere: database and core, page, CSV, XLSX, interface and frozen month; examples nowhere."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date
from html import unescape
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nordlotse.journey.actions import figures as closing
from nordlotse.journey.core.counting import MEASURES, count, report
from nordlotse.journey.core.disclosure import THRESHOLD
from nordlotse.journey.core.periods import parse
from nordlotse.journey.core.tables import csv_bytes, harmless, xlsx_bytes
from nordlotse.journey.models import ClosedMonth, CountedMonth, Effect, LaterChange, Service, Target
from nordlotse.journey.queries import figures, reporting, sheets
from tests.journey.factories import company, contact, person, service
from tests.web.conftest import signed_in

pytestmark = pytest.mark.django_db

PLACES = [("HH", "02101"), ("SH", "01001"), ("SH", "01002"), ("MV", "13003"), ("", "")]


def fill(numbers: list[int], *, example: bool = False) -> None:
    """Make one company per number, its details and services drawn from the number."""
    for n in numbers:
        state, district = PLACES[n % 5]
        firm = company(
            f"F{n}",
            state=state,
            district=district,
            sector=["25", "62", "43", ""][n % 4],
            employees=[3, 20, 120, None][n // 3 % 4],
            is_example=example,
        )
        for k in range(1 + n % 3):
            service(
                date(2026, 7 + (n + k) % 3, 1 + n % 28),
                company=firm,
                kind=["call", "visit", "workshop"][(n + k) % 3],
                topic=["iot", "print3d"][k % 2],
                minutes=5 + n % 50,
                participants=1 + k,
            )
    if numbers and not example:
        service(date(2026, 7, 2), contact=contact())


Table = dict[tuple[str, str], tuple[str, ...]]


def of_rows(rows: list[list[Any]]) -> Table:
    """Read the tables of a file: they end at the first empty row, what follows are other blocks."""
    end = next((i for i, row in enumerate(rows) if not any(str(c) for c in row)), len(rows))
    rows = rows[:end]
    return {(str(r[1]), str(r[2])): tuple(str(v) for v in r[5:]) for r in rows[1:]}


def of_page(html: str, board: sheets.Board) -> Table:
    """Read every figure from the page as a person reads it."""
    if board.total is None:
        assert 'id="nach-' not in html
        dots = (sheets.DOT,) * len(MEASURES)
        return {("gesamt", "gesamt"): dots} | {(sheet.heading, sheets.DOT): dots for sheet in board.sheets}
    found: Table = {}
    values = [v.replace(".", "") for v in re.findall(r"<dd><strong>([\d.]+)</strong></dd>", html)]
    found["gesamt", "gesamt"] = tuple(values[: len(MEASURES)])
    for sheet in board.sheets:
        part = html.split(f'id="nach-{sheet.by}"')[1].split("</section>", maxsplit=1)[0]
        for row in re.findall(r'<tr><th scope="row">(.*?)</tr>', part, re.DOTALL):
            label = unescape(re.sub(r"<br>.*|</th>.*", "", row, flags=re.DOTALL)).strip()
            cells = [
                re.sub(r"<span class=\"kern-sr-only\">.*?</span>|<[^>]+>", "", c).strip().replace(".", "")
                for c in re.findall(r"<td>(.*?)</td>", row, re.DOTALL)
            ]
            found[sheet.heading, label] = tuple(cells[1:])
        if sheet.withheld:
            found[sheet.heading, sheets.DOT] = (sheets.DOT,) * len(MEASURES)
    return found


def of_json(value: dict[str, Any]) -> Table:
    def cells(line: dict[str, int | None] | None) -> tuple[str, ...]:
        return tuple(sheets.DOT if not line or line[m.key] is None else str(line[m.key]) for m in MEASURES)

    found = {("gesamt", "gesamt"): cells(value["total"])}
    for table in value["tables"]:
        if table["withheld"]:
            found[table["heading"], sheets.DOT] = (sheets.DOT,) * len(MEASURES)
        for line in table["lines"]:
            found[table["heading"], line["label"]] = cells(line["figures"])
    return found


def of_csv(content: bytes) -> Table:
    return of_rows(list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")))


def of_xlsx(content: bytes) -> Table:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return of_rows(
        [[c if c is not None else "" for c in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    )


def ways(role: str, period: str, page: str, files: str, board: sheets.Board, query: str) -> dict[str, Table]:
    client = signed_in(role)
    return {
        "page": of_page(client.get(reverse(f"de:{page}"), {query: period}).content.decode(), board),
        "csv": of_csv(client.get(reverse(f"de:{files}", args=[period, "csv"])).content),
        "xlsx": of_xlsx(client.get(reverse(f"de:{files}", args=[period, "xlsx"])).content),
        "api": of_json(client.get("/api/v1/figures", {"period": period, "lang": "de"}).json()),
    }


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 500), min_size=1, max_size=25))
def test_page_csv_xlsx_interface_and_frozen_months_say_the_same(numbers: list[int]) -> None:
    for model in (LaterChange, ClosedMonth, CountedMonth, Service):
        model.objects.all().delete()
    fill(numbers)
    live = sheets.full(parse("2026-Q3"), "de")
    for month in parse("2026-Q3").months:
        closing.close_month(person("coordinator"), month)
    board = sheets.full(parse("2026-Q3"), "de")
    assert (board.total, board.sheets) == (live.total, live.sheets)
    found = ways("coordinator", "2026-Q3", "figures", "figures_file", board, "zeitraum")
    assert found["csv"] == found["page"] == found["xlsx"] == found["api"]
    frozen = json.loads(figures.quarter_report(parse("2026-Q3")))
    assert tuple(str(frozen["total"][m.key]) for m in MEASURES) == found["page"]["gesamt", "gesamt"]
    for sheet in board.sheets:
        for line in sheet.lines:
            assert tuple(frozen["tables"][sheet.by][line.value][m.key] for m in MEASURES) == line.figures
    outside = sheets.outside(parse("2026-Q3"), "de")
    for role in ("officer", "researcher"):
        seen = ways(role, "2026-Q3", "report", "report_file", outside, "quartal")
        assert seen["csv"] == seen["page"] == seen["xlsx"] == seen["api"]
        # What is shown outside is what the centre counts, or nothing; minutes alone may be missing from a line.
        for key, line in seen["csv"].items():
            whole = found["csv"].get(key, line)
            assert line in (whole, (*whole[:-1], sheets.DOT)) or set(line) == {sheets.DOT}


def test_the_database_counts_what_the_core_counts() -> None:
    fill(list(range(30)))
    period = parse("2026-Q3")
    plain = []
    for s in Service.objects.exclude(confirmed_at=None).select_related("partner"):
        from nordlotse.journey.core.counting import Row

        plain.append(
            Row(
                s.day.isoformat(), s.company_key, s.contact_key, s.state, s.district, s.sector, s.size, s.topic, s.kind,
                s.format, "", 1, s.participants, s.minutes,
            )
        )  # fmt: skip
    assert report(count(plain)) == figures.tally(period)[1]


def test_no_way_of_asking_shows_an_example() -> None:
    fill([1, 2, 3, 4, 5, 6, 7], example=True)
    period = parse("2026-Q3")
    service(date(2026, 7, 3), contact=contact(is_example=True))
    assert Service.objects.filter(is_example=True).exclude(confirmed_at=None).count() > 7
    assert figures.tally(period)[1].total.services == 0
    assert figures.tally(parse("2026-07-02..2026-09-15"))[1].total.services == 0
    assert list(figures.rows(period.begin, period.end)) == []
    assert figures.records_of(period.begin, period.end) == []
    assert figures.unconfirmed(period).count() == 0
    assert figures.unknown_fields(period) == {"state": 0, "sector": 0, "size": 0, "topic": 0}
    assert figures.open_before(parse("2026-10")) == ""
    for month in period.months:
        closing.close_month(person("coordinator"), month)
    assert json.loads(figures.quarter_report(period))["total"]["services"] == 0
    assert figures.frozen_records(period) == []
    assert sheets.full(period, "de").total == (0, 0, 0, 0, 0)
    page = signed_in("coordinator").get("/api/v1/figures", {"period": "2026-Q3"}).json()
    assert page["total"]["services"] == 0


def test_cases_and_effects_of_examples_are_not_counted() -> None:
    from nordlotse.journey.models import Case

    case = Case.objects.create(number=1, title="x", company=company(is_example=True), is_example=True)
    Effect.objects.create(case=case, moment="closing", helped="yes", answered_at=case.opened_at)
    today = case.opened_at.date()
    assert figures.case_figures(today, today)["opened"] == 0
    assert figures.effect_figures(today, today)["answered"] == 0


@pytest.mark.parametrize(
    ("key", "begin", "end", "months"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28), 1),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31), 3),
        ("2026-H2", date(2026, 7, 1), date(2026, 12, 31), 6),
        ("2024", date(2024, 1, 1), date(2024, 12, 31), 12),
        ("2026-01-15..2026-03-31", date(2026, 1, 15), date(2026, 3, 31), 0),
    ],
)
def test_a_period_is_read_from_its_key(key: str, begin: date, end: date, months: int) -> None:
    period = parse(key)
    assert (period.begin, period.end, len(period.months)) == (begin, end, months)


def test_a_text_that_looks_like_a_formula_stays_a_text() -> None:
    for text in ("=1+1", "+49", "-x", "@SUM(A1)", "\t=1"):
        rows = [["Kopf"], [text]]
        assert csv_bytes(rows).decode("utf-8-sig").splitlines()[1].lstrip('"').startswith("'")
        cell = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(rows, "x"))).active["A2"]
        assert cell.data_type == "s"
        assert str(cell.value).startswith("'")
    assert harmless("Müller") == "Müller"
    assert harmless(-5) == -5


def test_an_officer_sees_nothing_of_an_open_quarter() -> None:
    fill(list(range(20)))
    client = signed_in("officer")
    assert "Noch ist kein Quartal abgeschlossen" in client.get(reverse("de:report")).content.decode()
    assert client.get(reverse("de:report_file", args=["2026-Q3", "csv"])).status_code == 404
    assert client.get("/api/v1/figures", {"period": "2026-Q3"}).status_code == 404
    assert client.get("/api/v1/figures", {"period": "2026-07"}).status_code in (403, 404)


def test_an_officer_opens_the_records_of_a_large_figure_and_of_no_small_one() -> None:
    firms = [company(f"G{n}", state="HH") for n in range(8)] + [
        company(f"S{n}", state="SH", district="01001") for n in range(8)
    ]
    firms += [company(f"M{n}", state="MV", district="13003") for n in range(2)]
    for firm in firms:
        service(date(2026, 7, 5), company=firm, topic="iot")
    for month in parse("2026-Q3").months:
        closing.close_month(person("coordinator"), month)
    client = signed_in("officer")
    tables = reporting.outside(parse("2026-Q3")).tables
    (shown,) = tables["state"].open
    page = client.get(
        reverse("de:report_cases"), {"quartal": "2026-Q3", "nach": "state", "wert": shown}
    ).content.decode()
    assert page.count("<tr>") == 1 + 8
    assert "Alle 8 Leistungen" in page
    for hidden in tables["state"].hidden:
        page = client.get(
            reverse("de:report_cases"), {"quartal": "2026-Q3", "nach": "state", "wert": hidden}
        ).content.decode()
        assert "<tr>" not in page
    assert all(firm.name not in page and firm.pk not in page for firm in firms)
    assert THRESHOLD == 5


def test_the_page_of_figures_is_not_for_officers() -> None:
    for name in ("figures", "month", "targets", "services"):
        assert signed_in("officer").get(reverse(f"de:{name}")).status_code in (302, 403), name
    assert Target.objects.count() == 0
