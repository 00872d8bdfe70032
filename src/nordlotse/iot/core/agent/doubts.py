"""Does a value that was read look like nonsense? Why, and which other way of reading the same registers would make sense.

A device answers with a number wherever it is asked: an address that is off by one, words in the wrong order or another type give no error,
only numbers nobody believes. A doubt is a hint for a person, never a refusal. The limits are our own, wide enough for any machine shop.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import replace

from nordlotse.foundation.language import Text
from nordlotse.iot.core.agent.config import REGISTERS, Register
from nordlotse.iot.core.agent.reading import usable
from nordlotse.iot.core.roles import role_of

CODES: Mapping[str, str] = {"int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "float32": "f", "int64": "q", "uint64": "Q", "float64": "d"}  # fmt: skip
#: What a value of a unit can be, from and to.
_POSSIBLE: Mapping[str, tuple[float, float]] = {
    "°c": (-50, 2_000), "c": (-50, 2_000), "degc": (-50, 2_000), "k": (0, 3_000), "a": (-10_000, 10_000), "ma": (-1e6, 1e6),
    "v": (-100_000, 100_000), "w": (-1e8, 1e8), "kw": (-1e5, 1e5), "va": (-1e8, 1e8), "bar": (-1.1, 5_000), "mbar": (-1_100, 5e6),
    "%": (-200, 1_000), "1/min": (-200_000, 200_000), "rpm": (-200_000, 200_000), "u/min": (-200_000, 200_000), "hz": (0, 1e6),
    "mm/s": (-10_000, 10_000), "l/min": (-100_000, 100_000), "mm": (-1e6, 1e6),
}  # fmt: skip
#: What a counter of a role, or of a unit, can have reached.
_COUNTED: Mapping[str, float] = {"parts": 1e8, "good": 1e8, "scrap": 1e8, "energy": 1e9}
_COUNTED_UNITS: Mapping[str, float] = {"stück": 1e8, "stk": 1e8, "pcs": 1e8, "kwh": 1e9, "wh": 1e12, "h": 1e6}
#: Smaller or larger than these a floating-point number is made of words in the wrong order, or of something else.
_TINY, _VAST = 1e-9, 1e12
#: Many devices tell "no sensor here" by a register full of ones, or by the outermost number.
_FULL = {1: (0xFFFF, 0x8000, 0x7FFF), 2: (0xFFFF_FFFF, 0x8000_0000, 0x7FFF_FFFF)}


def value_in(register: Register, words: Sequence[int]) -> float | None:
    """Return the value that a register's words hold, scaled; None for NaN and infinity."""
    order = list(words) if register.words == "big" else list(reversed(words))
    (raw,) = struct.unpack(f">{CODES[register.type]}", struct.pack(f">{len(order)}H", *order))
    found = usable(raw * register.scale + register.offset)
    return found if isinstance(found, float) else None


def doubt(register: Register, words: Sequence[int], before: float | None = None) -> Text | None:
    """Return why a value looks like nonsense, None where it may well be right.

    `words`: what the device told, in its order; `before`: the value a moment earlier. Bits are never doubted.
    """
    if register.type == "bit" or register.place in ("coil", "discrete"):
        return None
    value = value_in(register, words)
    if value is None:
        return Text("keine Zahl", "no number")
    return _of_bits(register, words, value) or _of_meaning(register, value) or _of_time(register, words, value, before)


def told_doubt(signal: str, unit: str, value: float) -> Text | None:
    """Return why a number that a server told looks like nonsense, None where it may well be right: vast or tiny ones, impossible counters and units."""
    if value and not _TINY < abs(value) < _VAST:
        return Text("so klein oder groß ist kein Messwert", "no measured value is as small or large")
    return _of_meaning(Register("", signal, 0, unit=unit), value)


def better(register: Register, words: Sequence[int], below: Sequence[int] | None) -> list[tuple[str, float]]:
    """Return other ways to read that give a value nobody would doubt: the setting as it is written, and the value.

    `below`: the words from the address before on, None where the device has none.
    """
    tries: list[tuple[str, Register, Sequence[int]]] = []
    if below is not None:
        tries.append((f"address = {register.address - 1}", register, below))
    if len(words) > 1:
        other = "little" if register.words == "big" else "big"
        tries.append((f'words = "{other}"', replace(register, words=other), words))
    for kind in _types(register.type):
        tries.append((f'type = "{kind}"', replace(register, type=kind), words))
    found = []
    for setting, tried, held in tries:
        value = value_in(tried, held)
        if value and doubt(tried, held) is None:
            found.append((setting, value))
    return found


def remedy(register: Register, words: Sequence[int], below: Sequence[int] | None) -> Text:
    """Return what to try: settings that give a believable value with that value, else all that may be wrong."""
    made = better(register, words, below)
    if made:
        shown = [(setting, f"{value:.6g} {register.unit}".rstrip()) for setting, value in made[:3]]
        return Text(
            "; ".join(f"{setting} gäbe {value}" for setting, value in shown),
            "; ".join(f"{setting} would give {value}" for setting, value in shown),
        )
    near = f"address = {register.address - 1}" if register.address else "address"
    order = ", words" if len(words) > 1 else ""
    return Text(
        f"Zu versuchen: {near} (die Liste zählt oft ab 1){order}, type, scale",
        f"To try: {near} (lists often count from 1){order}, type, scale",
    )


def _types(kind: str) -> tuple[str, ...]:
    same = [one for one, size in REGISTERS.items() if size == REGISTERS[kind] and one in CODES and one != kind]
    return tuple(same)


def _of_bits(register: Register, words: Sequence[int], value: float) -> Text | None:
    whole = register.type not in ("float32", "float64")
    order = list(words) if register.words == "big" else list(reversed(words))
    raw = int.from_bytes(struct.pack(f">{len(order)}H", *order), "big")
    if not whole:
        if value and not _TINY < abs(value) < _VAST:
            return Text("so klein oder groß ist kein Messwert; die Wörter wirken vertauscht", "no measured value is as small or large; the words seem to be swapped")  # fmt: skip
        return None
    if raw in _FULL.get(len(words), ()):
        return Text("so melden Geräte „kein Wert“ (alle Stellen voll)", "this is how devices tell “no value” (every digit full)")  # fmt: skip
    if len(words) == 2 and raw and not raw & 0xFFFF:
        return Text("die untere Hälfte ist leer: die Wörter wirken vertauscht, oder die Adresse liegt daneben", "the lower half is empty: the words seem to be swapped, or the address is off")  # fmt: skip
    if raw == 1 and register.unit.casefold() in _POSSIBLE:
        return Text("das Gerät meldet roh eine 1: für einen Messwert sehr klein", "the device tells a raw 1: very small for a measured value")  # fmt: skip
    return None


def _of_meaning(register: Register, value: float) -> Text | None:
    unit = register.unit.strip().casefold()
    most = _COUNTED_UNITS.get(unit) or _COUNTED.get(role_of(register.signal, register.unit))
    if most is not None:
        if value < 0:
            return Text("ein Zähler ist nie negativ", "a counter is never negative")
        if value > most:
            return Text("für einen Zähler unglaublich groß", "incredibly large for a counter")
        return None
    low, high = _POSSIBLE.get(unit, (-_VAST, _VAST))
    if not low <= value <= high:
        return Text(f"in {register.unit} unmöglich" if unit else "unglaublich groß", f"impossible in {register.unit}" if unit else "incredibly large")  # fmt: skip
    return None


def _of_time(register: Register, words: Sequence[int], value: float, before: float | None) -> Text | None:
    if before is not None and not any(words):
        return Text("zweimal genau 0. Steht die Maschine gerade still?", "exactly 0 twice. Does the machine stand still just now?")  # fmt: skip
    counted = role_of(register.signal, register.unit) in _COUNTED
    if before is not None and counted and value < before:
        return Text("der Zähler ging zwischen zwei Lesungen zurück", "the counter went back between two readings")
    return None
