"""The directory, profiles, invitations, and the coordinator's set-up of the network."""

from __future__ import annotations

from typing import Any

from nordlotse.network.models import ImportDraft, Offer
from nordlotse.office import links
from tests.web.rows import COORDINATION, Rows, everybody, only

#: A page of the set-up; a POST without anything leads back to it.
_LED_BACK = only(COORDINATION, post=302)
#: A form that is refused as it is.
_FORM = only(COORDINATION, post=422)

PAGES: Rows = {
    "netz/": everybody(),
    "netz/karte.geojson": everybody(),
    "netz/partner.csv": everybody(),
    "netz/besuchstage.ics": everybody(),
    "netz/vorfuehrorte/": everybody(),
    "netz/person/PERSON/": everybody(),
    "netz/PARTNER/": everybody(),
    # Whoever has the link has the mailbox; without a choice the page is shown again and nothing changes.
    "einladung/person/INVITED_PERSON/": everybody(post=200),
    # One's own: the world's expert has a profile; a POST without a choice shows the page again.
    "fachleute/profil/": only({"expert"}, post=200),
    # Before everybody is mailed the page asks again; the row answers with yes.
    "desk/netz/": {**_LED_BACK, "data": {"sure": "yes"}},
    "desk/netz/partner/neu/": _FORM,
    "desk/netz/partner/PARTNER/": _LED_BACK,
    "desk/netz/partner/PARTNER/person/": only(COORDINATION, post=200),
    "desk/netz/partner/PARTNER/angebot/": _FORM,
    "desk/netz/person/PERSON/": only(COORDINATION, post=200),
    "desk/netz/angebot/OFFER/": _FORM,
    "desk/netz/einlesen/": _FORM,
    # A table belongs to who uploaded it: the world's is the coordinator's, an administrator has none waiting.
    "desk/netz/einlesen/DRAFT/": {
        "GET": {**only(COORDINATION)["GET"], "administrator": 404},
        "POST": {**only(COORDINATION, post=302)["POST"], "administrator": 404},
        "data": {},
    },
    "desk/netz/vorlage/partner.csv": only(COORDINATION),
    "desk/netz/vorlage.xlsx": only(COORDINATION),
    "desk/netz/begriffe/": _FORM,
    "desk/netz/begriffe/sensors/": _FORM,
}

SINGLE: Rows = {"api/v1/partners": everybody(), "api/v1/people": everybody()}


def seed(world: Any) -> None:
    """An offer, an invitation of the expert, a table that waits for the coordinator."""
    offer = Offer.objects.create(partner=world.partner, kind="talk", title_de="Sensoren am Wasser", languages=["de"])
    draft = ImportDraft.objects.create(
        user=world.people["coordinator"],
        name="netz.csv",
        tables=[{"name": "netz.csv", "header": ["Partner", "Land"], "rows": [[2, ["Werft", "SH"]]]}],
    )
    world.places |= {
        "OFFER": str(offer.pk),
        "DRAFT": str(draft.pk),
        "INVITED_PERSON": links.make("person", world.expert.pk, mail="expert@example.org"),
    }
