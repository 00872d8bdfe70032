"""What a question asks for (a date, a number, a person …) and what a sentence has to offer."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Cues", "asked_kinds", "asked_roles", "cues_of"]

_KINDS = {
    "when": r"\b(wann|jahr|jahre|datum|when|year|date|jahrhundert|century|monat|month|frist|deadline)\b",
    "many": (
        r"\b(wie viele?|wieviele?|wie (?:hoch|lange?|oft|groß|weit|alt|schnell|schwer|teuer)"
        r"|how (?:many|much|long|far|old|large|big|often|tall|high|fast)|prozent|prozentsatz|anteil|percent|percentage"
        r"|anzahl|number|zahl|kosten|kostet|costs?|betrag|amount|preis|price)\b"
    ),
    "who": r"\b(wer|wem|wen|wessen|who|whom|whose)\b",
    "where": r"\b(wo|woher|wohin|where|stadt|land|city|country|ort|place)\b",
    "why": r"\b(warum|weshalb|wieso|why|grund|reason|wofür|wozu|zweck|purpose)\b",
    "called": r"\b(heißt|heißen|name|namen|genannt|bezeichnet|called|named|known|bezeichnung|begriff|term)\b",
    "how": r"^(wie|how)\b(?! (?:viel|many|much|lang|hoch))",
}
_QUESTION = {kind: re.compile(pattern) for kind, pattern in _KINDS.items()}

# What a section is for (see `article.ROLES`), in the words of those who ask for it.
_ROLES = {
    "cost": (
        r"\b(kosten\w*|kostet\w*|preis\w*|teuer\w*|billig\w*|günstig\w*|budget\w*|ausgeben|aufwand|euro|geld|bezahl\w*"
        r"|gebühr\w*|costs?|prices?|pricing|expensive|cheap|spend|fees?|pay)\b"
    ),
    "pitfalls": (
        r"\b(fehler\w*|falle\w*|scheiter\w*|gescheitert|schief\w*|irrt\w*|vermeid\w*|missverst\w*|mistakes?|pitfalls?"
        r"|fail\w*|wrong|avoid|misunderst\w*)\b"
    ),
    "next": (
        r"\b(anfang\w*|fangen?|fängt|angefangen|beginn\w*|starten?|start|loslegen|montag|erste[rn]? schritte?|vorgehen"
        r"|begin|first steps?|monday|get started)\b"
    ),
}
_ROLE = {role: re.compile(pattern) for role, pattern in _ROLES.items()}

_NUMBER_WORDS = frozenset(
    """
    zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig hundert tausend million millionen
    milliarde milliarden hälfte drittel viertel doppelt dutzend einmal zweimal dreimal
    two three four five six seven eight nine ten eleven twelve twenty thirty thousand billion half third quarter
    twice dozen hundred
    """.split()  # noqa: SIM905 - a hundred quotes would hide the words
)
_MONTH = re.compile(
    r"\b(januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember|january|february|march"
    r"|may|june|july|october|december|jahrhundert|century|jahrzehnt|decade)",
)
_YEAR = re.compile(r"(?<!\d)(?:1\d{3}|20\d{2})(?!\d)")
_BACK = re.compile(
    r"(?:diese[rsmn]?|er|sie|es|das|daher|dort|hier|dadurch|dabei|damit|heute|this|these|it|he|she|they|that|there"
    r"|such|his|her|their|seine?|ihre?|jedoch|auch)\b"
)
_REASON = re.compile(
    r"\b(weil|denn|wegen|aufgrund|because|due to|damit|deshalb|daher|since|therefore|so that|in order"
    r"|um [^,;.]{3,60} zu)\b"
)
_MEANS = re.compile(r"\b(durch|indem|mittels|mithilfe|by|through|using|via)\b")
_NAMING = re.compile(r"genannt|bekannt als|heißt|bezeichnet|called|known as|named|bezeichnung|[„“\"]")
_WORD = re.compile(r"\w[\w\-]*")
_LINKING = frozenset(["of", "von", "van", "de", "der", "und", "and", "the"])
_PLACE = frozenset(["in", "im", "am", "bei", "nach", "aus", "at", "from", "near", "to", "zwischen", "vor"])
_ARTICLE = frozenset(["der", "dem", "den", "the"])


@dataclass(frozen=True, slots=True)
class Cues:
    """What one sentence has to offer, independent of any question."""

    years: frozenset[str]
    month: bool
    number_words: bool
    refers_back: bool
    reason: bool
    means: bool
    naming: bool
    names: tuple[frozenset[str], ...]
    places: frozenset[str]


def asked_kinds(question: str) -> frozenset[str]:
    """Return which kinds of answer a question asks for: when, many, who, where, why, called, how; may be empty."""
    lowered = question.lower().strip()
    return frozenset(kind for kind, pattern in _QUESTION.items() if pattern.search(lowered))


def asked_roles(question: str) -> frozenset[str]:
    """Return which sections a question asks for by name: cost, pitfalls, next; may be empty."""
    lowered = question.lower()
    return frozenset(role for role, pattern in _ROLE.items() if pattern.search(lowered))


def cues_of(sentence: str) -> Cues:
    """Read the cues of a sentence; linear in its length."""
    lowered = sentence.lower()
    words = _WORD.findall(sentence)
    return Cues(
        years=frozenset(_YEAR.findall(sentence)),
        month=bool(_MONTH.search(lowered)),
        number_words=any(word in _NUMBER_WORDS for word in lowered.split()),
        refers_back=bool(_BACK.match(lowered)),
        reason=bool(_REASON.search(lowered)),
        means=bool(_MEANS.search(lowered)),
        naming=bool(_NAMING.search(lowered)),
        names=_names(words),
        places=_places(words),
    )


def _names(words: list[str]) -> tuple[frozenset[str], ...]:
    """Runs of two or more capitalised words, linking words allowed between them, in lower case."""
    runs: list[frozenset[str]] = []
    run: list[str] = []
    for word in [*words, ""]:
        if word[:1].isupper():
            run.append(word.lower())
        elif run and word in _LINKING:
            continue
        else:
            if len(run) > 1:
                runs.append(frozenset(run))
            run = []
    return tuple(runs)


def _places(words: list[str]) -> frozenset[str]:
    """Capitalised words after a preposition of place, in lower case."""
    found = set()
    for place, word in enumerate(words[1:], 1):
        before = words[place - 1].lower()
        if before in _ARTICLE and place > 1:
            before = words[place - 2].lower()
        if word[:1].isupper() and before in _PLACE:
            found.add(word.lower())
    return frozenset(found)
