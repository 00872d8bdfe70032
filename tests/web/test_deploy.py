"""With production settings Django's own checks find nothing, and pages are served over TLS only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

SCRIPT = """
import django; django.setup()
from django.conf import settings
from django.test import Client
plain = Client(headers={"host": "lotse.example"})
assert plain.get("/").status_code == 301, "plain requests are led to https"
assert plain.get("/")["Location"] == "https://lotse.example/"
assert plain.get("/health/live").status_code == 200, "health is asked for without TLS"
secure = plain.get("/robots.txt", secure=True)
assert secure.status_code == 200
assert int(secure["Strict-Transport-Security"].partition("max-age=")[2].partition(";")[0]) >= 31536000
assert settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE and settings.SESSION_COOKIE_HTTPONLY
assert settings.DEBUG is False and "*" not in settings.ALLOWED_HOSTS
"""


def _environment(folder: Path, **more: str) -> dict[str, str]:
    (folder / "static").mkdir(exist_ok=True)
    return {"PATH": "/usr/bin:/bin", "HOME": str(folder), "NORDLOTSE_DATA_DIR": str(folder), "NORDLOTSE_PUBLIC_URL": "https://lotse.example",
            "DJANGO_SETTINGS_MODULE": "nordlotse.web.settings", **more}  # fmt: skip


def test_the_deployment_check_finds_nothing_with_production_settings(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        capture_output=True, text=True, check=False, cwd=ROOT, env=_environment(tmp_path),
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


def test_the_deployment_check_would_find_something_without_tls(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        capture_output=True, text=True, check=False, cwd=ROOT, env=_environment(tmp_path, NORDLOTSE_PUBLIC_URL="http://lotse.example"),
    )  # fmt: skip
    assert result.returncode != 0
    assert "W008" in result.stderr


def test_pages_are_served_over_tls_only_once_the_address_says_https(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=_environment(tmp_path),
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("app", ["answers", "journey", "web"])
def test_no_migration_is_missing(tmp_path: Path, app: str) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run", app],
        capture_output=True, text=True, check=False, cwd=ROOT, env=_environment(tmp_path),
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
