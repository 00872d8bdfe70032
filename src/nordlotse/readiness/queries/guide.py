"""The guide to a check of one's own as a page."""

from __future__ import annotations

import re
from functools import cache

from markdown_it import MarkdownIt

from nordlotse.foundation.language import Lang
from nordlotse.readiness.core import guide

_TITLE = re.compile(r"<h1>(.*?)</h1>\s*")
_CLASSES = {"h2": "kern-heading-medium", "h3": "kern-heading-small", "p": "kern-body", "ul": "list", "ol": "list"}
#: Links of the repository lead nowhere on a site.
_LINK = re.compile(r'<a href="(?!https?:)[^"]*">(.*?)</a>')


@cache
def page(lang: Lang) -> tuple[str, str]:
    """Return title and HTML of the guide. The text is our own; HTML in it is shown as text, not taken."""
    made = MarkdownIt("commonmark", {"html": False}).enable("table").render(guide.text(lang))
    title = _TITLE.search(made)
    made = _LINK.sub(r"\1", _TITLE.sub("", made, count=1))
    for tag, look in _CLASSES.items():
        made = made.replace(f"<{tag}>", f'<{tag} class="{look}">')
    name = "Tabelle" if lang == "de" else "Table"
    number = 0

    def region(_: re.Match[str]) -> str:
        nonlocal number
        number += 1
        return f'<div class="scroll" tabindex="0" role="region" aria-label="{name} {number}"><table class="plain">'

    made = re.sub(r"<table>", region, made).replace("</table>", "</table></div>").replace("<th>", '<th scope="col">')
    return (title[1] if title else ""), made
