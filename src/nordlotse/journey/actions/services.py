"""Services: noted as a by-product, confirmed with one tap, changed or refused by a person; only confirmed ones count."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from nordlotse.foundation.problem import BadInput, NotAllowed
from nordlotse.foundation.role import Role
from nordlotse.journey.actions.asking import tidy
from nordlotse.journey.actions.noting import About, hold, month_of, note, put_to, rekey, renew
from nordlotse.journey.actions.service_values import (
    MAX_MINUTES,
    MAX_PARTICIPANTS,
    check_month_open,
    known_kind,
    possible_day,
    whole,
)
from nordlotse.journey.actions.writing import written
from nordlotse.journey.models import LaterChange, Service
from nordlotse.journey.queries.access import Who, case_unknown, check_part, had_before
from nordlotse.office import log
from nordlotse.office.roles import has_role

__all__ = [
    "About",
    "allowed",
    "change",
    "confirm",
    "correct",
    "facts",
    "hold",
    "list_change",
    "need_reason",
    "note",
    "put_to",
    "refuse",
    "rekey",
    "renew",
    "restore",
    "withdraw",
]


def withdraw(source: str, reason: str = "") -> None:
    """Take back what did not happen after all (a check-in by mistake), in the caller's transaction.

    An unconfirmed service goes; a confirmed one is refused, and listed as a later change if its month is closed.
    """
    for service in Service.objects.select_for_update().filter(source=source, refused_at=None):
        if service.confirmed_at is None:
            service.delete()
        else:
            _remove(service, reason or "taken_back", None)


def facts(service: Service) -> dict[str, Any]:
    """Return what counts of a service, for the list of later changes: no name, no company."""
    names = ("kind", "format", "topic", "participants", "minutes", "state", "district", "sector", "size")
    return {"day": service.day.isoformat(), **{name: getattr(service, name) for name in names}}


def need_reason(reason: str) -> str:
    """Return the reason of a change to a closed month.

    Raises:
        BadInput: it says next to nothing.
    """
    cleaned = " ".join(tidy(reason).split())
    if len(cleaned) < 5:
        raise BadInput(
            "reason_missing",
            de="Dieser Monat ist abgeschlossen. Eine Änderung braucht einen Grund.",
            en="This month is closed. A change needs a reason.",
            where="reason",
            remedy_de="Bitte schreiben Sie in einem Satz, warum. Er steht im nächsten Bericht; nennen Sie keine Namen.",
            remedy_en="Say why in one sentence. It is printed in the next report; name nobody.",
        )
    return cleaned[:300]


def list_change(month: str, service: Service, what: str, before: Any, after: Any, reason: str, user: Any) -> None:
    """List a later change to a closed month, in the caller's transaction."""
    LaterChange.objects.create(
        month_id=month,
        source=service.source,
        what=what,
        before=before,
        after=after,
        reason=reason,
        by=user if getattr(user, "is_authenticated", False) else None,
    )


def allowed(user: Any, *, late: bool = False) -> QuerySet[Service]:
    """Return the services a person may decide on: a coordinator all, an expert the own ones of months still open."""
    if has_role(user, Role.COORDINATOR):
        return Service.objects.all()
    if has_role(user, Role.EXPERT) and not late:
        return Service.objects.filter(person__user_id=user.pk)
    raise NotAllowed(
        "service_not_yours",
        de="Über diese Leistungen entscheidet jemand anderes."
        if not late
        else "In einem abgeschlossenen Monat ändert nur die Koordination etwas.",
        en="Somebody else decides on these services."
        if not late
        else "In a closed month only a coordinator changes something.",
        where="services",
        remedy_de="Bitte fragen Sie die Koordination des Zentrums.",
        remedy_en="Ask the centre's coordinator.",
    )


def confirm(user: Any, ids: Collection[int], reason: str = "") -> int:
    """Confirm services as proposed; return how many. What is confirmed or refused already stays as it is.

    A service of a closed month needs a coordinator and a reason; the month keeps its figures, the change is listed.

    Raises:
        NotAllowed: neither a coordinator nor the expert whose services these are.
        BadInput: a month is closed and there is no reason.
    """
    with written("services.confirm"):
        waiting = Q(pk__in=list(ids), confirmed_at=None, refused_at=None)
        found = list(allowed(user).filter(waiting).select_for_update(of=("self",)).order_by("pk"))
        closed = hold(month_of(s.day) for s in found)
        for service in found:
            if month_of(service.day) in closed:
                allowed(user, late=True)
                said = need_reason(reason)
                if not service.is_example:
                    list_change(month_of(service.day), service, "added", None, facts(service), said, user)
        now = timezone.now()
        Service.objects.filter(pk__in=[s.pk for s in found]).update(confirmed_at=now, confirmed_by=user.pk)
        for service in found:
            log.record("confirm", "service", service.pk, user)
    return len(found)


def refuse(user: Any, ids: Collection[int], reason: str = "") -> int:
    """Refuse services that were none, or take confirmed ones back; return how many.

    Raises:
        NotAllowed: neither a coordinator nor the expert whose services these are.
        BadInput: a confirmed one lies in a closed month and there is no reason.
    """
    with written("services.refuse"):
        rows = allowed(user).filter(pk__in=list(ids), refused_at=None)
        found = list(rows.select_for_update(of=("self",)).order_by("pk"))
        hold(month_of(s.day) for s in found)
        for service in found:
            _remove(service, reason, user)
            log.record("refuse", "service", service.pk, user)
    return len(found)


def restore(user: Any, ids: Collection[int]) -> int:
    """Take a refusal back: the services wait for a tap again, and count only once somebody confirms them; return how many.

    Raises:
        NotAllowed: neither a coordinator nor the expert whose services these are.
    """
    with written("services.restore"):
        rows = allowed(user).filter(pk__in=list(ids)).exclude(refused_at=None)
        found = list(rows.select_for_update(of=("self",)).order_by("pk"))
        Service.objects.filter(pk__in=[s.pk for s in found]).update(refused_at=None, confirmed_at=None)
        for service in found:
            log.record("restore", "service", service.pk, user)
    return len(found)


def _remove(service: Service, reason: str, user: Any) -> None:
    """Refuse one service; a counted one of a closed month is listed as removed."""
    month = month_of(service.day)
    if service.confirmed_at is not None and month in hold([month]):
        if user is not None:
            allowed(user, late=True)
        said = need_reason(reason)
        if not service.is_example:
            list_change(month, service, "removed", facts(service), None, said, user)
    Service.objects.filter(pk=service.pk).update(refused_at=timezone.now(), confirmed_at=None)


def change(user: Any, service_id: int, values: dict[str, Any], reason: str = "") -> Service:
    """Change `kind`, `minutes`, `participants`, `topic`, `format` or `day` of a service and confirm it.

    Raises:
        NotAllowed: neither a coordinator nor the expert whose service it is.
        BadInput: a value cannot be used, or the month is closed and there is no reason.
    """
    with written("services.change"):
        service = allowed(user).select_for_update(of=("self",)).filter(pk=service_id, refused_at=None).first()
        if service is None:
            allowed(user, late=True)
            raise BadInput(
                "service_gone",
                de="Diese Leistung gibt es nicht mehr.",
                en="This service is no longer there.",
                where="service",
                remedy_de="Bitte die Liste neu laden.",
                remedy_en="Reload the list.",
            )
        before, old, counted = facts(service), month_of(service.day), service.confirmed_at is not None
        _take(service, values)
        closed = hold([old, month_of(service.day)])
        if closed:
            allowed(user, late=True)
            _list_move(service, before if counted else None, closed, need_reason(reason), user)
        service.confirmed_at, service.confirmed_by = service.confirmed_at or timezone.now(), user
        service.save()
        log.record("change", "service", service.pk, user)
    return service


def correct(who: Who, case_id: str, service_id: int, minutes: Any) -> Service:
    """Set how long an expert's own service in a case took, and confirm it; for those who work by a mailed link as well.

    Whoever has given the case back keeps what was done in it.

    Raises:
        NotFound: not this person's case or service.
        BadInput: no number of minutes that can be, or the month is closed (only a coordinator changes it then).
    """
    with written("services.change"):
        own = Service.objects.select_for_update(of=("self",)).filter(case_id=case_id, refused_at=None, pk=service_id)
        service = own.filter(person=who.person).first() if who.person is not None else None
        if service is None or service.case is None:
            raise case_unknown()
        if not had_before(service.case, who.person):
            check_part(who, service.case)
        check_month_open(service.day)
        _take(service, {"minutes": minutes})
        signed_in = who.user if getattr(who.user, "is_authenticated", False) else None
        service.confirmed_at, service.confirmed_by = service.confirmed_at or timezone.now(), signed_in
        service.save()
        log.record("change", "service", service.pk, who.logged)
    return service


def _take(service: Service, values: dict[str, Any]) -> None:
    if "kind" in values:
        service.kind = known_kind(values["kind"])
    if "minutes" in values:
        service.minutes = whole(values["minutes"], MAX_MINUTES, "minutes")
    if "participants" in values:
        service.participants = whole(values["participants"], MAX_PARTICIPANTS, "participants")
    if "day" in values:
        service.day = possible_day(values["day"])
    for name in ("topic", "format"):
        if name in values:
            setattr(service, name, str(values[name]))


def _list_move(service: Service, before: Any, closed: set[str], reason: str, user: Any) -> None:
    """List a change that touches one or two closed months: the one it was counted in, the one it now belongs to."""
    after, new = facts(service), month_of(service.day)
    old = before["day"][:7] if before else ""
    if service.is_example or before == after:
        return
    if old == new and new in closed:
        list_change(new, service, "changed", before, after, reason, user)
        return
    if old in closed:
        list_change(old, service, "removed", before, None, reason, user)
    if new in closed:
        list_change(new, service, "added", None, after, reason, user)
