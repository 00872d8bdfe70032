"""Settings: every variable is read once, a wrong value is told with its name and a remedy, and the docs list them all."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import threading
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from nordlotse.foundation.problem import NotAvailable, WrongCall
from nordlotse.web import configuration
from nordlotse.web.configuration import Configuration
from tests.conftest import ROOT


def test_without_any_variable_the_defaults_bind_to_this_machine_only(tmp_path: Path) -> None:
    made = configuration.read({"XDG_DATA_HOME": str(tmp_path)})
    assert made == Configuration(
        data_dir=tmp_path / "nordlotse",
        database_url=f"sqlite:///{tmp_path}/nordlotse/nordlotse.sqlite3",
        public_url="http://localhost:8000",
        bind="127.0.0.1",
        trusted_proxies=(),
        smtp_url="",
        imap_url="",
        mail_from="Nordlotse <nordlotse@localhost>",
        outgoing=(),
        oidc=None,
        rate_limit=True,
        part_workers=1,
        part_disk=20 * 1024**3,
        iot_mqtt="127.0.0.1:1883",
        iot_auth="open",
        iot_broker="",
        iot_broker_password="",
        iot_password="",
        iot_tls=None,
        iot_unread_mb=256,
        iot_unread_days=400,
        port=8000,
    )
    assert not made.secure
    assert made.host == "localhost"


RIGHT = [
    ("NORDLOTSE_DATA_DIR", "/srv/n", "data_dir", Path("/srv/n")),
    ("NORDLOTSE_DATABASE_URL", "postgres://a:b@db/n", "database_url", "postgres://a:b@db/n"),
    ("NORDLOTSE_PUBLIC_URL", "https://lotse.example/", "public_url", "https://lotse.example"),
    ("NORDLOTSE_BIND", "0.0.0.0", "bind", "0.0.0.0"),
    ("NORDLOTSE_BIND", "[::]", "bind", "::"),
    ("NORDLOTSE_BIND", "localhost", "bind", "127.0.0.1"),
    ("NORDLOTSE_TRUSTED_PROXIES", "10.0.0.9/8, ::1", "trusted_proxies", ("10.0.0.0/8", "::1/128")),
    ("NORDLOTSE_SMTP_URL", "smtps://u:p@mail.example:465", "smtp_url", "smtps://u:p@mail.example:465"),
    ("NORDLOTSE_SMTP_URL", "smtp://localhost:25?starttls=off", "smtp_url", "smtp://localhost:25?starttls=off"),
    ("NORDLOTSE_IMAP_URL", "imaps://u:p@mail.example/Post", "imap_url", "imaps://u:p@mail.example/Post"),
    ("NORDLOTSE_MAIL_FROM", "Zentrum Nord <Lotse@nord.example>", "mail_from", "Zentrum Nord <lotse@nord.example>"),
    ("NORDLOTSE_OUTGOING", "models.example:443,b:80", "outgoing", ("models.example:443", "b:80")),
    (
        "NORDLOTSE_OIDC",
        "Haus|https://id.example|n|g",
        "oidc",
        configuration.SignInService("Haus", "https://id.example", "n", "g"),
    ),
    ("NORDLOTSE_RATE_LIMIT", "OFF", "rate_limit", False),
    ("NORDLOTSE_PART_WORKERS", "4", "part_workers", 4),
    ("NORDLOTSE_PART_DISK", "500", "part_disk", 500 * 1024**3),
    ("NORDLOTSE_IOT_MQTT", "off", "iot_mqtt", "off"),
    ("NORDLOTSE_IOT_MQTT", "0.0.0.0:8883", "iot_auth", "required"),
    ("NORDLOTSE_IOT_AUTH", "required", "iot_auth", "required"),
    ("NORDLOTSE_IOT_BROKER", "mqtts://u@broker.example/hall/#", "iot_broker", "mqtts://u@broker.example/hall/#"),
    ("NORDLOTSE_IOT_BROKER_PASSWORD", "p", "iot_broker_password", "p"),
    ("NORDLOTSE_IOT_PASSWORD", "p", "iot_password", "p"),
    ("NORDLOTSE_IOT_TLS", "/etc/n.crt:/etc/n.key", "iot_tls", (Path("/etc/n.crt"), Path("/etc/n.key"))),
    ("NORDLOTSE_IOT_UNREAD_MB", "8", "iot_unread_mb", 8),
    ("NORDLOTSE_IOT_UNREAD_DAYS", "30", "iot_unread_days", 30),
    ("PORT", "9000", "port", 9000),
]


@pytest.mark.parametrize(("variable", "value", "field", "meant"), RIGHT, ids=[f"{r[0]}={r[1]}" for r in RIGHT])
def test_a_right_value_is_taken(variable: str, value: str, field: str, meant: object) -> None:
    assert getattr(configuration.read({variable: value}), field) == meant


def test_every_variable_is_tried_with_a_right_value() -> None:
    assert {r[0] for r in RIGHT} == set(configuration.variables())


WRONG = [
    *[("PORT", v) for v in ("0", "65536", "abc", "-1", "80.5", "²", "99999999999999999999")],
    *[
        ("NORDLOTSE_PUBLIC_URL", v)
        for v in (
            "lotse.example",
            "ftp://x",
            "https://x/path",
            "https://",
            "http://x:99999",
            "http://u@x",
            "http://x?a",
        )
    ],
    *[("NORDLOTSE_BIND", v) for v in ("everywhere", "1.2.3", "127.0.0.1:8000")],
    *[("NORDLOTSE_TRUSTED_PROXIES", v) for v in ("proxy.example", "10.0.0.1/99", "10.0.0.1,x")],
    *[("NORDLOTSE_SMTP_URL", v) for v in ("mail.example", "http://mail.example", "smtp://", "smtp://h:99999")],
    ("NORDLOTSE_SMTP_URL", "smtp://mail.example:25?starttls=off"),
    *[
        ("NORDLOTSE_IMAP_URL", v)
        for v in ("mail.example", "smtp://mail.example", "imap://", "imaps://h:99999", "imap://h?starttls=off")
    ],
    *[
        ("NORDLOTSE_MAIL_FROM", v)
        for v in (
            "centre",
            "a@",
            "@b.example",
            "lotse+x@b.example",
            "x" * 40 + "@b.example",
            "a@b.example\nBcc: c@d.example",
        )
    ],
    *[("NORDLOTSE_OUTGOING", v) for v in ("models.example", "https://models.example:443", "a:99999", ":80")],
    *[("NORDLOTSE_RATE_LIMIT", v) for v in ("yes", "0", "true")],
    *[("NORDLOTSE_PART_WORKERS", v) for v in ("0", "33", "-1", "viele", "1.5", "²")],
    *[("NORDLOTSE_PART_DISK", v) for v in ("0", "20 GB", "1000001", "99999999999999999999")],
    *[("NORDLOTSE_IOT_MQTT", v) for v in ("1883", "on", ":1883", "h:99999", "127.0.0.1:x")],
    *[("NORDLOTSE_IOT_AUTH", v) for v in ("off", "closed", "Open")],
    *[("NORDLOTSE_IOT_BROKER", v) for v in ("broker", "http://b/#", "mqtt://b", "mqtt:///#")],
    *[("NORDLOTSE_IOT_TLS", v) for v in ("/etc/n.pem", ":/k", "/c:", "a:b:c")],
    *[("NORDLOTSE_DATABASE_URL", v) for v in ("mysql://x", "nordlotse.db", "sqlite://", "postgres:/x")],
]


@pytest.mark.parametrize(("variable", "value"), WRONG, ids=[f"{v}={w}" for v, w in WRONG])
def test_a_wrong_value_is_told_with_its_variable_and_a_remedy(variable: str, value: str) -> None:
    with pytest.raises(WrongCall) as caught:
        configuration.read({variable: value})
    assert caught.value.where == variable
    assert caught.value.remedy_de and caught.value.remedy_en


def test_listening_to_others_without_logins_is_refused() -> None:
    with pytest.raises(WrongCall) as caught:
        configuration.read({"NORDLOTSE_IOT_MQTT": "0.0.0.0:1883", "NORDLOTSE_IOT_AUTH": "open"})
    assert caught.value.where == "NORDLOTSE_IOT_AUTH"


@pytest.mark.parametrize("variable", ["NORDLOTSE_DATABASE_URL", "NORDLOTSE_SMTP_URL"])
def test_a_password_in_a_wrong_value_is_never_shown(variable: str) -> None:
    with pytest.raises(WrongCall) as caught:
        configuration.read({variable: "imap://user:geheim@host"})
    assert "geheim" not in str(caught.value.as_dict())


@pytest.mark.parametrize("variable", [v for v in configuration.variables() if v != "NORDLOTSE_DATA_DIR"])
def test_an_empty_variable_counts_as_not_set(variable: str) -> None:
    assert configuration.read({variable: "", "NORDLOTSE_DATA_DIR": "/x"}) == configuration.read(
        {"NORDLOTSE_DATA_DIR": "/x"}
    )


def test_the_settings_cannot_be_changed_after_they_were_read() -> None:
    with pytest.raises(FrozenInstanceError):
        configuration.read({}).port = 1  # type: ignore[misc]


def test_the_page_for_operators_lists_exactly_the_settings_there_are() -> None:
    page = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([A-Z_]+)`", page, flags=re.MULTILINE)
    assert listed == list(configuration.variables())
    assert len(listed) == len(fields(Configuration))


def test_a_wrong_setting_ends_the_command_with_exit_2_and_no_traceback(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "nordlotse.cli", "admin", "link"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PORT": "nine"},
    )
    assert result.returncode == 2
    assert "PORT" in result.stderr and "Traceback" not in result.stderr


def test_the_secret_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    key = configuration.secret_key(folder)
    assert len(key) >= 50
    assert configuration.secret_key(folder) == key
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [p.name for p in folder.iterdir()] == ["secret_key"]


def test_a_secret_key_others_could_read_is_closed_again(tmp_path: Path) -> None:
    configuration.secret_key(tmp_path)
    (tmp_path / "secret_key").chmod(0o644)
    configuration.secret_key(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_two_installations_have_different_keys(tmp_path: Path) -> None:
    assert configuration.secret_key(tmp_path / "a") != configuration.secret_key(tmp_path / "b")


def test_many_first_starts_at_once_agree_on_one_key(tmp_path: Path) -> None:
    keys: list[str] = []
    threads = [
        threading.Thread(target=lambda: keys.append(configuration.secret_key(tmp_path / "d"))) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 12 and len(set(keys)) == 1


def test_an_empty_key_file_is_refused_instead_of_signing_with_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("", encoding="ascii")
    with pytest.raises(NotAvailable):
        configuration.secret_key(tmp_path)
