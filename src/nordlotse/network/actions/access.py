"""Who may change what: coordinators everything of the network, experts their own profile."""

from __future__ import annotations

from typing import Any

from nordlotse.foundation.problem import BadInput, NotAllowed, NotFound
from nordlotse.foundation.role import Role
from nordlotse.network.models import Offer, Partner, Person
from nordlotse.office.roles import check_role, has_role


def check_coordinator(user: Any) -> None:
    """Raise `NotAllowed` unless this is a coordinator (or an administrator)."""
    check_role(user, Role.COORDINATOR)


def check_person(user: Any, person: Person) -> None:
    """Raise `NotAllowed` unless this is a coordinator, or the expert whose profile it is."""
    if has_role(user, Role.COORDINATOR):
        return
    check_role(user, Role.EXPERT)
    if person.user_id is None or person.user_id != user.pk:
        raise NotAllowed(
            "profile_of_another",
            de="Das ist das Profil von jemand anderem.",
            en="This is somebody else's profile.",
            where="person",
            remedy_de="Bitte fragen Sie die Koordination.",
            remedy_en="Ask the coordinator.",
        )


def _unknown(what_de: str, what_en: str, where: str) -> NotFound:
    return NotFound(
        f"{where}_unknown",
        de=f"{what_de} gibt es nicht (mehr).",
        en=f"{what_en} does not exist (any more).",
        where=where,
        remedy_de="Bitte die Übersicht neu öffnen.",
        remedy_en="Open the overview again.",
    )


def partner_of(slug: str) -> Partner:
    """Return a partner to be changed, by its address.

    Raises:
        NotFound: there is none.
    """
    found = Partner.objects.filter(slug=slug).first()
    if found is None:
        raise _unknown("Diesen Partner", "This partner", "partner")
    return found


def person_of(person_id: int) -> Person:
    """Return a person to be changed.

    Raises:
        NotFound: there is none.
    """
    found = Person.objects.select_related("partner").filter(pk=person_id).first()
    if found is None:
        raise _unknown("Diesen Menschen", "This person", "person")
    return found


def offer_of(offer_id: int) -> Offer:
    """Return an offer to be changed.

    Raises:
        NotFound: there is none.
    """
    found = Offer.objects.select_related("partner").filter(pk=offer_id).first()
    if found is None:
        raise _unknown("Dieses Angebot", "This offer", "offer")
    return found


def wrong(code: str, de: str, en: str, where: str, remedy_de: str = "", remedy_en: str = "") -> BadInput:
    """Return a refusal of what was given."""
    return BadInput(code, de=de, en=en, where=where, remedy_de=remedy_de, remedy_en=remedy_en)
