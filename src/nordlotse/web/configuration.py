"""The installation's settings: environment variables read once into one frozen value (docs/operate.md lists them)."""

from __future__ import annotations

import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

from nordlotse.foundation.problem import WrongCall


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything an operator can set. Each field's metadata names its variable."""

    data_dir: Path = field(metadata={"variable": "NORDLOTSE_DATA_DIR"})
    database_url: str = field(metadata={"variable": "NORDLOTSE_DATABASE_URL"})
    public_url: str = field(metadata={"variable": "NORDLOTSE_PUBLIC_URL"})
    bind: str = field(metadata={"variable": "NORDLOTSE_BIND"})
    trusted_proxies: tuple[str, ...] = field(metadata={"variable": "NORDLOTSE_TRUSTED_PROXIES"})
    smtp_url: str = field(metadata={"variable": "NORDLOTSE_SMTP_URL"})
    outgoing: tuple[str, ...] = field(metadata={"variable": "NORDLOTSE_OUTGOING"})
    rate_limit: bool = field(metadata={"variable": "NORDLOTSE_RATE_LIMIT"})
    port: int = field(metadata={"variable": "PORT"})

    @property
    def secure(self) -> bool:
        """Tell whether the public address is served over TLS."""
        return self.public_url.startswith("https://")

    @property
    def host(self) -> str:
        """Return the host name of the public address."""
        return urlsplit(self.public_url).hostname or "localhost"


def variables() -> tuple[str, ...]:
    """Return the names of all variables, in the order of the dataclass."""
    return tuple(str(f.metadata["variable"]) for f in fields(Configuration))


def default_data_dir(environ: Mapping[str, str]) -> Path:
    """Return the user's data folder (XDG base directory specification 0.8)."""
    base = environ.get("XDG_DATA_HOME")
    return Path(base) / "nordlotse" if base else Path.home() / ".local" / "share" / "nordlotse"


def _wrong(name: str, value: str, de: str, en: str) -> WrongCall:
    return WrongCall(
        "setting_wrong",
        de=f"{name} hat den Wert „{value[:60]}“. {de}",
        en=f"{name} has the value “{value[:60]}”. {en}",
        where=name,
        remedy_de="docs/operate.md beschreibt alle Einstellungen.",
        remedy_en="docs/operate.md describes all settings.",
    )


def _port(environ: Mapping[str, str]) -> int:
    value = environ.get("PORT", "8000").strip()
    if not value.isdigit() or not 1 <= int(value) <= 65535:
        raise _wrong("PORT", value, "Erwartet wird eine Zahl von 1 bis 65535.", "A number from 1 to 65535 is expected.")
    return int(value)


def _switch(environ: Mapping[str, str], name: str, default: str) -> bool:
    value = environ.get(name, default).strip().lower()
    if value not in ("on", "off"):
        raise _wrong(name, value, "Erwartet wird on oder off.", "on or off is expected.")
    return value == "on"


def _list(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in environ.get(name, "").split(",") if part.strip())


def _proxies(environ: Mapping[str, str]) -> tuple[str, ...]:
    name = "NORDLOTSE_TRUSTED_PROXIES"
    for value in (found := _list(environ, name)):
        try:
            ipaddress.ip_network(value, strict=False)
        except ValueError as error:
            raise _wrong(name, value, "Erwartet werden Adressen oder Netze.", "Addresses or networks are expected.") from error
    return found


def _outgoing(environ: Mapping[str, str]) -> tuple[str, ...]:
    name = "NORDLOTSE_OUTGOING"
    for value in (found := _list(environ, name)):
        host, _, port = value.rpartition(":")
        if not host or not port.isdigit():
            raise _wrong(name, value, "Erwartet wird host:port, mit Komma getrennt.", "host:port is expected, separated by commas.")
    return found


def _public_url(environ: Mapping[str, str], port: int) -> str:
    value = environ.get("NORDLOTSE_PUBLIC_URL", f"http://localhost:{port}").strip().rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path:
        raise _wrong("NORDLOTSE_PUBLIC_URL", value, "Erwartet wird http(s)://name[:port] ohne Pfad.",
                     "http(s)://name[:port] without a path is expected.")
    return value


def read(environ: Mapping[str, str] | None = None) -> Configuration:
    """Read the settings from the environment.

    Raises:
        WrongCall: a value cannot be used; names variable and remedy.
    """
    environ = os.environ if environ is None else environ
    port = _port(environ)
    data_dir = Path(environ.get("NORDLOTSE_DATA_DIR") or default_data_dir(environ)).expanduser()
    return Configuration(
        data_dir=data_dir,
        database_url=environ.get("NORDLOTSE_DATABASE_URL") or f"sqlite:///{data_dir / 'nordlotse.sqlite3'}",
        public_url=_public_url(environ, port),
        bind=environ.get("NORDLOTSE_BIND") or "127.0.0.1",
        trusted_proxies=_proxies(environ),
        smtp_url=environ.get("NORDLOTSE_SMTP_URL", ""),
        outgoing=_outgoing(environ),
        rate_limit=_switch(environ, "NORDLOTSE_RATE_LIMIT", "on"),
        port=port,
    )


def secret_key(data_dir: Path) -> str:
    """Return the installation's secret key; the first call makes it (readable by the owner only)."""
    path = data_dir / "secret_key"
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write(secrets.token_urlsafe(50))
        handle.flush()
        os.fsync(handle.fileno())
    return path.read_text(encoding="ascii").strip()
