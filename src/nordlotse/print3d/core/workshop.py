"""Functions of this room's core run on strangers' parts in a child process that can be killed, see `foundation.child`.

The parent names a function and hands over values (bytes, arrays, our frozen values); it gets a value back by `parcel`. Page, command
line and screening use it alike. Several at once: several workshops.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from nordlotse.foundation.child import Blocks, Child, Fence, as_told, function_named, told_again
from nordlotse.foundation.problem import BadInput, Problem
from nordlotse.print3d.core.parcel import packed, unpacked

__all__ = ["WorkLimits", "Workshop"]

_ROOM = "nordlotse.print3d."
#: The last fence, far above what libraries reserve; a slicer started here writes files.
_FENCE = Fence(12 * 1024**3, files=256, writes=True, seconds=600.0)


@dataclass(frozen=True, slots=True)
class WorkLimits:
    """What one call may cost: seconds by the clock, bytes of memory on top of what the child had before it."""

    seconds: float = 60.0
    memory: int = 1536 * 1024 * 1024


class Workshop:
    """Runs functions of the room's core in a child process; a context manager. Threads may share it, one call at a time."""

    def __init__(self, limits: WorkLimits = WorkLimits(), preload: tuple[str, ...] = ()) -> None:
        """Take the limits and what of this room the child loads at its start (modules) or calls ("module:function").

        It starts with the first call.
        """
        self._limits = limits
        own = tuple(name + "()" if ":" in name else name for name in preload if name.startswith(_ROOM))
        self._child = Child(f"{__name__}:answer", _FENCE, own, serves=200)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def child(self) -> int | None:
        """Return the process number of the child, None while there is none."""
        return self._child.process

    def start(self) -> None:
        """Start the child now, so that the first call does not wait for it.

        Raises:
            NotAvailable: `child`, it cannot be started here.
        """
        self._child.start()

    def run(self, function: str, *arguments: Any, limits: WorkLimits | None = None, **named: Any) -> Any:
        """Return what "nordlotse.print3d.…:function" makes of the arguments.

        Raises:
            Problem: the function's own refusal; `part_time`, `part_memory`, `part_crash`, `part_unreadable`.
            NotAvailable: `child`, it cannot be started here.
        """
        allowed = limits or self._limits
        text, arrays = packed({"function": function, "arguments": arguments, "named": named})
        reply = self._child.ask((text, *arrays), allowed.seconds, allowed.memory)
        if reply.blocks is None:
            where = {"time": f"{allowed.seconds:g} s", "memory": f"{allowed.memory // 2**20} MB"}.get(reply.why, "")
            raise _refused(f"part_{reply.why}", where)
        try:
            told = unpacked(reply.blocks[0], reply.blocks[1:])
            if "value" in told:
                return told["value"]
            problem = told_again(told["problem"], "part_unreadable")
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, ImportError) as error:
            raise _refused("part_unreadable", type(error).__name__) from error
        if problem.where == MemoryError.__name__:
            self.close()  # what is left of the child has little room for the next part
        raise problem

    def close(self) -> None:
        """End the child."""
        self._child.close()


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


# ---- in the child ----


def answer(blocks: list[bytes]) -> Blocks:
    """Answer a call in the child: a function of this room, its arguments, and their arrays."""
    text, arrays = packed(_answer(unpacked(blocks[0], blocks[1:])))
    return (text, *arrays)


def _answer(call: dict[str, Any]) -> dict[str, Any]:
    try:
        if not call["function"].startswith(_ROOM):
            raise ValueError("not of this room")
        return {"value": function_named(call["function"])(*call["arguments"], **call["named"])}
    except Problem as problem:
        return {"problem": as_told(problem)}
    except Exception as error:  # strangers' files break libraries in every way; the parent says so kindly
        code = "part_memory" if isinstance(error, MemoryError) else "part_unreadable"
        return {"problem": as_told(_refused(code, type(error).__name__))}
