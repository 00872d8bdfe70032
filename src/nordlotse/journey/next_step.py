"""Which one step follows an answer: a table to which each room adds rows. A step leads only to a page that is filled."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from nordlotse.answers.core.answer import Answer
from nordlotse.foundation.language import Lang, Text


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


#: Several parts, and printing: what a question about a whole shelf speaks of.
_MANY = re.compile(
    r"ersatzteile\b|ersatzteilen\b|ersatzteillager|teilelisten?\b|teilesortiment|unserer? (?:\d[\d.]* )?teile[n]?\b|\b\d[\d.,]* (?:\w+ )?teile[n]?\b"
    r"|spare parts\b|parts lists?\b|list of parts|\bof our (?:\d[\d,]* )?(?:\w+ )?parts\b|\b\d[\d.,]* (?:\w+ )?parts\b",
    re.IGNORECASE,
)
_PRINT = re.compile(r"druck|print|additiv", re.IGNORECASE)
_WHICH = re.compile(r"\bwelche|\bwhich\b|lohn|\bworth\b|\bpays?\b|\bpaying\b|liste?\b|eignen|\bsuit", re.IGNORECASE)


def asks_for_many(answer: Answer) -> bool:
    """Return whether a question asks which of several parts are worth printing."""
    asked = answer.question
    return bool(_MANY.search(asked) and _PRINT.search(asked) and _WHICH.search(asked))


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
        "print_list",
        lambda a: a.kind in ("answer", "clarify", "refer") and asks_for_many(a),
        Text("Welche Ihrer Teile lohnen sich? Liste prüfen", "Which of your parts pay? Check a list"),
        _fixed("/druck/liste/"),
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
    Row(
        "readiness_check",
        lambda a: a.demonstrator == "readiness_check" and a.kind in ("answer", "clarify"),
        Text("Wo stehen wir? In zehn Minuten prüfen", "Where do we stand? Check it in ten minutes"),
        _fixed("/check/"),
    ),
    Row(
        "print_check",
        lambda a: a.demonstrator == "print_check" and a.kind in ("answer", "clarify"),
        Text("Ist unser Teil druckbar? Datei prüfen", "Can our part be printed? Check a file"),
        _fixed("/druck/"),
    ),
    Row(
        "iot",
        lambda a: a.demonstrator == "iot" and a.kind in ("answer", "clarify"),
        Text("Was sagt Ihre Maschine? Verbinden oder ansehen", "What does your machine say? Connect it or have a look"),
        _fixed("/maschinen/"),
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

#: Said where trying something out would help and its room has no row in the table yet: who shows it instead.
NOT_BUILT = {
    "twin": Text(
        "Einen digitalen Zwilling Ihrer Maschine legen wir hier noch nicht von selbst an. Eine Fachperson zeigt Ihnen einen.",
        "We do not make a digital twin of your machine by ourselves yet. An expert will show you one.",
    ),
    "business_simulation": Text(
        "Mit Ihren eigenen Zahlen rechnen wir hier noch nicht von selbst. Eine Fachperson rechnet es mit Ihnen durch.",
        "We do not calculate with your own figures by ourselves yet. An expert will go through them with you.",
    ),
}


#: Rooms in which something can be tried out: the kinds of rows that are demonstrators.
DEMONSTRATORS = ("print_check", "iot", "twin", "business_simulation", "readiness_check")

_PLAIN = Answer(
    question="",
    lang="de",
    kind="answer",
    topic="",
    confidence="found",
    score=0.0,
    sentences=(),
    sources=(),
    valid_on=date.min,
    warnings=(),
    ask_back=(),
    demonstrator="none",
    state=None,
    employees=None,
    mode="",
    ms=0.0,
)


def demonstrator(kind: str, lang: Lang) -> NextStep | None:
    """Return where something can be tried out, None if its room is not built (no row of the table leads there)."""
    row = next((r for r in TABLE if r.kind == kind and kind in DEMONSTRATORS), None)
    if row is None:
        return None
    return NextStep(kind, row.label.get(lang), row.target(replace(_PLAIN, lang=lang, demonstrator=kind)))


def missing_demonstrator(answer: Answer) -> str:
    """Return the note on something to try out that would help and is not built yet, "" otherwise."""
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
