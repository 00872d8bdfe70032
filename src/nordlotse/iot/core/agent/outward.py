"""MQTT clients of the agent and the bridge: only outward, to a checked address, over TLS with the host's name verified."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

#: Seconds until a connection must stand.
TIMEOUT = 10.0
#: Seconds between signs of life.
KEEP_ALIVE = 30


class Outward(Client):
    """paho's client, connecting to the address that `find` has checked; the certificate must still be the host's."""

    def __init__(self, name: str, find: Callable[[], str], manual_ack: bool = False, protocol: int = 5) -> None:
        """Take the client's name, and who checks and resolves the host each time before a connection."""
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id=name,
            protocol=protocol,  # type: ignore[arg-type]
            manual_ack=manual_ack,
            reconnect_on_failure=False,
        )
        self._find = find
        self._tls: ssl.SSLContext | None = None
        self.connect_timeout = TIMEOUT

    def secure(self, tls: ssl.SSLContext) -> None:
        """Speak TLS."""
        self.tls_set_context(tls)
        self._tls = tls

    def end(self) -> None:
        """Say good-bye, wait for the client's thread, and close what the library leaves to be collected."""
        self.disconnect()
        self.loop_stop()
        self._reset_sockets()

    def _ssl_wrap_socket(self, tcp_sock: socket.socket) -> ssl.SSLSocket:
        assert self._tls is not None  # noqa: S101 - asked for only after `secure`
        wrapped = self._tls.wrap_socket(tcp_sock, server_hostname=self._host, do_handshake_on_connect=False)
        try:
            wrapped.settimeout(TIMEOUT)
            wrapped.do_handshake()
        except BaseException:
            wrapped.close()  # the library leaves it open
            raise
        return wrapped

    def _create_socket_connection(self) -> socket.socket:
        return socket.create_connection((self._find(), self._port), timeout=TIMEOUT)


def context(ca: Path | None, certificate: Path | None = None, key: Path | None = None) -> ssl.SSLContext:
    """Return what TLS is made with: authorities of the system or of a file, and the own certificate where there is one.

    Raises:
        OSError, ssl.SSLError: a file is none.
    """
    made = ssl.create_default_context(cafile=str(ca) if ca else None)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate is not None:
        made.load_cert_chain(certificate, key)
    return made


@dataclass(frozen=True, slots=True)
class Subscription:
    """What is asked of a broker: filters, publications it may send before the first is acknowledged, seconds it keeps our session while
    we are away (0: it begins anew each time), user and password.

    Always with quality of service 1: with 2 the client library tells the broker that it has a publication (PUBREC) before anybody could
    make it safe, and a crash in between would lose it.
    """

    filters: Sequence[str]
    under_way: int
    session: int
    user: str = ""
    password: str = ""
    tls: ssl.SSLContext | None = None


async def subscribed(
    client: Outward,
    host: str,
    port: int,
    wish: Subscription,
    take: Callable[[MQTTMessage], None],
    lost: Callable[[Exception], None],
) -> bool:
    """Connect and subscribe; return whether the broker still knew the session. `take` is called in the client's thread, `lost` in the loop.

    Raises:
        RefusedError, OSError, Problem: there is no connection; the client is closed.
    """
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[bool] = loop.create_future()
    known = False

    def settle(error: Exception | None) -> None:
        if ready.done():
            if error is not None:
                lost(error)
        elif error is None:
            ready.set_result(known)
        else:
            ready.set_exception(error)

    def on_connect(_: Any, __: Any, flags: ConnectFlags, reason: ReasonCode, ___: Any) -> None:
        nonlocal known
        known = flags.session_present
        if reason.is_failure:
            loop.call_soon_threadsafe(settle, RefusedError(reason))
            return
        options = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
        client.subscribe([(one, options) for one in wish.filters])

    def on_subscribe(_: Any, __: Any, ___: int, reasons: list[ReasonCode], ____: Any) -> None:
        refused = next((reason for reason in reasons if reason.is_failure), None)
        loop.call_soon_threadsafe(settle, None if refused is None else RefusedError(refused))

    def on_disconnect(*_: Any) -> None:
        loop.call_soon_threadsafe(settle, ConnectionResetError("connection lost"))

    client.on_connect, client.on_subscribe, client.on_disconnect = on_connect, on_subscribe, on_disconnect
    client.on_message = lambda _, __, message: take(message)
    if wish.tls is not None:
        client.secure(wish.tls)
    if wish.user:
        client.username_pw_set(wish.user, wish.password)
    told = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    told.ReceiveMaximum, told.SessionExpiryInterval = wish.under_way, wish.session
    try:
        await loop.run_in_executor(
            None, lambda: client.connect(host, port, KEEP_ALIVE, clean_start=not wish.session, properties=told)
        )
        client.loop_start()
        return await asyncio.wait_for(ready, TIMEOUT)
    except BaseException:
        await closed(client)
        raise


async def closed(client: Outward) -> None:
    """Say good-bye and wait for the client's thread."""
    client.on_disconnect = None
    await asyncio.get_running_loop().run_in_executor(None, client.end)


class RefusedError(OSError):
    """The broker has refused."""

    def __init__(self, reason: ReasonCode) -> None:
        super().__init__(str(reason))
        self.reason = reason


def refusal(reason: ReasonCode) -> tuple[str, str]:
    """Return in German and English why a broker or the centre has refused, and what to do."""
    told = {
        "Bad user name or password": (
            "Benutzer oder Passwort stimmen nicht. Bitte user und password prüfen.",
            "User or password are wrong. Check user and password.",
        ),
        "Not authorized": (
            "Diese Anmeldung darf das nicht. Bitte user und password prüfen, und ob sie für diese Maschine gelten.",
            "This login may not do that. Check user and password, and whether they are for this machine.",
        ),
        "Server unavailable": ("Die Gegenstelle ist gerade nicht bereit.", "The other side is not ready now."),
        "Session taken over": (
            "Ein anderer Agent hat sich mit demselben Namen angemeldet. Bitte jedem ein eigenes name geben.",
            "Another agent has connected with the same name. Give each its own name.",
        ),
    }
    name = str(reason)
    return told.get(name, (f"Die Gegenstelle lehnt ab: {name}.", f"The other side refuses: {name}."))


def unreachable(error: Exception, to: object) -> tuple[str, str]:
    """Return in German and English why a connection did not come about, and what to do."""
    if isinstance(error, ssl.SSLCertVerificationError):
        why = error.verify_message or "?"
        return (
            f"Das Zertifikat von {to} wird nicht anerkannt ({why}). Name und Uhr prüfen; ein eigenes Zertifikat unter ca eintragen.",
            f"The certificate of {to} is not accepted ({why}). Check name and clock; enter an own certificate under ca.",
        )
    if isinstance(error, ssl.SSLError):
        return (
            f"{to} spricht kein TLS, oder ein anderes. Ist es der richtige Port?",
            f"{to} does not speak TLS, or another one. Is it the right port?",
        )
    if isinstance(error, ConnectionRefusedError):
        return (
            f"An {to} nimmt niemand Verbindungen an. Läuft dort der Dienst, stimmt der Port?",
            f"Nobody takes connections at {to}. Does the service run there, is the port right?",
        )
    if isinstance(error, (TimeoutError, socket.timeout)):
        return (
            f"{to} antwortet nicht. Netzkabel, Adresse und Firewall prüfen.",
            f"{to} does not answer. Check cable, address and firewall.",
        )
    if isinstance(error, OSError):
        return (
            f"{to} ist nicht erreichbar ({error.strerror or type(error).__name__}). Netzkabel und Adresse prüfen.",
            f"{to} cannot be reached ({error.strerror or type(error).__name__}). Check cable and address.",
        )
    return f"{to}: {type(error).__name__} {error}"[:300], f"{to}: {type(error).__name__} {error}"[:300]
