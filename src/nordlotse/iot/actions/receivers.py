"""Who is told of alarms: addresses confirmed by a link first, and a webhook on a host an administrator listed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from nordlotse.foundation import outgoing
from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.problem import BadInput, NotAllowed, NotFound, TooMany
from nordlotse.iot.leaving import ALARMS, CONFIRMING, PERSONS
from nordlotse.iot.models import Delivery, Hall, Named, Outbox
from nordlotse.office import links, log, mail
from nordlotse.office.addresses import address_hash, check_address

#: The purpose of the link that confirms an address, days it works, and the kind of mail one can end.
PURPOSE, LINK_DAYS, KIND = CONFIRMING, 7, ALARMS
#: Addresses of a hall; links sent for them in a day, and to one address, whichever hall asks: nobody's mailbox is to be filled.
MOST, MOST_LINKS, MOST_LINKS_TO = 5, 10, 3
#: An alarm may be told to somebody after so many seconds: at once, 5, 15, 30 minutes, an hour.
AFTER = (0, 300, 900, 1800, 3600)
#: The webhook among the receivers.
WEBHOOK = "webhook"

mail.describe_kind(KIND, Text("Alarme von Maschinen", "alarms of machines"))


@transaction.atomic
def add_address(hall: Hall, address: str, *, after: int = 0, hours: bool = False, lang: Lang, user: Any = None) -> bool:
    """Note an address for a company's hall and send it a link; alarms go to it only once somebody there has confirmed.

    Returns whether a link was sent: an address that has confirmed needs none, unless it unsubscribed since.

    Raises:
        NotAllowed: `iot_sandbox`.
        BadInput: the address is none; `iot_after`.
        TooMany: `iot_addresses`, `iot_links`.
    """
    kept = _company_hall(hall)
    address = check_address(address).lower()
    if after not in AFTER:
        raise BadInput(
            "iot_after",
            de="Diese Wartezeit gibt es nicht.",
            en="There is no such waiting time.",
            where="after",
            remedy_de="Bitte eine aus der Liste wählen.",
            remedy_en="Choose one from the list.",
        )
    others = [one for one in kept.mail if one["mail"] != address]
    before = next((one for one in kept.mail if one["mail"] == address), None)
    if len(others) >= MOST:
        raise TooMany(
            "iot_addresses",
            de=f"Mehr als {MOST} Adressen bekommen keine Alarme.",
            en=f"No more than {MOST} addresses get alarms.",
            where="mail",
            remedy_de="Nehmen Sie eine heraus, oder nennen Sie eine Sammeladresse.",
            remedy_en="Remove one, or name a shared address.",
        )
    entry = {
        "id": before["id"] if before else secrets.token_hex(4),
        "mail": address,
        "confirmed": before["confirmed"] if before and not mail.refuses(address, KIND) else "",
        "after": after,
        "hours": hours,
        "asked": timezone.now().isoformat(timespec="seconds"),
    }
    kept.mail = [*others, entry]
    kept.save(update_fields=["mail"])
    Named.objects.update_or_create(hall=kept, entry=entry["id"], defaults={"mail": address})
    if not entry["confirmed"]:
        known = _check_links(kept, address)
        token = links.make(PURPOSE, f"{kept.pk}:{entry['id']}", mail=address, days=LINK_DAYS)
        mail.enqueue(
            f"{known}{links.key_of(token)}",
            address,
            lang=lang,
            template="iot/mail/confirm.txt",
            context={"hall": kept, "token": token, "days": LINK_DAYS},
            room="iot",
            reference=kept.pk,
        )
    log.record("named_address", "hall", kept.pk[:6], user)
    return not entry["confirmed"]


def _check_links(hall: Hall, address: str) -> str:
    """Return how keys of mails with a link to an address begin; they outlive hall and address.

    Raises:
        TooMany: `iot_links`.
    """
    begin = timezone.now() - timedelta(days=1)
    known = f"iot:confirm:{address_hash(address)[:24]}:"
    of_hall = mail.count_since(begin, "iot:confirm:", "iot", hall.pk)
    if of_hall >= MOST_LINKS or mail.count_since(begin, known) >= MOST_LINKS_TO:
        raise TooMany(
            "iot_links",
            de="Heute wurden schon genug Links zum Bestätigen verschickt.",
            en="Enough links to confirm were sent today.",
            where="mail",
            remedy_de="Sehen Sie in den Mails nach, auch im Spam; oder versuchen Sie es morgen wieder.",
            remedy_en="Look through the mails, spam too; or try again tomorrow.",
        )
    return known


def asked(token: str) -> tuple[Hall, str]:
    """Return the hall and the address a confirming link is about; changes nothing.

    Raises:
        NotFound: the link does not work (any more).
    """
    link = links.read(token, PURPOSE)
    key, _, number = link.reference.partition(":")
    hall = Hall.objects.filter(pk=key).exclude(company="").first()
    entry = next((one for one in hall.mail if one["id"] == number), None) if hall else None
    if hall is None or entry is None:
        raise NotFound(
            "iot_no_hall",
            de="Diese Halle gibt es nicht mehr, oder die Adresse wurde wieder herausgenommen.",
            en="This hall no longer exists, or the address has been removed again.",
            where="link",
            remedy_de="Fragen Sie bei Bedarf in Ihrem Betrieb nach.",
            remedy_en="Ask in your company if in doubt.",
        )
    return hall, str(entry["mail"])


@transaction.atomic
def confirm(token: str) -> Hall:
    """Let alarms go to the address a link was sent to.

    Raises:
        NotFound: the link does not work (any more).
    """
    hall, address = asked(token)
    links.use(token, PURPOSE)
    kept = Hall.objects.select_for_update().get(pk=hall.pk)
    now = timezone.now().isoformat(timespec="seconds")
    kept.mail = [one | {"confirmed": now} if one["mail"] == address else one for one in kept.mail]
    kept.save(update_fields=["mail"])
    mail.subscribe_again(address, KIND)
    log.record("confirmed_address", "hall", kept.pk[:6])
    return kept


@transaction.atomic
def remove_address(hall: Hall, number: str, user: Any = None) -> None:
    """Let no more alarms go to an address; what waits for it is forgotten."""
    kept = Hall.objects.select_for_update().get(pk=hall.pk)
    kept.mail = [one for one in kept.mail if one["id"] != number]
    kept.save(update_fields=["mail"])
    Outbox.objects.filter(hall=kept, receiver=number).delete()
    Named.objects.filter(hall=kept, entry=number).exclude(entry=PERSONS).delete()
    links.withdraw(PURPOSE, f"{kept.pk}:{number}")
    log.record("removed_address", "hall", kept.pk[:6], user)


@transaction.atomic
def set_webhook(hall: Hall, address: str, user: Any = None) -> str:
    """Let alarms go as JSON to an address on a host an administrator listed, "" to none; return the secret that signs them.

    Raises:
        NotAllowed: `iot_sandbox`, `outgoing_not_listed`, `outgoing_private_address`.
        BadInput: `outgoing_address`.
        NotAvailable: `outgoing_unknown_host`.
    """
    kept = _company_hall(hall)
    address = address.strip()[:300]
    if address:
        outgoing.check(address, settings.CONFIGURATION.outgoing)
    kept.webhook = address
    kept.webhook_secret = (kept.webhook_secret or secrets.token_hex(24)) if address else ""
    kept.save(update_fields=["webhook", "webhook_secret"])
    if not address:
        Outbox.objects.filter(hall=kept, receiver=WEBHOOK).delete()
        Delivery.objects.filter(hall=kept, sent_at=None).delete()
    log.record("set_webhook", "hall", kept.pk[:6], user)
    return kept.webhook_secret


def _company_hall(hall: Hall) -> Hall:
    """Return the hall locked for a change, if it is a company's."""
    kept = Hall.objects.select_for_update().get(pk=hall.pk)
    if not kept.company:
        raise NotAllowed(
            "iot_sandbox",
            de="Eine Probehalle schickt keine Mails und keine Meldungen.",
            en="A trial hall sends no mails and no messages.",
            where="hall",
            remedy_de="Legen Sie die Halle zuerst zu Ihrem Betrieb.",
            remedy_en="Lay the hall to your company first.",
        )
    return kept


def receivers(hall: Hall) -> list[Mapping[str, Any]]:
    """Return who is told of a hall's alarms: confirmed addresses that have not unsubscribed, and the webhook; nobody in a trial hall."""
    if not hall.company:
        return []
    found = [one for one in hall.mail if one.get("confirmed") and not mail.refuses(one["mail"], KIND)]
    return [*found, {"id": WEBHOOK, "after": 0, "hours": False}] if hall.webhook else found
