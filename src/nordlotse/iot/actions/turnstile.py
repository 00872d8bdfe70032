"""How many sandboxes one address may have at once. Addresses are held in this process's memory only, as the rate limits hold them."""

from __future__ import annotations

from django.utils import timezone

from nordlotse.foundation.entered import Entered
from nordlotse.foundation.problem import TooMany
from nordlotse.iot.models import Hall

#: So many sandboxes of one address exist at once (a class may sit behind one), and so many in all.
MOST_OF_ONE, MOST_OF_ALL = 10, 500


class Turnstile:
    """Which sandboxes came from which address lately; the oldest addresses are dropped beyond `capacity`."""

    def __init__(self, capacity: int = 10_000) -> None:
        """Start empty."""
        self._entered = Entered(4 * MOST_OF_ONE, capacity)

    def check(self, address: str) -> None:
        """Refuse one more sandbox where there are too many.

        Raises:
            TooMany: `iot_halls` (of this address), `iot_halls_all`.
        """
        living = Hall.objects.filter(expires_at__gt=timezone.now(), company="")
        if living.count() >= MOST_OF_ALL:
            raise TooMany(
                "iot_halls_all",
                de="Gerade sind alle Probehallen vergeben.",
                en="All trial halls are taken just now.",
                where="hall",
                remedy_de="Jede wird nach 24 Stunden frei; bitte versuchen Sie es später wieder.",
                remedy_en="Each is free again after 24 hours; try again later.",
            )
        keys = self._entered.of(address)
        if keys and living.filter(pk__in=keys).count() >= MOST_OF_ONE:
            raise TooMany(
                "iot_halls",
                de=f"Aus Ihrem Netz gibt es schon {MOST_OF_ONE} Probehallen.",
                en=f"There are {MOST_OF_ONE} trial halls from your network already.",
                where="hall",
                remedy_de="Löschen Sie eine, oder arbeiten Sie in einer davon weiter.",
                remedy_en="Delete one, or go on working in one of them.",
            )

    def entered(self, address: str, key: str) -> None:
        """Note a sandbox that was made."""
        self._entered.note(address, key)

    def clear(self) -> None:
        """Forget everything."""
        self._entered.clear()


turnstile = Turnstile()
