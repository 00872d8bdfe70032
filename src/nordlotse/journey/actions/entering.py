"""Services entered by hand: a call or visit from the desk, a visit or talk by whoever works on a case; they count at once."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from django.utils import timezone

from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.role import Role
from nordlotse.journey.actions.asking import tidy
from nordlotse.journey.actions.noting import About, hold, month_of, note
from nordlotse.journey.actions.service_values import (
    MAX_MINUTES,
    MAX_PARTICIPANTS,
    check_month_open,
    known_kind,
    possible_day,
    whole,
)
from nordlotse.journey.actions.services import allowed, facts, list_change, need_reason
from nordlotse.journey.actions.writing import written
from nordlotse.journey.models import Case, Service
from nordlotse.journey.queries.access import Who, case_unknown, check_part
from nordlotse.network.models import Person
from nordlotse.office import log
from nordlotse.office.roles import has_role

#: What somebody of the network can record from a case besides answers and calls.
VISITS = ("visit", "consultation", "demonstration", "funding")


def visited(
    who: Who, case_id: str, kind: str, *, minutes: Any, day: date | None, text: str = "", once: str = ""
) -> Service:
    """Record a visit or a talk in a case by whoever works on it, by page or mailed link; it counts at once.

    The same `once` (the form's own key) records one.

    Raises:
        NotFound: not this person's case.
        BadInput: no such kind, day or number of minutes, or the month is closed.
    """
    with written("services.visited"):
        case = Case.objects.select_related("contact", "company").filter(pk=case_id).first()
        if case is None or who.person is None:
            raise case_unknown()
        check_part(who, case)
        source = f"visited:{case.pk}:{once[:40] or secrets.token_hex(8)}"
        known = Service.objects.filter(source=source).first()
        if known is not None:
            return known
        chosen = possible_day(day or timezone.localdate())
        check_month_open(chosen)
        service = note(
            source,
            known_kind(kind if kind in VISITS else ""),
            about=About(case=case),
            day=chosen,
            minutes=whole(minutes, MAX_MINUTES, "minutes"),
            person=who.person,
            text=" ".join(tidy(text).split()),
        )
        signed_in = who.user if getattr(who.user, "is_authenticated", False) else None
        service.confirmed_at, service.confirmed_by = timezone.now(), signed_in
        service.save(update_fields=["confirmed_at", "confirmed_by"])
        log.record("enter", "service", service.pk, who.logged)
    return service


def enter(
    user: Any,
    kind: str,
    *,
    about: About,
    minutes: Any,
    topic: str = "",
    format: str = "",
    day: date | None = None,
    participants: Any = 1,
    person: Person | None = None,
    form: str = "",
    reason: str = "",
    text: str = "",
) -> Service:
    """Enter a phone call or visit by hand; it counts at once. `form` is the form's own number: sent twice, it counts once.

    `text` says in a few words what it was about.

    Raises:
        NotAllowed: neither coordinator nor expert.
        BadInput: a value cannot be used, nobody is named, or the day lies in a closed month and there is no reason.
    """
    if not has_role(user, Role.COORDINATOR, Role.EXPERT):
        allowed(user)
    if about.company is None and about.contact is None and about.case is None:
        raise BadInput(
            "whom_missing",
            de="Es fehlt, mit wem Sie gesprochen haben.",
            en="It is missing whom you talked to.",
            where="contact",
            remedy_de="Bitte öffnen Sie die Seite vom Betrieb, vom Kontakt oder vom Fall aus.",
            remedy_en="Open the page from the company, the contact or the case.",
        )
    source = f"hand:{form[:40] or secrets.token_hex(8)}"
    with written("services.enter"):
        known = Service.objects.filter(source=source).first()
        if known is not None:
            return known
        chosen = possible_day(day or timezone.localdate())
        closed = hold([month_of(chosen)])
        service = note(
            source,
            known_kind(kind),
            about=about,
            format=format,
            topic=topic,
            day=chosen,
            minutes=whole(minutes, MAX_MINUTES, "minutes"),
            participants=whole(participants, MAX_PARTICIPANTS, "participants"),
            person=person,
            text=" ".join(tidy(text).split()),
        )
        if closed:
            allowed(user, late=True)
            said = need_reason(reason)
            if not service.is_example:
                list_change(month_of(chosen), service, "added", None, facts(service), said, user)
        service.confirmed_at, service.confirmed_by = timezone.now(), user
        service.save(update_fields=["confirmed_at", "confirmed_by"])
        log.record("enter", "service", service.pk, user)
    return service
