"""CONNECT and its answer: who is let in, for how long a session is kept, what a client is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nordlotse.iot.core.mqtt import answers
from nordlotse.iot.core.mqtt.frames import MAX_PACKET, MAX_TOPIC
from nordlotse.iot.core.mqtt.packets import Connect, ProtocolError, Reason, Value, Will
from nordlotse.iot.core.mqtt.ports import Login
from nordlotse.iot.core.mqtt.publishing import RECEIVE_MAXIMUM
from nordlotse.iot.core.mqtt.sessions import MOST_SECONDS

if TYPE_CHECKING:
    from nordlotse.iot.core.mqtt.server import Server

_MOST_CLIENT_ID = 256


def check(wish: Connect) -> None:
    """Refuse what nobody may wish.

    Raises:
        ProtocolError.
    """
    if 0 in (wish.properties.get("receive_maximum", 1), wish.properties.get("maximum_packet", 1)):
        raise ProtocolError(Reason.PROTOCOL, "a maximum of 0")
    if "auth_method" in wish.properties:
        raise ProtocolError(Reason.IMPLEMENTATION, "enhanced authentication")


def refusal(server: Server, wish: Connect, login: Login | None) -> Reason:
    """Return why a client is not let in, SUCCESS if it is; `login`: who it is, None for nobody that may connect."""
    if login is None:
        return Reason.BAD_LOGIN
    if (not wish.client_id and not wish.clean and wish.version == 4) or len(wish.client_id) > _MOST_CLIENT_ID:
        return Reason.CLIENT_ID
    if wish.will is not None and not login.may(wish.will.topic):
        return Reason.NOT_AUTHORIZED
    if _large(wish.will, server.limits.will) or server.of_company.get(login.company, 0) >= server.limits.of_company:
        return Reason.QUOTA
    return Reason.SUCCESS


def _large(will: Will | None, most: int) -> bool:
    return will is not None and (len(will.payload) > most or len(will.topic) > MAX_TOPIC)


def expiry_of(wish: Connect) -> float:
    """Return how long the client's session is to outlive its connection, in seconds; 3.1.1 knows only never and for ever."""
    if wish.version == 4:
        return 0.0 if wish.clean else float("inf")
    given = wish.properties.get("session_expiry", 0)
    return float(given) if isinstance(given, int) else 0.0


def welcome(wish: Connect, client: str, present: bool) -> bytes:
    """Return the CONNACK that lets a client in. `client`: its id, made by us where it has none; `present`: it has a session."""
    told: dict[str, Value] = {}
    if wish.version == 5:
        told = {"receive_maximum": RECEIVE_MAXIMUM, "maximum_packet": MAX_PACKET, "shared": 0, "subscription_ids": 0}
        if not wish.client_id:
            told["client_id"] = client
        if expiry_of(wish) > MOST_SECONDS:
            told["session_expiry"] = MOST_SECONDS
    return answers.connack(wish.version, Reason.SUCCESS, present, told)
