"""Events of other systems: twice, out of order, down for a day, cancelled too late, with a wrong zone or a refused token."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from nordlotse.dialogue import announcements, keys
from nordlotse.dialogue.actions import entrance, imports
from nordlotse.dialogue.core import indico, pretix
from nordlotse.dialogue.core.imported import address, plain
from nordlotse.dialogue.models import Event, ImportSource, Registration
from nordlotse.foundation.problem import BadInput, NotAllowed, NotFound
from tests.dialogue.core.test_calendar_in import ics
from tests.dialogue.made import begun, coordinator, mails, registered
from tests.dialogue.remote_made import Remote, indico_event, page, pretix_date, pretix_event, running
from tests.dialogue.remote_made import indico as indico_answer

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BASE = "/api/v1/organizers/nord/"


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Remote]:
    """A remote system that an administrator has listed; tokens lie in a folder of this test."""
    with running() as made:
        changed = replace(settings.CONFIGURATION, outgoing=(f"127.0.0.1:{made.port}",), data_dir=tmp_path)
        monkeypatch.setattr(settings, "CONFIGURATION", changed)
        yield made


def source(remote: Remote, kind: str = "pretix", path: str = BASE, **values: Any) -> ImportSource:
    given = {
        "kind": kind,
        "url": remote.url + path,
        "name": "Partner",
        "organiser": "FH Kiel",
        "state": "SH",
        "topic": "iot",
    }
    return imports.keep_source(coordinator(), {**given, "publish": True, **values})


def test_pretix_events_and_dates_of_series_come_in_page_by_page_and_only_the_fields_we_need(remote: Remote) -> None:
    remote.answers = {
        BASE + "events/": page(pretix_event("sensoren"), pretix_event("test", testmode=True), pretix_event("geheim", is_public=False)),
        BASE + "events2/": page(pretix_event("sprechtag", has_subevents=True)),
        BASE + "events/sprechtag/subevents/": page(pretix_date(7), pretix_date(8)),
    }  # fmt: skip
    remote.answers[BASE + "events/"]["next"] = remote.url + BASE + "events2/"
    made = source(remote, token="geheim-123")
    report = imports.read_source(made.pk, NOW)
    assert report is not None and (report.made, report.left_out) == (3, ())
    found = {e.source_key: e for e in Event.objects.all()}
    assert set(found) == {"sensoren", "sprechtag/7", "sprechtag/8"}
    sensors = found["sensoren"]
    assert (sensors.title_en, sensors.place, sensors.organiser) == (
        "Event sensoren",
        "Hafenstraße 1 Hamburg",
        "FH Kiel",
    )
    assert sensors.begin == datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert sensors.booking_url == f"{remote.url}/nord/sensoren/"
    assert sensors.status == "published"
    assert found["sprechtag/7"].text_de == "Eine Stunde, **kostenlos**."
    assert set(remote.tokens) == {"Token geheim-123"}


def test_reading_twice_changes_nothing(remote: Remote) -> None:
    remote.answers = {BASE + "events/": page(pretix_event("a"))}
    made = source(remote)
    imports.read_source(made.pk, NOW)
    before = Event.objects.values().get()
    report = imports.read_source(made.pk, NOW + timedelta(hours=1))
    assert report is not None and (report.made, report.changed, report.same) == (0, 0, 1)
    assert Event.objects.values().get() == before


def test_the_second_reading_of_a_series_asks_only_for_what_has_changed_since(remote: Remote) -> None:
    remote.answers = {
        BASE + "events/": page(pretix_event("s", has_subevents=True)),
        BASE + "events/s/subevents/": page(pretix_date(1)),
    }
    made = source(remote)
    imports.read_source(made.pk, NOW)
    assert not any("modified_since" in path for path in remote.asked)
    imports.read_source(made.pk, NOW + timedelta(hours=1))
    assert any("modified_since=2026-11-23T11%3A50" in path for path in remote.asked)


def test_an_older_version_that_arrives_later_is_left_alone(remote: Remote) -> None:
    made = source(remote)

    def take(title: str, hour: int) -> str:
        rows = page(pretix_date(1, name={"de": title}, last_modified=f"2026-11-20T{hour}:00:00+00:00"))
        reading = pretix.dates(_json(rows), "s", "https://x.example/")
        imports.take_over(made, reading, NOW)
        return Event.objects.get().title_de

    assert take("neu", 12) == "neu"
    assert take("alt", 11) == "neu"
    assert take("neuer", 13) == "neuer"


def _json(value: Any) -> bytes:
    import json

    return json.dumps(value).encode()


def test_a_webhook_only_says_that_one_should_ask_twice_or_out_of_order_is_all_one(remote: Remote) -> None:
    remote.answers = {BASE + "events/": page(pretix_event("a"))}
    made = source(remote)
    imports.read_source(made.pk, NOW)
    assert imports.read_due(NOW) == 0
    client = Client()
    for body in ('{"notification_id": 2, "action": "pretix.event.deleted"}', '{"notification_id": 1}', "\x00", ""):
        for _ in range(2):
            answer = client.post(f"/termine/melden/{made.hook}/", body, content_type="application/json")
            assert answer.status_code == 204
    remote.asked.clear()
    assert imports.read_due(timezone.now()) == 1
    assert imports.read_due(timezone.now()) == 0
    assert Event.objects.count() == 1
    assert len(remote.asked) <= 2


def test_a_webhook_nobody_knows_is_refused() -> None:
    assert Client().post("/termine/melden/unbekannt/").status_code == 404
    with pytest.raises(NotFound):
        imports.notice("x")


def test_a_remote_that_is_down_for_a_day_is_asked_less_and_less_and_everything_comes_in_afterwards(
    remote: Remote,
) -> None:
    remote.answers, remote.status = {BASE + "events/": page(pretix_event("a"))}, 503
    made = source(remote)
    now, waits = NOW, []
    while now < NOW + timedelta(days=1):
        assert imports.read_source(made.pk, now) is None
        made.refresh_from_db()
        waits.append(made.due_at - now)
        now = made.due_at
    assert made.health == "down"
    assert waits == sorted(waits) and waits[0] == imports.FIRST_PAUSE and waits[-1] == imports.LONGEST_PAUSE
    assert len(waits) < 15
    remote.status = 200
    report = imports.read_source(made.pk, now)
    made.refresh_from_db()
    assert report is not None and report.made == 1
    assert (made.health, made.failures) == ("good", 0)


def test_a_revoked_token_is_said_plainly_tried_once_a_day_and_mended_by_a_new_one(remote: Remote) -> None:
    remote.answers, remote.status = {BASE + "events/": page(pretix_event("a"))}, 401
    made = source(remote, token="alt")
    assert imports.read_source(made.pk, NOW) is None
    made.refresh_from_db()
    assert (made.health, made.error, made.due_at) == ("refused", "import_token", NOW + timedelta(days=1))
    remote.status = 200
    imports.keep_source(coordinator(), {"kind": "pretix", "url": made.url, "name": "Partner", "token": "neu"}, made.pk)
    assert imports.read_due(timezone.now()) == 1
    assert remote.tokens[-1] == "Token neu"


def test_a_target_that_is_not_listed_is_never_asked(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    made = source(remote)
    monkeypatch.setattr(settings, "CONFIGURATION", replace(settings.CONFIGURATION, outgoing=()))
    assert imports.read_source(made.pk, NOW) is None
    made.refresh_from_db()
    assert (made.health, made.error) == ("refused", "outgoing_not_listed")
    assert remote.asked == []


@pytest.mark.parametrize("following", ["http://127.0.0.1:1/x", "https://evil.example/", "file:///etc/passwd"])
def test_a_next_page_on_another_host_is_not_followed_and_nothing_half_is_taken(remote: Remote, following: str) -> None:
    remote.answers = {BASE + "events/": page(pretix_event("a"), following=following)}
    made = source(remote)
    assert imports.read_source(made.pk, NOW) is None
    made.refresh_from_db()
    assert made.health == "odd"
    assert not Event.objects.exists()


def test_pages_without_an_end_stop(remote: Remote) -> None:
    remote.answers = {BASE + "events/": page(pretix_event("a"), following=remote.url + BASE + "events/")}
    assert imports.read_source(source(remote).pk, NOW) is None
    assert len(remote.asked) <= 60


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b"{}", b'{"results": 5}', b"[" * 100_000])
def test_an_answer_that_is_none_is_odd_and_harms_nothing(remote: Remote, answer: bytes) -> None:
    remote.answers = {BASE + "events/": answer, "/export/categ/5.json": answer, "/feed.ics": answer}
    for kind, path in (("pretix", BASE), ("indico", "/export/categ/5.json")):
        made = source(remote, kind, path)
        assert imports.read_source(made.pk, NOW) is None
        made.refresh_from_db()
        assert made.health == "odd"
    assert not Event.objects.exists()


def test_how_many_came_elsewhere_is_taken_over_and_announced_once(remote: Remote) -> None:
    heard: list[int | None] = []

    def hear(sender: object, event: Event, **more: object) -> None:
        heard.append(event.attended_elsewhere)

    remote.answers = {
        BASE + "events/": page(pretix_event("a", date_from="2026-11-20T10:00:00+01:00", date_to="2026-11-20T12:00:00+01:00")),
        BASE + "events/a/checkinlists/": page({"id": 1, "subevent": None, "checkin_count": 17}, {"id": 2, "subevent": None, "checkin_count": 4}),
    }  # fmt: skip
    made = source(remote)
    announcements.counted.connect(hear)
    try:
        imports.read_source(made.pk, NOW)
        imports.read_source(made.pk, NOW + timedelta(hours=1))
    finally:
        announcements.counted.disconnect(hear)
    assert Event.objects.get().attended_elsewhere == 17
    assert heard == [17]


def test_indico_events_come_in_with_their_zone_and_a_label_that_says_cancelled_is_believed(remote: Remote) -> None:
    path = "/export/categ/5.json"
    remote.answers = {path: indico_answer(indico_event(1), indico_event(2))}
    made = source(remote, "indico", path, token="indp_x")
    imports.read_source(made.pk, NOW)
    found = Event.objects.get(source_key="1")
    assert found.begin == datetime(2026, 12, 2, 13, tzinfo=UTC)
    assert (found.title_de, found.text_de, found.place) == ("Seminar 1", "Mit Übung", "H-0.16, TUHH")
    assert remote.tokens == ["Bearer indp_x"]
    label = {"title": "Fällt aus", "is_event_not_happening": True}
    remote.answers = {path: indico_answer(indico_event(1, label=label), indico_event(2))}
    report = imports.read_source(made.pk, NOW)
    assert report is not None and report.cancelled == 1
    assert Event.objects.get(source_key="1").status == "cancelled"


def test_an_indico_zone_nobody_knows_leaves_that_event_out_and_keeps_the_others(remote: Remote) -> None:
    odd = indico_event(1, startDate={"date": "2026-12-02", "time": "14:00:00", "tz": "../../etc/passwd"})
    reading = indico.events(_json(indico_answer(odd, indico_event(2))))
    assert [e.key for e in reading.events] == ["2"]
    assert len(reading.left_out) == 1


def test_a_remote_cancellation_after_people_were_checked_in_keeps_their_certificates_and_asks_a_person(
    remote: Remote,
) -> None:
    path = "/feed.ics"
    lines = ("SUMMARY:Sensoren", "DTSTART:20261201T090000Z", "DTEND:20261201T110000Z")
    remote.answers = {path: ics(*lines)}
    made = source(remote, "ics", path)
    imports.read_source(made.pk, NOW)
    event = Event.objects.get()
    person = registered(event, 1)
    begun(event)
    entrance.check_in(coordinator(), person.pk)
    remote.answers = {path: ics(*lines, "STATUS:CANCELLED")}
    imports.read_source(made.pk, NOW)
    event.refresh_from_db()
    assert (event.status, event.source_note) == ("published", "cancelled_there")
    assert not mails("cancelled")
    assert Registration.objects.get().checked_in_at is not None


def test_a_remote_cancellation_before_it_informs_everyone_once(remote: Remote) -> None:
    path = "/feed.ics"
    lines = ("SUMMARY:Sensoren", "DTSTART:20261201T090000Z")
    remote.answers = {path: ics(*lines)}
    made = source(remote, "ics", path)
    imports.read_source(made.pk, NOW)
    registered(Event.objects.get(), 1)
    remote.answers = {path: ics(*lines, "STATUS:CANCELLED")}
    for _ in range(3):
        imports.read_source(made.pk, NOW)
    assert len(mails("cancelled")) == 1


def test_a_wrong_zone_keeps_an_event_a_draft_even_where_the_source_may_publish(remote: Remote) -> None:
    remote.answers = {"/feed.ics": ics("SUMMARY:x", "DTSTART;TZID=Mars/Phobos:20261201T100000")}
    imports.read_source(source(remote, "ics", "/feed.ics").pk, NOW)
    event = Event.objects.get()
    assert (event.status, event.source_note) == ("draft", "zone")


def test_without_the_right_to_publish_new_events_wait_as_drafts(remote: Remote) -> None:
    remote.answers = {BASE + "events/": page(pretix_event("a"))}
    imports.read_source(source(remote, publish=False).pk, NOW)
    assert Event.objects.get().status == "draft"


def test_a_calendar_handed_in_twice_brings_each_event_once_as_a_draft(remote: Remote) -> None:
    raw = ics("SUMMARY:x", "DTSTART:20271201T090000Z")
    first = imports.take_file(coordinator(), raw, {"state": "MV"})
    second = imports.take_file(coordinator(), raw, {"state": "MV"})
    assert (first.made, second.made, second.same) == (1, 0, 1)
    assert (Event.objects.get().status, Event.objects.get().state) == ("draft", "MV")


def test_a_token_lies_in_a_file_of_its_own_that_others_cannot_read_and_goes_with_its_source(remote: Remote) -> None:
    made = source(remote, token="geheim-123")
    files = list((settings.CONFIGURATION.data_dir / "secrets").iterdir())
    assert [stat.S_IMODE(f.stat().st_mode) for f in files] == [0o600]
    assert "geheim-123" not in str(ImportSource.objects.values().get())
    imports.keep_source(coordinator(), {"kind": "pretix", "url": made.url, "name": "Neu", "token": ""}, made.pk)
    assert keys.token_of(made.pk) == "geheim-123"
    imports.drop_source(coordinator(), made.pk)
    assert keys.token_of(made.pk) == ""


def test_events_stay_when_their_source_goes(remote: Remote) -> None:
    remote.answers = {BASE + "events/": page(pretix_event("a"))}
    made = source(remote)
    imports.read_source(made.pk, NOW)
    imports.drop_source(coordinator(), made.pk)
    assert Event.objects.get().source is None


@pytest.mark.parametrize(
    "values",
    [
        {"url": "ftp://x/"},
        {"url": "javascript:alert(1)"},
        {"kind": "x"},
        {"token": "a b"},
        {"token": "ä"},
        {"token": "a\r\nX: y"},
    ],
)
def test_a_source_that_makes_no_sense_is_refused(remote: Remote, values: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        source(remote, **values)


def test_only_coordinators_keep_sources_and_hand_in_calendars(remote: Remote, django_user_model: Any) -> None:
    guest = django_user_model.objects.create_user("guest")
    for act in (
        lambda: imports.keep_source(guest, {}),
        lambda: imports.drop_source(guest, 1),
        lambda: imports.take_file(guest, b"", {}),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_addresses_that_run_something_are_no_addresses() -> None:
    for value in (
        "javascript:alert(1)",
        "data:text/html,x",
        "//x.example",
        "http://a b/",
        "http://u:p@x/",
        "http://[",
        None,
        5,
        "http://x/\x00",
    ):
        assert address(value) == ""
    assert address(" https://x.example/?a=1 ") == "https://x.example/?a=1"


def test_html_becomes_words_without_what_a_browser_would_run() -> None:
    assert plain("<h1>A</h1><style>x{}</style><p>B &amp; C<br>D</p><img src=x onerror=alert(1)>") == "A\nB & C\nD"
