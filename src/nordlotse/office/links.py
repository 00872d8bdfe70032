"""Links in mails that open one page and act once: signed, with an end, usable a single time.

Opening a link changes nothing (mail programs and virus scanners open links); only `use` does, from a POST.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.core import signing
from django.db.models import Q
from django.utils import timezone

from nordlotse.foundation.problem import NotFound
from nordlotse.office.models import ActionLink

#: How long a link works unless its purpose says otherwise.
DAYS = 21

_signer = signing.Signer(salt="nordlotse.office.links", sep=".")


def make(purpose: str, reference: object, *, mail: str = "", user: Any = None, days: int = DAYS) -> str:
    """Make a link about `reference` and return its token (signed; fit for an address)."""
    link = ActionLink.objects.create(
        id=secrets.token_urlsafe(18),
        purpose=purpose,
        reference=str(reference),
        mail=mail.lower(),
        user=user,
        expires_at=timezone.now() + timedelta(days=days),
    )
    return _signer.sign(link.pk)


def _over(reason: str) -> NotFound:
    texts = {
        "unknown": ("Dieser Link ist unbekannt oder beschädigt.", "This link is unknown or damaged."),
        "used": ("Dieser Link wurde schon benutzt.", "This link has already been used."),
        "expired": ("Dieser Link ist abgelaufen.", "This link has expired."),
    }[reason]
    return NotFound(
        f"link_{reason}",
        de=texts[0],
        en=texts[1],
        where="link",
        remedy_de="Bitte antworten Sie auf die Mail oder rufen Sie das Zentrum an.",
        remedy_en="Reply to the mail or call the centre.",
    )


def read(token: str, purpose: str) -> ActionLink:
    """Return what a link is about without using it.

    Raises:
        NotFound: unknown, damaged, used or expired (`link_unknown`, `link_used`, `link_expired`).
    """
    try:
        found = ActionLink.objects.filter(pk=_signer.unsign(token[:120]), purpose=purpose).first()
    except signing.BadSignature:
        found = None
    if found is None:
        raise _over("unknown")
    if found.used_at is not None:
        raise _over("used")
    if found.expires_at <= timezone.now():
        raise _over("expired")
    return found


def use(token: str, purpose: str) -> ActionLink:
    """Use a link up, in the caller's transaction; of two attempts at once only one succeeds.

    Raises:
        NotFound: as `read`.
    """
    link = read(token, purpose)
    now = timezone.now()
    if not ActionLink.objects.filter(Q(pk=link.pk), used_at=None, expires_at__gt=now).update(used_at=now):
        raise _over("used")
    link.used_at = now
    return link


def withdraw(purpose: str, reference: object) -> int:
    """Make all unused links of one purpose about one thing stop working; return how many there were."""
    made, _ = ActionLink.objects.filter(purpose=purpose, reference=str(reference), used_at=None).delete()
    return made


def erase_expired() -> int:
    """Delete links whose day has come; return how many."""
    made, _ = ActionLink.objects.filter(expires_at__lt=timezone.now()).delete()
    return made
