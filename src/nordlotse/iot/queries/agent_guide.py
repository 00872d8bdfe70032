"""The guide to the agent as a page: the text of the repository's docs, as it is installed."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt

from nordlotse.foundation.language import Lang

_FILES: Final[dict[Lang, str]] = {"de": "iot-agent.de.md", "en": "iot-agent.md"}
_TITLE = re.compile(r"<h1>(.*?)</h1>\s*")
#: Our links lead from file to file of the repository, and nowhere on a site.
_LINK = re.compile(r'<a href="(?!https?:)[^"]*">(.*?)</a>')
_OTHER = re.compile(r"^(?:German|Deutsch): \[.*$\n*", re.MULTILINE)
_CLASSES = {"h2": "kern-heading-medium", "h3": "kern-heading-small", "p": "kern-body", "ul": "list", "ol": "list"}
_WORDS: Final[dict[Lang, tuple[str, str]]] = {"de": ("Tabelle", "Text zum Kopieren"), "en": ("Table", "Text to copy")}


@cache
def text(lang: Lang) -> str:
    """Return the guide in Markdown: from the package as it is installed, else from the repository's docs.

    Raises:
        FileNotFoundError: the package was built without it.
    """
    packed = resources.files("nordlotse.iot.core") / "data" / _FILES[lang]
    if packed.is_file():
        return packed.read_text("utf-8")
    return (Path(__file__).resolve().parents[4] / "docs" / _FILES[lang]).read_text("utf-8")


@cache
def page(lang: Lang) -> tuple[str, str]:
    """Return title and HTML of the guide. The text is our own; HTML in it is shown as text, not taken."""
    made = MarkdownIt("commonmark", {"html": False}).enable("table").render(_OTHER.sub("", text(lang)))
    title = _TITLE.search(made)
    made = _LINK.sub(r"\1", _TITLE.sub("", made, count=1))
    for tag, look in _CLASSES.items():
        made = made.replace(f"<{tag}>", f'<{tag} class="{look}">')
    numbers = [0, 0]

    def region(found: re.Match[str]) -> str:
        place = 0 if found[0] == "<table>" else 1
        numbers[place] += 1
        inside = '<table class="plain">' if place == 0 else '<pre class="snippet">'
        return f'<div class="scroll" tabindex="0" role="region" aria-label="{_WORDS[lang][place]} {numbers[place]}">{inside}'

    made = re.sub(r"<table>|<pre>", region, made)
    made = made.replace("</table>", "</table></div>").replace("</pre>", "</pre></div>")
    return (title[1] if title else ""), made.replace("<th>", '<th scope="col">').replace(
        '<th scope="col"></th>', "<td></td>"
    )
