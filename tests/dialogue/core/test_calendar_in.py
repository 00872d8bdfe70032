"""Calendar files of strangers: read what is right, doubt what is odd, refuse what is too much; never fail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.dialogue import remote
from nordlotse.dialogue.core import calendar_in
from nordlotse.dialogue.core.imported import Reading
from nordlotse.dialogue.core.series import MAX_DATES
from nordlotse.foundation.problem import BadInput, TooLarge

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def ics(*lines: str, zone: str = "") -> bytes:
    """Return a calendar with one event of these lines."""
    rows = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:x",
        zone,
        "BEGIN:VEVENT",
        "UID:u1",
        *lines,
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "\r\n".join(row for row in rows if row).encode()


def read(*lines: str) -> Reading:
    return calendar_in.events(ics(*lines), NOW)


def test_a_plain_event_is_read_with_all_we_take() -> None:
    found = read(
        "SUMMARY:Sensoren",
        "DTSTART:20261201T090000Z",
        "DTEND:20261201T110000Z",
        "LOCATION:Kiel",
        "URL:https://x.example/a",
        "DESCRIPTION:<p>Hallo <b>Kiel</b></p><script>alert(1)</script>",
    ).events[0]
    assert (found.key, found.title_de, found.place) == ("u1", "Sensoren", "Kiel")
    assert found.begin == datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert found.end - found.begin == timedelta(hours=2)
    assert found.booking_url == "https://x.example/a"
    assert found.text_de == "Hallo Kiel"
    assert found.doubt == ""


def test_a_windows_zone_name_is_understood() -> None:
    found = read("SUMMARY:x", "DTSTART;TZID=W. Europe Standard Time:20261201T100000").events[0]
    assert found.begin == datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert found.doubt == ""


@pytest.mark.parametrize("line", ["DTSTART;TZID=Mars/Phobos:20261201T100000", "DTSTART:20261201T100000"])
def test_a_wrong_or_missing_zone_is_read_as_berlin_time_and_doubted(line: str) -> None:
    found = read("SUMMARY:x", line).events[0]
    assert found.begin == datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert found.doubt == "zone"


def test_a_whole_day_lasts_a_day() -> None:
    found = read("SUMMARY:x", "DTSTART;VALUE=DATE:20261201").events[0]
    assert found.end - found.begin == timedelta(days=1)
    assert found.begin == datetime(2026, 11, 30, 23, tzinfo=UTC)


def test_a_series_becomes_dates_without_the_excluded_and_with_the_moved_one() -> None:
    head = ("SUMMARY:x", "DTSTART;TZID=Europe/Berlin:20261110T100000", "RRULE:FREQ=WEEKLY;COUNT=4")
    second = (
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:u1",
        "RECURRENCE-ID;TZID=Europe/Berlin:20261117T100000",
        "SUMMARY:verlegt",
        "DTSTART;TZID=Europe/Berlin:20261118T140000",
    )
    found = read(*head, "EXDATE;TZID=Europe/Berlin:20261124T100000", *second).events
    assert [(e.title_de, e.begin.astimezone(UTC).strftime("%d %H")) for e in sorted(found, key=lambda e: e.begin)] == [
        ("x", "10 09"),
        ("verlegt", "18 13"),
        ("x", "01 09"),
    ]
    assert len({e.key for e in found}) == 3


def test_a_daily_series_without_an_end_stops_at_the_limit() -> None:
    assert len(read("SUMMARY:x", "DTSTART:20261101T090000Z", "RRULE:FREQ=DAILY").events) == MAX_DATES


def test_a_series_by_seconds_is_left_out_with_its_reason_and_the_file_is_not() -> None:
    found = read("SUMMARY:böse", "DTSTART:20261101T090000Z", "RRULE:FREQ=SECONDLY", "END:VEVENT", "BEGIN:VEVENT", "UID:u2", "SUMMARY:gut", "DTSTART:20261201T090000Z")  # fmt: skip
    assert [e.title_de for e in found.events] == ["gut"]
    assert found.left_out[0][0].startswith("böse: ")


@pytest.mark.parametrize(
    "lines",
    [
        ("SUMMARY:x",),
        ("DTSTART:20261201T090000Z",),
        ("SUMMARY:x", "DTSTART:20261201T090000Z", "DTEND:20261101T090000Z"),
        ("SUMMARY:x", "DTSTART:20261201T090000Z", "DTEND:20271201T090000Z"),
        ("SUMMARY:x", "DTSTART:heute"),
        ("SUMMARY:x", "DTSTART:20261301T990000Z"),
    ],
)
def test_an_event_without_title_or_usable_times_is_left_out(lines: tuple[str, ...]) -> None:
    assert read(*lines).events == ()


def test_a_cancelled_event_is_known_as_such() -> None:
    assert read("SUMMARY:x", "DTSTART:20261201T090000Z", "STATUS:CANCELLED").events[0].cancelled


def test_what_is_long_past_is_left_alone() -> None:
    assert read("SUMMARY:x", "DTSTART:20200101T090000Z").events == ()


@pytest.mark.parametrize("raw", [b"", b"hello", b"<html></html>", b"\x00\xff\xfe", b"BEGIN:VCALENDAR"])
def test_what_is_no_calendar_brings_no_event(raw: bytes) -> None:
    try:
        assert calendar_in.events(raw, NOW).events == ()
    except BadInput as problem:
        assert problem.code == "calendar_unreadable"


def test_too_large_and_too_many_are_refused() -> None:
    with pytest.raises(TooLarge):
        calendar_in.events(b"x" * (calendar_in.MAX_BYTES + 1), NOW)
    one = "BEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\n"
    many = "BEGIN:VCALENDAR\r\n" + one * (calendar_in.MAX_EVENTS + 1) + "END:VCALENDAR\r\n"
    with pytest.raises(BadInput) as told:
        calendar_in.events(many.encode(), NOW)
    assert told.value.code == "calendar_many"


@settings(deadline=None)
@given(
    lines=st.lists(
        st.sampled_from(
            [
                "SUMMARY:x",
                "DTSTART:20261201T090000Z",
                "DTSTART;VALUE=DATE:20261201",
                "DTEND:20261201T100000",
                "DURATION:PT2H",
                "DURATION:-P1W",
                "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
                "RRULE:FREQ=DAILY;UNTIL=20261210",
                "EXDATE:20261202T090000Z",
                "RECURRENCE-ID:20261201T090000Z",
                "BEGIN:VALARM",
                "END:VALARM",
                "DTSTAMP:x",
                "X:\x01",
                "UID:",
                "SUMMARY;LANGUAGE=de:y",
                "DTSTART;TZID=:20261201T090000",
                "RRULE:",
                "STATUS:CANCELLED",
                "LAST-MODIFIED:20261201",
            ]
        ),
        max_size=8,
    )
)
def test_no_mixture_of_lines_makes_the_reader_fail_in_an_unknown_way(lines: list[str]) -> None:
    try:
        found = calendar_in.events(ics(*lines), NOW)
    except BadInput:
        return
    assert all(e.begin < e.end and e.title_de and e.begin.tzinfo for e in found.events)


def test_through_the_confined_process_the_same_comes_out() -> None:
    raw = ics(
        "SUMMARY:Sensoren", "DTSTART:20261201T090000Z", "RRULE:FREQ=WEEKLY;COUNT=3", "LAST-MODIFIED:20261001T000000Z"
    )
    assert remote.read_calendar(raw, NOW) == calendar_in.events(raw, NOW)


def test_the_confined_process_hands_on_refusals() -> None:
    with pytest.raises(BadInput):
        remote.read_calendar(b"\x00", NOW)


@pytest.mark.parametrize(
    "value", [None, {}, {"events": [{}], "left_out": []}, {"events": 5}, {"events": [], "left_out": [1]}]
)
def test_a_child_that_says_nonsense_is_not_believed(value: object) -> None:
    with pytest.raises(BadInput):
        calendar_in.unpacked(value)
