"""Django's settings in tests: the real ones on a throw-away data folder; PostgreSQL when the runner says so."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_FOLDER = Path(os.environ.get("NORDLOTSE_TEST_FOLDER") or tempfile.mkdtemp(prefix="nordlotse-test-"))
os.environ["NORDLOTSE_DATA_DIR"] = str(_FOLDER)
os.environ["NORDLOTSE_RATE_LIMIT"] = "off"
for _name in (
    "NORDLOTSE_DATABASE_URL",
    "NORDLOTSE_PUBLIC_URL",
    "NORDLOTSE_SMTP_URL",
    "NORDLOTSE_IMAP_URL",
    "NORDLOTSE_MAIL_FROM",
    "NORDLOTSE_OUTGOING",
    "NORDLOTSE_OIDC",
    "NORDLOTSE_BIND",
):
    os.environ.pop(_name, None)
if os.environ.get("NORDLOTSE_TEST_POSTGRES"):
    os.environ["NORDLOTSE_DATABASE_URL"] = os.environ["NORDLOTSE_TEST_POSTGRES"]

from nordlotse.web.settings import *  # noqa: E402, F403
from nordlotse.web.settings import DATABASES  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: threads and processes of a test see the same database as in production.
    DATABASES["default"]["TEST"] = {"NAME": str(_FOLDER / "test.sqlite3")}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
(_FOLDER / "static").mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
