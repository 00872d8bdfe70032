"""Where a step of the plan leads: holds the adapter that `journey` plugs in. Without one no step leads anywhere, and none is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nordlotse.foundation.language import Lang
from nordlotse.readiness.core.measure import Pointer
from nordlotse.readiness.core.ports import Direction, Directions

_plugged: list[Directions] = []
#: An article's key in the source of a cost, or a record's.
_KEY = re.compile(
    r"\b(?:digitalisation|iot|print3d|industrie40|business_models)-\d\d\b|(?<=Datensatz )[a-z0-9-]+|(?<=\(record )[a-z0-9-]+"
)


def plug(adapter: Directions | None) -> None:
    """Put the adapter in place, once at start; None takes it away (tests)."""
    _plugged[:] = [adapter] if adapter is not None else []


def found(
    pointers: Mapping[str, Sequence[Pointer]], lang: Lang, *, state: str = "", employees: int | None = None
) -> dict[str, tuple[Direction, ...]]:
    """Return for each step (by its measure's id) the places that exist among those it points to, each address once.

    Steps of a plan often point to the same place: each is looked for once.
    """
    if not _plugged:
        return dict.fromkeys(pointers, ())
    wanted = {pointer for those in pointers.values() for pointer in those}
    known = {p: _plugged[0].find(p, lang, state=state, employees=employees) for p in wanted}
    return {
        step: tuple({place.target: place for p in those if (place := known[p]) is not None}.values())
        for step, those in pointers.items()
    }


def titled(text: str, lang: Lang) -> str:
    """Return the source of a cost with articles and records named by their titles, in quotation marks, instead of their keys.

    What is not there (any more) keeps its key.
    """
    quotes = "„%s“" if lang == "de" else "“%s”"

    def named(found: re.Match[str]) -> str:
        kind = "article" if found[0][-1].isdigit() and found[0][-3] == "-" else "programme"
        place = _plugged[0].find(Pointer(kind, found[0]), lang) if _plugged else None  # type: ignore[arg-type]
        return quotes % place.label if place else found[0]

    return _KEY.sub(named, text)
