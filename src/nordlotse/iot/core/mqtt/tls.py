"""TLS of the listener, with a certificate that may be replaced while it runs."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

from nordlotse.foundation.problem import NotAvailable

_log = logging.getLogger("nordlotse.iot")


class Certificate:
    """Certificate and key of the listener; `context` is what the listener takes. TLS 1.2 and newer."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """Read both files.

        Raises:
            NotAvailable: `iot_certificate`: a file is not there, not readable, or they do not belong together.
        """
        self._paths = (certificate, key)
        self._seen = self._state()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            self.context.load_cert_chain(certificate, key, password=_none)
        except (OSError, ValueError) as error:
            raise NotAvailable(
                "iot_certificate",
                de="Zertifikat und Schlüssel für MQTT sind nicht nutzbar.",
                en="Certificate and key for MQTT cannot be used.",
                where=f"{certificate} ({type(error).__name__})",
                remedy_de="Beide als PEM, der Schlüssel ohne Passwort, lesbar für Nordlotse; sie müssen zusammengehören.",
                remedy_en="Both as PEM, the key without a password, readable for Nordlotse; they must belong together.",
            ) from error

    def refresh(self) -> bool:
        """Take the files again if they were replaced, for connections to come; return whether that was done.

        Where the new ones cannot be used, or do not belong together yet, the old ones stay and the next call tries again.
        """
        state = self._state()
        if state == self._seen:
            return False
        try:
            # Tried on another context first: one that took a certificate without its key would let nobody in.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(*self._paths, password=_none)
            self.context.load_cert_chain(*self._paths, password=_none)
        except (OSError, ValueError) as error:
            _log.error("event=iot_certificate_unusable error=%s", type(error).__name__)
            return False
        self._seen = state
        _log.info("event=iot_certificate_replaced")
        return True

    def _state(self) -> tuple[tuple[int, int] | None, ...]:
        found: list[tuple[int, int] | None] = []
        for path in self._paths:
            try:
                told = path.stat()
                found.append((told.st_ino, told.st_mtime_ns))
            except OSError:
                found.append(None)
        return tuple(found)


def _none() -> str:
    """Answer a key that asks for a password: without this OpenSSL would ask on the terminal and wait."""
    raise ValueError("the key has a password")
