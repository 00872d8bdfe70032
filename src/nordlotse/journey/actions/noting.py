"""Services as they are noted: whom they were for, once each, held by month."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from nordlotse.foundation.sectors import size_of
from nordlotse.journey.core.kinds import kind as kind_of
from nordlotse.journey.models import Case, ClosedMonth, Company, Contact, CountedMonth, Service
from nordlotse.network.models import Partner, Person


@dataclass(frozen=True, slots=True)
class About:
    """Whom a service was for: what is known of company, contact and case; the rest is read from them.

    `contact_key` counts somebody who came without leaving a contact (at the entrance of an event).
    """

    company: Company | None = None
    contact: Contact | None = None
    case: Case | None = None
    contact_key: str = ""


def _whom(about: About) -> dict[str, Any]:
    """Return the values a service copies from whom it is for, as they are today."""
    case = about.case
    contact = about.contact or (case.contact if case else None)
    company = about.company or (case.company if case else None) or (contact.company if contact else None)
    if company is not None and company.merged_into is not None:
        company = company.merged_into
    return {
        "company": company,
        "contact": contact,
        "case": case,
        "company_key": company.count_key if company else "",
        "contact_key": _contact_key(contact) if contact else about.contact_key,
        "state": (company.state if company else "") or (case.state if case else ""),
        "district": (company.district if company else "") or (case.district if case else ""),
        "sector": (company.sector if company else "") or (case.sector if case else ""),
        "size": str(size_of(_employees(company, case)) or ""),
        "is_example": any(thing.is_example for thing in (case, contact, company) if thing is not None),
    }


def _contact_key(contact: Contact) -> str:
    """Return the number a contact counts under: that of the first contact with the same mail address."""
    if not contact.mail:
        return contact.count_key
    same = Contact.objects.filter(mail=contact.mail).order_by("created_at", "pk").values_list("count_key", flat=True)
    return same.first() or contact.count_key


def _employees(company: Company | None, case: Case | None) -> int | None:
    if company is not None and company.employees is not None:
        return company.employees
    return case.employees if case is not None else None


def note(
    source: str,
    kind: str,
    *,
    about: About | None = None,
    format: str = "",
    topic: str = "",
    day: date | None = None,
    minutes: int | None = None,
    participants: int = 1,
    event: str = "",
    state: str = "",
    district: str = "",
    person: Person | None = None,
    partner: Partner | None = None,
    is_example: bool = False,
    text: str = "",
) -> Service:
    """Write down a service that has just happened, in the caller's transaction; it counts once somebody confirms it.

    `source` says what it came from (`message:17`, `checkin:4`) and is unique: noted again, the first one stays as it is.
    Without `minutes` the duration of the kind's table is proposed (`core.kinds`). State, district, sector and size are copied
    from the company or the case; `state` and `district` are for services that are for no single company.
    """
    known = Service.objects.filter(source=source).first()
    if known is not None:
        return known
    proposed, whom = kind_of(kind), _whom(about or About())
    partner = partner or (person.partner if person is not None else None)
    example = (
        is_example or whom["is_example"] or bool(person and person.is_example) or bool(partner and partner.is_example)
    )
    made, _ = Service.objects.get_or_create(
        source=source,
        defaults={
            **whom,
            "kind": kind,
            "format": format or proposed.formats[0],
            "topic": topic or (whom["case"].topic if whom["case"] else ""),
            "day": day or timezone.localdate(),
            "minutes": proposed.minutes if minutes is None else minutes,
            "participants": participants,
            "event": event,
            "state": whom["state"] or state,
            "district": whom["district"] or district,
            "person": person,
            "partner": partner,
            "note": text[:300],
            "is_example": example,
        },
    )
    return made


def renew(source: str) -> None:
    """Let a service that was taken back wait for a tap once more: it has happened after all. In the caller's transaction."""
    taken_back = Service.objects.filter(source=source).exclude(refused_at=None)
    taken_back.update(refused_at=None, confirmed_at=None, confirmed_by=None)


def month_of(day: date) -> str:
    """Return the key of the month a day lies in, such as "2026-11"."""
    return f"{day:%Y-%m}"


def hold(months: Iterable[str]) -> set[str]:
    """Hold months until the transaction ends, and return those of them that are closed.

    Whoever confirms, changes or closes holds the month's row first: nothing slips in between counting and closing.
    """
    wanted = sorted(set(months))
    for month in wanted:
        CountedMonth.objects.get_or_create(pk=month)
    list(CountedMonth.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))
    CountedMonth.objects.filter(pk__in=wanted).update(stamp=secrets.token_hex(8))
    return set(ClosedMonth.objects.filter(pk__in=wanted).values_list("pk", flat=True))


def rekey(old: str, new: str) -> int:
    """Count the services of a company that was a double under the company it became; return how many. Closed months stay."""
    found = Service.objects.filter(company_key=old)
    hold({month_of(day) for day in found.values_list("day", flat=True).distinct()})
    return found.update(company_key=new)


def put_to(case: Case, company: Company) -> int:
    """Count what was done in a case for its company from now on; return how many services. In the caller's transaction."""
    found = Service.objects.filter(case=case, company=None)
    hold({month_of(day) for day in found.values_list("day", flat=True).distinct()})
    for name in ("state", "district", "sector"):
        if value := getattr(company, name):
            found.filter(**{name: ""}).update(**{name: value})
    if size := size_of(company.employees):
        found.filter(size="").update(size=str(size))
    return found.update(company=company, company_key=company.count_key)
