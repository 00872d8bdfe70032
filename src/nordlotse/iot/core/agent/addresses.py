"""Numbers of makers' lists and what they mean in the configuration: 40001 is the first holding register, address 0."""

from __future__ import annotations

from nordlotse.foundation.language import Text

#: The first digit of a number in a maker's list and the place it stands for, a habit of controls older than the protocol.
_PLACES = {4: "holding", 3: "input", 1: "discrete", 0: "coil"}


def listed(number: int) -> tuple[str, int] | None:
    """Return place and address that a number of a maker's list stands for, of five digits or six; None where it can be none.

    40000 and 400000 count as lists that begin at 0 write them: address 0. Below 10000 (coils) nothing tells a number from an address.
    """
    for digits in (100_000, 10_000):
        first, rest = divmod(number, digits)
        if first in _PLACES and first and rest < 65_537 and number < 10 * digits:
            return _PLACES[first], max(rest - 1, 0)
    return None


def meant(place: str, address: int) -> Text:
    """Return what an address the device does not have probably means, with the lines to write."""
    found = listed(address)
    if found is not None:
        lines = f'place = "{found[0]}", address = {found[1]}'
        return Text(
            f"{address} sieht aus wie die Nummer aus der Liste des Herstellers. Im Gerät heißt sie: {lines}.",
            f"{address} looks like the number of the maker's list. In the device it is: {lines}.",
        )
    less = (f"address = {address - 1}", f"address = {address - 1}") if address else ("", "")
    near = Text(
        f" Zählt die Liste ab 1: {less[0]}." if address else "", f" Where the list counts from 1: {less[1]}." if address else ""
    )  # fmt: skip
    other = "input" if place == "holding" else "holding"
    return Text(
        f'40001 in der Liste des Herstellers heißt place = "holding", address = 0; 30001 place = "input", address = 0.{near.de} Sonst place = "{other}" versuchen.',
        f'40001 in the maker\'s list is place = "holding", address = 0; 30001 place = "input", address = 0.{near.en} Else try place = "{other}".',
    )
