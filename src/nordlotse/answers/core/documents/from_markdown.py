"""Markdown without our front matter → document; also plain text. Links keep their words, pictures are dropped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from nordlotse.answers.core.documents.document import Block, BlockKind, Document, Note, bounded, plain
from nordlotse.answers.core.front_matter import split_front_matter
from nordlotse.foundation.problem import Problem

_OTHER_FRONT = re.compile(r"\A---\n.{0,5000}?\n---\n", re.S)


def read_markdown(text: str, where: str) -> Document:
    """Read a Markdown or plain text.

    Raises:
        BadInput: there is no text in it.
    """
    front, body = _other_front(text, where)
    collector = _Collector()
    collector.read(MarkdownIt("commonmark", {"html": True}).enable("table").parse(body))
    blocks = bounded(collector.blocks, where)
    first = next((b.text for b in blocks if b.kind == "heading" and b.level == 1), "")
    title = plain(str(front.get("title") or "")) or first
    return Document(title[:150], blocks, notes=tuple(collector.notes()))


def _other_front(text: str, where: str) -> tuple[dict[str, Any], str]:
    """Take off the front matter of another program; only its title is used."""
    match = _OTHER_FRONT.match(text)
    if match is None:
        return {}, text
    try:
        front, body, _ = split_front_matter(text[: match.end()], where)
    except (Problem, yaml.YAMLError):
        return {}, text[match.end() :]
    return front, body + text[match.end() :]


class _Collector:
    """Gathers blocks from the token stream of the Markdown parser."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._pictures = self._html = self._code = 0

    def read(self, tokens: Iterable[Token]) -> None:
        kind: BlockKind = "paragraph"
        level = lists = 0
        row: list[str] | None = None
        for token in tokens:
            if token.type == "heading_open":
                kind, level = "heading", int(token.tag[1])
            elif token.type == "heading_close":
                kind = "paragraph"
            elif token.type == "list_item_open":
                lists += 1
            elif token.type == "list_item_close":
                lists -= 1
            elif token.type == "tr_open":
                row = []
            elif token.type == "tr_close":
                self.blocks.append(Block("item", "; ".join(cell for cell in row or () if cell)))
                row = None
            elif token.type == "inline":
                text = self._inline(token.children or ())
                if row is not None:
                    row.append(plain(text))
                else:
                    self.blocks.append(
                        Block(
                            "item" if lists and kind == "paragraph" else kind, text, level if kind == "heading" else 0
                        )
                    )
            elif token.type in ("fence", "code_block"):
                self._code += 1
                self.blocks.append(Block("paragraph", token.content))
            elif token.type == "html_block":
                self._html += 1

    def _inline(self, tokens: Iterable[Token]) -> str:
        parts: list[str] = []
        for token in tokens:
            if token.type in ("text", "code_inline"):
                parts.append(token.content)
            elif token.type in ("softbreak", "hardbreak"):
                parts.append(" ")
            elif token.type == "image":
                self._pictures += 1
            elif token.type == "html_inline":
                self._html += 1
        return "".join(parts)

    def notes(self) -> Iterable[Note]:
        """Yield what was left out."""
        if self._pictures:
            yield Note(f"{self._pictures} Bilder weggelassen.", f"{self._pictures} pictures left out.")
        if self._html:
            yield Note("HTML im Markdown wurde weggelassen.", "HTML inside the Markdown was left out.")
        if self._code:
            yield Note("Codeblöcke wurden zu Absätzen.", "Code blocks became paragraphs.")
