"""A child process that computes on strangers' parts: limited in time and memory, killed when it does not come back.

The parent names a function of this room's core and hands over values (bytes, arrays, our frozen values); it gets a value back by
`parcel`, nothing the child says is executed. One child serves many calls, one after the other; it keeps its libraries loaded. Page,
command line and screening use it alike. Several at once: several workshops.
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
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from nordlotse.foundation.problem import BadInput, NotAvailable, Problem, TooLarge, WrongCall
from nordlotse.print3d.core.parcel import packed, unpacked

__all__ = ["WorkLimits", "Workshop"]

# A new child after so many calls, so that a library's leak stays small.
_CALLS_PER_CHILD = 200
_START_SECONDS = 60.0
_WATCH_SECONDS = 0.02
_ROOM = "nordlotse.print3d."
#: Address space of the child in bytes (RLIMIT_AS, where the system has it): the last fence, far above what libraries reserve.
_ADDRESS_SPACE = 12 * 1024**3
_SIZES = struct.Struct("<Q")
_KINDS: dict[str, type[Problem]] = {k.__name__: k for k in (BadInput, TooLarge, WrongCall, NotAvailable)}


@dataclass(frozen=True, slots=True)
class WorkLimits:
    """What one call may cost: seconds by the clock, bytes of memory on top of what the child had before it."""

    seconds: float = 60.0
    memory: int = 1536 * 1024 * 1024


class Workshop:
    """Runs functions of the room's core in a child process; a context manager. Threads may share it, one call at a time."""

    def __init__(self, limits: WorkLimits = WorkLimits(), preload: tuple[str, ...] = ()) -> None:
        """Take the limits and the modules the child loads at its start; it starts with the first call."""
        self._limits = limits
        self._preload = preload
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._served = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def child(self) -> int | None:
        """Return the process number of the child, None while there is none."""
        return self._child.pid if self._child is not None and self._child.poll() is None else None

    def start(self) -> None:
        """Start the child now, so that the first call does not wait for it.

        Raises:
            NotAvailable: the child cannot be started here.
        """
        with self._lock:
            self._ready()

    def run(self, function: str, *arguments: Any, limits: WorkLimits | None = None, **named: Any) -> Any:
        """Return what "nordlotse.print3d.…:function" makes of the arguments.

        Raises:
            Problem: the function's own refusal; `part_time`, `part_memory`, `part_crash`, `part_unreadable`.
            NotAvailable: the child cannot be started here.
        """
        allowed = limits or self._limits
        with self._lock:
            try:
                reply, why = self._asked(function, arguments, named, allowed)
            except BaseException:  # also Ctrl-C: never leave a child behind in the middle of a part
                self._stop()
                raise
        if reply is None:
            raise _killed(why, allowed)
        return _value(reply)

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._stop()

    def _asked(
        self, function: str, arguments: tuple[Any, ...], named: dict[str, Any], allowed: WorkLimits
    ) -> tuple[tuple[bytes, list[bytes]] | None, str]:
        child = self._ready()
        watch = _Watch(child, allowed)
        watch.start()
        try:
            reply = _exchange(child, {"function": function, "arguments": arguments, "named": named})
        finally:
            watch.end()
        self._served += 1
        if reply is None or watch.why or self._served >= _CALLS_PER_CHILD or b'"MemoryError"' in reply[0][:200]:
            self._stop()
        return (None if watch.why else reply), watch.why

    def _ready(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._stop()
        kept = {k: os.environ[k] for k in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if k in os.environ}
        source = str(Path(__file__).resolve().parents[3])
        # one thread: the second core belongs to the pages; several would also blur the limit of time
        single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-B", "-P", "-m", "nordlotse.print3d.core.workshop", *self._preload],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=kept | single | {"PYTHONPATH": source},
            start_new_session=True,  # Ctrl-C reaches the parent, who ends the child
        )
        self._child, self._served = child, 0
        timer = threading.Timer(_START_SECONDS, child.kill)
        timer.daemon = True
        timer.start()
        try:
            if _pipe(child.stdout).readline() != b"ready\n":
                raise NotAvailable(
                    "workshop",
                    de="Der Rechenprozess startet nicht.",
                    en="The computing process does not start.",
                    where="workshop",
                    remedy_de="Bitte die Installation prüfen.",
                    remedy_en="Check the installation.",
                )
        finally:
            timer.cancel()
        return child

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(OSError, AttributeError):
            os.killpg(child.pid, signal.SIGKILL)  # also what the child started itself (a slicer)
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        child.wait()


class _Watch(threading.Thread):
    """Kills the child when a call takes too long or too much memory; `why` says which: "time", "memory" or ""."""

    def __init__(self, child: subprocess.Popen[bytes], allowed: WorkLimits) -> None:
        super().__init__(daemon=True)
        self.why = ""
        self._child = child
        self._allowed = allowed
        self._over = threading.Event()
        self._before = _memory(child.pid)

    def run(self) -> None:
        """Look at clock and memory until the call is over."""
        late = time.monotonic() + self._allowed.seconds
        while not self._over.wait(_WATCH_SECONDS):
            grown = _memory(self._child.pid) - self._before
            why = "time" if time.monotonic() > late else "memory" if grown > self._allowed.memory else ""
            if why and not self._over.is_set():
                self.why = why
                self._child.kill()
                return

    def end(self) -> None:
        """Stop looking."""
        self._over.set()
        self.join()


def _memory(process: int) -> int:
    """Return the resident bytes of a process; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    """Return a pipe we asked for; only the type checker does not know that it is there."""
    if pipe is None:
        raise OSError("no pipe")
    return pipe


def _exchange(child: subprocess.Popen[bytes], call: dict[str, Any]) -> tuple[bytes, list[bytes]] | None:
    try:
        _send(_pipe(child.stdin), call)
        return _receive(_pipe(child.stdout))
    except (OSError, ValueError, struct.error, EOFError):
        return None


def _send(pipe: IO[bytes], value: Any) -> None:
    """Write a value: the number of arrays, then JSON and arrays, each after its length in bytes."""
    text, arrays = packed(value)
    pipe.write(_SIZES.pack(len(arrays)))
    for block in (memoryview(text), *arrays):
        pipe.write(_SIZES.pack(block.nbytes))
        pipe.write(block)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> tuple[bytes, list[bytes]]:
    count = _size(pipe, 1_000_000)
    blocks = [_block(pipe) for _ in range(count + 1)]
    return blocks[0], blocks[1:]


def _size(pipe: IO[bytes], most: int) -> int:
    (size,) = _SIZES.unpack(pipe.read(_SIZES.size))
    if size > most:
        raise ValueError("too long")
    return int(size)


def _block(pipe: IO[bytes]) -> bytes:
    size = _size(pipe, 4 * 1024**3)
    block = pipe.read(size)
    if len(block) != size:
        raise EOFError
    return block


def _value(reply: tuple[bytes, list[bytes]]) -> Any:
    try:
        answer = unpacked(*reply)
        if "value" in answer:
            return answer["value"]
        problem = answer["problem"]
        kind = _KINDS.get(problem["kind"], BadInput)
        told = {k: str(problem[k]) for k in ("de", "en", "where", "remedy_de", "remedy_en")}
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, ImportError) as error:
        raise _refused("part_unreadable", type(error).__name__) from error
    raise kind(str(problem["code"]), **told)


_WHY = {
    "part_time": (
        "Das Rechnen an diesem Teil dauerte zu lange und wurde abgebrochen.",
        "Computing on this part took too long and was stopped.",
    ),
    "part_memory": (
        "Das Teil braucht zu viel Speicher; das Rechnen wurde abgebrochen.",
        "The part needs too much memory; computing was stopped.",
    ),
    "part_crash": (
        "Über dieser Datei ist der Rechenprozess abgestürzt; sie ist vermutlich beschädigt.",
        "The computing process crashed over this file; it is probably damaged.",
    ),
    "part_unreadable": (
        "Die Datei ist beschädigt oder ungewöhnlich aufgebaut; mit ihr lässt sich nicht rechnen.",
        "The file is damaged or built in an unusual way; it cannot be computed with.",
    ),
}


def _refused(code: str, where: str) -> BadInput:
    de, en = _WHY[code]
    return BadInput(
        code,
        de=de,
        en=en,
        where=where,
        remedy_de="Bitte gröber vernetzen, teilen oder neu ausgeben.",
        remedy_en="Mesh it more coarsely, split it or export it anew.",
    )


def _killed(why: str, allowed: WorkLimits) -> BadInput:
    if why == "time":
        return _refused("part_time", f"{allowed.seconds:g} s")
    if why == "memory":
        return _refused("part_memory", f"{allowed.memory // 2**20} MB")
    return _refused("part_crash", "")


# ---- the child ----


def _confine() -> None:
    """Limit what this process may use; the parent watches clock and memory more closely."""
    try:
        import resource
    except ImportError:
        return
    for what, limit in (("RLIMIT_AS", _ADDRESS_SPACE), ("RLIMIT_CORE", 0), ("RLIMIT_NOFILE", 256)):
        with contextlib.suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, what), (limit, limit))


def _answer(call: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"value": _function(call["function"])(*call["arguments"], **call["named"])}
    except Problem as problem:
        told = {
            "kind": type(problem).__name__,
            "code": problem.code,
            "de": problem.message_de,
            "en": problem.message_en,
            "where": problem.where,
            "remedy_de": problem.remedy_de,
            "remedy_en": problem.remedy_en,
        }
    except Exception as error:  # strangers' files break libraries in every way; the parent says so kindly
        code = "part_memory" if isinstance(error, MemoryError) else "part_unreadable"
        refusal = _refused(code, type(error).__name__)
        told = {
            "kind": "BadInput",
            "code": code,
            "de": refusal.message_de,
            "en": refusal.message_en,
            "where": refusal.where,
            "remedy_de": refusal.remedy_de,
            "remedy_en": refusal.remedy_en,
        }
    return {"problem": told}


def _function(name: str) -> Callable[..., Any]:
    module, _, attribute = name.partition(":")
    if not module.startswith(_ROOM):
        raise ValueError("not of this room")
    function: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return function


def _serve(stdin: IO[bytes], stdout: IO[bytes]) -> None:
    while True:
        try:
            text, arrays = _receive(stdin)
        except (struct.error, EOFError, ValueError):  # the parent is gone
            return
        call = unpacked(text, arrays)
        _send(stdout, _answer(call))


def _child(preload: list[str]) -> None:
    # A library that prints must not disturb the conversation: standard output becomes standard error.
    stdout = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for module in preload:
        if module.startswith(_ROOM):
            importlib.import_module(module)
    _confine()
    stdout.write(b"ready\n")
    stdout.flush()
    _serve(sys.stdin.buffer, stdout)


if __name__ == "__main__":
    _child(sys.argv[1:])
