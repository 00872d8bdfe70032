"""The taxonomy: topics under the centre's five subjects, methods, sectors; and which of them a free text speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from math import prod
from typing import Any

import yaml

from nordlotse.foundation.german import fold
from nordlotse.foundation.language import Text
from nordlotse.network.core.words import LONGEST_TEXT, folded_word, stem

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

_STEMMED_LETTERS = 5

_DOUBT = 0.4
"""What doubt one name of a tag leaves; several multiply."""

_DOUBT_PRACTICE = 0.6
"""The same for a word of practice."""

_WORD = re.compile(r"[^\W_]+")


class Kind(StrEnum):
    """What a tag is: something one knows about, something one does, or a sector one knows."""

    TOPIC = "topic"
    METHOD = "method"
    SECTOR = "sector"


@dataclass(frozen=True, slots=True)
class Tag:
    """One entry. `subject` for topics (see `SUBJECTS`), `wz` for sectors: section or division of WZ 2008.

    `words` name it; `practice` are words of companies that do not know the term and speak for it less surely.
    """

    id: str
    kind: Kind
    name: Text
    words: tuple[str, ...]
    practice: tuple[str, ...] = ()
    subject: str = ""
    wz: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A tag found in a text, the words that speak for it (as written), and how sure: 0.6 for one name, 0.4 for one word of practice, to 1 for many."""

    tag: str
    evidence: tuple[str, ...]
    strength: float


def _tag(raw: Mapping[str, Any], kind: Kind) -> Tag:
    words, practice = (tuple(str(word) for word in raw.get(key, ())) for key in ("words", "practice"))
    name = Text(raw["de"], raw["en"])
    return Tag(str(raw["id"]), kind, name, words, practice, str(raw.get("subject", "")), str(raw.get("wz", "")))


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


_Marks = tuple[tuple[str, bool], ...]
"""Tags with whether the name is one of practice."""


@dataclass(frozen=True, slots=True)
class _Names:
    """How names are looked up: whole (as a run of stems), by beginning, by ending."""

    whole: Mapping[tuple[str, ...], _Marks]
    starts: Mapping[str, _Marks]
    ends: Mapping[str, _Marks]


def _add(names: dict[Any, _Marks], key: Any, mark: tuple[str, bool]) -> None:
    if mark not in names.get(key, ()):
        names[key] = (*names.get(key, ()), mark)


def _root(words: Sequence[str]) -> tuple[str, ...]:
    """The stems of words; a short word stays as it is ("DOE" is not "do")."""
    return tuple(stem(word) if len(word) >= _STEMMED_LETTERS else word for word in words)


@cache
def _names() -> _Names:
    whole: dict[tuple[str, ...], _Marks] = {}
    starts: dict[str, _Marks] = {}
    ends: dict[str, _Marks] = {}
    spoken = [(tag, name, False) for tag in taxonomy() for name in tag.words]
    spoken += [(tag, name, True) for tag in taxonomy() for name in tag.practice]
    for tag, written, practice in spoken:
        words, mark = _WORD.findall(fold(written)), (tag.id, practice)
        _add(whole, _root(words), mark)
        if len(words) > 1:
            if written.endswith("*"):
                _add(whole, (*_root(words[:-1]), words[-1] + "*"), mark)
            continue
        in_compounds = len(words[0]) >= _PART_LETTERS and not practice
        if written.endswith("*") or in_compounds:
            _add(starts, words[0], mark)
        if written.startswith("*") or (in_compounds and not written.endswith("*")):
            _add(ends, words[0], mark)
            if len(stem(words[0])) >= _PART_LETTERS:
                _add(ends, stem(words[0]), mark)
    return _Names(whole, starts, ends)


@lru_cache(maxsize=50_000)
def _of_word(word: str) -> _Marks:
    """What one folded word speaks of: as a whole, by its beginning or by its end."""
    names, root = _names(), _root([word])[0]
    found = set(names.whole.get((root,), ()))
    begun = 0
    for cut in range(2, len(word) + 1):
        if marks := names.starts.get(word[:cut], ()):
            found.update(marks)
            begun = cut
    for form in (word, root):
        for cut in range(len(form) - 2):
            # "nachrüsten" begins with "nachrüst": that it also ends with "rüsten" (to set up a machine) is chance.
            if not 0 < cut < begun < len(word):
                found.update(names.ends.get(form[cut:], ()))
    return tuple(sorted(found))


def _of_run(folded: Sequence[str], stems: Sequence[str], start: int, length: int) -> _Marks:
    """What a run of several words speaks of; the last may go on ("smart service*")."""
    whole = _names().whole
    run = tuple(stems[start : start + length])
    if found := whole.get(run, ()):
        return found
    last = folded[start + length - 1]
    for cut in range(len(last), 1, -1):
        if found := whole.get((*run[:-1], last[:cut] + "*"), ()):
            return found
    return ()


@cache
def _first_words() -> Mapping[str, int]:
    """The first word of every name of several words, with the length of the longest such name."""
    longest: dict[str, int] = {}
    for key in _names().whole:
        longest[key[0]] = max(len(key), longest.get(key[0], 0))
    return longest


@lru_cache(maxsize=8_000)
def suggest(text: str) -> tuple[Suggestion, ...]:
    """Return the tags a free text speaks of, surest first, each with the words that say so.

    Denials are not looked at: hand a profile through `words.claims` first.
    """
    written = _WORD.findall(text[:LONGEST_TEXT])
    folded = [folded_word(word) for word in written]
    stems = _root(folded)
    evidence: dict[str, dict[str, bool]] = {}
    said: dict[str, str] = {}

    def note(marks: Iterable[tuple[str, bool]], start: int, length: int) -> None:
        key = " ".join(folded[start : start + length])
        said.setdefault(key, " ".join(written[start : start + length]))
        for tag, practice in marks:
            known = evidence.setdefault(tag, {})
            known[key] = practice and known.get(key, True)

    for i, word in enumerate(folded):
        if marks := _of_word(word):
            note(marks, i, 1)
        longest = min(_first_words().get(stems[i], 0), len(folded) - i)
        for length in range(2, longest + 1):
            if marks := _of_run(folded, stems, i, length):
                note(marks, i, length)
    found = []
    for tag, words in evidence.items():
        doubt = prod(_DOUBT_PRACTICE if practice else _DOUBT for practice in words.values())
        found.append(Suggestion(tag, tuple(said[word] for word in words), round(1 - doubt, 3)))
    order = {tag.id: place for place, tag in enumerate(taxonomy())}
    return tuple(sorted(found, key=lambda s: (-s.strength, order[s.tag])))
