"""What becomes of one mail that came in: taken in by its handler once, kept aside, answered with a note, or counted and dropped."""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from nordlotse.foundation.intake import shown_name
from nordlotse.foundation.problem import BadInput, Problem
from nordlotse.office import files, mail
from nordlotse.office.addresses import address_hash
from nordlotse.office.core import parsing
from nordlotse.office.faults import reach
from nordlotse.office.incoming import handler_of, read_reply_address
from nordlotse.office.models import HeldMail, IncomingMail, OutgoingMail, ReplyAddress

_log = logging.getLogger("nordlotse.office")

#: So often a mail is tried whose handler fails for a reason of ours; then it is kept aside for staff.
ATTEMPTS = 5

#: Notes to strangers a day, all together: whoever forges senders shall not make a mill of us.
NOTES_A_DAY = 50

#: Outcome while a mail is still to be tried again; every other outcome is final.
FAILING = "failing"

#: Reads bytes as `parsing.read` does; in the worker a confined child does it.
Reader = Callable[[str, bytes], dict[str, Any]]


def take_in(data: bytes, reader: Reader = parsing.read, *, cut: bool = False) -> str:
    """Decide what becomes of one mail, and do it; return the outcome.

    `cut`: only the beginning of a mail that is too large; its words are taken, its files are not, and the sender hears that.

    Outcomes: `taken`, `duplicate`, `automatic`, `unknown` (no reply address of ours), `held` (kept aside for staff), `empty`
    (no new words, no file), `refused` (the handler said no, the sender was told), `unreadable`, `failing` (to be tried again).
    """
    try:
        said = reader("mail", data)
    except BadInput as problem:
        return _unreadable(data, problem)
    if cut:
        # The last file in it is torn, and nobody can tell which one that is.
        said = {**said, "files": [], "cut": True}
    known = parsing.digest(said["message_id"], data)
    if IncomingMail.objects.filter(message_hash=known).exclude(outcome=FAILING).exists():
        return "duplicate"
    return _decide(known, said)


def _unreadable(data: bytes, problem: BadInput) -> str:
    """Tell whoever sent what cannot be read, as far as the head says who that is."""
    outcome = _once(parsing.digest("", data), "unreadable", note=problem.code)
    head = BytesHeaderParser().parsebytes(data[: parsing.MAX_HEAD].replace(b"\r\n", b"\n").partition(b"\n\n")[0])
    sender = parseaddr(str(head.get("From", ""))[:1000])[1].lower()
    automatic = str(head.get("Auto-Submitted", "no")).lower() != "no" or str(head.get("Return-Path", "")) == "<>"
    if outcome == "unreadable" and sender and not automatic and not _is_ours(sender):
        _tell({"sender": sender, "message_id": str(head.get("Message-ID", "")).strip()[:300]}, "unreadable")
    return outcome


def _decide(known: str, said: dict[str, Any]) -> str:
    """Decide about a mail that was not seen before."""
    if said["automatic"] or _is_ours(said["sender"]):
        _note_failed(said.get("failed", []))
        return _once(known, "automatic")
    address = next((a for to in said["to"] if (a := read_reply_address(to)) is not None), None)
    if address is None:
        return _unknown(known, said)
    if said["sender"] != address.mail:
        return _hold(known, "sender", said, address)
    if not said["text"] and not said["files"]:
        outcome = _once(known, "too_large" if said.get("cut") else "empty", address)
        if outcome != "duplicate":
            _tell(said, outcome)
        return outcome
    return _hand_on(known, said, address)


def _note_failed(message_ids: list[str]) -> None:
    """Show mails in the outbox as failed that a mail server could not deliver in the end."""
    sent = OutgoingMail.objects.filter(message_id__in=message_ids, state=OutgoingMail.State.SENT)
    if message_ids and (number := sent.update(state=OutgoingMail.State.FAILED, error="bounced")):
        _log.warning("event=mail_bounced number=%s", number)


def _once(known: str, outcome: str, address: ReplyAddress | None = None, *, note: str = "") -> str:
    """Write down that a mail was dealt with; whoever is second learns that it was."""
    fields: dict[str, Any] = {"outcome": outcome}
    if address is not None:
        fields |= {"purpose": address.purpose, "reference": address.reference}
    try:
        with transaction.atomic():
            if not IncomingMail.objects.filter(message_hash=known, outcome=FAILING).update(**fields):
                IncomingMail.objects.create(message_hash=known, **fields)
    except IntegrityError:
        return "duplicate"
    _log.info("event=mail_in outcome=%s why=%s", outcome, note or "-")
    return outcome


def _is_ours(sender: str) -> bool:
    return sender == parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower() or read_reply_address(sender) is not None


def _hand_on(known: str, said: dict[str, Any], address: ReplyAddress) -> str:
    handler = handler_of(address.purpose)
    if handler is None:
        return _hold(known, "no_handler", said, address)
    text, attachments, left = accepted(said)
    if not text and not attachments:
        if (outcome := _once(known, "refused", address, note="files")) == "refused":
            _tell(said, "files", left=left)
        return outcome
    try:
        # The row and what the handler writes are one change: a mail is never half taken in, and never twice.
        with transaction.atomic():
            if _once(known, "taken", address) == "duplicate":
                return "duplicate"
            handler(address.reference, address.person, text, attachments, said["message_id"])
            reach("incoming-handled")
    except Problem as problem:
        outcome = _once(known, "refused", address, note=problem.code)
        if outcome == "refused":
            _tell(said, "refused", problem)
        return outcome
    except Exception:
        # An error of ours must not lose somebody's words: the mail stays in the mailbox and is tried again.
        _log.exception("event=mail_in_failed purpose=%s", address.purpose)
        return _failing(known, said, address)
    reach("incoming-committed")
    if said.get("cut"):
        _tell(said, "cut")
    elif left:
        _tell(said, "files", left=left, words=bool(text))
    return "taken"


def _failing(known: str, said: dict[str, Any], address: ReplyAddress) -> str:
    row, new = IncomingMail.objects.get_or_create(
        message_hash=known,
        defaults={"outcome": FAILING, "purpose": address.purpose, "reference": address.reference},
    )
    if not new:
        row.attempts += 1
        row.save(update_fields=["attempts"])
    return FAILING if row.attempts < ATTEMPTS else _hold(known, FAILING, said, address)


def _hold(known: str, reason: str, said: dict[str, Any], address: ReplyAddress) -> str:
    with transaction.atomic():
        if _once(known, "held", address, note=reason) == "duplicate":
            return "duplicate"
        HeldMail.objects.create(
            message_hash=known,
            reason=reason,
            address=address,
            sender=said["sender"],
            subject=said["subject"],
            text=said["text"],
            attachments=len(said["files"]),
        )
        _tell(said, "held")
    return "held"


def accepted(said: dict[str, Any]) -> tuple[str, list[mail.Attachment], list[str]]:
    """Return the words, those files we take, and for the sender which were left out, and why."""
    taken, left = [], []
    for file in said["files"]:
        content = base64.b64decode(file["base64"])
        try:
            kind = files.check_content(content, file["name"])
        except BadInput as problem:
            left.append(f"{shown_name(file['name'])}: {problem.message('de')} / {problem.message('en')}")
            continue
        taken.append(mail.Attachment(shown_name(file["name"]), kind.media_type, content))
    return str(said["text"]), taken, left


def _unknown(known: str, said: dict[str, Any]) -> str:
    outcome = _once(known, "unknown")
    if outcome == "unknown":
        _tell(said, "unknown")
    return outcome


def tell_too_large(sender: str, message_id: str, data: bytes) -> str:
    """Tell a sender that a mail is larger than we take; return the outcome."""
    outcome = _once(parsing.digest(message_id, data), "too_large")
    if outcome == "too_large" and not _is_ours(sender):
        _tell({"sender": sender, "message_id": message_id}, "too_large")
    return outcome


def _tell(
    said: dict[str, Any], reason: str, problem: Problem | None = None, *, left: Sequence[str] = (), words: bool = False
) -> None:
    """Send one polite note to a sender: at most one a day and kind to an address, and not to everybody a forger names."""
    if not said["sender"]:
        return
    today = timezone.localdate()
    if (
        OutgoingMail.objects.filter(room="office", created_at__gt=timezone.now() - timedelta(days=1)).count()
        >= NOTES_A_DAY
    ):
        _log.warning("event=mail_notes_full")
        return
    # What was left out or refused concerns this very mail; a note about the mailbox is said once a day.
    this = problem is not None or reason in ("files", "cut", "empty")
    about = hashlib.sha256(said["message_id"].encode()).hexdigest()[:12] if this else f"{today:%Y%m%d}"
    try:
        mail.enqueue(
            f"office:{reason}:{address_hash(said['sender'])[:24]}:{about}",
            said["sender"],
            lang="de",
            template=f"office/mail/{reason}.txt",
            context={"problem": problem, "left": left, "words": words},
            room="office",
            in_reply_to=said["message_id"] if said["message_id"].isascii() else "",
        )
    except BadInput:
        _log.info("event=mail_note_address")


# ---- what was kept aside ----


def take_held(held: HeldMail) -> None:
    """Take in a mail that was kept aside, as the word of the person its address was made for, in the caller's transaction.

    Its files are not there any more; the words say so.

    Raises:
        Problem: what the handler says against it.
        BadInput: nobody takes in mails of this purpose (`held_no_handler`).
    """
    handler = handler_of(held.address.purpose) if held.address else None
    if handler is None or held.address is None:
        raise BadInput(
            "held_no_handler",
            de="Für diese Mail gibt es keinen Platz.",
            en="There is no place for this mail.",
            where="mail",
            remedy_de="Bitte antworten Sie der Person selbst und verwerfen Sie die Mail dann.",
            remedy_en="Reply to the person yourself, then discard the mail.",
        )
    lost = f"[{held.attachments} × Anhang nicht übernommen]" if held.attachments else ""
    text = "\n\n".join(part for part in (held.text, lost) if part)
    handler(held.address.reference, held.address.person, text, (), f"<held-{held.pk}>")
    held.delete()
