"""The outbox: a mail is a row written in the same transaction as what it tells of; a worker sends it later (`sending`)."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import make_msgid, parseaddr
from typing import Any

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone, translation

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.problem import NotFound
from nordlotse.office.addresses import address_hash, check_address
from nordlotse.office.faults import reach
from nordlotse.office.models import NoMail, OutgoingMail

_unsubscribing = signing.Signer(salt="nordlotse.office.unsubscribe", sep=".")

#: The kinds of mail a person can end, with the words for it; rooms add theirs (`describe_kind`).
_kinds: dict[str, Text] = {}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A small file that goes with a mail or came with one."""

    name: str
    media_type: str
    content: bytes


def describe_kind(kind: str, words: Text) -> None:
    """Say what a kind of mail is, as the end of “Sie bekommen dann keine Mails mehr: …”; once, when the room is loaded."""
    _kinds[kind] = words


def kind_words(kind: str) -> Text:
    """Return the words for a kind of mail."""
    return _kinds.get(kind, Text("Rundmails dieser Art", "mails of this kind"))


def enqueue(
    key: str,
    to: str,
    *,
    lang: Lang,
    template: str,
    context: Mapping[str, Any],
    room: str = "",
    reference: object = "",
    attachments: Sequence[Attachment] = (),
    reply_to: str = "",
    kind: str = "",
    secret: bool = False,
    automatic: bool = True,
    in_reply_to: str = "",
) -> OutgoingMail:
    """Write one mail from a text template into the outbox, in the caller's transaction.

    `template` is a text template such as `dialogue/mail/confirmed.txt`; its first line is the subject. It is rendered in `lang`,
    nothing is escaped, with `public_url` (no slash at the end) and `prefix` ("" or "/en") added to `context`. All else as in
    `write`; when the key is known the template is not even rendered.
    """
    known = OutgoingMail.objects.filter(key=key).first()
    if known is not None:
        return known
    shown = {"public_url": settings.CONFIGURATION.public_url, "prefix": "/en" if lang == "en" else "", "lang": lang}
    with translation.override(lang):
        # A mail is plain text: with the engine's own escaping "Müller & Sohn" would read "Müller &amp; Sohn".
        made = get_template(template).template.render(Context({**shown, **context}, autoescape=False))  # type: ignore[attr-defined]
    subject, _, body = str(made).strip().partition("\n")
    return write(
        key,
        to,
        lang=lang,
        subject=subject,
        text=body,
        room=room,
        reference=reference,
        attachments=attachments,
        reply_to=reply_to,
        kind=kind,
        secret=secret,
        automatic=automatic,
        in_reply_to=in_reply_to,
    )


def write(
    key: str,
    to: str,
    *,
    lang: Lang,
    subject: str,
    text: str,
    room: str = "",
    reference: object = "",
    attachments: Sequence[Attachment] = (),
    reply_to: str = "",
    kind: str = "",
    secret: bool = False,
    automatic: bool = True,
    in_reply_to: str = "",
) -> OutgoingMail:
    """Write one mail into the outbox, in the caller's transaction; with the same `key` again the first one stays.

    Keys name what the mail is about, such as `dialogue:confirmed:17`; they hold no address. `kind` names a subscription: the
    mail gets a way out (a line and the headers of RFC 8058), and to an address that took it the mail is only noted as withheld.
    `secret` is for codes and links to sign in: sent first, given up after a week, erased once sent. `automatic` mails say so
    (RFC 3834), so that no absence note comes back; a person's own words are not automatic. `in_reply_to` is a Message-ID.

    Raises:
        BadInput: `to` is no mail address.
        ValueError: `key` holds an address.
    """
    if "@" in key:
        raise ValueError("a key holds no address")
    address = check_address(to)
    withheld = bool(kind) and refuses(address, kind)
    made, new = OutgoingMail.objects.get_or_create(
        key=key,
        defaults={
            "message_id": make_msgid(domain=_domain()),
            "to": "" if withheld else address,
            "lang": lang,
            "subject": "" if withheld else " ".join(subject.split())[:300],
            "text": "" if withheld else _body(text, address, kind, lang),
            "reply_to": reply_to,
            "headers": _headers(address, kind, automatic, in_reply_to),
            "attachments": []
            if withheld
            else [
                {"name": a.name, "type": a.media_type, "base64": base64.b64encode(a.content).decode()}
                for a in attachments
            ],
            "kind": kind,
            "secret": secret,
            "room": room,
            "reference": str(reference),
            "state": OutgoingMail.State.WITHHELD if withheld else OutgoingMail.State.QUEUED,
            "erased_at": timezone.now() if withheld else None,
        },
    )
    if new:
        reach("mail-enqueued")
    return made


def _domain() -> str:
    """Return the domain of our own sender's address; Message-IDs are made below it."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or str(settings.CONFIGURATION.host)


def _body(text: str, address: str, kind: str, lang: Lang) -> str:
    body = text.strip().replace("\r\n", "\n") + "\n"
    if not kind:
        return body
    line = Text("Diese Mails abbestellen", "Stop these mails").get(lang)
    return f"{body}\n-- \n{line}: {unsubscribe_address(address, kind, lang)}\n"


def _headers(address: str, kind: str, automatic: bool, in_reply_to: str) -> dict[str, str]:
    headers: dict[str, str] = {}
    if automatic:
        # RFC 3834, 5; the second one is what Exchange looks at.
        headers |= {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}
    if kind:  # RFC 2369, 3.2 and RFC 8058, 3.1
        headers["List-Unsubscribe"] = f"<{unsubscribe_address(address, kind)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if in_reply_to:
        headers |= {"In-Reply-To": in_reply_to, "References": in_reply_to}
    return headers


# ---- forgetting ----


def empty(rows: QuerySet[OutgoingMail]) -> int:
    """Empty mails; the rows stay, for their keys must not be used again, and none of them is sent any more."""
    waiting = rows.filter(state=OutgoingMail.State.QUEUED)
    waiting.update(state=OutgoingMail.State.WITHHELD, claim="", claimed_at=None)
    gone: dict[str, Any] = {"to": "", "subject": "", "text": "", "reply_to": "", "headers": {}, "attachments": []}
    return rows.update(**gone, reference="", erased_at=timezone.now())


def forget(room: str, references: Sequence[str]) -> int:
    """Empty all mails about some things, in the caller's transaction; what waits is not sent. Return how many."""
    return empty(OutgoingMail.objects.filter(room=room, reference__in=references))


def count_since(begin: datetime, key: str, room: str = "", reference: str = "") -> int:
    """Return how many mails whose key begins with `key` were written since a moment, those emptied since too; or those about one thing."""
    rows = OutgoingMail.objects.filter(key__startswith=key, created_at__gte=begin)
    return rows.filter(room=room, reference=reference).count() if reference else rows.count()


# ---- ending a subscription ----


def unsubscribe_address(address: str, kind: str, lang: str = "de") -> str:
    """Return the web address that ends mails of one kind; it holds a keyed hash, never the mail address."""
    token = _unsubscribing.sign(f"{kind}.{address_hash(address)}")
    return f"{settings.CONFIGURATION.public_url}{'/en' if lang == 'en' else ''}/abmelden/{token}/"


def read_unsubscribe(token: str) -> tuple[str, str]:
    """Return (kind, hash of the address) of a link that ends mails; changes nothing.

    Raises:
        NotFound: the link is damaged (`link_unknown`).
    """
    try:
        kind, _, made = _unsubscribing.unsign(token[:300]).rpartition(".")
    except signing.BadSignature as error:
        raise NotFound(
            "link_unknown",
            de="Dieser Link ist unbekannt oder beschädigt.",
            en="This link is unknown or damaged.",
            where="link",
            remedy_de="Bitte kopieren Sie den ganzen Link aus der Mail.",
            remedy_en="Copy the whole link from the mail.",
        ) from error
    return kind, made


def unsubscribe(token: str) -> str:
    """End mails of one kind to one address, as often as it is asked; return the kind.

    Raises:
        NotFound: the link is damaged.
    """
    kind, made = read_unsubscribe(token)
    NoMail.objects.get_or_create(address_hash=made, kind=kind)
    return kind


def subscribe_again(address: str, kind: str) -> None:
    """Let mails of one kind go to an address again: its owner has asked for them anew."""
    NoMail.objects.filter(address_hash=address_hash(address), kind=kind).delete()


def refuses(address: str, kind: str) -> bool:
    """Tell whether an address wants no more mails of this kind."""
    return NoMail.objects.filter(address_hash=address_hash(address), kind=kind).exists()
