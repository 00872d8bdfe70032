"""What a signal probably is, from its name alone: words for people, unit and role, proposed and then confirmed by somebody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nordlotse.foundation.language import Text


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed title, unit ("" unknown) and role ("" none; see `Machine.signals`)."""

    title: str
    unit: str
    role: str


@dataclass(frozen=True, slots=True)
class _Sort:
    words: str
    name: Text
    unit: str
    role: str = ""


#: The first that fits counts: "Stromzähler kWh" is energy before it is a current.
_SORTS = (
    _Sort(r"kwh|energie|energy|verbrauch|consumption", Text("Energie", "Energy"), "kWh", "energy"),
    _Sort(r"ausschuss|scrap|reject|bad|nok|\bn ?i ?o\b", Text("Ausschuss", "Scrap"), "Stück", "scrap"),
    _Sort(r"gutteil|good|\bgut\b|\bok\b", Text("Gutteile", "Good parts"), "Stück", "good"),
    _Sort(r"teile|stück|stueck|stk|count|parts|z(ä|ae)hler|hub|h(ü|ue)be|strokes|pieces", Text("Teile", "Parts"), "Stück", "parts"),
    _Sort(r"leistung|power|\bp\b|watt|\bkw\b", Text("Leistung", "Power"), "kW", "power"),
    _Sort(r"strom|current|ampere|\bi\b|\bamp\b", Text("Strom", "Current"), "A", "current"),
    _Sort(r"spannung|voltage|\bu\b|volt", Text("Spannung", "Voltage"), "V"),
    _Sort(r"drehzahl|rpm|speed|u/min", Text("Drehzahl", "Speed"), "1/min"),
    _Sort(r"temp|°c|grad", Text("Temperatur", "Temperature"), "°C"),
    _Sort(r"druck|pressure|\bbar\b", Text("Druck", "Pressure"), "bar"),
    _Sort(r"vib|schwing", Text("Schwingung", "Vibration"), "mm/s"),
    _Sort(r"feuchte|humid", Text("Feuchte", "Humidity"), "%"),
    _Sort(r"last|load|auslastung", Text("Last", "Load"), "%"),
    _Sort(r"durchfluss|flow|l/min", Text("Durchfluss", "Flow"), "l/min"),
    _Sort(r"takt|zyklus|cycle", Text("Zykluszeit", "Cycle time"), "s"),
    _Sort(r"zustand|status|state|gr(ü|ue)n|green|gelb|yellow|rot|red|ampel|lamp|l(ä|ae)uft|running", Text("Zustand", "State"), "", "state"),
)  # fmt: skip
_UNIT = re.compile(r"[\[(]\s*([^\])]{1,12})\s*[\])]\s*$")
#: Units people write in other ways; what is not here is taken as it stands.
_UNITS = {"c": "°C", "degc": "°C", "u/min": "1/min", "rpm": "1/min", "stk": "Stück", "pcs": "Stück", "w": "W", "kw": "kW", "a": "A", "v": "V"}  # fmt: skip


def proposal(signal: str, lang: str = "de") -> Proposal:
    """Return what a signal of this name probably is; a unit in brackets behind the name counts before ours."""
    told = _UNIT.search(signal)
    bare = _UNIT.sub("", signal).strip() or signal
    plain = re.sub(r"[_\-.]+", " ", bare).casefold()
    found = next((sort for sort in _SORTS if re.search(sort.words, plain)), None)
    unit = _UNITS.get(told[1].casefold(), told[1]) if told else found.unit if found else ""
    words = re.sub(r"[_]+", " ", bare).strip()
    if found is not None and len(words) <= 2:  # "I" and "P" tell people nothing
        words = found.name.get(lang)
    return Proposal(words[:1].upper() + words[1:], unit, found.role if found else "")


#: What a signal's name may not hold, and how long it may be.
_FORBIDDEN, _LONGEST = re.compile(r"[\x00-\x1f\x7f/+#\\]+"), 64
#: So many steps of a path a name begins with: "druck ist" tells people what "ist" does not.
_STEPS = 2


def names_of(paths: Sequence[Sequence[str | int]], taken: Iterable[str] = (), single: str = "") -> list[str]:
    """Return a name for the value at each path of a payload: its last two steps, more of them where two values would be called the same.

    `taken`: names there are already; `single`: the name of a payload that is a value itself. No two are the same, and none is empty.
    """
    used = set(taken)
    made: list[str] = []
    for path in paths:
        wishes = [_joined(path[-steps:]) for steps in range(min(_STEPS, len(path)), len(path) + 1)]
        alike = {_joined(other[-_STEPS:]) for other in paths if other != path}
        free = [wish for wish in wishes if wish and wish not in used]
        name = next((wish for wish in free if wish not in alike), free[0] if free else "")
        if not name:
            begun = _FORBIDDEN.sub(" ", single).strip() if not path else ""
            begun = (wishes[-1] if wishes and wishes[-1] else begun) or "Wert"
            name = next(
                one for k in range(1, len(used) + 2) if (one := begun if k == 1 else f"{begun[:59]} {k}") not in used
            )
        used.add(name)
        made.append(name)
    return made


def _joined(path: Sequence[str | int]) -> str:
    words = " ".join(str(step) for step in path)
    return _FORBIDDEN.sub(" ", words).strip()[-_LONGEST:].strip()
