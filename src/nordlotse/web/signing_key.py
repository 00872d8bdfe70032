"""The key with which this installation signs for whom it has signed in (single sign-on for a forum)."""

from __future__ import annotations

import contextlib
import os
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from nordlotse.foundation.problem import NotAvailable

#: RSA 3072: fit until 2030 and beyond (BSI TR-02102-1).
BITS = 3072


@lru_cache(maxsize=4)
def signing_key(data_dir: Path) -> str:
    """Return the key (PEM, RSA); the first call makes it, readable by the owner only. Of two at once one wins.

    Raises:
        NotAvailable: the data folder cannot be read or written.
    """
    path = data_dir / "signing_key.pem"
    try:
        if not path.exists():
            _write(path)
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise NotAvailable(
            "signing_key",
            de="Der Schlüssel zum Unterschreiben ist nicht lesbar.",
            en="The signing key cannot be read.",
            where=f"{path.name} ({type(error).__name__})",
            remedy_de="Bitte die Rechte des Datenordners prüfen.",
            remedy_en="Check the permissions of the data folder.",
        ) from error


def _write(path: Path) -> None:
    made = rsa.generate_private_key(public_exponent=65537, key_size=BITS).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    partial = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(made)
            handle.flush()
            os.fsync(handle.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(partial, path)
    finally:
        partial.unlink()
