"""Closing a month, and the targets the figures are held against."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date
from typing import Any

from django.utils import timezone

from nordlotse.foundation.problem import BadInput
from nordlotse.foundation.role import Role
from nordlotse.journey.actions.asking import tidy
from nordlotse.journey.actions.services import hold
from nordlotse.journey.actions.tallies import keep
from nordlotse.journey.actions.writing import written
from nordlotse.journey.core import counting
from nordlotse.journey.core.periods import Period, parse
from nordlotse.journey.models import ClosedMonth, Target
from nordlotse.journey.queries import figures
from nordlotse.journey.queries.tallies import count_month
from nordlotse.office import log
from nordlotse.office.faults import reach
from nordlotse.office.roles import check_role


def _cannot_close(de: str, en: str, remedy_de: str, remedy_en: str) -> BadInput:
    return BadInput("month_not_closable", de=de, en=en, where="month", remedy_de=remedy_de, remedy_en=remedy_en)


def _check_month(key: str) -> Period:
    period = parse(key)
    if len(period.months) != 1 or period.key != period.months[0]:
        raise _cannot_close(
            "Abgeschlossen werden einzelne Monate.",
            "Single months are closed.",
            "Bitte einen Monat wählen.",
            "Choose a month.",
        )
    if period.end >= timezone.localdate():
        raise _cannot_close(
            "Dieser Monat ist noch nicht zu Ende.",
            "This month has not ended yet.",
            "Bitte am ersten Tag des nächsten Monats wiederkommen.",
            "Come back on the first day of the next month.",
        )
    return period


def closable(user: Any, key: str) -> Period:
    """Return the month if it can be closed now; changes nothing.

    Raises:
        NotAllowed, BadInput: as `close_month`.
    """
    check_role(user, Role.COORDINATOR)
    period = _check_month(key)
    _check_order(period, closed=ClosedMonth.objects.filter(pk=period.key).exists())
    return period


def _check_order(period: Period, *, closed: bool) -> None:
    if closed:
        raise _cannot_close(
            "Dieser Monat ist schon abgeschlossen.",
            "This month is already closed.",
            "Änderungen tragen Sie mit Grund bei der Leistung ein.",
            "Enter changes, with a reason, at the service.",
        )
    earlier = figures.open_before(period)
    if earlier:
        raise _cannot_close(
            f"Vorher ist noch {earlier} offen.",
            f"{earlier} is still open before it.",
            "Bitte die Monate der Reihe nach abschließen.",
            "Close the months in their order.",
        )


def close_month(user: Any, key: str) -> ClosedMonth:
    """Freeze a month that has ended: its figures and nameless records, for ever. It cannot be opened again.

    What is not confirmed by now does not count in it; confirmed later, it is listed as a change in the next report.

    Raises:
        NotAllowed: not a coordinator.
        BadInput: no month, not ended, closed already, or an earlier month with services is still open.
    """
    check_role(user, Role.COORDINATOR)
    period = _check_month(key)
    with written("month"):
        _check_order(period, closed=period.key in hold([period.key]))
        month = _freeze(period, user)
        reach("journey.month.frozen")
        log.record("close_month", "month", month.pk, user)
    return month


def _freeze(period: Period, user: Any) -> ClosedMonth:
    tally = count_month(period.key)
    made = counting.report(tally)
    rest = {
        "version": 2,
        "month": period.key,
        # The lot by which small cells are hidden in reports: nobody outside may know it, and it must never change.
        "seed": secrets.token_hex(16),
        "total": {m.key: made.figure(m.key) for m in counting.KPIS},
        "effect": figures.effect_part(period.begin, period.end),
        "cases": figures.case_figures(period.begin, period.end),
        "unconfirmed": figures.unconfirmed(period).count(),
        "targets": [
            {
                "figure": t.figure,
                "begin": t.begin.isoformat(),
                "end": t.end.isoformat(),
                "value": t.value,
                "source": t.source,
            }
            for t in Target.objects.order_by("figure", "begin", "end")
        ],
    }
    frozen = counting.canonical({**rest, "tally": tally.as_dict()})
    records = counting.canonical(figures.records_of(period.begin, period.end))
    month = ClosedMonth.objects.create(
        month=period.key,
        closed_by=user,
        figures=frozen,
        records=records,
        sha256=hashlib.sha256(f"{frozen}\n{records}".encode()).hexdigest(),
    )
    keep(month.pk, month.sha256, tally, rest)
    return month


def set_target(user: Any, *, figure: str, begin: date, end: date, value: int, source: str) -> Target:
    """Say what was promised for a figure in a period, and where that stands; the same figure and period again replaces it.

    Raises:
        NotAllowed: not a coordinator.
        BadInput: the figure is unknown, the period is upside down, the value is none, or the source is missing.
    """
    check_role(user, Role.COORDINATOR)
    source = " ".join(tidy(source).split())[:200]
    if figure not in {m.key for m in counting.KPIS} or end < begin or not 0 < value <= 10_000_000:
        raise BadInput(
            "target_wrong",
            de="Dieses Ziel ist nicht zu verstehen.",
            en="This target cannot be understood.",
            where="target",
            remedy_de="Bitte Kennzahl, ersten und letzten Tag und eine ganze Zahl angeben.",
            remedy_en="Give the figure, the first and last day and a whole number.",
        )
    if len(source) < 3:
        raise BadInput(
            "target_source_missing",
            de="Es fehlt, wo dieses Ziel steht.",
            en="It is missing where this target is written.",
            where="source",
            remedy_de="Zum Beispiel: Zuwendungsbescheid vom 4. Mai 2026, Seite 3.",
            remedy_en="For example: grant notice of 4 May 2026, page 3.",
        )
    with written("target"):
        target, _ = Target.objects.update_or_create(
            figure=figure, begin=begin, end=end, defaults={"value": value, "source": source}
        )
        log.record("set_target", "target", target.pk, user)
    return target


def drop_target(user: Any, target_id: int) -> None:
    """Delete a target that was entered by mistake; closed months keep the one they knew.

    Raises:
        NotAllowed: not a coordinator.
    """
    check_role(user, Role.COORDINATOR)
    with written("target"):
        if Target.objects.filter(pk=target_id).delete()[0]:
            log.record("drop_target", "target", target_id, user)
