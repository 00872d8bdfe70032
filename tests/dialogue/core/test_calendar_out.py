"""Calendars we send: the zone is right at every hour, changes and cancellations are understood, texts stay texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dateutil.rrule import rrulestr
from icalendar import Calendar

from nordlotse.dialogue.core.calendar_out import calendar
from nordlotse.dialogue.core.values import ZONE, Facts

FACTS = Facts(
    uid="event-abc",
    title="Sensoren; billig, gut",
    text="Zeile eins\nZeile zwei\nBEGIN:VEVENT",
    begin=datetime(2026, 12, 1, 9, tzinfo=UTC),
    end=datetime(2026, 12, 1, 11, tzinfo=UTC),
    place="Hafen, Hamburg",
    address="https://lotse.example/termine/sensoren/",
    organiser="TUHH",
    changed_at=datetime(2026, 11, 1, tzinfo=UTC),
    sequence=3,
)


def _read(raw: bytes) -> Calendar:
    return Calendar.from_ical(raw)


def test_our_zone_has_the_offset_of_the_tz_database_at_every_hour_of_twelve_years() -> None:
    zone = _read(calendar([FACTS], host="lotse.example")).walk("VTIMEZONE")[0]
    changes: list[tuple[datetime, timedelta]] = []
    for part in zone.subcomponents:
        start = part["DTSTART"].dt
        for onset in rrulestr(part["RRULE"].to_ical().decode(), dtstart=start).between(
            *(datetime(year, 1, 1) for year in (2025, 2037))  # noqa: DTZ001 - clock times, as RFC 5545 has them
        ):
            at = (onset - part["TZOFFSETFROM"].td).replace(tzinfo=UTC)
            changes.append((at, part["TZOFFSETTO"].td))
    changes.sort()
    assert len(changes) == 24
    for at, offset in changes:
        for hours in (-1, 0, 1, 24 * 60):
            moment = at + timedelta(hours=hours)
            told = [o for when, o in changes if when <= moment]
            expected = moment.astimezone(ZONE).utcoffset()
            assert (told[-1] if told else timedelta(hours=1)) == expected
        assert at.astimezone(ZONE).utcoffset() == offset


def test_times_carry_the_zone_and_mean_the_same_moment() -> None:
    raw = calendar([FACTS], host="lotse.example")
    assert b"DTSTART;TZID=Europe/Berlin:20261201T100000" in raw
    event = _read(raw).walk("VEVENT")[0]
    assert event["DTSTART"].dt == FACTS.begin


def test_a_change_keeps_the_identifier_and_raises_the_sequence() -> None:
    old, new = (
        _read(calendar([f], host="h")).walk("VEVENT")[0] for f in (FACTS, replace(FACTS, sequence=4, title="Neu"))
    )
    assert old["UID"] == new["UID"] == "event-abc@h"
    assert new["SEQUENCE"] > old["SEQUENCE"]


def test_a_cancelled_event_says_so_and_rings_no_more() -> None:
    event = _read(calendar([replace(FACTS, cancelled=True)], host="h", alarm_minutes=60)).walk("VEVENT")[0]
    assert event["STATUS"] == "CANCELLED"
    assert not event.subcomponents


def test_an_alarm_rings_the_asked_minutes_before_and_none_without_asking() -> None:
    assert b"TRIGGER:-PT1H30M" in calendar([FACTS], host="h", alarm_minutes=90)
    assert b"VALARM" not in calendar([FACTS], host="h")


def test_a_text_never_becomes_a_line_of_its_own() -> None:
    raw = calendar([replace(FACTS, title="a\r\nBEGIN:VEVENT\r\nSUMMARY:b")], host="h")
    assert len(_read(raw).walk("VEVENT")) == 1
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))


def test_the_same_events_give_the_same_bytes() -> None:
    assert calendar([FACTS], host="h", name="Termine") == calendar([FACTS], host="h", name="Termine")
