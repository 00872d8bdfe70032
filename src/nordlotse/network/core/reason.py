"""Why somebody is proposed, or nobody can be: one sentence for people, in German and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nordlotse.foundation.districts import by_key, name_of
from nordlotse.foundation.language import Text
from nordlotse.foundation.region import State
from nordlotse.network.core.taxonomy import Kind, by_id
from nordlotse.network.core.values import Expert, Limit, Need, Why

__all__ = ["UNRELATED", "proposed", "referred"]

_MOST_NAMED = 2

#: How the reason begins for somebody who is only free and near: nothing in the profile speaks for them.
UNRELATED = Text("Hat kein Stichwort mit der Frage gemeinsam", "Shares no keyword with the question")

_LIMITS = {
    Limit.DECLINED: Text("{n} haben abgesagt oder sind schon gefragt", "{n} declined or have been asked"),
    Limit.CONFLICT: Text("{n} haben einen Interessenkonflikt", "{n} have a conflict of interest"),
    Limit.NEUTRALITY: Text("{n} beraten nicht neutral", "{n} are not neutral"),
    Limit.LANGUAGE: Text("{n} sprechen die Sprache nicht", "{n} do not speak the language"),
    Limit.STATE: Text("{n} arbeiten nur in anderen Ländern", "{n} work in other states only"),
    Limit.LEAVE: Text("{n} sind abwesend", "{n} are on leave"),
    Limit.CAPACITY: Text("{n} haben keinen Platz mehr", "{n} have no place left"),
}
_ONE = {
    Limit.DECLINED: Text("eine Person hat abgesagt oder ist schon gefragt", "one person declined or has been asked"),
    Limit.CONFLICT: Text("eine Person hat einen Interessenkonflikt", "one person has a conflict of interest"),
    Limit.NEUTRALITY: Text("eine Person berät nicht neutral", "one person is not neutral"),
    Limit.LANGUAGE: Text("eine Person spricht die Sprache nicht", "one person does not speak the language"),
    Limit.STATE: Text("eine Person arbeitet nur in anderen Ländern", "one person works in other states only"),
    Limit.LEAVE: Text("eine Person ist abwesend", "one person is on leave"),
    Limit.CAPACITY: Text("eine Person hat keinen Platz mehr", "one person has no place left"),
}
_WHY = {
    Why.NOBODY: Text("Niemand kann den Fall übernehmen", "Nobody can take the case"),
    Why.ALL_DECLINED: Text(
        "Alle, die in Frage kommen, haben abgesagt", "Everyone who could take the case has declined"
    ),
    Why.ALL_TAKEN: Text(
        "Wer in Frage kommt, ist mit anderen Fällen belegt", "Everyone who could take the case is taken by other cases"
    ),
}

_SAME = {
    "borough": Text("im selben Bezirk", "in the same borough"),
    "city": Text("in derselben Stadt", "in the same city"),
    "district": Text("im selben Kreis", "in the same district"),
}


def _and(items: Sequence[str], word: str) -> str:
    return f"{', '.join(items[:-1])} {word} {items[-1]}" if len(items) > 1 else "".join(items)


def _knows(shared: Sequence[str], words: Sequence[str], alike: bool) -> Text:
    tags = [by_id()[tag] for tag in shared if tag in by_id()]
    named = [t.name for t in tags if t.kind is not Kind.SECTOR][:_MOST_NAMED]
    if named:
        return Text(
            f"Hat Erfahrung mit {_and([n.de for n in named], 'und')}", f"Knows {_and([n.en for n in named], 'and')}"
        )
    if words:
        de, en = (_and([f"{a}{w}{b}" for w in words], x) for a, b, x in (("„", "“", "und"), ("“", "”", "and")))
        return Text(f"Nennt im Profil {de}", f"Names {en} in the profile")
    sectors = [t.name for t in tags][:_MOST_NAMED]
    if sectors:
        return Text(
            f"Kennt die Branche {_and([n.de for n in sectors], 'und')}",
            f"Knows the sector {_and([n.en for n in sectors], 'and')}",
        )
    if alike:
        return Text("Hat ein Profil, das der Frage ähnelt", "Has a profile similar to the question")
    return UNRELATED


def _sits(need: Need, expert: Expert, km: float | None) -> Text | None:
    label = State[expert.state].label if expert.state in State.__members__ else Text("", "")
    district = name_of(expert.district)
    place = Text(expert.place or district or label.de, expert.place or district or label.en)
    if not place.de:
        return None
    if km is None or not (need.district in by_key() and expert.district in by_key()):
        return Text(f"sitzt in {place.de}", f"is based in {place.en}")
    if need.district == expert.district:
        same = _SAME[by_key()[need.district].kind]
        return Text(f"sitzt in {place.de} ({same.de})", f"is based in {place.en} ({same.en})")
    rounded = max(10, round(km / 10) * 10)
    return Text(
        f"sitzt in {place.de} (rund {rounded} km entfernt)", f"is based in {place.en} (about {rounded} km away)"
    )


def proposed(
    need: Need, expert: Expert, shared: Sequence[str], words: Sequence[str], alike: bool, km: float | None
) -> Text:
    """Return why an expert is proposed: what they know, where they sit, how many places they have this month.

    `shared`: common tags, `words`: common words, best first; `alike`: the texts are alike by vectors. `km`: see
    `scoring.kilometres`. "Hat Erfahrung mit Retrofit alter Maschinen, sitzt in Husum (rund 60 km entfernt) und hat in
    diesem Monat noch 2 Plätze."
    """
    knows, sits, left = _knows(shared, words, alike), _sits(need, expert, km), expert.capacity_left
    de = [knows.de, *([sits.de] if sits else [])]
    en = [knows.en, *([sits.en] if sits else [])]
    places_de = f"hat in diesem Monat noch {'einen Platz' if left == 1 else f'{left} Plätze'}"
    places_en = f"has {'one place' if left == 1 else f'{left} places'} left this month"
    return Text(f"{', '.join(de)} und {places_de}.", f"{', '.join(en)} and {places_en}.")


def referred(why: Why, excluded: Mapping[Limit, int]) -> Text:
    """Return why a need goes to the coordinator, with how many people each limit excluded."""
    head = _WHY[why]
    if not excluded:
        rest = Text("das Netz hat keine Fachleute", "the network has no experts") if why is Why.NOBODY else None
    else:
        told = [_ONE[limit] if n == 1 else _LIMITS[limit] for limit, n in excluded.items()]
        numbers = list(excluded.values())
        de = [text.de.format(n=n) for text, n in zip(told, numbers, strict=True)]
        en = [text.en.format(n=n) for text, n in zip(told, numbers, strict=True)]
        rest = Text(", ".join(de), ", ".join(en))
    if rest is None:
        return Text(f"{head.de}; bitte an die Koordination.", f"{head.en}; please refer to the coordinator.")
    return Text(
        f"{head.de} ({rest.de}); bitte an die Koordination.", f"{head.en} ({rest.en}); please refer to the coordinator."
    )
