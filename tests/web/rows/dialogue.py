"""Pages of events: public lists, the own registration behind a personal link, the coordinator's desk, the entrance."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.web.rows import COORDINATION, Rows, but, everybody, only

#: Other systems call it; the address itself is the secret, and nothing that is sent is read.
TOKENLESS = frozenset({"termine/melden/EVENT_HOOK/"})

_PAGE = only(COORDINATION)
_FORM = only(COORDINATION, post=422)

# A personal link is the key: whoever holds it gets in, whatever role they have.
PAGES: Rows = {
    "termine/": everybody(),
    "termine/liste/": everybody(),
    "termine/kalender.ics": everybody(),
    "termine/feed.atom": everybody(),
    "termine/EVENT/": everybody(),
    "termine/EVENT/termin.ics": everybody(),
    "termine/EVENT/anmelden/": everybody(post=422),
    "termine/EVENT/danke/": everybody(),
    "termine/anmeldung/GUEST_TOKEN/": everybody(),
    "termine/anmeldung/GUEST_TOKEN/absagen/": everybody(get=405, post=422),  # the event of this world has begun
    "termine/anmeldung/GUEST_TOKEN/rueckmeldung/": everybody(get=405, post=302, data={"rating": "5"}),
    "termine/anmeldung/GUEST_TOKEN/termin.ics": everybody(),
    "termine/anmeldung/GUEST_TOKEN/bestaetigung.pdf": everybody(),
    "termine/einlass/arbeiter.js": everybody(),
    # Who works at the entrance is led to the person's line, everybody else reads what the code is for.
    "termine/einlass/GUEST_CODE/": but(everybody(), "GET", coordinator=302, administrator=302),
    "termine/melden/EVENT_HOOK/": everybody(get=405, post=204),
    "desk/termine/": _PAGE,
    "desk/termine/neu/": _FORM,
    "desk/termine/quellen/": _FORM,
    "desk/termine/quellen/neu/": _FORM,
    "desk/termine/quellen/EVENT_SOURCE/": _FORM,
    "desk/termine/link/GUEST/": only(COORDINATION, get=405, post=302),
    "desk/termine/EVENT_NUMBER/": _PAGE,
    "desk/termine/EVENT_NUMBER/bearbeiten/": _FORM,
    "desk/termine/EVENT_NUMBER/tun/": only(COORDINATION, get=405, post=302),
    "desk/termine/EVENT_NUMBER/teilnehmende.csv": _PAGE,
    "desk/termine/EVENT_NUMBER/drucken/": _PAGE,
    "desk/termine/EVENT_NUMBER/einlass/": _FORM,
    "desk/termine/EVENT_NUMBER/einlass/abgleich/": only(COORDINATION, get=405, post=422),
    "desk/termine/EVENT_NUMBER/einlass/GUEST/": only(COORDINATION, get=405, post=302),
}


def seed(world: Any) -> None:
    """Make an event that has begun with somebody checked in, and a source of imports."""
    from nordlotse.dialogue.actions import entrance, registrations
    from nordlotse.dialogue.models import Event, ImportSource
    from nordlotse.dialogue.queries.registrations import token_of
    from tests.web.world import person_of

    now = timezone.now()
    event = Event.objects.create(
        slug="2026-12-01-sensoren",
        title_de="Sensoren",
        place="Kiel",
        begin=now + timedelta(hours=1),
        end=now + timedelta(hours=2),
        status="published",
    )
    wanted = registrations.Wanted("Gast", "gast@example.org", "form-token-000001")
    made = registrations.register(event.pk, wanted).registration
    Event.objects.filter(pk=event.pk).update(begin=now - timedelta(hours=1))
    entrance.check_in(person_of("coordinator"), made.pk)
    source = ImportSource.objects.create(kind="ics", name="Partner", url="https://partner.example/a.ics")
    world.places |= {
        "EVENT": event.slug,
        "EVENT_NUMBER": str(event.pk),
        "GUEST_TOKEN": token_of(made),
        "GUEST_CODE": made.code.lower(),
        "GUEST": str(made.pk),
        "EVENT_SOURCE": str(source.pk),
        "EVENT_HOOK": source.hook,
    }
