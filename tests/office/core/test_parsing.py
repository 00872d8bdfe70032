"""Reading a mail: its new words, its files, who sent it; whatever arrives, it ends quickly and nothing breaks."""

from __future__ import annotations

import base64
import time
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nordlotse.foundation.confined import Confined, Limits
from nordlotse.foundation.problem import BadInput, TooLarge
from nordlotse.office.core.parsing import MAX_DEPTH, MAX_FILES, MAX_TEXT, digest, read


def mail(text: str = "Ja, gern.", **heads: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = heads.pop("sender", "Meike Kahn <Meike@Kahn.example>")
    made["To"] = "lotse+abc@centre.example"
    made["Subject"] = "Re: Ihr Fall"
    made["Message-ID"] = "<1@kahn.example>"
    for name, value in heads.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def parsed(message: EmailMessage | bytes) -> dict[str, Any]:
    return read("mail", message if isinstance(message, bytes) else message.as_bytes())


def test_a_plain_mail_gives_sender_receivers_subject_and_words() -> None:
    found = parsed(mail())
    assert found == {
        "message_id": "<1@kahn.example>",
        "sender": "meike@kahn.example",
        "to": ["lotse+abc@centre.example"],
        "subject": "Re: Ihr Fall",
        "automatic": "",
        "failed": [],
        "text": "Ja, gern.",
        "files": [],
        "dropped": 0,
    }


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "cp1252", "utf-16", "no-such-charset"])
def test_words_come_out_of_every_charset(charset: str) -> None:
    known = charset if charset != "no-such-charset" else "utf-8"
    body = base64.b64encode("Größe: 5 Stück für Müller".encode(known))
    raw = (
        b"From: a@b.example\r\nContent-Type: text/plain; charset="
        + charset.encode()
        + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + body
    )
    assert parsed(raw)["text"] == "Größe: 5 Stück für Müller"


def test_an_encoded_subject_is_read() -> None:
    assert parsed(b"From: a@b.example\r\nSubject: =?iso-8859-1?Q?Gr=F6=DFe?=\r\n\r\nx")["subject"] == "Größe"


def test_of_text_and_html_the_text_is_taken_and_html_alone_becomes_text() -> None:
    both = mail("plain words")
    both.add_alternative("<p>html words</p>", subtype="html")
    assert parsed(both)["text"] == "plain words"
    only = mail()
    only.set_content(
        "<html><head><style>p{}</style></head><body><p>Erste&nbsp;Zeile</p><script>alert(1)</script>"
        "<ul><li>eins</li><li>zwei</li></ul>letzte<br>Zeile<blockquote>alt</blockquote></body></html>",
        subtype="html",
    )
    assert parsed(only)["text"] == "Erste Zeile\n\n- eins\n- zwei\n\nletzte\nZeile"


def test_files_are_handed_on_and_logos_of_signatures_are_not() -> None:
    made = mail()
    made.add_attachment(b"%PDF-1.7 x", maintype="application", subtype="pdf", filename="Angebot Ä.pdf")
    made.add_attachment(b"\x89PNG small", maintype="image", subtype="png", cid="<logo@x>", disposition="inline")
    found = parsed(made)
    assert [(f["name"], f["type"], base64.b64decode(f["base64"])) for f in found["files"]] == [
        ("Angebot Ä.pdf", "application/pdf", b"%PDF-1.7 x")
    ]
    assert found["text"] == "Ja, gern."


def test_a_text_file_is_a_file_and_not_the_words() -> None:
    made = mail()
    made.add_attachment("a;b\n", subtype="csv", filename="werte.csv")
    found = parsed(made)
    assert (found["text"], found["files"][0]["name"]) == ("Ja, gern.", "werte.csv")


@pytest.mark.parametrize(
    ("heads", "why"),
    [
        ({"Auto_Submitted": "auto-replied"}, "auto-submitted"),
        ({"Auto_Submitted": "auto-generated; owner-email=x"}, "auto-submitted"),
        ({"Precedence": "bulk"}, "precedence"),
        ({"Precedence": "auto_reply"}, "precedence"),
        ({"Return_Path": "<>"}, "report"),
        ({"List_Id": "<x.example>"}, "list-id"),
        ({"X_Autoreply": "yes"}, "x-autoreply"),
        ({"sender": "MAILER-DAEMON@kahn.example"}, "daemon"),
        ({"sender": "no-reply@kahn.example"}, "daemon"),
        ({"Auto_Submitted": "no"}, ""),
        ({"sender": "noreply.hansen@kahn.example"}, "daemon"),
        ({"sender": "notar@kahn.example"}, ""),
    ],
)
def test_automatic_mails_are_told_from_a_persons(heads: dict[str, str], why: str) -> None:
    assert parsed(mail(**heads))["automatic"] == why


def test_a_report_of_a_mail_server_is_automatic() -> None:
    raw = b"From: a@b.example\r\nContent-Type: multipart/report; boundary=x\r\n\r\n--x\r\n\r\nfailed\r\n--x--\r\n"
    assert parsed(raw)["automatic"] == "report"


def report(action: str, message_id: str = "<7@centre.example>") -> bytes:
    """What a mail server sends that could not deliver a mail (RFC 3464)."""
    return (
        "From: MAILER-DAEMON@mail.example\r\nMessage-ID: <report@mail.example>\r\nReturn-Path: <>\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n"
        "--x\r\n\r\nSorry.\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Final-Recipient: rfc822; gone@b.example\r\nAction: {action}\r\nStatus: 5.1.1\r\n\r\n"
        f"--x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\nSubject: y\r\n--x--\r\n"
    ).encode()


def test_a_report_names_the_mail_that_failed_and_not_one_that_is_late() -> None:
    assert parsed(report("failed"))["failed"] == ["<7@centre.example>"]
    assert parsed(report("delayed"))["failed"] == []


@pytest.mark.parametrize("sender", ["a@b.example, c@d.example", "", "nobody", '"x@y.example" <a@b@c>'])
def test_an_unclear_sender_is_none(sender: str) -> None:
    raw = f"From: {sender}\r\nSubject: x\r\n\r\ny".encode()
    assert parsed(raw)["sender"] in ("", "a@b.example"), "never somebody named in a comment"
    assert parsed(b"From: a@b.example\r\nFrom: c@d.example\r\n\r\ny")["sender"] == ""


def test_lines_broken_for_the_way_are_joined() -> None:
    raw = b"From: a@b.example\r\nContent-Type: text/plain; format=flowed\r\n\r\nEin langer \r\nSatz.\r\n-- \r\nGruss"
    assert parsed(raw)["text"] == "Ein langer Satz."


# ---- bombs ----


def nested(depth: int) -> bytes:
    """A mail of multiparts inside multiparts."""
    head = b"From: a@b.example\r\n"
    for n in range(depth):
        head += b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
    return head + b"Content-Type: text/plain\r\n\r\ndeep\r\n"


def test_parts_inside_parts_are_read_to_a_depth_and_then_dropped_and_refused() -> None:
    assert parsed(nested(MAX_DEPTH))["text"] == "deep"
    assert parsed(nested(MAX_DEPTH + 1)) | {"message_id": ""} == parsed(nested(MAX_DEPTH + 1))
    assert parsed(nested(MAX_DEPTH + 1))["dropped"] == 1
    for depth in (101, 5_000):
        with pytest.raises(BadInput) as caught:
            parsed(nested(depth))
        assert caught.value.code == "mail_bomb"


def test_a_head_of_megabytes_and_parts_without_end_are_refused() -> None:
    with pytest.raises(BadInput, match="mail_bomb"):
        parsed(b"From: a@b.example\r\nX: " + b"a" * 3_000_000 + b"\r\n\r\nx")
    with pytest.raises(BadInput, match="mail_bomb"):
        parsed(b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\n" * 200_000)
    with pytest.raises(BadInput, match="mail_bomb"):
        parsed(b"To: " + b"a@b.example, " * 100_000 + b"\r\n\r\nx")


def test_more_than_fifteen_megabytes_are_refused() -> None:
    with pytest.raises(TooLarge):
        parsed(b"x" * (15 * 1024 * 1024 + 1))


def test_text_and_files_are_cut_to_their_limits() -> None:
    made = mail("wort " * 50_000)
    for n in range(MAX_FILES + 5):
        made.add_attachment(b"x", maintype="application", subtype="pdf", filename=f"{n}.pdf")
    found = parsed(made)
    assert len(found["text"]) <= MAX_TEXT
    assert (len(found["files"]), found["dropped"]) == (MAX_FILES, 5)


HARD = [
    b"",
    b"\x00" * 1000,
    b"From: " + b"(" * 3000 + b"a@b.example\r\n\r\nx",
    b"From: a@b.example\r\nSubject: " + b"=?utf-8?q?" * 300 + b"\r\n\r\nx",
    b"From: a@b.example\r\nContent-Type: " + b'text/plain; a="' * 200 + b"\r\n\r\nx",
    b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 200_000,
    b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + b"<!" * 100_000 + b"<![x" * 1000,
    b"From: a@b.example\r\nContent-Type: text/plain\r\n\r\n" + b"Am " * 300_000,
    b"From: a@b.example\r\nContent-Type: text/plain\r\n\r\n" + b"Von: a\n" * 100_000,
    b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--\r\n--\r\n",
    b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\n" * 200_000,
    b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n\xff\xfe!!!",
    b"From: a@b.example\r\nContent-Transfer-Encoding: uuencode\r\n\r\nbegin 644 x\n\xff",
    b"From: a@b.example\r\nContent-Type: text/plain; charset*=x'y'%ff\r\n\r\nx",
    b'From: a@b.example\r\nContent-Disposition: attachment; filename*0*=x\'y; filename="\xff"\r\n\r\nx',
]


@pytest.mark.parametrize("raw", HARD, ids=range(len(HARD)))
def test_a_hard_mail_is_read_or_refused_within_seconds(raw: bytes) -> None:
    begun = time.monotonic()
    try:
        assert set(parsed(raw)) == set(parsed(mail()))
    except BadInput as problem:
        assert problem.code in ("mail_bomb", "mail_unreadable")
    assert time.monotonic() - begun < 15


_TOKENS = [
    b"From: ", b"To: ", b"a@b.example", b"\r\n", b"\r\n\r\n", b"Content-Type: ", b"multipart/mixed; boundary=x", b"--x", b"--x--",
    b"text/html", b"; charset=", b"utf-7", b"=?utf-8?b?", b"?=", b"<", b">", b"Content-Transfer-Encoding: base64", b"message/rfc822",
    b"Content-Disposition: attachment; filename=", b"=C3", b"\xff", b"Am 1.1. schrieb x:", b"<blockquote>", b"multipart/alternative;boundary=x",
    b"Message-ID: <1>", b"\x00", b"'", b'"', b"(", b"\\", b";", b"=",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.lists(st.sampled_from(_TOKENS), max_size=40).map(b"".join)))
def test_whatever_bytes_arrive_they_are_read_or_refused(raw: bytes) -> None:
    try:
        found = parsed(raw)
    except BadInput as problem:
        assert problem.code in ("mail_bomb", "mail_unreadable")
        return
    assert found["sender"] == "" or found["sender"].count("@") == 1
    assert "\n" not in found["subject"]
    found["text"].encode()
    assert len(digest(found["message_id"], raw)) == 64


def test_it_also_reads_in_the_confined_child() -> None:
    with Confined("nordlotse.office.core.parsing:read", Limits(seconds=20)) as reader:
        assert reader.run("mail", mail().as_bytes())["text"] == "Ja, gern."
        with pytest.raises(BadInput):
            reader.run("mail", nested(5_000))
