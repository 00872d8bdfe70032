"""Invitations: each person of a partner is asked by mail to complete the own profile; reminders send a new link."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from nordlotse.foundation.language import Lang
from nordlotse.network.actions.access import check_coordinator, partner_of, person_of, wrong
from nordlotse.network.actions.people import PURPOSE
from nordlotse.network.models import Person
from nordlotse.network.queries.setup import PAUSE, to_be_mailed
from nordlotse.office import links, mail
from nordlotse.office.incoming import make_reply_address
from nordlotse.office.log import record

#: Days an invitation's link works.
LINK_DAYS = 30


def invite(user: Any, person_id: int) -> None:
    """Send somebody a link to the own profile; an older link stops working.

    Raises:
        NotAllowed: not a coordinator.
        NotFound: no such person.
        BadInput: no mail address, gone, or mailed within the last 20 hours.
    """
    check_coordinator(user)
    with transaction.atomic():
        person = person_of(person_id)
        if not person.mail or not person.active:
            raise wrong(
                "invite_mail",
                "Ohne Mailadresse kann niemand eingeladen werden.",
                "Nobody can be invited without a mail address.",
                "mail",
                "Bitte die Adresse eintragen.",
                "Enter the address.",
            )
        if not _send(person, user):
            raise wrong(
                "invite_again",
                "Die letzte Mail an diesen Menschen ist keine 20 Stunden alt.",
                "The last mail to this person is less than 20 hours old.",
                "mail",
                "Bitte morgen noch einmal versuchen oder anrufen.",
                "Try again tomorrow, or call.",
            )


def invite_partner(user: Any, slug: str = "") -> int:
    """Invite or remind everybody of a partner (of all partners) who has a mail address and has not answered yet.

    Return how many mails were written; whoever was mailed within the last 20 hours gets none.

    Raises:
        NotAllowed: not a coordinator.
        NotFound: no such partner.
    """
    check_coordinator(user)
    with transaction.atomic():
        if slug:
            partner_of(slug)
        return sum(_send(person, user) for person in to_be_mailed(slug))


def _send(person: Person, user: Any) -> bool:
    now = timezone.now()
    if person.invited_at is not None and person.invited_at > now - PAUSE:
        return False
    # The count is part of the mail's key: two clicks at once write one mail.
    person.invitations += 1
    person.invited_at = now
    person.save(update_fields=["invited_at", "invitations"])
    links.withdraw(PURPOSE, person.pk)
    lang: Lang = "de" if "de" in person.languages else "en"
    # Nobody takes these replies in by itself: they are kept aside for the coordinator, who answers in person.
    reply_to = make_reply_address(PURPOSE, person.pk, f"person:{person.pk}", person.mail)
    mail.enqueue(
        f"network:invitation:{person.pk}:{person.invitations}",
        person.mail,
        lang=lang,
        template="network/mail/invitation.txt",
        context={
            "person": person,
            "partner": person.partner,
            "token": links.make(PURPOSE, person.pk, mail=person.mail, days=LINK_DAYS),
            "days": LINK_DAYS,
            "again": person.invitations > 1,
            "replies": bool(reply_to),
        },
        room="network",
        reference=person.pk,
        reply_to=reply_to,
    )
    record("person.invited", "person", person.pk, user)
    return True
