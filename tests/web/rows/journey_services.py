"""Services, figures, months, the officer's report, and the mailed questions about the effect."""

from __future__ import annotations

from datetime import date
from typing import Any

from nordlotse.journey.actions import effect, services
from nordlotse.journey.actions import figures as closing
from nordlotse.journey.models import Case, Company, Contact, Effect
from nordlotse.office import links
from tests.web.rows import COORDINATION, Rows, everybody, only

#: Who sees figures of closed quarters, with small cells protected.
READERS = frozenset({"officer", "researcher", *COORDINATION})

PAGES: Rows = {
    "desk/leistungen/": only(COORDINATION, post=302),
    "desk/leistungen/SERVICE/": only(COORDINATION, post=422),
    "desk/leistungen/alle/": only(COORDINATION, post=405),
    # Without a company, a contact or a case there is nobody to enter a call for: it leads to the search.
    "desk/leistungen/neu/": only(COORDINATION, get=302, post=302),
    "fachleute/leistungen/": only({"expert"}, post=302),
    "fachleute/leistungen/SERVICE/": only({"expert"}, post=422),
    "fachleute/leistungen/alle/": only({"expert"}, post=405),
    "fachleute/leistungen/neu/": only({"expert"}, get=404, post=404),
    # Whoever has the link has the mailbox; an empty form uses nothing up.
    "wirkung/EFFECT_LINK/": everybody(post=422),
    "desk/zahlen/": only(COORDINATION),
    "desk/zahlen/ziele/": only(COORDINATION, post=422),
    "desk/zahlen/2026-Q1.csv": only(COORDINATION),
    "desk/monat/": only(COORDINATION, post=422),
    "desk/monat/bericht/2026-Q1.json": only(COORDINATION),
    "bericht/": only(READERS),
    "bericht/faelle/": only(READERS),
    "bericht/check/": only(READERS),
    "bericht/2026-Q1.xlsx": only(READERS),
}

#: The interface shows the same to the same people; a visitor is refused there instead of led to sign in.
SINGLE: Rows = {
    "api/v1/figures": only(READERS, visitor=403),
}


def seed(world: Any) -> None:
    """A closed quarter of six companies, a service that waits, and a link of the effect."""
    who = world.people["coordinator"]
    for n in range(6):
        firm = Company.objects.create(name=f"Betrieb {n}", state="SH", district="01001", sector="25", employees=20)
        made = services.note(f"row:{n}", "call", about=services.About(firm), day=date(2026, 1, 5), topic="iot")
        services.confirm(who, [made.pk])
    for month in ("2026-01", "2026-02", "2026-03"):
        closing.close_month(who, month)
    waiting = services.note("row:waiting", "visit", about=services.About(world.company), person=world.expert)
    world.places["SERVICE"] = str(waiting.pk)
    case = Case.objects.create(
        number=900, title="Sensor", contact=Contact.objects.create(name="Anna", mail="a@b.example")
    )
    asked = Effect.objects.create(case=case, moment="closing")
    world.places["EFFECT_LINK"] = links.make(effect.PURPOSE, asked.pk)
