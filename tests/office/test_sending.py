"""Sending: each mail once, a broken mail holds up nobody, a broken server blames no mail, words are erased in time."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from nordlotse.office import mail, sending
from nordlotse.office.models import OutgoingMail
from tests.office.mail_server import MailServer
from tests.office.test_mail import write

pytestmark = pytest.mark.django_db


def later(**time: float) -> None:
    """Let time go by: everything happened that much earlier."""
    for row in OutgoingMail.objects.all():
        for name in ("created_at", "due_at", "claimed_at", "sent_at"):
            if getattr(row, name):
                setattr(row, name, getattr(row, name) - timedelta(**time))
        row.save()


def test_a_mail_arrives_as_text_and_html_with_its_own_message_id(server: MailServer) -> None:
    made = write(text="Guten Tag,\n\nZur Seite:\nhttps://lotse.example/x/", reply_to="lotse+abc@localhost")
    assert sending.Sender()() == 1
    (got,) = server.got
    assert got["Message-ID"] == made.message_id
    assert got["To"] == "hinnerk@kahn.example"
    assert got["From"] == "Nordlotse <nordlotse@localhost>"
    assert got["Reply-To"] == "lotse+abc@localhost"
    assert got["Auto-Submitted"] == "auto-generated"
    parts = [p.get_content_type() for p in got.walk()]
    assert parts == ["multipart/alternative", "text/plain", "text/html"]
    assert "https://lotse.example/x/" in got.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert OutgoingMail.objects.get().state == "sent"


def test_attachments_arrive_as_they_were(server: MailServer) -> None:
    write(attachments=[mail.Attachment("Termin Ä.ics", "text/calendar", "BEGIN:VCALENDAR\r\nSUMMARY:Ä\r\n".encode())])
    sending.Sender()()
    (part,) = server.got[0].iter_attachments()
    assert part.get_filename() == "Termin Ä.ics"
    assert part.get_content_type() == "text/calendar"
    assert "SUMMARY:Ä" in part.get_content()


def test_without_a_server_mails_wait() -> None:
    write()
    assert sending.Sender()() == 0
    assert OutgoingMail.objects.get().state == "queued"


def test_what_is_sent_is_not_sent_again(server: MailServer) -> None:
    write()
    sender = sending.Sender()
    assert [sender(), sender()] == [1, 0]


def test_a_refused_address_fails_at_once_and_the_others_arrive(server: MailServer) -> None:
    server.keeping.refused["gone@b.example"] = "550 no such mailbox"
    write("a:1", "gone@b.example")
    write("a:2")
    sending.Sender()()
    assert [g["To"] for g in server.got] == ["hinnerk@kahn.example"]
    failed = OutgoingMail.objects.get(key="a:1")
    assert (failed.state, failed.error) == ("failed", "SMTPRecipientsRefused 550")


def test_a_mail_put_off_is_tried_after_1_5_and_30_minutes_and_at_last_given_up(server: MailServer) -> None:
    server.keeping.refused["full@b.example"] = "452 mailbox full"
    write("a:1", "full@b.example")
    waits = []
    for _ in range(len(sending.WAITS)):
        sending.Sender()()
        row = OutgoingMail.objects.get()
        assert row.state == "queued"
        waits.append(round((row.due_at - timezone.now()).total_seconds() / 60))
        assert sending.Sender()() == 0, "not before its time"
        OutgoingMail.objects.update(due_at=timezone.now())
    assert tuple(waits) == sending.WAITS
    sending.Sender()()
    assert OutgoingMail.objects.get().state == "failed"


def test_a_mail_that_cannot_be_made_holds_up_nobody(server: MailServer) -> None:
    write("a:1")
    OutgoingMail.objects.update(attachments=[{"name": "x", "type": "text/plain", "base64": "abc"}], secret=True)
    write("a:2", "b@b.example")
    sending.Sender()()
    assert [g["To"] for g in server.got] == ["b@b.example"]
    assert OutgoingMail.objects.get(key="a:1").attempts == 1


def test_a_server_that_is_away_blames_no_mail_and_is_left_alone_for_a_minute(server: MailServer, settings: Any) -> None:
    settings.EMAIL_PORT = 1
    write("a:1")
    write("a:2")
    sender = sending.Sender()
    assert sender() == 0
    assert set(OutgoingMail.objects.values_list("attempts", "state", "claimed_at")) == {(0, "queued", None)}
    settings.EMAIL_PORT = server.port
    assert sender() == 0
    sender._pause_until = timezone.now()
    assert sender() == 2


def test_codes_go_first_and_leave_no_words_behind(server: MailServer) -> None:
    write("a:1")
    write("a:2", "b@b.example", secret=True, subject="Ihr Code 123456", text="123456")
    sending.Sender()()
    assert server.got[0]["To"] == "b@b.example"
    row = OutgoingMail.objects.get(key="a:2")
    assert (row.subject, row.text, row.headers, row.state) == ("", "", {}, "sent")


def test_a_code_of_last_week_is_not_sent(server: MailServer) -> None:
    write("a:1", secret=True)
    later(days=8)
    sending.Sender()()
    assert server.got == []
    row = OutgoingMail.objects.get()
    assert (row.state, row.error, row.text) == ("failed", "too_old", "")


def test_a_claim_holds_for_ten_minutes_and_then_another_worker_sends_with_the_same_id(server: MailServer) -> None:
    made = write()
    assert sending.claim() is not None
    later(minutes=9)
    assert sending.Sender()() == 0
    later(minutes=2)
    assert sending.Sender()() == 1
    assert server.got[0]["Message-ID"] == made.message_id


def test_whoever_was_slower_than_the_claim_changes_nothing(server: MailServer) -> None:
    write()
    slow = sending.claim()
    assert slow is not None
    later(minutes=11)
    sending.Sender()()
    sending._failed(slow, OSError())
    assert OutgoingMail.objects.get().state == "sent"


def test_it_stops_between_two_mails(server: MailServer) -> None:
    for n in range(3):
        write(f"a:{n}")
    assert sending.Sender()(stopping=lambda: len(server.got) == 2) == 2


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_send_each_mail_once(server: MailServer) -> None:
    for n in range(30):
        write(f"a:{n}", f"p{n}@b.example")
    begin, failed = threading.Barrier(4), []

    def work() -> None:
        try:
            begin.wait()
            sending.Sender()()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert Counter(g["To"] for g in server.got) == {f"p{n}@b.example": 1 for n in range(30)}


def test_words_and_addresses_are_erased_thirty_days_after_sending_and_the_key_stays_taken(server: MailServer) -> None:
    write("a:1", attachments=[mail.Attachment("a", "text/plain", b"x")], reply_to="r@b.example")
    sending.Sender()()
    later(days=29)
    assert sending.erase() == 0
    later(days=2)
    assert sending.erase() == 1
    row = OutgoingMail.objects.get()
    assert (row.to, row.subject, row.text, row.reply_to, row.attachments) == ("", "", "", "", [])
    assert row.state == "sent"
    assert write("a:1").pk == row.pk
    assert sending.erase() == 0


def test_what_could_never_be_sent_is_erased_in_the_end() -> None:
    write("a:1")
    write("a:2", secret=True)
    later(days=8)
    assert sending.erase() == 1
    assert OutgoingMail.objects.get(key="a:2").text == ""
    assert OutgoingMail.objects.get(key="a:1").text == "Text\n"
    later(days=90)
    sending.erase()
    row = OutgoingMail.objects.get(key="a:1")
    assert (row.state, row.to, row.text) == ("failed", "", "")


def test_no_log_line_of_sending_holds_an_address(server: MailServer, caplog: pytest.LogCaptureFixture) -> None:
    server.keeping.refused["gone@b.example"] = "550 gone@b.example unknown"
    write("a:1", "gone@b.example")
    sending.Sender()()
    assert "event=mail_failed" in caplog.text
    assert not [r for r in caplog.records if r.name.startswith("nordlotse") and "@" in r.getMessage()]
