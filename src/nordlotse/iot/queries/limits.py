"""How much a hall may hold: a visitor's sandbox little, a company's hall what the disk gives."""

from __future__ import annotations

import math
import shutil
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator, Set
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.utils import timezone

from nordlotse.foundation.problem import NotAvailable, Problem, TooMany
from nordlotse.iot import memory
from nordlotse.iot.core.store.manifest import load
from nordlotse.iot.core.store.writer import MOST_OF_MACHINE, MOST_SERIES
from nordlotse.iot.core.stores import company_folder
from nordlotse.iot.core.values import Series
from nordlotse.iot.models import Hall, Simulation, Upload

#: Machines of a sandbox and of a company's hall.
MACHINES, COMPANY_MACHINES = 20, 500
#: Bytes a sandbox may take on the disk; a year of a simulated machine takes about 30 MB.
SANDBOX_BYTES = 300 * 1024 * 1024
#: Bytes of a file a sandbox and a company may hand in.
UPLOAD_BYTES = 100 * 1024 * 1024
#: Files of values that lie in a sandbox and in a company's hall without having been taken in.
FILES, COMPANY_FILES = 3, 20
#: Signals a sandbox may have: pages list them, and each costs a little of everything.
SIGNALS = 2_000
#: Bytes of payloads nobody could read that a sandbox may have: a new rule reads all of them again.
WAITING_BYTES = 32 * 1024 * 1024
#: Simulated machines that run at once in all halls of a company, each for so many days after it was begun there or kept.
COMPANY_SIMULATIONS, SIMULATION_DAYS = 5, 30
#: Halls of a company.
COMPANY_HALLS = 50
#: Values a second a sandbox may send over HTTP in the long run, and at once.
VALUES_PER_SECOND, VALUES_AT_ONCE = 2_000, 100_000
#: Seconds for which a process believes a hall to have the signals it had: a machine may be deleted. Of so many halls at once.
KNOWN_SECONDS = 60.0
_KNOWN_HALLS = 64
#: This much of the disk stays free, whoever sends.
FREE_BYTES = 1024**3


def bytes_on_disk(hall: Hall) -> int:
    """Return how many bytes the values of a hall take."""
    folder = company_folder(memory.folder(), hall.store)
    total = 0
    for path in folder.glob("**/*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:  # merged away meanwhile
            continue
    return total


def signals(hall: Hall) -> int:
    """Return how many signals of a hall have values; 0 where that cannot be read."""
    try:
        with memory.looked(hall.store) as reader:
            return len(reader.series())
    except (Problem, OSError, TimeoutError):
        return 0


def is_full(hall: Hall) -> bool:
    """Tell whether a sandbox has used up its room: bytes, signals, or payloads nobody could read."""
    if hall.company:
        return False
    return bytes_on_disk(hall) > SANDBOX_BYTES or signals(hall) > SIGNALS or bytes_waiting(hall) > WAITING_BYTES


def bytes_waiting(hall: Hall) -> int:
    """Return how many bytes of payloads nobody could read a hall has."""
    try:
        return load(company_folder(memory.folder(), hall.store)).aside[1]
    except (Problem, OSError):
        return 0


def check_waiting(hall: Hall) -> None:
    """Refuse to read all payloads of a sandbox again where they are too many.

    Raises:
        TooMany: `iot_waiting`.
    """
    if not hall.company and bytes_waiting(hall) > WAITING_BYTES:
        raise TooMany(
            "iot_waiting",
            de="In dieser Probehalle wartet zu viel, was niemand lesen konnte.",
            en="Too much that nobody could read is waiting in this trial hall.",
            where="rule",
            remedy_de="Legen Sie eine neue Halle an und senden Sie langsamer, oder behalten Sie die Halle für Ihren Betrieb.",
            remedy_en="Set up a new hall and send more slowly, or keep the hall for your company.",
        )


def check_room(hall: Hall) -> None:
    """Refuse more values where a sandbox is full or the disk nearly so.

    Raises:
        TooMany: `iot_sandbox_full`, `iot_sandbox_signals`.
        NotAvailable: `iot_disk_full`.
    """
    if not hall.company:
        check_signals(hall, signals(hall))
    if not hall.company and bytes_on_disk(hall) > SANDBOX_BYTES:
        raise TooMany(
            "iot_sandbox_full",
            de=f"Diese Probehalle ist voll: {SANDBOX_BYTES // 2**20} MB.",
            en=f"This trial hall is full: {SANDBOX_BYTES // 2**20} MB.",
            where="hall",
            remedy_de="Löschen Sie eine Maschine, oder behalten Sie die Halle für Ihren Betrieb.",
            remedy_en="Delete a machine, or keep the hall for your company.",
        )
    check_disk()


def check_signals(hall: Hall, count: int) -> None:
    """Refuse so many signals in a sandbox.

    Raises:
        TooMany: `iot_sandbox_signals`.
    """
    if not hall.company and count > SIGNALS:
        raise TooMany(
            "iot_sandbox_signals",
            de=f"Eine Probehalle hat höchstens {SIGNALS} Signale.",
            en=f"A trial hall has at most {SIGNALS} signals.",
            where="hall",
            remedy_de="Löschen Sie eine Maschine, oder behalten Sie die Halle für Ihren Betrieb.",
            remedy_en="Delete a machine, or keep the hall for your company.",
        )


def check_series(hall: Hall, several: Set[Series], whole: bool = True) -> None:
    """Refuse so many signals: in a sandbox all together, in a company's hall as over MQTT, of one machine and of all.

    `whole`: all that came is refused; of a long file what came before may be stored already.

    Raises:
        TooMany: `iot_sandbox_signals`, `iot_signals_machine`, `iot_signals_hall`.
    """
    check_signals(hall, len(several))
    none = (" Gespeichert wurde nichts.", " Nothing was stored.") if whole else ("", "")
    most = max(Counter(series.machine for series in several).items(), key=lambda one: one[1], default=("", 0))
    if most[1] > MOST_OF_MACHINE:
        raise TooMany(
            "iot_signals_machine",
            de=f"Eine Maschine hat höchstens {MOST_OF_MACHINE} Signale; „{most[0]}“ hätte {most[1]}.",
            en=f"A machine has at most {MOST_OF_MACHINE} signals; “{most[0]}” would have {most[1]}.",
            where="signal",
            remedy_de=f"Steht eine Nummer oder ein Datum im Namen des Signals? Senden Sie beides als Wert.{none[0]}",
            remedy_en=f"Is a number or a date part of the signal's name? Send it as a value.{none[1]}",
        )
    if len(several) > MOST_SERIES:
        raise TooMany(
            "iot_signals_hall",
            de=f"Eine Halle hat höchstens {MOST_SERIES} Signale; mit diesen wären es {len(several)}.",
            en=f"A hall has at most {MOST_SERIES} signals; with these it would have {len(several)}.",
            where="signal",
            remedy_de=f"Löschen Sie, was Sie nicht mehr brauchen, oder senden Sie weniger verschiedene Namen.{none[0]}",
            remedy_en=f"Delete what you no longer need, or send fewer different names.{none[1]}",
        )


@dataclass(slots=True)
class _Known:
    """Who may add signals to a hall just now, and which it was seen to have when (monotonic seconds)."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    seen: tuple[float, Set[Series]] = (-math.inf, frozenset())

    def has(self, named: Set[Series]) -> bool:
        at, series = self.seen
        return time.monotonic() - at < KNOWN_SECONDS and named <= series

    def note(self, series: Set[Series]) -> None:
        self.seen = (time.monotonic(), series)


_known: OrderedDict[tuple[Path, str], _Known] = OrderedDict()
_known_lock = threading.Lock()


def _known_of(hall: Hall) -> _Known:
    key = (memory.folder(), hall.store)
    with _known_lock:
        found = _known.setdefault(key, _Known())
        _known.move_to_end(key)
        while len(_known) > _KNOWN_HALLS:
            _known.popitem(last=False)
    return found


@contextmanager
def growing(hall: Hall, named: Set[Series]) -> Iterator[None]:
    """Let values of these signals be handed in within; where some are new, no other request of this process adds any to the hall meanwhile.

    Raises:
        TooMany: with them it would have too many (`check_series`).
    """
    known = _known_of(hall)
    if known.has(named):
        yield
        return
    with ExitStack() as held:
        held.enter_context(known.lock)  # not the reader's: pages go on reading while the values are handed in
        there = _there(hall)
        if there is not None and named <= there:
            known.note(there)
            held.close()
            yield
            return
        check_series(hall, (there or set()) | named)
        if there is None:
            held.close()
        yield
        if there is not None:
            known.note(there | named)


def _there(hall: Hall) -> set[Series] | None:
    """Return the signals a hall has; None while nobody can read them: its values are taken also then."""
    try:
        with memory.looked(hall.store) as reader:
            return set(reader.series())
    except (Problem, OSError, TimeoutError):
        return None


def check_disk(size: int = 0) -> None:
    """Refuse what comes where the disk is nearly full; `size`: its bytes.

    Raises:
        NotAvailable: `iot_disk_full`.
    """
    folder = memory.folder()
    while not folder.is_dir():
        folder = folder.parent
    if shutil.disk_usage(folder).free < FREE_BYTES + size:
        raise NotAvailable(
            "iot_disk_full",
            de="Auf der Festplatte ist kein Platz mehr für Messwerte.",
            en="There is no space left on the disk for values.",
            where="disk",
            remedy_de="Bitte sagen Sie es dem Betreiber; nichts von dem, was da ist, geht verloren.",
            remedy_en="Tell the operator; nothing that is there gets lost.",
        )


def check_files(hall: Hall, size: int) -> None:
    """Refuse one more file of so many bytes where enough lie there that nobody has taken in, or where the disk is nearly full.

    Raises:
        TooMany: `iot_files_held`.
        NotAvailable: `iot_disk_full`.
    """
    most = COMPANY_FILES if hall.company else FILES
    if hall.uploads.exclude(state=Upload.State.DONE).count() >= most:
        raise TooMany(
            "iot_files_held",
            de=f"Hier liegen schon {most} Dateien, die noch nicht eingelesen sind.",
            en=f"{most} files are here already that are not taken in yet.",
            where="file",
            remedy_de="Bitte lesen Sie sie ein, oder entfernen Sie eine.",
            remedy_en="Take them in, or remove one.",
        )
    check_disk(size)


def check_halls(company: str) -> None:
    """Refuse one more hall of a company that has all it may have.

    Raises:
        TooMany: `iot_halls_company`.
    """
    if Hall.objects.filter(company=company).count() >= COMPANY_HALLS:
        raise TooMany(
            "iot_halls_company",
            de=f"Ein Betrieb hat höchstens {COMPANY_HALLS} Hallen.",
            en=f"A company has at most {COMPANY_HALLS} halls.",
            where="hall",
            remedy_de="Löschen Sie eine, die Sie nicht mehr brauchen.",
            remedy_en="Delete one that you no longer need.",
        )


def check_simulations(company: str, more: int) -> None:
    """Refuse so many more simulated machines in a company's halls.

    Raises:
        TooMany: `iot_simulations_company`.
    """
    alive = Simulation.objects.filter(stopped=False, until__gt=timezone.now(), machine__hall__company=company)
    if more and alive.count() + more > COMPANY_SIMULATIONS:
        raise TooMany(
            "iot_simulations_company",
            de=f"In den Hallen eines Betriebs laufen höchstens {COMPANY_SIMULATIONS} simulierte Maschinen.",
            en=f"At most {COMPANY_SIMULATIONS} simulated machines run in a company's halls.",
            where="simulator",
            remedy_de="Löschen Sie eine, hier oder in einer anderen Halle.",
            remedy_en="Delete one, here or in another hall.",
        )


def check_machines(hall: Hall) -> None:
    """Refuse one more machine where a hall has all it may have.

    Raises:
        TooMany: `iot_machines`.
    """
    most = COMPANY_MACHINES if hall.company else MACHINES
    if hall.machines.count() >= most:
        raise TooMany(
            "iot_machines",
            de=f"Eine Halle hat höchstens {most} Maschinen.",
            en=f"A hall has at most {most} machines.",
            where="machine",
            remedy_de="Löschen Sie eine, die Sie nicht mehr brauchen.",
            remedy_en="Delete one that you no longer need.",
        )
