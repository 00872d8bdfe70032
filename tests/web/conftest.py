"""People of each role, and an answer to point at."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from nordlotse.journey import actions
from nordlotse.web.staff import BY_LINK

ROLES = ("visitor", "editor", "administrator")


def signed_in(role: str, **options: Any) -> Client:
    """Return a client of this role, signed in by link as `nordlotse admin link` does it."""
    client = Client(**options)
    if role == "visitor":
        return client
    users = get_user_model().objects
    user = users.filter(username=role).first() or users.create_user(
        role, password=None, is_staff=True, is_superuser=role == "administrator"
    )
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[BY_LINK] = True
    session.save()
    return client


@pytest.fixture
def inquiry_id(db: None) -> str:
    """The id of a stored answer."""
    return str(actions.ask("Was kostet ein Druckteil?")[0]["id"])
