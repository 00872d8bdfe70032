"""What a document says, whatever its format: a title, a day, and blocks of plain text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

from nordlotse.foundation.problem import BadInput, TooLarge

BlockKind = Literal["heading", "paragraph", "item"]

#: A document may hold so many characters and blocks: about 300 full pages.
MAX_CHARACTERS = 1_000_000
MAX_BLOCKS = 20_000


@dataclass(frozen=True, slots=True)
class Block:
    """A heading (with its level, 1 the highest), a paragraph or a list item, as plain text on one line."""

    kind: BlockKind
    text: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Note:
    """Something an editor should know about what was read: left out, changed or unreadable."""

    de: str
    en: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was read: `title` and `url` may be "", `dated` None."""

    title: str
    blocks: tuple[Block, ...]
    dated: date | None = None
    url: str = ""
    notes: tuple[Note, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """Return the document as JSON values."""
        return asdict(self) | {"dated": self.dated.isoformat() if self.dated else None}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Document:
        """Return the document that `as_dict` described."""
        return cls(
            title=str(told["title"]),
            blocks=tuple(Block(b["kind"], str(b["text"]), int(b["level"])) for b in told["blocks"]),
            dated=date.fromisoformat(told["dated"]) if told["dated"] else None,
            url=str(told["url"]),
            notes=tuple(Note(str(n["de"]), str(n["en"]), str(n["where"])) for n in told["notes"]),
        )


def plain(text: str) -> str:
    """Return `text` on one line: composed, without control, zero-width and direction marks, blanks made single."""
    composed = unicodedata.normalize("NFC", text.replace("\u00ad", ""))
    kept = "".join(c if c.isspace() or unicodedata.category(c)[0] != "C" else " " for c in composed)
    return " ".join(kept.split())


def empty(where: str) -> BadInput:
    """Return the error for a document that says nothing."""
    return BadInput(
        "document_empty",
        de="In der Datei steht kein Text.",
        en="There is no text in the file.",
        where=where,
        remedy_de="Bitte die richtige Datei wählen; verborgener Text wird nicht eingelesen.",
        remedy_en="Choose the right file; hidden text is not imported.",
    )


def bounded(blocks: Iterable[Block], where: str) -> tuple[Block, ...]:
    """Return the blocks that say something.

    Raises:
        BadInput: none does.
        TooLarge: there are more characters or blocks than a document may hold.
    """
    kept: list[Block] = []
    characters = 0
    for block in blocks:
        text = plain(block.text)
        if not any(c.isalnum() for c in text):
            continue
        characters += len(text)
        if characters > MAX_CHARACTERS or len(kept) >= MAX_BLOCKS:
            raise TooLarge(
                "document_too_long",
                de=f"Das Dokument ist länger als {MAX_CHARACTERS:,} Zeichen.".replace(",", "."),
                en=f"The document is longer than {MAX_CHARACTERS:,} characters.",
                where=where,
                remedy_de="Bitte teilen und nur das einlesen, was Unternehmen hilft.",
                remedy_en="Split it and import only what helps companies.",
            )
        kept.append(Block(block.kind, text, block.level))
    if not any(b.kind != "heading" for b in kept):
        raise empty(where)
    return tuple(kept)
