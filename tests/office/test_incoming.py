"""Mail that comes in: each reply is taken once, by whom it is for, from whom it is; everything else does no harm."""

from __future__ import annotations

import ssl
import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.utils import timezone

from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.foundation.role import Role
from nordlotse.office import actions, incoming, mail, receiving
from nordlotse.office import mailbox as reading
from nordlotse.office.models import HeldMail, IncomingMail, OutgoingMail, ReplyAddress
from nordlotse.office.roles import set_roles
from nordlotse.web.staff import BY_LINK
from tests.office.conftest import Desk
from tests.office.core.test_parsing import nested, report
from tests.office.imap_server import ImapServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(mailbox: ImapServer) -> str:
    """The reply address of an expert about a case."""
    return incoming.make_reply_address("case", "c1", "person:7", "Fachfrau@Labor.example")


def reply(to: str, text: str = "Ich übernehme.", number: int = 1, **heads: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = heads.pop("sender", "Fachfrau <fachfrau@labor.example>")
    made["To"] = to
    made["Subject"] = "Re: Fall"
    made["Message-ID"] = f"<{number}@labor.example>"
    for name, value in heads.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def take(message: EmailMessage) -> str:
    return receiving.take_in(message.as_bytes())


# ---- addresses ----


def test_a_reply_address_is_the_same_each_time_fits_and_reads_back_in_any_case(address: str) -> None:
    assert incoming.make_reply_address("case", "c1", "person:7", "fachfrau@labor.example") == address
    assert len(address.partition("@")[0]) <= 64
    for form in (address, address.upper(), f"Zentrum <{address}>"):
        found = incoming.read_reply_address(form)
        assert found is not None
        assert (found.purpose, found.reference, found.person, found.mail) == (
            "case",
            "c1",
            "person:7",
            "fachfrau@labor.example",
        )


def test_each_person_and_thing_has_an_address_of_its_own(mailbox: ImapServer) -> None:
    made = {
        incoming.make_reply_address(purpose, thing, person, "a@b.example")
        for purpose in ("case", "post")
        for thing in ("1", "2")
        for person in ("person:1", "person:2")
    }
    assert len(made) == 8


@pytest.mark.parametrize(
    "wrong", ["", "lotse@centre.example", "lotse+@centre.example", "lotse+" + "a" * 24 + "@x.example"]
)
def test_an_address_nobody_made_stands_for_nothing(wrong: str, address: str) -> None:
    assert incoming.read_reply_address(wrong) is None


def test_without_a_mailbox_there_is_no_reply_address() -> None:
    assert incoming.make_reply_address("case", "c1", "person:7", "a@b.example") == ""
    assert not ReplyAddress.objects.exists()


def test_withdrawn_addresses_stop_working(address: str, desk: Desk) -> None:
    assert incoming.withdraw_reply_addresses("case", "c1") == 1
    assert take(reply(address)) == "unknown"
    assert desk.got == []


# ---- what becomes of a mail ----


def test_a_reply_reaches_its_handler_with_its_new_words_and_files(address: str, desk: Desk) -> None:
    message = reply(address, "Ich übernehme.\n\nAm 1.1.2026 schrieb Nordlotse:\n> alt\n")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="plan.pdf")
    message.add_attachment(b"MZ\x90", maintype="application", subtype="pdf", filename="plan2.pdf")
    assert take(message) == "taken"
    ((reference, person, text, files, message_id),) = desk.got
    assert (reference, person, message_id) == ("c1", "person:7", "<1@labor.example>")
    assert text == "Ich übernehme.", "what was left out is told to the sender, not to the other side"
    assert "plan2.pdf: " in OutgoingMail.objects.get(to="fachfrau@labor.example").text
    assert [(f.name, f.media_type, f.content) for f in files] == [("plan.pdf", "application/pdf", b"%PDF-1.7")]


def test_the_same_mail_is_taken_once(address: str, desk: Desk) -> None:
    assert [take(reply(address)), take(reply(address))] == ["taken", "duplicate"]
    assert len(desk.got) == 1


def test_a_mail_without_an_id_is_known_again_by_its_bytes(address: str, desk: Desk) -> None:
    message = reply(address)
    del message["Message-ID"]
    assert [take(message), take(message)] == ["taken", "duplicate"]


def test_another_sender_than_the_address_was_made_for_is_kept_aside_and_not_taken(address: str, desk: Desk) -> None:
    assert take(reply(address, sender="fremd@b.example")) == "held"
    assert desk.got == []
    held = HeldMail.objects.get()
    assert (held.reason, held.sender, held.text) == ("sender", "fremd@b.example", "Ich übernehme.")
    assert take(reply(address, sender="fremd@b.example", number=2)) == "held"
    told = OutgoingMail.objects.get(to="fremd@b.example")
    assert "liegt bei der Koordination" in told.text, "said once a day"
    assert "c1" not in told.text
    HeldMail.objects.exclude(pk=held.pk).delete()
    receiving.take_held(held)
    assert desk.got[0][:3] == ("c1", "person:7", "Ich übernehme.")
    assert not HeldMail.objects.exists()


def test_only_a_button_throws_a_held_mail_away(address: str, desk: Desk) -> None:
    administrator = get_user_model().objects.create_user("verwaltung")
    set_roles(administrator, frozenset({Role.COORDINATOR}))
    assert take(reply(address, sender="fremd@b.example")) == "held"
    client = Client()
    client.force_login(administrator, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[BY_LINK] = True
    session.save()
    place = f"/desk/posteingang/{HeldMail.objects.get().pk}/"
    for body in ({}, {"do": ""}, {"do": "what"}):
        client.post(place, body)
        assert HeldMail.objects.count() == 1
    client.post(place, {"do": "discard"})
    assert not HeldMail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_take_a_held_mail_at_once_take_it_once(address: str, desk: Desk) -> None:
    coordinator = get_user_model().objects.create_user("c")
    set_roles(coordinator, frozenset({Role.COORDINATOR}))
    assert take(reply(address, sender="fremd@b.example")) == "held"
    held, start, ends = HeldMail.objects.get().pk, threading.Barrier(4), []

    def run() -> None:
        try:
            start.wait(20)
            actions.decide(coordinator, held, take=True)
            ends.append("taken")
        except NotFound:
            ends.append("gone")
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(ends) == ["gone", "gone", "gone", "taken"]
    assert len(desk.got) == 1


def test_automatic_mails_and_our_own_are_dropped_without_a_word(address: str, desk: Desk) -> None:
    assert take(reply(address, Auto_Submitted="auto-replied")) == "automatic"
    assert take(reply("lotse@centre.example", number=2, Precedence="bulk")) == "automatic"
    assert take(reply(address, number=3, sender="lotse@centre.example")) == "automatic"
    assert take(reply(address, number=4, sender=address)) == "automatic"
    assert desk.got == []
    assert not OutgoingMail.objects.exists()


def test_a_mail_that_could_not_be_delivered_shows_as_failed_in_the_outbox(mailbox: ImapServer) -> None:
    sent, late = (mail.write(f"k:{n}", "gone@b.example", lang="de", subject="s", text="t") for n in range(2))
    OutgoingMail.objects.update(state="sent")
    assert receiving.take_in(report("failed", sent.message_id)) == "automatic"
    assert receiving.take_in(report("delayed", late.message_id).replace(b"report@", b"other@")) == "automatic"
    assert set(OutgoingMail.objects.values_list("key", "state", "error")) == {
        ("k:0", "failed", "bounced"),
        ("k:1", "sent", ""),
    }


def test_a_stranger_gets_one_note_a_day_and_all_strangers_together_not_many(address: str, monkeypatch: Any) -> None:
    for n in range(3):
        assert take(reply("lotse@centre.example", number=n)) == "unknown"
    note = OutgoingMail.objects.get()
    assert (note.to, note.headers["Auto-Submitted"]) == ("fachfrau@labor.example", "auto-generated")
    assert "Fachfrau" not in note.text + note.key
    monkeypatch.setattr(receiving, "NOTES_A_DAY", 3)
    for n in range(9):
        take(reply("lotse@centre.example", number=10 + n, sender=f"p{n}@b.example"))
    assert OutgoingMail.objects.count() == 3


def test_what_the_handler_refuses_is_told_to_the_sender_and_nothing_is_kept(address: str, desk: Desk) -> None:
    desk.error = BadInput("closed", de="Der Fall ist geschlossen.", en="The case is closed.")
    assert [take(reply(address)), take(reply(address))] == ["refused", "duplicate"]
    assert "Der Fall ist geschlossen." in OutgoingMail.objects.get().text
    assert "The case is closed." in OutgoingMail.objects.get().text


def test_an_error_of_ours_loses_no_mail(address: str, desk: Desk) -> None:
    desk.error = RuntimeError("planted")
    assert take(reply(address)) == "failing"
    desk.error = None
    assert [take(reply(address)), take(reply(address))] == ["taken", "duplicate"]
    assert len(desk.got) == 1


def test_a_mail_that_fails_again_and_again_is_kept_aside(address: str, desk: Desk) -> None:
    desk.error = RuntimeError("planted")
    outcomes = [take(reply(address)) for _ in range(receiving.ATTEMPTS + 1)]
    assert outcomes == ["failing"] * (receiving.ATTEMPTS - 1) + ["held", "duplicate"]
    assert HeldMail.objects.get().reason == "failing"


def test_without_a_handler_the_mail_is_kept_aside(mailbox: ImapServer) -> None:
    made = incoming.make_reply_address("nothing", "1", "person:7", "fachfrau@labor.example")
    assert take(reply(made)) == "held"
    with pytest.raises(BadInput, match="held_no_handler"):
        receiving.take_held(HeldMail.objects.get())


def test_a_mail_with_nothing_new_in_it_is_not_handed_on_and_the_sender_hears_so(address: str, desk: Desk) -> None:
    assert take(reply(address, "> nur alt\n")) == "empty"
    assert desk.got == []
    assert "nichts Neues" in OutgoingMail.objects.get(to="fachfrau@labor.example").text


def test_a_mail_of_refused_files_alone_is_told_to_its_sender(address: str, desk: Desk) -> None:
    message = reply(address, "> alt\n")
    message.add_attachment(b"MZ\x90", maintype="application", subtype="pdf", filename="plan2.pdf")
    assert take(message) == "refused"
    assert desk.got == []
    assert "plan2.pdf: " in OutgoingMail.objects.get().text


@pytest.mark.parametrize(
    "subject", ["Automatische Antwort: Ihr Fall", "Abwesenheitsnotiz: Re: Fall", "Out of Office: x"]
)
def test_a_note_that_somebody_is_away_reaches_nobody_even_without_a_header(
    subject: str, address: str, desk: Desk
) -> None:
    message = reply(address)
    message.replace_header("Subject", subject)
    assert take(message) == "automatic"
    assert desk.got == []


def test_a_long_file_name_keeps_its_beginning_and_its_ending(address: str, desk: Desk) -> None:
    message = reply(address)
    name = "Messung " + "x" * 263 + ".csv"
    message.add_attachment(b"1;2", maintype="text", subtype="csv", filename=name)
    assert take(message) == "taken"
    (file,) = desk.got[0][3]
    assert file.name.startswith("Messung x")
    assert file.name.endswith("x.csv")


def test_a_mail_built_to_burst_is_counted_only(address: str) -> None:
    assert receiving.take_in(nested(500)) == "unreadable"
    assert receiving.take_in(nested(500)) == "duplicate"


def test_no_address_and_no_word_stays_of_a_mail_that_was_taken(address: str, desk: Desk) -> None:
    take(reply(address))
    (row,) = IncomingMail.objects.values()
    assert "labor" not in str({k: v for k, v in row.items() if k != "received_at"})


def test_what_is_kept_of_mails_is_erased_in_time(address: str) -> None:
    take(reply(address, sender="fremd@b.example"))
    HeldMail.objects.update(received_at=timezone.now() - timedelta(days=incoming.HELD_DAYS + 1))
    IncomingMail.objects.update(received_at=timezone.now() - timedelta(days=incoming.KNOWN_DAYS - 1))
    assert incoming.erase_expired() == 1
    IncomingMail.objects.update(received_at=timezone.now() - timedelta(days=incoming.KNOWN_DAYS + 1))
    assert incoming.erase_expired() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_mail_read_by_many_workers_at_once_is_taken_once(address: str, desk: Desk) -> None:
    begin, outcomes, failed = threading.Barrier(4), [], []

    def work() -> None:
        try:
            begin.wait()
            outcomes.append(take(reply(address)))
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
    assert Counter(outcomes) == {"taken": 1, "duplicate": 3}
    assert IncomingMail.objects.count() == 1


# ---- the mailbox ----


def test_mails_are_fetched_taken_in_and_deleted(address: str, desk: Desk, mailbox: ImapServer) -> None:
    mailbox.box.put(reply(address, "eins", 1).as_bytes())
    mailbox.box.put(reply(address, "zwei", 2).as_bytes())
    assert reading.collect() == {"taken": 2}
    assert [got[2] for got in desk.got] == ["eins", "zwei"]
    assert mailbox.box.mails == {}
    assert reading.collect() == {}


def test_a_mail_is_never_opened_as_read_and_nothing_else_is_asked_for(
    address: str, desk: Desk, mailbox: ImapServer
) -> None:
    mailbox.box.put(reply(address).as_bytes())
    reading.collect()
    verbs = [c.split(" ")[0] if not c.startswith("UID") else c.split(" ")[1] for c in mailbox.box.commands]
    assert verbs == ["CAPABILITY", "LOGIN", "SELECT", "SEARCH", "FETCH", "FETCH", "STORE", "EXPUNGE", "LOGOUT"]
    assert all("PEEK" in c for c in mailbox.box.commands if "BODY" in c)


def test_a_mail_that_fails_stays_in_the_mailbox(address: str, desk: Desk, mailbox: ImapServer) -> None:
    mailbox.box.put(reply(address).as_bytes())
    desk.error = RuntimeError("planted")
    assert reading.collect() == {"failing": 1}
    assert len(mailbox.box.mails) == 1
    desk.error = None
    assert reading.collect() == {"taken": 1}
    assert mailbox.box.mails == {}


def test_of_a_mail_above_fifteen_megabytes_the_words_are_taken_and_the_sender_hears_of_the_files(
    address: str, desk: Desk, mailbox: ImapServer
) -> None:
    large = reply(address)
    large.add_attachment(
        b"%PDF-1.7" + b"x" * (12 * 1024 * 1024), maintype="application", subtype="pdf", filename="p.pdf"
    )
    mailbox.box.put(large.as_bytes())
    assert reading.collect() == {"taken": 1}
    assert [(got[2], len(got[3])) for got in desk.got] == [("Ich übernehme.", 0)]
    assert "Ihre Worte haben wir übernommen" in OutgoingMail.objects.get().text
    assert mailbox.box.mails == {}


def test_a_bomb_in_the_mailbox_does_not_hold_up_what_comes_after_it(
    address: str, desk: Desk, mailbox: ImapServer
) -> None:
    mailbox.box.put(nested(3_000))
    mailbox.box.put(b"\xff" * 1000)
    mailbox.box.put(reply(address).as_bytes())
    assert reading.collect()["taken"] == 1
    assert mailbox.box.mails == {}


def test_a_server_that_hangs_up_or_refuses_harms_nothing_and_no_word_of_it_is_logged(
    address: str, mailbox: ImapServer, caplog: pytest.LogCaptureFixture
) -> None:
    mailbox.box.put(reply(address).as_bytes())
    mailbox.box.deaf = True
    assert reading.collect() == {}
    mailbox.box.deaf = False
    mailbox.box.password = "other"
    assert reading.collect() == {}
    assert len(mailbox.box.mails) == 1
    assert "event=mailbox_failed" in caplog.text
    assert "geheim" not in caplog.text


def test_without_the_setting_nothing_is_read() -> None:
    assert reading.collect() == {}


def certificate(folder: Path) -> Path:
    """Make a certificate of our own for localhost; nobody knows it who is not told."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = timezone.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret + made.public_bytes(Encoding.PEM))
    return path


def test_over_tls_only_a_server_with_a_trusted_certificate_is_told_the_password(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(path)
    with ImapServer(tls) as server:
        settings.CONFIGURATION = replace(settings.CONFIGURATION, imap_url=server.url)
        server.box.put(b"From: a@b.example\r\nPrecedence: bulk\r\n\r\nx")
        assert reading.collect() == {}
        assert server.box.commands == []
        assert "SSLCertVerificationError" in caplog.text
        trusting = ssl.create_default_context(cafile=str(path))
        monkeypatch.setattr(reading.ssl, "create_default_context", lambda: trusting)
        assert reading.collect() == {"automatic": 1}
