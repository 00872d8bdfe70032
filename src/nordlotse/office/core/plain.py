"""The plain text of an HTML mail: only words come out; what would run, load or hide is dropped."""

from __future__ import annotations

import re
from html.parser import HTMLParser

#: So much HTML is looked at, in characters.
MAX_HTML = 2_000_000

_DROPPED = frozenset({"script", "style", "head", "title", "template", "object", "iframe", "svg", "noscript"})
_BREAKS = frozenset(
    {"p", "div", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "section"}
)
_PARAGRAPHS = frozenset({"p", "ul", "ol", "table", "blockquote", "h1", "h2", "h3"})
_VOID = frozenset({"br", "img", "hr", "meta", "link", "input", "area", "base", "col", "embed", "source", "wbr"})
# How mail programs mark what they quote without a blockquote.
_QUOTES = ("gmail_quote", "moz-cite-prefix", "yahoo_quoted", "divrplyfwdmsg", "appendonsend", "protonmail_quote")


class _Words(HTMLParser):
    """Collects lines; everything inside a quotation begins with ">"."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self._line = ""
        self._dropped = 0
        self._quotes: list[str] = []  # the tag that opened each quotation
        self._depths: list[int] = []  # how many tags of that name are open inside it

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self._dropped += 1
            return
        marks = " ".join(str(v or "") for k, v in attrs if k in ("class", "id")).lower()
        if tag in _BREAKS or tag in ("br", "li", "hr"):
            self._end(blank=tag in _PARAGRAPHS)
        if tag == "li":
            self._line += "- "
        if tag in _VOID:
            return
        if self._quotes and tag == self._quotes[-1]:
            self._depths[-1] += 1
        elif tag == "blockquote" or any(q in marks for q in _QUOTES):
            self._quotes.append(tag)
            self._depths.append(1)

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED:
            self._dropped = max(0, self._dropped - 1)
            return
        if tag in _BREAKS:
            self._end(blank=tag in _PARAGRAPHS)
        if self._quotes and tag == self._quotes[-1]:
            self._depths[-1] -= 1
            if self._depths[-1] == 0:
                self._end()
                self._quotes.pop()
                self._depths.pop()

    def handle_data(self, data: str) -> None:
        if not self._dropped:
            self._line += re.sub(r"[\s\u00a0]+", " ", data)

    def _end(self, *, blank: bool = False) -> None:
        line = re.sub(r" {2,}", " ", self._line).strip()
        mark = "> " if self._quotes else ""
        if line:
            self.lines.append(mark + line)
        if blank and self.lines and self.lines[-1].strip("> "):
            self.lines.append(mark.strip())
        self._line = ""

    def whole(self) -> str:
        """Return all lines."""
        self._end()
        return "\n".join(self.lines).strip()


def text_of_html(html: str) -> str:
    """Return the words of an HTML mail, line by line; quotations begin with ">"."""
    words = _Words()
    try:
        words.feed(html[:MAX_HTML])
        words.close()
    except AssertionError:  # the parser's own alarm over malformed declarations; what it read so far is good
        pass
    return words.whole()
