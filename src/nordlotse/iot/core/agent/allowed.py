"""Whom the agent may connect to: only what the configuration's `allow` lists, looked at again after the name has been resolved.

As at the house's own door to the outside (`foundation.outgoing`): a name is resolved once, the connection goes to the checked address, and a
name that points to an internal address counts only where that address is listed too.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from nordlotse.foundation.problem import BadInput, NotAllowed, NotAvailable

#: The ports where an address names none.
PORTS = {"opc.tcp": 4840, "modbus": 502, "mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody to connect to: scheme, host in lower case, port, and what stands behind them in the address."""

    scheme: str
    host: str
    port: int
    path: str = ""

    def __str__(self) -> str:
        """Return the address as `allow` lists it."""
        return f"{self.scheme}://{_bracketed(self.host)}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Return whether it is this machine itself."""
        return self.host == "localhost" or (_is_address(self.host) and ipaddress.ip_address(self.host).is_loopback)


def target(url: str, schemes: Sequence[str], where: str) -> Target:
    """Return an address of the configuration.

    Raises:
        BadInput: `iot_agent_address`.
    """
    if "<" in url:
        raise BadInput(
            "iot_agent_address",
            de=f"In „{url[:80]}“ steht noch ein Platzhalter.",
            en=f"There still is a placeholder in “{url[:80]}”.",
            where=where,
            remedy_de="Die spitzen Klammern und was darin steht durch Ihre Adresse ersetzen.",
            remedy_en="Replace the angle brackets, and what stands in them, by your address.",
        )
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower(), parts.port or PORTS.get(parts.scheme, 0)
        good = parts.scheme in schemes and bool(host) and parts.username is None and not any(map(str.isspace, url))
    except ValueError:
        good = False
    if not good:
        shown = " / ".join(f"{scheme}://HOST:{PORTS[scheme]}" for scheme in schemes)
        raise BadInput(
            "iot_agent_address",
            de=f"„{url[:80]}“ ist keine brauchbare Adresse.",
            en=f"“{url[:80]}” is no usable address.",
            where=where,
            remedy_de=f"Erwartet wird {shown}, ohne Benutzer und Passwort.",
            remedy_en=f"Expected is {shown}, without user and password.",
        )
    return Target(parts.scheme, host, port, parts.path)


def check_listed(to: Target, allow: Sequence[Target], where: str) -> None:
    """Refuse a target that is not listed.

    Raises:
        NotAllowed: `iot_agent_not_listed`.
    """
    if not any((one.scheme, one.host, one.port) == (to.scheme, to.host, to.port) for one in allow):
        raise NotAllowed(
            "iot_agent_not_listed",
            de=f"{to} steht nicht in der Liste allow.",
            en=f"{to} is not in the list allow.",
            where=where,
            remedy_de=f'Wenn der Agent dorthin darf: "{to}" in allow aufnehmen.',
            remedy_en=f'If the agent may go there: add "{to}" to allow.',
        )


def checked(to: Target, allow: Sequence[Target], where: str = "allow") -> str:
    """Return the address to connect to; resolves the name now.

    Raises:
        NotAllowed: `iot_agent_not_listed`; `iot_agent_inside`: the name points to an internal address that is not listed.
        NotAvailable: `iot_agent_unknown_host`.
    """
    check_listed(to, allow, where)
    if _is_address(to.host):
        return to.host
    try:
        found = sorted({str(row[4][0]) for row in socket.getaddrinfo(to.host, to.port, type=socket.SOCK_STREAM)})
    except OSError as error:
        raise NotAvailable(
            "iot_agent_unknown_host",
            de=f"Der Name {to.host} ist im Netz nicht bekannt.",
            en=f"The name {to.host} is not known in the network.",
            where=str(to),
            remedy_de="Name, Netzkabel und DNS prüfen, oder die IP-Adresse eintragen.",
            remedy_en="Check name, cable and DNS, or enter the IP address.",
        ) from error
    listed = {one.host for one in allow if (one.scheme, one.port) == (to.scheme, to.port)}
    for address in found:
        value = ipaddress.ip_address(address.split("%", 1)[0])
        if (not value.is_global or value.is_multicast) and address not in listed and to.host != "localhost":
            inside = Target(to.scheme, address, to.port)
            raise NotAllowed(
                "iot_agent_inside",
                de=f"{to.host} zeigt auf die interne Adresse {address}; die steht nicht in der Liste allow.",
                en=f"{to.host} points to the internal address {address}, which is not in the list allow.",
                where=where,
                remedy_de=f'Wenn das die richtige ist: zusätzlich "{inside}" in allow aufnehmen.',
                remedy_en=f'If it is the right one: add "{inside}" to allow as well.',
            )
    return next((address for address in found if ":" not in address), found[0])


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
