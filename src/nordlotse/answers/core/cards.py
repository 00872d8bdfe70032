"""Fixed texts for emergencies, refusals, referrals and questions back; data in `data/cards.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import yaml

from nordlotse.foundation.language import LANGS, Lang
from nordlotse.foundation.problem import BadInput, NotFound
from nordlotse.foundation.source import Source

__all__ = ["Card", "Door", "card", "load", "read_cards"]


@dataclass(frozen=True, slots=True)
class Door:
    """An office or profession to turn to; `url` and `phone` are "" if none was read in `source`."""

    name: str
    url: str = ""
    phone: str = ""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One fixed text in one language: complete sentences, at most three questions back, doors to knock on."""

    id: str
    lang: Lang
    sentences: tuple[str, ...]
    ask_back: tuple[str, ...]
    doors: tuple[Door, ...]
    sources: tuple[Source, ...]

    @property
    def text(self) -> str:
        """Return the sentences as one string."""
        return " ".join(self.sentences)


def _source(id_: str, raw: Mapping[str, Any]) -> Source:
    checked = raw["checked_on"]
    if not isinstance(checked, date):
        raise TypeError(f"{id_}: checked_on is not a date")
    return Source(
        f"card:{id_}", raw["title"], raw["publisher"], raw.get("year"), raw["url"], checked, raw["passage"], "read"
    )


def _door(raw: Mapping[str, Any], sources: Mapping[str, Source], lang: Lang) -> Door:
    source = sources[raw["source"]] if raw.get("source") else None
    phone = str(raw.get("phone", ""))
    # Where there is a number, the page it was read on is somebody else's list: no link under the office's name.
    return Door(raw["name"][lang], source.url if source and not phone else "", phone, source)


def read_cards(text: str, where: str = "cards.yaml") -> dict[tuple[str, Lang], Card]:
    """Parse the file of cards.

    Raises:
        BadInput: the file is no YAML, or a card lacks a language, names an unknown door or source; it says which card.
    """
    card_id = ""
    try:
        raw = yaml.safe_load(text)
        sources = {id_: _source(id_, told) for id_, told in raw["sources"].items()}
        cards: dict[tuple[str, Lang], Card] = {}
        for card_id, told in raw["cards"].items():
            for lang in LANGS:
                doors = tuple(_door(raw["doors"][name], sources, lang) for name in told.get("doors", ()))
                named = [sources[name] for name in told.get("sources", ())] + [d.source for d in doors if d.source]
                ask = tuple(told["ask_back"][lang]) if "ask_back" in told else ()
                cards[card_id, lang] = Card(card_id, lang, tuple(told[lang]), ask, doors, tuple(dict.fromkeys(named)))
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, AssertionError) as error:
        raise BadInput(
            "cards_unreadable",
            de="Die Datei der festen Texte ist unvollständig.",
            en="The file of fixed texts is incomplete.",
            where=f"{where}, {card_id or 'sources'}: {error}",
            remedy_de="Beide Sprachen, Türen und Quellen der genannten Karte ergänzen.",
            remedy_en="Add both languages, doors and sources of the card named.",
        ) from error
    return cards


@cache
def load() -> dict[tuple[str, Lang], Card]:
    """Return the cards shipped with the package by (id, language), read once per process."""
    return read_cards(resources.files("nordlotse.answers.core.data").joinpath("cards.yaml").read_text(encoding="utf-8"))


def card(id_: str, lang: Lang) -> Card:
    """Return a card.

    Raises:
        NotFound: there is no card of this id.
    """
    found = load().get((id_, lang))
    if found is None:
        raise NotFound(
            "card_unknown",
            de="Diesen festen Text gibt es nicht.",
            en="There is no such fixed text.",
            where=id_[:80],
        )
    return found
