"""The mailbox replies come to, read by IMAP (RFC 3501): each mail is fetched, taken in, and then deleted there.

The administrator names the server in `NORDLOTSE_IMAP_URL`; that is its listing. Nothing a mail says is followed or loaded. A mail
is deleted only after what became of it is committed; if the process dies between, its Message-ID tells that it was taken in.
"""

from __future__ import annotations

import imaplib
import logging
import re
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings

from nordlotse.foundation.confined import Confined, Limits
from nordlotse.foundation.problem import BadInput
from nordlotse.office import receiving
from nordlotse.office.core import parsing
from nordlotse.office.incoming import read_reply_address

_log = logging.getLogger("nordlotse.office")

#: Seconds until an answer of the server, and for one whole round.
TIMEOUT_SECONDS = 30.0
ROUND_SECONDS = 300.0

#: So many mails are taken in one round; the next one goes on.
MAX_MAILS = 200

#: Of a mail that is too large so many bytes are read: words come before files.
BEGINNING = 1024 * 1024

_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")


def collect() -> dict[str, int]:
    """Take in what has come; return how many mails had which outcome. A server that does not answer is tried at the next turn."""
    outcomes: dict[str, int] = {}
    if not settings.CONFIGURATION.imap_url:
        return outcomes
    try:
        with _mailbox() as server, Confined("nordlotse.office.core.parsing:read", Limits(seconds=20)) as reader:
            until = time.monotonic() + ROUND_SECONDS
            for uid in _waiting(server):
                if time.monotonic() > until:
                    break
                outcome = _take(server, uid, reader)
                outcomes[outcome] = outcomes.get(outcome, 0) + 1
            if set(outcomes) - {receiving.FAILING}:
                server.expunge()
    except (OSError, imaplib.IMAP4.error, ValueError) as error:
        # Its words may hold the account's name: only the kind is logged.
        _log.warning("event=mailbox_failed error=%s", type(error).__name__)
    return outcomes


@contextmanager
def _mailbox() -> Iterator[imaplib.IMAP4]:
    """Give the open mailbox; log out at the end."""
    parts = urlsplit(settings.CONFIGURATION.imap_url)
    host, trust = parts.hostname or "", ssl.create_default_context()
    server: imaplib.IMAP4
    if parts.scheme == "imaps":
        server = imaplib.IMAP4_SSL(host, parts.port or 993, ssl_context=trust, timeout=TIMEOUT_SECONDS)
    else:
        server = imaplib.IMAP4(host, parts.port or 143, timeout=TIMEOUT_SECONDS)
    try:
        if parts.scheme == "imap" and parts.query != "starttls=off":
            server.starttls(trust)
        _log_in(server, unquote(parts.username or ""), unquote(parts.password or ""))
        name = unquote(parts.path.strip("/")) or "INBOX"
        _ok(server.select('"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'))
        yield server
    finally:
        try:
            server.logout()
        except (OSError, imaplib.IMAP4.error):
            _log.info("event=mailbox_connection_lost")


def _log_in(server: imaplib.IMAP4, user: str, password: str) -> None:
    if (user + password).isascii():
        server.login(user, password)
    else:  # LOGIN knows ASCII only; PLAIN (RFC 4616) carries UTF-8
        server.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())


def _ok(answer: tuple[str, Sequence[Any]]) -> Sequence[Any]:
    if answer[0] != "OK":
        raise imaplib.IMAP4.error("the server said no")
    return answer[1]


def _waiting(server: imaplib.IMAP4) -> list[str]:
    """Return the UIDs of the mails to take in, oldest first."""
    found = _ok(server.uid("SEARCH", "UNDELETED"))
    words = b" ".join(part for part in found if isinstance(part, bytes)).split()
    return [str(int(word)) for word in words if word.isdigit()][:MAX_MAILS]


def _take(server: imaplib.IMAP4, uid: str, reader: Confined) -> str:
    """Take in one mail and, once that is settled, mark it as deleted on the server."""
    told = _ok(server.uid("FETCH", uid, "(RFC822.SIZE)"))
    size = next((int(m[1]) for part in told if isinstance(part, bytes) and (m := _SIZE.search(part))), 0)
    if size > parsing.MAX_BYTES:
        outcome = _too_large(server, uid, reader)
    else:
        # One byte more than allowed: a server that told a wrong size is found out by the reader.
        data = _literal(server, uid, f"BODY.PEEK[]<0.{parsing.MAX_BYTES + 1}>")
        outcome = receiving.take_in(data, reader.run)
    if outcome != receiving.FAILING:
        _ok(server.uid("STORE", uid, "+FLAGS.SILENT", "(\\Deleted)"))
    return outcome


def _literal(server: imaplib.IMAP4, uid: str, part: str) -> bytes:
    for piece in _ok(server.uid("FETCH", uid, f"({part})")):
        if isinstance(piece, tuple) and len(piece) == 2 and isinstance(piece[1], bytes):
            return piece[1]
    raise imaplib.IMAP4.error("the server gave no mail")


def _too_large(server: imaplib.IMAP4, uid: str, reader: Confined) -> str:
    """Take the words at the beginning of a mail that is too large; where none can be read, only say so to its sender."""
    begin = _literal(server, uid, f"BODY.PEEK[]<0.{BEGINNING}>")
    try:
        said = reader.run("mail", begin)
    except BadInput:
        said = {"sender": "", "message_id": ""}
    if any(read_reply_address(to) is not None for to in said.get("to", ())):
        return receiving.take_in(begin, reader.run, cut=True)
    sender = "" if said.get("automatic") else said["sender"]
    return receiving.tell_too_large(sender, said["message_id"], begin)
