"""Fixed rules for what is sure and must not be missed: attacks under way, hidden instructions, insults, empty input."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from nordlotse.answers.core.understand import KINDS, Kind
from nordlotse.foundation.german import fold
from nordlotse.foundation.problem import BadInput

__all__ = ["Rule", "fitting", "load_rules", "says_nothing"]

_WORDS = re.compile(r"[^\W_]+")
_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_MOST_WORDS = 400
_SPELLED_OUT = 5  # so many single letters in a row are one word pulled apart


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: fits when a phrase of every group of `needs` occurs, none of `unless`, at most `longest` words."""

    id: str
    kind: Kind
    card: str
    needs: tuple[tuple[str, ...], ...]
    unless: tuple[str, ...] = ()
    longest: int = _MOST_WORDS


class _Text:
    """The words of a question, ready for phrase look-up."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = list(words)
        self._line = " " + " ".join(self.words) + " "

    def has(self, phrase: str) -> bool:
        """Whether the phrase occurs as whole words; "x*" begins so, "*x" ends so."""
        start = "" if phrase.startswith("*") else " "
        end = "" if phrase.endswith("*") else " "
        return f"{start}{phrase.strip('*')}{end}" in self._line


def _join_letters(words: Sequence[str]) -> list[str]:
    """Join runs of single letters ("i g n o r e" → "ignore")."""
    joined: list[str] = []
    run: list[str] = []
    for word in [*words, ""]:
        if len(word) == 1 and word.isalpha():
            run.append(word)
            continue
        joined.extend(["".join(run)] if len(run) >= _SPELLED_OUT else run)
        run = []
        if word:
            joined.append(word)
    return joined


def _readings(cleaned: str) -> list[_Text]:
    """The question as written and, when it looks disguised, with digits read as letters and letters joined."""
    folded = fold(cleaned)
    plain = _WORDS.findall(folded)[:_MOST_WORDS]
    readings = [_Text(plain)]
    if any(c in folded for c in "0134578@$") and any(
        any(x.isdigit() for x in w) and any(x.isalpha() for x in w) for w in plain
    ):
        readings.append(_Text(_WORDS.findall(folded.translate(_LEET))[:_MOST_WORDS]))
    joined = _join_letters(plain)
    if len(joined) != len(plain):
        readings.append(_Text(joined))
    return readings


def _rule(raw: Mapping[str, Any], where: str) -> Rule:
    if not isinstance(raw.get("id"), str) or raw.get("kind") not in KINDS or not raw.get("all") or not raw.get("card"):
        raise BadInput(
            "rule_incomplete",
            de="Eine Regel ist unvollständig.",
            en="A rule is incomplete.",
            where=where,
            remedy_de="id, kind, card und mindestens eine Gruppe unter all angeben.",
            remedy_en="Give id, kind, card and at least one group under all.",
        )
    needs = tuple(tuple(fold(str(p)) for p in group) for group in raw["all"])
    unless = tuple(fold(str(p)) for p in raw.get("none", ()))
    return Rule(raw["id"], raw["kind"], raw["card"], needs, unless, int(raw.get("longest", _MOST_WORDS)))


@cache
def load_rules() -> tuple[Rule, ...]:
    """Return the rules shipped with the package, in the order they are tried.

    Raises:
        BadInput: a rule lacks id, kind, card or phrases.
    """
    text = resources.files("nordlotse.answers.core.data").joinpath("rules.yaml").read_text(encoding="utf-8")
    return tuple(_rule(raw, f"rules.yaml, rule {i + 1}") for i, raw in enumerate(yaml.safe_load(text)))


def fitting(cleaned: str) -> Rule | None:
    """Return the first rule that fits a tidied question, None if none does. Linear in the length of the text."""
    readings = _readings(cleaned)
    for rule in load_rules():
        for text in readings:
            if len(text.words) > rule.longest:
                continue
            if all(any(text.has(p) for p in group) for group in rule.needs) and not any(
                text.has(p) for p in rule.unless
            ):
                return rule
    return None


def says_nothing(cleaned: str) -> bool:
    """Whether there is no word to go by: empty, one character, only digits, signs or pictures."""
    return sum(c.isalpha() for c in cleaned) < 2
