"""The taxonomy as it holds here: the shipped one with the coordinator's changes laid over it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from nordlotse.foundation.german import fold
from nordlotse.foundation.language import Text
from nordlotse.network.core.taxonomy import by_id, taxonomy
from nordlotse.network.core.taxonomy import suggest as suggested
from nordlotse.network.labels import LANGUAGES, OFFER_KINDS, PARTNER_KINDS, TAG_KINDS, word
from nordlotse.network.models import Competence, Term

_CODES: Mapping[str, Mapping[str, Text]] = {
    "partner_kind": PARTNER_KINDS,
    "offer_kind": OFFER_KINDS,
    "language": LANGUAGES,
}
_NOT_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Tag:
    """One term: what it is called, its other spellings, whether it is offered for new choices, whether we shipped it."""

    id: str
    kind: str
    name: Text
    words: tuple[str, ...]
    retired: bool = False
    shipped: bool = True

    @property
    def kind_name(self) -> Text:
        """Return topic, method or sector in words."""
        return word(TAG_KINDS, self.kind)


def _form(written: str) -> str:
    return _NOT_LETTERS.sub(" ", fold(written)).strip()


@lru_cache(maxsize=4096)
def _forms(tag: Tag) -> tuple[str, ...]:
    """Under which spellings a tag is understood as a whole: id, both names, the words that have no open end."""
    written = (tag.id, tag.name.de, tag.name.en, *(w for w in tag.words if "*" not in w))
    return tuple(dict.fromkeys(_form(w) for w in written))


@dataclass(frozen=True, slots=True)
class Terms:
    """All tags by id, and the words tables are read with."""

    tags: Mapping[str, Tag]

    def of_kind(self, kind: str, *, retired: bool = False) -> list[Tag]:
        """Return the tags of a kind that are on offer (or all), in the order of the taxonomy."""
        return [t for t in self.tags.values() if t.kind == kind and (retired or not t.retired)]

    def name(self, tag: str) -> Text:
        """Return what a tag is called; one that is gone is called by its id."""
        found = self.tags.get(tag)
        return found.name if found else Text(tag, tag)

    def tag(self, kind: str, written: str) -> str | None:
        """Return the tag of this kind that is meant: by name first, then by one of its words."""
        form, mine = _form(written), self.of_kind(kind)
        by_name = (t.id for t in mine if form in (_form(t.id), _form(t.name.de), _form(t.name.en)))
        return next(by_name, None) or next((t.id for t in mine if form in _forms(t)), None)

    def near(self, kind: str, written: str) -> list[str]:
        """Return the names of tags spelt alike, at most three."""
        forms = {form: t.name.de for t in self.of_kind(kind) for form in _forms(t)}
        close = difflib.get_close_matches(_form(written), forms, n=6, cutoff=0.6)
        return list(dict.fromkeys(forms[c] for c in close))[:3]

    def code(self, of: str, written: str) -> str | None:
        """Return the code meant by a word in either language, or by the code itself."""
        form = _form(written)
        for code, name in _CODES[of].items():
            names = {code, _form(name.de), _form(name.en)}
            # "Verband oder Netzwerk" is understood as "Verband" and as "Netzwerk" too.
            parts = {p for n in (name.de.split(" oder "), name.en.split(" or ")) for p in map(_form, n)}
            if form in names | parts:
                return code
        return None

    def words(self, of: str) -> str:
        """Return the German words that are understood."""
        return ", ".join(name.de for name in _CODES[of].values())


def terms() -> Terms:
    """Return the terms in one query."""
    found = {t.id: Tag(t.id, t.kind.value, t.name, t.words) for t in taxonomy()}
    for row in Term.objects.order_by("pk"):
        shipped = row.tag in found
        own = tuple(str(w) for w in row.words)
        spelt = tuple(dict.fromkeys((*found[row.tag].words, *own))) if shipped else own
        found[row.tag] = Tag(row.tag, row.kind, Text(row.name_de, row.name_en), spelt, row.retired, shipped)
    return Terms(found)


def in_use() -> dict[str, int]:
    """Return how many people have each tag."""
    counts: dict[str, int] = {}
    for tag in Competence.objects.values_list("tag", flat=True):
        counts[tag] = counts.get(tag, 0) + 1
    return counts


@dataclass(frozen=True, slots=True)
class Suggested:
    """A tag found in a free text and the words that speak for it."""

    tag: Tag
    evidence: tuple[str, ...]


def suggest(text: str, known: Terms) -> list[Suggested]:
    """Return the tags on offer that a free text speaks of, surest first; added terms are found by their spellings."""
    found = [
        Suggested(known.tags[s.tag], s.evidence)
        for s in suggested(text)
        if s.tag in known.tags and not known.tags[s.tag].retired
    ]
    shown, seen = f" {_form(text)} ", {s.tag.id for s in found}
    for tag in known.tags.values():
        if tag.id in seen or tag.retired:
            continue
        added = tag.words if not tag.shipped else tag.words[len(by_id()[tag.id].words) :]
        spelt = (*added, tag.name.de, tag.name.en) if not tag.shipped else added
        evidence = tuple(w for w in dict.fromkeys(spelt) if _form(w) and f" {_form(w)} " in shown)
        if evidence:
            found.append(Suggested(tag, evidence))
    return found
