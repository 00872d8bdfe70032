"""What months were counted to is kept, is never out of date, and can be thrown away."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nordlotse.journey.actions import figures as closing
from nordlotse.journey.actions import services
from nordlotse.journey.actions.tallies import count_ahead
from nordlotse.journey.core.counting import count, report
from nordlotse.journey.core.periods import Period, parse
from nordlotse.journey.core.tally import unpacked
from nordlotse.journey.models import ClosedMonth, CountedMonth, KeptTally, LaterChange, Service
from nordlotse.journey.queries import figures, tallies
from tests.journey.factories import company, contact, person, service

pytestmark = pytest.mark.django_db

QUARTER = parse("2026-Q3")


def a_quarter() -> list[Service]:
    firms = [company(f"F{n}", state=["HH", "SH"][n % 2], sector="25") for n in range(4)]
    made = [service(date(2026, 7 + n % 3, 5 + n), company=firms[n % 4], minutes=10 + n) for n in range(9)]
    made.append(service(date(2026, 8, 3), contact=contact()))
    return made


def recounted(period: Period) -> object:
    return report(count(figures.rows(period.begin, period.end)))


def test_the_worker_counts_each_changed_month_once() -> None:
    made = a_quarter()
    assert count_ahead() == 3
    assert count_ahead() == 0
    services.refuse(person("coordinator"), [made[0].pk])
    assert count_ahead() == 1


def test_what_is_kept_of_a_month_is_what_a_recount_gives() -> None:
    a_quarter()
    count_ahead()
    for month in QUARTER.months:
        assert unpacked(KeptTally.objects.get(pk=month).data) == tallies.count_month(month)


def test_a_process_that_has_counted_nothing_reads_months_by_few_queries_and_no_service() -> None:
    a_quarter()
    count_ahead()
    figures.forget()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        figures.tally(QUARTER)
    assert len(asked) <= 4
    assert not any("journey_service" in q["sql"] for q in asked)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(["confirm", "refuse", "move", "change", "ahead", "forget", "close", "rekey"]), max_size=12)
)
def test_no_figure_is_ever_out_of_date_whatever_happens_in_whatever_order(steps: list[str]) -> None:
    for model in (LaterChange, ClosedMonth, CountedMonth, KeptTally, Service):
        model.objects.all().delete()
    who, made = person("coordinator"), a_quarter()
    for n, step in enumerate(steps):
        open_months = [m for m in QUARTER.months if not ClosedMonth.objects.filter(pk=m).exists()]
        last = Service.objects.filter(day__gte=date(2026, 9, 1), refused_at=None).order_by("pk").last()
        if step == "confirm":
            late = service(date(2026, 9, 1 + n), company=company(f"N{n}"), confirmed=False)
            services.confirm(who, [late.pk])
        elif step == "refuse" and last is not None:
            services.refuse(who, [last.pk])
        elif step == "move" and last is not None:
            services.change(who, last.pk, {"day": date(2026, 9, 20)})
        elif step == "change" and last is not None:
            services.change(who, last.pk, {"minutes": 100 + n})
        elif step == "rekey" and len(open_months) == 3:
            services.rekey(made[0].company_key, made[1].company_key)
        elif step == "ahead":
            count_ahead()
        elif step == "forget":
            figures.forget()
        elif step == "close" and len(open_months) > 1:
            closing.close_month(who, open_months[0])
        assert figures.tally(QUARTER)[1] == recounted(QUARTER), step


def test_a_closed_month_is_kept_by_closing_it_and_read_from_its_frozen_figures_without_that() -> None:
    a_quarter()
    for month in QUARTER.months:
        closing.close_month(person("coordinator"), month)
    assert count_ahead() == 0
    kept, parts = figures.tally(QUARTER), [figures.frozen_parts(m, c.sha256) for m, c in figures.closed_sums().items()]
    seed, told = figures.seed_of(QUARTER), figures.quarter_report(QUARTER)
    KeptTally.objects.all().delete()
    figures.forget()
    assert figures.tally(QUARTER) == kept
    assert [figures.frozen_parts(m, c.sha256) for m, c in figures.closed_sums().items()] == parts
    assert (figures.seed_of(QUARTER), figures.quarter_report(QUARTER)) == (seed, told)
    assert count_ahead() == 3
    figures.forget()
    assert figures.tally(QUARTER) == kept


def test_what_was_kept_under_another_stamp_is_not_used() -> None:
    a_quarter()
    count_ahead()
    KeptTally.objects.filter(pk="2026-07").update(data=KeptTally.objects.get(pk="2026-08").data, key="1:another")
    figures.forget()
    assert figures.tally(QUARTER)[1] == recounted(QUARTER)


@pytest.mark.parametrize(
    "key", ["2026-07-03..2026-09-10", "2026-07-01..2026-08-15", "2026-06-20..2026-08-31", "2026-07-06..2026-07-08",
            "2026-07-20..2026-08-09", "2026-06-30..2026-10-01"],
)  # fmt: skip
def test_a_span_of_days_is_its_months_and_the_days_around_them(key: str) -> None:
    a_quarter()
    count_ahead()
    assert figures.tally(parse(key))[1] == recounted(parse(key))


def test_a_closed_month_inside_a_span_of_days_shows_what_was_frozen() -> None:
    made = a_quarter()
    who = person("coordinator")
    closing.close_month(who, "2026-07")
    before = figures.tally(parse("2026-07-01..2026-08-10"))[1].total.services
    services.refuse(who, [made[0].pk], "Doppelt notiert")
    assert figures.tally(parse("2026-07-01..2026-08-10"))[1].total.services == before


def test_services_written_past_the_actions_are_counted_all_the_same() -> None:
    a_quarter()
    CountedMonth.objects.filter(pk="2026-08").delete()
    assert figures.tally(QUARTER)[1] == recounted(QUARTER)
    assert figures.tally(parse("2026"))[1] == recounted(parse("2026"))
