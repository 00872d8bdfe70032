"""An answer to point at; people of each role come from `tests.web.world`."""

from __future__ import annotations

import pytest

from nordlotse.journey import actions
from tests.web.world import ROLES, signed_in

__all__ = ["ROLES", "signed_in"]


@pytest.fixture
def inquiry_id(db: None) -> str:
    """The id of a stored answer."""
    return str(actions.ask("Was kostet ein Druckteil?")[0]["id"])
