"""Rows of the matrix address × role × method, one module per room.

A module holds `PAGES` (German addresses; the English ones below `/en/` must behave alike) and, where needed, `SINGLE`
(addresses that exist once) and `seed(world)` (what must exist so that the addresses have something to show; see
`tests/web/world.py`). A path has placeholders in capitals: `betrieb/fall/CASE/`; `seed` says what each stands for.

A row is `{"GET": {role: status}, "POST": {role: status}, "data": {...}}`; a role that is not named has the visitor's value;
`data` is what the POST sends. Most rows are one of these shapes:

* `everybody()`: open to all. `everybody(post=422)`: the form is refused as it is, but nobody is turned away.
* `only(STAFF)`: the named roles get in, other signed-in people are refused (403), visitors are sent to sign in (302).
* `only({"member"}, other=404)`: strangers are told that there is no such thing.

A 302 of a visitor on a page that needs a sign-in must lead to the sign-in page; the test looks. Where a page knows a method
from nobody, a visitor may be told so (405) or be sent to sign in first (302).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tests.web.world import ROLES

Row = dict[str, dict[str, Any]]
Rows = dict[str, Row]

#: Who works in the centre itself (the desk).
STAFF = frozenset({"coordinator", "editor", "administrator"})
#: Who looks after companies and the network.
COORDINATION = frozenset({"coordinator", "administrator"})
#: Everybody with an account.
SIGNED_IN = frozenset(ROLES) - {"visitor"}


def everybody(get: int = 200, post: int = 405, data: dict[str, Any] | None = None) -> Row:
    """Return the row of an address that treats all alike."""
    return {"GET": {"visitor": get}, "POST": {"visitor": post}, "data": data or {}}


def only(
    roles: Collection[str],
    get: int = 200,
    post: int = 405,
    *,
    other: int = 403,
    visitor: int = 302,
    data: dict[str, Any] | None = None,
) -> Row:
    """Return the row of an address for some roles: others get `other`, visitors `visitor`.

    Where the page does not know the method at all (405), that is what everybody with an account is told.
    """

    def cells(status: int) -> dict[str, int]:
        refused = 405 if status == 405 else other
        return {role: visitor if role == "visitor" else status if role in roles else refused for role in ROLES}

    return {"GET": cells(get), "POST": cells(post), "data": data or {}}


def but(row: Row, method: str, **statuses: int) -> Row:
    """Return a row in which some roles' statuses of one method differ."""
    return {**row, method: {**row[method], **statuses}}
