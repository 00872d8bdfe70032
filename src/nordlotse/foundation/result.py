"""What a room hands upwards: an outcome somebody can keep, attach to a case, and talk about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nordlotse.foundation.language import Lang


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a result: what it is, its value as written for people (with unit), where it comes from."""

    label: str
    value: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A file of a result: name, media type, and its content."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Result:
    """An outcome of a room (answer, programme, print check …) in one language.

    `kind` names the room's outcome, `reference` where it can be seen again on this site, `picture` is an SVG drawn by us
    (a part, a chart) with `picture_text` saying the same in words.
    """

    kind: str
    lang: Lang
    title: str
    summary: str
    reference: str = ""
    figures: tuple[Figure, ...] = ()
    files: tuple[ResultFile, ...] = ()
    sources: tuple[str, ...] = ()
    picture: str = ""
    picture_text: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the result without its files, ready for JSON."""
        return {
            "kind": self.kind,
            "lang": self.lang,
            "title": self.title,
            "summary": self.summary,
            "reference": self.reference,
            "figures": [[f.label, f.value, f.source] for f in self.figures],
            "sources": list(self.sources),
            "picture": self.picture,
            "picture_text": self.picture_text,
        }


def from_dict(kept: Mapping[str, Any]) -> Result:
    """Return a result as it was kept by `as_dict` (its files are kept elsewhere)."""
    return Result(
        kind=kept["kind"],
        lang="en" if kept["lang"] == "en" else "de",
        title=kept["title"],
        summary=kept["summary"],
        reference=kept.get("reference", ""),
        figures=tuple(Figure(*f) for f in kept.get("figures", ())),
        sources=tuple(kept.get("sources", ())),
        picture=kept.get("picture", ""),
        picture_text=kept.get("picture_text", ""),
    )
