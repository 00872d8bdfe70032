"""A company's own page, its data, invitations, and the coordinator's list of companies."""

from __future__ import annotations

from typing import Any

from nordlotse.journey.models import Company
from nordlotse.office import links
from tests.print3d import made
from tests.web.rows import COORDINATION, SIGNED_IN, Rows, but, everybody, only

#: People of a company: the member of the world's one and the stranger with one of his own (each sees only the own one).
OF_A_COMPANY = frozenset({"member", "stranger"})
_NONE = dict.fromkeys(sorted(SIGNED_IN - OF_A_COMPANY), 404)
_NO_COMPANY = dict.fromkeys(("coordinator", "editor", "administrator", "researcher", "officer"), 403)

PAGES: Rows = {
    # Whoever has no company is asked for one; roles of the centre and of the funder have none.
    "betrieb/": but(only(SIGNED_IN), "GET", **_NO_COMPANY),
    "betrieb/neu/": but(only(SIGNED_IN, get=405, post=422), "POST", member=302, stranger=302, **_NO_COMPANY),
    "betrieb/angaben/": but(but(only(SIGNED_IN, post=422), "GET", **_NONE), "POST", **_NONE),
    "betrieb/einladen/": but(only(SIGNED_IN, get=405, post=302), "POST", **_NONE),
    "betrieb/mitglied/999999/entfernen/": but(only(SIGNED_IN, get=405, post=302), "POST", **_NONE),
    "betrieb/einwilligung/": but(only(SIGNED_IN, get=405, post=422), "POST", **_NONE),
    "betrieb/schritte.ics": but(only(SIGNED_IN), "GET", **_NONE),
    # The link of a check is its key; without a company there is none to lay it to.
    "betrieb/check/CHECK/": but(only(SIGNED_IN, post=302), "POST", **_NONE),
    # So is the link of a checked part.
    "betrieb/teil/LAID_PART/": but(only(SIGNED_IN, post=302), "POST", **_NONE),
    "betrieb/daten/": but(but(only(SIGNED_IN, post=302), "GET", **_NONE), "POST", **_NONE),
    "betrieb/daten/archiv.zip": but(only(SIGNED_IN), "GET", **_NONE),
    # Whoever has the link has the mailbox; joining signs in.
    "einladung/betrieb/INVITED_TO_COMPANY/": everybody(get=200, post=302),
    "meine-daten/": everybody(get=200, post=422),
    # Without the second question answered nothing is deleted; answered, it is seen that the page is an old one.
    "meine-daten/OWN_DATA/": everybody(get=200, post=302, data={"sure": "yes"}),
    "meine-daten/OWN_DATA/archiv.zip": everybody(),
    "desk/betriebe/": only(COORDINATION),
    "desk/betriebe/COMPANY/in/COMPANY2/": only(COORDINATION, post=302),
}


def seed(world: Any) -> None:
    """An open invitation, a link to one's own data, a second company to merge into, and a part to lay to one."""
    world.places["INVITED_TO_COMPANY"] = links.make("company", world.company.pk, mail="new@example.org")
    world.places["OWN_DATA"] = links.make("own_data", "x", mail="nobody@example.org")
    world.places["COMPANY2"] = Company.objects.create(name="Kahn und Deich").pk
    world.places["LAID_PART"] = made.kept(done=False)
