"""A hall with a machine whose values lie in its store, for tests of what is worked out from them: a small made machine with known times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nordlotse.iot import memory
from nordlotse.iot.core.store.disk import Disk
from nordlotse.iot.core.store.log import START
from nordlotse.iot.core.store.writer import Writer
from nordlotse.iot.core.stores import company_folder
from nordlotse.iot.core.values import Block, Kind, Series
from nordlotse.iot.models import Hall, Machine
from tests.iot.written import alone

SECOND = 1_000_000
HOUR = 3600 * SECOND
#: Monday, 16 November 2026, 6:00 in Berlin (UTC+1), µs.
MONDAY = 1_794_805_200 * SECOND
#: The day's plan of the made machine: minutes from 6:00 on and the current in A. 8 hours: 6.5 h running, 1 h idle, half an hour off.
PLAN: tuple[tuple[int, float], ...] = ((120, 8.0), (40, 2.0), (180, 8.0), (20, 2.0), (90, 8.0), (30, 0.05))
SHIFTS = {
    "shifts": [{"name": "Früh", "weekdays": [0, 1, 2, 3, 4], "begin": "06:00", "end": "14:00", "breaks": [["09:00", "09:30"]]}],
    "zone": "Europe/Berlin",
    "state": None,
}  # fmt: skip


class Filled:
    """A hall and a machine; `put` writes values as the ingest would have."""

    def __init__(self, **machine: Any) -> None:
        alone(memory.folder())
        self.hall = Hall.objects.create(shifts=SHIFTS)
        signals = {"Strom": {"unit": "A", "role": "current"}, "Teile": {"unit": "", "role": "parts"}}
        self.machine = Machine.objects.create(
            hall=self.hall, name="saege", title="Säge", **{"signals": signals, **machine}
        )
        self.place = START

    def put(self, signal: str, time: Sequence[int], value: Sequence[float], quality: int = 0) -> None:
        folder = company_folder(memory.folder(), self.hall.store)
        writer = Writer(folder, self.hall.store, Disk())
        at = np.asarray(time, np.int64)
        block = Block(
            Series(self.hall.store, self.machine.name, signal),
            Kind.NUMBER,
            at,
            np.asarray(value, np.float64),
            np.full(len(at), quality, np.uint8),
            at,
        )
        self.place = self.place._replace(offset=self.place.offset + 1)
        writer.add([block], self.place)
        writer.flush(self.place)

    def work(self, days: int = 1, step: int = 5, cycle: int = 60) -> None:
        """Let the machine work the plan on so many days from Monday on: a current every `step` seconds, a part every `cycle` s while it runs."""
        rng = np.random.default_rng(1)
        times, values, parts = [], [], []
        for day in range(days):
            at = MONDAY + day * 24 * HOUR
            for minutes, level in PLAN:
                moments = np.arange(at, at + minutes * 60 * SECOND, step * SECOND)
                times.append(moments)
                values.append(level * rng.normal(1, 0.02, len(moments)) + rng.normal(0, 0.02, len(moments)))
                if level > 5:
                    parts.append(np.arange(at + cycle * SECOND, at + minutes * 60 * SECOND + 1, cycle * SECOND))
                at += minutes * 60 * SECOND
        self.put("Strom", np.concatenate(times), np.concatenate(values))
        made = np.concatenate(parts)
        self.put("Teile", np.concatenate([[MONDAY - HOUR], made]), np.arange(len(made) + 1.0) + 100)
