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

from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import NotFound
from nordlotse.office.models import ActionLink

#: How long a link works unless its purpose says otherwise.
DAYS = 21

#: So long after its end a link is still known, in days: whoever opens it late reads that it is over, not that it never was.
KNOWN_DAYS = 60

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


_TEXTS = {
    "unknown": (
        Text("Diesen Link kennen wir nicht.", "We do not know this link."),
        Text(
            "Vielleicht fehlt ein Stück: Bitte kopieren Sie den ganzen Link aus der Mail. Sonst rufen Sie uns bitte an.",
            "A piece may be missing: copy the whole link from the mail. If that does not help, please call us.",
        ),
    ),
    "used": (
        Text("Dieser Link hat seine Arbeit schon getan.", "This link has already done its work."),
        Text(
            "Er gilt nur einmal; was damit gewählt wurde, ist gespeichert. Wollen Sie etwas ändern, rufen Sie uns bitte an.",
            "It works only once; what was chosen with it is saved. If you want to change something, please call us.",
        ),
    ),
    "expired": (
        Text("Dieser Link ist abgelaufen.", "This link has expired."),
        Text(
            "Aus Sicherheit gelten solche Links nur einige Zeit. Es ist nichts verloren: Bitte rufen Sie uns an.",
            "For safety such links work only for some time. Nothing is lost: please call us.",
        ),
    ),
}


def _over(reason: str) -> NotFound:
    said, remedy = _TEXTS[reason]
    return NotFound(f"link_{reason}", de=said.de, en=said.en, where="link", remedy_de=remedy.de, remedy_en=remedy.en)


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


def key_of(token: str) -> str:
    """Return the id of a link we made, "" for a token that is none of ours; whether it still works, `read` tells."""
    try:
        return _signer.unsign(token[:120])
    except signing.BadSignature:
        return ""


def is_signed(token: str) -> bool:
    """Tell whether we made this link, without looking it up: it may be used or ended."""
    try:
        _signer.unsign(token[:120])
    except signing.BadSignature:
        return False
    return True


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


def made(purpose: str, reference: object) -> int:
    """Return how many links of one purpose about one thing are known, used and ended ones too."""
    return ActionLink.objects.filter(purpose=purpose, reference=str(reference)).count()


def end(purpose: str, reference: object) -> int:
    """Count all links of one purpose about one thing as used: what they ask has been answered otherwise; return how many."""
    return ActionLink.objects.filter(purpose=purpose, reference=str(reference), used_at=None).update(
        used_at=timezone.now()
    )


def withdraw(purpose: str, reference: object) -> int:
    """Make all unused links of one purpose about one thing stop working; return how many there were."""
    gone, _ = ActionLink.objects.filter(purpose=purpose, reference=str(reference), used_at=None).delete()
    return gone


def erase_expired() -> int:
    """Delete links that ended more than 60 days ago; return how many."""
    gone, _ = ActionLink.objects.filter(expires_at__lt=timezone.now() - timedelta(days=KNOWN_DAYS)).delete()
    return gone
