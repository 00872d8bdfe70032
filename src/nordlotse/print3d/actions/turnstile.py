"""How many parts of one address may wait at once. Addresses are held in this process's memory only, as the rate limits hold them."""

from __future__ import annotations

from nordlotse.foundation.entered import Entered
from nordlotse.foundation.problem import TooMany
from nordlotse.print3d.queries import parts

#: So many parts and lists of one address wait or run at once.
MOST_OF_ONE = 5
#: So many wait in all; beyond that nobody would wait long enough.
MOST_OF_ALL = 200


class Turnstile:
    """Which parts came from which address lately; the oldest addresses are dropped beyond `capacity`."""

    def __init__(self, capacity: int = 10_000) -> None:
        """Start empty."""
        self._entered = Entered(4 * MOST_OF_ONE, capacity)

    def check(self, address: str) -> None:
        """Refuse one more part where too many wait.

        Raises:
            TooMany: `parts_waiting` (of this address), `queue_full`.
        """
        if parts.waiting() >= MOST_OF_ALL:
            raise TooMany(
                "queue_full",
                de="Gerade warten sehr viele Teile auf ihre Prüfung.",
                en="Very many parts are waiting for their check just now.",
                where="upload",
                remedy_de="Bitte in ein paar Minuten noch einmal versuchen.",
                remedy_en="Try again in a few minutes.",
            )
        keys = self._entered.of(address)
        if keys and parts.waiting(keys) >= MOST_OF_ONE:
            raise TooMany(
                "parts_waiting",
                de=f"Von Ihnen warten schon {MOST_OF_ONE} Teile auf ihre Prüfung.",
                en=f"{MOST_OF_ONE} of your parts are waiting for their check already.",
                where="upload",
                remedy_de="Bitte warten Sie, bis eines fertig ist. Viele Teile auf einmal prüfen Sie als Liste.",
                remedy_en="Wait until one is done. Check many parts at once as a list.",
            )

    def entered(self, address: str, key: str) -> None:
        """Note a part or list that came in."""
        self._entered.note(address, key)

    def clear(self) -> None:
        """Forget everything."""
        self._entered.clear()


turnstile = Turnstile()
