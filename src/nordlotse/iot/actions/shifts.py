"""The shift calendar of a hall."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from nordlotse.iot.core.states.plans import calendar_kept
from nordlotse.iot.core.states.shifts import Calendar
from nordlotse.iot.models import Hall
from nordlotse.office import log


@transaction.atomic
def put(hall: Hall, calendar: Calendar | None, actor: Any = None) -> None:
    """Keep the hall's calendar; None: none, then each day counts as a whole."""
    hall.shifts = {} if calendar is None else calendar_kept(calendar)
    hall.save(update_fields=["shifts"])
    log.record("shifts_set", "hall", hall.pk[:6], actor)


@transaction.atomic
def put_price(hall: Hall, euros: Any, actor: Any = None) -> None:
    """Keep what the company pays for a kWh (EUR, a Decimal), None: not known, then a sourced figure is used."""
    hall.price_kwh = euros
    hall.save(update_fields=["price_kwh"])
    log.record("price_set", "hall", hall.pk[:6], actor)
