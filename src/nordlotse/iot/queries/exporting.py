"""What a hall holds, and its values as files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nordlotse.iot import memory
from nordlotse.iot.core import export, spreadsheet, tail
from nordlotse.iot.core.values import EARLIEST, LATEST
from nordlotse.iot.models import Hall
from nordlotse.iot.queries.limits import COMPANY_MACHINES, bytes_on_disk

#: Bytes of a row of the CSV of single values, about (measured: 579 MB for 5.7 million).
_CSV_ROW = 102
#: Machines told one by one.
MOST = COMPANY_MACHINES


@dataclass(frozen=True, slots=True)
class Of:
    """What is held of one machine: its name, title, signals, values that count."""

    name: str
    title: str
    signals: int
    values: int


@dataclass(frozen=True, slots=True)
class Held:
    """What a hall holds: by machine, of how many more nothing is told one by one, and its bytes on the disk."""

    machines: tuple[Of, ...]
    values: int
    bytes: int
    more: int = 0

    @property
    def megabytes(self) -> float:
        """Return its size in MB."""
        return round(self.bytes / 1e6, 1)

    @property
    def csv_megabytes(self) -> int:
        """Return about how large all values are as CSV, in MB."""
        return max(1, round(self.values * _CSV_ROW / 1e6))

    @property
    def sheet(self) -> int:
        """Return the rows a sheet of Excel holds."""
        return spreadsheet.SHEET


def held(hall: Hall) -> Held:
    """Return what a hall holds.

    Raises:
        NotAvailable: `iot_damaged`.
    """
    counts: dict[str, list[int]] = {}
    with memory.looked(hall.store) as reader:
        for series in reader.series():
            counts.setdefault(series.machine, []).append(reader.count(series))
    titles = {one.name: one.title or one.name for one in hall.machines.all()}
    made = [Of(name, titles.get(name, name), len(told), sum(told)) for name, told in sorted(counts.items())]
    made.sort(key=lambda one: one.name not in titles)  # machines before names nobody has taken in
    return Held(tuple(made[:MOST]), sum(one.values for one in made), bytes_on_disk(hall), max(len(made) - MOST, 0))


def pieces(
    hall: Hall, form: str, machine: str = "", begin: int | None = None, end: int | None = None
) -> Iterator[bytes]:
    """Return the bytes of a file of values (`core.export.FORMS`, or "excel", "single": hourly means or single values as `core.spreadsheet` writes them), made while they are read; `machine` "" for all.

    Raises:
        NotFound: `iot_machine`.
        NotAvailable: `iot_damaged`.
    """
    # a reader of its own: the shared one would keep the live pages waiting as long as the download takes
    reader = tail.reader(memory.folder(), hall.store)
    reader.look()
    if form == "excel":
        return spreadsheet.hourly(reader, machine, EARLIEST if begin is None else begin, LATEST if end is None else end)
    if form == "single":
        return spreadsheet.singles(
            reader, machine, EARLIEST if begin is None else begin, LATEST if end is None else end
        )
    return export.written(reader, form, machine, EARLIEST if begin is None else begin, LATEST if end is None else end)
