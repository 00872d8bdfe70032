"""How long a hall keeps its values: for all of them, and for single signals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from nordlotse.iot import memory
from nordlotse.iot.core import retention
from nordlotse.iot.core.retention import Periods
from nordlotse.iot.core.stores import company_folder
from nordlotse.iot.models import Hall
from nordlotse.office import log


def put(hall: Hall, days: int | None, signals: Mapping[str, int | None], user: Any = None) -> Periods:
    """Set how many days values are kept, None for ever; `signals` ("machine/signal") where it differs. Applied hour by hour by the intake.

    Raises:
        BadInput: `iot_retention`.
    """
    wish = Periods(days, {name: own for name, own in signals.items() if own != days})
    folder = company_folder(memory.folder(), hall.store)
    with transaction.atomic():
        log.record("retention_set", "hall", hall.pk[:6], user)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        retention.keep(folder, wish)
    return wish
