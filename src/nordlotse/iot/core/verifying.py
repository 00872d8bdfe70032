"""Proves that what is stored is as it was written: every byte of every segment and of the log, and that both fit together."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path

from nordlotse.foundation.problem import NotAvailable
from nordlotse.iot.core import apart, quarantine
from nordlotse.iot.core.apart import WORKED
from nordlotse.iot.core.export import pieces_of
from nordlotse.iot.core.store import log as logs
from nordlotse.iot.core.store import rollups
from nordlotse.iot.core.store.log import START, within
from nordlotse.iot.core.store.manifest import SPOILT, load, opened, segment_path
from nordlotse.iot.core.store.records import Damage
from nordlotse.iot.core.store.segment import Segment
from nordlotse.iot.core.tail import reader
from nordlotse.iot.core.values import EARLIEST, LATEST

_log = logging.getLogger("nordlotse.iot")


@dataclass(slots=True)
class Verdict:
    """What was looked at, and what of it is damaged or missing ("company: file: what")."""

    companies: int = 0
    segments: int = 0
    chunks: int = 0
    values: int = 0
    log_records: int = 0
    quarantined: int = 0
    #: Payloads that left the quarantine unread, for want of room or by their age.
    let_go: int = 0
    #: Bytes that lie beside stores put aside (`waiting/`); nothing bounds them but the disk.
    waiting: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Return whether nothing is damaged."""
        return not self.faults


def verify(folder: Path) -> Verdict:
    """Look at every byte of all stores below the data folder; takes no lock and may run beside the ingest."""
    found = Verdict()
    for path in sorted((folder / "companies").glob("*")):
        found.companies += 1
        told = len(found.faults)
        beside = apart.size(path)
        found.waiting += beside
        for _ in range(5):  # a store that is written to may replace its segments meanwhile
            try:
                _company(folder, path, found)
                break
            except FileNotFoundError:
                del found.faults[told:]
                continue
            except NotAvailable as error:
                found.faults.append(f"{path.name}: {error.where} (put aside; {beside} bytes wait; {error.remedy_en})")
                break
        else:
            found.faults.append(f"{path.name}: a segment is missing")
    damages: list[tuple[int, Damage]] = []
    found.log_records = sum(1 for _ in logs.read(folder / "log", START, damages))
    found.faults += [f"log {number}: {one.begin}–{one.end}" for number, one in damages if one.inside]
    found.faults += [f"log {number}: missing" for number in _lost(folder)]
    found.faults += [f"kept aside after a crash: {path.name}" for path in sorted((folder / "damaged").glob("*-in"))]
    return found


def _lost(folder: Path) -> list[int]:
    """Return the numbers of the log's files that are missing between others, above what every store says it is worked in."""
    worked = [_worked(path) for path in (folder / "companies").glob("*")]
    lowest = min((one for one in worked if one is not None), default=0)
    return sorted(_between(folder, lowest) & _between(folder, lowest))  # one list may be made while files go


def _worked(path: Path) -> int | None:
    """Return the file of the log up to which a company's store is worked in, None where its manifest cannot be read."""
    try:
        return load(path).worked.file
    except NotAvailable:
        return None


def _between(folder: Path, lowest: int) -> set[int]:
    there = set(logs.numbers(folder / "log"))
    return {number for number in range(min(there), max(there)) if number > lowest} - there if there else set()


def _company(folder: Path, path: Path, found: Verdict) -> None:
    found_here = opened(path)
    manifest = found_here.manifest
    faults: list[str] = []
    if found_here.spoilt:
        found.faults.append(f"{path.name}: manifest: {found_here.spoilt} (its twin takes its place at the next start)")
    for name in (SPOILT, WORKED):
        if (path / name).exists():
            found.faults.append(f"{path.name}: kept aside after damage: {name}")
    chunks = values = 0
    for held in manifest.segments:
        try:
            segment = Segment(segment_path(path, held.number))
        except NotAvailable as error:
            faults.append(f"{path.name}: {error.where}")
            continue
        faults += [f"{path.name}: {fault}" for fault in segment.faults()]
        chunks += len(segment.index)
        if not faults:
            faults += [f"{path.name}: {fault}" for fault in _chunks(segment)]
    for path_of, counts in ((quarantine.path_of, manifest.aside), (rollups.path_of, manifest.rolled)):
        faults += [f"{path.name}: {fault}" for fault in _growing(path_of(path, counts[0]), counts[1])]
    look = reader(folder, path.name)
    look.look()
    if not faults:
        values = sum(look.count(series) for series in look.series())
        for series in look.series():  # every chunk that counts decodes to as many rows as its index says
            if sum(len(rows) for _, rows in pieces_of(look, [series], EARLIEST, LATEST)) != look.count(series):
                faults.append(f"{path.name}: {series.machine}/{series.signal}: number of values")
    found.segments += len(manifest.segments)
    found.chunks += chunks
    found.values += values
    found.quarantined += sum(1 for _ in quarantine.read_on(path, manifest.aside[0], 0, manifest.aside[1]))
    found.let_go += manifest.let_go.size + manifest.let_go.age
    found.faults += faults


def _growing(path: Path, size: int) -> list[str]:
    """Return what is damaged of the bytes that count of a file of records; little of it is in memory at a time."""
    if not size:
        return []
    damages: list[Damage] = []
    try:
        there = path.stat().st_size
        read = sum(1 for _ in within(path, size, damages))
    except FileNotFoundError:
        return [f"{path.name}: missing"]
    short = [] if there >= size and read else [f"{path.name}: {min(there, size)} of {size} bytes"]
    return [*short, *(f"{path.name}: {one.begin}–{one.end}" for one in damages)]


def _chunks(segment: Segment) -> list[str]:
    """Return the chunks whose rows do not fit their index."""
    found = []
    for number, row in enumerate(segment.index):
        raw = segment.chunk(number).raw()
        if (len(raw), raw.time[0], raw.time[-1]) != (row["rows"], row["first"], row["last"]):
            found.append(f"{segment.path.name}: chunk {number}: index")
    return found
