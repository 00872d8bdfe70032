"""Reads about services: what waits for a tap, and what is already known when somebody enters one by hand."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from nordlotse.foundation.problem import NotFound
from nordlotse.foundation.role import Role
from nordlotse.journey.core.periods import Period
from nordlotse.journey.models import Case, ClosedMonth, Company, Contact, Service
from nordlotse.network.models import Person
from nordlotse.office.roles import check_role, has_role

#: So many are shown on one page.
PAGE = 100
#: Durations offered as buttons for a service entered by hand (minutes).
QUICK = (10, 20, 45)


def _shown() -> QuerySet[Service]:
    return Service.objects.filter(refused_at=None).select_related("company", "contact", "case", "person", "partner")


People = tuple[int, ...] | None


def whose(user: Any) -> People:
    """Return whose services somebody decides on: None for everybody's (a coordinator), else the own profiles; one query at most.

    They are looked up first: with an id in hand the database reads one stretch of an index, with a join all services.

    Raises:
        NotAllowed: neither coordinator nor expert.
    """
    check_role(user, Role.COORDINATOR, Role.EXPERT)
    if has_role(user, Role.COORDINATOR):
        return None
    return tuple(Person.objects.filter(user_id=user.pk).values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class Mine:
    """Whose services somebody decides on (see `whose`), and how many of them wait for a tap."""

    people: People
    waiting: int


def mine(user: Any) -> Mine:
    """Return whose services somebody decides on and how many wait; one query.

    Raises:
        NotAllowed: neither coordinator nor expert.
    """
    check_role(user, Role.COORDINATOR, Role.EXPERT)
    undecided = Service.objects.filter(confirmed_at=None, refused_at=None).order_by()
    if has_role(user, Role.COORDINATOR):
        return Mine(None, undecided.count())
    of_each = undecided.filter(person=OuterRef("pk")).values("person").annotate(number=Count("pk")).values("number")
    found = dict(Person.objects.filter(user_id=user.pk).annotate(waits=Subquery(of_each)).values_list("pk", "waits"))
    return Mine(tuple(found), sum(number or 0 for number in found.values()))


def _of(people: People, found: QuerySet[Service]) -> QuerySet[Service]:
    return found if people is None else found.filter(person_id__in=people)


def waiting(people: People) -> QuerySet[Service]:
    """Return the services that wait for a tap, oldest first; `people`: see `whose`."""
    return _of(people, _shown().filter(confirmed_at=None)).order_by("day", "pk")


def counted_of(case: Case, person: Person) -> list[Service]:
    """Return what somebody did in a case, oldest first: confirmed or not, with its duration."""
    return list(_shown().filter(case=case, person=person).order_by("day", "pk"))


def recent(people: People, count: int = 20) -> list[Service]:
    """Return what was confirmed last, newest first, so that a slip can be mended; `people`: see `whose`."""
    found = _shown().filter(confirmed_at__isnull=False).order_by("-confirmed_at", "-pk")
    return list(_of(people, found)[:count])


#: Where a service can stand, as the list of all of them is filtered.
STATES = ("confirmed", "waiting", "refused")

_BY_STATE = {
    "confirmed": Q(confirmed_at__isnull=False, refused_at=None),
    "waiting": Q(confirmed_at=None, refused_at=None),
    "refused": Q(refused_at__isnull=False),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """The services of a month: the first `PAGE` of them by day, how many there are, who appears among them."""

    rows: tuple[Service, ...]
    total: int
    people: tuple[Person, ...]


def listed(user: Any, month: Period, *, words: str = "", person: str = "", state: str = "") -> Listed:
    """Return a month's services in every state, for finding the one to correct; three queries, and one for whose.

    `words`: a part of the company's name or a case's number; `person`: somebody's id; `state`: one of `STATES`.

    Raises:
        NotAllowed: neither coordinator nor expert.
    """
    found = _of(whose(user), Service.objects.filter(day__gte=month.begin, day__lte=month.end))
    people = Person.objects.filter(pk__in=found.order_by().values("person")).order_by("name", "pk")
    words = " ".join(words.split())[:100]
    if words.isdecimal() and len(words) < 10:
        found = found.filter(case__number=int(words))
    elif words:
        found = found.filter(
            Q(company__name__icontains=words)
            | Q(contact__company_name__icontains=words)
            | Q(contact__name__icontains=words)
        )
    if person.isdecimal() and len(person) < 10:
        found = found.filter(person_id=int(person))
    found = found.filter(_BY_STATE.get(state, Q()))
    rows = found.select_related("company", "contact", "case", "person", "partner").order_by("day", "pk")[:PAGE]
    return Listed(tuple(rows), found.count(), tuple(people))


def one(user: Any, service_id: int) -> Service:
    """Return one service this person may decide on.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    service = _of(whose(user), _shown().filter(pk=service_id)).first()
    if service is None:
        raise NotFound(
            "service_unknown",
            de="Diese Leistung gibt es nicht.",
            en="There is no such service.",
            where="service",
            remedy_de="Bitte zur Liste zurückgehen.",
            remedy_en="Go back to the list.",
        )
    return service


def closed_among(services: list[Service]) -> set[str]:
    """Return which months of these services are closed: there a change needs a reason."""
    return set(ClosedMonth.objects.filter(pk__in={f"{s.day:%Y-%m}" for s in services}).values_list("pk", flat=True))


def closed_months(ids: Collection[int]) -> set[str]:
    """Return the closed months in which these services lie."""
    return closed_among(list(Service.objects.filter(pk__in=list(ids)).only("day")))


def refused(user: Any, service_id: int) -> Service | None:
    """Return a refused service this person may take back, None if there is none."""
    found = Service.objects.filter(pk=service_id).exclude(refused_at=None).select_related("company", "contact", "case")
    return _of(whose(user), found).first()


@dataclass(frozen=True, slots=True)
class Preset:
    """What is known before anything is typed: whom it is for, the open case and its topic, the duration buttons."""

    name: str
    company: Company | None = None
    contact: Contact | None = None
    case: Case | None = None
    topic: str = ""
    person: Person | None = None
    quick: tuple[int, ...] = QUICK


def entered(form: str) -> bool:
    """Tell whether a form for a call or visit has been taken in already, by its own number."""
    return bool(form) and Service.objects.filter(source=f"hand:{form[:40]}").exists()


def preset(user: Any, *, company: str = "", contact: str = "", case: str = "") -> Preset:
    """Return what is known of a company, a contact or a case for a service entered by hand.

    Of a company or a contact only an open case is meant: what is said today hardly belongs to one closed long ago.

    Raises:
        NotAllowed: neither coordinator nor expert.
        NotFound: there is no such thing, or the expert has nothing to do with it.
    """
    check_role(user, Role.COORDINATOR, Role.EXPERT)
    found_case = Case.objects.select_related("company", "contact").filter(pk=case).first() if case else None
    found_contact = Contact.objects.select_related("company").filter(pk=contact).first() if contact else None
    found_company = Company.objects.filter(pk=company).first() if company else None
    if found_case is not None:
        found_contact, found_company = found_case.contact, found_case.company
    elif found_contact is not None:
        found_company = found_contact.company
    last = found_case or _last_case(found_company, found_contact)
    person = Person.objects.filter(user_id=user.pk, active=True).order_by("pk").first()
    if not has_role(user, Role.COORDINATOR):
        _check_own(person, last)
    if found_company is None and found_contact is None:
        raise NotFound(
            "whom_unknown",
            de="Diesen Betrieb oder Kontakt gibt es nicht.",
            en="There is no such company or contact.",
            where="contact",
            remedy_de="Bitte öffnen Sie die Seite vom Betrieb, vom Kontakt oder vom Fall aus.",
            remedy_en="Open the page from the company, the contact or the case.",
        )
    name = (
        found_company.name
        if found_company
        else (found_contact.company_name or found_contact.name)
        if found_contact
        else ""
    )
    return Preset(name, found_company, found_contact, last, last.topic if last else "", person)


def _last_case(company: Company | None, contact: Contact | None) -> Case | None:
    if company is not None:
        return Case.objects.filter(company=company, open=True).order_by("-opened_at").first()
    if contact is not None:
        return Case.objects.filter(contact=contact, open=True).order_by("-opened_at").first()
    return None


def _check_own(person: Person | None, case: Case | None) -> None:
    mine = person is not None and case is not None
    if not mine or not case.assignments.filter(person=person, status__in=("accepted", "ended")).exists():  # type: ignore[union-attr]
        raise NotFound(
            "case_unknown",
            de="Diesen Fall gibt es nicht, oder er gehört nicht zu Ihnen.",
            en="There is no such case, or it is not yours.",
            where="case",
            remedy_de="Bitte öffnen Sie die Seite von Ihrem Fall aus.",
            remedy_en="Open the page from your case.",
        )
