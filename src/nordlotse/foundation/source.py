"""Where a statement comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Source:
    """A published page, standard or study and the day on which it was last checked.

    `year` is the year of publication (None if unknown); `checked_on` the day the page was read.
    """

    id: str
    title: str
    publisher: str
    year: int | None
    url: str
    checked_on: date
    passage: str = ""
    basis: str = "noted"

    def as_dict(self) -> dict[str, object]:
        """Return the source as the interface shows it."""
        return {
            "id": self.id,
            "title": self.title,
            "publisher": self.publisher,
            "year": self.year,
            "url": self.url,
            "checked_on": self.checked_on.isoformat(),
        }
