"""Which one step follows an answer: a table to which each room adds rows. A step leads only to a page that is filled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nordlotse.answers.core.answer import Answer
from nordlotse.foundation.language import Text


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one step after an answer: kind, label in the answer's language, address on this site."""

    kind: str
    label: str
    target: str

    def as_dict(self) -> dict[str, str]:
        """Return the step as the interface shows it."""
        return {"kind": self.kind, "label": self.label, "target": self.target}


@dataclass(frozen=True, slots=True)
class Row:
    """When `applies`, offer `label` leading to `target`; the first row that applies wins."""

    kind: str
    applies: Callable[[Answer], bool]
    label: Text
    target: Callable[[Answer], str]


def prefix(lang: str) -> str:
    """Return what addresses in a language begin with."""
    return "/en" if lang == "en" else ""


def _fixed(path: str) -> Callable[[Answer], str]:
    return lambda answer: f"{prefix(answer.lang)}{path}"


def _by_state(path: str) -> Callable[[Answer], str]:
    return lambda answer: f"{prefix(answer.lang)}{path}" + (f"?state={answer.state}" if answer.state else "")


def _programmes(answer: Answer) -> str:
    query = "&".join(
        part
        for part in (
            f"state={answer.state}" if answer.state else "",
            f"employees={answer.employees}" if answer.employees else "",
        )
        if part
    )
    return f"{prefix(answer.lang)}/foerderung/" + (f"?{query}" if query else "")


#: Rooms that come later add their rows above the ones that merely lead on to reading.
TABLE: list[Row] = [
    Row(
        "article",
        lambda a: a.kind == "emergency",
        Text("Die erste Stunde, Schritt für Schritt", "The first hour, step by step"),
        _fixed("/wissen/digitalisation-19/"),
    ),
    Row(
        "programmes",
        lambda a: a.topic == "funding" and a.kind in ("answer", "clarify"),
        Text("Welche Förderung passt zu uns? Selbst prüfen", "Which funding fits us? Check it yourself"),
        _programmes,
    ),
    Row(
        "events",
        lambda a: a.topic == "events" and a.kind in ("answer", "clarify", "refer"),
        Text("Die nächsten Termine ansehen", "See the next events"),
        _by_state("/termine/"),
    ),
    Row(
        "talk",
        lambda a: a.kind == "refer",
        Text("Mit einem Menschen sprechen", "Talk to a human"),
        _fixed("/gespraech/"),
    ),
    Row(
        "directory",
        lambda a: a.topic == "network" and a.kind in ("answer", "clarify"),
        Text("Wer im Netz kann helfen?", "Who in the network can help?"),
        _by_state("/netz/"),
    ),
    Row("start", lambda a: a.kind == "decline", Text("Eine andere Frage stellen", "Ask another question"), _fixed("/")),
    Row(
        "talk",
        lambda a: a.confidence == "none",
        Text("Mit einem Menschen sprechen", "Talk to a human"),
        _fixed("/gespraech/"),
    ),
    Row(
        "article",
        lambda a: bool(a.articles),
        Text("Den ganzen Artikel lesen", "Read the full article"),
        lambda a: f"{prefix(a.lang)}/wissen/{a.articles[0]}/",
    ),
    Row(
        "topic",
        lambda a: a.topic in ("digitalisation", "iot", "print3d", "industrie40", "business_models"),
        Text("Mehr zu diesem Thema", "More on this topic"),
        lambda a: f"{prefix(a.lang)}/thema/{a.topic}/",
    ),
]

#: Said where a demonstrator would help whose room has no row in the table yet: nobody is led to a page that is not there.
NOT_BUILT = {
    "print_check": Text(
        "Ein eigenes Teil hochladen und prüfen (Druck-Check) geht in dieser Ausgabe noch nicht.",
        "Uploading and checking a part of your own (print check) is not in this edition yet.",
    ),
    "iot": Text(
        "Eigene Maschinendaten hochladen und ansehen (IoT-Demonstrator) geht in dieser Ausgabe noch nicht.",
        "Uploading and viewing machine data of your own (IoT demonstrator) is not in this edition yet.",
    ),
    "twin": Text(
        "Einen digitalen Zwilling aus eigenen Angaben anlegen (Zwilling-Demonstrator) geht in dieser Ausgabe noch nicht.",
        "Making a digital twin from your own details (twin demonstrator) is not in this edition yet.",
    ),
    "business_simulation": Text(
        "Ein Geschäftsmodell mit eigenen Zahlen simulieren geht in dieser Ausgabe noch nicht.",
        "Simulating a business model with your own figures is not in this edition yet.",
    ),
    "readiness_check": Text(
        "Den Reifegrad-Check ausfüllen geht in dieser Ausgabe noch nicht.",
        "Taking the readiness check is not in this edition yet.",
    ),
}


def missing_demonstrator(answer: Answer) -> str:
    """Return the note on a demonstrator that would help and is not built yet, "" otherwise."""
    built = {row.kind for row in TABLE}
    if answer.kind not in ("answer", "clarify") or answer.demonstrator in built or answer.demonstrator not in NOT_BUILT:
        return ""
    return NOT_BUILT[answer.demonstrator].get(answer.lang)


LAST = Row("talk", lambda a: True, Text("Mit einem Menschen sprechen", "Talk to a human"), _fixed("/gespraech/"))


def next_step(answer: Answer, inquiry_id: str = "") -> NextStep:
    """Return the step that follows an answer; a talk begins with the answer kept under `inquiry_id`."""
    row = next((r for r in TABLE if r.applies(answer)), LAST)
    known = f"?antwort={inquiry_id}" if inquiry_id and row.kind == "talk" else ""
    return NextStep(row.kind, row.label.get(answer.lang), row.target(answer) + known)
