"""Reads about where events come from."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from nordlotse.dialogue.models import ImportSource
from nordlotse.foundation.language import Text
from nordlotse.foundation.problem import NotFound

_HEALTH = {
    "new": Text("noch nicht gelesen", "not read yet"),
    "good": Text("in Ordnung", "fine"),
    "down": Text("antwortet nicht", "does not answer"),
    "refused": Text("Zugangsschlüssel oder Ziel abgelehnt", "token or target refused"),
    "odd": Text("unerwartete Antwort", "unexpected answer"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A source with its health in words and the number of events it brought."""

    source: ImportSource
    health: Text
    events: int


def sources() -> list[Row]:
    """Return all sources by name."""
    found = ImportSource.objects.annotate(n=Count("events")).order_by("name", "pk")
    return [Row(s, _HEALTH[s.health], s.n) for s in found]


def source(source_id: int) -> ImportSource:
    """Return one source.

    Raises:
        NotFound: there is none.
    """
    found = ImportSource.objects.filter(pk=source_id).first() if 0 < source_id < 2**62 else None
    if found is None:
        raise unknown()
    return found


def unknown() -> NotFound:
    """Return the error for a source that is not there."""
    return NotFound(
        "source_unknown",
        de="Diese Quelle gibt es nicht.",
        en="There is no such source.",
        where="source",
        remedy_de="Bitte in der Liste der Quellen nachsehen.",
        remedy_en="Look in the list of sources.",
    )
