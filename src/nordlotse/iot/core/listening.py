"""Where the listener is reached, and who may come without a login: what the settings of the room say."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nordlotse.foundation.problem import WrongCall

MQTT, AUTH, TLS = "NORDLOTSE_IOT_MQTT", "NORDLOTSE_IOT_AUTH", "NORDLOTSE_IOT_TLS"
#: A broker read from besides, its password, and the password our own commands publish with.
BROKER, BROKER_PASSWORD, PASSWORD = "NORDLOTSE_IOT_BROKER", "NORDLOTSE_IOT_BROKER_PASSWORD", "NORDLOTSE_IOT_PASSWORD"
DEFAULT_MQTT = "127.0.0.1:1883"


@dataclass(frozen=True, slots=True)
class Listening:
    """`where`: host and port, None for nowhere. `required`: only who has a login. `tls`: certificate and key, None for plain text."""

    where: tuple[str, int] | None
    required: bool
    tls: tuple[Path, Path] | None


def listening(environ: Mapping[str, str], mqtt: str | None = None, tls: tuple[Path, Path] | None = None) -> Listening:
    """Return what the settings say; `mqtt` and `tls` of the command line count before them.

    Raises:
        WrongCall: `iot_mqtt`, `iot_auth`, `iot_tls`; `where` names the setting or the value.
    """
    where = address(mqtt or environ.get(MQTT, "").strip() or DEFAULT_MQTT)
    here = where is None or loopback(where[0])
    wish = environ.get(AUTH, "").strip() or ("open" if here else "required")
    if wish not in ("open", "required"):
        raise WrongCall(
            "iot_auth",
            de=f"{AUTH} muss open oder required sein.",
            en=f"{AUTH} must be open or required.",
            where=wish[:80],
        )
    if wish == "open" and where is not None and not here:
        raise WrongCall(
            "iot_auth",
            de="Ohne Anmeldung darf nur dieser Rechner selbst senden.",
            en="Without logins only this machine itself may send.",
            where=f"{where[0]}:{where[1]}",
            remedy_de=f"{AUTH}=required setzen, oder auf 127.0.0.1 horchen.",
            remedy_en=f"Set {AUTH}=required, or listen on 127.0.0.1.",
        )
    return Listening(where, wish == "required", tls or _pair(environ.get(TLS, "").strip()))


def address(text: str) -> tuple[str, int] | None:
    """Return host and port of HOST:PORT ([::1]:1883 too), None for "off".

    Raises:
        WrongCall: `iot_mqtt`.
    """
    if text == "off":
        return None
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or len(port) > 5 or int(port) > 65_535:
        raise WrongCall(
            "iot_mqtt",
            de="Die Adresse für MQTT muss HOST:PORT oder off sein.",
            en="The address for MQTT must be HOST:PORT or off.",
            where=text[:80],
            remedy_de="Zum Beispiel 127.0.0.1:1883",
            remedy_en="For example 127.0.0.1:1883",
        )
    return host, int(port)


def loopback(host: str) -> bool:
    """Return whether only this machine reaches the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _pair(text: str) -> tuple[Path, Path] | None:
    if not text:
        return None
    certificate, _, key = text.partition(":")
    if not certificate or not key or ":" in key:
        raise WrongCall(
            "iot_tls",
            de=f"{TLS} muss ZERTIFIKAT:SCHLÜSSEL sein, zwei Dateien.",
            en=f"{TLS} must be CERTIFICATE:KEY, two files.",
            where=text[:80],
            remedy_de="Zum Beispiel /etc/nordlotse/mqtt.crt:/etc/nordlotse/mqtt.key",
            remedy_en="For example /etc/nordlotse/mqtt.crt:/etc/nordlotse/mqtt.key",
        )
    return Path(certificate), Path(key)
