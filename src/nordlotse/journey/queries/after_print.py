"""What comes after a part's check: one next step, a human, and what else helps. Only what is there today.

Plugged into `print3d.elsewhere` when the rooms are loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from django.urls import reverse

from nordlotse.foundation.language import Lang, Text
from nordlotse.foundation.region import State
from nordlotse.journey.models import Company
from nordlotse.journey.queries.directions import HouseDirections
from nordlotse.network.queries import directory
from nordlotse.network.queries.directory import Found, OfferRow
from nordlotse.print3d.core.findings import UNSOUND
from nordlotse.print3d.core.values import Severity
from nordlotse.print3d.core.whole import Examined
from nordlotse.print3d.elsewhere import Further
from nordlotse.print3d.queries.parts import KeptPart
from nordlotse.print3d.queries.result import grouped
from nordlotse.readiness.core.measure import Pointer

#: The network's topic for each process, in the order in which the part's figures choose one.
_TOPIC: Mapping[str, str] = {
    "fdm": "printing-plastic",
    "sla": "printing-plastic",
    "sls": "printing-plastic",
    "mjf": "printing-plastic",
    "lpbf": "printing-metal",
}
#: Words by which an offer or a profile names a machine of a process.
_MACHINE: Mapping[str, tuple[str, ...]] = {
    "fdm": ("fdm", "fff", "filament"),
    "sls": ("sls", "lasersinter"),
    "mjf": ("mjf", "multi jet"),
    "sla": ("sla ", "sla-", "stereolith", "harzdruck", "resin"),
    "lpbf": ("lpbf", "pbf-lb", "slm", "laserschmelz", "metalldruck", "metal print"),
}
#: The article about a kind of finding; what is not named is about design in general.
_DESIGN = "print3d-10"
_ABOUT: Mapping[str, str] = {"too_big": "print3d-09", **dict.fromkeys(UNSOUND, "print3d-12")}
#: Where nothing has to be changed: how to ask a print service.
_ASKING = "print3d-20"

_REPAIR = (
    Text("Die Datei reparieren lassen", "Have the file repaired"),
    Text("auf einer Kopie; wir sagen, was sich ändert", "on a copy; we say what changes"),
)
_ASK = Text("Bei {} anfragen", "Ask {}")
_WITH = Text("Das Ergebnis geht mit, wenn Sie es ankreuzen", "The result goes along if you tick it")
_TALK = Text("Mit dem Ergebnis jemanden fragen", "Ask a person about the result")
_HUMAN = Text("ein Mensch aus dem Netzwerk meldet sich", "somebody from the network gets in touch")
_ARTICLE = Text("zum Nachlesen", "to read up on")
_MONEY = Text("Welche Förderung passt zu uns?", "Which funding fits us?")
_RIGHTS = Text("bevor Sie ein fremdes Teil nachbauen", "before you copy someone else's part")


def after(kept: KeptPart, lang: Lang) -> tuple[Further, ...]:
    """Return the one next step, then a human, then an article, the next event and a funding programme, whichever there is."""
    examined = kept.examined
    if examined is None:
        return ()
    talk = Further("talk", _TALK.get(lang), _HUMAN.get(lang), f"{reverse(f'{lang}:talk')}?teil={kept.key}")
    state = _state(kept)
    others = tuple(_others(examined, lang, state))
    first = _repair(kept, lang) if _unsound(examined) else _partner(kept, examined, lang, state)
    steps = (*((first,) if first else ()), talk, *others)
    return tuple({one.target: one for one in steps}.values())


def _state(kept: KeptPart) -> str:
    """Return the state of the company the part lies with, "" for none."""
    found = Company.objects.filter(pk=kept.company).values_list("state", flat=True).first() if kept.company else ""
    return found if found in list(State) else ""


def _unsound(examined: Examined) -> bool:
    return any(f.code in UNSOUND and f.severity is not Severity.NOTE for f in examined.checked.findings)


def _repair(kept: KeptPart, lang: Lang) -> Further:
    label, why = _REPAIR
    return Further("repair", label.get(lang), why.get(lang), reverse(f"{lang}:print3d_repair", args=[kept.key]))


def process_of(examined: Examined) -> str:
    """Return the process somebody would have the part made by: the one chosen, else the first that can, "" for none."""
    can = examined.checked.printable
    if examined.wishes.process in can and can[examined.wishes.process].verdict != "no":
        return examined.wishes.process
    for verdict in ("yes", "with_changes"):
        found = next((name for name in _TOPIC if name in can and can[name].verdict == verdict), "")
        if found:
            return found
    return ""


def _partner(kept: KeptPart, examined: Examined, lang: Lang, state: str) -> Further | None:
    """Return the partner to ask: one that names a machine of the process, else one that knows the subject; near by if there is one."""
    process = process_of(examined)
    if not process:
        return None
    found = directory.search({"topic": _TOPIC[process], "state": state}) if state else None
    if found is None or not found.partners:
        found = directory.search({"topic": _TOPIC[process]})
    best = _best(found, process)
    if best is None:
        return None
    slug, name, offer = best
    query = urlencode({"teil": kept.key, "partner": slug})
    why = _WITH.get(lang)
    if offer is not None:
        title = (offer.title_en if lang == "en" else "") or offer.title_de
        why = f"{title}{f' ({offer.equipment})' if offer.equipment else ''}. {why}"
    return Further("partner", _ASK.get(lang).format(name), why, f"{reverse(f'{lang}:talk')}?{query}")


def _best(found: Found, process: str) -> tuple[str, str, OfferRow | None] | None:
    """Return slug, name and offer of who fits best: an offer that names the machine, a profile that does, any offer, anybody."""
    words = _MACHINE[process]

    def names(*texts: str) -> bool:
        told = f" {' '.join(texts).lower()} "
        return any(word in told for word in words)

    for o in found.offers:
        if names(o.title_de, o.title_en, o.text_de, o.text_en, o.equipment):
            return o.partner_slug, o.partner_name, o
    for p in found.partners:
        if names(p.profile_de, p.profile_en):
            return p.slug, p.name, None
    for o in found.offers:
        return o.partner_slug, o.partner_name, o
    return next(((p.slug, p.name, None) for p in found.partners), None)


def _others(examined: Examined, lang: Lang, state: str) -> Iterator[Further]:
    risks = [one.finding.code for one in grouped(examined) if one.finding.severity is not Severity.NOTE]
    article = (_ABOUT.get(risks[0], _DESIGN)) if risks else _ASKING
    for pointer, why in (
        (Pointer("article", article), _ARTICLE),
        (Pointer("article", "print3d-25"), _RIGHTS),
        (Pointer("event", "print3d"), None),
    ):
        place = HouseDirections().find(pointer, lang, state=state)
        if place is not None:
            yield Further(pointer.kind, place.label, why.get(lang) if why else place.state, place.target)
    query = f"?{urlencode({'state': state})}" if state else ""
    yield Further("programme", _MONEY.get(lang), "", reverse(f"{lang}:programmes") + query)
