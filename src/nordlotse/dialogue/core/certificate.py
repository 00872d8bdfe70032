"""A certificate of attendance as PDF (PDF/UA-1, ISO 14289-1), set with Typst, in German or English."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib import resources

from nordlotse.dialogue.core.values import ZONE, one_line
from nordlotse.foundation.document import typeset
from nordlotse.foundation.language import Lang
from nordlotse.foundation.records import day

_WORDS = {
    "de": {
        "title": "Teilnahmebestätigung",
        "sentence": "hat an dieser Veranstaltung teilgenommen:",
        "when-label": "Wann",
        "where-label": "Wo",
        "length-label": "Dauer",
        "organiser-label": "Veranstaltet von",
        "online": "online",
    },
    "en": {
        "title": "Certificate of attendance",
        "sentence": "has attended this event:",
        "when-label": "When",
        "where-label": "Where",
        "length-label": "Length",
        "organiser-label": "Organised by",
        "online": "online",
    },
}


@dataclass(frozen=True, slots=True)
class Attended:
    """What a certificate says. `issuer` is the centre; `number` identifies the certificate; times are aware."""

    name: str
    company: str
    event: str
    begin: datetime
    end: datetime
    place: str
    organiser: str
    issuer: str
    number: str
    issued: datetime


def _when(attended: Attended, lang: Lang) -> str:
    begin, end = attended.begin.astimezone(ZONE), attended.end.astimezone(ZONE)
    last = "" if begin.date() == end.date() else f"{day(end.date(), lang)}, "
    clock = " Uhr" if lang == "de" else ""
    return f"{day(begin.date(), lang)}, {begin:%H:%M} – {last}{end:%H:%M}{clock}"


def _length(attended: Attended, lang: Lang) -> str:
    minutes = round((attended.end - attended.begin).total_seconds() / 60)
    hours, rest = divmod(minutes, 60)
    words = ("Std.", "Min.") if lang == "de" else ("h", "min")
    parts = ([f"{hours} {words[0]}"] if hours else []) + ([f"{rest} {words[1]}"] if rest or not hours else [])
    return " ".join(parts)


def _foot(attended: Attended, lang: Lang) -> str:
    issued = day(attended.issued.astimezone(ZONE).date(), lang)
    if lang == "de":
        return f"Ausgestellt am {issued}. Nummer {attended.number}. Gilt ohne Unterschrift."
    return f"Issued on {issued}. Number {attended.number}. Valid without a signature."


def certificate(attended: Attended, lang: Lang) -> bytes:
    """Return the PDF. The same values give the same bytes."""
    words = _WORDS[lang]
    data = {
        **{key: value for key, value in words.items() if key != "online"},
        "lang": lang,
        "name": one_line(attended.name, 120),
        "company": one_line(attended.company, 200),
        "event": one_line(attended.event, 200),
        "when": _when(attended, lang),
        "where": one_line(attended.place, 300) or words["online"],
        "length": _length(attended, lang),
        "organiser": one_line(attended.organiser, 200),
        "issuer": one_line(attended.issuer, 200) or "Nordlotse",
        "foot": _foot(attended, lang),
    }
    source = resources.files(__package__).joinpath("certificate.typ").read_bytes()
    return typeset(source, data, int(attended.issued.timestamp()))
