"""A month is closed for ever: its figures stay to the byte, what changes later is listed with its reason."""

from __future__ import annotations

import hashlib
import json
import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.urls import reverse

from nordlotse.foundation.problem import BadInput, NotAllowed
from nordlotse.journey.actions import figures as actions
from nordlotse.journey.actions import services
from nordlotse.journey.core.periods import parse
from nordlotse.journey.models import ClosedMonth, LaterChange, Service
from nordlotse.journey.queries import figures, reporting, sheets
from tests.journey.factories import company, person, service, today
from tests.web.conftest import signed_in

pytestmark = pytest.mark.django_db

QUARTER = parse("2026-Q3")


def close_all(*months: str) -> None:
    for month in months or QUARTER.months:
        actions.close_month(person("coordinator"), month)


def a_quarter() -> list[Service]:
    """Seven companies with services in three months; one company in all of them."""
    regular = company("Stamm")
    made = []
    for month in (7, 8, 9):
        made.append(service(date(2026, month, 5), company=regular, kind="visit", topic="iot"))
        made += [service(date(2026, month, 6 + n), company=company(f"F{month}{n}"), topic="iot") for n in range(2)]
    return made


def test_a_closed_month_shows_what_was_counted_when_it_was_closed() -> None:
    a_quarter()
    before = figures.tally(parse("2026-07"))[1]
    close_all("2026-07")
    assert figures.tally(parse("2026-07"))[1] == before


def test_only_confirmed_services_are_frozen() -> None:
    service(date(2026, 7, 5), company=company())
    service(date(2026, 7, 6), company=company(), confirmed=False)
    close_all("2026-07")
    frozen = figures.frozen("2026-07")
    assert frozen is not None
    assert (frozen["total"]["services"], frozen["unconfirmed"]) == (1, 1)


def test_the_checksum_is_that_of_what_is_kept() -> None:
    a_quarter()
    close_all("2026-07")
    kept = ClosedMonth.objects.get()
    assert hashlib.sha256(f"{kept.figures}\n{kept.records}".encode()).hexdigest() == kept.sha256


def test_neither_names_nor_ids_of_companies_are_frozen() -> None:
    firm = company("Klabautermann Werft")
    made = service(date(2026, 7, 5), company=firm, text="Hinnerk fragt")
    close_all("2026-07")
    kept = ClosedMonth.objects.get()
    for word in ("Klabautermann", "Hinnerk", firm.pk, made.source):
        assert word not in kept.figures + kept.records


def test_a_quarter_counts_its_companies_once() -> None:
    a_quarter()
    close_all()
    total = figures.tally(QUARTER)[1].total
    assert (total.companies, total.services) == (7, 9)


def change_a_lot(made: list[Service]) -> None:
    """Everything that can happen after a quarter was closed."""
    who = person("coordinator")
    services.change(who, made[0].pk, {"minutes": 300, "kind": "workshop"}, "Dauer falsch notiert")
    services.change(who, made[1].pk, {"day": date(2026, 10, 2)}, "Falscher Monat")
    services.refuse(who, [made[2].pk], "Doppelt notiert")
    late = service(date(2026, 8, 20), company=company(), confirmed=False)
    services.confirm(who, [late.pk], "Zettel lag in der Schublade")
    service(date(2026, 10, 5), company=company())
    assert made[3].company is not None
    made[3].company.delete()
    actions.set_target(
        who, figure="companies", begin=date(2026, 1, 1), end=date(2026, 12, 31), value=99, source="Bescheid"
    )


def test_a_quarters_report_is_the_same_to_the_byte_whatever_happens_afterwards() -> None:
    made = a_quarter()
    close_all()
    first = figures.quarter_report(QUARTER)
    change_a_lot(made)
    figures.forget()
    assert figures.quarter_report(QUARTER) == first
    actions.close_month(person("coordinator"), "2026-10")
    assert figures.quarter_report(QUARTER) == first


def test_what_the_officer_sees_of_a_quarter_stays_the_same_as_well() -> None:
    made = a_quarter()
    close_all()
    first = sheets.outside(QUARTER, "de")
    change_a_lot(made)
    figures.forget()
    assert sheets.outside(QUARTER, "de") == first


def test_later_changes_are_listed_in_the_next_report_with_their_reason() -> None:
    made = a_quarter()
    close_all("2026-07")
    services.refuse(person("coordinator"), [made[0].pk], "War ein Test am Telefon")
    close_all("2026-08", "2026-09")
    services.refuse(person("coordinator"), [made[1].pk], "Kommt erst im nächsten Bericht")
    changes = json.loads(figures.quarter_report(QUARTER))["changes"]
    assert [(c["month"], c["what"], c["reason"]) for c in changes] == [
        ("2026-07", "removed", "War ein Test am Telefon")
    ]


def test_the_report_after_next_does_not_list_a_change_again() -> None:
    made = a_quarter()
    close_all()
    services.refuse(person("coordinator"), [made[0].pk], "War ein Test am Telefon")
    fourth = parse("2026-10")
    actions.close_month(person("coordinator"), "2026-10")
    assert [c.reason for c in figures.changes_in_report(fourth)] == ["War ein Test am Telefon"]
    services.refuse(person("coordinator"), [made[1].pk], "Noch einer, später")
    assert len(figures.changes_in_report(fourth)) == 1


@pytest.mark.parametrize("reason", ["", "   ", "ja"])
def test_a_change_in_a_closed_month_needs_a_reason(reason: str) -> None:
    made = a_quarter()
    close_all("2026-07")
    late = service(date(2026, 7, 20), company=company(), confirmed=False)
    who = person("coordinator")
    with pytest.raises(BadInput):
        services.confirm(who, [late.pk], reason)
    with pytest.raises(BadInput):
        services.change(who, made[0].pk, {"minutes": 5}, reason)
    with pytest.raises(BadInput):
        services.refuse(who, [made[0].pk], reason)
    assert not LaterChange.objects.exists()
    late.refresh_from_db()
    assert late.confirmed_at is None


def test_moving_a_service_into_a_closed_month_is_listed_there() -> None:
    a_quarter()
    close_all("2026-07")
    made = service(date(2026, 8, 20), company=company())
    services.change(person("coordinator"), made.pk, {"day": date(2026, 7, 30)}, "Falscher Tag notiert")
    change = LaterChange.objects.get()
    assert (change.month_id, change.what, change.before) == ("2026-07", "added", None)


def test_a_service_nobody_confirmed_leaves_a_closed_month_without_a_trace() -> None:
    waiting = service(date(2026, 7, 20), company=company(), confirmed=False)
    a_quarter()
    close_all("2026-07")
    services.refuse(person("coordinator"), [waiting.pk])
    assert not LaterChange.objects.exists()


def test_an_expert_changes_nothing_in_a_closed_month() -> None:
    from nordlotse.network.models import Partner, Person

    partner = Partner.objects.create(slug="labor", name="Labor", state="HH")
    expert = Person.objects.create(partner=partner, user=person("expert"), name="A")
    made = service(date(2026, 7, 5), company=company(), person=expert, confirmed=False)
    close_all("2026-07")
    with pytest.raises(NotAllowed):
        services.confirm(person("expert"), [made.pk], "Vergessen zu bestätigen")


def test_example_services_of_a_closed_month_leave_no_later_change() -> None:
    made = service(date(2026, 7, 5), company=company(is_example=True))
    close_all("2026-07")
    services.refuse(person("coordinator"), [made.pk], "Beispiel entfernt")
    assert not LaterChange.objects.exists()


def test_a_month_is_closed_once_and_never_opened_again() -> None:
    a_quarter()
    close_all("2026-07")
    first = ClosedMonth.objects.get().sha256
    with pytest.raises(BadInput):
        close_all("2026-07")
    assert ClosedMonth.objects.get().sha256 == first
    assert not [name for name in dir(actions) if "open" in name]


def test_a_month_that_has_not_ended_is_not_closed() -> None:
    with pytest.raises(BadInput):
        close_all(f"{today():%Y-%m}")


def test_months_are_closed_in_their_order() -> None:
    a_quarter()
    with pytest.raises(BadInput):
        close_all("2026-08")
    close_all("2026-07", "2026-08")


@pytest.mark.parametrize("key", ["2026-Q3", "2026", "", "2026-13", "gestern", "2026-07-01..2026-07-31"])
def test_only_single_months_are_closed(key: str) -> None:
    with pytest.raises(BadInput):
        close_all(key)


@pytest.mark.parametrize("role", ["expert", "editor", "researcher", "officer"])
def test_nobody_but_a_coordinator_closes_a_month(role: str) -> None:
    with pytest.raises(NotAllowed):
        actions.close_month(person(role), "2026-07")


def test_the_page_shows_what_is_missing_and_closes_the_month() -> None:
    a_quarter()
    service(date(2026, 7, 20), company=company(), confirmed=False)
    client = signed_in("coordinator")
    page = client.get(reverse("de:month"), {"monat": "2026-07"}).content.decode()
    assert "1 Leistung ist nicht bestätigt" in page
    asked = client.post(reverse("de:month"), {"monat": "2026-07"}).content.decode()
    assert "07/2026 abschließen?" in asked and "nicht wieder öffnen" in asked
    assert not ClosedMonth.objects.exists(), "the first tap only asks"
    assert client.post(reverse("de:month"), {"monat": "2026-07", "sure": "yes"}).status_code == 302
    page = client.get(reverse("de:month"), {"monat": "2026-07"}).content.decode()
    assert ClosedMonth.objects.get().sha256 in page


def test_a_target_stands_beside_what_was_reached() -> None:
    a_quarter()
    who = person("coordinator")
    actions.set_target(
        who, figure="companies", begin=date(2026, 7, 1), end=date(2026, 9, 30), value=14, source="Bescheid S. 3"
    )
    close_all()
    for goals in (figures.goals(QUARTER), [t.goal for t in reporting.targets_of(QUARTER)]):
        assert [(g.actual, g.value, g.share) for g in goals] == [(7, 14, 50)]


@pytest.mark.parametrize("wrong", [{"source": ""}, {"value": 0}, {"figure": "names"}, {"end": date(2025, 1, 1)}])
def test_a_target_without_source_value_or_period_is_refused(wrong: dict[str, Any]) -> None:
    good = {
        "figure": "companies",
        "begin": date(2026, 7, 1),
        "end": date(2026, 9, 30),
        "value": 14,
        "source": "Bescheid",
    }
    with pytest.raises(BadInput):
        actions.set_target(person("coordinator"), **good | wrong)


@pytest.mark.django_db(transaction=True)
def test_confirming_while_a_month_is_closed_is_either_counted_or_listed() -> None:
    """Many times over: nothing slips in between counting and closing."""
    who = person("coordinator")
    waiting = [service(date(2026, 7, 5), company=company(), confirmed=False) for _ in range(12)]
    service(date(2026, 7, 4), company=company())

    def confirm() -> None:
        try:
            for one in waiting:
                services.confirm(who, [one.pk], "gleichzeitig bestätigt")
        finally:
            connections.close_all()

    thread = threading.Thread(target=confirm)
    thread.start()
    actions.close_month(who, "2026-07")
    thread.join()
    frozen = figures.frozen("2026-07")
    assert frozen is not None
    assert frozen["total"]["services"] + LaterChange.objects.count() == 13
    assert connection.vendor in ("sqlite", "postgresql")


def test_the_reports_month_lists_count_from_the_day_they_were_closed() -> None:
    a_quarter()
    close_all()
    assert [q.key for q in figures.closed_quarters()] == ["2026-Q3"]
    assert figures.closed_quarters()[0].end == date(2026, 9, 30)
    assert today() - timedelta(days=1) > date(2026, 9, 30)
