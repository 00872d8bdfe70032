"""A child process that reads strangers' files: limited in time, memory and means, killed when it does not come back.

The parent sends bytes and gets JSON back; nothing the child says is ever executed. The child has an empty environment,
writes no files, and dies with its parent's pipe. One child serves many files, one after the other.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from nordlotse.foundation.problem import BadInput, NotAvailable, Problem, TooLarge

__all__ = ["Confined", "Limits"]

# A new child after so many files, so that a library's leak stays small.
_FILES_PER_CHILD = 50
_START_SECONDS = 60.0

#: Folders the child may import from besides our own package's (a test's reader).
MORE_PATHS: tuple[str, ...] = ()
_MAX_REPLY = 32 * 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: seconds by the clock, bytes of address space (RLIMIT_AS, where the system has it)."""

    seconds: float = 20.0
    memory: int = 1024 * 1024 * 1024


class Confined:
    """Runs one function, named "package.module:function", on (name, bytes) in a child process; a context manager.

    The function takes `(name: str, data: bytes)` and returns a JSON value or raises `BadInput`. Threads may share it.
    """

    def __init__(self, function: str, limits: Limits = Limits()) -> None:
        """Take the function's name; the child starts with the first file."""
        self._function = function
        self._limits = limits
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._served = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, name: str, data: bytes) -> Any:
        """Return what the function makes of a file.

        Raises:
            BadInput: the function's own refusal, or `file_time`, `file_memory`, `file_crash`, `file_unreadable`.
            NotAvailable: the child cannot be started here.
        """
        with self._lock:
            try:
                reply = self._asked(name, data)
            except BaseException:  # also Ctrl-C: never leave a child behind in the middle of a file
                self._stop()
                raise
        return _value(reply, name)

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._stop()

    def _asked(self, name: str, data: bytes) -> dict[str, Any]:
        child = self._ready()
        late = threading.Event()

        def end() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(self._limits.seconds, end)
        timer.daemon = True
        timer.start()
        try:
            reply = _exchange(child, name, data)
        finally:
            timer.cancel()
        self._served += 1
        if reply is None:
            self._stop()
            raise _late(name, self._limits.seconds) if late.is_set() else _crashed(name)
        if reply.get("failed") == "MemoryError" or self._served >= _FILES_PER_CHILD:
            self._stop()
        return reply

    def _ready(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._stop()
        paths = os.pathsep.join((str(Path(__file__).resolve().parents[2]), *MORE_PATHS))
        environment = {k: os.environ[k] for k in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if k in os.environ}
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [
                sys.executable,
                "-B",
                "-P",
                "-m",
                "nordlotse.foundation.confined",
                self._function,
                str(self._limits.memory),
                str(int(self._limits.seconds) + 5),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment | {"PYTHONPATH": paths},
            start_new_session=True,  # Ctrl-C reaches the parent, who ends the child
        )
        self._child, self._served = child, 0
        timer = threading.Timer(_START_SECONDS, child.kill)
        timer.daemon = True
        timer.start()
        try:
            if _pipe(child.stdout).readline() != b"ready\n":
                raise NotAvailable(
                    "intake_child",
                    de="Der Leseprozess startet nicht.",
                    en="The reading process does not start.",
                    where=self._function,
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
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        child.wait()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    """Return a pipe we asked for; only the type checker does not know that it is there."""
    if pipe is None:
        raise OSError("no pipe")
    return pipe


def _exchange(child: subprocess.Popen[bytes], name: str, data: bytes) -> dict[str, Any] | None:
    """Send a file and return the reply, None if the child died over it."""
    stdin, stdout = _pipe(child.stdin), _pipe(child.stdout)
    try:
        stdin.write(json.dumps({"name": name, "size": len(data)}).encode() + b"\n" + data)
        stdin.flush()
        size = int(stdout.readline() or b"-1")
        if not 0 <= size <= _MAX_REPLY:
            return None
        body = stdout.read(size)
        reply = json.loads(body) if len(body) == size else None
    except (OSError, ValueError):
        return None
    return reply if isinstance(reply, dict) else None


def _value(reply: dict[str, Any], name: str) -> Any:
    problem = reply.get("problem")
    if isinstance(problem, dict):
        kind = TooLarge if problem.get("kind") == "TooLarge" else BadInput
        told = {k: str(problem.get(k, "")) for k in ("de", "en", "where", "remedy_de", "remedy_en")}
        raise kind(str(problem.get("code", "file_unreadable")), **told)
    if "failed" in reply:
        failed = str(reply["failed"])
        if failed == "MemoryError":
            raise BadInput(
                "file_memory",
                de="Die Datei braucht beim Lesen zu viel Speicher.",
                en="The file needs too much memory to be read.",
                where=name,
                remedy_de="Bitte die Datei teilen oder neu speichern.",
                remedy_en="Split the file or save it anew.",
            )
        raise BadInput(
            "file_unreadable",
            de="Die Datei ist beschädigt oder ungewöhnlich aufgebaut und lässt sich nicht lesen.",
            en="The file is damaged or built in an unusual way and cannot be read.",
            where=f"{name} ({failed})",
            remedy_de="Bitte im Ursprungsprogramm öffnen und neu speichern.",
            remedy_en="Open it in the program that made it and save it anew.",
        )
    return reply.get("value")


def _late(name: str, seconds: float) -> BadInput:
    return BadInput(
        "file_time",
        de=f"Das Lesen der Datei dauerte länger als {seconds:g} Sekunden und wurde abgebrochen.",
        en=f"Reading the file took longer than {seconds:g} seconds and was stopped.",
        where=name,
        remedy_de="Bitte die Datei teilen oder neu speichern.",
        remedy_en="Split the file or save it anew.",
    )


def _crashed(name: str) -> BadInput:
    return BadInput(
        "file_crash",
        de="Beim Lesen der Datei ist der Leseprozess abgestürzt; die Datei ist vermutlich beschädigt.",
        en="The reading process crashed over the file; it is probably damaged.",
        where=name,
        remedy_de="Bitte im Ursprungsprogramm öffnen und neu speichern.",
        remedy_en="Open it in the program that made it and save it anew.",
    )


# ---- the child ----


def _confine(memory: int) -> None:
    """Limit what this process may use; on systems without such limits only the clock of the parent guards."""
    try:
        import resource
    except ImportError:
        return
    for what, limit in (("RLIMIT_AS", memory), ("RLIMIT_FSIZE", 0), ("RLIMIT_CORE", 0), ("RLIMIT_NOFILE", 64)):
        with contextlib.suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, what), (limit, limit))


def _more_processor(seconds: int) -> None:
    """Allow so many more seconds of processor time: an orphan in an endless loop ends itself."""
    with contextlib.suppress(ImportError, AttributeError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds, hard))


def _answer(function: Callable[[str, bytes], Any], name: str, data: bytes) -> dict[str, Any]:
    try:
        return {"value": function(name, data)}
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
        return {"problem": told}
    except Exception as error:  # strangers' files break parsers in every way; the parent says so kindly
        return {"failed": type(error).__name__}


def _serve(function: Callable[[str, bytes], Any], stdin: IO[bytes], stdout: IO[bytes], seconds: int) -> None:
    while line := stdin.readline():
        asked = json.loads(line)
        data = stdin.read(asked["size"])
        if len(data) != asked["size"]:
            return
        _more_processor(seconds)
        body = json.dumps(_answer(function, asked["name"], data)).encode()
        stdout.write(f"{len(body)}\n".encode() + body)
        stdout.flush()


def _child(arguments: list[str]) -> None:
    name, memory, seconds = arguments
    module, _, attribute = name.partition(":")
    function = getattr(importlib.import_module(module), attribute)
    # A parser that prints must not disturb the conversation: standard output becomes standard error.
    stdout = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _confine(int(memory))
    stdout.write(b"ready\n")
    stdout.flush()
    _serve(function, sys.stdin.buffer, stdout, int(seconds))


if __name__ == "__main__":
    _child(sys.argv[1:])
