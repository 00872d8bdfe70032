"""Pages of the office: the way out of mails, outbox and inbox of the staff."""

from __future__ import annotations

from typing import Any

from nordlotse.office import mail
from nordlotse.office.models import HeldMail, OutgoingMail, ReplyAddress
from tests.web.rows import COORDINATION, Rows, everybody, only

ADMINISTRATION = {"administrator"}

#: A mail program ends a subscription with one click and has no form's token (RFC 8058).
TOKENLESS = {"abmelden/UNSUBSCRIBE/"}

PAGES: Rows = {
    "abmelden/UNSUBSCRIBE/": everybody(post=200),
    # Mails may hold codes and links to sign in: whoever reads them could be anybody.
    "desk/postausgang/": only(ADMINISTRATION),
    "desk/postausgang/MAIL/": only(ADMINISTRATION),
    "desk/postausgang/MAIL/erneut/": only(ADMINISTRATION, get=405, post=302),
    "desk/postausgang/erneut/": only(ADMINISTRATION, get=405, post=302),
    "desk/posteingang/": only(COORDINATION),
    "desk/posteingang/HELD/": only(COORDINATION, get=405, post=302, data={"do": "discard"}),
}


def seed(world: Any) -> None:
    """A mail that failed, one that was kept aside, and a subscription to end."""
    made = mail.write("test:1", "a@b.example", lang="de", subject="Betreff", text="Text")
    OutgoingMail.objects.filter(pk=made.pk).update(state="failed")
    address = ReplyAddress.objects.create(token="t", purpose="case", reference="1", person="p", mail="a@b.example")
    held = HeldMail.objects.create(message_hash="h", reason="sender", address=address, sender="c@d.example", text="x")
    token = mail.unsubscribe_address("a@b.example", "group").rstrip("/").rpartition("/")[2]
    world.places |= {"MAIL": str(made.pk), "HELD": str(held.pk), "UNSUBSCRIBE": token}
