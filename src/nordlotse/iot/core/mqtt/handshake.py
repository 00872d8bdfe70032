"""TLS in front of a connection: counted and bounded from its first byte, not only once the handshake is done."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from asyncio import sslproto
from typing import TYPE_CHECKING

from nordlotse.iot.core.mqtt.connection import Connection

if TYPE_CHECKING:
    from nordlotse.iot.core.mqtt.server import Server

#: A record of TLS has 16 KB at most. The 256 KB that asyncio keeps for each connection would be gigabytes for ten thousand machines.
sslproto.SSLProtocol.max_size = 32 * 1024


class Handshake(asyncio.Protocol):
    """One client until it speaks TLS. What it sends right behind the handshake is kept for its connection."""

    def __init__(self, server: Server, context: ssl.SSLContext, seconds: float) -> None:
        """Belong to a server; `seconds`: how long a handshake may take."""
        self._server = server
        self._context = context
        self._seconds = seconds
        self._early = bytearray()
        self._gone = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a client's place among the others, and begin the handshake."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP is
        transport.pause_reading()  # what comes is for TLS
        connection = Connection(self._server)
        if connection.admitted(transport):
            network = network_of(str((transport.get_extra_info("peername") or ("",))[0]))
            self._server.shaking(connection, network)
            self._server.keep(self._shake(transport, connection, network))

    def data_received(self, data: bytes) -> None:
        """Keep what comes before the connection can take it."""
        self._early += data

    def connection_lost(self, error: Exception | None) -> None:
        """Note that the client is gone."""
        self._gone = True

    async def _shake(self, transport: asyncio.Transport, connection: Connection, network: str) -> None:
        tls: asyncio.Transport | None = None
        try:
            if not transport.is_closing():
                tls = await asyncio.get_running_loop().start_tls(
                    transport, self, self._context, server_side=True, ssl_handshake_timeout=self._seconds
                )
        except OSError:
            pass  # it cannot do it, was too slow, or left
        finally:
            self._server.shaken(connection, network)
            if tls is None or self._gone or transport.is_closing():
                transport.abort()
                connection.connection_lost(None)
                tls = None
        if tls is not None:
            tls.set_protocol(connection)
            connection.begin(tls)
            if self._early:
                connection.data_received(bytes(self._early))


def network_of(address: str) -> str:
    """Return what a limit counts by: an IPv4 address, or the /64 network that one IPv6 customer holds."""
    try:
        told = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if told.version == 4 or told.ipv4_mapped:
        return str(told.ipv4_mapped or told) if told.version == 6 else str(told)
    return str(int(told) >> 64)
