"""The taxonomy: topics under the centre's five subjects, methods, sectors; and which of them a free text speaks of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import yaml

from nordlotse.foundation.german import fold
from nordlotse.foundation.language import Text
from nordlotse.network.core.words import LONGEST_TEXT, stem

__all__ = ["SUBJECTS", "Kind", "Suggestion", "Tag", "by_id", "suggest", "taxonomy"]

SUBJECTS = {
    "digitalisation": Text("Digitalisierung im Betrieb", "Digitalisation of the company"),
    "iot": Text("Internet der Dinge und Maschinendaten", "Internet of Things and machine data"),
    "print3d": Text("3D-Druck und Konstruktion", "3D printing and design"),
    "industrie40": Text("Industrie 4.0", "Industrie 4.0"),
    "business_models": Text("Geschäftsmodelle und Finanzierung", "Business models and finance"),
}
"""The five subjects topics belong to, by the centre's names of them."""

_PART_LETTERS = 6
"""A plain word counts as part of a compound from this length: shorter ones turn up inside unrelated words."""

_LONGEST_NAME = 4
_WORD = re.compile(r"[^\W_]+")


class Kind(StrEnum):
    """What a tag is: something one knows about, something one does, or a sector one knows."""

    TOPIC = "topic"
    METHOD = "method"
    SECTOR = "sector"


@dataclass(frozen=True, slots=True)
class Tag:
    """One entry. `subject` for topics (see `SUBJECTS`), `wz` for sectors: section or division of WZ 2008."""

    id: str
    kind: Kind
    name: Text
    words: tuple[str, ...]
    subject: str = ""
    wz: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A tag found in a text, the words that speak for it (as written), and how sure: 0.6 for one word, to 1 for many."""

    tag: str
    evidence: tuple[str, ...]
    strength: float


def _tag(raw: Mapping[str, Any], kind: Kind) -> Tag:
    words = tuple(str(word) for word in raw["words"])
    return Tag(
        str(raw["id"]), kind, Text(raw["de"], raw["en"]), words, str(raw.get("subject", "")), str(raw.get("wz", ""))
    )


@cache
def taxonomy() -> tuple[Tag, ...]:
    """Return all tags in the order of the file: topics, methods, sectors."""
    text = resources.files("nordlotse.network.core.data").joinpath("taxonomy.yaml").read_text(encoding="utf-8")
    raw = yaml.safe_load(text)
    groups = (("topics", Kind.TOPIC), ("methods", Kind.METHOD), ("sectors", Kind.SECTOR))
    return tuple(_tag(entry, kind) for group, kind in groups for entry in raw[group])


@cache
def by_id() -> Mapping[str, Tag]:
    """Return the tags by their id."""
    return {tag.id: tag for tag in taxonomy()}


@dataclass(frozen=True, slots=True)
class _Names:
    """How names are looked up: whole (as a run of stems), by beginning, by ending; each leads to tag ids."""

    whole: Mapping[tuple[str, ...], tuple[str, ...]]
    starts: Mapping[str, tuple[str, ...]]
    ends: Mapping[str, tuple[str, ...]]


def _add(names: dict[Any, tuple[str, ...]], key: Any, tag: str) -> None:
    if tag not in names.get(key, ()):
        names[key] = (*names.get(key, ()), tag)


@cache
def _names() -> _Names:
    whole: dict[tuple[str, ...], tuple[str, ...]] = {}
    starts: dict[str, tuple[str, ...]] = {}
    ends: dict[str, tuple[str, ...]] = {}
    for tag in taxonomy():
        for written in tag.words:
            words = _WORD.findall(fold(written))
            open_end = written.endswith("*")
            _add(whole, tuple(stem(word) for word in words), tag.id)
            if len(words) > 1:
                if open_end:
                    _add(whole, (*(stem(word) for word in words[:-1]), words[-1] + "*"), tag.id)
                continue
            if open_end:
                _add(starts, words[0], tag.id)
            if written.startswith("*"):
                _add(ends, words[0], tag.id)
            elif len(words[0]) >= _PART_LETTERS:
                _add(starts, words[0], tag.id)
                _add(ends, words[0], tag.id)
                _add(ends, stem(words[0]), tag.id)
    return _Names(whole, starts, ends)


@lru_cache(maxsize=50_000)
def _of_word(word: str) -> frozenset[str]:
    """The tags one folded word speaks of: as a whole, by its beginning or by its end."""
    names, root = _names(), stem(word)
    found = set(names.whole.get((root,), ())) | set(names.whole.get((word,), ()))
    for cut in range(2, len(word) + 1):
        found.update(names.starts.get(word[:cut], ()))
    for cut in range(len(word) - _PART_LETTERS + 1):
        found.update(names.ends.get(word[cut:], ()))
    for cut in range(max(0, len(root) - _PART_LETTERS + 1)):
        found.update(names.ends.get(root[cut:], ()))
    return frozenset(found)


def _of_run(folded: list[str], start: int, length: int) -> tuple[str, ...]:
    """The tags a run of several words speaks of; the last may go on ("smart service*")."""
    whole = _names().whole
    run = tuple(stem(word) for word in folded[start : start + length])
    found = whole.get(run, ())
    if found:
        return found
    last = folded[start + length - 1]
    for cut in range(len(last), 1, -1):
        found = whole.get((*run[:-1], last[:cut] + "*"), ())
        if found:
            return found
    return ()


@lru_cache(maxsize=8_000)
def suggest(text: str) -> tuple[Suggestion, ...]:
    """Return the tags a free text speaks of, surest first, each with the words that say so.

    Denials are not looked at: hand a profile through `words.claims` first.
    """
    written = _WORD.findall(text[:LONGEST_TEXT])
    folded = [fold(word) for word in written]
    evidence: dict[str, list[str]] = {}
    for i, word in enumerate(folded):
        for tag in sorted(_of_word(word)):
            evidence.setdefault(tag, []).append(written[i])
        for length in range(2, min(_LONGEST_NAME, len(folded) - i) + 1):
            for tag in _of_run(folded, i, length):
                evidence.setdefault(tag, []).append(" ".join(written[i : i + length]))
    found = []
    for tag, words in evidence.items():
        distinct = tuple(dict.fromkeys(words))
        found.append(Suggestion(tag, distinct, round(1 - 0.4 ** len({fold(w) for w in distinct}), 3)))
    order = {tag.id: place for place, tag in enumerate(taxonomy())}
    return tuple(sorted(found, key=lambda s: (-s.strength, order[s.tag])))
