"""What all tests share: which tests run on which database, the shared data, people of each role."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

#: A busy machine makes an example slow, not wrong.
settings.register_profile("nordlotse", deadline=None)
settings.load_profile("nordlotse")

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("NORDLOTSE_SHARED") or ROOT.parent / "shared")

_DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only tests that touch the database run; everything else has just run on SQLite."""
    if not os.environ.get("NORDLOTSE_TEST_POSTGRES"):
        return
    kept, dropped = [], []
    for item in items:
        touches = item.get_closest_marker("django_db") or _DATABASE_FIXTURES & set(getattr(item, "fixturenames", ()))
        (kept if touches and not item.get_closest_marker("browser") else dropped).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=dropped)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of data that must not be copied into the product; skips where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"needs the shared data folder beside the checkout ({SHARED.name}/data) or NORDLOTSE_SHARED")
    return SHARED / "data"


#: Names, addresses and words that tests type as visitors; no log line of the whole run may hold one of them.
SEEDED = ("Klabautermann", "hinnerk@", "kahn.example", "Zaubertinte", "Petersen", "1234567", "2345678", "Rufen Sie")


@pytest.fixture(scope="session", autouse=True)
def impersonal_logs() -> Iterator[None]:
    """Keep every log line of the run as the program would write it, and look through all of them at the end."""
    from nordlotse.web.logs import Impersonal, KeyValue

    kept = io.StringIO()
    handler = logging.StreamHandler(kept)
    handler.setFormatter(KeyValue())
    handler.addFilter(Impersonal())
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    lines = kept.getvalue().splitlines()
    assert not [line for line in lines if any(word in line for word in SEEDED)], "a log line holds what a visitor typed"
