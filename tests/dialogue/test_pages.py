"""Pages of events: what visitors see, what a personal link opens, what staff get, and how many queries a list costs."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar

from nordlotse.dialogue.actions import entrance, registrations
from nordlotse.dialogue.models import Event, Question, Registration
from nordlotse.dialogue.queries import registrations as people
from nordlotse.office.models import LogEntry, OutgoingMail
from tests.dialogue.core.test_calendar_in import ics
from tests.dialogue.made import begun, coordinator, event, link_in, mails, registered, wanted
from tests.web.world import signed_in

pytestmark = pytest.mark.django_db


def page(path: str, client: Client | None = None, **data: Any) -> str:
    response = (client or Client()).get(path, data)
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def form_of(text: str) -> dict[str, str]:
    """Return the hidden fields of a page's form."""
    return dict(re.findall(r'name="(form_token)" value="([^"]+)"', text))


def test_the_list_shows_what_is_public_and_to_come_and_filters_it() -> None:
    event(title_de="Sensoren", state="HH", topic="iot", kind="workshop")
    event(title_de="Drucken", state="MV", topic="print3d", kind="talk")
    event(title_de="Überall", state="", topic="iot", kind="talk")
    event(title_de="Geheim", status="draft")
    begun(event(title_de="Gestern"), ended=True)
    everything = page("/termine/")
    assert all(t in everything for t in ("Sensoren", "Drucken", "Überall"))
    assert "Geheim" not in everything and "Gestern" not in everything
    here = page("/termine/", state="MV")
    assert "Drucken" in here and "Überall" in here and "Sensoren" not in here
    assert "Drucken" not in page("/termine/", topic="iot")
    assert "Sensoren" not in page("/termine/", kind="talk")
    assert "Gestern" in page("/termine/", past="1")
    assert "Sensoren" in page("/termine/", state="<script>", topic="x", page="-1")


def test_a_list_of_many_events_costs_at_most_eight_queries() -> None:
    for number in range(45):
        registered(event(slug=f"e{number}", quota=1), number + 1)
    for path, client in (
        ("/termine/", Client()),
        ("/termine/?page=2", Client()),
        ("/desk/termine/", signed_in("coordinator")),
    ):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        assert len(queries) <= 8, [q["sql"][:80] for q in queries]
    with CaptureQueriesContext(connection) as queries:
        Client().get("/termine/kalender.ics")
    assert len(queries) <= 2


def test_the_english_page_is_english() -> None:
    made = event()
    text = page(f"/en/termine/{made.slug}/")
    assert "OPC UA in practice" in text and "7 places" not in text and "Organised" not in text
    assert "Places for everybody" in text


def test_a_draft_and_an_unknown_event_are_not_found() -> None:
    draft = event(status="draft")
    for path in (
        f"/termine/{draft.slug}/",
        "/termine/gibt-es-nicht/",
        f"/termine/{draft.slug}/anmelden/",
        f"/termine/{draft.slug}/termin.ics",
    ):
        assert Client().get(path).status_code == 404


def test_the_video_link_is_on_no_public_page() -> None:
    made = event(place="", video_link="https://video.example/geheim")
    for path in (
        f"/termine/{made.slug}/",
        "/termine/",
        f"/termine/{made.slug}/termin.ics",
        "/termine/kalender.ics",
        "/termine/feed.atom",
        "/termine/liste/",
    ):
        assert "video.example" not in page(path)


def test_registering_without_script_leads_to_a_mail_and_its_link_to_everything_else() -> None:
    made, client = event(quota=1), Client()
    hidden = form_of(page(f"/termine/{made.slug}/anmelden/", client))
    answer = client.post(
        f"/termine/{made.slug}/anmelden/", {"name": "Müller & Söhne", "mail": "m@werft.example", **hidden}
    )
    assert answer["Location"] == f"/termine/{made.slug}/danke/"
    [mail] = mails()
    assert mail.subject == "Sie haben einen Platz: OPC UA in der Praxis"
    assert "Müller & Söhne" in mail.text
    own = page(link_in(mail))
    person = Registration.objects.get()
    assert "Sie haben einen Platz." in own and "<svg" in own
    assert f"{person.code[:5]} {person.code[5:]}" in own


def test_the_answer_is_the_same_for_a_known_address_as_for_a_new_one() -> None:
    made = event()
    registered(made, 1)
    answers = []
    for mail in ("gast1@example.org", "neu@example.org"):
        client = Client()
        hidden = form_of(page(f"/termine/{made.slug}/anmelden/", client))
        answer = client.post(f"/termine/{made.slug}/anmelden/", {"name": "Gast", "mail": mail, **hidden})
        answers.append((answer.status_code, answer["Location"], page(answer["Location"], client)))
    assert answers[0] == answers[1]


def test_a_form_with_mistakes_comes_back_with_what_was_typed_and_says_where() -> None:
    made = event()
    must = Question.objects.create(event=made, text_de="Welche Maschine?", required=True)
    client = Client()
    hidden = form_of(page(f"/termine/{made.slug}/anmelden/", client))
    answer = client.post(f"/termine/{made.slug}/anmelden/", {"name": "Hinnerk", "mail": "keine", **hidden})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Hinnerk" in text and f'name="question_{must.pk}"' in text and 'role="alert"' in text
    assert not Registration.objects.exists()


def test_an_event_that_is_full_offers_the_waiting_list_and_a_closed_one_says_so() -> None:
    made = event(quota=1)
    registered(made, 1)
    assert "Auf die Warteliste" in page(f"/termine/{made.slug}/")
    Event.objects.filter(pk=made.pk).update(register_until=timezone.now() - timedelta(hours=1))
    assert "nicht mehr anmelden" in page(f"/termine/{made.slug}/anmelden/")


def test_every_mailed_link_opens_without_changing_anything() -> None:
    made = event(quota=1)
    for number in (1, 2):
        registered(made, number)
    begun_event = event(slug="begonnen")
    there = registered(begun_event, 3)
    begun(begun_event)
    entrance.check_in(coordinator(), there.pk)
    registrations.register(made.pk, wanted(4, mail="gast1@example.org"))
    before = [list(m.objects.order_by("pk").values()) for m in (Event, Registration, OutgoingMail, LogEntry)]
    for mail in mails():
        for path in re.findall(r"https?://[^/\s]+(/\S*)", mail.text):
            for method in ("get", "head"):
                assert getattr(Client(), method)(path).status_code == 200
            for more in ("absagen/", "rueckmeldung/"):
                assert Client().get(path + more).status_code in (404, 405)
    for person in Registration.objects.all():
        assert Client().get(f"/termine/einlass/{person.code}/").status_code == 200
    assert before == [list(m.objects.order_by("pk").values()) for m in (Event, Registration, OutgoingMail, LogEntry)]


def test_cancelling_by_the_link_frees_the_place() -> None:
    made = event(quota=1)
    first, second = registered(made, 1), registered(made, 2)
    answer = Client().post(f"/termine/anmeldung/{people.token_of(first)}/absagen/")
    assert answer.status_code == 302
    assert "Sie haben abgesagt" in page(answer["Location"])
    second.refresh_from_db()
    assert second.status == "confirmed"


def test_a_certificate_is_only_for_those_who_were_checked_in_and_goes_with_the_check_in() -> None:
    made = event()
    person = registered(made, 1)
    path = f"/termine/anmeldung/{people.token_of(person)}/bestaetigung.pdf"
    assert Client().get(path).status_code == 404
    begun(made)
    assert Client().get(path).status_code == 404
    entrance.check_in(coordinator(), person.pk)
    answer = Client().get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF")
    entrance.check_out(coordinator(), person.pk)
    assert Client().get(path).status_code == 404


def test_feedback_is_asked_of_those_who_came_and_kept_once() -> None:
    made = event()
    person = registered(made, 1)
    link = f"/termine/anmeldung/{people.token_of(person)}/"
    assert Client().post(link + "rueckmeldung/", {"rating": "5"}).status_code == 422
    begun(made)
    entrance.check_in(coordinator(), person.pk)
    assert Client().post(link + "rueckmeldung/", {"rating": "6"}).status_code == 422
    for rating in ("4", "1"):
        assert Client().post(link + "rueckmeldung/", {"rating": rating, "useful": "Viel"}).status_code == 302
    assert made.feedback.get().rating == 4
    assert "Danke für Ihre Rückmeldung" in page(link)


def test_the_own_calendar_file_has_place_alarm_and_link() -> None:
    made = event(alarm_minutes=90)
    person = registered(made, 1)
    raw = Client().get(f"/termine/anmeldung/{people.token_of(person)}/termin.ics").content
    found = Calendar.from_ical(raw).walk("VEVENT")[0]
    assert str(found["LOCATION"]) == "Hafenstraße 1, Hamburg"
    assert b"TRIGGER:-PT1H30M" in raw
    assert people.token_of(person) in str(found["URL"])


def test_feeds_are_per_state_and_topic_hold_cancelled_events_and_ring_only_when_asked() -> None:
    event(title_de="Sensoren", topic="iot")
    event(title_de="Drucken", topic="print3d", status="cancelled")
    raw = Client().get("/termine/kalender.ics?topic=print3d").content
    found = Calendar.from_ical(raw).walk("VEVENT")
    assert [(str(e["SUMMARY"]), str(e["STATUS"])) for e in found] == [("Drucken", "CANCELLED")]
    assert b"VALARM" not in Client().get("/termine/kalender.ics").content
    assert b"TRIGGER:-PT30M" in Client().get("/termine/kalender.ics?alarm=30").content
    atom = Client().get("/termine/feed.atom?state=HH&topic=iot")
    assert atom["Content-Type"].startswith("application/atom+xml")
    assert b"Sensoren" in atom.content and b"Drucken" not in atom.content


def test_only_the_list_for_other_sites_may_stand_in_a_frame_and_it_sets_no_cookie() -> None:
    event()
    framed, normal = Client().get("/termine/liste/"), Client().get("/termine/")
    assert "frame-ancestors *" in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed
    assert not framed.cookies and b"<form" not in framed.content
    assert "frame-ancestors 'none'" in normal["Content-Security-Policy"]
    assert normal["X-Frame-Options"] == "DENY"


def test_imported_text_is_shown_as_text() -> None:
    made = event(
        title_de="<script>alert(1)</script>",
        text_de="<img src=x onerror=alert(1)>",
        place='"><b>',
        booking_url="https://x.example/",
    )
    for path in ("/termine/", f"/termine/{made.slug}/", "/termine/liste/", "/termine/feed.atom"):
        text = page(path)
        assert "<script>alert" not in text and "<img src=x" not in text and '"><b>' not in text


def test_a_coordinator_makes_publishes_repeats_and_cancels_an_event_with_forms_alone() -> None:
    client = signed_in("coordinator")
    begin = (timezone.localtime() + timedelta(days=20)).replace(hour=10, minute=0)
    typed = {
        "title_de": "Sensoren", "kind": "workshop", "begin": begin.strftime("%Y-%m-%dT%H:%M"),
        "end": (begin + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M"), "place": "Kiel", "quota": "2", "language": "de", "audience": "all",
        "alarm_minutes": "60", "questions": "* Welche Maschine? // Which machine?\nEssen | Fisch | Kohl\nFotos? | ?",
    }  # fmt: skip
    answer = client.post("/desk/termine/neu/", typed)
    made = Event.objects.get()
    assert answer["Location"] == f"/desk/termine/{made.pk}/"
    assert [(q.text_de, q.text_en, q.kind, q.options, q.required) for q in made.questions.all()] == [
        ("Welche Maschine?", "Which machine?", "line", [], True),
        ("Essen", "", "choice", ["Fisch", "Kohl"], False),
        ("Fotos?", "", "yes_no", [], False),
    ]
    assert "* Welche Maschine? // Which machine?" in page(f"/desk/termine/{made.pk}/bearbeiten/", client)
    act = f"/desk/termine/{made.pk}/tun/"
    client.post(act, {"publish": "1"})
    client.post(act, {"repeat": "1", "every": "FREQ=WEEKLY", "count": "3"})
    assert Event.objects.filter(status="published").count() == 3
    client.post(act, {"cancel": "1", "reason": "Sturm"})
    made.refresh_from_db()
    assert (made.status, made.cancel_reason) == ("cancelled", "Sturm")
    assert client.post(act, {"repeat": "1", "every": "FREQ=SECONDLY", "count": "3"}).status_code == 422
    assert client.post(f"/desk/termine/{made.pk}/bearbeiten/", typed).status_code == 422


def test_the_table_of_participants_opens_in_a_spreadsheet_and_runs_no_formula() -> None:
    made = event()
    ask = Question.objects.create(event=made, text_de="Maschine?")
    registered(made, 1, name="=HYPERLINK(1)", company_name="@Werft", answers={str(ask.pk): "+49 Fräse"})
    answer = signed_in("coordinator").get(f"/desk/termine/{made.pk}/teilnehmende.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:3] == ["Name", "E-Mail", "Betrieb"]
    assert (rows[1][0], rows[1][2], rows[1][-1]) == ("'=HYPERLINK(1)", "'@Werft", "'+49 Fräse")


def test_the_entrance_works_with_forms_alone() -> None:
    made = event()
    person = registered(made, 1)
    begun(made)
    client = signed_in("coordinator")
    path = f"/desk/termine/{made.pk}/einlass/"
    assert "0</strong> von 1" in page(path, client)
    client.post(f"{path}{person.pk}/")
    assert "1</strong> von 1" in page(path, client)
    client.post(f"{path}{person.pk}/", {"undo": "1"})
    assert "0</strong> von 1" in page(path, client)
    scanned = client.get(f"/termine/einlass/{person.code}/")
    assert scanned["Location"] == f"{path}?code={person.code}"
    assert "scanned" in page(scanned["Location"], client)
    assert client.get("/termine/einlass/AAAAAAAAAA/").status_code == 404


def test_the_phone_s_notes_are_taken_as_json_and_nonsense_is_refused() -> None:
    made = event()
    person = registered(made, 1)
    begun(made)
    client = signed_in("coordinator")
    path = f"/desk/termine/{made.pk}/einlass/abgleich/"
    note = {"id": person.pk, "inside": True, "at": int(timezone.now().timestamp() * 1000)}
    for _ in range(2):
        answer = client.post(path, {"items": [note]}, content_type="application/json")
        assert answer.json() == {"inside": {str(person.pk): True}}
    assert LogEntry.objects.filter(verb="checked_in").count() == 1
    for body in (
        "",
        "[]",
        "{}",
        '{"items": 5}',
        '{"items": [{"id": "1"}]}',
        '{"items": [{"id": 1, "inside": true, "at": 1e400}]}',
        "[" * 100_000,
        '{"items": [{"id": true, "inside": true, "at": 5}]}',
        '{"items": [{"id": 1, "inside": true, "at": 99999999999999999}]}',
    ):
        assert client.post(path, body, content_type="application/json").status_code == 422


def test_a_calendar_file_is_handed_in_on_the_page_and_what_was_left_out_is_told() -> None:
    client = signed_in("coordinator")
    raw = ics("SUMMARY:Gut", "DTSTART:20271201T090000Z", "END:VEVENT", "BEGIN:VEVENT", "UID:u2", "SUMMARY:Schlecht")
    file = io.BytesIO(raw)
    file.name = "a.ics"
    answer = client.post("/desk/termine/quellen/", {"file": file})
    text = answer.content.decode()
    assert "Neu: 1" in text and "Schlecht" in text
    broken = io.BytesIO(b"\x00\x01")
    broken.name = "b.ics"
    assert client.post("/desk/termine/quellen/", {"file": broken}).status_code == 422


def test_the_service_worker_may_reach_the_whole_site_and_is_never_kept() -> None:
    answer = Client().get("/termine/einlass/arbeiter.js")
    assert answer["Service-Worker-Allowed"] == "/"
    assert answer["Cache-Control"] == "no-cache"
    assert answer["Content-Type"].startswith("text/javascript")
