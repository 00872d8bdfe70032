"""What a store consists of just now: its segments, which of their chunks still count, the series' names, how far the log is worked in.

It stands twice: `manifest`, and `manifest.twin` for the day the first is spoilt on the disk. Nothing else knows the names of the series, so
segments alone could never tell what they hold. The twin is written first and not synced for itself: its name is safe with the manifest's,
and a torn content is told by its checksum. So a whole twin is the newest state, or one that was about to be published: what it names was
safe before, and nothing older was removed yet. A twin beside which segments lie that it does not know, or lack that it names, comes from
elsewhere and is not taken.
"""

from __future__ import annotations

import errno
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from nordlotse.foundation.problem import NotAvailable
from nordlotse.iot.core.store.disk import Disk, beside, publish
from nordlotse.iot.core.store.log import START, Place
from nordlotse.iot.core.store.segment import Segment
from nordlotse.iot.core.values import Series

_NAME, _TWIN = "manifest", "manifest.twin"
#: What a damaged manifest is kept as when its twin has taken its place; to be looked at, then removed.
SPOILT = "manifest.spoilt"
#: Files only a store has that once had a manifest.
_KEPT = ("*.seg", "*.aside", "*.hours")


@dataclass(frozen=True, slots=True)
class Held:
    """A segment of the manifest: number of its file, level (0 fresh, 1 merged), chunks that a merge has replaced."""

    number: int
    level: int
    gone: frozenset[int] = frozenset()


class LetGo(NamedTuple):
    """Payloads that left the quarantine unread: how many for want of room, how many by their age, and when the newest of them came, µs."""

    size: int = 0
    age: int = 0
    newest: int = 0


_NOTHING_GONE = LetGo()


@dataclass(frozen=True, slots=True)
class Manifest:
    """The store's state, immutable. `series`: a series' number is its place. `worked`: everything before it in the log lies in segments. `hot`: number of the
    file of values behind them, a new one whenever it is begun anew.

    `duplicates` counts by series values that came again; `last_given` is the last time given by us to values without one, µs; `cut`: values
    of a series before it no longer count. `aside`: number and valid bytes of the file of payloads that could not be read (see `quarantine`);
    `rolled`: the same of the roll-ups of what was cut; `mapped`: which mapping the quarantine was last read again with; `let_go`: what left it unread.
    """

    version: int = 0
    segments: tuple[Held, ...] = ()
    series: tuple[Series, ...] = ()
    worked: Place = START
    next_segment: int = 1
    hot: int = 0
    duplicates: Mapping[int, int] = field(default_factory=dict)
    last_given: Mapping[int, int] = field(default_factory=dict)
    cut: Mapping[int, int] = field(default_factory=dict)
    aside: tuple[int, int] = (1, 0)
    rolled: tuple[int, int] = (1, 0)
    mapped: int = 0
    let_go: LetGo = _NOTHING_GONE

    def after(self, **changes: Any) -> Manifest:
        """Return the next manifest."""
        return replace(self, version=self.version + 1, **changes)


@dataclass(frozen=True, slots=True)
class Opened:
    """A manifest as found, and what was wrong with the first of the two where the twin had to take its place."""

    manifest: Manifest
    spoilt: str = ""


def load(folder: Path) -> Manifest:
    """Return the store's manifest, an empty one where there is none.

    Raises:
        NotAvailable: `iot_damaged`: neither it nor its twin can be trusted.
    """
    return opened(folder).manifest


def opened(folder: Path) -> Opened:
    """Return the store's manifest and whether its twin had to take its place; nothing on the disk is changed.

    Raises:
        NotAvailable: `iot_damaged`.
        OSError: it cannot be read now, and that is no fault of the file (`_LOST`).
    """
    try:
        return Opened(_read((folder / _NAME).read_bytes()))
    except (OSError, *_WRONG) as error:
        why = _why(error)
    # an empty store in the place of one that holds something would remove or overwrite what lies there
    holds = why != "missing" or any(any(folder.glob(pattern)) for pattern in _KEPT)
    try:
        twin = _read((folder / _TWIN).read_bytes())
        _prove(folder, twin)
    except (OSError, *_WRONG) as error:
        if not holds:
            return Opened(Manifest())
        raise _unopened(f"{why}; {_TWIN}: {_why(error)}") from error
    first = not holds and twin.version == 1  # a crash between the first twin and the first manifest
    return Opened(twin, "" if first else why)


_WRONG = (ValueError, KeyError, TypeError, IndexError, AttributeError)
#: What the system says of a file that is spoilt or closed to us. Anything else, as too many open files, passes: no store is put aside for it.
_LOST = (errno.EIO, errno.EACCES, errno.EPERM, errno.EISDIR, getattr(errno, "EUCLEAN", errno.EIO), errno.EBADMSG)


def _why(error: Exception) -> str:
    """Return why a manifest cannot be taken.

    Raises:
        OSError: nothing is wrong with the file itself.
    """
    if isinstance(error, FileNotFoundError):
        return "missing"
    if isinstance(error, OSError):
        if error.errno not in _LOST:
            raise error
        return error.strerror or "unreadable"
    return str(error)


def _read(text: bytes) -> Manifest:
    """Return what a manifest says.

    Raises:
        _WRONG: it is not as it was written.
    """
    crc, _, content = text.partition(b"\n")
    if len(crc) != 8 or int(crc, 16) != zlib.crc32(content):
        raise ValueError("checksum" if text else "empty")
    kept = json.loads(content)
    return Manifest(
        kept["version"],
        tuple(Held(number, level, frozenset(gone)) for number, level, gone in kept["segments"]),
        tuple(Series(*names) for names in kept["series"]),
        Place(*kept["worked"]),
        kept["next_segment"],
        kept["hot"],
        {int(k): v for k, v in kept["duplicates"].items()},
        {int(k): v for k, v in kept["last_given"].items()},
        {int(k): v for k, v in kept["cut"].items()},
        (kept["aside"][0], kept["aside"][1]),
        (kept["rolled"][0], kept["rolled"][1]),
        kept["mapped"],
        LetGo(*kept.get("let_go", ())),
    )


def _prove(folder: Path, twin: Manifest) -> None:
    """Refuse a twin that does not fit what lies in the folder.

    Raises:
        ValueError.
    """
    there = {int(path.stem) for path in folder.glob("*.seg") if path.stem.isdigit()}
    missing = {held.number for held in twin.segments} - there
    if missing:
        raise ValueError(f"segment {min(missing)} is missing")
    for number in sorted(there):
        if number >= twin.next_segment and _finished(segment_path(folder, number)):
            raise ValueError(f"segment {number} is newer")


def _finished(path: Path) -> bool:
    """Return whether a segment was written to its end; what a crash left half made never was in a manifest."""
    try:
        Segment(path)
    except NotAvailable:
        return False
    return True


def _unopened(where: str) -> NotAvailable:
    return NotAvailable(
        "iot_damaged",
        de="Das Verzeichnis dieses Messwertspeichers ist beschädigt. Die Messwerte liegen unberührt daneben; was neu kommt, wird aufgehoben.",
        en="The manifest of this store of values is damaged. Its values lie beside it untouched; what comes now is kept.",
        where=f"{_NAME}: {where}",
        remedy_de="Der Betreiber holt das Verzeichnis zurück: docs/iot-storage.md, „When a store is put aside“.",
        remedy_en="The operator brings it back: docs/iot-storage.md, “When a store is put aside”.",
    )


def save(folder: Path, manifest: Manifest, disk: Disk) -> None:
    """Put the manifest in the place of the last, in one step, safe on the disk.

    Raises:
        OSError: the last one stays.
    """
    content = json.dumps(
        {
            "version": manifest.version,
            "segments": [[held.number, held.level, sorted(held.gone)] for held in manifest.segments],
            "series": [list(series) for series in manifest.series],
            "worked": list(manifest.worked),
            "next_segment": manifest.next_segment,
            "hot": manifest.hot,
            "duplicates": manifest.duplicates,
            "last_given": manifest.last_given,
            "cut": manifest.cut,
            "aside": list(manifest.aside),
            "rolled": list(manifest.rolled),
            "mapped": manifest.mapped,
            "let_go": list(manifest.let_go),
        },
        separators=(",", ":"),
        ensure_ascii=False,
    ).encode()
    packed = b"%08x\n%s" % (zlib.crc32(content), content)
    beside(disk, folder / _TWIN, packed)
    publish(disk, folder / _NAME, packed)


def keep_spoilt(folder: Path, disk: Disk) -> None:
    """Keep a damaged manifest, or an empty file where nothing of it can be read, before its twin takes its place.

    Of a missing one there is nothing to keep: a disk that has not taken the first manifest of a store leaves it so.

    Raises:
        OSError.
    """
    try:
        left = (folder / _NAME).read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        _why(error)
        left = b""
    publish(disk, folder / SPOILT, left)


def segment_path(folder: Path, number: int) -> Path:
    """Return the path of a segment."""
    return folder / f"{number:08d}.seg"
