"""The outbox: a mail is a row written in the same transaction as what it tells of; a worker sends it later."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import make_msgid
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from nordlotse.foundation.language import Lang
from nordlotse.office.models import OutgoingMail


@dataclass(frozen=True, slots=True)
class Attachment:
    """A small file that goes with a mail."""

    name: str
    media_type: str
    content: bytes


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
) -> OutgoingMail:
    """Write one mail into the outbox, in the caller's transaction; with the same `key` again the first one stays.

    `template` is a text template such as `dialogue/mail/confirmed.txt`; its first line is the subject. It is rendered in `lang`
    with `public_url` (no slash at the end) and `prefix` ("" or "/en") added to `context`. Keys name what the mail is about, such
    as `dialogue:confirmed:17`; they hold no address.
    """
    known = OutgoingMail.objects.filter(key=key).first()
    if known is not None:
        return known
    shown = {"public_url": settings.CONFIGURATION.public_url, "prefix": "/en" if lang == "en" else "", "lang": lang}
    with translation.override(lang):
        # The mail is plain text: nothing in it is HTML, so nothing is escaped here.
        text = render_to_string(template, {**shown, **context})
    subject, _, body = text.strip().partition("\n")
    made, _ = OutgoingMail.objects.get_or_create(
        key=key,
        defaults={
            "message_id": make_msgid(domain=settings.CONFIGURATION.host),
            "to": to.strip().lower(),
            "lang": lang,
            "subject": " ".join(subject.split())[:300],
            "text": body.strip() + "\n",
            "reply_to": reply_to,
            "attachments": [
                {"name": a.name, "type": a.media_type, "base64": base64.b64encode(a.content).decode()}
                for a in attachments
            ],
            "room": room,
            "reference": str(reference),
        },
    )
    return made
