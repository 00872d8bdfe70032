"""One function run on strangers' files in a child process: bytes go in, JSON comes back, see `child`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from nordlotse.foundation.child import Child, Fence, as_told, function_named, told_again
from nordlotse.foundation.problem import BadInput, Problem

__all__ = ["Confined", "Limits"]

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
        fence = Fence(limits.memory, seconds=limits.seconds + 5)
        self._child = Child(f"{__name__}:answer", fence, (function,), MORE_PATHS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, name: str, data: bytes) -> Any:
        """Return what the function makes of a file.

        Raises:
            Problem: the function's own refusal.
            BadInput: `file_time`, `file_memory`, `file_crash`, `file_unreadable`.
            NotAvailable: `child`, it cannot be started here.
        """
        asked = json.dumps({"function": self._function, "name": name}).encode()
        reply = self._child.ask((asked, data), self._limits.seconds, most=_MAX_REPLY)
        if reply.why == "time":
            raise _late(name, self._limits.seconds)
        try:
            told = json.loads(reply.blocks[0]) if reply.blocks else None
        except ValueError:
            told = None
        if not isinstance(told, dict):
            self.close()
            raise _crashed(name)
        if told.get("failed") == "MemoryError":
            self.close()  # what is left of it has little room for the next file
        return _value(told, name)

    def close(self) -> None:
        """End the child."""
        self._child.close()


def _value(reply: dict[str, Any], name: str) -> Any:
    if isinstance(reply.get("problem"), dict):
        raise told_again(reply["problem"], "file_unreadable")
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


# ---- in the child ----


def answer(blocks: list[bytes]) -> tuple[bytes]:
    """Answer a file in the child: what was asked, then its bytes."""
    asked = json.loads(blocks[0])
    return (json.dumps(_answer(function_named(asked["function"]), asked["name"], blocks[1])).encode(),)


def _answer(function: Callable[[str, bytes], Any], name: str, data: bytes) -> dict[str, Any]:
    try:
        return {"value": function(name, data)}
    except Problem as problem:
        return {"problem": as_told(problem)}
    except Exception as error:  # strangers' files break parsers in every way; the parent says so kindly
        return {"failed": type(error).__name__}
