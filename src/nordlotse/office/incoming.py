"""Mail that comes in: whose word it is, about what, and who takes it in.

A mail we send carries a reply address of its own (`make_reply_address`). A reply to it is taken in once (by Message-ID) by the
handler its purpose has (`handle`), in one transaction. What comes from another sender is kept aside for staff; automatic mails
are counted and dropped; everything else gets one polite note a day.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.utils import timezone

from nordlotse.office.addresses import check_address, keyed_hash
from nordlotse.office.mail import Attachment
from nordlotse.office.models import HeldMail, IncomingMail, ReplyAddress

#: What takes in replies of one purpose: `function(reference, sender, text, attachments, message_id)`. `sender` is the person key
#: the reply address was made for, `text` the new words without what was quoted, attachments are of kinds we take. It is called
#: inside a transaction; a `Problem` it raises is told to the sender by mail and nothing is kept.
Handler = Callable[[str, str, str, Sequence[Attachment], str], None]

_handlers: dict[str, Handler] = {}


def handle(purpose: str, function: Handler) -> None:
    """Make known who takes in replies of one purpose; once, when the room is loaded."""
    _handlers[purpose] = function


def handler_of(purpose: str) -> Handler | None:
    """Return who takes in replies of one purpose."""
    return _handlers.get(purpose)


def make_reply_address(purpose: str, reference: object, person: str, mail: str) -> str:
    """Return the mail address under which `person` (a key such as `user:5`) answers about something from the address `mail`.

    The same call gives the same address again. Empty without a mailbox to receive at (`NORDLOTSE_IMAP_URL`): the mail then goes
    without a Reply-To, and its words should lead to the page.
    """
    if not settings.CONFIGURATION.imap_url:
        return ""
    # 120 bits in base32: mail programs may change upper and lower case, and the part before the @ has at most 64 characters.
    made = bytes.fromhex(keyed_hash("reply", f"{purpose}\x1f{reference}\x1f{person}"))[:15]
    token = base64.b32encode(made).decode().lower()
    ReplyAddress.objects.update_or_create(
        token=token,
        defaults={"purpose": purpose, "reference": str(reference), "person": person, "mail": check_address(mail)},
    )
    name, _, domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")
    return f"{name}+{token}@{domain}"


def read_reply_address(address: str) -> ReplyAddress | None:
    """Return what a reply address stands for, None if it is not one of ours."""
    local, _, _ = parseaddr(address)[1].rpartition("@")
    _, plus, token = local.rpartition("+")
    if not plus or len(token) > 32:
        return None
    return ReplyAddress.objects.filter(token=token.lower()).first()


def withdraw_reply_addresses(purpose: str, reference: object) -> int:
    """Make all reply addresses about one thing stop working; return how many there were."""
    made, _ = ReplyAddress.objects.filter(purpose=purpose, reference=str(reference)).delete()
    return made


#: Days after which it is forgotten that a mail was taken in; no server delivers a mail so late a second time.
KNOWN_DAYS = 400

#: Days for which a mail of an unsure sender is kept aside.
HELD_DAYS = 90


def erase_expired() -> int:
    """Erase what is kept of mails past its day; return how many rows."""
    now = timezone.now()
    held, _ = HeldMail.objects.filter(received_at__lt=now - timedelta(days=HELD_DAYS)).delete()
    known, _ = IncomingMail.objects.filter(received_at__lt=now - timedelta(days=KNOWN_DAYS)).delete()
    return held + known
