"""Small parts shared by the views of the outer wall."""

from __future__ import annotations

from nordlotse.web.templatetags.components import language


def translated(name: str) -> str:
    """Return the template of a long text in the page's language: `NAME.de.html` or `NAME.en.html`."""
    return f"{name}.{language()}.html"
