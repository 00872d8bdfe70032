"""The plan in a calendar: whole days, one after the other, on working days, readable by any calendar."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from nordlotse.foundation.working_days import is_working_day
from nordlotse.readiness.core.calendar import Task, calendar, next_monday, reserved
from nordlotse.readiness.core.measures import shipped_measures

MADE = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
MONDAY = date(2026, 11, 30)
TASKS = (
    Task("backup_tested", "Datensicherung einrichten; prüfen, ob sie geht", "Zeile eins\nBEGIN:VEVENT", 2),
    Task("first_sensor", "Ersten Sensor anbringen " + "und auslesen " * 20, "", 4),
    Task("talk", "Gespräch führen", "Kurz.", 0),
)


def _read(lang: str = "de") -> Calendar:
    made = calendar(TASKS, MONDAY, host="lotse.example", made_at=MADE, lang="en" if lang == "en" else "de")
    return Calendar.from_ical(made)


def test_each_step_is_one_all_day_entry_in_the_plans_order() -> None:
    events = _read().walk("VEVENT")
    assert [e["SUMMARY"].split(":")[0] for e in events] == ["Schritt 1 von 3", "Schritt 2 von 3", "Schritt 3 von 3"]
    assert all(type(e["DTSTART"].dt) is date and type(e["DTEND"].dt) is date for e in events)


def test_a_step_takes_a_week_for_two_days_of_work_and_the_next_begins_on_the_working_day_after() -> None:
    first, second, third = _read().walk("VEVENT")
    # two days of work are a week; the end of a whole day is the day after (RFC 5545)
    assert (first["DTSTART"].dt, first["DTEND"].dt) == (MONDAY, date(2026, 12, 5))
    # four days are two weeks
    assert (second["DTSTART"].dt, second["DTEND"].dt) == (date(2026, 12, 7), date(2026, 12, 19))
    assert (third["DTSTART"].dt, third["DTEND"].dt) == (date(2026, 12, 21), date(2026, 12, 22))


def test_the_weeks_in_which_one_watches_whether_it_works_come_on_top() -> None:
    watched, after = reserved([Task("a", "A", "", 2, weeks=4), Task("b", "B", "", 1)], MONDAY)
    assert (watched.first, watched.last) == (MONDAY, date(2027, 1, 5))  # two public holidays in between
    assert after.first > watched.last


def test_every_entry_says_how_much_work_it_holds_and_at_what_pace() -> None:
    for lang, said in (("de", "Eigene Arbeit: 2 Tage, hier mit zwei Tagen in der Woche"), ("en", "Own work: 2 days")):
        assert said in str(_read(lang).walk("VEVENT")[0]["DESCRIPTION"])


def test_the_weeks_of_a_measure_are_those_its_text_speaks_of() -> None:
    spoken = re.compile(r"(vier|acht) Wochen|drei Monaten?")
    for one in shipped_measures():
        found = spoken.search(one.text.de)
        wanted = 0 if found is None else {"vier": 4, "acht": 8}.get(str(found[1]), 13)
        assert one.weeks == wanted, one.id


def test_text_of_a_measure_stays_text_and_lines_are_folded_as_rfc_5545_wants() -> None:
    made = calendar(TASKS, MONDAY, host="lotse.example", made_at=MADE, lang="de")
    assert all(len(line) <= 75 for line in made.split(b"\r\n"))
    assert made.count(b"\r\nBEGIN:VEVENT") == 3
    assert Calendar.from_ical(made).walk("VEVENT")[0]["DESCRIPTION"].startswith("Zeile eins\nBEGIN:VEVENT")


def test_what_rfc_5545_asks_of_every_entry_is_there() -> None:
    for event in _read("en").walk("VEVENT"):
        assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY"} <= set(event)
        assert event["TRANSP"] == "TRANSPARENT"
    assert _read()["VERSION"] == "2.0"


def test_the_same_plan_read_twice_does_not_stand_twice_in_the_calendar() -> None:
    assert [e["UID"] for e in _read("de").walk("VEVENT")] == [e["UID"] for e in _read("en").walk("VEVENT")]


def test_on_a_monday_the_plan_begins_the_monday_after() -> None:
    assert next_monday(date(2026, 11, 23)) == MONDAY
    assert next_monday(date(2026, 11, 29)) == MONDAY


def test_a_holiday_of_the_state_is_left_out() -> None:
    # 31 October is free in Hamburg, 2 October 2026 is a Friday, 3 October a Saturday.
    entry = reserved([Task("a", "A", "", 0.5)], date(2025, 10, 30), "HH")[0]
    assert (entry.first, entry.last) == (date(2025, 10, 30), date(2025, 11, 3))


@given(
    days=st.lists(st.integers(0, 30), max_size=5),
    begin=st.dates(date(2025, 1, 1), date(2035, 12, 1)),
    state=st.sampled_from(["", "HH", "SH", "MV"]),
)
def test_steps_never_overlap_and_touch_only_begin_and_end_on_working_days(
    days: list[int], begin: date, state: str
) -> None:
    found = reserved([Task(str(n), "t", "", d) for n, d in enumerate(days)], begin, state)
    assert all(is_working_day(r.first, state) and is_working_day(r.last, state) and r.first <= r.last for r in found)
    assert all(a.last < b.first for a, b in pairwise(found))
    assert all(r.first >= begin for r in found)
