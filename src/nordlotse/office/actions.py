"""What staff do with mails: send a failed one again, decide about one that was kept aside."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.role import Role
from nordlotse.office import log, queries, receiving
from nordlotse.office.models import OutgoingMail
from nordlotse.office.roles import check_role

State = OutgoingMail.State


def check_outbox(user: Any) -> None:
    """Raise `NotAllowed` unless this person may read mails: they may hold codes and links to sign in."""
    check_role(user, Role.ADMINISTRATOR)


def check_inbox(user: Any) -> None:
    """Raise `NotAllowed` unless this person may decide about mails kept aside."""
    check_role(user, Role.COORDINATOR, Role.ADMINISTRATOR)


def resend(user: Any, mail_id: int) -> None:
    """Put a failed mail back into the queue; it keeps its Message-ID.

    Raises:
        NotAllowed: not an administrator.
        NotFound: there is no such mail.
        BadInput: it has not failed, or its words are erased (`mail_not_failed`).
    """
    check_outbox(user)
    with transaction.atomic():
        queries.outgoing(mail_id)
        if not _requeue(OutgoingMail.objects.filter(pk=mail_id)):
            raise BadInput(
                "mail_not_failed",
                de="Diese Mail lässt sich nicht noch einmal senden.",
                en="This mail cannot be sent again.",
                where="mail",
                remedy_de="Das geht nur, wenn das Senden gescheitert ist und ihr Text noch da ist.",
                remedy_en="That works only if sending has failed and its text is still there.",
            )
        log.record("resent", "mail", mail_id, user)


def resend_all(user: Any) -> int:
    """Put all failed mails back into the queue that still have their words; return how many.

    Raises:
        NotAllowed: not an administrator.
    """
    check_outbox(user)
    with transaction.atomic():
        number = _requeue(OutgoingMail.objects.all())
        if number:
            log.record("resent", "mails", number, user)
    return number


def _requeue(mails: Any) -> int:
    failed = mails.filter(state=State.FAILED, erased_at=None)
    return int(
        failed.update(state=State.QUEUED, attempts=0, error="", due_at=timezone.now(), claim="", claimed_at=None)
    )


def decide(user: Any, held_id: int, *, take: bool) -> None:
    """Take a mail that was kept aside as the word of the person its address was made for, or throw it away.

    Raises:
        NotAllowed: neither coordinator nor administrator.
        NotFound: somebody else has decided already.
        Problem: what stands against taking it in.
    """
    check_inbox(user)
    with transaction.atomic():
        held = queries.held(held_id, lock=True)
        if take:
            receiving.take_held(held)
        else:
            held.delete()
        log.record("taken" if take else "discarded", "held_mail", held_id, user)
