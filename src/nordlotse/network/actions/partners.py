"""Partners and their offers: made, changed, shown, removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from nordlotse.foundation import districts
from nordlotse.foundation.german import fold
from nordlotse.foundation.region import State
from nordlotse.network.actions.access import check_coordinator, offer_of, partner_of, wrong
from nordlotse.network.intake.cells import days, sites
from nordlotse.network.intake.plan import slug_of
from nordlotse.network.models import Offer, Partner, Person, Site, VisitDay
from nordlotse.network.queries.terms import Terms, terms
from nordlotse.office.log import record

_PARTNER = ("name", "kind", "state", "district", "profile_de", "profile_en", "website", "mail", "neutral", "visible")
_OFFER = ("kind", "title_de", "title_en", "text_de", "text_en", "topic", "languages", "place", "district", "equipment")


def seated(state: str, district: str) -> tuple[str, str]:
    """Return state and district so that they agree; a district brings its state.

    Raises:
        BadInput: no such district, or it lies in another state.
    """
    known = districts.by_key().get(district) if district else None
    if district and known is None:
        raise wrong("district_unknown", "Diesen Kreis kennen wir nicht.", "We do not know this district.", "district")
    if known is not None and state and known.state.value != state:
        raise wrong(
            "district_state",
            f"{known.name} liegt nicht in diesem Land.",
            f"{known.name} is not in this state.",
            "district",
            "Bitte Land oder Kreis berichtigen.",
            "Correct the state or the district.",
        )
    return (known.state.value if known else state), district


def save_partner(user: Any, slug: str, values: Mapping[str, Any]) -> Partner:
    """Make a partner (`slug` empty) or change one; only the values given change. `sites`: as in the table.

    Raises:
        NotAllowed: not a coordinator.
        NotFound: no such partner.
        BadInput: no name or state, a name that is there already, a district elsewhere.
    """
    check_coordinator(user)
    with transaction.atomic():
        partner = partner_of(slug) if slug else Partner()
        for name in _PARTNER:
            if name in values:
                setattr(partner, name, values[name])
        partner.state, partner.district = seated(partner.state, partner.district)
        _check_partner(partner)
        if not slug:
            partner.slug = slug_of(partner.name, Partner.objects.values_list("slug", flat=True))
        partner.save()
        if "sites" in values:
            put_sites(partner, sites(values["sites"], terms()))
        record("partner.changed" if slug else "partner.made", "partner", partner.pk, user)
    return partner


def _check_partner(partner: Partner) -> None:
    if not partner.name or partner.state not in list(State):
        raise wrong(
            "partner_incomplete",
            "Ein Partner braucht einen Namen und ein Land.",
            "A partner needs a name and a state.",
            "name",
            "Bitte beides angeben.",
            "Give both.",
        )
    others = Partner.objects.exclude(pk=partner.pk).values_list("name", flat=True)
    if fold(partner.name) in {fold(n) for n in others}:
        raise wrong(
            "partner_taken",
            "Einen Partner mit diesem Namen gibt es schon.",
            "There is a partner with this name already.",
            "name",
            "Bitte den vorhandenen Partner bearbeiten.",
            "Edit the existing one.",
        )


def put_sites(partner: Partner, wanted: Iterable[Mapping[str, str]]) -> None:
    """Make these a partner's sites, in the caller's transaction."""
    partner.sites.all().delete()
    Site.objects.bulk_create(Site(partner=partner, **site) for site in wanted)


def remove_partner(user: Any, slug: str) -> None:
    """Delete a partner with its people and offers.

    Raises:
        NotAllowed: not a coordinator.
        NotFound: no such partner.
    """
    check_coordinator(user)
    with transaction.atomic():
        partner = partner_of(slug)
        number = partner.pk
        partner.delete()
        record("partner.removed", "partner", number, user)


def save_offer(user: Any, slug: str, offer_id: int | None, values: Mapping[str, Any]) -> Offer:
    """Make an offer of a partner or change one. `days`: as in the table; `person`: an id of the same partner, or None.

    Raises:
        NotAllowed: not a coordinator.
        NotFound: no such partner or offer.
        BadInput: no title, an unknown kind, topic or district, somebody of another partner, the same title twice.
    """
    check_coordinator(user)
    with transaction.atomic():
        offer = offer_of(offer_id) if offer_id else Offer(partner=partner_of(slug), languages=["de"])
        for name in (*_OFFER, "active"):
            if name in values:
                setattr(offer, name, values[name])
        if "person" in values:
            offer.person = _colleague(offer.partner, values["person"])
        _check_offer(offer, terms())
        offer.save()
        if "days" in values:
            put_days(offer, days(values["days"], terms()))
        record("offer.changed" if offer_id else "offer.made", "offer", offer.pk, user)
    return offer


def _colleague(partner: Partner, person_id: Any) -> Person | None:
    if not person_id:
        return None
    found = Person.objects.filter(pk=person_id, partner=partner).first()
    if found is None:
        raise wrong(
            "offer_person",
            "Dieser Mensch gehört nicht zu diesem Partner.",
            "This person does not belong to this partner.",
            "person",
        )
    return found


def _check_offer(offer: Offer, known: Terms) -> None:
    if not offer.title_de or offer.kind not in Offer.Kind.values:
        raise wrong(
            "offer_incomplete",
            "Ein Angebot braucht eine Art und einen Titel.",
            "An offer needs a kind and a title.",
            "title_de",
            "Bitte beides angeben.",
            "Give both.",
        )
    if offer.topic and offer.topic not in known.tags:
        raise wrong("term_unknown", "Diesen Begriff gibt es nicht.", "There is no such term.", "topic")
    seated("", offer.district)
    same = Offer.objects.exclude(pk=offer.pk).filter(partner=offer.partner, kind=offer.kind, title_de=offer.title_de)
    if same.exists():
        raise wrong(
            "offer_taken",
            "Dieser Partner hat schon ein Angebot dieser Art mit diesem Titel.",
            "This partner has an offer of this kind with this title already.",
            "title_de",
            "Bitte das vorhandene bearbeiten.",
            "Edit the existing one.",
        )


def put_days(offer: Offer, spans: Iterable[str]) -> None:
    """Make these (`start/end`, ISO) an offer's visit days, in the caller's transaction."""
    offer.days.all().delete()
    pairs = (span.split("/") for span in spans)
    VisitDay.objects.bulk_create(
        VisitDay(offer=offer, starts_at=datetime.fromisoformat(a), ends_at=datetime.fromisoformat(b)) for a, b in pairs
    )


def remove_offer(user: Any, offer_id: int) -> None:
    """Delete an offer.

    Raises:
        NotAllowed: not a coordinator.
        NotFound: no such offer.
    """
    check_coordinator(user)
    with transaction.atomic():
        offer = offer_of(offer_id)
        offer.delete()
        record("offer.removed", "offer", offer_id, user)
