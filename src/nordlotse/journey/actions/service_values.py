"""What is typed of a service, checked: whole numbers, a kind from the list, a day that can be, a month that is open."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from nordlotse.foundation.problem import BadInput
from nordlotse.journey.actions.noting import hold, month_of
from nordlotse.journey.core.kinds import kinds

#: No single service lasts longer (minutes): three days of a workshop.
MAX_MINUTES = 3 * 24 * 60
MAX_PARTICIPANTS = 10_000
#: How far back a service may be entered by hand (days); older ones belong into a closed report's list of changes.
MAX_AGE = 400


def whole(value: Any, most: int, where: str, *, least: int = 1) -> int:
    """Return a whole number as it was typed.

    Raises:
        BadInput: no whole number from `least` to `most`; the message says so and where.
    """
    if isinstance(value, str) and value.strip().isdecimal() and len(value.strip()) <= 6:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadInput(
            f"{where}_wrong",
            de=f"Bitte eine ganze Zahl von {least} bis {most} angeben.",
            en=f"Give a whole number from {least} to {most}.",
            where=where,
            remedy_de="Zum Beispiel 20.",
            remedy_en="For example 20.",
        )
    return value


def known_kind(value: Any) -> str:
    """Return a kind of service.

    Raises:
        BadInput: it is none.
    """
    if value not in kinds():
        raise BadInput(
            "kind_unknown",
            de="Diese Art von Leistung gibt es nicht.",
            en="There is no such kind of service.",
            where="kind",
            remedy_de="Bitte eine Art aus der Liste wählen.",
            remedy_en="Choose one from the list.",
        )
    return str(value)


def possible_day(value: date) -> date:
    """Return a day on which a service can have been: not in the future, at most `MAX_AGE` days ago.

    Raises:
        BadInput: it cannot have been then.
    """
    today = timezone.localdate()
    if not today - timedelta(days=MAX_AGE) <= value <= today:
        raise BadInput(
            "day_wrong",
            de="Der Tag liegt in der Zukunft oder zu weit zurück.",
            en="The day lies in the future or too far back.",
            where="day",
            remedy_de=f"Bitte einen Tag der letzten {MAX_AGE} Tage wählen.",
            remedy_en=f"Choose one of the last {MAX_AGE} days.",
        )
    return value


def check_month_open(day: date) -> None:
    """Hold the month of a day, in the caller's transaction.

    Raises:
        BadInput: it is closed.
    """
    if hold([month_of(day)]):
        raise BadInput(
            "month_closed",
            de="Dieser Monat ist abgeschlossen.",
            en="This month is closed.",
            where="minutes",
            remedy_de="Bitte sagen Sie es der Koordination; sie kann es mit einem Grund ändern.",
            remedy_en="Tell the coordinator, who can change it with a reason.",
        )
