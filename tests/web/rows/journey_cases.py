"""Talking to a human, and a case for its company, the person in charge, and the coordinator."""

from __future__ import annotations

from typing import Any

from nordlotse.journey.actions import cases, proposals
from nordlotse.journey.actions.cases import Reach
from nordlotse.journey.queries.access import as_coordinator
from nordlotse.network.models import Person
from nordlotse.office import links
from tests.web.rows import COORDINATION, Rows, everybody, only

PAGES: Rows = {
    # Without a name and a way to be reached the form comes back.
    "gespraech/": everybody(post=422),
    "gespraech/danke/CASE/": everybody(post=404),
    "betrieb/fall/CASE/": only({"member"}, post=302, other=404),
    "betrieb/fall/CASE/datei/nichts/": only(set(), get=404, other=404),
    # Whoever has the link has the mailbox.
    "fall/CASE_LINK/": everybody(post=302),
    "fall/CASE_LINK/datei/nichts/": everybody(get=404),
    # An answer that is not on the list uses nothing up.
    "anfrage/REQUEST_LINK/": everybody(post=422),
    "anfrage/fall/HELD_LINK/": everybody(post=302),
    "anfrage/fall/HELD_LINK/datei/nichts/": everybody(get=404),
    "fachleute/": only({"expert"}),
    "fachleute/stunden.csv": only({"expert"}),
    "fachleute/fall/CASE/": only({"expert"}, post=302, other=404),
    "fachleute/fall/CASE/datei/nichts/": only(set(), get=404, other=404),
    "desk/faelle/": only(COORDINATION),
    "desk/faelle/vorschlaege/": only(COORDINATION, get=405, post=302),
    "desk/faelle/CASE/": only(COORDINATION, post=302),
    "desk/faelle/CASE/datei/nichts/": only(set(), get=404, other=404),
}


def seed(world: Any) -> None:
    """A case whose contact has a link, and a request behind a mailed link."""
    opened = cases.open_case(None, Reach("Jemand", mail="jemand@example.org"), text="Welcher Sensor passt?")
    person = Person.objects.create(partner=world.partner, name="Kollege", mail="kollege@example.org")
    asked = proposals.ask_person(as_coordinator(world.people["coordinator"]), opened.pk, person.pk)
    world.places["CASE_LINK"] = links.make("case", opened.pk, mail="jemand@example.org")
    held = world.case.assignments.get(person=world.expert)
    world.places["HELD_LINK"] = links.make("expert_case", held.pk)
    world.places["REQUEST_LINK"] = links.make("assignment", asked.pk)
