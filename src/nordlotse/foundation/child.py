"""A child process that computes on strangers' bytes: limited in time, memory and means, killed when it does not come back.

Parent and child exchange blocks of bytes; nothing the child says is ever executed. The child has an empty environment and dies with
its parent's pipe. One child answers many questions, one after the other, and keeps its libraries loaded. What the blocks mean is the
business of those who build upon this: `confined` (one function on a file, JSON back) and the print3d room's workshop (arrays).
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from nordlotse.foundation.problem import (
    BadInput,
    NotAllowed,
    NotAvailable,
    NotFound,
    Problem,
    TooLarge,
    TooMany,
    WrongCall,
)

__all__ = ["Blocks", "Child", "Fence", "Reply", "as_told", "bounded", "function_named", "told_again"]

#: What is exchanged: any number of blocks of bytes.
Blocks = Sequence[bytes | memoryview]

_START_SECONDS = 60.0
_WATCH_SECONDS = 0.02
_SIZES = struct.Struct("<Q")
_MOST_BLOCKS = 1_000_000
_KINDS = {kind.__name__: kind for kind in (BadInput, TooLarge, WrongCall, NotAllowed, NotFound, TooMany, NotAvailable)}


@dataclass(frozen=True, slots=True)
class Fence:
    """What the child may never pass, where the system has such limits.

    `address_space` bytes, `files` open at once, `writes` to files, `seconds` of processor time for one question (None: only the clock of
    the parent guards; an orphan in an endless loop would go on).
    """

    address_space: int
    files: int = 64
    writes: bool = False
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: blocks, or None and why: "time", "memory" or "crash"."""

    blocks: list[bytes] | None
    why: str = ""


@dataclass(slots=True)
class Child:
    """A process that answers by `answer`, "package.module:function" from blocks to blocks; started with the first question.

    `preload`: modules or "module:function" it loads at its start, "module:function()" also called; one that is missing is `NotAvailable`.
    `paths`: further folders it may import from. After `serves` questions a new one is started, so that a library's leak stays small. Threads may share it.
    """

    answer: str
    fence: Fence
    preload: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    serves: int = 50
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _process: subprocess.Popen[bytes] | None = None
    _served: int = 0

    @property
    def process(self) -> int | None:
        """Return the number of the process, None while there is none."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start it now, so that the first question does not wait.

        Raises:
            NotAvailable: `child`, it cannot be started here.
        """
        with self._lock:
            self._ready()

    def ask(self, blocks: Blocks, seconds: float, memory: int | None = None, most: int = 4 * 1024**3) -> Reply:
        """Return the answer; the child is killed after `seconds` by the clock, or when it grows by more than `memory` bytes.

        `most`: longest block taken back, in bytes.

        Raises:
            NotAvailable: `child`, it cannot be started here.
        """
        with self._lock:
            try:
                process = self._ready()
                watch = _Watch(process, seconds, memory)
                watch.start()
                try:
                    answer = _exchanged(process, blocks, most)
                finally:
                    watch.end()
                self._served += 1
                if answer is None or watch.why or self._served >= self.serves:
                    self._stop()
            except BaseException:  # also Ctrl-C: never leave a child behind in the middle of a question
                self._stop()
                raise
        return Reply(None, watch.why or "crash") if watch.why or answer is None else Reply(answer)

    def close(self) -> None:
        """End it; the next question starts a new one."""
        with self._lock:
            self._stop()

    def _ready(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._stop()
        fence = self.fence
        numbers = (fence.address_space, fence.files, int(fence.writes), int(fence.seconds or 0))
        kept = {k: os.environ[k] for k in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if k in os.environ}
        # one thread: the second core belongs to the pages; several would also blur the limit of time
        single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        paths = os.pathsep.join((str(Path(__file__).resolve().parents[2]), *self.paths))
        command = [sys.executable, "-B", "-P", "-m", __name__, self.answer, *map(str, numbers), *self.preload]
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=kept | single | {"PYTHONPATH": paths},
            start_new_session=True,  # Ctrl-C reaches the parent, who ends the child
        )
        self._process, self._served = process, 0
        timer = threading.Timer(_START_SECONDS, process.kill)
        timer.daemon = True
        timer.start()
        try:
            if _pipe(process.stdout).readline() != b"ready\n":
                self._stop()
                raise NotAvailable(
                    "child",
                    de="Der Prozess, der fremde Dateien liest, startet nicht.",
                    en="The process that reads strangers' files does not start.",
                    where=" ".join((self.answer, *self.preload)),
                    remedy_de="Bitte die Installation prüfen.",
                    remedy_en="Check the installation.",
                )
        finally:
            timer.cancel()
        return process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError, AttributeError):
            os.killpg(process.pid, signal.SIGKILL)  # also what the child started itself (a slicer)
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        process.wait()


class _Watch(threading.Thread):
    """Kills the child when a question takes too long or too much memory; `why` says which."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float, memory: int | None) -> None:
        super().__init__(daemon=True)
        self.why = ""
        self._process = process
        self._late = time.monotonic() + seconds
        self._most = None if memory is None else _resident(process.pid) + memory
        self._over = threading.Event()

    def run(self) -> None:
        """Look at clock and memory until the question is over; without a limit of memory once, at the end of the time."""
        step = _WATCH_SECONDS if self._most is not None else max(self._late - time.monotonic(), 0.0)
        while not self._over.wait(step):
            if time.monotonic() > self._late:
                why = "time"
            elif self._most is not None and _resident(self._process.pid) > self._most:
                why = "memory"
            else:
                step = min(step, max(self._late - time.monotonic(), 1e-3))
                continue
            if not self._over.is_set():
                self.why = why
                self._process.kill()
            return

    def end(self) -> None:
        """Stop looking."""
        self._over.set()
        self.join()


def _resident(process: int) -> int:
    """Return the resident bytes of a process; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


# ---- what both sides do ----


def as_told(problem: Problem) -> dict[str, str]:
    """Return a problem as plain texts; `told_again` makes it whole on the other side."""
    return {
        "kind": type(problem).__name__,
        "code": problem.code,
        "de": problem.message_de,
        "en": problem.message_en,
        "where": problem.where,
        "remedy_de": problem.remedy_de,
        "remedy_en": problem.remedy_en,
    }


def told_again(told: Any, code: str) -> Problem:
    """Return the problem the child told; of a kind we do not know: `BadInput`; without a code: `code`."""
    texts = {key: str(told.get(key, "")) for key in ("de", "en", "where", "remedy_de", "remedy_en")}
    return _KINDS.get(str(told.get("kind")), BadInput)(str(told.get("code", code)), **texts)


def function_named(name: str) -> Callable[..., Any]:
    """Return the function "package.module:name".

    Raises:
        ImportError, AttributeError: there is none.
    """
    module, _, attribute = name.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return function


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    """Return a pipe we asked for; only the type checker does not know that it is there."""
    if pipe is None:
        raise OSError("no pipe")
    return pipe


def _exchanged(process: subprocess.Popen[bytes], blocks: Blocks, most: int) -> list[bytes] | None:
    """Return the child's answer, None if it died over the question."""
    try:
        _send(_pipe(process.stdin), blocks)
        return _received(_pipe(process.stdout), most)
    except (OSError, ValueError, struct.error, EOFError):
        return None


def _send(pipe: IO[bytes], blocks: Blocks) -> None:
    """Write the number of blocks, then each after its length in bytes."""
    pipe.write(_SIZES.pack(len(blocks)))
    for block in blocks:
        pipe.write(_SIZES.pack(memoryview(block).nbytes))
        pipe.write(block)
    pipe.flush()


def _received(pipe: IO[bytes], most: int) -> list[bytes]:
    return [_block(pipe, most) for _ in range(_size(pipe, _MOST_BLOCKS))]


def _size(pipe: IO[bytes], most: int) -> int:
    (size,) = _SIZES.unpack(pipe.read(_SIZES.size))
    if size > most:
        raise ValueError("too long")
    return int(size)


def _block(pipe: IO[bytes], most: int) -> bytes:
    size = _size(pipe, most)
    block = pipe.read(size)
    if len(block) != size:
        raise EOFError
    return block


# ---- the child ----

#: Whether this process is such a child.
_in_child = False


@contextlib.contextmanager
def bounded(seconds: float, memory: int) -> Iterator[None]:
    """Give a library so many seconds of processor time and bytes of further address space, or this child ends.

    For compiled code that neither an exception nor a thread can stop; tighter than the limits of the whole question. Does nothing in
    a process that is no such child, and where the system has no such limits.
    """
    try:
        import resource
    except ImportError:
        yield
        return
    if not _in_child:
        yield
        return
    with contextlib.suppress(OSError, ValueError):
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (min(now + memory, hard) if hard > 0 else now + memory, hard))
    signal.setitimer(signal.ITIMER_PROF, seconds)  # its signal is not caught: the process ends
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        with contextlib.suppress(OSError, ValueError, UnboundLocalError):
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _confine(fence: Fence) -> None:
    """Limit what this process may use; on systems without such limits only the clock of the parent guards."""
    try:
        import resource
    except ImportError:
        return
    limits = [("RLIMIT_AS", fence.address_space), ("RLIMIT_CORE", 0), ("RLIMIT_NOFILE", fence.files)]
    for what, limit in limits if fence.writes else [*limits, ("RLIMIT_FSIZE", 0)]:
        with contextlib.suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, what), (limit, limit))


def _more_processor(seconds: float) -> None:
    """Allow so many more seconds of processor time: an orphan in an endless loop ends itself."""
    with contextlib.suppress(ImportError, AttributeError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds), hard))


def _serve(answer: Callable[[list[bytes]], Blocks], stdin: IO[bytes], stdout: IO[bytes], seconds: float | None) -> None:
    while True:
        try:
            blocks = _received(stdin, 4 * 1024**3)
        except (struct.error, EOFError, ValueError):  # the parent is gone
            return
        if seconds:
            _more_processor(seconds)
        _send(stdout, answer(blocks))


def _child(arguments: list[str]) -> None:
    answer, space, files, writes, seconds, *preload = arguments
    fence = Fence(int(space), int(files), writes == "1", float(seconds) or None)
    # A library that prints must not disturb the conversation: standard output becomes standard error.
    stdout = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for name in preload:
        if name.endswith("()"):
            function_named(name[:-2])()
        elif ":" in name:
            function_named(name)
        else:
            importlib.import_module(name)
    answering = function_named(answer)
    _confine(fence)
    # this module runs as the program; the one that functions import is another
    importlib.import_module("nordlotse.foundation.child")._in_child = True  # type: ignore[attr-defined]
    stdout.write(b"ready\n")
    stdout.flush()
    _serve(answering, sys.stdin.buffer, stdout, fence.seconds)


if __name__ == "__main__":
    _child(sys.argv[1:])
