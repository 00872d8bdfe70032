"""Which of our parts would pay: up to 10,000 parts, from files and a list, ranked by what printing them would save in a year."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path, PurePosixPath

import numpy as np

from nordlotse.foundation.intake import shown_name
from nordlotse.foundation.language import NOTHING, Text
from nordlotse.foundation.problem import BadInput, NotFound, TooLarge
from nordlotse.print3d.core.archive import ENDINGS, Container, parts_of
from nordlotse.print3d.core.costs import PRINTED, priced
from nordlotse.print3d.core.estimate import estimate
from nordlotse.print3d.core.figures import Figures, figures
from nordlotse.print3d.core.limits import MAX_BYTES
from nordlotse.print3d.core.parcel import packed, unpacked
from nordlotse.print3d.core.partlist import MOST, Item, PartList
from nordlotse.print3d.core.profile import profile
from nordlotse.print3d.core.rates import Rates, rates
from nordlotse.print3d.core.reading import read
from nordlotse.print3d.core.suitability import Suitability, metal, suitability
from nordlotse.print3d.core.values import UnitCost
from nordlotse.print3d.core.workshop import WorkLimits, Workshop

#: Measures a file's bytes: in a child for strangers' files, directly in tests.
Measure = Callable[[bytes, str], Figures]
#: Told after each part: how many are done, of how many, which.
Progress = Callable[[int, int, str], None]
#: Share of its box that a part fills whose shape nobody stated (own estimate).
_FILLED = 0.3


@dataclass(frozen=True, slots=True)
class Job:
    """One part to judge: its row of the list, and how to get its file's bytes, if it has one."""

    item: Item
    file: str = ""
    content: Callable[[], bytes] | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What came out for a part. Savings in EUR a year (None without price or yearly quantity); `sure`: even the low end saves.

    `process`, `cost`: the cheapest likely way to print it, at the lot it would be ordered in; `problem`: why it was not judged.
    """

    item: Item
    file: str
    suitability: Suitability
    cost: UnitCost | None = None
    lot: int = 0
    saving: tuple[float, float, float] | None = None
    sure: bool = False
    plain: bool = False
    problem: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Screening:
    """All parts, best first: those with a saving by it, then those without figures by suitability, then those not judged."""

    rows: tuple[Judged, ...]
    fresh: int


def jobs_in_zip(data: bytes, name: str, given: PartList | None = None) -> list[Job]:
    """Return the parts of a ZIP, with their rows of the list.

    Raises:
        BadInput, TooLarge: as `archive.parts_of`.
    """
    box = Container(data, name)
    found = {part.path: _reader(box, part.path) for part in parts_of(data, name)}
    return jobs(found, given)


def _reader(box: Container, path: str) -> Callable[[], bytes]:
    return lambda: box.read(path)


def jobs_in_folder(folder: Path, given: PartList | None = None) -> list[Job]:
    """Return the parts below a folder, with their rows of the list; links and hidden files are passed over.

    Raises:
        NotFound: `folder_unknown`.
        TooLarge: `too_many_parts`.
    """
    if not folder.is_dir():
        raise NotFound(
            "folder_unknown",
            de="Diesen Ordner gibt es nicht.",
            en="There is no such folder.",
            where=shown_name(folder.name),
            remedy_de="Bitte den Pfad prüfen.",
            remedy_en="Check the path.",
        )
    found: dict[str, Callable[[], bytes]] = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inside.parts)
        if path.name.lower().endswith(ENDINGS) and path.is_file() and not path.is_symlink() and not hidden:
            found[inside.as_posix()] = _bounded(path)
        if len(found) > MOST:
            raise _too_many()
    return jobs(found, given)


def _bounded(path: Path) -> Callable[[], bytes]:
    def content() -> bytes:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)  # the reader refuses what is larger

    return content


def _too_many() -> TooLarge:
    return TooLarge(
        "too_many_parts",
        de=f"Mehr als {MOST} Teile werden nicht auf einmal bewertet.",
        en=f"No more than {MOST} parts are judged at once.",
        remedy_de="Bitte teilen Sie den Ordner oder die Liste.",
        remedy_en="Split the folder or the list.",
    )


def jobs(files: Mapping[str, Callable[[], bytes]], given: PartList | None = None) -> list[Job]:
    """Return files and rows brought together: by the file a row names, else by the part's name; what is left over stands alone.

    Raises:
        TooLarge: `too_many_parts`.
    """
    by_name: dict[str, list[str]] = {}
    for path in files:
        pure = PurePosixPath(path)
        for name in {path.casefold(), pure.name.casefold(), pure.stem.casefold()}:
            by_name.setdefault(name, []).append(path)
    found, used = [], set()
    for item in given.items if given is not None else ():
        named = by_name.get((item.file or item.part).replace("\\", "/").casefold(), [])
        if len(named) == 1:
            used.add(named[0])
            found.append(Job(item, shown_name(named[0]), files[named[0]]))
        else:
            found.append(Job(_without_file(item, named)))
    alone = [path for path in files if path not in used]
    found += [Job(Item(0, PurePosixPath(path).stem), shown_name(path), files[path]) for path in alone]
    if len(found) > MOST:
        raise _too_many()
    return found


def _without_file(item: Item, named: Sequence[str]) -> Item:
    """Return a row that has no file of its own: judged by its sizes if no file is named, else told why not."""
    if item.problem.de or not (named or item.file) or (item.size and not named):
        return item
    if named:
        several = ", ".join(shown_name(path) for path in named[:3])
        problem = Text(f"Mehrere Dateien passen: {several}.", f"Several files match: {several}.")
    else:
        problem = Text(f"Die Datei „{item.file}“ fehlt.", f"The file “{item.file}” is missing.")
    return replace(item, problem=problem)


def measured(data: bytes, name: str) -> Figures:
    """Return the figures of a file, with the FDM estimate (with support, as the part lies) where it can be printed.

    Runs over strangers' files: in a child.

    Raises:
        BadInput, TooLarge: as `reading.read`.
    """
    loaded = read(data, name)
    try:
        printed = estimate(loaded.mesh, profile("fdm-pla-0.2"), support=True)
    except BadInput:
        printed = None
    return figures(loaded.mesh, printed, loaded.exact_volume)


@contextmanager
def in_child(limits: WorkLimits | None = None) -> Iterator[Measure]:
    """Give a measure that works in a child process, which can be killed at its limits."""
    with Workshop(limits or WorkLimits(), ("nordlotse.print3d.core.screening",)) as shop:

        def measure(data: bytes, name: str) -> Figures:
            found = shop.run("nordlotse.print3d.core.screening:measured", data, name)
            assert isinstance(found, Figures)  # noqa: S101 - what the child may answer
            return found

        yield measure


class Ledger:
    """What was measured already, by content: a file of one line each, so that a run broken off goes on where it stopped.

    Prices and rates are not in it: a new price list is judged anew without measuring again.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Read what is there; a line cut off in the middle is passed over."""
        self._path = path
        self._known: dict[str, Figures | Text] = {}
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                self._take(line)

    def _take(self, line: str) -> None:
        try:
            row = json.loads(line)
            value = unpacked(row["value"].encode(), [])
            if isinstance(value, Figures | Text):
                self._known[str(row["key"])] = value
        except (ValueError, KeyError, TypeError, AttributeError):
            return

    def get(self, key: str) -> Figures | Text | None:
        """Return the figures of a content, or why it has none; None if it was not measured yet."""
        return self._known.get(key)

    def put(self, key: str, value: Figures | Text) -> None:
        """Keep what was measured, at once on the disk."""
        self._known[key] = value
        if self._path is not None:
            line = json.dumps({"key": key, "value": packed(value)[0].decode()})
            # a line of its own even after one that was cut off
            with self._path.open("a+b") as out:
                out.seek(0, 2)
                if out.tell():
                    out.seek(-1, 2)
                    if out.read(1) != b"\n":
                        out.write(b"\n")
                out.write(line.encode() + b"\n")


def screen(
    work: Sequence[Job],
    measure: Measure,
    given: Rates | None = None,
    ledger: Ledger | None = None,
    progress: Progress | None = None,
) -> Screening:
    """Return all parts judged and ranked. A part that cannot be read is told as such and holds nothing up."""
    held, kept = given or rates(), ledger or Ledger()
    rows, fresh = [], 0
    for done, job in enumerate(work, 1):
        found, new = _figures(job, measure, kept)
        fresh += new
        rows.append(judged(job, found, held))
        if progress is not None:
            progress(done, len(work), job.item.part)
    return Screening(tuple(sorted(rows, key=_order)), fresh)


def _order(row: Judged) -> tuple[float, float, str, int]:
    group = 2.0 if row.problem.de else 0.0 if row.saving is not None else 1.0
    value = row.saving[1] if row.saving is not None else float(row.suitability.points)
    return group, -value, row.item.part.casefold(), row.item.row


def _figures(job: Job, measure: Measure, ledger: Ledger) -> tuple[Figures | Text, bool]:
    """Return the figures of a job or why there are none, and whether they were measured just now."""
    if job.item.problem.de:
        return job.item.problem, False
    if job.content is None:
        return _from_list(job.item), False
    try:
        data = job.content()
    except (BadInput, OSError) as error:
        return _why(error), False
    # the name's ending and its unit words help to read the file, so they belong to the key
    key = hashlib.sha256(data + b"\0" + job.file.encode()).hexdigest()
    known = ledger.get(key)
    if known is not None:
        return known, False
    found: Figures | Text
    try:
        found = measure(data, job.file)
    except BadInput as refusal:
        found = _why(refusal)
    ledger.put(key, found)
    return found, True


def _why(error: Exception) -> Text:
    if isinstance(error, BadInput):
        return Text(error.message_de, error.message_en)
    return Text("Die Datei lässt sich nicht öffnen.", "The file cannot be opened.")


def _from_list(item: Item) -> Figures | Text:
    """Return figures from the sizes in the list: a rough guess of a shape nobody has shown."""
    size = item.size
    if size is None or min(size) <= 0:
        return Text(
            "Weder Datei noch Länge, Breite und Höhe: nicht bewertet.",
            "Neither a file nor length, width and height: not judged.",
        )
    box = size[0] * size[1] * size[2]
    volume = min(item.volume, box) if item.volume else box * _FILLED
    area = 2 * (size[0] * size[1] + size[1] * size[2] + size[0] * size[2])
    return Figures(size, volume, max(volume, (box + volume) / 2), area * 1.3, plain=True)


def judged(job: Job, found: Figures | Text, given: Rates) -> Judged:
    """Return what printing a part would save, as far as price and yearly quantity are stated, and how well it suits."""
    item = job.item
    if isinstance(found, Text):
        return Judged(item, job.file, Suitability(0, ()), problem=found)
    try:
        ways = priced(found, given).ways
    except BadInput as refusal:
        return Judged(item, job.file, Suitability(0, ()), problem=_why(refusal))
    wanted = ("lpbf",) if metal(item.material) else tuple(name for name in PRINTED if name != "lpbf")
    fitting = {name: ways[name] for name in wanted if name in ways}
    suits = suitability(item, found, tuple(fitting))
    if not fitting:
        return Judged(item, job.file, suits, plain=found.plain)
    orders = given.screening["orders"].value.likely
    lot = max(1, ceil(item.yearly / orders)) if item.yearly else 1
    lot = min(lot, 1_000_000)
    best = min(fitting.values(), key=lambda way: float(way.unit(np.array([lot]))[0]))
    cost = best.cost(lot)
    saving = _saving(item, cost, given)
    sure = saving is not None and saving[0] > 0
    return Judged(item, job.file, suits, cost, lot, saving, sure, found.plain)


def _saving(item: Item, cost: UnitCost, given: Rates) -> tuple[float, float, float] | None:
    """Return the yearly saving, low, likely, high: on each piece, and on stock no longer held."""
    if not item.price or not item.yearly:
        return None
    held, freed = given.screening["holding"].value, given.screening["stock_saved"].value
    worth = (item.stock or 0.0) * item.price
    stock = (worth * held.low * freed.low, worth * held.likely * freed.likely, worth * held.high * freed.high)
    units = (item.price - cost.high, item.price - cost.likely, item.price - cost.low)
    low, likely, high = (item.yearly * unit + saved for unit, saved in zip(units, stock, strict=True))
    return low, likely, high
