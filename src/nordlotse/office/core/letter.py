"""The HTML of a mail, made from its plain text: paragraphs, lists, links, a button for an address that stands alone.

Nothing is loaded from anywhere: no picture, no font, no style sheet, nothing that tells us who opened the mail. Styles stand in
the tags because mail programs drop style sheets. Colours keep a contrast of at least 4.5 : 1 (WCAG 2.2, 1.4.3).
"""

from __future__ import annotations

import re
from html import escape

_ADDRESS = re.compile(r"https?://[^\s<>\"']+")
_TRAILING = ".,;:!?)»”“"
_ITEM = re.compile(r"^(?:[-*•]|(\d{1,3})[.)])\s+(.*)$")

_BODY = "margin:0;padding:24px 16px;background:#ffffff;color:#171a2b;font:16px/1.5 Arial,Helvetica,sans-serif"
_SHEET = "max-width:36em;margin:0 auto"
_BUTTON = (
    "display:inline-block;padding:12px 20px;background:#1c3d7a;color:#ffffff;font-weight:bold;text-decoration:none;"
    "border-radius:4px"
)
_QUIET = "color:#535d70;font-size:14px"
_LINK = "color:#1c3d7a"
_WORDS = {"de": "Seite öffnen", "en": "Open the page"}


def letter(text: str, subject: str, lang: str) -> str:
    """Return the HTML of a mail; `text` is its plain text, `lang` "de" or "en"."""
    body, _, foot = text.replace("\r\n", "\n").partition("\n-- \n")
    parts = _parts(body, lang)
    if foot.strip():
        parts.append(
            f'<hr style="border:0;border-top:1px solid #c7cbd6"><p style="{_QUIET}">{_lines(foot.strip().split(chr(10)))}</p>'
        )
    return (
        f'<!doctype html>\n<html lang="{escape(lang)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(subject)}</title></head>\n<body style="{_BODY}"><div style="{_SHEET}">\n'
        + "\n".join(parts)
        + "\n</div></body></html>\n"
    )


def _parts(body: str, lang: str) -> list[str]:
    """Return each block between blank lines as HTML."""
    parts: list[str] = []
    before = ""
    for block in re.split(r"\n[ \t]*\n+", body.strip("\n")):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        if not lines:
            continue
        parts.extend(_block(lines, lang, before))
        before = lines[-1]
    return parts


def _block(lines: list[str], lang: str, before: str) -> list[str]:
    """Return a paragraph, a list, or a mixture of both; an address alone on the last line becomes a button."""
    made: list[str] = []
    run: list[str] = []
    at = 0
    while at < len(lines):
        if _ITEM.match(lines[at]):
            if run:
                made.append(_paragraph(run))
                run = []
            html, at = _list(lines, at)
            made.append(html)
            continue
        if _ADDRESS.fullmatch(lines[at]):
            label = lines[at - 1] if at else before
            if run:
                made.append(_paragraph(run))
                run = []
            made.append(_button(lines[at], label, lang))
        else:
            run.append(lines[at])
        at += 1
    if run:
        made.append(_paragraph(run))
    return made


def _list(lines: list[str], at: int) -> tuple[str, int]:
    """Return the list that begins at line `at`, and the line after it."""
    numbered = bool((_ITEM.match(lines[at]) or [None, None])[1])
    items = []
    while at < len(lines) and (item := _ITEM.match(lines[at])) and bool(item[1]) == numbered:
        items.append(f"<li>{_linked(item[2])}</li>")
        at += 1
    tag = "ol" if numbered else "ul"
    return f"<{tag}>{''.join(items)}</{tag}>", at


def _paragraph(lines: list[str]) -> str:
    return f"<p>{_lines(lines)}</p>"


def _lines(lines: list[str]) -> str:
    return "<br>\n".join(_linked(line) for line in lines)


def _button(address: str, label: str, lang: str) -> str:
    """Return a button; its words are those before the address ("Termin absagen:"), and the address stands below to be seen."""
    words = label.rstrip(" :") if label.endswith(":") and 0 < len(label) <= 60 else _WORDS.get(lang, _WORDS["en"])
    shown = escape(address)
    return (
        f'<p><a href="{shown}" style="{_BUTTON}">{escape(words)}</a></p>\n'
        f'<p style="{_QUIET};word-break:break-all">{shown}</p>'
    )


def _linked(line: str) -> str:
    """Return a line with everything escaped and its web addresses as links."""
    made, at = [], 0
    for found in _ADDRESS.finditer(line):
        address = found[0].rstrip(_TRAILING)
        made.append(escape(line[at : found.start()]))
        made.append(f'<a href="{escape(address)}" style="{_LINK}">{escape(address)}</a>')
        at = found.start() + len(address)
    made.append(escape(line[at:]))
    return "".join(made)
