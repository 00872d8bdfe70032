"""The only door to the outside: one function, only to hosts and ports an administrator has listed.

The name is resolved once, every address it gives is checked, and the connection goes to that checked address, so that a
name cannot change its meaning between check and use. No redirects, bounded size and time.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from nordlotse.foundation.problem import BadInput, NotAllowed, NotAvailable

MAX_BYTES = 8 * 1024 * 1024
TIMEOUT_SECONDS = 10.0

_UNUSABLE = re.compile(r"[\x00-\x20\x7f\\]")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: HTTP status, headers in lower case, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotAvailable(
            "outgoing_unknown_host",
            de=f"{host} ist nicht zu finden.",
            en=f"{host} cannot be found.",
            where=host,
            remedy_de="Bitte Namen und Netz prüfen.",
            remedy_en="Check name and network.",
        ) from error
    return sorted({str(row[4][0]) for row in found})


def _check_listed(host: str, port: int, allowed: Sequence[str]) -> None:
    if f"{host}:{port}" not in {entry.lower() for entry in allowed}:
        raise NotAllowed(
            "outgoing_not_listed",
            de=f"{host}:{port} steht nicht auf der Liste der erlaubten Ziele.",
            en=f"{host}:{port} is not on the list of allowed targets.",
            where="NORDLOTSE_OUTGOING",
            remedy_de="Nur die Betreiberin kann das Ziel eintragen.",
            remedy_en="Only the operator can add the target.",
        )


def _check_address(address: str, host: str, allowed: Sequence[str], port: int) -> None:
    """Refuse a private address unless the administrator listed that very address."""
    value = ipaddress.ip_address(address.split("%", 1)[0])
    literal = {entry.lower() for entry in allowed}
    if (not value.is_global or value.is_multicast) and f"{address}:{port}" not in literal and host != "localhost":
        raise NotAllowed(
            "outgoing_private_address",
            de=f"{host} zeigt auf die interne Adresse {address}.",
            en=f"{host} points to the internal address {address}.",
            where=host,
            remedy_de="Ein internes Ziel muss mit seiner Adresse auf der Liste stehen.",
            remedy_en="An internal target must be listed by its address.",
        )


def request(
    method: str,
    url: str,
    *,
    allowed: Sequence[str],
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BYTES,
    timeout: float = TIMEOUT_SECONDS,
) -> Reply:
    """Send one request to a listed host and port.

    Raises:
        BadInput: the address is not http(s).
        NotAllowed: the target is not listed, resolves to an internal address, or answers with a redirect.
        NotAvailable: no connection, too slow, or more than `max_bytes`.
    """
    parts, host, port = _parse(url)
    _check_listed(host, port, allowed)
    addresses = _addresses(host, port)
    for address in addresses:
        _check_address(address, host, allowed, port)
    deadline = time.monotonic() + timeout
    connection = _connect(parts.scheme, host, addresses[0], port, timeout)
    # The connection gives its socket away once the answer begins; time limits and closing still need it.
    wire, answer = connection.sock, None
    try:
        path = parts.path or "/"
        connection.request(
            method, f"{path}?{parts.query}" if parts.query else path, body, {"Host": parts.netloc, **(headers or {})}
        )
        answer = connection.getresponse()
        if 300 <= answer.status < 400:
            raise NotAllowed(
                "outgoing_redirect",
                de=f"{host} leitet weiter; das folgen wir nicht.",
                en=f"{host} redirects; we do not follow.",
                where=host,
                remedy_de="Bitte das Ziel selbst eintragen.",
                remedy_en="List the target itself.",
            )
        data = _read(wire, answer, max_bytes, deadline)
    except (OSError, http.client.HTTPException) as error:
        raise NotAvailable(
            "outgoing_failed",
            de=f"{host} antwortet nicht.",
            en=f"{host} does not answer.",
            where=host,
            remedy_de="Bitte später noch einmal versuchen.",
            remedy_en="Try again later.",
        ) from error
    finally:
        if answer is not None:
            answer.close()
        connection.close()
        wire.close()
    if len(data) > max_bytes:
        raise NotAvailable(
            "outgoing_too_large",
            de=f"{host} schickt mehr als {max_bytes} Bytes.",
            en=f"{host} sends more than {max_bytes} bytes.",
            where=host,
            remedy_de="Bitte eine kleinere Abfrage stellen.",
            remedy_en="Ask for less.",
        )
    return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, data)


def check(url: str, allowed: Sequence[str]) -> None:
    """Refuse an address nothing may be sent to, before anything is; nothing is sent.

    Raises:
        BadInput, NotAllowed, NotAvailable: as `request`.
    """
    _, host, port = _parse(url)
    _check_listed(host, port, allowed)
    for address in _addresses(host, port):
        _check_address(address, host, allowed, port)


def _parse(url: str) -> tuple[SplitResult, str, int]:
    """Return the parts of an address, its host and port; blanks, line breaks and names of users have no place in one."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)
        usable = (
            parts.scheme in ("http", "https") and bool(host) and parts.username is None and not _UNUSABLE.search(url)
        )
    except ValueError:
        usable = False
    if not usable:
        raise BadInput(
            "outgoing_address",
            de="Die Adresse ist nicht brauchbar.",
            en="The address cannot be used.",
            where=url[:80],
            remedy_de="Erwartet wird http(s)://…",
            remedy_en="http(s)://… is expected.",
        )
    return parts, host, port


def _read(wire: socket.socket, answer: http.client.HTTPResponse, max_bytes: int, deadline: float) -> bytes:
    """Read at most one byte more than allowed, and not longer than until the deadline even if bytes keep dripping in."""
    data = bytearray()
    while len(data) <= max_bytes:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        wire.settimeout(left)
        part = answer.read1(min(65536, max_bytes + 1 - len(data)))
        if not part:
            break
        data += part
    return bytes(data)


def _connect(scheme: str, host: str, address: str, port: int, timeout: float) -> http.client.HTTPConnection:
    """Open a connection to the checked address; TLS still verifies the host's name."""
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        raw = socket.create_connection((address, port), timeout=timeout)
        connection.sock = (
            ssl.create_default_context().wrap_socket(raw, server_hostname=host) if scheme == "https" else raw
        )
    except OSError as error:
        raise NotAvailable(
            "outgoing_failed",
            de=f"{host} ist nicht erreichbar.",
            en=f"{host} cannot be reached.",
            where=host,
            remedy_de="Bitte Ziel und Netz prüfen.",
            remedy_en="Check target and network.",
        ) from error
    return connection
