"""Who acts on a case, and in which part: company, expert, coordinator or the system itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nordlotse.foundation.problem import NotFound
from nordlotse.foundation.role import Role
from nordlotse.journey.core.case import Actor
from nordlotse.journey.models import Assignment, Case, Contact, Membership
from nordlotse.network.models import Person
from nordlotse.office.roles import check_role, has_role


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody in one part: a signed-in user, an expert who came by a mailed link, or a contact without account."""

    actor: Actor
    user: Any = None
    person: Person | None = None
    contact: Contact | None = None

    @property
    def logged(self) -> Any:
        """Return how the log names this person: the user, or the id of person or contact; never a name."""
        if self.user is not None and self.user.is_authenticated:
            return self.user
        if self.person is not None:
            return f"person:{self.person.pk}"
        if self.contact is not None:
            return f"contact:{self.contact.pk}"
        return "system" if self.actor == Actor.SYSTEM else "visitor"


#: The program itself, at night and by the calendar.
SYSTEM = Who(Actor.SYSTEM)


def case_unknown() -> NotFound:
    """Return the error for a case that is not there, or not for this person: nobody learns which of the two."""
    return NotFound(
        "case_unknown",
        de="Diesen Fall gibt es nicht, oder er gehört nicht zu Ihnen.",
        en="There is no such case, or it is not yours.",
        where="case",
        remedy_de="Bitte prüfen Sie die Adresse, oder melden Sie sich mit dem richtigen Konto an.",
        remedy_en="Check the address, or sign in with the right account.",
    )


def people_of(user: Any) -> list[Person]:
    """Return the profiles of the network that are this user's own."""
    if not user.is_authenticated:
        return []
    return list(Person.objects.filter(user=user, active=True).order_by("pk"))


def in_charge(case: Case, person: Person) -> bool:
    """Tell whether a person has accepted a case and still works on it (or did when it was closed)."""
    held = (Assignment.Status.ACCEPTED, Assignment.Status.ENDED)
    return Assignment.objects.filter(case=case, person=person, status__in=held).exists()


def had_before(case: Case, person: Person | None) -> bool:
    """Tell whether a person had a case and has given it back or handed it over: only the own minutes are left to them."""
    return person is not None and case.assignments.filter(person=person, status=Assignment.Status.HANDED_OVER).exists()


def as_coordinator(user: Any) -> Who:
    """Return a coordinator's part.

    Raises:
        NotAllowed: no coordinator.
    """
    check_role(user, Role.COORDINATOR)
    return Who(Actor.COORDINATOR, user=user)


def as_company(user: Any, case: Case) -> Who:
    """Return the part of a member of the case's company.

    Raises:
        NotFound: the case belongs to somebody else.
    """
    if case.company_id is None or not user.is_authenticated:
        raise case_unknown()
    if not Membership.objects.filter(user=user, company=case.company_id).exists():
        raise case_unknown()
    return Who(Actor.COMPANY, user=user)


def as_contact(case: Case) -> Who:
    """Return the part of whoever holds the mailed link of a case; the caller has checked the link."""
    if case.contact is None:
        raise case_unknown()
    return Who(Actor.COMPANY, contact=case.contact)


def as_expert(user: Any, case: Case) -> Who:
    """Return the part of the expert in charge of a case.

    Raises:
        NotFound: the case is in other hands.
    """
    for person in people_of(user):
        if in_charge(case, person):
            return Who(Actor.EXPERT, user=user, person=person)
    raise case_unknown()


def check_part(who: Who, case: Case) -> None:
    """Raise unless the person really has this part in the case; every write asks it first.

    Raises:
        NotAllowed: a coordinator's part without the role.
        NotFound: the case is not theirs.
    """
    if who.actor == Actor.COORDINATOR:
        check_role(who.user, Role.COORDINATOR)
    elif who.actor == Actor.EXPERT:
        if who.person is None or not in_charge(case, who.person):
            raise case_unknown()
    elif who.actor == Actor.COMPANY:
        if who.contact is not None:
            if case.contact_id != who.contact.pk:
                raise case_unknown()
        else:
            as_company(who.user, case)


def coordinates(user: Any) -> bool:
    """Tell whether somebody is a coordinator."""
    return has_role(user, Role.COORDINATOR)
