"""Who gets a hall's alarms as its page shows it: what holds for each address, and whether the last message to the webhook went through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from nordlotse.foundation.language import Lang, Text
from nordlotse.iot.leaving import ALARMS
from nordlotse.iot.models import Delivery, Hall
from nordlotse.office import mail


@dataclass(frozen=True, slots=True)
class Receiver:
    """An address as a hall's page shows it: its id, whether somebody there confirmed, whether it unsubscribed since, when it is told.

    `after` in seconds; `hours`: only in shifts.
    """

    id: str
    mail: str
    confirmed: bool
    refused: bool
    after: int
    hours: bool

    @property
    def told(self) -> bool:
        """Return whether alarms go there."""
        return self.confirmed and not self.refused


def receivers(hall: Hall) -> list[Receiver]:
    """Return the addresses of a hall in the order they were named."""
    return [_receiver(one) for one in hall.mail]


def _receiver(one: Mapping[str, Any]) -> Receiver:
    address, confirmed = str(one["mail"]), bool(one.get("confirmed"))
    refused = confirmed and mail.refuses(address, ALARMS)
    return Receiver(str(one["id"]), address, confirmed, refused, int(one.get("after", 0)), bool(one.get("hours")))


@dataclass(frozen=True, slots=True)
class Failed:
    """The last message to a webhook, where it did not arrive: why in words, what helps, how often it was tried, whether that goes on."""

    why: str
    remedy: str
    attempts: int
    again: bool


def failed(hall: Hall, lang: Lang) -> Failed | None:
    """Return the last message to a hall's webhook if it did not arrive; None once a later one did."""
    last = Delivery.objects.filter(Q(sent_at__isnull=False) | ~Q(error=""), hall=hall).order_by("-pk").first()
    if last is None or last.sent_at is not None:
        return None
    code, _, status = last.error.partition("_")
    why, remedy = _STATUS if code == "status" else _WHY.get(last.error, _OTHER)
    return Failed(why.get(lang).format(status), remedy.get(lang), last.attempts, last.failed_at is None)


_LOOK = Text(
    "Sehen Sie nach, ob das Programm läuft und von außen erreichbar ist.",
    "See whether the program runs and can be reached from outside.",
)
_ADMIN = Text(
    "Bitten Sie Ihren Administrator, das Ziel auf die Liste zu setzen.",
    "Ask your administrator to put the target on the list.",
)
_STATUS = (
    Text("Das Programm antwortete mit dem Fehler {}.", "The program answered with the error {}."),
    Text(
        "Sehen Sie in dessen Protokoll nach; es muss mit 200 bis 299 antworten.",
        "Look into its log; it has to answer with 200 to 299.",
    ),
)
_OTHER = (Text("Das Ziel nahm sie nicht an.", "The target did not take it."), _LOOK)
#: By the code of the failure: why, and what helps.
_WHY: Mapping[str, tuple[Text, Text]] = {
    "outgoing_failed": (Text("Das Ziel antwortete nicht.", "The target did not answer."), _LOOK),
    "outgoing_unknown_host": (
        Text("Den Namen des Ziels gibt es nicht.", "The target's name does not exist."),
        Text("Prüfen Sie die Adresse.", "Check the address."),
    ),
    "outgoing_not_listed": (Text("Das Ziel ist nicht mehr erlaubt.", "The target is no longer allowed."), _ADMIN),
    "outgoing_private_address": (
        Text("Das Ziel liegt in einem internen Netz und ist dort nicht erlaubt.", "The target lies in an internal network and is not allowed there."),
        _ADMIN,
    ),
    "outgoing_redirect": (
        Text("Das Ziel leitet weiter; dem folgen wir nicht.", "The target redirects; we do not follow."),
        Text("Tragen Sie die Adresse ein, zu der es weiterleitet.", "Enter the address it redirects to."),
    ),
    "outgoing_too_large": (
        Text("Das Ziel antwortete mit mehr als 64 kB.", "The target answered with more than 64 kB."),
        Text("Eine kurze Antwort genügt: nur der Status zählt.", "A short answer is enough: only the status counts."),
    ),
    "outgoing_address": (
        Text("Die Adresse ist nicht brauchbar.", "The address cannot be used."),
        Text("Tragen Sie eine ein, die mit https:// beginnt.", "Enter one that begins with https://."),
    ),
}  # fmt: skip
