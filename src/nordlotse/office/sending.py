"""The worker's way with the outbox: claim one mail, send it, mark it; then the next.

One mail is claimed at a time, so that a killed worker leaves at most one in doubt. Its claim runs out after some minutes, then it
is sent again with the same Message-ID: the receiver's mail program can tell that it is the same.
"""

from __future__ import annotations

import base64
import logging
import secrets
import smtplib
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import OperationalError
from django.db.models import F, Q
from django.utils import timezone

from nordlotse.office.core.letter import letter
from nordlotse.office.faults import reach
from nordlotse.office.models import OutgoingMail

_log = logging.getLogger("nordlotse.office")

#: A claim without a result is void after this: longer than a mail of 10 MB takes over a slow line.
CLAIM = timedelta(minutes=10)

#: Minutes until the next attempt after the 1st, 2nd … failure; after the last one the mail has failed. About two days in all.
WAITS = (1, 5, 30, 120, 480, 960, 1440)

#: Minutes without an attempt after the server itself could not be reached; no mail is blamed for that.
SERVER_WAIT = timedelta(minutes=1)

#: A mail with a code or link to sign in that could not be sent for so long is given up: what it holds has ended, or soon will.
SECRET_KEPT = timedelta(days=7)

#: Words of mails are erased so long after they were sent, or after they were written if they could never be sent.
KEEP = timedelta(days=30)
KEEP_UNSENT = timedelta(days=90)

State = OutgoingMail.State


def sends() -> bool:
    """Tell whether this installation sends mail; without a server all mails wait in the outbox."""
    return bool(settings.CONFIGURATION.smtp_url)


def _due(now: datetime) -> Q:
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM)
    return Q(state=State.QUEUED, due_at__lte=now) & free


def claim() -> OutgoingMail | None:
    """Take the next mail that is due, None if there is none; of many workers only one gets it."""
    now = timezone.now()
    # Codes first: somebody waits for them.
    for pk in (
        OutgoingMail.objects.filter(_due(now)).order_by("-secret", "due_at", "pk").values_list("pk", flat=True)[:20]
    ):
        mine = secrets.token_hex(16)
        if OutgoingMail.objects.filter(_due(now), pk=pk).update(claim=mine, claimed_at=now, attempts=F("attempts") + 1):
            return OutgoingMail.objects.get(pk=pk)
    return None


def _mine(mail: OutgoingMail) -> Q:
    """The row as long as the claim is still ours: whoever was slower than the claim changes nothing any more."""
    return Q(pk=mail.pk, claim=mail.claim, state=State.QUEUED)


def message_of(mail: OutgoingMail, connection: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    """Return a row as a mail: plain text, HTML made from it, attachments, and the Message-ID of the row."""
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[mail.to],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers={**mail.headers, "Message-ID": mail.message_id},
        connection=connection,
    )
    message.attach_alternative(letter(mail.text, mail.subject, mail.lang), "text/html")
    for a in mail.attachments:
        message.attach(a["name"], base64.b64decode(a["base64"]), a["type"])
    return message


class Sender:
    """Sends what is due; holds one connection for as long as there is something to send."""

    def __init__(self) -> None:
        """Start without a pause."""
        self._pause_until: datetime | None = None

    def __call__(self, stopping: Callable[[], bool] = lambda: False) -> int:
        """Send everything that is due and return how many mails were; `stopping` is asked between two mails."""
        if not sends() or (self._pause_until is not None and timezone.now() < self._pause_until):
            return 0
        sent = 0
        connection = get_connection()
        try:
            while not stopping():
                mail = claim()
                if mail is None:
                    break
                if not self._hand_over(mail, connection):
                    break
                sent += 1
        finally:
            _close(connection)
        return sent

    def _hand_over(self, mail: OutgoingMail, connection: BaseEmailBackend) -> bool:
        """Send one claimed mail and write down what became of it; False: the server is of no use now."""
        reach("mail-claimed")
        if mail.secret and mail.created_at < timezone.now() - SECRET_KEPT:
            _give_up(mail, "too_old")
            return True
        if mail.attempts > len(WAITS) + 3:  # it never came back from an attempt: it may be what kills the worker
            _give_up(mail, "too_many_attempts")
            return True
        try:
            connection.open()
        except (OSError, smtplib.SMTPException) as error:
            self._pause_until = timezone.now() + SERVER_WAIT
            OutgoingMail.objects.filter(_mine(mail)).update(
                claim="", claimed_at=None, attempts=F("attempts") - 1, error=_told(error)
            )
            _log.warning("event=mail_server_failed error=%s", type(error).__name__)
            return False
        try:
            connection.send_messages([message_of(mail, connection)])
        except Exception as error:
            # Whatever one mail breaks (a refused address, a file that cannot be coded) must not hold up the others.
            _failed(mail, error)
            _close(connection)
            return not _of_the_line(error)
        reach("mail-accepted")
        _sent(mail)
        reach("mail-marked")
        return True


def _of_the_line(error: Exception) -> bool:
    """Tell whether the connection broke: the next mail would only wait for the same. (smtplib's errors are OSErrors too.)"""
    replied = isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPServerDisconnected)
    return isinstance(error, OSError) and not replied


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        _log.info("event=mail_connection_lost")


def _told(error: Exception) -> str:
    """Return an error without any address: its kind, and the server's code if there is one."""
    code = _code(error)
    return f"{type(error).__name__} {code}".strip() if code else type(error).__name__


def _code(error: Exception) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((int(code) for code, _ in error.recipients.values()), default=0)
    return int(error.smtp_code) if isinstance(error, smtplib.SMTPResponseException) else 0


def _sent(mail: OutgoingMail) -> None:
    now = timezone.now()
    changed: dict[str, object] = {"state": State.SENT, "sent_at": now, "error": "", "claim": "", "claimed_at": None}
    if mail.secret:
        changed |= _erased(now)
    for wait in (0.5, 2.0, 5.0):
        try:
            OutgoingMail.objects.filter(_mine(mail)).update(**changed)
            break
        except OperationalError:  # the server has the mail: a database that is busy for a moment must not send it twice
            time.sleep(wait)
    else:
        OutgoingMail.objects.filter(_mine(mail)).update(**changed)
    _log.info("event=mail_sent id=%s", mail.pk)


def _failed(mail: OutgoingMail, error: Exception) -> None:
    """Put a mail back for later, or give it up: after the last attempt, or when the server refused it for good (RFC 5321, 4.2.1)."""
    if 500 <= _code(error) < 600 or mail.attempts > len(WAITS):
        _give_up(mail, _told(error))
        return
    due = timezone.now() + timedelta(minutes=WAITS[mail.attempts - 1])
    OutgoingMail.objects.filter(_mine(mail)).update(claim="", claimed_at=None, due_at=due, error=_told(error))
    _log.warning("event=mail_delayed id=%s attempts=%s error=%s", mail.pk, mail.attempts, type(error).__name__)


def _give_up(mail: OutgoingMail, why: str) -> None:
    changed: dict[str, object] = {"state": State.FAILED, "error": why, "claim": "", "claimed_at": None}
    if mail.secret:
        changed |= _erased(timezone.now())
    OutgoingMail.objects.filter(_mine(mail)).update(**changed)
    _log.warning("event=mail_failed id=%s", mail.pk)


def hold_back() -> int:
    """Send nothing of what waits until an administrator says so: after a restore it may have been sent long ago. Return how many."""
    return OutgoingMail.objects.filter(state=State.QUEUED).update(
        state=State.FAILED, error="restored", claim="", claimed_at=None
    )


def _erased(now: datetime) -> dict[str, object]:
    """Return the fields of a mail without its words; the address stays as long as staff may have to look."""
    return {"subject": "", "text": "", "attachments": [], "headers": {}, "reply_to": "", "erased_at": now}


def erase() -> int:
    """Erase words, addresses and what mails were about past their day; the rows stay, for their keys must not be used again."""
    now = timezone.now()
    old = OutgoingMail.objects.filter(
        Q(state=State.SENT, sent_at__lt=now - KEEP) | ~Q(state=State.SENT) & Q(created_at__lt=now - KEEP_UNSENT)
    ).exclude(to="")
    erased = old.update(**_erased(now), to="", reference="")
    given_up = OutgoingMail.objects.filter(state=State.QUEUED, to="").update(state=State.FAILED, error="too_old")
    stale = OutgoingMail.objects.filter(
        state=State.QUEUED, secret=True, created_at__lt=now - SECRET_KEPT, claimed_at=None
    ).update(**_erased(now), state=State.FAILED, error="too_old")
    return erased + given_up + stale
