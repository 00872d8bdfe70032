"""What may come after a part's check beyond this room: holds the queries that `journey` plugs in. Without them nothing is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nordlotse.foundation.language import Lang
from nordlotse.print3d.queries.parts import KeptPart


@dataclass(frozen=True, slots=True)
class Further:
    """One thing to go on with: what kind (repair, partner, talk, article, event, programme), its name, one sentence why, where it is."""

    kind: str
    label: str
    reason: str
    target: str


#: From a part to what comes next, and from a part's key to the numbers of the cases its result went along with.
Query = Callable[[KeptPart, Lang], Sequence[Further]]
Cases = Callable[[str], Sequence[str]]

_plugged: list[Query] = []
_cases: list[Cases] = []


def plug(query: Query | None, cases: Cases | None = None) -> None:
    """Put the queries in place, once at start; None takes them away (tests)."""
    _plugged[:] = [query] if query is not None else []
    _cases[:] = [cases] if cases is not None else []


def found(kept: KeptPart, lang: Lang) -> Sequence[Further]:
    """Return what to go on with: the one next step first, then a human, then what else helps."""
    return _plugged[0](kept, lang) if _plugged else ()


def cases_with(key: str) -> Sequence[str]:
    """Return the numbers of the cases a part's result went along with: it stays there when the part is deleted or expires."""
    return _cases[0](key) if _cases else ()
