"""What a signal stands for, guessed from its name and unit, where nobody has said it yet. A guess only: a person's word goes first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

Role = Literal["current", "power", "energy", "parts", "good", "scrap", "state", ""]
#: Roles that energy is told from.
_MEASURED: tuple[Role, ...] = ("current", "power", "energy")
ROLES: tuple[Role, ...] = ("current", "power", "energy", "parts", "good", "scrap", "state")
#: Units that energy can be told from, as they are written, with what a value is multiplied with to be A, W or kWh.
_SCALES: Mapping[str, Mapping[str, float]] = {
    "current": {"A": 1.0, "mA": 1e-3, "kA": 1e3},
    "power": {"W": 1.0, "mW": 1e-3, "kW": 1e3, "MW": 1e6},
    "energy": {"kWh": 1.0, "Wh": 1e-3, "mWh": 1e-6, "MWh": 1e3, "GWh": 1e6, "J": 1 / 3.6e6, "kJ": 1 / 3600, "MJ": 1 / 3.6, "GJ": 1e3 / 3.6},
}  # fmt: skip
#: Asked in this order: "gut" before "teile", "energie" before "leistung".
_WORDS: tuple[tuple[Role, str], ...] = (
    ("scrap", r"ausschuss|scrap|reject|n\.?i\.?o"),
    ("good", r"gutteil|good|gut(?![a-z])"),
    ("energy", r"energie|energy|kwh|zaehler.*strom|stromzaehler"),
    ("parts", r"teile|stueck|parts?(?![a-z])|pieces|counter|zaehler|count"),
    ("power", r"leistung|power|watt|kw(?![a-z])"),
    ("current", r"strom|current|ampere|amps?(?![a-z])"),
    ("state", r"zustand|state|status|betriebsart"),
)


def role_of(name: str, unit: str = "") -> Role:
    """Return what a signal seems to stand for, "" where neither unit nor name tells."""
    for role in _MEASURED:
        if unit.strip() and scale_of(unit, role) is not None:
            return role
    folded = name.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    if unit.strip():  # a unit we do not know: degrees, bar; the name then says something else
        return ""
    return next((role for role, words in _WORDS if re.search(words, folded)), "")


def roles(confirmed: Mapping[str, Mapping[str, Any]], names: Iterable[str]) -> dict[str, str]:
    """Return for each role the signal that has it: what a person confirmed first, else the first name that seems to fit."""
    found: dict[str, str] = {}
    for name, said in sorted(confirmed.items()):
        if said.get("role"):
            found.setdefault(str(said["role"]), name)
    for name in sorted(names):
        said = confirmed.get(name, {})
        role = role_of(name, str(said.get("unit", "")))
        if role and "role" not in said:
            found.setdefault(role, name)
    return found


def scale_of(unit: str, role: str) -> float | None:
    """Return what a value of a unit is multiplied with to be A (role current), W (power) or kWh (energy); None for a unit that this cannot be said of.

    No unit counts as A, W and kWh. Upper and lower case tell MWh from mWh; where only one unit is meant by any case ("KWH") it does not matter.
    """
    written, known = unit.strip(), _SCALES.get(role, {})
    if not written:
        return 1.0
    if written in known:
        return known[written]
    meant = [scale for name, scale in known.items() if name.casefold() == written.casefold()]
    return meant[0] if len(meant) == 1 else None


def units_of(role: str) -> tuple[str, ...]:
    """Return the units that energy can be told from in a role."""
    return tuple(_SCALES.get(role, ()))
