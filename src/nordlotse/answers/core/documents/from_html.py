"""HTML → document: visible text only; scripts, styles, forms, navigation and hidden parts are dropped."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from nordlotse.answers.core.documents.document import Block, BlockKind, Document, Note, bounded, plain

_DROPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "nav",
        "form",
        "button",
        "select",
        "option",
        "textarea",
        "input",
        "svg",
        "math",
        "object",
        "embed",
        "applet",
        "iframe",
        "canvas",
        "audio",
        "video",
        "map",
        "dialog",
        "footer",
    ]
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
_ITEMS = ("li", "dd", "tr")
_HIDDEN = re.compile(
    r"display\s{0,5}:\s{0,5}none|visibility\s{0,5}:\s{0,5}hidden|opacity\s{0,5}:\s{0,5}0(?![.\d])|font-size\s{0,5}:\s{0,5}0(?![.\d])",
    re.I,
)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY_NAMES = ("article:modified_time", "article:published_time", "dcterms.modified", "dc.date", "date", "last-modified")


def read_html(text: str, where: str) -> Document:
    """Read the visible text of a page.

    Raises:
        BadInput: there is no visible text.
    """
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    if root is None:
        return Document("", bounded((), where))
    collector = _Collector()
    collector.walk(root)
    blocks = bounded(collector.blocks, where)
    title = next((b.text for b in blocks if b.kind == "heading" and b.level == 1), "")
    title = title or plain("".join(root.xpath("string(//title)")))
    notes = (_hidden_note(),) if collector.hidden else ()
    return Document(title[:150], blocks, _dated(root), _canonical(root), notes)


def _hidden_note() -> Note:
    return Note("Verborgener Text der Seite wurde weggelassen.", "Hidden text of the page was left out.")


class _Collector:
    """Walks a tree without recursion and gathers blocks."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.hidden = False
        self._text: list[str] = []
        self._kind: BlockKind = "paragraph"
        self._level = 0

    def walk(self, root: Any) -> None:
        stack: list[tuple[Any, bool]] = [(root, False)]
        while stack:
            node, leaving = stack.pop()
            if leaving:
                self._leave(node)
                continue
            if not isinstance(node.tag, str) or not self._enter(node):
                self._add(node.tail)
                continue
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(node))
        self._flush()

    def _enter(self, node: Any) -> bool:
        tag = node.tag.lower()
        if tag in _DROPPED:
            if tag in _BLOCKS or tag in ("nav", "form", "footer"):
                self._flush()
            return False
        if _is_hidden(node):
            self.hidden = True
            return False
        if tag in ("br", "img"):
            self._add(" ")
        if tag in _BLOCKS:
            self._flush()
            parent = node.getparent()
            if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
                self._kind, self._level = "heading", int(tag[1])
            elif tag in _ITEMS or (tag == "p" and parent is not None and parent.tag in _ITEMS):
                self._kind = "item"
        self._add(node.text)
        return True

    def _leave(self, node: Any) -> None:
        tag = node.tag.lower()
        if tag in ("td", "th"):
            self._cell()
        elif tag in _BLOCKS:
            self._flush()
        self._add(node.tail)

    def _cell(self) -> None:
        """End a table's cell: the cells of a row become one list item."""
        if "".join(self._text).strip():
            self._text.append("; ")

    def _add(self, text: str | None) -> None:
        if text:
            self._text.append(text)

    def _flush(self) -> None:
        text = plain("".join(self._text)).rstrip("; ")
        if text:
            self.blocks.append(Block(self._kind, text, self._level if self._kind == "heading" else 0))
        self._text, self._kind, self._level = [], "paragraph", 0


def _is_hidden(node: Any) -> bool:
    if node.get("hidden") is not None or (node.get("aria-hidden") or "").strip().lower() == "true":
        return True
    return bool(_HIDDEN.search((node.get("style") or "")[:2000]))


def _dated(root: Any) -> date | None:
    told: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("http-equiv") or "").lower()
        told.setdefault(name, meta.get("content") or "")
    for name in _DAY_NAMES:
        match = _ISO_DAY.search(told.get(name, ""))
        if match:
            try:
                return date.fromisoformat(match.group(0))
            except ValueError:
                continue
    return None


def _canonical(root: Any) -> str:
    for link in root.iter("link"):
        if (link.get("rel") or "").lower() == "canonical":
            url = plain(link.get("href") or "")
            if url.startswith(("https://", "http://")) and len(url) <= 500:
                return url
    return ""
