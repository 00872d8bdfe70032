"""The report on two weeks as PDF (PDF/UA-1, ISO 14289-1) in German or English: what it says comes in as texts, so page and PDF say the same."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from datetime import date
from importlib import resources
from typing import Any

from nordlotse.foundation.document import typeset
from nordlotse.foundation.language import Lang

#: Letters of a text from outside at most, and of a word before it may be broken anywhere.
_MOST, _UNBROKEN = 400, 24


def report_pdf(told: Mapping[str, Any], lang: Lang, made_on: date, issuer: str = "") -> bytes:
    """Return the PDF of a report, one page for a few machines (in smaller letters where it has to be), two at most for a dozen; the same values give the same bytes.

    `told`: texts, lists of texts and one picture (`picture`, SVG, with `picture_text`) as the page shows them.
    """
    data = {**_cleaned(told), "picture": told.get("picture", ""), "lang": lang, "issuer": issuer or "Nordlotse"}
    source = resources.files(__package__).joinpath("report.typ").read_bytes()
    seconds = (made_on - date(1970, 1, 1)).days * 86_400
    return typeset(source, {"data": json.dumps(data, ensure_ascii=False)}, seconds)


def _cleaned(value: Any) -> Any:
    """Texts as they can be set: one line, nothing unseen, not too long."""
    if isinstance(value, str):
        return _line(value)
    if isinstance(value, Mapping):
        return {key: _cleaned(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(inner) for inner in value]
    return value


def _line(text: str) -> str:
    seen = "".join(
        " " if c.isspace() else c
        for c in text
        if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    line = " ".join(seen.split())
    cut = line if len(line) <= _MOST else line[: _MOST - 1].rstrip() + "…"
    return " ".join(
        word if len(word) <= _UNBROKEN else "\u200b".join(word[at : at + 12] for at in range(0, len(word), 12))
        for word in cut.split(" ")
    )
