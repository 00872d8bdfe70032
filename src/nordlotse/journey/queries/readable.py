"""The readable page of an export: what a person wants to know, in words; everything else stands in the tables beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import yaml
from django.template.loader import render_to_string
from django.utils import timezone, translation

from nordlotse.dialogue.models import Event
from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.personal import tables
from nordlotse.foundation.records import day
from nordlotse.foundation.region import State as Region
from nordlotse.foundation.sectors import divisions
from nordlotse.journey.core.briefing import WISHES
from nordlotse.journey.core.case import State
from nordlotse.journey.core.consents import texts
from nordlotse.network.models import Partner, Person

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


#: Codes of a column by its table, with their words.
_CODES: Mapping[str, Mapping[str, Text]] = {
    "office.OutgoingMail.state": {
        "queued": Text("wartet auf den Versand", "waits to be sent"),
        "sent": Text("verschickt", "sent"),
        "failed": Text("kam nicht an", "did not arrive"),
        "withheld": Text("abbestellt, nicht verschickt", "unsubscribed, not sent"),
    },
    "dialogue.Registration.status": {
        "confirmed": Text("bestätigt", "confirmed"),
        "waiting": Text("auf der Warteliste", "on the waiting list"),
        "cancelled": Text("abgesagt", "cancelled"),
    },
    "journey.Case.status": {state.value: state.label for state in State},
}


def _event(key: Any, lang: Lang) -> str:
    found = Event.objects.filter(pk=key).first()
    return ((found.title_en if lang == "en" else "") or found.title_de) if found else ""


def _name(model: type[Person] | type[Partner], key: Any) -> str:
    return model._default_manager.filter(pk=key).values_list("name", flat=True).first() or ""


def _sector(code: Any, lang: Lang) -> str:
    return divisions()[code].name.get(lang) if code in divisions() else str(code)


#: Columns whose value is a key or a code in every table: how they are told in words, "" for what says nothing to people.
_WORDING: Mapping[str, Callable[[Any, Lang], str]] = {
    "event_id": _event,
    "wished_id": lambda key, lang: _name(Person, key),
    "wished_partner_id": lambda key, lang: _name(Partner, key),
    "state": lambda code, lang: Region(code).label.get(lang) if code in set(Region) else "",
    "status": lambda code, lang: "",
    "sector": _sector,
    "wish": lambda code, lang: WISHES[code].get(lang) if code in WISHES else str(code),
    "results": lambda kept, lang: "; ".join(str(result.get("title", "")) for result in kept),
    "answer": lambda kept, lang: str(kept.get("text", "")),
}


def _told(label: str, name: str, value: Any, lang: Lang) -> str:
    """Return a column's value in words; "" for what says nothing to people."""
    codes = _CODES.get(f"{label}.{name}")
    if codes is not None:
        return codes[value].get(lang) if value in codes else ""
    return _WORDING.get(name, _value)(value, lang)


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


#: Instead of the subject of a mail with a code or link to sign in.
_HIDDEN = Text(
    "hier nicht gezeigt: Die Mail enthielt einen Code oder Link zum Anmelden",
    "not shown here: the mail held a code or link to sign in",
)


def _named(label: str, row: Mapping[str, Any], lang: Lang) -> list[tuple[str, str]]:
    """Return the columns of a row that have a word, filled ones only; a consent by its name."""
    shown = []
    for known, words in _words().items():
        table, _, name = known.rpartition(".")
        if (table and table != label) or row.get(name) in (None, "", [], {}):
            continue
        if not table and f"{label}.{name}" in _words():
            continue  # this table has its own word for it
        if row[name] == "***":
            if name == "subject":
                shown.append((words.get(lang), _HIDDEN.get(lang)))
        elif said := _told(label, name, row[name], lang):
            shown.append((words.get(lang), said))
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
