"""The readable page of an export: what a person wants to know, in words; everything else stands in the tables beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import yaml
from django.template.loader import render_to_string
from django.utils import timezone, translation

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.personal import tables
from nordlotse.foundation.records import day
from nordlotse.journey.core.consents import texts

#: Tables of the machine room: links, sessions, keys. They are in the tables of the export, not on its page.
_MACHINE = (
    "sessions.",
    "mfa.",
    "office.ActionLink",
    "office.ReplyAddress",
    "account.",
    "allauth_idp",
    "socialaccount.",
)


@cache
def _words() -> dict[str, Text]:
    raw = yaml.safe_load(
        resources.files("nordlotse.journey.core").joinpath("field_words.yaml").read_text(encoding="utf-8")
    )
    return {name: Text(str(de), str(en)) for name, (de, en) in raw.items()}


def _value(value: Any, lang: Lang) -> str:
    """Return a value as people write it: days and moments in words, yes and no, lists with commas."""
    if isinstance(value, bool):
        return Text("ja", "yes").get(lang) if value else Text("nein", "no").get(lang)
    if isinstance(value, str) and len(value) >= 10 and value[4:5] == "-" and value[7:8] == "-":
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        if "T" not in value:
            return day(moment.date(), lang)
        local = timezone.localtime(moment) if moment.tzinfo else moment
        return f"{day(local.date(), lang)}, {local:%H:%M}"
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return str(value)


def _named(label: str, row: Mapping[str, Any], lang: Lang) -> list[tuple[str, str]]:
    """Return the columns of a row that have a word, filled ones only; a consent by its name."""
    shown = [
        (words.get(lang), _value(row[name], lang))
        for name, words in _words().items()
        if row.get(name) not in (None, "", [], {}, "***")
    ]
    if label == "journey.Consent":
        names = {t.purpose: t.name.get(lang) for t in texts()}
        shown.insert(0, (Text("Wozu", "What for").get(lang), names.get(str(row["purpose"]), str(row["purpose"]))))
    return shown


def page(shown: Mapping[str, Sequence[Mapping[str, Any]]], lang: Lang) -> str:
    """Return the page as HTML in `lang`; rows without anything to read are counted only."""
    known, parts = tables(), []
    for label, rows in shown.items():
        if label.startswith(_MACHINE):
            continue
        what = known[label].what
        parts.append(
            {
                "name": what.get(lang) if what else label,
                "purposes": [d.purpose.get(lang) for d in known[label].declared],
                "rows": [named for row in rows if (named := _named(label, row, lang))],
                "count": len(rows),
            }
        )
    with translation.override(lang):
        return render_to_string("journey/privacy/archive.html", {"parts": parts, "lang": lang})
