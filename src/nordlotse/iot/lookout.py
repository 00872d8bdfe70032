"""Looks out for new values of a store on behalf of all who watch it in this process: one thread a store, however many watch.

The thread looks some twenty-five times a second at two file sizes and reads only what was added. Whoever watches takes the newest value of each
signal since their last look: a slow browser misses values in between and never makes anybody wait; the storage knows nothing of it.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nordlotse.foundation.problem import Problem
from nordlotse.iot import memory
from nordlotse.iot.core.store import hot
from nordlotse.iot.core.store.manifest import load
from nordlotse.iot.core.stores import company_folder
from nordlotse.iot.core.values import Block, Kind

_log = logging.getLogger("nordlotse.iot")

#: Pause between two looks in seconds: with what the ingest gathers (50 ms) a value is told within a tenth of a second.
LOOK_SECONDS = 0.04
#: A store is looked after so long after the last watcher has gone, in seconds: pages are turned.
LINGER_SECONDS = 5.0
#: After an error the thread looks again after so many seconds.
_AGAIN_SECONDS = 2.0
Value = float | bool | str


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest value of a signal: its time µs, the value, its quality, and the number of the change that brought it."""

    time: int
    value: Value
    quality: int
    change: int = 0


Signals = dict[tuple[str, str], Newest]


class Lookout:
    """The newest values of one store, by machine and signal."""

    def __init__(self, store: str, ended: Callable[[Lookout], bool]) -> None:
        """Take the store; `ended` is asked whether the thread may end when nobody watches any more."""
        self._store = store
        self._folder = company_folder(memory.folder(), store)
        self._ended = ended
        self._news = threading.Condition()
        self._newest: Signals = {}
        self._change = 0
        self._manifest: tuple[int, int, int] | None = None
        self._hot: int | None = None
        self._at = 0
        self._ready = threading.Event()
        self.watchers = 0
        self.left_at = time.monotonic()
        #: Whether the store was deleted while it was looked at.
        self.gone = False
        threading.Thread(target=self._run, name="iot-lookout", daemon=True).start()

    def since(self, change: int, seconds: float) -> tuple[int, Signals]:
        """Return the number of the last change and the signals changed after `change`, waiting so long for one; none: nothing changed."""
        self._ready.wait(seconds)
        with self._news:
            self._news.wait_for(lambda: self._change > change or self.gone, seconds)
            return self._change, {key: one for key, one in self._newest.items() if one.change > change}

    def newest(self, seconds: float = 2.0) -> Signals:
        """Return the newest value of every signal, waiting so long for the first look."""
        self._ready.wait(seconds)
        with self._news:
            return dict(self._newest)

    def _run(self) -> None:
        try:
            while not self._ended(self):
                try:
                    self._look()
                except (OSError, Problem, ValueError, TimeoutError) as error:
                    _log.warning("event=iot_lookout_failed error=%s", type(error).__name__)
                    self._manifest = None
                    self._ready.set()
                    time.sleep(_AGAIN_SECONDS)
                except (
                    Exception
                ):  # whatever it was: a thread that ended here would leave its pages without news for ever
                    _log.exception("event=iot_lookout_broke")
                    self._manifest = None
                    self._ready.set()
                    time.sleep(_AGAIN_SECONDS)
                self._ready.set()
                time.sleep(LOOK_SECONDS)
        finally:
            self._close()

    def _look(self) -> None:
        mark = _mark(self._folder / "manifest")
        if mark is not None and mark != self._manifest:
            self._begin_anew(mark)
        elif mark is None and self._manifest is not None:
            with self._news:
                self.gone = True
                self._news.notify_all()
        elif self._hot is not None and os.fstat(self._hot).st_size != self._at:
            self._read()

    def _begin_anew(self, mark: tuple[int, int, int]) -> None:
        """Take the rest of the old hot file, which may have been removed already, then the new one, then what neither had."""
        if self._hot is not None:
            self._read()
            self._close()
        number = load(self._folder).hot
        with suppress(FileNotFoundError):  # it is begun a moment after the manifest that names it
            self._hot, self._at = os.open(hot.path_of(self._folder, number), os.O_RDONLY), 0
            self._read()
        with memory.looked(self._store) as reader:
            fresh = {}
            for series in reader.series():
                known = self._newest.get((series.machine, series.signal))
                if known is None or known.time < reader.reached(series):
                    rows = reader.latest(series)
                    if len(rows):
                        key = (series.machine, series.signal)
                        fresh[key] = Newest(int(rows.time[0]), rows.shown()[0], int(rows.quality[0]))
        self._tell(fresh)
        self._manifest = mark
        if self._hot is None:
            self._manifest = None
            time.sleep(LOOK_SECONDS * 5)

    def _read(self) -> None:
        piece = hot.read(Path(f"/dev/fd/{self._hot}"), self._at)
        if piece.end == self._at:
            return
        self._at = piece.end
        fresh: Signals = {}
        for one in piece.hot:
            for block in one.blocks:
                if len(block):
                    key = (block.series.machine, block.series.signal)
                    last = _last(block)
                    if key not in fresh or last.time >= fresh[key].time:
                        fresh[key] = last
        self._tell(fresh)

    def _tell(self, fresh: Signals) -> None:
        with self._news:
            newer = {k: v for k, v in fresh.items() if k not in self._newest or v.time >= self._newest[k].time}
            if newer:
                self._change += 1
                self._newest |= {k: Newest(v.time, v.value, v.quality, self._change) for k, v in newer.items()}
                self._news.notify_all()

    def _close(self) -> None:
        if self._hot is not None:
            os.close(self._hot)
            self._hot, self._at = None, 0


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _last(block: Block) -> Newest:
    """Return the value of a block with the newest time; of several at it the one that came last."""
    place = len(block) - 1 - int(np.argmax(block.time[::-1]))
    value = float(block.value[place])
    shown: Value = value
    if block.kind == Kind.BOOLEAN:
        shown = bool(value)
    elif block.kind == Kind.TEXT:
        shown = block.texts[int(value)]
    return Newest(int(block.time[place]), shown, int(block.quality[place]))


class Tower:
    """The lookouts of this process, by folder and store."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._held: dict[tuple[Path, str], Lookout] = {}

    @contextmanager
    def watched(self, store: str) -> Iterator[Lookout]:
        """Give the lookout of a store for as long as somebody watches."""
        key = (memory.folder(), store)
        with self._lock:
            found = self._held.get(key)
            if found is None or found.gone:
                found = self._held[key] = Lookout(store, lambda one: self._over(key, one))
            found.watchers += 1
        try:
            yield found
        finally:
            with self._lock:
                found.watchers -= 1
                found.left_at = time.monotonic()

    def _over(self, key: tuple[Path, str], one: Lookout) -> bool:
        with self._lock:
            if one.watchers or (not one.gone and time.monotonic() - one.left_at < LINGER_SECONDS):
                return False
            if self._held.get(key) is one:
                del self._held[key]
            return True


watched = Tower().watched


class Places:
    """So many streams at most in this process; a stream is a thread of the web server."""

    def __init__(self, most: int) -> None:
        """Take how many."""
        self._lock = threading.Lock()
        self._most = most
        self._taken = 0

    def take(self) -> bool:
        """Take a place, False where none is left."""
        with self._lock:
            if self._taken >= self._most:
                return False
            self._taken += 1
            return True

    def give_back(self) -> None:
        """Give a place back."""
        with self._lock:
            self._taken -= 1


#: Streams in one process; the web server has more threads than that (`web/server.py`).
STREAMS = 16
places = Places(STREAMS)
#: Asked by streams whether the process is about to end; the web server puts its own question here.
ending: list[Callable[[], bool]] = []
