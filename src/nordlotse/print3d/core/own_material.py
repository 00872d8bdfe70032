"""What a list's material means for printing: which printed materials come nearest, and whether that is still the same material."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nordlotse.foundation.language import NOTHING, Text
from nordlotse.print3d.core.figures import Figures
from nordlotse.print3d.core.limits_data import default_material, materials
from nordlotse.print3d.core.profile import profile
from nordlotse.print3d.core.rates import Rates, with_material
from nordlotse.print3d.core.values import Material, Process

_POWDER = ("pa12-sls", "pa12-mjf")
_POLYAMIDE = (*_POWDER, "pa-fdm")
_NO_POM = Text(
    "POM lässt sich nicht sinnvoll drucken; am nächsten kommt PA 12.",
    "POM cannot sensibly be printed; PA 12 comes nearest.",
)
_SOFT = Text(
    "Weiche Werkstoffe rechnen wir nicht: PA 12 ist hart, der Preis nur ein Anhalt.",
    "We do not reckon soft materials: PA 12 is hard, the price only a hint.",
)
_KIND_OPEN = Text("Welcher Kunststoff, nennt die Liste nicht.", "The list does not say which plastic.")
_STAINLESS = Text(
    "Gerechnet mit Edelstahl 1.4404: Diesen Werkstoff führen wir nicht.",
    "Reckoned with stainless steel 1.4404: we do not hold this material.",
)


@dataclass(frozen=True, slots=True)
class Nearest:
    """Ids of the printed materials that stand for a stated one, each for its process; `same`: that is what the list asks for.

    `note`: what must be said beside them. `stated`: the list names a material; `known`: we know what it is.
    """

    materials: tuple[str, ...]
    same: bool
    note: Text = NOTHING
    stated: bool = True
    known: bool = True

    @property
    def processes(self) -> tuple[str, ...]:
        """Return the processes of these materials, in their order."""
        held = materials()
        return tuple(dict.fromkeys(held[name].process.value for name in self.materials))

    def of(self, process: str) -> Material:
        """Return the material a process is reckoned with."""
        held = materials()
        return next(held[name] for name in self.materials if held[name].process.value == process)


def _usual() -> tuple[str, ...]:
    return tuple(default_material(Process(name)).id for name in ("fdm", "sla", "sls", "mjf"))


#: The first pattern that is found in a material's name counts: metals first, then special names before general ones.
_TABLE: Sequence[tuple[str, tuple[str, ...], bool, Text]] = (
    (r"alsi10mg", ("alsi10mg",), True, NOTHING),
    (r"3\.\d{4}|en ?aw|almg|alcu|alzn|6060|6061|6082|7075", ("alsi10mg",), False, NOTHING),
    (r"\balu|aluminium|aluminum", ("alsi10mg",), True, NOTHING),
    (r"316 ?l|1\.4404", ("316l",), True, NOTHING),
    (r"1\.4\d{3}|\bv[24]a\b", ("316l",), False, NOTHING),
    (r"edelstahl|stainless|rostfrei", ("316l",), True, NOTHING),
    (r"stahl|steel|eisen|\biron\b|1\.[0-3]\d{3}|\bs235|\bs355|\bc45|inconel", ("316l",), False, NOTHING),
    (
        r"messing|brass|bronze|kupfer|copper|titan|zink|zinc|zamak|guss|metall|metal|magnesium|rotgu[sß]+",
        ("316l",),
        False,
        _STAINLESS,
    ),
    (r"\bpom\b|polyoxymethylen|delrin|acetal", _POWDER, False, _NO_POM),
    (r"\bpa[ -]?12\b|polyamid[e]? ?12", _POWDER, True, NOTHING),
    (r"\bpa[ -]?(6|66|46|11|6\.6|610|612)|polyamid[e]? ?\d", _POLYAMIDE, False, NOTHING),
    (r"\bpa\b|polyamid|nylon", _POLYAMIDE, True, NOTHING),
    (r"tpu|tpe|gummi|rubber|elastomer|\bnbr\b|epdm|silikon|silicone|\bpur?\b|polyurethan", _POWDER, False, _SOFT),
    (r"\babs\b", ("abs",), True, NOTHING),
    (r"\basa\b|\bpc\b|polycarbonat|\bps\b|polystyrol|\bsan\b", ("abs", *_POWDER), False, NOTHING),
    (r"\bpla\b", ("pla",), True, NOTHING),
    (r"petg|pet-g", ("petg",), True, NOTHING),
    (r"\bpet\b|\bpbt\b|polyester", ("petg", *_POWDER), False, NOTHING),
    (r"\bpmma\b|acryl|plexi", ("resin",), False, NOTHING),
    (r"harz|resin", ("resin",), True, NOTHING),
    (
        r"\bpp\b|polypropyl|\bpe\b|pe[- ]?(hd|ld|uhmw)|\bhdpe|\bldpe|polyethyl|\bpvc|ptfe|teflon|peek|pvdf|\bpps\b|\bpsu\b|duroplast",
        _POWDER,
        False,
        NOTHING,
    ),
    (r"kunststoff|plastik|plastic|polymer|thermoplast", ("petg", *_POWDER), True, _KIND_OPEN),
)


def nearest(stated: str) -> Nearest:
    """Return what a material of a list is reckoned with; one nobody knows is told as such and reckoned with the usual plastics."""
    bare = " ".join(stated.casefold().replace("_", " ").split())
    if not bare or bare in ("-", "–", "k.a.", "?", "n/a", "unbekannt", "unknown"):
        return Nearest(_usual(), True, Text("Die Liste nennt keinen Werkstoff.", "The list states no material."), False)
    for pattern, ids, same, note in _TABLE:
        if re.search(pattern, bare):
            return Nearest(ids, same, note)
    shown = stated[:40]
    told = Text(f"Den Werkstoff „{shown}“ kennen wir nicht.", f"We do not know the material “{shown}”.")
    return Nearest(_usual(), False, told, known=False)


def with_nearest(given: Rates, chosen: Nearest) -> Rates:
    """Return the rates with these materials for their processes."""
    held = materials()
    for name in chosen.materials:
        given = with_material(given, held[name])
    return given


def weighed(part: Figures, chosen: Nearest) -> Figures:
    """Return a part's figures with its filament weighed as the chosen one; they come with that of the usual profile."""
    own = profile("fdm-pla-0.2")
    if part.fdm is None or "fdm" not in chosen.processes or (of := chosen.of("fdm")).id == own.material:
        return part
    share = of.density / own.values["density"]
    made = part.fdm
    grams = {
        name: getattr(made, name) * share for name in ("filament_g", "filament_low_g", "filament_high_g", "support_g")
    }
    return replace(part, fdm=replace(made, **grams))
