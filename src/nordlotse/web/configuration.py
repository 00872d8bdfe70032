"""The installation's settings: environment variables read once into one frozen value (docs/operate.md lists them)."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from email.utils import formataddr, parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from nordlotse.foundation.problem import NotAvailable, WrongCall
from nordlotse.iot.core import listening, unread


@dataclass(frozen=True, slots=True)
class SignInService:
    """An OpenID Connect provider people may sign in with: the name on the button, its address, our id and secret there."""

    name: str
    issuer: str
    client_id: str
    secret: str = field(repr=False)

    @property
    def origin(self) -> str:
        """Return `scheme://host[:port]` of the provider."""
        return "{0.scheme}://{0.netloc}".format(urlsplit(self.issuer))

    @property
    def target(self) -> str:
        """Return `host:port` of the provider."""
        parts = urlsplit(self.issuer)
        return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything an operator can set. Each field's metadata names its variable."""

    data_dir: Path = field(metadata={"variable": "NORDLOTSE_DATA_DIR"})
    database_url: str = field(metadata={"variable": "NORDLOTSE_DATABASE_URL"})
    public_url: str = field(metadata={"variable": "NORDLOTSE_PUBLIC_URL"})
    bind: str = field(metadata={"variable": "NORDLOTSE_BIND"})
    trusted_proxies: tuple[str, ...] = field(metadata={"variable": "NORDLOTSE_TRUSTED_PROXIES"})
    smtp_url: str = field(metadata={"variable": "NORDLOTSE_SMTP_URL"})
    imap_url: str = field(metadata={"variable": "NORDLOTSE_IMAP_URL"})
    mail_from: str = field(metadata={"variable": "NORDLOTSE_MAIL_FROM"})
    outgoing: tuple[str, ...] = field(metadata={"variable": "NORDLOTSE_OUTGOING"})
    oidc: SignInService | None = field(metadata={"variable": "NORDLOTSE_OIDC"})
    rate_limit: bool = field(metadata={"variable": "NORDLOTSE_RATE_LIMIT"})
    part_workers: int = field(metadata={"variable": "NORDLOTSE_PART_WORKERS"})
    part_disk: int = field(metadata={"variable": "NORDLOTSE_PART_DISK"})
    iot_mqtt: str = field(metadata={"variable": listening.MQTT})
    iot_auth: str = field(metadata={"variable": listening.AUTH})
    iot_broker: str = field(metadata={"variable": listening.BROKER})
    iot_broker_password: str = field(repr=False, metadata={"variable": listening.BROKER_PASSWORD})
    iot_password: str = field(repr=False, metadata={"variable": listening.PASSWORD})
    iot_tls: tuple[Path, Path] | None = field(metadata={"variable": listening.TLS})
    iot_unread_mb: int = field(metadata={"variable": unread.MB})
    iot_unread_days: int = field(metadata={"variable": unread.DAYS})
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


def _is_port(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 5 and 1 <= int(value) <= 65535


def _port(environ: Mapping[str, str]) -> int:
    value = environ.get("PORT", "").strip() or "8000"
    if not _is_port(value):
        raise _wrong("PORT", value, "Erwartet wird eine Zahl von 1 bis 65535.", "A number from 1 to 65535 is expected.")
    return int(value)


def _number(environ: Mapping[str, str], name: str, default: int, most: int) -> int:
    value = environ.get(name, "").strip() or str(default)
    if not (value.isascii() and value.isdigit() and len(value) <= 9 and 1 <= int(value) <= most):
        raise _wrong(
            name, value, f"Erwartet wird eine Zahl von 1 bis {most}.", f"A number from 1 to {most} is expected."
        )
    return int(value)


def _switch(environ: Mapping[str, str], name: str, default: str) -> bool:
    value = environ.get(name, "").strip().lower() or default
    if value not in ("on", "off"):
        raise _wrong(name, value, "Erwartet wird on oder off.", "on or off is expected.")
    return value == "on"


def _list(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in environ.get(name, "").split(",") if part.strip())


def _proxies(environ: Mapping[str, str]) -> tuple[str, ...]:
    name = "NORDLOTSE_TRUSTED_PROXIES"
    found = []
    for value in _list(environ, name):
        try:
            found.append(str(ipaddress.ip_network(value, strict=False)))
        except ValueError as error:
            raise _wrong(
                name, value, "Erwartet werden Adressen oder Netze.", "Addresses or networks are expected."
            ) from error
    return tuple(found)


def _outgoing(environ: Mapping[str, str]) -> tuple[str, ...]:
    name = "NORDLOTSE_OUTGOING"
    for value in (found := _list(environ, name)):
        host, _, port = value.rpartition(":")
        if not host or "/" in host or not _is_port(port):
            raise _wrong(
                name,
                value,
                "Erwartet wird host:port, mit Komma getrennt.",
                "host:port is expected, separated by commas.",
            )
    return found


def _oidc(environ: Mapping[str, str]) -> SignInService | None:
    name, value = "NORDLOTSE_OIDC", environ.get("NORDLOTSE_OIDC", "").strip()
    if not value:
        return None
    parts = [part.strip() for part in value.split("|", 3)]
    try:
        address = urlsplit(parts[1]) if len(parts) == 4 and all(parts) else None
        plain = address is not None and address.scheme == "http" and address.hostname in _ON_THIS_MACHINE
        usable = address is not None and bool(address.hostname) and (address.port or 1) > 0
        usable = usable and (plain or (address is not None and address.scheme == "https"))
    except ValueError:
        usable = False
    if not usable:
        # The value holds a secret: only the name is shown.
        raise _wrong(
            name,
            f"{parts[0][:20]}|…",
            "Erwartet wird Name|https://adresse|Kennung|Geheimnis.",
            "name|https://address|client id|secret is expected.",
        )
    return SignInService(parts[0][:40], parts[1].rstrip("/"), parts[2], parts[3])


def _public_url(environ: Mapping[str, str], port: int) -> str:
    value = environ.get("NORDLOTSE_PUBLIC_URL", "").strip().rstrip("/") or f"http://localhost:{port}"
    wrong = _wrong(
        "NORDLOTSE_PUBLIC_URL",
        value,
        "Erwartet wird http(s)://name[:port] ohne Pfad.",
        "http(s)://name[:port] without a path is expected.",
    )
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port  # the port is checked when it is read
    except ValueError as error:
        raise wrong from error
    if (
        parts.scheme not in ("http", "https")
        or not host
        or parts.path
        or parts.query
        or parts.fragment
        or parts.username
    ):
        raise wrong
    return value


def _bind(environ: Mapping[str, str]) -> str:
    value = environ.get("NORDLOTSE_BIND", "").strip() or "127.0.0.1"
    if value == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(value.strip("[]")))
    except ValueError as error:
        raise _wrong(
            "NORDLOTSE_BIND",
            value,
            "Erwartet wird eine Adresse, etwa 127.0.0.1 oder 0.0.0.0.",
            "An address is expected, for example 127.0.0.1 or 0.0.0.0.",
        ) from error


def _database_url(environ: Mapping[str, str], data_dir: Path) -> str:
    value = environ.get("NORDLOTSE_DATABASE_URL", "").strip() or f"sqlite:///{data_dir / 'nordlotse.sqlite3'}"
    scheme, _, rest = value.partition("://")
    if scheme not in ("sqlite", "postgres", "postgresql") or (scheme == "sqlite" and len(rest) < 2):
        # The value may hold a password: only its kind is shown.
        raise _wrong(
            "NORDLOTSE_DATABASE_URL",
            f"{scheme[:20]}://…",
            "Erwartet wird sqlite:///PFAD oder postgres://…",
            "sqlite:///PATH or postgres://… is expected.",
        )
    return value


_ON_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def _mail_url(environ: Mapping[str, str], name: str, scheme: str) -> str:
    """Read the address of a mail server; without TLS only a server on this machine may be named (`?starttls=off`)."""
    value = environ.get(name, "").strip()
    try:
        parts = urlsplit(value)
        usable = not value or (
            parts.scheme in (scheme, f"{scheme}s")
            and bool(parts.hostname)
            and (parts.port or 1) > 0
            and (not parts.query or (parts.query == "starttls=off" and parts.hostname in _ON_THIS_MACHINE))
        )
    except ValueError:
        usable = False
    if not usable:
        raise _wrong(
            name,
            f"{value.partition('://')[0][:20]}://…",
            f"Erwartet wird {scheme}(s)://name:passwort@host:port; ?starttls=off nur auf diesem Rechner.",
            f"{scheme}(s)://name:password@host:port is expected; ?starttls=off only on this machine.",
        )
    return value


def _mail_from(environ: Mapping[str, str], host: str) -> str:
    name = "NORDLOTSE_MAIL_FROM"
    value = environ.get(name, "").strip() or f"Nordlotse <nordlotse@{host}>"
    shown, address = parseaddr(value)
    local, _, domain = address.rpartition("@")
    plain = not any(c in value for c in "\r\n") and address.isascii() and not any(c.isspace() for c in address)
    # A reply address puts a plus and 24 characters before the @; RFC 5321, 4.5.3.1.1 allows 64 there.
    if not (plain and local and domain and "+" not in local and len(local) <= 39):
        raise _wrong(
            name,
            value,
            "Erwartet wird eine Adresse, etwa Zentrum <lotse@zentrum.example>, ohne Plus, vor dem @ höchstens 39 Zeichen.",
            "An address is expected, for example Centre <pilot@centre.example>, without a plus, at most 39 characters before the @.",
        )
    return formataddr((shown, address.lower())) if shown else address.lower()


def _listening(environ: Mapping[str, str]) -> listening.Listening:
    try:
        return listening.listening(environ)
    except WrongCall as error:
        name = {"iot_mqtt": listening.MQTT, "iot_auth": listening.AUTH, "iot_tls": listening.TLS}[error.code]
        raise _wrong(name, environ.get(name, ""), error.message_de, error.message_en) from error


def _broker(environ: Mapping[str, str]) -> str:
    value = environ.get(listening.BROKER, "").strip()
    scheme, _, rest = value.partition("://")
    host, _, topics = rest.partition("/")
    if value and (scheme not in ("mqtt", "mqtts") or not host or not topics):
        raise _wrong(
            listening.BROKER,
            f"{scheme[:20]}://…",
            "Erwartet wird mqtt(s)://name@host:port/Thema.",
            "mqtt(s)://name@host:port/topic is expected.",
        )
    return value


def read(environ: Mapping[str, str] | None = None) -> Configuration:
    """Read the settings from the environment.

    Raises:
        WrongCall: a value cannot be used; names variable and remedy.
    """
    environ = os.environ if environ is None else environ
    port = _port(environ)
    public_url = _public_url(environ, port)
    data_dir = Path(environ.get("NORDLOTSE_DATA_DIR") or default_data_dir(environ)).expanduser().absolute()
    machines = _listening(environ)
    return Configuration(
        data_dir=data_dir,
        database_url=_database_url(environ, data_dir),
        public_url=public_url,
        bind=_bind(environ),
        trusted_proxies=_proxies(environ),
        smtp_url=_mail_url(environ, "NORDLOTSE_SMTP_URL", "smtp"),
        imap_url=_mail_url(environ, "NORDLOTSE_IMAP_URL", "imap"),
        mail_from=_mail_from(environ, urlsplit(public_url).hostname or "localhost"),
        outgoing=_outgoing(environ),
        oidc=_oidc(environ),
        rate_limit=_switch(environ, "NORDLOTSE_RATE_LIMIT", "on"),
        part_workers=_number(environ, "NORDLOTSE_PART_WORKERS", 1, 32),
        part_disk=_number(environ, "NORDLOTSE_PART_DISK", 20, 1_000_000) * 1024**3,
        iot_mqtt=environ.get(listening.MQTT, "").strip() or listening.DEFAULT_MQTT,
        iot_auth="required" if machines.required else "open",
        iot_broker=_broker(environ),
        iot_broker_password=environ.get(listening.BROKER_PASSWORD, ""),
        iot_password=environ.get(listening.PASSWORD, ""),
        iot_tls=machines.tls,
        iot_unread_mb=unread.bounds(environ).size >> 20,
        iot_unread_days=unread.bounds(environ).days,
        port=port,
    )


def secret_key(data_dir: Path) -> str:
    """Return the installation's secret key; the first call makes it (readable by the owner only).

    Raises:
        NotAvailable: the data folder cannot be written, or the key in it is empty.
    """
    path = data_dir / "secret_key"
    try:
        if not path.exists():
            _write_key(path)
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise NotAvailable(
            "data_folder",
            de="Der Datenordner ist nicht nutzbar.",
            en="The data folder cannot be used.",
            where=f"{path} ({type(error).__name__})",
            remedy_de="Bitte Rechte und NORDLOTSE_DATA_DIR prüfen.",
            remedy_en="Check the permissions and NORDLOTSE_DATA_DIR.",
        ) from error
    if len(key) < 40:
        raise NotAvailable(
            "secret_key_short",
            de="Der geheime Schlüssel ist leer oder zu kurz.",
            en="The secret key is empty or too short.",
            where=str(path),
            remedy_de="Die Datei löschen: Ein neuer entsteht, alle melden sich neu an.",
            remedy_en="Delete the file: a new one is made, everybody signs in anew.",
        )
    return key


def _write_key(path: Path) -> None:
    """Write a new key; of two processes that begin at once only one wins, and no one ever reads a half file."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".secret_key-{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(secrets.token_urlsafe(50))
            handle.flush()
            os.fsync(handle.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(partial, path)
    finally:
        partial.unlink()
