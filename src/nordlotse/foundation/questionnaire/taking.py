"""One answer as it comes in (from a page, a file, a program) becomes an answer as it is kept, or something to mend."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nordlotse.foundation.language import NOTHING, Text
from nordlotse.foundation.questionnaire.form import DONT_KNOW, NOT_APPLICABLE, Kind, Question
from nordlotse.foundation.questionnaire.functions import MAX_NUMBER

#: An answer as it is kept: a choice's name, several names in the order of the form, a number, or words.
Answer = str | int | float | tuple[str, ...]

#: Longest text somebody may answer, in characters.
MAX_TEXT: Final = 4000


@dataclass(frozen=True, slots=True)
class Mend:
    """What has to be mended in one answer: the question, a code, what is wrong, what to do."""

    question: str
    code: str
    message: Text
    remedy: Text = NOTHING


#: Takes one raw answer; None where it is empty.
Taker = Callable[[object], Answer | Mend | None]


def taker(question: Question) -> Taker:
    """Return the function that takes the answers to this question; it never raises, whatever comes in."""
    if question.kind is Kind.SELECT_ONE:
        return _one(question)
    if question.kind is Kind.SELECT_MULTIPLE:
        return _several(question)
    if question.kind in (Kind.INTEGER, Kind.DECIMAL):
        return _number(question)
    if question.kind is Kind.TEXT:
        return _words(question)
    return _none(question)


def shown(raw: object) -> str:
    """Return a short printable form of anything, for messages."""
    if isinstance(raw, str):
        words = raw
    elif isinstance(raw, (bool, float)) or raw is None or (isinstance(raw, int) and abs(raw) < 10**30):
        words = str(raw)
    else:
        words = type(raw).__name__
    kept = "".join(c for c in words[:60] if c.isprintable())
    return f"{kept[:40]}…" if len(kept) > 40 else kept


def unknown_question(name: object, known: tuple[str, ...]) -> Mend:
    """Return what to say about an answer to a question that the form does not have."""
    words = shown(name)
    close = difflib.get_close_matches(words, known, 1)
    remedy = Text(f"Gemeint ist vielleicht „{close[0]}“.", f"Perhaps “{close[0]}” is meant.") if close else _NAMES
    return Mend(
        words,
        "unknown_question",
        Text(f"Die Frage „{words}“ gibt es nicht.", f"There is no question “{words}”."),
        remedy,
    )


_NAMES = Text("Bitte die Namen der Fragen prüfen.", "Check the names of the questions.")


def _wrong_type(question: Question, raw: object, de: str, en: str) -> Mend:
    kinds = {
        dict: "object",
        list: "list",
        tuple: "list",
        bool: "true/false",
        str: "text",
        int: "number",
        float: "number",
    }
    kind = kinds.get(type(raw), type(raw).__name__)
    return Mend(
        question.name,
        "wrong_type",
        Text(f"Diese Antwort hat die falsche Art ({kind}).", f"This answer has the wrong type ({kind})."),
        Text(de, en),
    )


def _unknown_choice(question: Question, raw: object) -> Mend:
    words = shown(raw)
    names = [c.name for c in question.choices]
    listed = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    return Mend(
        question.name,
        "unknown_choice",
        Text(f"Die Antwort „{words}“ gibt es hier nicht.", f"There is no answer “{words}” here."),
        Text(f"Möglich sind: {listed}, {DONT_KNOW}.", f"Possible are: {listed}, {DONT_KNOW}."),
    )


def _name(raw: object) -> str | None:
    """A choice's name as programs write it: words, or a whole number for a name that is one."""
    if isinstance(raw, str):
        return raw.strip()
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int):
        return str(raw) if abs(raw) <= MAX_NUMBER else "…"
    if isinstance(raw, float) and raw.is_integer() and abs(raw) <= MAX_NUMBER:
        return str(int(raw))
    return None


def _one(question: Question) -> Taker:
    accepted = {c.name for c in question.choices} | {DONT_KNOW}

    def take(raw: object) -> Answer | Mend | None:
        name = _name(raw)
        if name is None:
            return _wrong_type(
                question,
                raw,
                "Bitte den Namen einer Auswahl angeben, als Text.",
                "Give the name of one choice, as text.",
            )
        if not name:
            return None
        return name if name in accepted else _unknown_choice(question, raw)

    return take


def _several(question: Question) -> Taker:
    order = tuple(c.name for c in question.choices)
    accepted = frozenset(order)
    alone = frozenset(c.name for c in question.choices if c.exclusive) | {DONT_KNOW, NOT_APPLICABLE}

    plain = accepted - alone

    def take(raw: object) -> Answer | Mend | None:
        if isinstance(raw, (list, tuple)):
            try:
                chosen = set(raw)
            except TypeError:
                return slowly(raw)
            # nearly all answers are like this, and this is the loop that companies wait for
            return tuple(filter(chosen.__contains__, order)) if chosen <= plain else slowly(raw)
        return slowly(raw)

    def slowly(raw: object) -> Answer | Mend | None:
        if isinstance(raw, str):
            # as XForms writes several names, with spaces between
            raw = raw[:MAX_TEXT].split() or None
        if raw is None:
            return None
        if not isinstance(raw, (list, tuple)):
            return _wrong_type(
                question, raw, 'Bitte eine Liste von Namen angeben: ["a", "b"].', 'Give a list of names: ["a", "b"].'
            )
        chosen: set[str] = set()
        for one in raw:
            name = _name(one)
            if name is None:
                return _wrong_type(
                    question, one, "In der Liste stehen Namen als Text.", "The list holds names, as text."
                )
            if name not in accepted and name != DONT_KNOW:
                return _unknown_choice(question, one)
            chosen.add(name)
        return together(chosen)

    def together(chosen: set[str]) -> Answer | Mend:
        if len(chosen) > 1 and chosen & alone:
            return _not_alone(question, next(n for n in (*order, DONT_KNOW) if n in chosen and n in alone))
        if len(chosen) == 1 and chosen & {DONT_KNOW, NOT_APPLICABLE}:
            return chosen.pop()
        return tuple(filter(chosen.__contains__, order))

    return take


def _not_alone(question: Question, name: str) -> Mend:
    choice = question.choice(name)
    de, en = (choice.label.de, choice.label.en or choice.label.de) if choice else ("weiß nicht", "don't know")
    return Mend(
        question.name,
        "exclusive_choice",
        Text(f"„{de}“ passt nicht zu weiteren Kreuzen.", f"“{en}” does not go with other ticks."),
        Text("Bitte nur dieses Kreuz lassen oder es entfernen.", "Keep this tick alone, or remove it."),
    )


_DIGITS = re.compile(r"[+-]?[0-9]{1,15}\Z")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:[.   '][0-9]{3}){1,4}\Z")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,15}(?:[.,][0-9]{0,15})?|[.,][0-9]{1,15})\Z")


def _number(question: Question) -> Taker:
    whole = question.kind is Kind.INTEGER

    def take(raw: object) -> Answer | Mend | None:
        if isinstance(raw, str):
            words = raw.strip()
            if words in ("", DONT_KNOW):
                return words or None
            raw = _read(words, whole)
            if raw is None:
                return _no_number(question, words)
        if isinstance(raw, bool) or not isinstance(raw, (int, float)):
            return _wrong_type(question, raw, "Bitte eine Zahl angeben.", "Give a number.")
        if not (-MAX_NUMBER <= raw <= MAX_NUMBER):  # also NaN
            return _no_number(question, raw)
        if not whole:
            return raw
        return int(raw) if float(raw).is_integer() else _not_whole(question, raw)

    return take


def _read(words: str, whole: bool) -> int | float | None:
    """A number as people write it: 1200, 1.200 (whole numbers only), 12,5, 12.5."""
    if _DIGITS.match(words):
        return int(words)
    if whole and _GROUPED.match(words):
        return int(re.sub(r"[^0-9+\-]", "", words))
    if _DECIMAL.match(words) and any(c.isdigit() for c in words):
        number = float(words.replace(",", "."))
        return number if math.isfinite(number) else None
    return None


def _no_number(question: Question, raw: object) -> Mend:
    words = shown(raw)
    return Mend(
        question.name,
        "not_a_number",
        Text(f"„{words}“ ist keine Zahl, die wir lesen.", f"“{words}” is not a number we read."),
        Text("Bitte nur Ziffern, höchstens 15, zum Beispiel 40.", "Use digits only, at most 15, such as 40."),
    )


def _not_whole(question: Question, raw: object) -> Mend:
    return Mend(
        question.name,
        "not_whole",
        Text(f"„{shown(raw)}“ ist keine ganze Zahl.", f"“{shown(raw)}” is not a whole number."),
        Text("Bitte auf eine ganze Zahl runden.", "Round it to a whole number."),
    )


def _words(question: Question) -> Taker:
    def take(raw: object) -> Answer | Mend | None:
        if isinstance(raw, bool) or not isinstance(raw, (str, int, float)):
            return _wrong_type(question, raw, "Bitte Text angeben.", "Give text.")
        words = raw if isinstance(raw, str) else shown(raw)
        if len(words) > MAX_TEXT:
            return Mend(
                question.name,
                "text_too_long",
                Text(f"Der Text hat mehr als {MAX_TEXT} Zeichen.", f"The text has more than {MAX_TEXT} characters."),
                Text("Bitte kürzen.", "Shorten it."),
            )
        # what cannot be printed cannot be stored everywhere either (a zero byte, half a character pair)
        return "".join(c for c in words if c.isprintable() or c == "\n").strip() or None

    return take


def _none(question: Question) -> Taker:
    def take(raw: object) -> Answer | Mend | None:
        return Mend(
            question.name,
            "not_a_question",
            Text("Diese Zeile nimmt keine Antwort an.", "This row takes no answer."),
            Text("Bitte die Antwort weglassen.", "Leave the answer out."),
        )

    return take
