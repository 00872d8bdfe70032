"""What a question says in passing: its language and the state and size of the firm. Pure functions."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from functools import cache
from importlib import resources

from nordlotse.answers.core.numerals import Number, numbers_in
from nordlotse.answers.core.stopwords import ENGLISH, GERMAN
from nordlotse.foundation.german import fold
from nordlotse.foundation.language import Lang
from nordlotse.foundation.region import State

__all__ = ["employees", "language", "state"]

_READ = 2_000
_DATA = "nordlotse.answers.core.data"

# ---- language ----

_LETTERS = re.compile(r"[^\W\d_]+")
_ASCII = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_FIRST_GERMAN = frozenset(
    {"was", "die", "man", "hat", "will", "bin"}
)  # English words too, but not at the beginning of a question
_BOTH = GERMAN & ENGLISH
_FUNCTION_WORD = 3.0
_UMLAUT = 3.0
_WORD_LIMIT = 3.0  # one odd word must not outvote a sentence
_MORE_GERMAN = frozenset(
    [
        "bitte",
        "hallo",
        "moin",
        "gibt",
        "geht",
        "was",
        "ist",
        "danke",
        "uns",
        "euch",
        "gern",
        "mal",
        "nix",
        "viel",
        "mehr",
        "neu",
    ]
)
_MORE_ENGLISH = frozenset(
    [
        "please",
        "hi",
        "hello",
        "need",
        "us",
        "any",
        "some",
        "much",
        "many",
        "about",
        "get",
        "does",
        "thanks",
        "new",
        "cost",
        "costs",
        "funding",
        "grant",
        "grants",
        "how",
    ]
)
# Written alike in both languages or international jargon: says nothing.
_NEITHER = frozenset(
    [
        "in",
        "an",
        "am",
        "man",
        "also",
        "was",
        "war",
        "will",
        "so",
        "die",
        "hat",
        "bin",
        "rat",
        "art",
        "gut",
        "pay",
        "per",
        "use",
        "data",
        "act",
        "software",
        "hardware",
        "cloud",
        "server",
        "sensor",
        "sensors",
        "retrofit",
        "predictive",
        "maintenance",
        "edge",
        "gateway",
        "open",
        "source",
        "digital",
        "industrie",
        "smart",
        "shop",
        "system",
        "internet",
        "service",
        "update",
        "support",
        "machine",
        "learning",
        "test",
        "app",
        "web",
        "online",
        "email",
        "hamburg",
        "monitoring",
        "shopfloor",
        "dashboard",
        "management",
        "opc",
        "ua",
        "mqtt",
        "erp",
        "mes",
        "crm",
        "dms",
        "oee",
        "sps",
        "plc",
        "aas",
        "vws",
        "vs",
        "nis",
        "cra",
        "stl",
        "api",
        "tool",
        "workshop",
        "controlling",
        "team",
    ]
)
_LOANS = re.compile(r"\b(?:as a service|best of|end to end|end of life|made in|open source|state of the art)\b")


def _grams(word: str) -> list[str]:
    padded = f" {word} "
    return [padded[i : i + 3] for i in range(len(padded) - 2)]


@cache
def _gram_odds() -> dict[str, float]:
    """Log odds German : English of letter trigrams, learned from the router's training questions."""
    counts: dict[str, Counter[str]] = {"de": Counter(), "en": Counter()}
    text = resources.files(_DATA).joinpath("router_training.jsonl").read_text(encoding="utf-8")
    for line in text.splitlines():
        row = json.loads(line)
        lowered = str(row["question"]).lower()
        for spelling in {lowered, lowered.translate(_ASCII)}:
            for word in _LETTERS.findall(spelling):
                counts[row["lang"]].update(_grams(word))
    total = {lang: sum(c.values()) for lang, c in counts.items()}
    both = set(counts["de"]) | set(counts["en"])
    share = len(both) * 0.5
    return {
        gram: math.log((counts["de"][gram] + 0.5) / (total["de"] + share))
        - math.log((counts["en"][gram] + 0.5) / (total["en"] + share))
        for gram in both
    }


def _word_odds(word: str) -> float:
    if word in _NEITHER:
        return 0.0
    german = word in _MORE_GERMAN or (word in GERMAN and word not in _BOTH)
    english = word in _MORE_ENGLISH or (word in ENGLISH and word not in _BOTH)
    if german != english:
        return _FUNCTION_WORD if german else -_FUNCTION_WORD
    if any(c in "äöüß" for c in word):
        return _UMLAUT
    if len(word) < 3:
        return 0.0
    odds = _gram_odds()
    total = sum(odds.get(gram, 0.0) for gram in _grams(word)) * 0.4
    return max(-_WORD_LIMIT, min(_WORD_LIMIT, total))


def language(text: str, default: Lang = "de") -> Lang:
    """Return the language of a question by function words, umlauts and letter trigrams; `default` if nothing speaks."""
    words = _LETTERS.findall(_LOANS.sub(" ", text[:_READ].lower()))
    score = sum(_word_odds(word) for word in words)
    if words and words[0] in _FIRST_GERMAN:
        score += _FUNCTION_WORD
    if abs(score) < 0.5:
        return default
    return "de" if score > 0 else "en"


# ---- state ----

_WORDS = re.compile(r"[^\W\d_]+")
_CODES = re.compile(r"(?<![\w.@/-])(HH|SH|S-H|MV|M-V)(?![\w@]|-\w)")
_LOWER_CODES = re.compile(r"\b(?:in|aus|fuer|für|from|for)[ ]+(sh|mv|hh|s-h|m-v)\b")
_TOWN_WORDS = {
    "heide",
    "wedel",
    "barth",
    "holstein",
    "angeln",
    "horst",
}  # also surnames or things: need "in", "aus", "bei"
_BEFORE_TOWN = {"in", "aus", "bei", "nahe", "from", "near", "raum", "kreis", "standort"}
_ENDINGS = ("er", "ern", "ers", "s", "isch", "ische", "ischen", "ischer", "ischem")
_LONGEST = 5


@cache
def _places() -> dict[tuple[str, ...], State]:
    rows = json.loads(resources.files(_DATA).joinpath("places.json").read_text(encoding="utf-8"))
    places: dict[tuple[str, ...], State] = {}
    for code in State:
        for name in rows[code.value]:
            places[tuple(_WORDS.findall(fold(name)))] = code
    return places


def _place_at(words: list[str], i: int) -> tuple[State | None, int]:
    """Return the state whose place name starts at word `i` and how many words the name has."""
    places = _places()
    for length in range(min(_LONGEST, len(words) - i), 0, -1):
        found = places.get(tuple(words[i : i + length]))
        if found is not None:
            return found, length
    word = words[i]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            found = places.get((word[: -len(ending)],))
            if found is not None and word[: -len(ending)] not in _TOWN_WORDS:
                return found, 1
    return None, 1


def state(text: str) -> State | None:
    """Return the state named by state, town, district or code; None if none or several different ones are named."""
    read = text[:_READ]
    found = {State(code.replace("-", "")) for code in _CODES.findall(read)}
    found |= {State(code.replace("-", "").upper()) for code in _LOWER_CODES.findall(read.lower())}
    words = _WORDS.findall(fold(read))
    i = 0
    while i < len(words):
        one, length = _place_at(words, i)
        doubtful = length == 1 and words[i] in _TOWN_WORDS
        if one is not None and not (doubtful and (i == 0 or words[i - 1] not in _BEFORE_TOWN)):
            found.add(one)
        i += length
    return found.pop() if len(found) == 1 else None


# ---- employees ----

_PEOPLE = (
    "mitarbeit", "beschaftigt", "angestellt", "leute", "personen", "person", "kopfe", "mann", "manner", "menschen",
    "people", "employee", "staff", "worker", "arbeitnehmer", "vollzeit", "arbeitskraft", "kopf", "heads", "fte",
)  # fmt: skip
_PEOPLE_WHOLE = {"ma", "fte", "hands", "mannbetrieb"}
_BETWEEN = {
    "fest", "feste", "fester", "gewerbliche", "gewerblichen", "eigene", "full", "time", "fulltime", "insgesamt", "ca",
    "total", "vollzeit", "angestellte", "nette", "gute", "kluge", "sozialversicherungspflichtige", "sozialversicherungspflichtig",
    "permanent", "und", "mehr", "or", "so", "oder",
}  # fmt: skip
# "ab 50 Mitarbeitern" is a rule's limit, not the asker's firm.
_LIMITS = {
    "ab", "unter", "uber", "bis", "mindestens", "maximal", "hochstens", "als", "under", "over", "above", "below",
    "than", "least", "most", "from", "upto", "max", "min", "je", "pro", "per", "jeder", "jede",
}  # fmt: skip
_FIRM = (
    "betrieb", "firma", "unternehmen", "team", "company", "firm", "business", "shop", "werkstatt", "workshop",
    "tischlerei", "spedition", "maschinenbauer", "handwerksbetrieb", "kleinbetrieb", "belegschaft", "workforce", "crew",
)  # fmt: skip
_FIRM_LINK = {"mit", "von", "of", "with", "a", "aus", "zu"}
_UNITS = (
    "km", "kilometer", "meter", "jahr", "year", "prozent", "percent", "euro", "eur", "tag", "day", "minute", "stunde",
    "hour", "standort", "maschin", "machine", "stuck", "piece", "grad", "degree", "monat", "month", "woche", "week",
    "mio", "million", "tausend", "tsd", "qm", "anlage", "filiale", "site", "uhr", "rechner", "pc", "artikel", "teil",
    "part", "kunde", "customer", "lkw", "truck", "fahrzeug", "prozess", "punkt", "platz", "lizenz", "user", "grunder",
)  # fmt: skip
_MOST = 100_000


def _people(word: str) -> bool:
    return word in _PEOPLE_WHOLE or any(word.startswith(stem) for stem in _PEOPLE)


def _unit(word: str) -> bool:
    return word in {"m", "k", "h", "t", "%", "€", "mm", "cm"} or any(word.startswith(u) for u in _UNITS)


def _says_people(number: Number, words: list[str]) -> bool:
    """Whether a noun for people follows the number, with at most two harmless words between."""
    after = words[number.end : number.end + 3]
    for word in after:
        if _people(word):
            return True
        if word not in _BETWEEN:
            return False
    return False


def _says_firm(number: Number, words: list[str]) -> bool:
    """Whether the words before say that the number is the size of the asker's firm."""
    before = words[max(0, number.start - 4) : number.start]
    after = words[number.end] if number.end < len(words) else ""
    if _unit(after) or after in {"%", "€"}:
        return False
    joined = " ".join(before)
    if joined.endswith(("wir sind", "sind wir", "we are", "we re", "sind nur", "are only", "are just", "sind etwa",
                        "sind rund", "sind ca", "are about", "staff of", "headcount of", "mitarbeiterzahl",
                        "sind knapp", "sind gut", "employees", "mitarbeiter", "beschaftigte", "sind hier")):  # fmt: skip
        return True
    if len(before) >= 2 and before[-1] in _FIRM_LINK:
        return any(before[-2].endswith(firm) or before[-2].startswith(firm) for firm in _FIRM)
    return False


def employees(text: str) -> int | None:
    """Return how many people the asker's firm has, None if the text does not say it.

    Understands "30 Leute", "40-Mann-Betrieb", "zu zwölft", "20-person firm", "zwischen 20 und 30 Mitarbeiter" (the
    middle). Limits of rules ("ab 50 Mitarbeitern"), years, money, pieces and machines are not taken.
    """
    words, numbers = numbers_in(fold(text[:_READ]))
    strong = [n for n in numbers if n.group_word or _says_firm(n, words)]
    weak = [n for n in numbers if _says_people(n, words) and not (n.start and words[n.start - 1] in _LIMITS)]
    for number in [n for n in weak if n in strong] + weak + strong:
        if 1 <= number.value <= _MOST:
            return number.value
    return None
