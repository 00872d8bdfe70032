"""A week is run from the desk: every kind of work has its line, with number, age and the way to do it."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from html import unescape
from itertools import product
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from nordlotse.dialogue.models import Event
from nordlotse.journey.models import Assignment, Case, Inquiry
from nordlotse.journey.queries import desk
from nordlotse.network.models import Partner, Person
from nordlotse.office.models import OutgoingMail
from tests.journey.factories import company, service, today
from tests.web.conftest import signed_in

pytestmark = pytest.mark.django_db

_numbers = iter(range(1, 10**6))


def case(days: int = 0, **values: Any) -> Case:
    then = timezone.now() - timedelta(days=days)
    return Case.objects.create(number=next(_numbers), title="Sensor", opened_at=then, touched_at=then, **values)


def lines() -> dict[str, desk.Line]:
    return {line.key: line for line in desk.week(mails=True).lines}


def test_every_line_of_work_has_its_number_and_the_age_of_the_oldest() -> None:
    case(4)
    case(20, status="in_work")
    case(2, status="proposed", attention="nobody")
    service(today() - timedelta(days=3), company=company(), confirmed=False)
    OutgoingMail.objects.create(key="x", message_id="y", to="a@example.org", subject="s", text="t", state="failed")
    found = lines()
    assert (found["unassigned"].count, found["unassigned"].days) == (1, 4)
    assert (found["stale"].count, found["stale"].days) == (1, 20)
    assert found["attention"].count == found["proposed"].count == found["working"].count == 1
    assert (found["services"].count, found["services"].days) == (1, 3)
    assert found["mails"].count == 1


def test_a_promise_that_runs_out_today_is_a_line_of_its_own() -> None:
    case(2, promised_on=today())
    case(2, promised_on=today() + timedelta(days=1))
    case(2, promised_on=today(), first_reply_at=timezone.now())
    assert lines()["late"].count == 1


def test_a_closed_case_is_no_work() -> None:
    case(30, status="closed", open=False)
    assert sum(line.count for line in desk.week().lines) == 0


def test_the_desk_says_how_often_the_promise_was_kept() -> None:
    for days, kept in ((6, True), (6, True), (6, False)):
        opened = timezone.now() - timedelta(days=days)
        case(
            days,
            promised_on=timezone.localdate(opened) + timedelta(days=2),
            first_reply_at=opened + timedelta(days=1 if kept else 5),
            status="in_work",
        )
    week = desk.week()
    assert (week.promise, week.promised) == (67, 3)


def test_a_reply_on_the_promised_day_is_in_time_until_midnight_here_and_none_is_late() -> None:
    opened = timezone.now() - timedelta(days=9)
    promised = timezone.localdate(opened) + timedelta(days=2)
    midnight = timezone.make_aware(datetime.combine(promised + timedelta(days=1), time()))
    for reply in (midnight - timedelta(minutes=1), midnight + timedelta(minutes=1), None):
        case(9, promised_on=promised, first_reply_at=reply)
    week = desk.week()
    assert (week.promise, week.promised) == (33, 3)


def test_whoever_holds_more_cases_than_places_is_named() -> None:
    partner = Partner.objects.create(slug="labor", name="Labor", state="HH")
    busy = Person.objects.create(partner=partner, name="Viel", capacity=1)
    Person.objects.create(partner=partner, name="Wenig", capacity=1)
    for _ in range(2):
        Assignment.objects.create(case=case(), person=busy, status="accepted")
    assert [(p.name, p.held, p.capacity) for p in desk.week().overload] == [("Viel", 2, 1)]


def test_the_next_events_show_their_free_places() -> None:
    begin = timezone.now() + timedelta(days=3)
    Event.objects.create(
        slug="e", title_de="Tag", begin=begin, end=begin + timedelta(hours=1), quota=12, status="published"
    )
    (event,) = desk.week().events
    assert (event.taken, event.free) == (0, 12)


def test_a_month_that_ended_with_services_is_offered_to_be_closed() -> None:
    assert desk.week().month == ""
    last = today().replace(day=1) - timedelta(days=1)
    service(last, company=company())
    assert desk.week().month == f"{last:%Y-%m}"


def test_every_line_leads_to_a_page_that_is_there() -> None:
    for values in (
        {"status": "new"},
        {"status": "proposed", "attention": "nobody"},
        {"status": "in_work"},
        {"status": "waiting"},
        {"status": "accepted", "promised_on": today()},
    ):
        case(15, **values)
    service(today(), company=company(), confirmed=False)
    Inquiry.objects.create(
        id="a" * 16, question="Wer?", lang="de", channel="web", kind="answer", topic="iot", confidence="none", answer={}
    )
    Inquiry.objects.create(
        id="b" * 16,
        question="Wie?",
        lang="de",
        channel="web",
        kind="answer",
        topic="iot",
        confidence="high",
        answer={},
        helpful=False,
    )
    OutgoingMail.objects.create(key="x", message_id="y", to="a@example.org", subject="s", text="t", state="failed")
    assert all(line.count for line in desk.week(mails=True).lines)
    client = signed_in("administrator")
    for prefix in ("de", "en"):
        page = client.get(reverse(f"{prefix}:desk")).content.decode()
        part = page.split('id="woche"')[1].split("</section>")[0]
        places = re.findall(r'href="([^"]+)"', part)
        assert len(places) == len(desk.week(mails=True).lines) + 1
        for place in places:
            assert client.get(place).status_code == 200, place


def seed_every_kind() -> None:
    """Cases of every state, age, promise and attention, open and closed: 144 of them."""
    for status in ("new", "proposed", "in_work", "waiting", "not_now", "closed"):
        for days, due, replied in product((1, 9, 11, 40), (-5, 0, 5), (True, False)):
            case(
                days,
                status=status,
                open=status != "closed",
                promised_on=today() + timedelta(days=due),
                first_reply_at=timezone.now() if replied else None,
                attention="nobody" if (days + due) % 3 == 0 else "",
            )


def test_every_number_of_the_week_is_the_number_of_cases_behind_its_link() -> None:
    seed_every_kind()
    client, seen = signed_in("coordinator"), 0
    for line in desk.week().lines:
        if line.page != "desk_cases":
            continue
        seen += 1
        place, rows = reverse("de:desk_cases") + line.query, 0
        while place:
            page = client.get(place).content.decode()
            tab = re.search(r'aria-current="page">[^<]*\((\d+)\)', page)
            assert tab and int(tab[1]) == line.count, line.key
            rows += len(set(re.findall(r'href="/desk/faelle/(\w{8,})/"', page)))
            following = re.search(r'href="(\?[^"]*nach=[^"]+)"', page)
            place = reverse("de:desk_cases") + unescape(following[1]) if following else ""
        assert rows == line.count > 0, line.key
    assert seen == 7


def test_a_question_without_an_answer_that_did_not_help_either_is_listed_once() -> None:
    for number, (confidence, helpful) in enumerate((("none", False), ("none", None), ("high", False), ("high", True))):
        Inquiry.objects.create(
            id=f"{number:016}",
            question="Wer?",
            lang="de",
            channel="web",
            kind="answer",
            confidence=confidence,
            answer={},
            helpful=helpful,
        )
    without, unhelped = desk.open_questions()
    assert (len(without), len(unhelped)) == (2, 1)
    assert (lines()["questions"].count, lines()["unhelped"].count) == (2, 1)


def test_an_overdue_promise_says_since_when_and_stands_first() -> None:
    case(30, promised_on=today() - timedelta(days=1))
    case(25, promised_on=today() - timedelta(days=19))
    case(2, promised_on=today())
    page = signed_in("coordinator").get(reverse("de:desk_cases") + "?sicht=late").content.decode()
    told = re.findall(r"Zusage (?:überfällig seit \d+ Tag(?:en)?|heute fällig)", page)
    assert told == ["Zusage überfällig seit 19 Tagen", "Zusage überfällig seit 1 Tag", "Zusage heute fällig"]


def test_a_case_is_found_by_its_number_and_by_its_company_even_when_closed() -> None:
    mine = case(3, status="closed", open=False, company=company("Kahn & Söhne"))
    case(3, company=company("Deich"))
    client = signed_in("coordinator")
    for words in (str(mine.number), "kahn"):
        page = client.get(reverse("de:desk_cases"), {"q": words}).content.decode()
        assert re.findall(r'href="/desk/faelle/(\w{8,})/"', page) == [mine.pk]


def test_the_week_takes_ten_queries_however_much_waits(django_assert_max_num_queries: Any) -> None:
    partner = Partner.objects.create(slug="labor", name="Labor", state="HH")
    for n in range(30):
        person = Person.objects.create(partner=partner, name=f"P{n}", capacity=0)
        Assignment.objects.create(case=case(n), person=person, status="accepted")
        begin = timezone.now() + timedelta(days=3)
        Event.objects.create(
            slug=f"e{n}", title_de="Tag", begin=begin, end=begin + timedelta(hours=1), status="published"
        )
    with django_assert_max_num_queries(10):
        desk.week(mails=True)


def test_an_editor_sees_the_questions_and_not_the_cases() -> None:
    page = signed_in("editor").get(reverse("de:desk")).content.decode()
    assert "Fragen ohne Antwort" in page
    assert 'id="woche"' not in page
