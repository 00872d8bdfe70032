"""How long a hall keeps its values, as it was set."""

from __future__ import annotations

from nordlotse.iot import memory
from nordlotse.iot.core import retention
from nordlotse.iot.core.retention import Periods
from nordlotse.iot.core.stores import company_folder
from nordlotse.iot.models import Hall


def periods(hall: Hall) -> Periods:
    """Return what a hall has set; for ever where nothing was."""
    return retention.periods(company_folder(memory.folder(), hall.store)) or Periods()


def signals(hall: Hall) -> list[tuple[str, str, str]]:
    """Return the hall's signals: "machine/signal", and what machine and signal are called.

    Raises:
        NotAvailable: `iot_damaged`.
    """
    titles = {one.name: (one.title or one.name, one.signals) for one in hall.machines.all()}
    found = []
    with memory.looked(hall.store) as reader:
        for series in sorted(reader.series()):
            title, named = titles.get(series.machine, (series.machine, {}))
            shown = named.get(series.signal, {}).get("title") or series.signal
            found.append((f"{series.machine}/{series.signal}", title, shown))
    return found
