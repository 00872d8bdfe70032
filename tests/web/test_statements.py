"""What the legal pages say is what the code does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from nordlotse.journey.actions import KEEP_WORDS
from nordlotse.journey.models import Operator

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


def text(client: Client, path: str) -> str:
    """Return a page's body, spaces folded."""
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(("path", "days"), [("/datenschutz/", "Tage"), ("/en/datenschutz/", "days")])
def test_the_privacy_page_names_the_retention_and_the_cookies_of_the_code(client: Client, path: str, days: str) -> None:
    page = text(client, path)
    assert f"{KEEP_WORDS.days} {days}" in page
    assert settings.CSRF_COOKIE_NAME in page
    assert settings.SESSION_COOKIE_NAME in page


def test_the_privacy_page_names_the_length_of_a_session(client: Client) -> None:
    assert settings.SESSION_COOKIE_AGE == 12 * 3600
    assert "höchstens zwölf Stunden" in text(client, "/datenschutz/")
    assert "twelve hours at most" in text(client, "/en/datenschutz/")


def test_the_accessibility_statement_names_the_tool_that_is_used(client: Client) -> None:
    version = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]["axe-core"]
    assert f"axe-core {'.'.join(version.split('.')[:2])}" in text(client, "/barrierefreiheit/")
    assert f"axe-core {'.'.join(version.split('.')[:2])}" in text(client, "/en/barrierefreiheit/")


def test_the_imprint_says_that_no_operator_is_entered(client: Client) -> None:
    assert "Noch ist nicht eingetragen, wer dieses Zentrum betreibt." in text(client, "/impressum/")
    assert "It has not been entered yet who runs this centre." in text(client, "/en/impressum/")


def test_the_imprint_names_the_operator_once_entered(client: Client) -> None:
    Operator.objects.create(
        pk=1, name="Zentrum Nord", address="Musterweg 1", phone="040 1", responsible="Erika Muster", asked=True
    )
    page = text(client, "/impressum/")
    assert all(part in page for part in ("Zentrum Nord", "Musterweg 1", "040 1", "Erika Muster"))
    assert "Zentrum Nord" in text(client, "/")


@pytest.mark.parametrize(
    "page", ["ueber", "datenschutz", "barrierefreiheit", "leichte-sprache", "gebaerdensprache", "impressum"]
)
def test_the_legal_pages_are_one_step_from_the_start_page(client: Client, page: str) -> None:
    assert f'href="/{page}/"' in text(client, "/")
    assert f'href="/en/{page}/"' in text(client, "/en/")
