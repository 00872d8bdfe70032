"""What the report and the energy page say of energy, and that simulated values are called so."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from django.test import Client

from nordlotse.iot.actions import results, states
from nordlotse.iot.core.measures import longest_free, switch_off
from nordlotse.iot.core.states.plans import PATTERNS, calendar_kept, calendar_read
from nordlotse.iot.core.states.shifts import Calendar
from nordlotse.iot.models import Simulation
from nordlotse.iot.queries import report
from nordlotse.iot.views.report import _quality, _trend
from tests.iot.clocked import clocked
from tests.iot.worked import HOUR, MONDAY, SHIFTS, Filled

WEEK = 7 * 24
ADVICE = "vor dem nächsten freien Tag ganz ab"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The time the pages take for now."""
    at = [MONDAY + 4 * 24 * HOUR]
    clocked(monkeypatch, lambda: at[0])
    return at


def saw(now: list[int], days: int = 8, always: bool = False) -> Filled:
    now[0] = MONDAY + (days + 1) * 24 * HOUR
    made = Filled()
    if always:
        made.hall.shifts = calendar_kept(Calendar(PATTERNS["always"].shifts, state=None))
        made.hall.save()
    made.work(days=days)
    states.find(made.machine, now[0])
    results.refresh(made.machine, now[0])
    return made


def page(client: Client, made: Filled, name: str, lang: str = "") -> str:
    answer = client.get(f"{lang}/maschinen/{made.hall.pk}/{name.format(m=made.machine.pk)}")
    assert answer.status_code == 200
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def pdf(client: Client, made: Filled, lang: str = "") -> str:
    from pypdf import PdfReader

    content = client.get(f"{lang}/maschinen/{made.hall.pk}/bericht.pdf").content
    whole = "".join(one.extract_text() for one in PdfReader(io.BytesIO(content)).pages)
    return re.sub(r"[\s\u00ad-]+", "", whole)


def test_the_longest_free_time_of_a_week_goes_over_its_end() -> None:
    minutes = {name: longest_free(Calendar(one.shifts)) for name, one in PATTERNS.items()}
    assert minutes == {"one": 63 * 60, "two": 56 * 60, "three": 48 * 60, "always": 0}
    assert longest_free(Calendar(())) == 0


def test_switching_off_is_advised_only_with_a_free_day_each_week_and_a_week_of_values() -> None:
    free, none = calendar_read(SHIFTS), calendar_read({})
    daily = Calendar((replace(PATTERNS["one"].shifts[0], weekdays=tuple(range(7))),))
    assert switch_off(free, WEEK) is not None
    assert switch_off(free, WEEK - 1) is None
    assert switch_off(none, WEEK) is switch_off(daily, WEEK) is None


@pytest.mark.django_db
def test_report_pdf_and_energy_page_advise_it_after_a_week_with_free_days(client: Client, now: list[int]) -> None:
    made = saw(now)
    assert ADVICE in page(client, made, "bericht/") and ADVICE in page(client, made, "m/{m}/energie/")
    assert ADVICE.replace(" ", "") in pdf(client, made)


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "always"), [(3, False), (8, True)])
def test_nobody_is_told_to_switch_off_without_a_free_day_or_a_week_of_values(
    client: Client, now: list[int], days: int, always: bool
) -> None:
    made = saw(now, days, always)
    assert "ungeplant standen" in page(client, made, "bericht/")
    for said in (page(client, made, "bericht/"), page(client, made, "m/{m}/energie/")):
        assert ADVICE not in said
    assert "Was Sie als Nächstes tun" not in page(client, made, "m/{m}/energie/")
    assert ADVICE.replace(" ", "") not in pdf(client, made)


@pytest.mark.django_db
def test_the_share_counted_is_called_unplanned_standing_as_on_the_energy_page(client: Client, now: list[int]) -> None:
    made = saw(now, 3)
    words = "bereit, aus, gestört oder ohne Auftrag"
    assert re.search(
        rf"Davon \d+ %, während die Maschinen ungeplant standen: {words}\.", page(client, made, "bericht/")
    )
    assert words in page(client, made, "m/{m}/energie/")
    assert "davon ungeplant im Stillstand" in page(client, made, "energie/")


@pytest.mark.django_db
@pytest.mark.parametrize(("lang", "words"), [("", "Simulierte Werte: Säge"), ("/en", "Simulated values: Säge")])
def test_simulated_values_are_called_so_on_page_and_pdf(client: Client, now: list[int], lang: str, words: str) -> None:
    made = saw(now, 3)
    assert words not in page(client, made, "bericht/", lang)
    assert words.replace(" ", "") not in pdf(client, made, lang)
    Simulation.objects.create(machine=made.machine, kind="saw", until=datetime(2026, 12, 1, tzinfo=UTC), stopped=True)
    assert words in page(client, made, "bericht/", lang)
    assert words.replace(" ", "") in pdf(client, made, lang)


@pytest.mark.django_db
def test_a_day_that_has_only_begun_is_called_neither_best_nor_worst(now: list[int]) -> None:
    found = report.report(saw(now).hall, None, now[0], "de")
    assert all(one.full for one in found.days) and len(found.days) > 4
    begun = replace(found.days[-1], availability=0.03, full=False)
    told = _trend(replace(found, days=(*found.days[:-1], begun)), "de")
    assert " 3 %" not in told
    assert "am schlechtesten" not in told or "mit 3 %" not in told
    assert "mit 3 %" in _trend(replace(found, days=(*found.days[:-1], replace(begun, full=True))), "de")


@pytest.mark.django_db
def test_a_day_of_less_than_half_the_longest_counts_as_only_begun(
    now: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from nordlotse.iot.queries import oee

    made, by_day = saw(now), oee.by_day

    def shortened(*given: Any) -> list[Any]:
        days = [one for one in by_day(*given) if one[1] is not None]
        day, found, revised = days[-1]
        assert found is not None
        less = {name: seconds / 3 for name, seconds in found.elements.items()}
        return [*days[:-1], (day, replace(found, elements=less), revised)]

    monkeypatch.setattr(oee, "by_day", shortened)
    assert [one.full for one in report.report(made.hall, None, now[0], "de").days[-2:]] == [True, False]


@pytest.mark.django_db
def test_nothing_is_said_to_be_missing_where_nothing_is(now: list[int]) -> None:
    found = report.report(saw(now).hall, None, now[0], "de")
    row = replace(found.rows[0], use=replace(found.rows[0].use, unknown=0))
    told = _quality(replace(found, rows=(row,)), "de", "heute")[0]
    assert told == "Für die ganze Schichtzeit aller Maschinen heute liegen Messwerte vor."
